package desk

import (
	"errors"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	kept "github.com/habeas-data/habeas/projections/retention"
	"github.com/habeas-data/habeas/rights/retention"
)

// A dueCursor is the place of the walk where a page ended. It names codes, days
// and a handle, and nobody.
type dueCursor struct {
	end           events.Date // of the moment, by its lane
	code          events.Code
	period, round string
	at            kept.Moment
	scan          bool // the lanes are walked; the search among everybody has begun
}

func (c *dueCursor) lane() (retention.Lane, error) {
	l := retention.Lane{Code: c.code, Round: catalogue.Round(c.round)}
	err := l.Period.UnmarshalText([]byte(c.period))
	return l, err
}

func (c dueCursor) String() string {
	if c.scan {
		return "all~" + c.at.Handle.String()
	}
	return strings.Join([]string{c.end.String(), string(c.code), c.period, c.round, c.at.Day.String(), c.at.Handle.String()}, "~")
}

var errCursor = errors.New("want the next of an earlier page")

// parseCursor reads what String wrote; the empty text is the beginning.
func parseCursor(s string) (c dueCursor, err error) {
	if s == "" {
		return c, nil
	}
	part := strings.Split(s, "~")
	if len(part) == 2 && part[0] == "all" {
		if c.at.Handle, err = events.ParseHandle(part[1]); err != nil {
			return dueCursor{}, errCursor
		}
		c.scan = true
		return c, nil
	}
	if len(part) != 6 {
		return c, errCursor
	}
	var errs [5]error
	c.end, errs[0] = events.ParseDate(part[0])
	c.code, errs[1] = events.ParseCode(part[1])
	c.period, c.round = part[2], part[3]
	c.at.Day, errs[2] = events.ParseDate(part[4])
	c.at.Handle, errs[3] = events.ParseHandle(part[5])
	_, errs[4] = c.lane()
	if err := errors.Join(errs[:]...); err != nil || c.String() != s {
		return dueCursor{}, errCursor
	}
	return c, nil
}

var lastHandle = events.Handle{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// resume sets a lane behind what earlier pages told: everything that ends before
// the cursor, and of what ends with it the lanes that stand before its own.
func (c *dueCursor) resume(l *laneWalk) {
	if c.code == "" {
		return
	}
	own, err := c.lane()
	if err != nil {
		return
	}
	switch order := l.Lane.Compare(&own); {
	case order == 0:
		l.after = c.at
	case order < 0:
		l.after = kept.Moment{Day: l.Last(c.end), Handle: lastHandle}
	default:
		l.after = kept.Moment{Day: l.Last(c.end - 1), Handle: lastHandle}
	}
	if l.after.Day.IsZero() {
		l.after = kept.Moment{}
	}
}
