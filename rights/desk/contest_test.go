package desk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

func date(t *testing.T, s string) events.Date {
	t.Helper()
	d, err := events.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// mailbox has two members and a customer behind one address.
func mailbox(w *desktest.World) {
	w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=M-1", "email=desk@example.org"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	w.Report(events.RecordStored, "platform", "2024-02-02", []string{"platform.member=M-2", "email=desk@example.org"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity"), desktest.Cat("contact")))
	w.Report(events.RecordStored, "finance", "2024-03-02", []string{"finance.customer=F-1", "email=desk@example.org"}, desktest.Codes("ic-a04", "locum", desktest.Cat("financial")))
}

// What conflicts is said with kinds and systems, and with identifiers for who
// may decide; they stand in what is recorded of the look (I7).
func TestContestSaysWhatConflicts(t *testing.T) {
	w := desktest.New(t)
	mailbox(w)
	f := footprint(t, w, ask("platform.member=M-1"))
	if len(f.Contested) != 1 {
		t.Fatalf("contested: %+v", f.Contested)
	}
	c := f.Contested[0]
	want := "two members of Booking platform (M-2 and M-1) share this e-mail address, and a customer of Finance (F-1) uses it too; one person would have only one number in each system"
	if swapped := strings.Replace(want, "M-2 and M-1", "M-1 and M-2", 1); c.Why != want && c.Why != swapped {
		t.Errorf("it says: %s", c.Why)
	}
	if c.Code != "conflict" || c.Decided || strings.Join(c.Decide, " ") != "mark merge split" || len(c.Between) != 3 {
		t.Errorf("contest: %+v", c)
	}
	for _, s := range c.Between {
		if s.Value == "M-2" && (s.Kind != "platform.member" || s.System != "platform" || s.Records != 2 || s.LastSeen != "2024-02" || s.Ref == "") {
			t.Errorf("the other member: %+v", s)
		}
	}
	q := ask("platform.member=M-1")
	q.Caller = desktest.Caller(access.Viewer)
	c = footprint(t, w, q).Contested[0]
	for _, s := range c.Between {
		if s.Value != "" {
			t.Errorf("a viewer sees %s", s.Value)
		}
	}
	if strings.Contains(c.Why, "M-2") || !strings.HasPrefix(c.Why, "two members of Booking platform share this e-mail address") {
		t.Errorf("to a viewer it says: %s", c.Why)
	}
	p, err := w.Audit.List(audit.Filter{}, -1, 0)
	if err != nil || len(p.Entries) != 2 {
		t.Fatal(p, err)
	}
	for i, want := range []int{3, 3} { // the viewer is shown something of all three too
		r, err := w.Desk.Reason(ctx, dpo, p.Entries[i].Entry.Note)
		if err != nil || r.Subjects != want {
			t.Errorf("look %d is recorded as being about %d handles, want %d: %v", i, r.Subjects, want, err)
		}
		// A6: the reason is about the one who was looked up and goes with them; the
		// other sides of a contested join do not keep it.
		about, err := desk.NoteAbout(w.Note(p.Entries[i].Entry.Note))
		if err != nil || len(about) != 1 || about[0].String() != f.Subject.Ref {
			t.Errorf("look %d: the note goes with %v, want %s: %v", i, about, f.Subject.Ref, err)
		}
	}
}

// Candidates are told apart by what they are and not by what is held.
func TestCandidatesAreToldApart(t *testing.T) {
	w := desktest.New(t)
	mailbox(w)
	_, err := w.Desk.Footprint(ctx, ask("email=desk@example.org"))
	var many *desk.Ambiguous
	if !errors.As(err, &many) || len(many.Candidates) != 3 || len(many.Contested) != 1 {
		t.Fatalf("%v", err)
	}
	got := map[string]bool{}
	for _, c := range many.Candidates {
		got[c.Kind+" "+c.System+" "+strings.Join(c.Systems, "+")+" "+strings.Join(c.SubjectTypes, "+")+" "+c.FirstSeen.Day().String()+" "+c.LastSeen+" "+string(rune('0'+c.Records))+" "+c.MatchedOn+" "+c.Confidence] = true
	}
	for _, want := range []string{
		"platform.member platform platform locum 2024-01-02 2024-01 1 email contested", "platform.member platform platform locum 2024-02-02 2024-02 2 email contested",
		"finance.customer finance finance locum 2024-03-02 2024-03 1 email contested",
	} {
		if !got[want] {
			t.Errorf("no candidate %q in %v", want, got)
		}
	}
	if many.Words["system/finance"] == "" || many.Words["subject_type/locum"] == "" {
		t.Errorf("words: %v", many.Words)
	}
}

// A mark by hand is a decision: the join stays suspended and nothing waits.
func TestMarkedIsDecided(t *testing.T) {
	w := desktest.New(t)
	mailbox(w)
	if _, err := w.Desk.Mark(ctx, desk.Decision{Caller: dpo, Identifier: desktest.ID("email=desk@example.org"), Shared: true, Reason: events.NewPlaintext("a reception")}); err != nil {
		t.Fatal(err)
	}
	f := footprint(t, w, ask("platform.member=M-1"))
	if len(f.Contested) != 1 || !f.Contested[0].Decided || f.Contested[0].Code != "marked_shared" || strings.Join(f.Contested[0].Decide, " ") != "unmark" {
		t.Errorf("contested: %+v", f.Contested)
	}
}

// A day stands for its end where the organisation is; today has not ended and
// means now.
func TestDaysOfAQuestion(t *testing.T) {
	w := desktest.New(t)
	var err error
	if w.Zone, err = time.LoadLocation("Europe/London"); err != nil {
		t.Fatal(err)
	}
	w.Open()
	stored := func(when string, c events.Code) {
		w.Report(events.RecordStored, "platform", when, []string{"platform.member=M-1"}, desktest.Codes("ic-a03", "locum", desktest.Cat(c)))
	}
	stored("2024-07-01T22:59:59Z", "identity") // 23:59:59 in London
	stored("2024-07-01T23:00:00Z", "contact")  // the next day there
	for day, want := range map[string]int{"2024-06-30": 0, "2024-07-01": 1, "2024-07-02": 2, "2025-03-24": 2} {
		q := ask("platform.member=M-1")
		if q.AsOf, q.AsOfDay, err = desk.ParseAsOf(day); err != nil {
			t.Fatal(err)
		}
		if f := footprint(t, w, q); len(f.Holdings) != want {
			t.Errorf("%s: %d holdings, want %d; as of %s", day, len(f.Holdings), want, f.AsOf.Time)
		}
	}
	q := ask("platform.member=M-1")
	q.AsOfDay = date(t, "2025-03-25")
	_, err = w.Desk.Footprint(ctx, q)
	fault(t, "tomorrow", err, "as_of", "a day that has not come")
	q = ask("platform.member=M-1")
	q.AsKnown.Day = date(t, "2025-03-25")
	_, err = w.Desk.Footprint(ctx, q)
	fault(t, "known tomorrow", err, "as_known", "a day that has not come")
	q.AsKnown.Day = date(t, "2025-03-24")
	if f := footprint(t, w, q); f.AsOf.AsKnown != events.InstantOf(w.Now).String() {
		t.Errorf("known today: %q", f.AsOf.AsKnown)
	}
}

// Both forms are named where neither is understood.
func TestParseMoments(t *testing.T) {
	for text, want := range map[string]string{"2024-07-01": "2024-07-01", "2024-07-01T10:00:00Z": "2024-07-01T10:00:00Z", "1-42-0": "1-42-0", "2024-10-11": "2024-10-11", "": ""} {
		a, err := desk.ParseAsKnown(text)
		if err != nil || (text != "" && a.String() != want) {
			t.Errorf("%q reads as %s, %v", text, a, err)
		}
	}
	if a, _ := desk.ParseAsKnown("2024-10-11"); a.Day.IsZero() {
		t.Error("what could be a day is a position")
	}
	for _, text := range []string{"soon", "2024-02-30", "01.03.2026", "1-42"} {
		_, _, err := desk.ParseAsOf(text)
		fault(t, text, err, "as_of", "want a day such as 2025-03-14 or an RFC 3339 time such as 2025-03-14T09:26:53Z")
		_, err = desk.ParseAsKnown(text)
		fault(t, text, err, "as_known", "want a day such as 2025-03-14, an RFC 3339 time such as 2025-03-14T09:26:53Z, or a position such as 1-42-0")
	}
}
