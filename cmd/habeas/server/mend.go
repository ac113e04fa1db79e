package server

import (
	"context"
	"fmt"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/desk"
)

// mender acts on quarantined events.
type mender struct{ s *Server }

func (m mender) note(at events.Position) (*inventory.Note, error) {
	v := m.s.graph.View()
	defer v.Close()
	list, err := inventory.Notes(v, false)
	if err != nil {
		return nil, fmt.Errorf("read the quarantine: %w", err)
	}
	for i := range list {
		if list[i].Position == at {
			return &list[i], nil
		}
	}
	return nil, desk.ErrGone
}

// heard is what the map knows of a note: the gateway asks before it keeps an
// event, so that one that comes again waits once. While the map has not reached
// what the journal had at the start, as when it is built anew, a note it does not
// know may be one that was shredded: sealed again, nobody would list or end it.
func (s *Server) heard(note events.EventID) (known, waits bool, err error) {
	ready := s.ready.Load() // before the view, which is then not behind
	v := s.graph.View()
	defer v.Close()
	n, ok, err := inventory.FindNote(v, note)
	if err == nil && !ok && !ready {
		return false, false, ingest.ErrNotYet
	}
	return ok, ok && n.System != "" && !n.Resolved, err
}

// Mend stores the mended event as its system would have, then shreds the one
// that waited and ends the quarantine. A crash in between leaves the old one
// listed; mending again is a duplicate and ends it.
func (m mender) Mend(ctx context.Context, _ access.Caller, at events.Position, body []byte) (events.IngestResult, error) {
	var r events.IngestResult
	n, err := m.note(at)
	if err != nil {
		return r, err
	}
	obs, rej := events.DecodeCloudEvent(body, m.s.clock.now())
	if rej != nil {
		r.Rejected = append(r.Rejected, *rej)
		return r, nil
	}
	out, err := m.s.gateway.Submit(ctx, ingest.Caller{System: n.System, AcceptLate: true}, []*events.Observation{obs})
	if err != nil {
		return r, err
	}
	switch o := out[0]; o.Status {
	case ingest.Rejected:
		r.Rejected = append(r.Rejected, *o.Rejection)
		return r, nil
	case ingest.Duplicate:
		r.Duplicate = 1
	case ingest.Accepted:
		r.Accepted = 1
	}
	pos, err := m.s.end(ctx, n, "mended")
	if err != nil {
		return r, err
	}
	r.Position = pos.String()
	return r, nil
}

// Discard records the decision with its reason, shreds the sealed event and ends
// the quarantine.
func (m mender) Discard(ctx context.Context, who access.Caller, at events.Position, reason events.Plaintext) error {
	n, err := m.note(at)
	if err != nil {
		return err
	}
	if err := m.s.desk.QuarantineDiscarded(ctx, who, n, reason); err != nil {
		return err
	}
	_, err = m.s.end(ctx, n, "discarded")
	return err
}
