package server

import (
	"context"
	"time"

	"github.com/habeas-data/habeas/projections"
)

// Rebuilt says what a rebuild did.
type Rebuilt struct {
	Position string  `json:"position"`
	Events   uint64  `json:"events"`
	Seconds  float64 `json:"seconds"`
}

// Rebuild makes the map anew from the journal while the old one serves.
func (s *Server) Rebuild(ctx context.Context, progress Progress) (Rebuilt, error) {
	began := time.Now()
	end := s.last().Seq
	var r Rebuilt
	err := s.graph.Rebuild(ctx, func(p projections.Progress) {
		r.Position, r.Events = p.Position.String(), p.Events
		progress(Step{"map", p.Position.Seq, max(end, p.Position.Seq)})
	})
	r.Seconds = time.Since(began).Seconds()
	return r, err
}
