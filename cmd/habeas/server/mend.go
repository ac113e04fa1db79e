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

// Mend stores the mended event as its system would have, then ends the
// quarantine. A crash between the two leaves the old one listed; mending again
// is a duplicate and ends it.
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
	pos, err := m.s.gateway.Resolve(ctx, n.System, n.ID, "mended", n.Subject)
	if err != nil {
		return r, err
	}
	r.Position = pos.String()
	return r, m.s.vault.Shred(ctx, n.ID)
}

// Discard ends the quarantine and shreds the sealed event. The reason is kept
// with the record of the decision, which the API has made before.
func (m mender) Discard(ctx context.Context, _ access.Caller, at events.Position, _ events.Plaintext) error {
	n, err := m.note(at)
	if err != nil {
		return err
	}
	if _, err := m.s.gateway.Resolve(ctx, n.System, n.ID, "discarded", n.Subject); err != nil {
		return err
	}
	return m.s.vault.Shred(ctx, n.ID)
}
