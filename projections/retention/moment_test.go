package retention

import (
	"testing"

	"github.com/habeas-data/habeas/events"
)

// What starts a clock is found by its own day, not the day of the report; and a
// person who is reported as deceased has reached the milestone of that name.
func TestMomentOf(t *testing.T) {
	at := events.Instant(1_741_000_000_000_000)
	for _, c := range []struct {
		name string
		e    events.Event
		code events.Code
		day  events.Date
	}{
		{"a milestone", events.Event{Kind: events.MilestoneReached, Milestone: "discharge", Date: 153345}, "discharge", 153345},
		{"a milestone without a day", events.Event{Kind: events.MilestoneReached, Milestone: "discharge"}, "discharge", at.Day()},
		{"consent withdrawn", events.Event{Kind: events.ConsentWithdrawn}, ConsentWithdrawn, at.Day()},
		{"a dated record", events.Event{Kind: events.RecordStored, RecordDate: 153300}, RecordDate, 153300},
		{"a death", events.Event{Kind: events.PersonState, State: events.StateDeceased, Date: 153000}, Death, 153000},
		{"a minor", events.Event{Kind: events.PersonState, State: events.StateMinor, Date: 153000}, "", 0},
		{"a milestone taken back", events.Event{Kind: events.MilestoneRetracted, Milestone: "discharge", Date: 153345}, "", 0},
		{"a record without a day", events.Event{Kind: events.RecordStored}, "", 0},
	} {
		c.e.Time = at
		code, day, ok := MomentOf(&c.e)
		if !ok {
			code, day = "", 0
		}
		if code != c.code || day != c.day {
			t.Errorf("%s: %q on %v, want %q on %v", c.name, code, day, c.code, c.day)
		}
	}
}
