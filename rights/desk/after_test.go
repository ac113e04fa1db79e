package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// listen collects what habeas puts on the map about people.
func listen(w *desktest.World) *[]events.Event {
	var out []events.Event
	w.Appended = func(e *events.Event) {
		if !e.Kind.IsCase() {
			out = append(out, *e)
		}
	}
	return &out
}

func restrictedBy(t *testing.T, w *desktest.World, id string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, h := range footprint(t, w, desk.Query{Caller: boss, Identifier: desktest.ID(id)}).Holdings {
		out[h.System+" "+h.Activity+" "+h.Category] = h.State + " " + strings.Join(h.RestrictedBy, ",")
	}
	return out
}

// Article 21(3): from the day on which a person objects to direct marketing their
// data is no longer processed for it. Nobody approves that, and what binds is said
// once, whatever crashes.
func TestObjectionToMarketingBindsFromReceipt(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	heard := listen(w)
	opens(t, w, "email=priya@example.org", catalogue.RightMarketing)
	if got := restrictedBy(t, w, "email=priya@example.org")["marketing ic-a11 contact/email"]; !strings.Contains(got, "objection:direct_marketing") || !strings.HasPrefix(got, "restricted") {
		t.Errorf("marketing: %q", got)
	}
	if n := len(*heard); n != 1 || (*heard)[0].Time.Day() != day(t, "2025-03-20") || (*heard)[0].Source != "habeas" || len((*heard)[0].Subject) != 1 {
		t.Fatalf("said %+v", *heard)
	}
	listed := w.Lists()
	if !slices.ContainsFunc(listed, func(l desktest.Listed) bool {
		return l.Value == "priya@example.org" && l.Channel == "" && !l.Erased
	}) {
		t.Errorf("suppressed: %+v", listed)
	}
	// A start carries it out again, and nothing changes.
	w.Open()
	if err := w.Desk.BindOpen(ctx); err != nil {
		t.Fatal(err)
	}
	if len(*heard) != 1 || len(w.Lists()) != len(listed) {
		t.Errorf("again: %d words, %d listed", len(*heard), len(w.Lists()))
	}
}

// By the channels that were named, and by no others (Article 21(2)).
func TestObjectionNamesChannels(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	heard := listen(w)
	o := order("email=priya@example.org", catalogue.RightMarketing)
	o.Channels = []events.Code{"sms"}
	if _, err := w.Desk.OpenCase(ctx, o); err != nil {
		t.Fatal(err)
	}
	if len(*heard) != 1 || !slices.Equal((*heard)[0].Channels, o.Channels) {
		t.Errorf("said %+v", *heard)
	}
	for _, l := range w.Lists() {
		if l.Channel != "sms" {
			t.Errorf("suppressed %+v", l)
		}
	}
}

// Article 7(3): consent that is withdrawn ends the use from then on. When none is
// left the data is restricted, and a person has thirty days to decide (D5).
func TestWithdrawalBindsFromReceipt(t *testing.T) {
	w := desktest.New(t)
	w.Report(events.ConsentGiven, "marketing", "2024-08-01", []string{"marketing.contact=M1", "email=priya@example.org"}, func(e *events.Event) {
		e.Activity.Code, e.Channels, e.Method, e.GivenBy = "ic-a11", []events.Code{"email"}, 1, 1
	})
	w.Report(events.RecordStored, "marketing", "2024-08-01", []string{"marketing.contact=M1"}, desktest.Codes("ic-a11", "locum", desktest.Cat("contact", "email")))
	heard := listen(w)
	opens(t, w, "email=priya@example.org", catalogue.RightWithdrawConsent)
	if got := restrictedBy(t, w, "email=priya@example.org")["marketing ic-a11 contact/email"]; got != "restricted consent_withdrawn" {
		t.Errorf("marketing: %q", got)
	}
	if len(*heard) != 1 || (*heard)[0].Kind != events.ConsentWithdrawn {
		t.Errorf("said %+v", *heard)
	}
	rules := func() (out []string) {
		for _, f := range footprint(t, w, desk.Query{Caller: boss, Identifier: desktest.ID("email=priya@example.org")}).Findings {
			out = append(out, f.Rule)
		}
		return out
	}
	w.Now = time.Date(2025, 4, 18, 9, 0, 0, 0, time.UTC)
	if slices.Contains(rules(), "CONSENT_ENDED_STILL_STORED") {
		t.Error("a finding after 29 days")
	}
	w.Now = time.Date(2025, 4, 19, 9, 0, 0, 0, time.UTC)
	if !slices.Contains(rules(), "CONSENT_ENDED_STILL_STORED") {
		t.Error("no finding after 30 days")
	}
}

// An erasure to its end: names of whom nothing stays are retired once the tasks are
// durable, what is kept is restricted (D7), and the map says gone of exactly what a
// later look did not find (I8).
func TestErasureToItsEnd(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	speaks(w)
	heard := listen(w)
	id := opens(t, w, "email=priya@example.org", catalogue.RightErasure).Case
	goes := map[events.EventID]bool{}
	settles(t, w, id)
	for _, x := range plans(t, w, id).Items {
		if h, err := events.ParseEventID(x.Holding); err == nil && x.System == "platform" && x.Outcome == "erase" && len(x.Detached) == 0 {
			goes[h] = true
		}
	}
	if len(w.Retired()) != 0 {
		t.Errorf("retired before anybody approved: %v", w.Retired())
	}
	lands(t, w, id)
	if got := w.Retired(); !slices.Equal(got, []string{"marketing:M1", "marketing:priya@example.org"}) {
		t.Errorf("retired %v", got)
	}
	if !slices.ContainsFunc(w.Lists(), func(l desktest.Listed) bool { return l.Erased && l.System == "marketing" && l.Value == "M1" }) {
		t.Errorf("listed %+v", w.Lists())
	}
	restricted := 0
	for _, e := range *heard {
		switch e.Kind {
		case events.RecordRemoved:
			if !goes[e.Digest] || e.ScopeSystem != "platform" {
				t.Errorf("said to be gone: %+v", e)
			}
			delete(goes, e.Digest)
		case events.RestrictionSet:
			restricted++
		}
	}
	if len(goes) != 0 || restricted == 0 {
		t.Errorf("%d holdings that were looked for are still on the map; %d restricted", len(goes), restricted)
	}
}

// What was kept until a day goes when the day has come, under the approval of then
// (C7): not before, not while a hold stands, and not on the day on which it is
// lifted.
func TestKeptUntilADay(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	speaks(w)
	id := opens(t, w, "email=priya@example.org", catalogue.RightErasure).Case
	lands(t, w, id)
	resumed := func(day string, want int) {
		t.Helper()
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		w.Now = at.Add(9 * time.Hour)
		if n, err := w.Desk.ResumeCases(ctx); err != nil || n != want {
			t.Errorf("%s: took up %d cases, %v; want %d", day, n, err, want)
		}
	}
	resumed("2026-03-14", 0)
	hold, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: dpo, System: "platform", Ground: "claims", Review: day(t, "2040-01-01"), Owner: events.NewPlaintext("sam")})
	if err != nil {
		t.Fatal(err)
	}
	before := len(tasksOf(t, w, id))
	resumed("2032-03-20", 1) // what is elsewhere than in the platform
	resumed("2032-04-20", 0)
	if _, err := w.Desk.LiftHold(ctx, dpo, hold.ID, events.NewPlaintext("settled")); err != nil {
		t.Fatal(err)
	}
	resumed("2032-04-20", 0)
	resumed("2032-04-21", 1)
	resumed("2032-04-22", 0)
	after := tasksOf(t, w, id)
	verbs := map[string]int{}
	for _, k := range after[before:] {
		verbs[k.System+" "+k.Verb]++
	}
	if verbs["platform erase"] != 1 || verbs["finance erase"] != 1 {
		t.Errorf("new tasks: %v", verbs)
	}
}

func tasksOf(t *testing.T, w *desktest.World, id string) []desk.TaskView {
	t.Helper()
	p, err := w.Desk.ListTasks(ctx, desk.TaskQuery{Caller: boss, Case: id})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(p.Tasks, func(a, b desk.TaskView) int { return strings.Compare(a.Planned.String(), b.Planned.String()) })
	return p.Tasks
}

// A6: the file of a case ends with its period; that there was a case stays. How the
// person showed who they are ends before.
func TestCaseFilesAreShredded(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	o := order("email=priya@example.org", catalogue.RightObjection)
	o.IdentityAsked, o.IdentityReceived = day(t, "2025-03-20"), day(t, "2025-03-21")
	c, err := w.Desk.OpenCase(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.WithdrawCase(ctx, act(c.Case, worker, "she called")); err != nil {
		t.Fatal(err)
	}
	notes := w.Notes()
	shred := func(days, want int) {
		t.Helper()
		w.Now = w.Now.AddDate(0, 0, days)
		if n, err := w.Desk.ShredCases(ctx, 365*24*time.Hour, 90*24*time.Hour); err != nil || n != want {
			t.Fatalf("shredded %d, %v; want %d", n, err, want)
		}
	}
	shred(80, 0)
	if w.Notes() != notes {
		t.Error("something went early")
	}
	shred(20, 0)
	if got := notes - w.Notes(); got != 1 {
		t.Errorf("%d notes went with the proof of identity", got)
	}
	if _, err := w.Desk.ShowCase(ctx, boss, c.Case); err != nil {
		t.Errorf("shown without it: %v", err)
	}
	w.Open() // a start reads it so
	shred(300, 1)
	shred(1, 0)
	l, err := w.Desk.ListCases(ctx, desk.CaseQuery{Caller: boss})
	if err != nil || len(l.Cases) != 1 || l.Cases[0].Status != "withdrawn" || l.Cases[0].Rights[0] != "objection" {
		t.Errorf("what is left: %+v, %v", l, err)
	}
	w.Open()
	if v, err := w.Desk.ShowCase(ctx, boss, c.Case); err != nil || len(v.Identifiers) != 0 {
		t.Errorf("shown: %+v, %v", v, err)
	}
}

// A7: a restored server erases nothing until a person has confirmed.
func TestFrozen(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	id := opens(t, w, "email=priya@example.org", catalogue.RightErasure).Case
	settles(t, w, id)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(id, boss, "")}); err != nil {
		t.Fatal(err)
	}
	w.Frozen = true
	w.Open()
	if _, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: boss, Case: id}); err == nil || !strings.Contains(err.Error(), "restored from a backup") {
		t.Errorf("ran: %v", err)
	}
	if n, err := w.Desk.ResumeCases(ctx); n != 0 || err != nil {
		t.Errorf("resumed %d, %v", n, err)
	}
	w.Frozen = false
	if _, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: boss, Case: id}); err != nil {
		t.Error(err)
	}
}
