package journal

import (
	"testing"

	"github.com/habeas-data/habeas/events"
)

func said() *events.Event {
	return &events.Event{ID: numberedID(1), Kind: events.RecordStored, Source: "crm", Time: 1_700_000_000_000_000, Subject: []events.Ref{{Handle: events.Handle{1}, Kind: "crm.contact"}, {Handle: events.Handle{2}, Kind: "email"}},
		SubjectType: "locum", Dataset: "contacts", Activity: events.Activity{Code: "ic-a03"}, Provenance: events.Provided, Categories: []events.Category{{Code: "identity"}, {Code: "contact"}}}
}

// What an event says makes the digest: every change of it shows, and what the
// gateway adds by its own knowledge (the id, the flags) does not. The event
// itself stays as it was.
func TestContents(t *testing.T) {
	base := sumsOf([]*events.Event{said()})[0]
	if base == 0 {
		t.Fatal("zero means that nothing is known")
	}
	for name, c := range map[string]struct {
		change func(*events.Event)
		same   bool
	}{
		"nothing":  {func(*events.Event) {}, true},
		"id":       {func(e *events.Event) { e.ID = numberedID(2) }, true},
		"flags":    {func(e *events.Event) { e.Flags |= events.Late | events.Anchored }, true},
		"kind":     {func(e *events.Event) { e.Kind = events.RecordUsed }, false},
		"time":     {func(e *events.Event) { e.Time++ }, false},
		"person":   {func(e *events.Event) { e.Subject[0].Handle[15]++ }, false},
		"code":     {func(e *events.Event) { e.Dataset = "contact" }, false},
		"category": {func(e *events.Event) { e.Categories = e.Categories[:1] }, false},
	} {
		e := said()
		c.change(e)
		id, flags := e.ID, e.Flags
		if got := sumsOf([]*events.Event{e})[0]; (got == base) != c.same {
			t.Errorf("%s: %08x beside %08x, want the same: %v", name, got, base, c.same)
		}
		if e.ID != id || e.Flags != flags {
			t.Errorf("%s: the event was changed", name)
		}
	}
}

func BenchmarkContents(b *testing.B) {
	list := []*events.Event{said()}
	for b.Loop() {
		sumsOf(list)
	}
}
