package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/vault"
)

// followForgotten shreds what was kept about people who are forgotten: the
// events about them that wait in quarantine, and the reasons of looks at them.
// It asks the vault who is still there, so it does not matter who forgot them
// (the sweep, a restore, another process) and a crash loses nothing: the next
// sweep asks again.
func (s *Server) followForgotten(ctx context.Context) error {
	if err := s.forgetWaiting(ctx); err != nil {
		return fmt.Errorf("shred quarantined events of the forgotten: %w", err)
	}
	if s.reasonsFollowed {
		return nil
	}
	if err := s.forgetReasons(ctx); err != nil {
		return fmt.Errorf("shred reasons of looks at the forgotten: %w", err)
	}
	if err := s.expireKept(ctx); err != nil {
		return fmt.Errorf("end the words of the forgotten in the restore ledger: %w", err)
	}
	s.reasonsFollowed = true
	return nil
}

// forgetWaiting ends the quarantine of events of whose identifiers one was
// forgotten: such an event speaks of one person, who is gone from that system.
func (s *Server) forgetWaiting(ctx context.Context) error {
	list, err := s.waiting()
	if err != nil {
		return err
	}
	for i := range list {
		for _, ref := range list[i].Subject {
			gone, err := s.gone(ctx, ref.Handle)
			if err != nil {
				return err
			}
			if !gone {
				continue
			}
			if _, err := s.end(ctx, &list[i], "forgotten"); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// forgetReasons goes through the records whose reasons may still be kept and
// shreds those of looks at people of whom no identifier is left.
func (s *Server) forgetReasons(ctx context.Context) error {
	f := audit.Filter{From: events.InstantOf(s.clock.now().Add(-s.cfg.ReasonsFor))}
	for before := int64(-1); ; {
		page, err := s.audit.List(f, before, 0)
		if err != nil {
			return err
		}
		for i := range page.Entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.forgetReason(ctx, &page.Entries[i].Entry); err != nil {
				return err
			}
		}
		if before = page.Next; before < 0 {
			return nil
		}
	}
}

func (s *Server) forgetReason(ctx context.Context, e *audit.Entry) error {
	if e.Note.IsZero() || e.About.IsZero() {
		return nil // about nobody who was found
	}
	body, err := s.vault.Revealer().OpenNote(ctx, e.Note)
	if errors.Is(err, vault.ErrUnknown) {
		return nil // shredded
	}
	if err != nil {
		return err
	}
	about, err := desk.NoteAbout(body)
	clear(body)
	if err != nil {
		// One that cannot be read must not keep the others; its period ends it.
		s.log.WarnContext(ctx, "a sealed reason does not say whom it is about", "error", err)
		return nil
	}
	if len(about) == 0 {
		return nil
	}
	for _, h := range about {
		if gone, err := s.gone(ctx, h); !gone || err != nil {
			return err
		}
	}
	return s.vault.Shred(ctx, e.Note)
}

// gone reports whether the vault has forgotten a handle.
func (s *Server) gone(ctx context.Context, h events.Handle) (bool, error) {
	pairs, err := s.vault.Resolver().Siblings(ctx, h)
	return len(pairs) == 0, err
}
