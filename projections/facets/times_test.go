package facets_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// Whatever month an event is of, what is made of its row is what was made of the
// event: months before 1970, the one that begins at the zero of time, and those
// that share a number.
func TestLoadedLikeLiveInEveryMonth(t *testing.T) {
	for _, first := range []string{"1601-01-01", "1899-12-01", "1900-01-01", "1969-12-01", "1970-01-01", "1970-02-01", "2026-11-01", "2079-06-01", "7060-12-01", "7061-05-01", "9999-12-01"} {
		begin, err := time.Parse(time.DateOnly, first)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []events.Kind{events.RecordStored, events.RecordShared} {
			m := projectionstest.NewMemory()
			for n, hours := range []int{17 * 24, 24*4 + 3, 24*25 + 23, 24 * 9, 24 * 9, 0} {
				e := &events.Event{
					ID: events.EventID{byte(n + 1)}, Kind: kind, Source: "crm", Time: events.InstantOf(begin.Add(time.Duration(hours) * time.Hour)),
					Subject:  []events.Ref{{Handle: projectionstest.HandleOf("crm", "one"), Kind: "crm.contact"}},
					Activity: events.Activity{Code: "sales"}, Categories: []events.Category{{Code: "contact"}},
				}
				if err := m.Apply(events.InstantOf(begin.Add(31*24*time.Hour)), e); err != nil {
					t.Fatal(err)
				}
				loaded, err := facets.Load(m, m.Position)
				if err != nil {
					t.Fatal(err)
				}
				var live, again bytes.Buffer
				if err := m.Facets().Digest(&live); err != nil {
					t.Fatal(err)
				}
				if err := loaded.Digest(&again); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(live.Bytes(), again.Bytes()) {
					t.Fatalf("%s in the month of %s, after event %d: live %x, made anew %x", kind, first, n+1, live.Bytes(), again.Bytes())
				}
			}
		}
	}
}
