package retention

import (
	"cmp"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A Lane is one way in which the catalogue counts: from what, for how long. What
// ends soonest stands first in a lane when its moments stand in the order of
// days, because a later moment never ends earlier.
type Lane struct {
	Code   events.Code
	Period catalogue.Period
	Round  catalogue.Round
	year   catalogue.MonthDay
}

// End is the day on which what happened on a day ends by the lane.
func (l *Lane) End(day events.Date) events.Date {
	if l.Round == catalogue.RoundFinancialYear && !l.year.IsZero() {
		day = l.year.Close(day)
	}
	return l.Period.AfterDate(day)
}

// Last is the last day whose end by the lane is not after a day; zero if there
// is none.
func (l *Lane) Last(end events.Date) events.Date {
	low, high := events.Date(0), end+1 // End(low) may be in time, End(high) is not
	for low+1 < high {
		if mid := low + (high-low)/2; l.End(mid) <= end {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// Counts reports whether a status was counted in the lane.
func (l *Lane) Counts(s *Status) bool {
	return l.Period == s.Period && l.Round == s.Round &&
		slices.ContainsFunc(s.Triggers, func(t catalogue.Trigger) bool { return t.Code == l.Code })
}

// Compare orders lanes, always in the same way.
func (l *Lane) Compare(o *Lane) int {
	return cmp.Or(cmp.Compare(l.Code, o.Code), cmp.Compare(l.Period.String(), o.Period.String()), cmp.Compare(l.Round, o.Round))
}

// Lanes lists every lane in which the catalogue in force, its decisions and the
// versions before it count, each once and in order. Whoever follows all of them
// finds every holding that has an end.
func (e *Engine) Lanes() []Lane {
	var out []Lane
	e.lanes(&out)
	for v := uint32(1); v < e.cat.Version(); v++ {
		if then := e.before(v); then != nil {
			then.lanes(&out)
		}
	}
	slices.SortFunc(out, func(a, b Lane) int { return a.Compare(&b) })
	return slices.CompactFunc(out, func(a, b Lane) bool { return a.Compare(&b) == 0 })
}

func (e *Engine) lanes(out *[]Lane) {
	r := reader{cat: e.cat}
	year, _ := r.yearEnd()
	add := func(act events.Code, x rule) {
		x = r.apply(act, x)
		if !x.period.Given() || x.minimum {
			return
		}
		for _, t := range x.triggers {
			*out = append(*out, Lane{Code: t.Code, Period: x.period, Round: x.round, year: year})
		}
	}
	acts := []events.Code{events.Undeclared}
	for i := range e.cat.Activities {
		a := &e.cat.Activities[i]
		acts = append(acts, a.ID)
		add(a.ID, e.named(a.Retention.Rule, &a.Retention.Term, a.ID))
		for j := range a.Retention.ByType {
			b := &a.Retention.ByType[j]
			add(a.ID, e.named(b.Rule, &b.Term, a.ID))
		}
	}
	for i := range e.cat.RetentionRules {
		x := e.general(&e.cat.RetentionRules[i])
		for _, act := range acts {
			add(act, x) // a decision for one activity may change a general rule there
		}
	}
}

// Terms says in one line what the rule of a holding is, so that two versions of
// a catalogue can be compared: the same line means the same rule.
func (s *Status) Terms() string {
	line := s.Rule + " " + string(s.Join) + " " + s.Period.String() + " " + string(s.Round) + " " + string(s.AtEnd)
	for _, t := range s.Triggers {
		line += " " + t.String()
	}
	return line
}
