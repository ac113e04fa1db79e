package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/vault"
)

// A Report is the outcome of fsck. OK means that no check failed.
type Report struct {
	OK     bool    `json:"ok"`
	Checks []Check `json:"checks"`
}

// A Check compares two things that must agree.
type Check struct {
	Name   string `json:"name"`
	Status string `json:"status"` // ok | warn | fail
	Saw    string `json:"saw"`
}

func (r *Report) add(name string, err error, format string, a ...any) {
	c := Check{name, "ok", fmt.Sprintf(format, a...)}
	if err != nil {
		c.Status, c.Saw = "fail", err.Error()
	}
	r.Checks = append(r.Checks, c)
}

// Fsck checks journal, map, vault and audit log against each other. It changes
// nothing and may run beside everything else. Only an interruption is an error.
func (s *Server) Fsck(ctx context.Context, progress Progress) (Report, error) {
	var r Report
	if !s.opt.Offline { // what has just been acknowledged is to be in the map
		wait, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := s.graph.WaitFor(wait, s.last())
		cancel()
		if err != nil {
			r.add("map lag", err, "")
		}
	}
	s.checkLogs(ctx, progress, &r)
	s.checkMap(ctx, progress, &r)
	s.checkVault(ctx, progress, &r)
	s.checkFiles(ctx, &r)
	s.checkCases(ctx, &r)
	n, err := s.audit.Verify(ctx)
	r.add("audit", err, "%d records, every one in the tree", n)
	r.OK = true
	for _, c := range r.Checks {
		r.OK = r.OK && c.Status != "fail"
	}
	return r, ctx.Err()
}

func (s *Server) checkLogs(ctx context.Context, progress Progress, r *Report) {
	for _, l := range []struct {
		name   string
		verify func(context.Context, func(journal.Verified)) (journal.Verified, error)
	}{{"events", s.events.Verify}, {"vault log", s.vaults.Verify}, {"audit log", s.audits.Verify}} {
		v, err := l.verify(ctx, func(v journal.Verified) {
			progress(Step{"journal: " + l.name, v.At.Seq, v.End})
		})
		if err != nil {
			err = fmt.Errorf("good up to frame %d of %d: %w", v.At.Seq, v.End, err)
		}
		r.add(l.name, err, "%d frames, %d records, chain unbroken", v.Frames, v.Records)
	}
}

// checkMap builds the map a second time and compares the two at one position:
// the same journal must give the same rows (I4).
func (s *Server) checkMap(ctx context.Context, progress Progress, r *Report) {
	rep, err := s.graph.Check(ctx)
	if err == nil && len(rep.Problems) > 0 {
		err = fmt.Errorf("%d rows are broken, the first: %s; run habeas rebuild", len(rep.Problems), rep.Problems[0])
	}
	r.add("map rows", err, "every row can be read")
	live := s.graph.View()
	defer live.Close()
	dir, err := os.MkdirTemp(s.cfg.Data, unfinishedCheck)
	if err != nil {
		r.add("map", fmt.Errorf("make a place for a second map: %w", err), "")
		return
	}
	defer os.RemoveAll(dir)
	again, err := s.second(ctx, dir, live.Position(), progress)
	if err != nil {
		r.add("map", fmt.Errorf("build the map a second time: %w", err), "")
		return
	}
	have, err := live.Digest(ctx)
	if err == nil && have != again {
		err = fmt.Errorf("the map differs from what the journal says at position %s (%d rows, want %d); run habeas rebuild", have.Position, have.Rows, again.Rows)
	}
	r.add("map", err, "equal to a map built anew: %d rows at position %s, digest %x", have.Rows, have.Position, have.Sum[:8])
}

func (s *Server) second(ctx context.Context, dir string, to events.Position, progress Progress) (projections.Digest, error) {
	cfg := s.mapConfig()
	cfg.Dir, cfg.Source = dir, until{eventSource{s.events}, to}
	if err := projections.Rebuild(ctx, cfg, func(p projections.Progress) {
		progress(Step{"map", p.Position.Seq, to.Seq})
	}); err != nil {
		return projections.Digest{}, err
	}
	m, err := projections.Open(ctx, cfg)
	if err != nil {
		return projections.Digest{}, err
	}
	d, err := m.Digest(ctx)
	return d, errors.Join(err, m.Close())
}

// until is a source that ends at a position.
type until struct {
	eventSource
	to events.Position
}

var errEnd = errors.New("the end was reached")

func (u until) Replay(ctx context.Context, from []byte, fn func(uint64, *events.Frame, []byte) error) error {
	err := u.eventSource.Replay(ctx, from, func(seq uint64, f *events.Frame, next []byte) error {
		if u.to.Compare(events.Position{Generation: f.Generation, Seq: seq}) < 0 {
			return errEnd
		}
		return fn(seq, f, next)
	})
	if errors.Is(err, errEnd) {
		return nil
	}
	return err
}

// checkVault checks the vault itself, and that it knows every handle that the
// map uses, but for those that were forgotten.
func (s *Server) checkVault(ctx context.Context, progress Progress, r *Report) {
	rep, err := s.vault.Check(ctx)
	if err == nil && len(rep.Problems) > 0 {
		err = fmt.Errorf("%d faults, the first: %s (%s)", uint64(len(rep.Problems))+rep.More, rep.Problems[0].Text, rep.Problems[0].Code)
	}
	r.add("vault", err, "%d pairs, %d forgotten; log, index and keys agree", rep.Entries, rep.Forgotten)
	r.add("vault age", s.vault.RequireAtLeast(s.events.VaultNeeded()), "the vault is as new as the journal needs")
	if err != nil {
		return
	}
	unknown, total, err := s.strangers(ctx, progress)
	if err == nil && uint64(len(unknown)) > rep.Forgotten {
		err = fmt.Errorf("%d of %d handles in the map are unknown to the vault and only %d were forgotten: %s; ask these systems to send their records again",
			len(unknown), total, rep.Forgotten, lostBySystem(unknown))
	}
	r.add("handles", err, "%d in the map; %d of them were forgotten", total, len(unknown))
}

// A stranger is a handle of the map that the vault does not know.
type stranger struct {
	system      events.Code
	first, last events.Instant
}

func lostBySystem(list []stranger) string {
	by := map[events.Code]*stranger{}
	n := map[events.Code]int{}
	for _, x := range list {
		if by[x.system] == nil {
			by[x.system] = &stranger{x.system, x.first, x.last}
		}
		b := by[x.system]
		b.first, b.last = min(b.first, x.first), max(b.last, x.last)
		n[x.system]++
	}
	text := ""
	for id, b := range by {
		text += fmt.Sprintf(" %s %d (%s to %s)", id, n[id], b.first.Day(), b.last.Day())
	}
	return text
}

// strangers walks the handles of the map.
func (s *Server) strangers(ctx context.Context, progress Progress) (list []stranger, total uint64, err error) {
	known := map[events.Handle]bool{}
	if err := s.vault.Each(ctx, func(p vault.PairInfo) error { known[p.Handle] = true; return nil }); err != nil {
		return nil, 0, fmt.Errorf("list the vault's pairs: %w", err)
	}
	v := s.graph.View()
	defer v.Close()
	err = inventory.Handles(v, func(h events.Handle) error {
		if total++; total%4096 == 0 {
			progress(Step{What: "handles", Done: total})
		}
		if known[h] {
			return ctx.Err()
		}
		rows, err := inventory.Rows(v, h)
		if err != nil || len(rows) == 0 {
			return err
		}
		x := stranger{system: rows[0].System(), first: rows[0].Obs[0].Time}
		for i := range rows {
			x.first, x.last = min(x.first, rows[i].Obs[0].Time), max(x.last, rows[i].Obs[len(rows[i].Obs)-1].Time)
		}
		list = append(list, x)
		return ctx.Err()
	})
	return list, total, err
}
