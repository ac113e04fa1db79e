package clock

import (
	"cmp"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A pause is a span in which the clock stands still. open: what was asked for has
// not come; its end is then the day it was asked, which only says whether it counts.
type pause struct {
	from, to events.Date
	open     bool
}

// A tally is one count of a period under one reading of the pauses.
type tally struct {
	base     events.Date // start and period alone
	excluded int         // days on which the clock stood still
	end      events.Date // base and excluded days
	due      events.Date // end, on a working day
	over     []string    // what the roll passed over
	known    bool        // the holidays are published for every day looked at
	counted  []pause
	late     []pause // asked for when the period was over already
}

// A counter counts periods for one rule, calendar and start.
type counter struct {
	rule  *Rule
	cal   *Calendar
	start events.Date
	stops []pause
}

// tally counts one period. whole is the statute's reading of a pause: its first
// and its last day do not count. Otherwise the last day does.
//
// The start is never counted, so it is never taken off either. Pauses that overlap
// take each day off once. A request for clarification made after the period, as it
// then stood, had run out stops nothing: there is no clock left to stop.
func (c *counter) tally(p Period, whole bool) tally {
	t := tally{known: true}
	t.base, t.known = c.add(p)
	t.settle(c, 0)
	through := c.start // the last day taken off, or the start
	for _, s := range c.stops {
		if s.from > t.due {
			t.late = append(t.late, s)
			continue
		}
		t.counted = append(t.counted, s)
		to := s.to
		if !whole {
			to--
		}
		if from := max(s.from, through+1); from <= to {
			t.settle(c, int(to-from)+1)
			through = to
		}
	}
	return t
}

// settle takes more days off and finds the last day again: the roll comes once, at
// the end, from the day that the count gives.
func (t *tally) settle(c *counter, more int) {
	t.excluded += more
	t.end = t.base + events.Date(t.excluded)
	t.due, t.over = t.end, nil
	if !c.rule.Rolls {
		return
	}
	t.due, t.over, t.known = c.cal.roll(t.end)
}

// add is the period from the start.
func (c *counter) add(p Period) (to events.Date, known bool) {
	switch {
	case p.Months > 0:
		return addMonths(c.start, p.Months), true
	case p.BusinessDays > 0:
		return c.cal.forward(c.start, p.BusinessDays)
	}
	return c.start + events.Date(p.Days), true
}

// pauses lists what can stop the clock, in the order it was asked for.
func pauses(f *Facts, r *Rule, s Settings) []pause {
	var list []pause
	put := func(asked, came events.Date) {
		list = append(list, pause{from: asked, to: max(asked, came), open: came.IsZero()})
	}
	if r.Pause {
		for _, c := range f.Clarifications {
			put(c.Asked, c.Answered)
		}
	}
	if f.Regime == EU && s.IdentityPauses && len(r.Starts) == 0 && r.Longer.given() && !f.IdentityAsked.IsZero() {
		put(f.IdentityAsked, f.Identity)
	}
	slices.SortStableFunc(list, func(a, b pause) int { return cmp.Compare(a.from, b.from) })
	return list
}

// begin finds the day that the period counts from, and what is still waited for.
func begin(f *Facts, r *Rule) (start events.Date, by Start, waits []Start) {
	start = f.Received
	for _, s := range r.Starts {
		asked, came := f.came(s)
		switch {
		case !came.IsZero():
			if came > start {
				start, by = came, s
			}
		case !asked.IsZero():
			waits = append(waits, s)
		}
	}
	return start, by, waits
}
