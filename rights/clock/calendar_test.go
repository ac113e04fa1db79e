package clock_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/rights/clock"
)

// TestShipped holds the shipped calendars against what is known of each year.
func TestShipped(t *testing.T) {
	set := clock.Shipped()
	if got := set.IDs(); !slices.Equal(got, []string{"england-wales", "eu", "northern-ireland", "scotland"}) {
		t.Fatalf("calendars %v", got)
	}
	usual := map[string]int{"england-wales": 8, "scotland": 9, "northern-ireland": 10, "eu": 5}
	extra := map[string]map[string]int{
		"2022": {"england-wales": 2, "scotland": 2, "northern-ireland": 2}, // the Jubilee, the State Funeral
		"2023": {"england-wales": 1, "scotland": 1, "northern-ireland": 1}, // the Coronation
		"2026": {"scotland": 1},                                            // the World Cup
	}
	for _, id := range set.IDs() {
		c, err := set.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		if c.Source == "" || c.Through.String() != "2028-12-31" {
			t.Errorf("%s: source %q, horizon %s", id, c.Source, c.Through)
		}
		years := map[string]int{}
		for _, d := range c.Days() {
			years[d.String()[:4]]++
			if w := d.Time().Weekday(); id != "eu" && (w == 0 || w == 6) {
				t.Errorf("%s: %s is on a weekend; its substitute counts", id, d)
			}
		}
		for y, n := range years {
			if want := usual[id] + extra[y][id]; n != want {
				t.Errorf("%s: %d days in %s, want %d", id, n, y, want)
			}
		}
		if len(years) != 11 {
			t.Errorf("%s: %d years", id, len(years))
		}
	}
	ew, _ := set.Get("england-wales")
	for _, d := range []string{"2024-12-25", "2024-12-26", "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28",
		"2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30", "2027-12-27", "2027-12-28", "2028-01-03"} {
		if _, ok := ew.Holiday(date(t, d)); !ok {
			t.Errorf("England and Wales: %s is missing", d)
		}
	}
}

const govuk = `{"england-and-wales":{"division":"england-and-wales","events":[
 {"title":"New Year’s Day","date":"2031-01-01","notes":"","bunting":true},
 {"title":"Good Friday","date":"2031-04-11","notes":"","bunting":false}]}}`

const ireland = `{"name":"Ireland","source":"Organisation of Working Time Act 1997","from":"2026-01-01","through":"2026-12-31",
 "days":[{"date":"2026-03-17","name":"St Patrick's Day"},{"date":"2026-04-06","name":"Easter Monday"}]}`

func own(t *testing.T, text string) *clock.Set {
	t.Helper()
	s, err := clock.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOwnCalendar(t *testing.T) {
	for name, c := range map[string]struct {
		file     string
		facts    clock.Facts
		due      string
		horizon  clock.Horizon
		calendar string
	}{
		"the form of gov.uk":      {govuk, clock.Facts{Regime: clock.UK, Right: clock.Access, Received: date(t, "2031-03-11")}, "2031-04-14", clock.HorizonOK, "England and Wales"},
		"it replaces the shipped": {govuk, clock.Facts{Regime: clock.UK, Right: clock.Access, Received: date(t, "2026-03-03")}, "2026-04-03", clock.HorizonOver, "England and Wales"},
		"a Member State":          {ireland, clock.Facts{Regime: clock.EU, Right: clock.Access, Received: date(t, "2026-02-17")}, "2026-03-18", clock.HorizonOK, "Ireland"},
		"past its horizon":        {ireland, clock.Facts{Regime: clock.EU, Right: clock.Access, Received: date(t, "2026-12-03")}, "2027-01-03", clock.HorizonOver, "Ireland"},
		"one more day":            {`{"adds_to":"england-wales","days":[{"date":"2026-07-20","name":"a day proclaimed"}]}`, clock.Facts{Regime: clock.UK, Right: clock.Access, Received: date(t, "2026-06-19")}, "2026-07-21", clock.HorizonOK, "England and Wales"},
		"and elsewhere none":      {`{"adds_to":"england-wales","days":[{"date":"2026-07-20","name":"a day proclaimed"}]}`, clock.Facts{Regime: clock.UK, Right: clock.Access, Nation: clock.Scotland, Received: date(t, "2026-06-19")}, "2026-07-20", clock.HorizonOK, "Scotland"},
		"of several": {`{"calendars":[{"id":"a","from":"2026-01-01","through":"2026-12-31","days":[{"date":"2026-04-10"}]},{"id":"b","from":"2026-01-01","through":"2026-12-31","days":[]}]}`,
			clock.Facts{Regime: clock.EU, Right: clock.Access, Nation: "a", Received: date(t, "2026-03-10")}, "2026-04-13", clock.HorizonOK, "a"},
		"business days": {`{"from":"2026-01-01","through":"2026-12-31","days":[{"date":"2026-03-31","name":"César Chávez Day"}]}`,
			clock.Facts{Regime: clock.CCPA, Right: clock.Marketing, Received: date(t, "2026-03-10")}, "2026-04-01", clock.HorizonOK, "the calendar given"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := clock.Deadline(c.facts, own(t, c.file), clock.Defaults)
			if err != nil {
				t.Fatal(err)
			}
			if a.Due.String() != c.due || a.Horizon != c.horizon || a.Calendar.Name != c.calendar {
				t.Errorf("due %s, horizon %s, calendar %q; want %s, %s, %q", a.Due, a.Horizon, a.Calendar.Name, c.due, c.horizon, c.calendar)
			}
			if a.No() != (c.horizon == clock.HorizonOver) {
				t.Errorf("No is %v", a.No())
			}
		})
	}
}

// TestCalendarMissing: no calendar of the place means no date, not another place's.
func TestCalendarMissing(t *testing.T) {
	for _, f := range []clock.Facts{
		{Regime: clock.UK, Right: clock.Access, Nation: clock.Scotland, Received: date(t, "2031-03-11")},
		{Regime: clock.EU, Right: clock.Access, Received: date(t, "2031-03-11")},
	} {
		if _, err := clock.Deadline(f, own(t, govuk), clock.Defaults); !errors.Is(err, clock.ErrCalendar) {
			t.Errorf("%s %s: %v", f.Regime, f.Nation, err)
		}
	}
}

// TestBadCalendars: what is not understood is refused with its place.
func TestBadCalendars(t *testing.T) {
	for text, want := range map[string]string{
		``:                           "JSON object",
		`[]`:                         "JSON object",
		`{}`:                         "empty",
		"{\n\"days\": [,]}":          "line 2",
		`{"wales":{"events":[]}}`:    "/wales is not known",
		`{"scotland":{"events":[]}}`: "/scotland/events is empty",
		`{"scotland":{"division":"scotland","events":[{"title":"x","date":"2031-02-30"}]}}`:           "YYYY-MM-DD",
		`{"scotland":{"division":"scotland","events":[{"title":"x"}]}}`:                               "/scotland/events/0/date",
		`{"scotland":{"division":"england-and-wales","events":[{"date":"2031-01-01"}]}}`:              "/scotland/division",
		`{"scotland":{"division":"scotland","events":[{"date":"2029-01-01"},{"date":"2031-01-01"}]}}`: "no day of 2030",
		`{"days":[]}`: "/through",
		`{"from":"2027-01-01","through":"2026-01-01","days":[]}`:                      "before",
		`{"from":"2026-01-01","through":"2026-12-31","days":[{"date":"2027-01-01"}]}`: "/days/0/date",
		`{"from":"2026-01-01","through":"2026-12-31","days":[{"name":"x"}]}`:          "/days/0/date",
		`{"from":"2026-01-01","through":"2026-12-31","day":[],"days":[]}`:             `unknown field "day"`,
		`{"from":"2026-01-01","from":"2027-01-01","through":"2026-12-31","days":[]}`:  "twice",
		`{"adds_to":"wales","days":[]}`:                                               "no shipped calendar",
		`{"adds_to":"scotland","through":"2040-12-31","days":[]}`:                     "leave out",
		`{"adds_to":"scotland","days":[{"date":"2031-01-01"}]}`:                       "/days/0/date",
		`{"calendars":[]}`: "/calendars is empty",
		`{"calendars":[{"from":"2026-01-01","through":"2026-12-31","days":[]}]}`:                                                                          "/calendars/0/id",
		`{"calendars":[{"id":"a","from":"2026-01-01","through":"2026-12-31","days":[]},{"id":"a","from":"2026-01-01","through":"2026-12-31","days":[]}]}`: "/calendars/1/id",
		"{\"days\":\"\xff\"}":                                       "UTF-8",
		strings.Repeat(" ", 1<<20) + "{}":                           "at most",
		strings.Repeat(`{"a":[`, 40) + "1":                          "deeply",
		`{"from":"2026-01-01","through":"2026-12-31","days":[]} {}`: "JSON object",
	} {
		_, err := clock.Load([]byte(text))
		if !errors.Is(err, clock.ErrCalendar) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v; want %q", text, err, want)
		}
	}
}

// FuzzLoad: no file breaks the reader, and what it takes it gives back unchanged.
func FuzzLoad(f *testing.F) {
	shipped, err := clock.Shipped().Encode()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{govuk, ireland, string(shipped[:400]), `{"adds_to":"eu","days":[{"date":"2026-07-20"}]}`, `{"calendars":[{"id":"a","from":"2026-01-01","through":"2026-12-31","days":[]}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := clock.Load(text)
		if err != nil {
			if !errors.Is(err, clock.ErrCalendar) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		once, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := clock.Load(once)
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		if twice, err := again.Encode(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s\n%s\n%v", once, twice, err)
		}
		for _, id := range append(s.IDs(), "england-wales") {
			a, err := clock.Deadline(clock.Facts{Regime: clock.EU, Nation: clock.Nation(id), Right: clock.Access, Received: 150000}, s, clock.Defaults)
			if err == nil && a.Due.Day <= a.Start.Day {
				t.Fatalf("%s: due %s", once, a.Due)
			}
		}
	})
}
