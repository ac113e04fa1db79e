package inventory_test

import (
	"slices"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// A data item is the same without its activity: what was shared for another
// purpose than it is held for is still what is held.
func TestSharedForAnotherActivity(t *testing.T) {
	email := events.Category{Code: "contact", Element: "email"}
	item := events.Ref{Handle: events.Handle{7}, Kind: "crm.deal"}
	for _, c := range []struct {
		name           string
		stored, shared func(*events.Event)
		loose          bool
		activity       events.Code // of the disclosure, where it is not the holding's
	}{
		{name: "the same activity", shared: func(e *events.Event) { e.Activity.Code = "held" }},
		{name: "another activity", activity: "other"},
		{name: "the holding has the whole category", stored: func(e *events.Event) { e.Categories = []events.Category{{Code: "contact"}} }, activity: "other"},
		{name: "another category", shared: func(e *events.Event) { e.Categories = []events.Category{{Code: "financial"}} }, loose: true},
		{name: "another element", shared: func(e *events.Event) { e.Categories[0].Element = "phone" }, loose: true},
		{name: "the same item", stored: func(e *events.Event) { e.Item = item }, shared: func(e *events.Event) { e.Item = item }, activity: "other"},
		{name: "another item", shared: func(e *events.Event) { e.Item = item }, loose: true},
		{name: "two named datasets", stored: func(e *events.Event) { e.Dataset = "x" }, shared: func(e *events.Event) { e.Dataset = "y" }, loose: true},
		{name: "one named dataset", stored: func(e *events.Event) { e.Dataset = "x" }, shared: func(e *events.Event) { e.Dataset = "x" }, activity: "other"},
		{name: "a dataset that only the holding names", stored: func(e *events.Event) { e.Dataset = "x" }, activity: "other"},
		{name: "a dataset that only the disclosure names", shared: func(e *events.Event) { e.Dataset = "x" }, activity: "other"},
		{name: "another system", shared: func(e *events.Event) { e.Source = "shop" }, loose: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, mem := projectionstest.NewWorld(), projectionstest.NewMemory()
			who := events.Ref{Handle: projectionstest.HandleOf("crm", "1"), Kind: "crm.id"}
			for _, x := range []struct {
				kind     events.Kind
				activity events.Code
				change   func(*events.Event)
			}{{events.RecordStored, "held", c.stored}, {events.RecordShared, "other", c.shared}} {
				e := w.Event(x.kind, "crm", who)
				e.Activity.Code, e.Categories = x.activity, []events.Category{email}
				if x.kind == events.RecordShared {
					e.Recipient.Code = "bank"
				}
				if x.change != nil {
					x.change(e)
				}
				if err := mem.Apply(w.Now(), e); err != nil {
					t.Fatal(err)
				}
			}
			rows, err := inventory.Rows(mem, who.Handle)
			if err != nil {
				t.Fatal(err)
			}
			f := inventory.Fold(rows, inventory.Query{})
			if len(f.Holdings) != 1 || (len(f.Unmatched) > 0) != c.loose || (len(f.Holdings[0].Disclosures) > 0) == c.loose {
				t.Fatalf("%d holdings, %d without one", len(f.Holdings), len(f.Unmatched))
			}
			if !c.loose && f.Holdings[0].Disclosures[0].For.Code != c.activity {
				t.Errorf("shared for %q, want %q", f.Holdings[0].Disclosures[0].For, c.activity)
			}
		})
	}
}

// What went out twice went by both media: what stands online can be taken down,
// although the same was printed later. And who must not be told of a recipient
// is not told because the recipient was given the data again.
func TestSharedTwice(t *testing.T) {
	w, mem := projectionstest.NewWorld(), projectionstest.NewMemory()
	who := events.Ref{Handle: projectionstest.HandleOf("crm", "1"), Kind: "crm.id"}
	say := func(kind events.Kind, change func(*events.Event)) {
		e := w.Event(kind, "crm", who)
		e.Activity.Code, e.Categories = "held", []events.Category{{Code: "image"}}
		if kind == events.RecordShared {
			e.Recipient.Code = "gazette"
		}
		change(e)
		if err := mem.Apply(w.Now(), e); err != nil {
			t.Fatal(err)
		}
	}
	say(events.RecordStored, func(*events.Event) {})
	say(events.RecordShared, func(e *events.Event) { e.WithheldOn, e.WithheldUntil = "crime", 160_000 })
	say(events.RecordShared, func(e *events.Event) { e.Medium = events.MediumPaper })
	rows, err := inventory.Rows(mem, who.Handle)
	if err != nil {
		t.Fatal(err)
	}
	f := inventory.Fold(rows, inventory.Query{})
	if len(f.Holdings) != 1 || len(f.Holdings[0].Disclosures) != 1 {
		t.Fatalf("%d holdings", len(f.Holdings))
	}
	d := f.Holdings[0].Disclosures[0]
	if !slices.Equal(d.Media, []events.Medium{events.MediumElectronic, events.MediumPaper}) || d.WithheldOn != "crime" || d.WithheldUntil != 160_000 {
		t.Errorf("%v, withheld on %q until %s", d.Media, d.WithheldOn, d.WithheldUntil)
	}
}
