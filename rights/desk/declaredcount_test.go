package desk_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
	"github.com/habeas-data/habeas/rights/observed"
)

// The list of everybody counts for each finding the people whose own answer has
// it: counted once by the cells and once by looking everybody up.
func TestFindingsCountPeople(t *testing.T) {
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		if n++; n > 25 {
			return // each draw opens a world
		}
		w := desktest.New(t)
		people := map[string]bool{}
		for range rapid.IntRange(1, 40).Draw(rt, "events") {
			system := rapid.SampledFrom([]events.Code{"platform", "marketing"}).Draw(rt, "system")
			i := rapid.IntRange(1, 5).Draw(rt, "person")
			ids := []string{fmt.Sprintf("%s.%s=%d", system, map[events.Code]string{"platform": "member", "marketing": "contact"}[system], i), fmt.Sprintf("email=p%d@example.org", i)}
			people[ids[1]] = true
			codes := desktest.Codes(rapid.SampledFrom([]events.Code{"ic-a03", "ic-a04", "undeclared.aa"}).Draw(rt, "activity"),
				rapid.SampledFrom([]events.Code{"locum", "undeclared.bb"}).Draw(rt, "type"),
				rapid.SampledFrom([]events.Category{desktest.Cat("identity"), desktest.Cat("contact"), desktest.Cat("contact", "email")}).Draw(rt, "category"))
			switch when := fmt.Sprintf("2024-0%d-1%d", rapid.IntRange(1, 9).Draw(rt, "month"), rapid.IntRange(0, 9).Draw(rt, "day")); rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0, 1, 2:
				w.Report(events.RecordStored, system, when, ids, codes)
			case 3:
				w.Report(events.RecordRemoved, system, when, ids, func(e *events.Event) { e.Removal = events.RemovalDeleted })
			default:
				to := rapid.SampledFrom([]events.Code{"gocardless", "dental_practice", "undeclared.cc"}).Draw(rt, "to")
				w.Report(events.RecordShared, system, when, ids, desktest.All(codes, func(e *events.Event) { e.Recipient.Code = to }))
			}
		}
		want := map[events.EventID]uint64{}
		for id := range people {
			mine := map[events.EventID]bool{}
			for _, f := range footprint(t, w, ask(id)).Findings {
				mine[observed.ID(f.Rule, f.About)] = true
			}
			for id := range mine {
				want[id]++
			}
		}
		list, _ := declared(t, w, desk.FindingQuery{Status: "all"})
		listed := map[string]bool{}
		for _, f := range list {
			listed[f.ID] = true
			id, err := events.ParseEventID(f.ID)
			if err != nil || f.People == nil || f.AtMost {
				continue
			}
			switch f.Rule {
			case "RECIPIENT_UNDECLARED", "RECIPIENT_NOT_IN_ROW", "RECIPIENT_UNNAMED", "RECIPIENT_CATEGORY_UNDECLARED", "SHARED_NOT_STORED":
				if *f.People != want[id] {
					rt.Fatalf("%s %v: %d people by the cells, %d by looking them up", f.Rule, f.About, *f.People, want[id])
				}
			}
		}
		for id := range want {
			if !listed[id.String()] {
				rt.Fatalf("a person shows the finding %s, and the list of everybody does not", id)
			}
		}
	})
}
