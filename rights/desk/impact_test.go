package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

func impact(t *testing.T, w *desktest.World, f facets.Filter) *desk.Impact {
	t.Helper()
	v, err := w.Desk.Impact(ctx, desk.ImpactQuery{Caller: dpo, Filter: f, Reason: events.NewPlaintext("breach 12")})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func impactDay(t *testing.T, s string) events.Date {
	t.Helper()
	d, err := events.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// One person known to three systems is one person, and what went to a recipient
// is told apart from what is held.
func TestImpactOfOnePerson(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	all := impact(t, w, facets.Filter{})
	if all.People != 1 || all.Holdings != 6 || !all.Special || !all.Criminal || all.Forgotten != 0 {
		t.Fatalf("%+v", all)
	}
	if len(all.Unknown) == 0 || all.Words["category/identity"] == "" {
		t.Error("gaps or words are missing")
	}
	all.Unknown, all.Words = nil, nil // of the catalogue, not of the question
	golden(t, "impact.json", all)
	got := impact(t, w, facets.Filter{Recipient: "gocardless"})
	if got.People != 1 || got.Holdings != 2 || len(got.Categories) != 2 || got.Special {
		t.Fatalf("shared with gocardless: %+v", got)
	}
	if n := impact(t, w, facets.Filter{System: "finance", Categories: []events.Category{{Code: "criminal_offences"}}}); n.People != 0 {
		t.Fatalf("facts observed apart were put together: %+v", n)
	}
	if n := impact(t, w, facets.Filter{To: impactDay(t, "2023-05-01")}); n.People != 0 {
		t.Fatalf("held before anything was stored: %+v", n)
	}
	if n := impact(t, w, facets.Filter{From: impactDay(t, "2023-05-02"), To: impactDay(t, "2023-05-03")}); n.People != 1 || n.Holdings != 2 {
		t.Fatalf("held on the first day: %+v", n)
	}
}

// A code that nobody declared and nobody sent is a mistake, not an answer of
// nobody.
func TestImpactRefusesUnknownCodes(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	for part, f := range map[string]facets.Filter{
		"system": {System: "plattform"}, "recipient": {Recipient: "nobody"}, "activity": {Activity: events.Activity{Code: "x-1"}},
		"categories/0": {Categories: []events.Category{{Code: "helth"}}},
		"to":           {From: impactDay(t, "2025-01-02"), To: impactDay(t, "2025-01-01")},
	} {
		_, err := w.Desk.Impact(ctx, desk.ImpactQuery{Caller: dpo, Filter: f})
		var fault *desk.Fault
		if !errors.As(err, &fault) || fault.Part != part {
			t.Errorf("%s: %v", part, err)
		}
	}
}

// I7: without a record there is no answer, and who may not ask learns nothing.
func TestImpactIsRecordedFirst(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	impact(t, w, facets.Filter{System: "platform"})
	page, err := w.Audit.List(audit.Filter{}, -1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if e := page.Entries[0].Entry; e.Act != "impact.read" || e.Target != "platform" || e.Note.IsZero() {
		t.Fatalf("recorded %+v", e)
	}
	w.BreakVault(true)
	if _, err := w.Desk.Impact(ctx, desk.ImpactQuery{Caller: dpo}); !errors.Is(err, desk.ErrNotRecorded) {
		t.Fatal(err)
	}
	if _, err := list(w, dpo, facets.Filter{}); !errors.Is(err, desk.ErrNotRecorded) {
		t.Fatal(err)
	}
	if _, err := w.Desk.Impact(ctx, desk.ImpactQuery{Caller: desktest.Caller(access.Engineer)}); !errors.Is(err, desk.ErrForbidden) {
		t.Fatal(err)
	}
	if _, err := list(w, desktest.Caller(access.Approver), facets.Filter{}); !errors.Is(err, desk.ErrForbidden) {
		t.Fatal(err)
	}
}

func list(w *desktest.World, who access.Caller, f facets.Filter) (out []string, err error) {
	err = w.Desk.ImpactPeople(ctx, desk.ImpactQuery{Caller: who, Filter: f}, func(*desk.Impact) error { return nil }, func(p *desk.ImpactPerson) error {
		var ids []string
		for _, id := range p.Identifiers {
			ids = append(ids, id.Kind+"="+id.Value)
		}
		slices.Sort(ids)
		out = append(out, strings.Join(ids, " "))
		return nil
	})
	return out, err
}

// A list names each person once, with every identifier there is to write to.
func TestImpactList(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	w.Report(events.RecordStored, "platform", "2024-01-01", []string{"platform.member=IC-2"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	got, err := list(w, dpo, facets.Filter{System: "platform"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"email=priya@example.org finance.customer=F-90 marketing.contact=M1 name=Priya Nair platform.member=IC-4471", "platform.member=IC-2"}
	if !slices.Equal(got, want) {
		t.Fatalf("got %q", got)
	}
	if err := w.Desk.ImpactPeople(ctx, desk.ImpactQuery{Caller: dpo}, func(*desk.Impact) error { return nil },
		func(*desk.ImpactPerson) error { return errors.New("gone") }); err == nil {
		t.Fatal("a reader that went away was not noticed")
	}
	if n := impact(t, w, facets.Filter{}); n.People != 2 {
		t.Fatalf("after a list that broke off: %d people", n.People)
	}
}

// Where two persons must want a list, the second lets it pass once, and nobody
// is their own second person.
func TestImpactListFourEyes(t *testing.T) {
	w := desktest.New(t)
	w.FourEyes = true
	w.Open()
	w.Priya()
	_, err := list(w, dpo, facets.Filter{System: "platform"})
	var need *desk.NeedsApproval
	if !errors.As(err, &need) || need.Request.People != 1 {
		t.Fatal(err)
	}
	if _, err := w.Desk.ApproveList(ctx, dpo, need.Request.ID); !errors.Is(err, desk.ErrSamePerson) || !errors.Is(err, desk.ErrForbidden) {
		t.Fatal(err)
	}
	other := desktest.Caller(access.Approver)
	other.Token, other.Name = "another", "sam"
	if waiting, err := w.Desk.ListRequests(ctx, other); err != nil || len(waiting) != 1 || waiting[0].Question != "system platform" {
		t.Fatalf("%+v %v", waiting, err)
	}
	if _, err := w.Desk.ApproveList(ctx, other, need.Request.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := list(w, dpo, facets.Filter{}); !errors.As(err, &need) {
		t.Fatalf("another list passed: %v", err)
	}
	if got, err := list(w, dpo, facets.Filter{System: "platform"}); err != nil || len(got) != 1 {
		t.Fatalf("%q %v", got, err)
	}
	if _, err := list(w, dpo, facets.Filter{System: "platform"}); !errors.As(err, &need) {
		t.Fatalf("it passed twice: %v", err)
	}
}

// A question names a bounded number of categories: events wait while it is looked
// up, and the record of the look repeats it.
func TestImpactAsksABoundedQuestion(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	f := facets.Filter{Categories: slices.Repeat([]events.Category{desktest.Cat("identity")}, 257)}
	if _, err := w.Desk.Impact(ctx, desk.ImpactQuery{Caller: dpo, Filter: f}); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("257 categories: %v", err)
	}
	f.Categories = f.Categories[1:]
	if n := impact(t, w, f).People; n != 1 {
		t.Errorf("256 categories: %d people", n)
	}
}

// Who is one person does not depend on which recipients are registered: a name
// more asks nobody's identity again. Other permissions to join do.
func TestRegisteringCountsNobodyAnew(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	want := impact(t, w, facets.Filter{}).People
	named, err := w.Cat.WithInstances(catalogue.Instance{ID: "acme", Name: "Acme", Class: events.Undeclared})
	if err != nil {
		t.Fatal(err)
	}
	w.Cat = named
	before := w.Looked()
	if got := impact(t, w, facets.Filter{}).People; got != want || w.Looked() != before {
		t.Errorf("%d people, want %d; %d handles were asked about again", got, want, w.Looked()-before)
	}
	w.Cat = dueCatalogue(t, dueYAML) // joins nothing of these systems
	if got := impact(t, w, facets.Filter{}).People; got == want {
		t.Errorf("%d people as before, under a catalogue that joins none of them", got)
	}
}

// People are counted as identity counts them, however the evidence came in:
// joined later, contested later, taken back, decided by hand.
func TestImpactCountsLikeIdentity(t *testing.T) {
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		if n++; n > 30 {
			return // each look is synced to disk
		}
		w := desktest.New(t)
		systems := []events.Code{"platform", "finance", "marketing"}
		kinds := map[events.Code]string{"platform": "platform.member", "finance": "finance.customer", "marketing": "marketing.contact"}
		asked := map[string]bool{}
		for i := range rapid.IntRange(1, 25).Draw(rt, "events") {
			s := rapid.SampledFrom(systems).Draw(rt, "system")
			id := fmt.Sprintf("%s=%d", kinds[s], rapid.IntRange(1, 4).Draw(rt, "who"))
			ids := []string{id}
			if rapid.Bool().Draw(rt, "mail") {
				ids = append(ids, fmt.Sprintf("email=m%d@example.org", rapid.IntRange(1, 4).Draw(rt, "which")))
			}
			if rapid.IntRange(0, 5).Draw(rt, "number") == 0 {
				ids = append(ids, fmt.Sprintf("ni_number=QQ12345%dA", rapid.IntRange(1, 2).Draw(rt, "ni")))
			}
			asked[id] = true
			w.Report(events.RecordStored, s, fmt.Sprintf("2024-%02d-%02d", 1+i%12, 1+i), ids, func(e *events.Event) {
				e.Activity.Code, e.Categories = "ic-a03", []events.Category{{Code: "identity"}}
				e.ID = events.EventID{byte(i), 1, 2, 3}
			})
			if rapid.IntRange(0, 6).Draw(rt, "take back") == 0 {
				back := byte(rapid.IntRange(0, i).Draw(rt, "which event"))
				w.Report(events.EventRetracted, "habeas", "2024-12-31", nil, func(e *events.Event) { e.Retracts, e.Why = events.EventID{back, 1, 2, 3}, "mistake" })
			}
			if rapid.IntRange(0, 3).Draw(rt, "ask now") == 0 {
				impact(t, w, facets.Filter{})
			}
		}
		counted(rt, t, w, asked)
	})
}

// counted compares the census with asking about each identifier anew.
func counted(rt *rapid.T, t *testing.T, w *desktest.World, asked map[string]bool) {
	people := map[string]bool{}
	for id := range asked {
		found, err := w.Desk.Find(ctx, desk.Query{Caller: dpo, Identifier: desktest.ID(id)})
		var none *desk.NotFound
		if errors.As(err, &none) {
			continue
		}
		if err != nil {
			rt.Fatal(err)
		}
		f, err := w.Desk.Footprint(ctx, desk.Query{Caller: dpo, Identifier: desktest.ID(id)})
		if err != nil {
			rt.Fatal(err)
		}
		if slices.ContainsFunc(f.Holdings, func(h events.Holding) bool { return h.State != "removed" }) {
			people[found.Ref] = true
		}
	}
	if n := impact(t, w, facets.Filter{}); int(n.People) != len(people) {
		rt.Fatalf("%d people counted, %d found one by one", n.People, len(people))
	}
}
