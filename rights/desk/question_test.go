package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

func fault(t *testing.T, name string, err error, part, text string) {
	t.Helper()
	var f *desk.Fault
	if !errors.As(err, &f) || !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("%s: %v", name, err)
		return
	}
	if f.Part != part || f.Text != text || strings.Contains(err.Error(), "priya") {
		t.Errorf("%s: %s: %s", name, f.Part, f.Text)
	}
}

// An identifier that is mistyped is the caller's fault, named by its place; it
// is not a fault of the server.
func TestMistypedIdentifier(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	ref := footprint(t, w, ask("email=priya@example.org")).Subject.Ref
	bad, reason := desktest.ID("email=priya"), events.NewPlaintext("because")
	_, err := w.Desk.Footprint(ctx, ask("email=priya"))
	fault(t, "look-up", err, "identifier/value", "want an e-mail address")
	_, err = w.Desk.History(ctx, ask("email=priya"))
	fault(t, "timeline", err, "identifier/value", "want an e-mail address")
	_, err = w.Desk.Mark(ctx, desk.Decision{Caller: dpo, Identifier: bad, Shared: true, Reason: reason})
	fault(t, "mark", err, "identifier/value", "want an e-mail address")
	_, err = w.Desk.Merge(ctx, desk.Decision{Caller: dpo, IdentifierA: bad, B: ref, Reason: reason})
	fault(t, "merge", err, "identifier_a/value", "want an e-mail address")
	_, err = w.Desk.Split(ctx, desk.Decision{Caller: dpo, A: ref, IdentifierB: bad, Reason: reason})
	fault(t, "split", err, "identifier_b/value", "want an e-mail address")
}

// What has not happened or been recorded yet cannot be asked about.
func TestNoQuestionAboutTheFuture(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	for name, c := range map[string]struct {
		change     func(*desk.Query)
		part, text string
	}{
		"as of tomorrow": {func(q *desk.Query) { q.AsOf = events.InstantOf(w.Now.Add(24 * time.Hour)) }, "as_of", "a time that has not come"},
		"as known tomorrow": {func(q *desk.Query) { q.AsKnown.Time = events.InstantOf(w.Now.Add(time.Second)) }, "as_known",
			"a time that has not come"},
		"as known beyond the journal": {func(q *desk.Query) { q.AsKnown.Position = events.Position{Generation: 1, Seq: 15} }, "as_known",
			"the journal has come to 1-14-0"},
	} {
		q := ask("email=priya@example.org")
		c.change(&q)
		_, err := w.Desk.Footprint(ctx, q)
		fault(t, name, err, c.part, c.text)
		_, err = w.Desk.History(ctx, q)
		fault(t, name, err, c.part, c.text)
	}
	if p, _ := w.Audit.List(audit.Filter{}, -1, 0); len(p.Entries) != 0 {
		t.Errorf("%d looks were recorded", len(p.Entries))
	}
	q := ask("email=priya@example.org")
	q.AsOf, q.AsKnown.Position = events.InstantOf(w.Now), events.Position{Generation: 1, Seq: 14}
	footprint(t, w, q)
}

// Data that went out while no system said that it held it is told with who
// received it; what is held for another purpose is not that.
func TestDisclosuresWithoutHolding(t *testing.T) {
	w := desktest.New(t)
	me := []string{"platform.member=IC-1"}
	shared := func(activity, to events.Code, c events.Category) {
		w.Report(events.RecordShared, "platform", "2024-02-01", me, desktest.All(desktest.Codes(activity, "locum", c), func(e *events.Event) { e.Recipient.Code = to }))
	}
	w.Report(events.RecordStored, "platform", "2024-01-02", me, desktest.Codes("ic-a03", "locum", desktest.Cat("contact", "email")))
	shared("ic-a04", "gocardless", desktest.Cat("contact", "email"))
	f := footprint(t, w, ask("platform.member=IC-1"))
	if len(f.DisclosuresWithoutHolding) != 0 || f.DisclosuresWithoutHolding == nil || rules(f)["SHARED_NOT_STORED"] != 0 {
		t.Errorf("held for another purpose: %+v, %v", f.DisclosuresWithoutHolding, rules(f))
	}
	if d := f.Holdings[0].Disclosures; len(d) != 1 || d[0].ForActivity != "ic-a04" || f.Words["activity/ic-a04"] == "" {
		t.Errorf("disclosures of the holding: %+v", d)
	}
	shared("ic-a04", "gohighlevel", desktest.Cat("criminal_offences"))
	f = footprint(t, w, ask("platform.member=IC-1"))
	if len(f.DisclosuresWithoutHolding) != 1 || rules(f)["SHARED_NOT_STORED"] != 1 {
		t.Fatalf("not held: %+v, %v", f.DisclosuresWithoutHolding, rules(f))
	}
	d := f.DisclosuresWithoutHolding[0]
	if d.System != "platform" || d.Activity != "ic-a04" || d.Category != "criminal_offences" || !d.Criminal || d.Recipient != "gohighlevel" || d.Name == "" || d.Count != 1 {
		t.Errorf("it is told as %+v", d)
	}
}

func rules(f *events.Footprint) map[string]int {
	m := map[string]int{}
	for _, x := range f.Findings {
		m[x.Rule]++
	}
	return m
}

func unknownOf(f *events.Footprint, system, why string) *events.Unknown {
	i := slices.IndexFunc(f.Unknown, func(u events.Unknown) bool { return u.System == system && u.Why == why })
	if i < 0 {
		return nil
	}
	return &f.Unknown[i]
}

// A system's own word on where its reports begin counts, even where it sent
// something older; of several datasets the latest counts, and the last word of
// each.
func TestKnownFrom(t *testing.T) {
	w := desktest.New(t)
	stored := func() {
		w.Report(events.RecordStored, "platform", "2021-03-01", []string{"platform.member=IC-1"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	}
	said := func(when, since string, covers ...events.Code) {
		w.Report(events.SourceSynced, "platform", when, nil, func(e *events.Event) {
			s, _ := events.ParseDate(since)
			e.Through, e.Since, e.Covers = e.Time, events.InstantOf(s.Time()), covers
		})
	}
	from := func(want, dataset string) {
		t.Helper()
		u := unknownOf(footprint(t, w, ask("platform.member=IC-1")), "platform", "before")
		if u == nil || u.Since == nil || u.Since.Day().String() != want || (dataset != "") != strings.Contains(u.Detail, "dataset") || !strings.Contains(u.Detail, dataset) {
			t.Errorf("known from %+v, want %s %s", u, want, dataset)
		}
	}
	stored()
	from("2021-03-01", "")
	said("2025-03-01", "2022-01-01")
	from("2022-01-01", "")
	said("2025-03-02", "2023-01-01")
	from("2023-01-01", "") // the last word counts
	said("2025-03-03", "2024-01-01", "bookings")
	said("2025-03-04", "2022-06-01", "reviews")
	from("2024-01-01", "bookings")
	said("2025-03-05", "2020-01-01")
	from("2020-01-01", "") // everything includes the datasets
}

// C3: as known then, a system that had not reported had not reported, and what
// is counted as of now says so.
func TestUnknownAsKnownThen(t *testing.T) {
	w := desktest.New(t)
	w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=IC-1", "email=a@example.org"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	w.Report(events.RecordStored, "finance", "2023-01-02", []string{"finance.customer=F-1", "email=a@example.org"}, desktest.Codes("ic-a04", "locum", desktest.Cat("financial")))
	w.Report(events.RecordStored, "platform", "2024-01-03", []string{"platform.member=IC-1"}, desktest.Codes("ic-a03", "locum", desktest.Cat("contact")))
	q := ask("platform.member=IC-1")
	q.AsKnown = desk.AsKnown{Position: events.Position{Generation: 1, Seq: 1}}
	f := footprint(t, w, q)
	if unknownOf(f, "finance", "never_connected") == nil || unknownOf(f, "finance", "before") != nil {
		t.Errorf("finance before its first report: %+v", f.Unknown)
	}
	if u := unknownOf(f, "platform", "before"); u == nil || !strings.Contains(u.Detail, "since the moment asked about") {
		t.Errorf("platform: %+v", u)
	}
	q.AsKnown.Position.Seq = 2
	f = footprint(t, w, q)
	if u := unknownOf(f, "finance", "before"); u == nil || strings.Contains(u.Detail, "since the moment asked about") || unknownOf(f, "finance", "never_connected") != nil {
		t.Errorf("finance after its only report: %+v", u)
	}
}

// What was taken back stays in the timeline, and that it was taken back is a
// line of its own where it was recorded.
func TestTakingBackIsTold(t *testing.T) {
	w := desktest.New(t)
	me := []string{"platform.member=IC-1"}
	var told, taken events.EventID
	keep := func(at *events.EventID) func(*events.Event) {
		return func(e *events.Event) { e.ID = events.EventID{byte(len(me)), 9, byte(e.Kind)}; *at = e.ID }
	}
	w.Report(events.RecordStored, "platform", "2024-01-02", me, desktest.All(desktest.Codes("ic-a03", "locum", desktest.Cat("identity"), desktest.Cat("undeclared.ab")), keep(&told)))
	w.Report(events.RecordStored, "platform", "2024-01-03", me, desktest.Codes("ic-a03", "locum", desktest.Cat("contact")))
	takeBack := func(when string, id events.EventID, own events.EventID) {
		w.Report(events.EventRetracted, "platform", when, nil, func(e *events.Event) { e.Retracts, e.RetractsSource, e.ID = id, "platform", own })
	}
	taken = events.EventID{1}
	takeBack("2024-02-01", told, taken)
	h, err := w.Desk.History(ctx, ask("platform.member=IC-1"))
	if err != nil || len(h.Entries) != 3 {
		t.Fatalf("%d lines, %v", len(h.Entries), err)
	}
	last := h.Entries[2]
	want := "What was reported of 2 January 2024 was taken back: Booking platform stored identity and data of a kind that the catalogue does not name."
	if last.Event != "event.retracted" || last.Position != "1-3-0" || !strings.HasPrefix(last.Text, want) || !h.Entries[0].Retracted || last.Retracted {
		t.Errorf("taken back: %+v", last)
	}
	takeBack("2024-03-01", taken, events.EventID{2})
	h, err = w.Desk.History(ctx, ask("platform.member=IC-1"))
	if err != nil || len(h.Entries) != 4 || h.Entries[0].Retracted || !h.Entries[2].Retracted {
		t.Fatalf("%d lines, %v", len(h.Entries), err)
	}
	if last := h.Entries[3]; !strings.HasPrefix(last.Text, "What was reported of 2 January 2024 and had been taken back counts again: ") {
		t.Errorf("counts again: %+v", last)
	}
}

// After a split by hand, the reason for a contested address is that somebody
// said so.
func TestContestAfterASplit(t *testing.T) {
	w := desktest.New(t)
	w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=IC-1", "email=a@example.org"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	w.Report(events.RecordStored, "finance", "2024-01-02", []string{"finance.customer=F-1", "email=a@example.org"}, desktest.Codes("ic-a04", "locum", desktest.Cat("financial")))
	d := desk.Decision{Caller: dpo, IdentifierA: desktest.ID("platform.member=IC-1"), IdentifierB: desktest.ID("finance.customer=F-1"), Reason: events.NewPlaintext("two sisters")}
	if _, err := w.Desk.Split(ctx, d); err != nil {
		t.Fatal(err)
	}
	f := footprint(t, w, ask("platform.member=IC-1"))
	if len(f.Contested) != 1 || f.Contested[0].Why != "somebody here said that a customer of Finance (F-1) and a member of Booking platform (IC-1) are different people, so nothing is joined by this e-mail address" || !f.Contested[0].Decided {
		t.Errorf("contested: %+v", f.Contested)
	}
}
