package desk

import (
	"context"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// QuarantineDiscarded records that somebody throws a waiting event away, with
// the reason sealed, before it is done: the reason goes with the person whom the
// event speaks of. Errors: ErrForbidden, ErrNotRecorded.
func (d *Desk) QuarantineDiscarded(ctx context.Context, who access.Caller, n *inventory.Note, reason events.Plaintext) error {
	if err := permit(who, access.QuarantineMend); err != nil {
		return err
	}
	about := make([]events.Handle, len(n.Subject))
	for i, s := range n.Subject {
		about[i] = s.Handle
	}
	return d.record(ctx, who, "quarantine.discard", about, reason, audit.Done, n.Position)
}
