package inventory_test

import (
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// A named recipient stands under its code with its last registration: a mended
// name takes the place of the former one.
func TestRecipients(t *testing.T) {
	mem, w := projectionstest.NewMemory(), projectionstest.NewWorld()
	registered := func(id events.Code, note string) *events.Event {
		e := w.Event(events.RecipientRegistered, "habeas")
		e.Recipient.Code, e.Note = id, projectionstest.IDOf(note)
		return e
	}
	first, other, again := registered("harbour", "one"), registered("acme", "two"), registered("harbour", "three")
	apply(t, mem, w, first, other, again)
	list, err := inventory.Recipients(mem)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d recipients: %v", len(list), err)
	}
	for i, want := range []*events.Event{other, again} {
		if got := list[i]; got.ID != want.Recipient.Code || got.Note != want.Note || got.Position.IsZero() || got.Time != want.Time {
			t.Errorf("recipient %d: %+v, want %s", i, got, want.Recipient.Code)
		}
	}
}
