package eventstest_test

import (
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/eventstest"
	"pgregory.net/rapid"
)

// What the builders make could stand in a journal, of every kind.
func TestBuildersMakeWholeEvents(t *testing.T) {
	h := eventstest.Handle("priya")
	a, b := eventstest.Ref("crm.contact", "a"), eventstest.Ref("hr.staff", "b")
	list := []*events.Event{
		eventstest.Stored(t, "crm", "crm.contact", h, eventstest.Also("email", eventstest.Handle("mail")), eventstest.At(t, "2025-03-14"), eventstest.Of("a2", "d2"), eventstest.Cats("health"), eventstest.As("nurse")),
		eventstest.Used(t, "crm", "crm.contact", h, eventstest.On(eventstest.Ref("photo", "p"))),
		eventstest.Shared(t, "crm", "crm.contact", h, "harbour"),
		eventstest.Removed(t, "crm", "crm.contact", h, eventstest.Cats(), eventstest.Unanchored()),
		eventstest.Milestone(t, "crm", "crm.contact", h, "discharge", "2025-01-01"),
		eventstest.Linked(t, a, b),
		eventstest.Unlinked(t, a, b),
		eventstest.Synced(t, "crm", "2025-01-01"),
	}
	for _, k := range eventstest.Kinds() {
		list = append(list, eventstest.New(t, k, "hr", "hr.staff", h))
	}
	list = append(list, eventstest.Retracted(t, list[0]))
	ids := map[events.EventID]bool{}
	for _, e := range list {
		if err := e.Check(); err != nil {
			t.Error(err)
		}
		if e.ID.IsZero() || ids[e.ID] {
			t.Errorf("%s has no id of its own", e.Kind)
		}
		ids[e.ID] = true
	}
	if list[len(list)-1].Retracts != list[0].ID || list[0].Time != eventstest.Time(t, "2025-03-14T12:00:00Z") {
		t.Error("options were not taken")
	}
}

// An event is itself wherever it is built; another time is another event.
func TestIDsComeFromContent(t *testing.T) {
	h := eventstest.Handle("priya")
	stored := func(opts ...eventstest.Option) events.EventID {
		return eventstest.Stored(t, "crm", "crm.contact", h, opts...).ID
	}
	first, second := stored(), stored()
	if first != second || first == stored(eventstest.At(t, "2025-03-15")) || stored(eventstest.Named("x")) != eventstest.ID("x") {
		t.Error("ids do not follow content")
	}
	a, again := eventstest.Handle("a"), eventstest.Handle("a")
	if a != again || a == eventstest.Handle("b") {
		t.Error("handles do not follow seeds")
	}
}

func TestDrawnEventsAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if err := eventstest.Events().Draw(t, "event").Check(); err != nil {
			t.Fatal(err)
		}
	})
}
