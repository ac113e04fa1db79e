package cases

import (
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
)

// A Clock is that of one right of a case.
type Clock struct {
	Right    catalogue.RightKind
	Standing *clock.Standing
	Answered events.Date
}

// Clocks tells each right's clock, as it stands on a day. A right for which the
// regime sets no clock is left out.
func (c *Case) Clocks(on events.Date, calendars *clock.Set, s clock.Settings) ([]Clock, error) {
	var out []Clock
	for i, r := range c.Opening.Rights {
		st, err := c.ledgers[i].On(on, calendars, s)
		if errors.Is(err, clock.ErrNoClock) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("tell the clock of %s: %w", r, err)
		}
		out = append(out, Clock{Right: r, Standing: st, Answered: c.answered[r]})
	}
	return out, nil
}

// Ledger is what happened to the clock of a right; nil if the case is not about it.
func (c *Case) Ledger(r catalogue.RightKind) *clock.Ledger {
	for i, x := range c.Opening.Rights {
		if x == r {
			l := c.ledgers[i]
			return &l
		}
	}
	return nil
}

// A Due is by when a case is owed an answer: the earliest day of the clocks that
// run. It has no day while every clock waits or stands still, and none once the
// case was answered or has ended.
type Due struct {
	Right        catalogue.RightKind // whose clock it is
	Day          events.Date         // the last day that the law gives
	Conservative events.Date         // the same by the shorter count of a pause
	Target       events.Date         // the day to aim for
	NoticeBy     events.Date         // the last day to tell of an extension
	// Promised is what the notice says, where the caller knows it: it binds nobody
	// but the organisation, and is shown beside the day of the law.
	Promised events.Date
	Stand    clock.Stand
	Waits    bool // a clock of the case waits or stands still
}

// Due works out by when the case is owed an answer, as of a day. promised gives
// the period that the notice speaks of for a right, and may be nil.
func (c *Case) Due(on events.Date, calendars *clock.Set, s clock.Settings, promised func(catalogue.RightKind) catalogue.Period) (Due, error) {
	var out Due
	if c.Over() {
		return out, nil
	}
	list, err := c.Clocks(max(on, c.Opening.Received), calendars, s)
	if err != nil {
		return out, err
	}
	for _, k := range list {
		if !k.Answered.IsZero() {
			continue
		}
		a := k.Standing.Answer
		if promised != nil {
			if p := promised(k.Right); p.Given() {
				out.Promised = earlier(out.Promised, p.AfterDate(c.Opening.Received))
			}
		}
		if a.Status != clock.Dated {
			out.Waits = true
			continue
		}
		if day := dayOf(a.Due); out.Day.IsZero() || day < out.Day {
			out.Right, out.Day, out.Stand = k.Right, day, k.Standing.Stand
			out.Conservative, out.Target, out.NoticeBy = dayOf(a.Conservative), dayOf(a.Target), dayOf(a.NoticeBy)
		}
	}
	return out, nil
}

func earlier(a, b events.Date) events.Date {
	if a.IsZero() {
		return b
	}
	return min(a, b)
}

func dayOf(m clock.Moment) events.Date {
	if m.Day.IsZero() && !m.At.IsZero() {
		return events.DateOf(m.At)
	}
	return m.Day
}
