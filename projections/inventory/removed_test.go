package inventory_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// D7: what is kept for a ground of Article 17(3) is restricted by itself; a system's
// word on an activity restricts all of it.
func TestRestrictionOfAHolding(t *testing.T) {
	mem, w := projectionstest.NewMemory(), projectionstest.NewWorld()
	kept := w.Stored("crm", "c1", "sales", "identity")
	other := w.Stored("crm", "c1", "sales", "identity")
	other.Subject, other.Dataset = kept.Subject, "archive"
	set := w.Event(events.RestrictionSet, string(inventory.Operator), kept.Subject...)
	set.Activity, set.Categories, set.Dataset, set.ScopeSystem, set.Of, set.Ground = kept.Activity, kept.Categories, inventory.Dataset(kept), "crm", events.EventID{7}, "kept"
	apply(t, mem, w, kept, other, set)
	if f := fold(t, mem, kept.Subject[0].Handle); states(f) != "held restricted" || len(f.Restrictions) != 1 {
		t.Errorf("got %s, %d restrictions", states(f), len(f.Restrictions))
	}
	lift := *set
	lift.ID, lift.Kind, lift.Time = events.EventID{8}, events.RestrictionLifted, set.Time+1
	apply(t, mem, w, &lift)
	if f := fold(t, mem, kept.Subject[0].Handle); states(f) != "held held" || len(f.Restrictions) != 0 {
		t.Errorf("lifted: got %s, %d restrictions", states(f), len(f.Restrictions))
	}
}

func states(f *inventory.Folded) string {
	var out []string
	for _, h := range f.Holdings {
		out = append(out, h.State.String())
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// I8: what a task looked for and did not find is gone, and nothing is said of
// what it did not look for. A system that leaves something out means all (C9).
func TestRemovalThatAnswersATask(t *testing.T) {
	for name, task := range map[string]events.EventID{"a system": {}, "a task": {7}} {
		mem, w := projectionstest.NewMemory(), projectionstest.NewWorld()
		whole := w.Stored("crm", "c1", "sales", "identity")
		part := w.Stored("crm", "c1", "sales", "identity")
		part.Subject, part.Categories = whole.Subject, []events.Category{{Code: "identity", Element: "photo"}}
		photo := w.Stored("crm", "c1", "sales", "identity")
		photo.Subject, photo.Item = whole.Subject, events.Ref{Handle: events.Handle{9}, Kind: "crm.photo"}
		other := w.Stored("crm", "c2", "sales", "identity")
		by := "crm"
		if !task.IsZero() {
			by = string(inventory.Operator)
		}
		gone := w.Event(events.RecordRemoved, by, whole.Subject...)
		gone.Activity, gone.Categories, gone.Dataset, gone.Of = whole.Activity, whole.Categories, inventory.Dataset(whole), task
		gone.ScopeSystem = "crm"
		if task.IsZero() {
			gone.Dataset = ""
		}
		apply(t, mem, w, whole, part, photo, other, gone)
		rows, err := inventory.Rows(mem, whole.Subject[0].Handle, other.Subject[0].Handle)
		if err != nil {
			t.Fatal(err)
		}
		left := map[string]int{}
		for _, h := range inventory.Fold(rows, inventory.Query{}).Holdings {
			left[h.State.String()]++
		}
		open := 0
		inventory.Stays(rows, whole.Subject[0].Handle, func(_ *inventory.Row, _ events.Category, stays []inventory.Stay) {
			for _, s := range stays {
				if s.Open {
					open++
				}
			}
		}, func(*inventory.Row, events.Category, []events.Date) {})
		want, stay := map[string]int{"removed": 4}, 0
		if !task.IsZero() {
			want, stay = map[string]int{"removed": 1, "held": 3}, 2
		}
		if left["removed"] != want["removed"] || left["held"] != want["held"] || open != stay {
			t.Errorf("%s: got %v and %d open stays, want %v and %d", name, left, open, want, stay)
		}
	}
}
