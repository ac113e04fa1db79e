package server

import (
	"context"
	"errors"
)

// SweepVaultOnly is a sweep that a crash cut off once the vault had forgotten.
func (s *Server) SweepVaultOnly(ctx context.Context) error {
	_, err := s.vault.Sweep(ctx, s.guard(), s.cfg.SweepEvery)
	return err
}

// CatchingUp makes the server one whose map is still behind, or has caught up.
func (s *Server) CatchingUp(yes bool) { s.ready.Store(!yes) }

// SweepFailing is a sweep that fails after it has forgotten whom it could.
func (s *Server) SweepFailing(ctx context.Context, failure error) error {
	done, err := s.vault.Sweep(ctx, s.guard(), s.cfg.SweepEvery)
	return s.swept(ctx, done, errors.Join(err, failure))
}
