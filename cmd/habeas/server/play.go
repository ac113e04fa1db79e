package server

import (
	"context"
	"fmt"

	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
)

// playChunk is how many observations are made durable together.
const playChunk = 500

// Play sends observations through the gateway as an operator would, and
// returns once the map shows them.
func (s *Server) Play(ctx context.Context, list []*events.Observation, progress func(done int)) error {
	var last events.Position
	for done := 0; done < len(list); {
		n := min(playChunk, len(list)-done)
		out, err := s.gateway.Submit(ctx, ingest.Caller{Any: true}, list[done:done+n])
		if err != nil {
			return fmt.Errorf("play event %d: %w", done, err)
		}
		for i, o := range out {
			if o.Status == ingest.Rejected {
				return fmt.Errorf("play event %d: %w", done+i, o.Rejection)
			}
			if o.Position.Compare(last) > 0 {
				last = o.Position
			}
		}
		done += n
		progress(done)
	}
	return s.graph.WaitFor(ctx, last)
}

// Events is the number of events in the map.
func (s *Server) Events() uint64 { return s.graph.Stats().Events }
