package desk

import (
	"context"
	"fmt"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
)

// A StateDecision says by hand that a person has died, is a minor or lacks
// capacity: who may act for them, and what ends, depends on it.
type StateDecision struct {
	Caller access.Caller
	Ref    string // of an earlier answer or candidate
	State  events.State
	Date   events.Date // since when
	Reason events.Plaintext
}

// State records a person's state, which no system may have reported. It is a
// fact beside those of the systems; nothing is rewritten. Errors: ErrForbidden,
// ErrQuestion, ErrGone, ErrNotRecorded.
func (d *Desk) State(ctx context.Context, s StateDecision) (events.Position, error) {
	const act = "identity.state"
	none := events.Position{}
	c := Decision{Caller: s.Caller, A: s.Ref, Reason: s.Reason}
	if err := permit(c.Caller, access.IdentityDecide); err != nil {
		return none, err
	}
	switch {
	case s.State == 0:
		return none, &Fault{Part: "state", Text: "want a state"}
	case s.Date.IsZero() || s.Date > events.DateOf(d.d.Now()):
		return none, &Fault{Part: "date", Text: "want the day since when, not one to come"}
	}
	if err := d.attempt(ctx, c, act); err != nil {
		return none, err
	}
	h, err := events.ParseHandle(s.Ref)
	if err != nil {
		return none, &Fault{Part: "ref", Text: "want a reference of an earlier answer"}
	}
	names, err := d.d.Revealer.Reveal(ctx, []events.Handle{h})
	if err != nil {
		return none, fmt.Errorf("reveal a reference: %w", err)
	}
	id, ok := names[h]
	if !ok {
		return none, ErrGone
	}
	return d.decide(ctx, c, act, []events.Handle{h}, []events.Identifier{id},
		events.Event{Kind: events.PersonState, State: s.State, Date: s.Date})
}
