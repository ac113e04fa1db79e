package catalogue

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A Period is a length of time in calendar units, as ISO 8601 writes it: P7Y,
// P6M, P2W, P30D, PT12H, P0D. The zero Period is "none given", which is not P0D.
type Period struct {
	Years, Months, Days, Hours int
	set                        bool
}

// maxPeriodUnit keeps dates inside the calendar whatever a catalogue says.
const maxPeriodUnit = 9999

// ParsePeriod reads an ISO 8601 period of whole years, months, weeks, days and
// hours, each at most once and in that order.
func ParsePeriod(s string) (Period, error) {
	bad := fmt.Errorf("want an ISO 8601 period, such as P7Y, P6M, P30D or P0D")
	rest, ok := strings.CutPrefix(s, "P")
	if !ok || rest == "" {
		return Period{}, bad
	}
	p := Period{set: true}
	date, clock, timed := strings.Cut(rest, "T")
	if timed && clock == "" {
		return Period{}, bad
	}
	var weeks int
	date = takeUnit(date, 'Y', &p.Years)
	date = takeUnit(date, 'M', &p.Months)
	date = takeUnit(date, 'W', &weeks)
	date = takeUnit(date, 'D', &p.Days)
	clock = takeUnit(clock, 'H', &p.Hours)
	if date != "" || clock != "" {
		return Period{}, bad
	}
	p.Days += 7 * weeks
	if p.Days > maxPeriodUnit {
		return Period{}, bad
	}
	return p, nil
}

// takeUnit cuts "<number><unit>" from the front of s, or leaves s as it is.
func takeUnit(s string, unit byte, n *int) string {
	i := strings.IndexByte(s, unit)
	if i <= 0 || i > 4 {
		return s
	}
	v, err := strconv.ParseUint(s[:i], 10, 16)
	if err != nil || v > maxPeriodUnit {
		return s
	}
	*n = int(v)
	return s[i+1:]
}

// Given reports whether there is a period at all.
func (p Period) Given() bool { return p.set }

// IsZero serves omitzero: nothing given.
func (p Period) IsZero() bool { return !p.set }

// Immediate reports whether the period is given and of no length.
func (p Period) Immediate() bool { return p == Period{set: true} }

// After returns t moved on by the period. Years and months keep the day of the
// month, or its last day where the month is shorter: 29 February 2024 and one
// year is 28 February 2025.
func (p Period) After(t time.Time) time.Time {
	y, m, d := t.Date()
	first := time.Date(y+p.Years, m+time.Month(p.Months), 1, 0, 0, 0, 0, t.Location())
	last := first.AddDate(0, 1, -1).Day()
	h, mi, s := t.Clock()
	at := time.Date(first.Year(), first.Month(), min(d, last), h, mi, s, t.Nanosecond(), t.Location())
	return at.AddDate(0, 0, p.Days).Add(time.Duration(p.Hours) * time.Hour)
}

// AfterDate returns the day d moved on by the period, hours left out.
func (p Period) AfterDate(d events.Date) events.Date {
	p.Hours = 0
	return events.DateOf(p.After(d.Time()))
}

func (p Period) String() string {
	if !p.set {
		return ""
	}
	var b strings.Builder
	b.WriteByte('P')
	for _, u := range []struct {
		n    int
		unit byte
	}{{p.Years, 'Y'}, {p.Months, 'M'}, {p.Days, 'D'}} {
		if u.n > 0 {
			fmt.Fprintf(&b, "%d%c", u.n, u.unit)
		}
	}
	if p.Hours > 0 {
		fmt.Fprintf(&b, "T%dH", p.Hours)
	}
	if b.Len() == 1 {
		b.WriteString("0D")
	}
	return b.String()
}

// MarshalText writes the period as ISO 8601.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads an ISO 8601 period.
func (p *Period) UnmarshalText(b []byte) error {
	v, err := ParsePeriod(string(b))
	if err != nil {
		return err
	}
	*p = v
	return nil
}

// Plain says the period in words: "7 years", "1 month", "at once".
func (p Period) Plain() string {
	if !p.set {
		return "no period stated"
	}
	var parts []string
	add := func(n int, unit string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+unit)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n, unit))
		}
	}
	add(p.Years, "year")
	add(p.Months, "month")
	add(p.Days, "day")
	add(p.Hours, "hour")
	if len(parts) == 0 {
		return "at once"
	}
	if len(parts) == 1 {
		return parts[0]
	}
	n := len(parts) - 1
	return strings.Join(parts[:n], ", ") + " and " + parts[n]
}
