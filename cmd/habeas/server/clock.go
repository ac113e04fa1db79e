package server

import (
	"sync/atomic"
	"time"
)

// A clock is the time of day, or under --test-clock the end of a day that a
// script set, which goes forward only.
type clock struct {
	test bool
	day  atomic.Pointer[time.Time] // nil: not set yet
}

func newClock(test bool) *clock { return &clock{test: test} }

func (c *clock) now() time.Time {
	if t := c.day.Load(); t != nil {
		return *t
	}
	return time.Now()
}

// london is where a day ends for the shipped catalogues; without the zone's
// data it is UTC.
func london() *time.Location {
	z, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.UTC
	}
	return z
}
