package server

import (
	"context"

	"github.com/habeas-data/habeas/rights/desk"
)

// Desk is the desk.
func (s *Server) Desk() *desk.Desk { return s.desk }

// Rotate gives the vault's keys a new epoch.
func (s *Server) Rotate(ctx context.Context) error { return s.vault.Rotate(ctx, nil) }

// Forgotten is how many identifiers and notes the vault ever forgot.
func (s *Server) Forgotten(ctx context.Context) (uint64, error) {
	st, err := s.vault.Status(ctx)
	return st.Forgotten, err
}
