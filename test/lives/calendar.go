package lives

import (
	"slices"
	"time"
)

func date(y int, m time.Month, d int) day { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// months moves a day on by calendar months: the same day of the month, or its last.
func months(d day, n int) day {
	first := date(d.Year(), d.Month()+time.Month(n), 1)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(d.Day(), last)-1)
}

// easter is Easter Sunday (the anonymous Gregorian computus).
func easter(y int) day {
	a, b, c := y%19, y/100, y%100
	d, e, f := b/4, b%4, (b+8)/25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return date(y, time.Month(n/31), n%31+1)
}

// free reports whether a day is a Saturday, a Sunday or a bank holiday in England.
func free(d day) bool {
	weekend := func(d day) bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }
	if weekend(d) {
		return true
	}
	y := d.Year()
	monday := func(from day) day {
		for from.Weekday() != time.Monday {
			from = from.AddDate(0, 0, 1)
		}
		return from
	}
	list := []day{easter(y).AddDate(0, 0, -2), easter(y).AddDate(0, 0, 1), monday(date(y, 5, 1)), monday(date(y, 5, 25)), monday(date(y, 8, 25))}
	// Those on a fixed day move to the next working day.
	for _, x := range []day{date(y, 1, 1), date(y, 12, 25), date(y, 12, 26)} {
		for weekend(x) || slices.ContainsFunc(list, x.Equal) {
			x = x.AddDate(0, 0, 1)
		}
		list = append(list, x)
	}
	return slices.ContainsFunc(list, d.Equal)
}

func (m *model) waitsForProof(q *request) bool { return !q.asked.IsZero() && q.proven.IsZero() }

// answerBy is the last day for a right (docs/deadlines.md); zero while the clock
// stands still.
func (m *model) answerBy(q *request, right string) day {
	due := m.period(q, right, 1)
	// An extension that was told after the first period is none for this right.
	if !q.extended.IsZero() && (due.IsZero() || !q.extended.After(due)) {
		return m.period(q, right, 3)
	}
	return due
}

// period counts so many months.
func (m *model) period(q *request, right string, n int) day {
	if m.waitsForProof(q) {
		return day{}
	}
	start := q.received
	if q.proven.After(start) {
		start = q.proven
	}
	due := months(start, n)
	if right == "access" {
		off := map[day]bool{}
		for _, p := range q.paused {
			if p.to.IsZero() {
				return day{}
			}
			for d := p.from; !d.After(p.to); d = d.AddDate(0, 0, 1) {
				if d.After(start) {
					off[d] = true
				}
			}
		}
		due = due.AddDate(0, 0, len(off))
	}
	for free(due) {
		due = due.AddDate(0, 0, 1)
	}
	return due
}

// late reports whether the last day of a request has passed: of the right that has
// to be answered first.
func (m *model) late(q *request) bool {
	for _, right := range q.rights {
		if d := m.answerBy(q, right); !d.IsZero() && m.today.After(d) {
			return true
		}
	}
	return false
}
