package server

import (
	"context"
	"errors"
	"time"

	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/retention"
	"github.com/habeas-data/habeas/vault"
)

// schedule is the one place where the clock starts something.
func (s *Server) schedule(ctx context.Context) error {
	sweep := time.NewTicker(max(s.cfg.SweepEvery, time.Minute))
	defer sweep.Stop()
	var rotate <-chan time.Time
	if s.cfg.RotateEvery > 0 {
		t := time.NewTicker(s.cfg.RotateEvery)
		defer t.Stop()
		rotate = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-sweep.C:
			if err := errors.Join(s.Expire(ctx), s.expireFiles(ctx), s.Sweep(ctx)); err != nil && ctx.Err() == nil {
				s.log.Error("the sweep did not finish; the next one begins anew", "error", err)
			}
		case <-rotate:
			if err := s.vault.Rotate(ctx, nil); err != nil && ctx.Err() == nil {
				s.log.Error("the rotation did not finish; habeas vault status says where an old epoch still stands", "error", err)
			}
		}
	}
}

// census finds out who is one person before somebody asks how many they are.
func (s *Server) census(ctx context.Context) error {
	again := time.NewTicker(10 * time.Second)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			if err := s.desk.CountPeople(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("people were not counted in advance; questions of impact take longer", "error", err)
			}
		}
	}
}

// Sweep forgets pairs under which nothing lives any more, and what is sealed
// about those who are forgotten: an identifier that nothing needs must not be
// kept for later.
func (s *Server) Sweep(ctx context.Context) error {
	if s.frozen() {
		return nil // until a person confirms the restore
	}
	if err := s.afterDecisions(ctx); err != nil {
		return err
	}
	done, err := s.vault.Sweep(ctx, s.guard(), s.cfg.SweepEvery)
	return s.swept(ctx, done, err)
}

// swept follows those who were forgotten, also where the sweep failed after it
// had forgotten some: the next one would not count them again.
func (s *Server) swept(ctx context.Context, done vault.Swept, err error) error {
	if done.Forgotten > 0 {
		s.log.Info("identifiers that nothing needed were forgotten", "count", done.Forgotten)
		s.reasonsFollowed = false
	}
	return errors.Join(err, s.followForgotten(ctx))
}

// guard is what the vault asks before it forgets: that everything resolved
// earlier is in the journal and in the map, and that nothing lives there.
func (s *Server) guard() vault.ForgetGuard {
	return vault.ForgetGuard{
		Fence: func(ctx context.Context) error {
			if err := s.gateway.Fence(ctx); err != nil {
				return err
			}
			return s.graph.WaitFor(ctx, s.last())
		},
		Living: s.living,
	}
}

// living reports whether anything needs a handle: a holding, a disclosure that
// is not too old, another identifier of a living person, or a word in use.
func (s *Server) living(ctx context.Context, h events.Handle) (bool, error) {
	if named, err := s.desk.CaseNames(ctx, h); named || err != nil {
		return true, err
	}
	v := s.graph.View()
	defer v.Close()
	if decided, err := s.decided(ctx, v, h); decided || err != nil {
		return true, err
	}
	if named, err := retention.Named(v, h); named || err != nil {
		return true, err
	}
	links, err := (&identity.MapGraph{Reader: v}).Links(ctx, h, inventory.Known{})
	if err != nil {
		return true, err
	}
	together := append(make([]events.Handle, 0, 1+len(links)), h)
	since := events.InstantOf(s.clock.now().Add(-s.cfg.DisclosureFor))
	for _, l := range links {
		together = append(together, l.Other.Handle)
	}
	for _, x := range together {
		if lives, err := inventory.Living(v, since, x, together...); lives || err != nil {
			return true, err
		}
	}
	return false, nil
}

// decided reports whether a person's word about an identifier hangs on the
// handle while the identifier lives elsewhere: two people that somebody took
// apart must not become one again because the word was swept (B4).
func (s *Server) decided(ctx context.Context, v *projections.View, h events.Handle) (bool, error) {
	g := &identity.MapGraph{Reader: v}
	words, err := g.Words(ctx, h, inventory.Known{})
	if err != nil {
		return false, err
	}
	marked, err := g.Marked(ctx, h, inventory.Known{})
	if err != nil || len(words) == 0 && !marked {
		return false, err
	}
	pairs, err := s.vault.Resolver().Siblings(ctx, h)
	if err != nil {
		return false, err
	}
	for _, p := range pairs {
		if p.Handle != h && p.System != ingest.Self {
			return true, nil
		}
	}
	return false, nil
}
