package clock

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/habeas-data/habeas/events"
)

// A Calendar is the public holidays of one place, complete from its first day to
// its last. Outside of them it knows nothing and says so.
type Calendar struct {
	ID      string
	Name    string
	Source  string
	From    events.Date
	Through events.Date // the horizon
	days    map[events.Date]string
}

// Holiday names the public holiday that a day is.
func (c *Calendar) Holiday(d events.Date) (name string, ok bool) {
	if c == nil {
		return "", false
	}
	name, ok = c.days[d]
	return name, ok
}

// Covers reports whether the calendar is published for a day.
func (c *Calendar) Covers(d events.Date) bool { return d >= c.From && d <= c.Through }

// Days lists the holidays in order.
func (c *Calendar) Days() []events.Date {
	list := make([]events.Date, 0, len(c.days))
	for d := range c.days {
		list = append(list, d)
	}
	slices.Sort(list)
	return list
}

// free says why nobody works on a day, or "".
func (c *Calendar) free(d events.Date) string {
	if name, ok := c.Holiday(d); ok {
		return name
	}
	if weekend(d) {
		return "a " + d.Time().Weekday().String()
	}
	return ""
}

// roll moves to the next working day. It asks the calendar about every day it
// looks at; where one is not covered, ok is false and the day comes back unmoved.
func (c *Calendar) roll(d events.Date) (to events.Date, over []string, ok bool) {
	for to = d; ; to++ {
		if !c.Covers(to) {
			return d, nil, false
		}
		why := c.free(to)
		if why == "" {
			return to, over, true
		}
		over = append(over, fmt.Sprintf("%s is %s", short(to), why))
	}
}

// back goes n working days back. Outside of the calendar only weekends are known.
func (c *Calendar) back(d events.Date, n int) events.Date {
	for n > 0 {
		d--
		if c.free(d) == "" {
			n--
		}
	}
	return d
}

// forward counts n working days after a day; ok is false where a day that was
// looked at is not covered. A nil calendar knows weekends only.
func (c *Calendar) forward(d events.Date, n int) (to events.Date, ok bool) {
	ok = true
	for n > 0 {
		d++
		if c != nil && !c.Covers(d) {
			ok = false
		}
		if c.free(d) == "" {
			n--
		}
	}
	return d, ok
}

// A Set is the calendars one has: those shipped, or an organisation's own.
type Set struct {
	one  *Calendar            // an own calendar without a place serves every question
	byID map[string]*Calendar // otherwise by place
	own  bool
}

// IDs lists the places the set has a calendar for.
func (s *Set) IDs() []string {
	var ids []string
	for id := range s.byID {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Get finds the calendar of a place.
func (s *Set) Get(id string) (*Calendar, error) {
	if s.one != nil {
		return s.one, nil
	}
	if c := s.byID[id]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("%w: it has no days for %q; it has %s", ErrCalendar, id, strings.Join(s.IDs(), ", "))
}

//go:embed holidays.json
var holidays []byte

var shipped = sync.OnceValues(func() (*Set, error) {
	s, err := load(holidays, &Set{})
	if err == nil {
		s.own = false
	}
	return s, err
})

// Shipped is the set that comes with habeas: the bank holidays of England and
// Wales, of Scotland and of Northern Ireland, and the days that most Member States
// of the European Union share.
func Shipped() *Set {
	s, err := shipped()
	if err != nil {
		panic("clock: the shipped calendars: " + err.Error()) // TestShipped
	}
	return s
}
