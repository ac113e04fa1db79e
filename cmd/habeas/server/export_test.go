package server

import "context"

// SweepVaultOnly is a sweep that a crash cut off once the vault had forgotten.
func (s *Server) SweepVaultOnly(ctx context.Context) error {
	_, err := s.vault.Sweep(ctx, s.guard(), s.cfg.SweepEvery)
	return err
}
