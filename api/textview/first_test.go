package textview_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

func written(t *testing.T, f *events.Footprint) string {
	t.Helper()
	var b bytes.Buffer
	if err := textview.Footprint(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What changes everything about how data may be used stands above what is held:
// death, age and capacity, objections (Article 21), restrictions (Article 18),
// what the person must not be told, and what is seriously wrong.
func TestWhatMattersStandsFirst(t *testing.T) {
	w, _ := setUp(t)
	me := []string{"platform.member=IC-9"}
	about := desktest.Codes("ic-a11", "locum", desktest.Cat("contact"))
	w.Report(events.RecordStored, "platform", "2024-01-02", me, about)
	for i, s := range []events.State{events.StateDeceased, events.StateMinor, events.StateLacksCapacity} {
		w.Report(events.PersonState, "platform", "2024-02-0"+string(rune('1'+i)), me, func(e *events.Event) { e.State = s })
	}
	w.Report(events.ObjectionMade, "platform", "2024-02-05", me, func(e *events.Event) { e.Flags |= events.DirectMarketing; e.Channels = []events.Code{"email"} })
	w.Report(events.RestrictionSet, "platform", "2024-02-06", me, func(e *events.Event) { e.Activity.Code, e.Ground = "ic-a11", "accuracy_contested" })
	w.Report(events.RecordUsed, "platform", "2024-03-01", me, desktest.All(about, func(e *events.Event) { e.Action, e.Channel = events.ActionSent, "email" }))
	w.Report(events.RecordShared, "platform", "2024-01-09", me, desktest.All(about, func(e *events.Event) { e.Recipient.Code, e.WithheldOn = "gocardless", "crime_prevention" }))
	f, err := w.Desk.Footprint(context.Background(), desk.Query{Caller: desktest.Caller("dpo"), Identifier: desktest.ID("platform.member=IC-9")})
	if err != nil {
		t.Fatal(err)
	}
	s := written(t, f)
	golden(t, "first.txt", []byte(s[:strings.Index(s, "BOOKING PLATFORM\n")]))
}

// The sides of a contested join are told apart, and the commands that decide it
// are named.
func TestContestedText(t *testing.T) {
	w, q := setUp(t)
	for _, m := range []string{"M-1", "M-2"} {
		w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=" + m, "email=desk@example.org"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	}
	q.Identifier = desktest.ID("platform.member=M-1")
	f, err := w.Desk.Footprint(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	s := written(t, f)
	golden(t, "contested.txt", []byte(s[:strings.Index(s, "BOOKING PLATFORM\n")]))
	q.Identifier = desktest.ID("email=desk@example.org")
	_, err = w.Desk.Footprint(context.Background(), q)
	var many *desk.Ambiguous
	if !errors.As(err, &many) {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := textview.Candidates(&b, many.Candidates, many.Contested, nil, many.Words); err != nil {
		t.Fatal(err)
	}
	golden(t, "contested_candidates.txt", b.Bytes())
}

// Codes that the catalogue does not know are said in words, wherever they stand:
// no digest of a code is shown.
func TestUndeclaredIsSaidInWords(t *testing.T) {
	w, q := setUp(t)
	me := []string{"platform.member=IC-9"}
	w.Report(events.RecordStored, "platform", "2024-01-02", me, desktest.All(desktest.Codes("undeclared.aa11", "undeclared.bb22", desktest.Cat("undeclared.cc33")),
		func(e *events.Event) { e.ObtainedFrom.Code = "undeclared.dd44" }))
	w.Report(events.RecordShared, "platform", "2024-01-03", me, desktest.All(desktest.Codes("undeclared.aa11", "undeclared.bb22", desktest.Cat("undeclared.cc33")),
		func(e *events.Event) { e.Recipient.Code = "undeclared.ee55" }))
	w.Report(events.MilestoneReached, "platform", "2024-01-04", me, func(e *events.Event) { e.Milestone, e.Date = "undeclared.ff66", 150000 })
	w.Report(events.ConsentGiven, "platform", "2024-01-05", me, func(e *events.Event) { e.Activity.Code = "undeclared.aa11" })
	q.Identifier = desktest.ID("platform.member=IC-9")
	f, err := w.Desk.Footprint(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	h, err := w.Desk.History(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := textview.History(&b, h); err != nil {
		t.Fatal(err)
	}
	s := written(t, f) + b.String()
	for _, code := range []string{"aa11", "bb22", "cc33", "dd44", "ee55", "ff66", "ndeclared", "[UND", "_CODE"} {
		if i := strings.Index(s, code); i >= 0 {
			t.Errorf("%q is shown: %s", code, s[max(0, i-80):min(len(s), i+80)])
		}
	}
	for _, want := range []string{"kind of person that the catalogue does not name", "milestone that the catalogue does not name", "a recipient that the catalogue does not name"} {
		if !strings.Contains(s, want) {
			t.Errorf("not said: %s", want)
		}
	}
}

// That much was reported late is said once for all the lines it holds for.
func TestLateIsSaidOnce(t *testing.T) {
	day := func(d int) events.Instant { return events.InstantOf(time.Date(2024, 3, d, 12, 0, 0, 0, time.UTC)) }
	late := events.InstantOf(time.Date(2024, 6, 1, 9, 0, 0, 0, time.UTC))
	var list []events.HistoryEntry
	for d, recorded := range []events.Instant{late, late, late, day(4), late, day(6)} {
		list = append(list, events.HistoryEntry{At: day(d + 1), Recorded: recorded, Text: "Something."})
	}
	list[1].Categories, list[1].Special, list[1].Criminal = []string{"health/allergies"}, true, true
	var got []string
	for _, d := range textview.NewNames(events.Glossary{"special/health": "special category: health"}, "").Days(list) {
		for _, l := range d.Lines {
			got = append(got, strings.TrimSpace(l.More())+" "+strings.Join(l.Marks, ", "))
		}
	}
	want := []string{"(this and the 2 lines after it: reported only on 1 June 2024) ", " special category: health, criminal record data", " ", " ", "(reported only on 1 June 2024) ", " "}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d: %q, want %q", i+1, got[i], want[i])
		}
	}
}
