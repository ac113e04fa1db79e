package desk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// byHand is the evidence of what a person decided.
const byHand events.Code = "hand"

// Merge records a person's decision that two references are of one person.
// Errors: ErrForbidden, ErrQuestion, ErrGone, ErrNotRecorded.
func (d *Desk) Merge(ctx context.Context, c Decision) (events.Position, error) {
	return d.pair(ctx, c, events.SubjectLinked, "identity.merge")
}

// Split records a person's decision that two references are of different
// people. Nothing is rewritten: the word stands beside the others (B4).
func (d *Desk) Split(ctx context.Context, c Decision) (events.Position, error) {
	return d.pair(ctx, c, events.SubjectUnlinked, "identity.split")
}

func (d *Desk) pair(ctx context.Context, c Decision, kind events.Kind, act events.Code) (events.Position, error) {
	if err := permit(c.Caller, access.IdentityDecide); err != nil {
		return events.Position{}, err
	}
	if err := d.attempt(ctx, c, act); err != nil {
		return events.Position{}, err
	}
	a, err := d.end(ctx, c.A, c.IdentifierA, "identifier_a")
	if err != nil {
		return events.Position{}, err
	}
	b, err := d.end(ctx, c.B, c.IdentifierB, "identifier_b")
	if err != nil {
		return events.Position{}, err
	}
	names, err := d.d.Revealer.Reveal(ctx, []events.Handle{a, b})
	if err != nil {
		return events.Position{}, fmt.Errorf("reveal two references: %w", err)
	}
	x, ok1 := names[a]
	y, ok2 := names[b]
	if !ok1 || !ok2 {
		return events.Position{}, ErrGone
	}
	if x.Equal(y) {
		return events.Position{}, fmt.Errorf("%w: both stand for one identifier; mark it as shared instead", ErrQuestion)
	}
	return d.decide(ctx, c, act, []events.Handle{a, b}, []events.Identifier{x, y}, events.Event{Kind: kind, Evidence: byHand})
}

// attempt holds the caller to the rate of look-ups and records that a decision
// is about to be tried: what it answers tells whether an identifier is known.
func (d *Desk) attempt(ctx context.Context, c Decision, act events.Code) error {
	if d.d.Limit != nil {
		if wait, ok := d.d.Limit.Take(string(c.Caller.Token)); !ok {
			return &Limited{RetryAfter: int(wait.Seconds()) + 1}
		}
	}
	return d.record(ctx, c.Caller, act, nil, events.Plaintext{}, audit.Attempted, events.Position{})
}

// end finds the handle that one side of a decision names: by the reference of
// an earlier answer, or by the identifier itself.
func (d *Desk) end(ctx context.Context, ref string, id events.Identifier, part string) (events.Handle, error) {
	if ref == "" && !id.IsZero() {
		members, err := d.d.Finder.Find(ctx, id)
		if err != nil {
			return events.Handle{}, fmt.Errorf("find an identifier of kind %s: %w", id.Kind, faultOf(err, part))
		}
		if len(members) == 0 {
			return events.Handle{}, ErrGone
		}
		return members[0].Handle, nil
	}
	h, err := events.ParseHandle(ref)
	if err != nil {
		return h, fmt.Errorf("%w: want two references of earlier answers, or two identifiers", ErrQuestion)
	}
	return h, nil
}

// Mark records that an identifier is shared by several people, or is not after
// all. An identifier that nobody reported cannot be marked. Errors: *NotFound
// and those of Merge.
func (d *Desk) Mark(ctx context.Context, c Decision) (events.Position, error) {
	if c.Identifier.IsZero() {
		return events.Position{}, fmt.Errorf("%w: want an identifier", ErrQuestion)
	}
	if err := permit(c.Caller, access.IdentityDecide); err != nil {
		return events.Position{}, err
	}
	if err := d.attempt(ctx, c, "identity.mark"); err != nil {
		return events.Position{}, err
	}
	members, err := d.d.Finder.Find(ctx, c.Identifier)
	if err != nil {
		return events.Position{}, fmt.Errorf("find an identifier of kind %s: %w", c.Identifier.Kind, faultOf(err, "identifier"))
	}
	if len(members) == 0 {
		return events.Position{}, ErrGone
	}
	about := make([]events.Handle, len(members))
	for i, m := range members {
		about[i] = m.Handle
	}
	e := events.Event{Kind: events.IdentifierMarked}
	if c.Shared {
		e.Flags = events.SharedMark
	}
	return d.decide(ctx, c, "identity.mark", about, []events.Identifier{c.Identifier}, e)
}

// decide records the decision, gives its identifiers handles in the system of
// habeas itself, and appends the fact.
func (d *Desk) decide(ctx context.Context, c Decision, act events.Code, about []events.Handle, ids []events.Identifier, e events.Event) (events.Position, error) {
	none := events.Position{}
	if err := permit(c.Caller, access.IdentityDecide); err != nil {
		return none, err
	}
	if c.Reason.IsZero() {
		return none, fmt.Errorf("%w: want a reason", ErrQuestion)
	}
	note, err := d.recordNote(ctx, c.Caller, act, about, nil, c.Reason, audit.Done, none)
	if err != nil {
		return none, err
	}
	// A crash here leaves a record of a decision that was not made: it can be
	// made again.
	refs, vault, err := d.d.Allocator.Allocate(ctx, inventory.Operator, ids)
	if err != nil {
		return none, fmt.Errorf("name the identifiers of a decision: %w", err)
	}
	var id [16]byte
	if _, err := io.ReadFull(d.d.Rand, id[:]); err != nil {
		return none, errors.New("draw the id of a decision")
	}
	e.ID = d.d.Allocator.EventID(inventory.Operator, events.NewPlaintext(hex.EncodeToString(id[:])))
	e.Source, e.Time, e.Subject, e.Note = inventory.Operator, events.InstantOf(d.d.Now()), refs, note
	if d.d.Simulated {
		e.Flags |= events.Simulated
	}
	at, err := d.d.Appender.Append(ctx, &e, vault)
	if err != nil {
		return none, fmt.Errorf("append a decision: %w", err)
	}
	return at, nil
}
