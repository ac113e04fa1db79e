package clock_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/rights/clock"
)

var update = flag.Bool("update", false, "write the goldens again")

func span(t *testing.T, from, to string) clock.Span {
	t.Helper()
	s := clock.Span{Asked: date(t, from)}
	if to != "" {
		s.Answered = date(t, to)
	}
	return s
}

func codes(list []clock.Remark) (out []clock.Code) {
	for _, r := range list {
		out = append(out, r.Code)
	}
	return out
}

// TestRemarks: what has no effect, and what does not stand, is said with a code.
func TestRemarks(t *testing.T) {
	uk := clock.Facts{Regime: clock.UK, Right: clock.Access, Received: date(t, "2026-06-08")}
	with := func(f clock.Facts, change func(*clock.Facts)) clock.Facts { change(&f); return f }
	for name, c := range map[string]struct {
		facts   clock.Facts
		warns   clock.Code
		refuses clock.Code
		due     string
	}{
		"told of the extension after the first month": {with(uk, func(f *clock.Facts) { f.ExtensionNotified = date(t, "2026-07-09") }), "", clock.ExtensionTooLate, "2026-07-08"},
		"told on its last day":                        {with(uk, func(f *clock.Facts) { f.ExtensionNotified = date(t, "2026-07-08") }), "", "", "2026-09-08"},
		"told between the two readings": {with(uk, func(f *clock.Facts) {
			f.Clarifications, f.ExtensionNotified = []clock.Span{span(t, "2026-06-10", "2026-06-15")}, date(t, "2026-07-14")
		}), clock.NoticeBetween, "", "2026-09-14"},
		"no extension of a complaint": {with(uk, func(f *clock.Facts) { f.Right, f.Extended, f.Received = clock.Complaint, true, date(t, "2026-06-22") }), "", clock.ExtensionUnknown, "2026-07-22"},
		"no pause but of access": {with(uk, func(f *clock.Facts) {
			f.Right, f.Clarifications = clock.Erasure, []clock.Span{span(t, "2026-06-10", "")}
		}), clock.PauseNotInLaw, "", "2026-07-08"},
		"a question after the last day": {with(uk, func(f *clock.Facts) { f.Clarifications = []clock.Span{span(t, "2026-07-09", "")} }), clock.PauseTooLate, "", "2026-07-08"},
		"before the article": {with(uk, func(f *clock.Facts) {
			f.Received, f.Clarifications = date(t, "2026-02-04"), []clock.Span{span(t, "2026-02-06", "2026-02-06")}
		}), clock.PauseUnsettled, "", "2026-03-05"},
		"a complaint before the section":    {with(uk, func(f *clock.Facts) { f.Right, f.Received = clock.Complaint, date(t, "2026-06-18") }), clock.NotInForce, "", "2026-07-20"},
		"the Union does not wait for proof": {with(uk, func(f *clock.Facts) { f.Regime, f.Identity = clock.EU, date(t, "2026-06-20") }), clock.StartNotMoved, "", "2026-07-08"},
		"nor while it is outstanding":       {with(uk, func(f *clock.Facts) { f.Regime, f.IdentityAsked = clock.EU, date(t, "2026-06-20") }), clock.StartNotMoved, "", "2026-07-08"},
		"a complaint does not wait for it": {with(uk, func(f *clock.Facts) {
			f.Right, f.Received, f.Identity = clock.Complaint, date(t, "2026-06-22"), date(t, "2026-07-01")
		}), clock.StartNotMoved, "", "2026-07-22"},
		"another place's holidays":           {with(uk, func(f *clock.Facts) { f.Regime, f.Nation = clock.EU, clock.Scotland }), clock.CalendarForeign, "", "2026-07-08"},
		"a day that not every State keeps":   {with(uk, func(f *clock.Facts) { f.Regime, f.Received = clock.EU, date(t, "2026-03-06") }), clock.CalendarAssumed, "", "2026-04-07"},
		"weekdays for want of a calendar":    {with(uk, func(f *clock.Facts) { f.Regime, f.Right = clock.CCPA, clock.Erasure }), clock.HolidaysNotCounted, "", "2026-07-23"},
		"past the published holidays":        {with(uk, func(f *clock.Facts) { f.Received = date(t, "2029-06-08") }), clock.HorizonExceeded, "", "2029-07-08"},
		"before the first published holiday": {with(uk, func(f *clock.Facts) { f.Received = date(t, "2017-06-08") }), clock.HorizonExceeded, "", "2017-07-08"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := clock.Deadline(c.facts, clock.Shipped(), clock.Defaults)
			if err != nil {
				t.Fatal(err)
			}
			if a.Due.String() != c.due {
				t.Errorf("due %s, want %s", a.Due, c.due)
			}
			if c.warns != "" && !slices.Contains(codes(a.Warnings), c.warns) {
				t.Errorf("warnings %v, want %s", a.Warnings, c.warns)
			}
			if c.warns == "" && len(a.Warnings) > 0 {
				t.Errorf("warnings %v", a.Warnings)
			}
			if (c.refuses != "") != (len(a.Refused) == 1 && a.Refused[0].Code == c.refuses) {
				t.Errorf("refused %v, want %s", a.Refused, c.refuses)
			}
			if a.No() != (c.refuses != "" || c.warns == clock.HorizonExceeded) {
				t.Errorf("No is %v", a.No())
			}
		})
	}
}

// TestOutstanding: what has been asked for and has not come holds the clock only
// where the law lets it, and then there is no last day.
func TestOutstanding(t *testing.T) {
	f := clock.Facts{Regime: clock.UK, Right: clock.Access, Received: date(t, "2026-06-08"), On: date(t, "2026-06-15")}
	paused := f
	paused.Clarifications = []clock.Span{span(t, "2026-06-10", "")}
	waiting := f
	waiting.IdentityAsked = date(t, "2026-06-09")
	for name, c := range map[string]struct {
		facts         clock.Facts
		status        clock.Status
		waits, wouldB string
		left          int
	}{
		"clarification": {paused, clock.Paused, "clarification", "2026-07-14", 29},
		"identity":      {waiting, clock.Waiting, "identity", "2026-07-15", 30},
	} {
		a, err := clock.Deadline(c.facts, clock.Shipped(), clock.Defaults)
		if err != nil {
			t.Fatal(err)
		}
		if a.Status != c.status || !a.Due.IsZero() || !a.NoticeBy.IsZero() || !a.Target.IsZero() || strings.Join(a.WaitsFor, " ") != c.waits {
			t.Errorf("%s: %+v", name, a)
		}
		if a.IfCame == nil || a.IfCame.Due.String() != c.wouldB || a.IfCame.DaysLeft != c.left {
			t.Errorf("%s: if it came: %+v, want %s", name, a.IfCame, c.wouldB)
		}
		if got := asJSON(t, a); got["due"] != nil || got["target"] != nil {
			t.Errorf("%s: an unknown day is written as %v", name, got["due"])
		}
		c.facts.On = 0
		if a, err = clock.Deadline(c.facts, clock.Shipped(), clock.Defaults); err != nil || a.IfCame != nil {
			t.Errorf("%s: without a day of the question: %+v, %v", name, a, err)
		}
	}
	// The Union: only where the organisation chose so, and from the day it asked.
	waiting.Regime = clock.EU
	a, err := clock.Deadline(waiting, clock.Shipped(), clock.Settings{Margin: 2, IdentityPauses: true})
	if err != nil || a.Status != clock.Paused || a.IfCame.Due.String() != "2026-07-15" || strings.Join(a.WaitsFor, "") != "identity" {
		t.Errorf("%+v %v", a, err)
	}
	// A notice of extension while the clock stands still is in time.
	paused.ExtensionNotified = date(t, "2026-08-01")
	paused.On = date(t, "2026-08-03")
	if a, err = clock.Deadline(paused, clock.Shipped(), clock.Defaults); err != nil || len(a.Refused) != 0 || a.IfCame.Due.String() != "2026-11-02" {
		t.Errorf("%+v %v", a, err)
	}
}

// TestHours: 72 hours are 72 hours, through the night in which the clocks change
// as well (Article 33(1); no roll for periods in hours).
func TestHours(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for aware, want := range map[string][2]string{
		"2026-03-27T22:10": {"2026-03-31T00:00:00+01:00", "2026-03-30T23:10:00+01:00"}, // summer time begins on the 29th
		"2026-10-23T22:10": {"2026-10-26T22:00:00Z", "2026-10-26T21:10:00Z"},           // and ends on the 25th of October
		"2026-06-05T16:00": {"2026-06-08T17:00:00+01:00", "2026-06-08T16:00:00+01:00"}, // the hour that begins then
	} {
		at, err := time.ParseInLocation("2006-01-02T15:04", aware, london)
		if err != nil {
			t.Fatal(err)
		}
		a, err := clock.Deadline(clock.Facts{Regime: clock.UK, Right: clock.Breach, Aware: at}, clock.Shipped(), clock.Defaults)
		if err != nil {
			t.Fatal(err)
		}
		if a.Due.String() != want[0] || a.Target.String() != want[1] || a.Conservative != a.Target || a.Calendar != nil {
			t.Errorf("%s: due %s, target %s; want %v", aware, a.Due, a.Target, want)
		}
	}
	if _, err := clock.Deadline(clock.Facts{Regime: clock.UK, Right: clock.Breach, Received: date(t, "2026-06-05")}, clock.Shipped(), clock.Defaults); !errors.Is(err, clock.ErrFacts) {
		t.Errorf("no moment: %v", err)
	}
}

// TestNoClock: a regime that sets no period gives no date and says where to turn.
func TestNoClock(t *testing.T) {
	for _, c := range []struct {
		regime clock.Regime
		right  clock.Right
		says   string
	}{
		{clock.EU, clock.Complaint, "Article 77"}, {clock.CCPA, clock.Breach, "1798.82"}, {clock.LGPD, clock.Erasure, "no period in days"},
	} {
		_, err := clock.Deadline(clock.Facts{Regime: c.regime, Right: c.right, Received: date(t, "2026-06-08")}, clock.Shipped(), clock.Defaults)
		if !errors.Is(err, clock.ErrNoClock) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s: %v", c.regime, c.right, err)
		}
	}
}

func TestContradictions(t *testing.T) {
	f := clock.Facts{Regime: clock.UK, Right: clock.Access, Received: date(t, "2026-06-08")}
	for name, change := range map[string]func(*clock.Facts){
		"no receipt":                         func(f *clock.Facts) { f.Received = 0 },
		"a receipt of another age":           func(f *clock.Facts) { f.Received = date(t, "1605-11-05") },
		"a receipt beyond what can be dated": func(f *clock.Facts) { f.Received = date(t, "9999-12-31") },
		"asked before it was received":       func(f *clock.Facts) { f.Clarifications = []clock.Span{span(t, "2026-06-07", "2026-06-09")} },
		"answered before it was asked":       func(f *clock.Facts) { f.Clarifications = []clock.Span{span(t, "2026-06-10", "2026-06-09")} },
		"proof before it was asked for":      func(f *clock.Facts) { f.IdentityAsked, f.Identity = date(t, "2026-06-10"), date(t, "2026-06-09") },
		"proof asked for before the receipt": func(f *clock.Facts) { f.IdentityAsked = date(t, "2026-06-01") },
		"told before the receipt":            func(f *clock.Facts) { f.ExtensionNotified = date(t, "2026-06-01") },
		"a question about the time before":   func(f *clock.Facts) { f.On = date(t, "2026-06-01") },
		"a nation that is none":              func(f *clock.Facts) { f.Nation = "wales" },
	} {
		g := f
		change(&g)
		if a, err := clock.Deadline(g, clock.Shipped(), clock.Defaults); !errors.Is(err, clock.ErrFacts) {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
	if _, err := clock.Deadline(f, clock.Shipped(), clock.Settings{Margin: -1}); !errors.Is(err, clock.ErrFacts) {
		t.Errorf("a negative margin: %v", err)
	}
}

// TestRules: every row can be reached and says where it stands.
func TestRules(t *testing.T) {
	ids := map[string]bool{}
	for i := range clock.Rules {
		r := &clock.Rules[i]
		if ids[r.ID] || r.Law == "" || r.From.IsZero() || r.Period == (clock.Period{}) || len(r.Rights) == 0 {
			t.Errorf("row %q is not whole", r.ID)
		}
		ids[r.ID] = true
		if _, err := time.LoadLocation(r.Zone); err != nil || r.Zone == "" {
			t.Errorf("%s: zone %q: %v", r.ID, r.Zone, err)
		}
		for _, right := range r.Rights {
			if got, early, err := clock.RuleFor(r.Regime, right, r.From); err != nil || early || got != r {
				t.Errorf("%s %s on %s: row %v, %v", r.Regime, right, r.From, got, err)
			}
		}
	}
	before, _, _ := clock.RuleFor(clock.UK, clock.Access, date(t, "2026-02-04"))
	after, _, _ := clock.RuleFor(clock.UK, clock.Access, date(t, "2026-02-05"))
	if before.ID != "uk.access.before-12A" || after.ID != "uk.access" {
		t.Errorf("around 5 February 2026: %s, %s", before.ID, after.ID)
	}
	for _, right := range clock.Rights {
		if _, _, err := clock.RuleFor(clock.UK, right, date(t, "2026-07-01")); err != nil {
			t.Errorf("the United Kingdom: %v", err)
		}
	}
}

// TestGolden: the shape that scripts rely on.
func TestGolden(t *testing.T) {
	on := date(t, "2026-06-15")
	aware := time.Date(2026, 6, 5, 15, 30, 0, 0, time.UTC)
	for name, f := range map[string]clock.Facts{
		"dated":    {Regime: clock.UK, Right: clock.Access, Received: date(t, "2026-03-20"), Clarifications: []clock.Span{span(t, "2026-04-01", "2026-04-04")}},
		"extended": {Regime: clock.UK, Right: clock.Access, Nation: clock.Scotland, Received: date(t, "2026-06-08"), Identity: date(t, "2026-06-10"), ExtensionNotified: date(t, "2026-07-01"), On: on},
		"refused":  {Regime: clock.UK, Right: clock.Erasure, Received: date(t, "2026-06-08"), ExtensionNotified: date(t, "2026-07-09")},
		"paused":   {Regime: clock.UK, Right: clock.Access, Received: date(t, "2026-06-08"), Clarifications: []clock.Span{span(t, "2026-06-10", "")}, On: on},
		"waiting":  {Regime: clock.UK, Right: clock.Portability, Received: date(t, "2026-06-08"), IdentityAsked: date(t, "2026-06-09"), On: on},
		"horizon":  {Regime: clock.UK, Right: clock.Access, Received: date(t, "2029-06-08")},
		"union":    {Regime: clock.EU, Right: clock.Access, Received: date(t, "2026-03-05")},
		"breach":   {Regime: clock.UK, Right: clock.Breach, Aware: aware},
		"ccpa":     {Regime: clock.CCPA, Right: clock.Erasure, Received: date(t, "2026-03-10"), Extended: true},
		"lgpd":     {Regime: clock.LGPD, Right: clock.Access, Received: date(t, "2026-03-10")},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := clock.Deadline(f, clock.Shipped(), clock.Defaults)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.MarshalIndent(a, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, '\n')
			file := filepath.Join("testdata", "golden", name+".json")
			if *update {
				if err := os.WriteFile(file, text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(text) != string(want) {
				t.Errorf("%s differs; it is\n%s", file, text)
			}
		})
	}
}
