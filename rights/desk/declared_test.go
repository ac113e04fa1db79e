package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
	"github.com/habeas-data/habeas/rights/retention"
)

// declared asks for findings and gives them and the page.
func declared(t *testing.T, w *desktest.World, q desk.FindingQuery) ([]desk.FindingLine, *desk.FindingPage) {
	t.Helper()
	if q.Caller.IsZero() {
		q.Caller = dpo
	}
	var out []desk.FindingLine
	p, err := w.Desk.Findings(ctx, q, func(f *desk.FindingLine) error { out = append(out, *f); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return out, p
}

// named picks the findings of one rule.
func named(list []desk.FindingLine, rule string) []desk.FindingLine {
	return slices.DeleteFunc(slices.Clone(list), func(f desk.FindingLine) bool { return f.Rule != rule })
}

func decide(t *testing.T, w *desktest.World, id string, outcome events.Code, review string) desk.FindingLine {
	t.Helper()
	o := desk.FindingOrder{Caller: dpo, ID: id, Outcome: outcome, Reason: events.NewPlaintext("the contract says so")}
	if review != "" {
		o.Review = onDay(review)
	}
	v, err := w.Desk.DecideFinding(ctx, o)
	if err != nil {
		t.Fatalf("decide %s: %v", outcome, err)
	}
	return v.Finding
}

// What bodies of codes, all disclosures together, the clock and the histories of
// people show stands in one list, the gravest first.
func TestFindingsOfEverybody(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	w.Report(events.ObjectionMade, "marketing", "2024-03-01", []string{"marketing.contact=M1"}, func(e *events.Event) { e.Activity.Code = "ic-a11" })
	w.Report(events.RecordUsed, "marketing", "2024-04-01", []string{"marketing.contact=M1"}, desktest.All(
		desktest.Codes("ic-a11", "locum", desktest.Cat("contact", "email")), func(e *events.Event) { e.Action, e.Channel = events.ActionSent, "email" }))
	list, page := declared(t, w, desk.FindingQuery{})
	for _, rule := range []string{"RECIPIENT_UNDECLARED", "RECIPIENT_UNNAMED", "SHARED_NOT_STORED", "SOURCE_SILENT", "PROCESSED_AFTER_OBJECTION", "PROCESSED_AFTER_WITHDRAWAL", "CONSENT_ENDED_STILL_STORED"} {
		if len(named(list, rule)) == 0 {
			t.Errorf("no %s among %d findings", rule, len(list))
		}
	}
	golden(t, "findings.json", list)
	total := 0
	for _, n := range page.Counts {
		total += n
	}
	if total != len(list) || page.Next != "" || page.AsOf.Position == "" || len(page.Left) == 0 {
		t.Errorf("%d findings, page %+v", len(list), page)
	}
	// I6: whoever may not see whom findings are about is told that some are left out.
	some, page := declared(t, w, desk.FindingQuery{Caller: desktest.Caller(access.Engineer)})
	if slices.ContainsFunc(some, func(f desk.FindingLine) bool { return f.About["subject"] != "" }) || len(some) == 0 || !slices.ContainsFunc(page.LeftOut, func(x string) bool { return strings.Contains(x, "findings.people") }) {
		t.Errorf("without the permission: %d findings, left out %q", len(some), page.LeftOut)
	}
	if _, err := w.Desk.Findings(ctx, desk.FindingQuery{Caller: desktest.Caller(access.Admin)}, nil); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("an admin may read findings: %v", err)
	}
}

// The questions that narrow the list, and those that are refused.
func TestFindingsQuestions(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	all, _ := declared(t, w, desk.FindingQuery{})
	for name, x := range map[string]struct {
		q    desk.FindingQuery
		keep func(*desk.FindingLine) bool
	}{
		"by name":    {desk.FindingQuery{Rule: "RECIPIENT_UNNAMED"}, func(f *desk.FindingLine) bool { return f.Rule == "RECIPIENT_UNNAMED" }},
		"by alias":   {desk.FindingQuery{Rule: "processor_unnamed"}, func(f *desk.FindingLine) bool { return f.Rule == "RECIPIENT_UNNAMED" }},
		"by verdict": {desk.FindingQuery{Verdict: "FAIL"}, func(f *desk.FindingLine) bool { return f.Verdict == "error" }},
		"by system":  {desk.FindingQuery{System: "finance"}, func(f *desk.FindingLine) bool { return f.About["system"] == "finance" }},
		"resolved":   {desk.FindingQuery{Status: "resolved"}, func(*desk.FindingLine) bool { return false }},
		"everything": {desk.FindingQuery{Status: "all"}, func(*desk.FindingLine) bool { return true }},
	} {
		got, _ := declared(t, w, x.q)
		want := 0
		for i := range all {
			if x.keep(&all[i]) {
				want++
			}
		}
		if len(got) != want || (want == 0) != (name == "resolved") {
			t.Errorf("%s: %d findings, want %d", name, len(got), want)
		}
	}
	for part, q := range map[string]desk.FindingQuery{"rule": {Rule: "NO_SUCH"}, "verdict": {Verdict: "grave"}, "status": {Status: "closed"},
		"after": {After: "watched:zz"}, "as_of": {AsOf: events.InstantOf(w.Now.Add(time.Hour))}} {
		q.Caller = dpo
		var fault *desk.Fault
		if _, err := w.Desk.Findings(ctx, q, nil); !errors.As(err, &fault) || fault.Part != part {
			t.Errorf("%s: %v", part, err)
		}
	}
}

// I6: a rule that the list cannot find for everybody is said to be left out.
func TestFindingsLeftOut(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	for rule, want := range map[string]int{"RETENTION_LENGTHENED": 1, "REMOVED_DURING_ACCESS": 1, "RECIPIENT_UNNAMED": 0} {
		if _, page := declared(t, w, desk.FindingQuery{Rule: rule}); len(page.LeftOut) != want {
			t.Errorf("%s: left out %q", rule, page.LeftOut)
		}
	}
}

// What was accepted stays so until the day of its review, whatever is reported;
// what was called mended is open again once it is reported again.
func TestFindingDecided(t *testing.T) {
	w := desktest.New(t)
	share := func(n int, when string) {
		w.Report(events.RecordShared, "platform", when, []string{fmt.Sprintf("platform.member=IC-%d", n)}, desktest.All(
			desktest.Codes("ic-a03", "locum", desktest.Cat("identity")), func(e *events.Event) { e.Recipient.Code = "undeclared.0a1b2c" }))
	}
	status := func() string {
		t.Helper()
		list, _ := declared(t, w, desk.FindingQuery{Rule: "RECIPIENT_UNDECLARED", Status: "all"})
		if len(list) != 1 {
			t.Fatalf("%d findings, want one for all reports together", len(list))
		}
		return list[0].Status
	}
	share(1, "2025-03-01")
	share(2, "2025-03-02")
	list, _ := declared(t, w, desk.FindingQuery{Rule: "RECIPIENT_UNDECLARED"})
	id := list[0].ID
	if p := list[0].People; p == nil || *p != 2 || list[0].AtMost {
		t.Errorf("of %v people, want 2", p)
	}

	if f := decide(t, w, id, "accepted", "2025-06-01"); f.Status != "accepted" || len(f.Decisions) != 1 {
		t.Fatalf("%+v", f)
	}
	share(1, "2025-03-24")
	w.Now = time.Date(2025, 5, 31, 12, 0, 0, 0, time.UTC)
	if got := status(); got != "accepted" {
		t.Errorf("before the review: %s", got)
	}
	w.Now = time.Date(2025, 6, 1, 0, 0, 1, 0, time.UTC)
	if got := status(); got != "open" {
		t.Errorf("on the day of the review: %s", got)
	}

	if f := decide(t, w, id, "resolved", ""); f.Status != "resolved" {
		t.Fatalf("%+v", f)
	}
	w.Now = w.Now.AddDate(0, 2, 0)
	if got := status(); got != "resolved" {
		t.Errorf("months later, not seen again: %s", got)
	}
	share(3, "2025-08-01")
	if got := status(); got != "open" {
		t.Errorf("seen again: %s", got)
	}
	// A word about one finding leaves another that was mended before as it is.
	decide(t, w, id, "resolved", "")
	w.Report(events.RecordStored, "platform", "2025-08-01", []string{"platform.member=IC-9"}, desktest.Codes("undeclared.aa", "locum", desktest.Cat("identity")))
	if got := status(); got != "resolved" {
		t.Errorf("after a report of other codes: %s", got)
	}
	if f := decide(t, w, id, "reopened", ""); f.Status != "open" || len(f.Decisions) != 4 {
		t.Errorf("taken back: %+v", f)
	}
	v, err := w.Desk.Finding(ctx, dpo, id)
	if err != nil || v.Finding.Decisions[0].Reason != "the contract says so" || v.Words["system/platform"] == "" {
		t.Errorf("shown: %+v, %v", v, err)
	}
	// The reason is a person's words: sealed, and shown only to who may decide.
	if v, err = w.Desk.Finding(ctx, desktest.Caller(access.Engineer), id); err != nil || v.Finding.Decisions[0].Reason != "" {
		t.Errorf("the reason is shown to an engineer: %v", err)
	}
}

// A word on the finding of one person stands, whichever handle of the person is
// met first, and is undone by what happens after it only.
func TestFindingOfAPersonDecided(t *testing.T) {
	w := desktest.New(t)
	me := []string{"marketing.contact=M1", "email=m@example.org"}
	send := func(when string) {
		w.Report(events.RecordUsed, "marketing", when, me, desktest.All(
			desktest.Codes("ic-a11", "locum", desktest.Cat("contact", "email")), func(e *events.Event) { e.Action, e.Channel = events.ActionSent, "email" }))
	}
	object := func(system events.Code, when string, ids ...string) {
		w.Report(events.ObjectionMade, system, when, ids, func(e *events.Event) { e.Activity.Code = "ic-a11" })
	}
	object("marketing", "2024-03-01", me...)
	send("2024-04-01")
	find := func() desk.FindingLine {
		t.Helper()
		list, _ := declared(t, w, desk.FindingQuery{Rule: "PROCESSED_AFTER_OBJECTION", Status: "all"})
		if len(list) != 1 {
			t.Fatalf("%d findings, want one", len(list))
		}
		return list[0]
	}
	f := find()
	if f.Status != "open" || f.About["subject"] == "" || !strings.HasSuffix(f.ID, "-"+f.About["subject"]) {
		t.Fatalf("%+v", f)
	}
	if g := decide(t, w, f.ID, "resolved", ""); g.Status != "resolved" {
		t.Fatalf("%+v", g)
	}
	// Objections under other handles of the same person change under which it is told.
	object("platform", "2024-05-01", "platform.member=IC-1", "email=m@example.org")
	if g := find(); g.Status != "resolved" {
		t.Fatalf("joined: %+v", g)
	}
	send("2024-06-01")
	if g := find(); g.Status != "open" || len(g.Decisions) != 1 {
		t.Errorf("after another message: %+v", g)
	}
	if _, err := w.Desk.Finding(ctx, dpo, f.ID); err != nil {
		t.Errorf("the old id no longer finds it: %v", err)
	}
	if _, err := w.Desk.Finding(ctx, desktest.Caller(access.Engineer), f.ID); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("shown to who may not see people: %v", err)
	}
}

// A state that is still so on a later day was not mended.
func TestSilenceDecided(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	list, _ := declared(t, w, desk.FindingQuery{Rule: "SOURCE_SILENT", System: "finance"})
	if len(list) != 1 {
		t.Fatalf("%d silences of finance", len(list))
	}
	if f := decide(t, w, list[0].ID, "resolved", ""); f.Status != "resolved" {
		t.Fatalf("%+v", f)
	}
	w.Now = w.Now.AddDate(0, 0, 1)
	if list, _ = declared(t, w, desk.FindingQuery{Rule: "SOURCE_SILENT", System: "finance"}); len(list) != 1 {
		t.Error("still silent on the next day, and not open")
	}
	w.Report(events.SourceSynced, "finance", w.Now.Format(time.RFC3339), nil, func(e *events.Event) { e.Through = e.Time })
	if list, _ = declared(t, w, desk.FindingQuery{Rule: "SOURCE_SILENT", System: "finance", Status: "all"}); len(list) != 0 {
		t.Error("it reports again, and is still called silent")
	}
}

// A decision needs the permission, a reason, a finding that shows and a day of
// review within a year; it is recorded before it is made.
func TestFindingDecisionRefused(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	list, _ := declared(t, w, desk.FindingQuery{Rule: "RECIPIENT_UNNAMED"})
	id := list[0].ID
	good := desk.FindingOrder{Caller: dpo, ID: id, Outcome: "accepted", Reason: events.NewPlaintext("known")}
	for name, x := range map[string]struct {
		change func(*desk.FindingOrder)
		want   error
	}{
		"permission":       {func(o *desk.FindingOrder) { o.Caller = desktest.Caller(access.Caseworker) }, desk.ErrForbidden},
		"reason":           {func(o *desk.FindingOrder) { o.Reason = events.Plaintext{} }, desk.ErrQuestion},
		"outcome":          {func(o *desk.FindingOrder) { o.Outcome = "closed" }, desk.ErrQuestion},
		"nothing to undo":  {func(o *desk.FindingOrder) { o.Outcome = "reopened" }, desk.ErrQuestion},
		"review of mended": {func(o *desk.FindingOrder) { o.Outcome, o.Review = "resolved", onDay("2025-05-01") }, desk.ErrQuestion},
		"review today":     {func(o *desk.FindingOrder) { o.Review = onDay("2025-03-24") }, desk.ErrQuestion},
		"review too far":   {func(o *desk.FindingOrder) { o.Review = onDay("2027-03-24") }, desk.ErrQuestion},
		"no id":            {func(o *desk.FindingOrder) { o.ID = "7" }, desk.ErrQuestion},
		"unknown id":       {func(o *desk.FindingOrder) { o.ID = strings.Repeat("0", 32) }, desk.ErrGone},
	} {
		o := good
		x.change(&o)
		if _, err := w.Desk.DecideFinding(ctx, o); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", name, err, x.want)
		}
	}
	w.BreakVault(true)
	if _, err := w.Desk.DecideFinding(ctx, good); !errors.Is(err, desk.ErrNotRecorded) {
		t.Errorf("decided without a record: %v", err)
	}
	w.BreakVault(false)
	if list, _ = declared(t, w, desk.FindingQuery{Rule: "RECIPIENT_UNNAMED", Status: "accepted"}); len(list) != 0 {
		t.Error("a refused decision left something")
	}
}

// Pages neither repeat nor miss a finding of a person, and codes stand in the
// first only.
func TestFindingsInPages(t *testing.T) {
	w := desktest.New(t)
	for i := range 7 {
		me := []string{fmt.Sprintf("marketing.contact=M%d", i)}
		w.Report(events.RecordStored, "marketing", "2024-01-01", me, desktest.Codes("ic-a11", "locum", desktest.Cat("contact")))
		w.Report(events.ConsentWithdrawn, "marketing", "2024-02-01", me, func(e *events.Event) { e.Activity.Code, e.Method, e.GivenBy = "ic-a11", 1, 1 })
	}
	whole, _ := declared(t, w, desk.FindingQuery{})
	var parts []desk.FindingLine
	after := ""
	for pages := 0; ; pages++ {
		list, p := declared(t, w, desk.FindingQuery{After: after, Limit: 2})
		parts = append(parts, list...)
		if after = p.Next; after == "" {
			break
		}
		if pages > 20 {
			t.Fatal("the pages do not end")
		}
	}
	ids := func(list []desk.FindingLine) (out []string) {
		for _, f := range list {
			out = append(out, f.ID)
		}
		return out
	}
	if !slices.Equal(ids(whole), ids(parts)) || len(named(whole, "CONSENT_ENDED_STILL_STORED")) != 7 {
		t.Errorf("in pages %d, at once %d", len(parts), len(whole))
	}
}

// A finding as of a day is what was known and decided then, by the catalogue in
// force then.
func TestFindingsAsOf(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	at := events.InstantOf(time.Date(2023, 7, 2, 0, 0, 0, 0, time.UTC))
	list, page := declared(t, w, desk.FindingQuery{AsOf: at})
	if len(named(list, "RECIPIENT_UNDECLARED")) != 0 || len(named(list, "RECIPIENT_UNNAMED")) != 1 || len(page.LeftOut) == 0 {
		t.Errorf("%d findings as of July 2023; left out %q", len(list), page.LeftOut)
	}
	other, err := catalogue.LoadShipped("osjct")
	if err != nil {
		t.Fatal(err)
	}
	w.InForce = func(events.Instant) *catalogue.Catalogue { return other }
	w.Open()
	if _, page = declared(t, w, desk.FindingQuery{AsOf: at}); !strings.HasPrefix(page.Catalogue, "osjct") {
		t.Errorf("judged by %s", page.Catalogue)
	}
}

// The list of systems says how many findings are open about each.
func TestSystemsCountFindings(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	survey, err := w.Desk.Systems(ctx, dpo)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range survey.Systems {
		list, _ := declared(t, w, desk.FindingQuery{System: events.Code(s.ID)})
		list = slices.DeleteFunc(list, func(f desk.FindingLine) bool { return f.About["subject"] != "" || f.Rule == "SHARED_NOT_STORED" })
		if s.Findings != len(list) {
			t.Errorf("%s: %d findings in the survey, %d in the list", s.ID, s.Findings, len(list))
		}
		n += s.Findings
	}
	if n == 0 {
		t.Error("no system has findings")
	}
}

// From the receipt of an access request until its answer nothing that was asked
// for may go (Data Protection Act 2018, section 173).
func TestRemovedDuringAccess(t *testing.T) {
	asked := retention.Request{Right: "access", Received: onDay("2024-03-01"), Answered: onDay("2024-03-20")}
	for name, x := range map[string]struct {
		request retention.Request
		removed string
		want    int
	}{
		"before it came":        {asked, "2024-02-29", 0},
		"on the day it came":    {asked, "2024-03-01", 1},
		"while it was open":     {asked, "2024-03-19", 1},
		"after the answer":      {asked, "2024-03-21", 0},
		"of another system":     {retention.Request{Right: "access", Received: asked.Received, Scope: retention.Scope{System: "finance"}}, "2024-03-10", 0},
		"not answered to today": {retention.Request{Right: "portability", Received: asked.Received}, "2025-01-10", 1},
		"of another right":      {retention.Request{Right: "erasure", Received: asked.Received}, "2024-03-10", 0},
	} {
		w := desktest.New(t)
		me := []string{"platform.member=IC-1"}
		w.Report(events.RecordStored, "platform", "2024-01-02", me, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
		w.Report(events.RecordRemoved, "platform", x.removed, me, func(e *events.Event) { e.Removal = events.RemovalDeleted })
		w.Requests = []retention.Request{x.request}
		if got := rules(footprint(t, w, ask(me[0])))["REMOVED_DURING_ACCESS"]; got != x.want {
			t.Errorf("%s: %d findings, want %d", name, got, x.want)
		}
	}
}
