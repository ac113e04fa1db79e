package server

import (
	"context"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/certificate"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/vault"
)

// keyFacts says how the vault stands to the handles of a case, for its certificate.
// A handle that is retired is still there: its tasks reveal it.
func (s *Server) keyFacts(ctx context.Context, handles []events.Handle) (desk.KeyFacts, error) {
	st, err := s.vault.Status(ctx)
	if err != nil {
		return desk.KeyFacts{}, fmt.Errorf("read the vault's state: %w", err)
	}
	out := desk.KeyFacts{Epoch: st.Epoch, Began: st.Began, Fresh: st.UntilRotation > 0}
	if s.cfg.RotateEvery > 0 {
		// One that is late is due now.
		out.Rotates = max(events.InstantOf(st.Began.Time().Add(s.cfg.RotateEvery)), events.InstantOf(s.clock.now()))
	}
	for i, l := range st.Locations {
		behind := l.Behind != nil || len(l.Old(st.Epoch)) > 0
		out.Locations = append(out.Locations, certificate.Location{Number: i + 1, Epochs: l.Epochs, Behind: behind})
	}
	there, err := s.vault.Revealer().Reveal(ctx, handles, vault.ForTasks())
	if err != nil {
		return desk.KeyFacts{}, fmt.Errorf("look for the handles of a case: %w", err)
	}
	out.Forgotten = len(handles) - len(there)
	clear(there)
	return out, nil
}
