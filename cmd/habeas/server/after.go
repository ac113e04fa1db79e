package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/retention"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/files"
	"github.com/habeas-data/habeas/vault/index"
)

// ledgerPeriod is how long an erasure is remembered, so that what comes back is
// recognised: as long as the vault keeps its ledger.
const ledgerPeriod = 400 * 24 * time.Hour

// deskForgetter lets the desk retire identifiers and put them on lists without
// seeing one.
type deskForgetter struct {
	v     *vault.Vault
	files func() *files.Store // nil until they are open
}

func (f deskForgetter) ShredNote(ctx context.Context, id events.EventID) error {
	return f.v.Shred(ctx, id)
}

func (f deskForgetter) ShredFile(ctx context.Context, id events.EventID) error {
	if err := f.files().Shred(ctx, id); err != nil && !errors.Is(err, files.ErrGone) {
		return err
	}
	return nil
}

func (f deskForgetter) Retire(ctx context.Context, handles ...events.Handle) error {
	return f.v.Retire(ctx, handles...)
}

// Erased leaves out what many people share, such as names: somebody else's would be
// taken for a return.
func (f deskForgetter) Erased(ctx context.Context, members []identity.Member, at events.Instant) error {
	handles := make([]events.Handle, len(members))
	for i, m := range members {
		handles[i] = m.Handle
	}
	names, err := f.v.Revealer().Reveal(ctx, handles, vault.ForTasks())
	if err != nil {
		return err
	}
	until := at + events.Instant(ledgerPeriod.Microseconds())
	var list []vault.Suppression
	for _, m := range members {
		id, ok := names[m.Handle]
		if !ok || events.StrengthOf(id.Kind) == events.Weak {
			continue
		}
		if known, err := f.v.Suppressed(ctx, id, m.System); err != nil || known >= at {
			if err != nil {
				return err
			}
			continue
		}
		list = append(list, vault.Suppression{Identifier: id, Purpose: vault.Erasure, Scope: m.System, At: at, Until: until})
	}
	return f.v.Suppress(ctx, list...)
}

// Unwanted lists what one is approached by: addresses and numbers, and the names
// that systems give.
func (f deskForgetter) Unwanted(ctx context.Context, handles []events.Handle, channels []events.Code, at events.Instant) error {
	names, err := f.v.Revealer().Reveal(ctx, handles, vault.ForTasks())
	if err != nil {
		return err
	}
	if len(channels) == 0 {
		channels = []events.Code{""}
	}
	for _, id := range names {
		if id.Kind != "postal_address" && events.StrengthOf(id.Kind) == events.Weak {
			continue
		}
		for _, c := range channels {
			if listed, err := f.v.MarketingSuppressed(ctx, id, c); err != nil || listed {
				if err != nil {
					return err
				}
				continue
			}
			if err := f.v.Suppress(ctx, vault.Suppression{Identifier: id, Purpose: vault.Marketing, Scope: c, At: at}); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetAtOnce is how many retired identifiers are forgotten together.
const forgetAtOnce = 256

// forgetRetired forgets what was approved for erasure once the last obligation on
// it has ended: no record living under it, no hold, no case and no task that names
// it, and no disclosure younger than those are accounted for. What still lives is
// looked at again at the next sweep.
func (s *Server) forgetRetired(ctx context.Context) error {
	var retired []events.Handle
	if err := s.vault.Each(ctx, func(p vault.PairInfo) error {
		if p.State == index.Retired {
			retired = append(retired, p.Handle)
		}
		return nil
	}); err != nil {
		return fmt.Errorf("list what is retired: %w", err)
	}
	var dead []events.Handle
	for _, h := range retired {
		living, err := s.obliged(ctx, h)
		if err != nil {
			return err
		}
		if !living {
			dead = append(dead, h)
		}
	}
	for len(dead) > 0 {
		part := dead[:min(len(dead), forgetAtOnce)]
		dead = dead[len(part):]
		guard := s.guard()
		guard.Living = s.obliged
		done, err := s.vault.Forget(ctx, part, guard)
		if err != nil {
			return err
		}
		if len(done.Forgotten) > 0 {
			s.log.Info("identifiers whose erasure is done were forgotten; the next rotation makes that final", "count", len(done.Forgotten))
			s.reasonsFollowed = false
		}
	}
	return nil
}

// obliged reports whether anything but words keeps a retired handle: what somebody
// once said about a person who was erased is no reason to know them (A3).
func (s *Server) obliged(ctx context.Context, h events.Handle) (bool, error) {
	if named, err := s.desk.CaseNames(ctx, h); named || err != nil {
		return true, err
	}
	v := s.graph.View()
	defer v.Close()
	if named, err := retention.Named(v, h); named || err != nil {
		return true, err
	}
	links, err := (&identity.MapGraph{Reader: v}).Links(ctx, h, inventory.Known{})
	if err != nil {
		return true, err
	}
	together := append(make([]events.Handle, 0, 1+len(links)), h)
	for _, l := range links {
		// Only what the same system knows: another system's names of the person are
		// no obligation on this one (A1).
		if l.Crossing == identity.NotCrossing {
			together = append(together, l.Other.Handle)
		}
	}
	since := events.InstantOf(s.clock.now().Add(-s.cfg.DisclosureFor))
	for _, x := range together {
		if lives, err := inventory.Obliged(v, since, x, together...); lives || err != nil {
			return true, err
		}
	}
	return false, nil
}

// endCases retires the names under which habeas knows people whose case is closed
// and of whom nothing is left anywhere: an objection of theirs is on the list of
// suppressions, which needs no name.
func (s *Server) endCases(ctx context.Context) error {
	ended, err := s.desk.EndedCases(ctx)
	if err != nil {
		return err
	}
	var gone []events.Handle
next:
	for _, named := range ended {
		var handles []events.Handle // those that look-ups still find
		for _, h := range named {
			lost, err := s.gone(ctx, h)
			if err != nil {
				return err
			}
			if !lost {
				handles = append(handles, h)
			}
		}
		for _, h := range handles {
			lives, err := s.obliged(ctx, h)
			if err != nil {
				return err
			}
			if !lives {
				lives, err = s.knownElsewhere(ctx, h)
			}
			if err != nil {
				return err
			}
			if lives {
				continue next
			}
		}
		gone = append(gone, handles...)
	}
	if len(gone) == 0 {
		return nil
	}
	return s.vault.Retire(ctx, gone...)
}

// knownElsewhere reports whether some system has the identifier behind a handle
// and did not have it erased.
func (s *Server) knownElsewhere(ctx context.Context, h events.Handle) (bool, error) {
	pairs, err := s.vault.Resolver().Siblings(ctx, h)
	for _, p := range pairs {
		if p.Handle != h && p.System != ingest.Self {
			return true, err
		}
	}
	return false, err
}

// newDay does at once what a new day brings about, where a script set the day and
// would otherwise wait for the schedule.
func (s *Server) newDay(ctx context.Context) {
	if !s.ready.Load() || s.frozen() {
		return
	}
	_, err := s.desk.ResumeCases(ctx)
	_, terr := s.desk.TendTasks(ctx)
	s.wake() // looks and attempts whose time has come
	if err := errors.Join(err, terr); err != nil {
		s.log.ErrorContext(ctx, "what the new day brings about was not done; the schedule tries again", "error", err)
	}
}

// afterDecisions is what the clock does for decisions that were made: what is due
// by them now, and what is over.
func (s *Server) afterDecisions(ctx context.Context) error {
	resumed, err := s.desk.ResumeCases(ctx)
	if resumed > 0 {
		s.log.Info("cases were taken up again: the day has come until which something was kept", "count", resumed)
	}
	shredded, serr := s.desk.ShredCases(ctx, s.cfg.CaseFilesFor, s.cfg.IdentityFor)
	if shredded > 0 {
		s.log.Info("files of closed cases were destroyed", "count", shredded)
	}
	return errors.Join(err, serr, s.endCases(ctx), s.forgetRetired(ctx))
}
