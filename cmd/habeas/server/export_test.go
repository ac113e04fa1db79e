package server

import (
	"context"
	"errors"
	"net/http"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/files"
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

// Files are the sealed files.
func (s *Server) Files() *files.Store { return s.files }

// Tell has habeas itself report something, with a sealed body, and waits until the
// map has it. It returns the id of the body.
func (s *Server) Tell(ctx context.Context, e *events.Event, body string) (events.EventID, error) {
	var err error
	if e.Note, err = s.vault.Seal(ctx, []byte(body)); err != nil {
		return e.Note, err
	}
	at, err := deskAppender{s.gateway}.Append(ctx, e, 0)
	if err != nil {
		return e.Note, err
	}
	return e.Note, s.graph.WaitFor(ctx, at)
}

// ShredNote destroys what is sealed under an id.
func (s *Server) ShredNote(ctx context.Context, id events.EventID) error {
	return s.vault.Shred(ctx, id)
}

// Metrics answers what is measured.
func (s *Server) Metrics() http.Handler { return s.metrics.handler }

// NATSAddress is where the embedded NATS listens.
func (s *Server) NATSAddress() string { return s.journal.Address() }
