package desk_test

import (
	"errors"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// A state recorded by hand needs the right to decide about people, somebody it is
// about, a day that has come, and a reason that is sealed (I7).
func TestStateByHand(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	ref := footprint(t, w, ask("email=priya@example.org")).Subject.Ref
	good := desk.StateDecision{Caller: dpo, Ref: ref, State: events.StateDeceased, Date: date(t, "2025-03-01"), Reason: events.NewPlaintext("a letter of the family")}
	for name, c := range map[string]struct {
		change func(*desk.StateDecision)
		want   error
	}{
		"no right":      {func(s *desk.StateDecision) { s.Caller = desktest.Caller(access.Viewer) }, desk.ErrForbidden},
		"no state":      {func(s *desk.StateDecision) { s.State = 0 }, desk.ErrQuestion},
		"no day":        {func(s *desk.StateDecision) { s.Date = 0 }, desk.ErrQuestion},
		"a day to come": {func(s *desk.StateDecision) { s.Date = date(t, "2999-01-01") }, desk.ErrQuestion},
		"nobody":        {func(s *desk.StateDecision) { s.Ref = events.Handle{1}.String() }, desk.ErrGone},
		"no reference":  {func(s *desk.StateDecision) { s.Ref = "priya" }, desk.ErrQuestion},
		"no reason":     {func(s *desk.StateDecision) { s.Reason = events.Plaintext{} }, desk.ErrQuestion},
	} {
		s := good
		c.change(&s)
		if _, err := w.Desk.State(ctx, s); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if at, err := w.Desk.State(ctx, good); err != nil || at.IsZero() {
		t.Fatalf("recorded at %v: %v", at, err)
	}
	states := footprint(t, w, ask("email=priya@example.org")).States
	if len(states) == 0 || states[0].Code != "deceased" || states[0].System != "habeas" {
		t.Errorf("states %+v", states)
	}
}
