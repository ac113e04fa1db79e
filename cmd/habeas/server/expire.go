package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/retention"
)

// Expire shreds what has been kept for its whole period: events that nobody
// mended, and the reasons given for looks and decisions. The record of the look
// itself stays; it then opens to nobody.
func (s *Server) Expire(ctx context.Context) error {
	if err := s.expireQuarantine(ctx); err != nil {
		return fmt.Errorf("expire quarantined events: %w", err)
	}
	if err := s.expireReasons(ctx); err != nil {
		return fmt.Errorf("expire reasons of looks: %w", err)
	}
	if err := s.expireHolds(ctx); err != nil {
		return fmt.Errorf("expire owners of holds: %w", err)
	}
	return nil
}

func (s *Server) expireQuarantine(ctx context.Context) error {
	list, err := s.waiting()
	if err != nil {
		return err
	}
	before := events.InstantOf(s.clock.now().Add(-s.cfg.QuarantineFor))
	for _, n := range list {
		if n.Recorded >= before {
			continue
		}
		if _, err := s.end(ctx, &n, "expired"); err != nil {
			return err
		}
	}
	return nil
}

// waiting lists the events in quarantine.
func (s *Server) waiting() ([]inventory.Note, error) {
	v := s.graph.View()
	list, err := inventory.Notes(v, false)
	return list, errors.Join(err, v.Close())
}

// end shreds a quarantined event and records that it waits no more. A crash
// between the two leaves a fact without its event, which is listed and so ended
// again; the other way round nobody would know what is still to be shredded.
func (s *Server) end(ctx context.Context, n *inventory.Note, why events.Code) (events.Position, error) {
	if err := s.vault.Shred(ctx, n.ID); err != nil {
		return events.Position{}, err
	}
	return s.gateway.Resolve(ctx, n.System, n.ID, why, n.Subject)
}

// expireReasons goes through the records that have become too old since it last
// ran, newest first, and ends at the first it has seen before.
func (s *Server) expireReasons(ctx context.Context) error {
	f := audit.Filter{To: events.InstantOf(s.clock.now().Add(-s.cfg.ReasonsFor))}
	done := s.reasonsShredded
	for before := int64(-1); ; {
		page, err := s.audit.List(f, before, 0)
		if err != nil {
			return err
		}
		for _, n := range page.Entries {
			if n.Index < done {
				return nil
			}
			s.reasonsShredded = max(s.reasonsShredded, n.Index+1)
			if n.Entry.Note.IsZero() {
				continue
			}
			if err := s.vault.Shred(ctx, n.Entry.Note); err != nil {
				return err
			}
		}
		if before = page.Next; before < 0 {
			return nil
		}
	}
}

// expireHolds shreds who answered for a hold, and why, once it was lifted as long
// ago as reasons are kept. That there was a hold stays.
func (s *Server) expireHolds(ctx context.Context) error {
	v := s.graph.View()
	list, err := retention.Holds(v)
	if cerr := v.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	before := events.InstantOf(s.clock.now().Add(-s.cfg.ReasonsFor))
	for i := range list {
		if end := list[i].Lifted; end == nil || end.Recorded >= before {
			continue
		}
		if err := s.vault.Shred(ctx, list[i].Event.Note); err != nil {
			return err
		}
	}
	return nil
}
