package journaltest

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/habeas-data/habeas/events"
)

// Event returns the n-th of a row of different, plausible events.
func Event(n int) *events.Event {
	e := &events.Event{
		ID: eventID(n), Kind: events.RecordStored, Source: "crm", Flags: events.Anchored,
		Time:     events.InstantOf(time.Date(2025, 1, 1, 0, 0, n%100_000, 0, time.UTC)),
		Subject:  []events.Ref{{Handle: handle(n / 3), Kind: "email"}, {Handle: handle(n/3 + 1<<30), Kind: "crm.customer"}},
		Activity: events.Activity{Code: activities[n%len(activities)]}, Dataset: "contacts",
		Categories: []events.Category{{Code: "contact-details", Element: "email"}, {Code: "identity"}},
		Provenance: 1, SubjectType: "client",
	}
	if n%4 == 1 {
		e.Kind, e.Provenance = events.RecordUsed, 0
	}
	return e
}

var activities = []events.Code{"support", "billing", "newsletter", "booking", "recruitment"}

// Events returns the events from n up to but not including m.
func Events(n, m int) []*events.Event {
	evs := make([]*events.Event, 0, m-n)
	for ; n < m; n++ {
		evs = append(evs, Event(n))
	}
	return evs
}

func eventID(n int) (id events.EventID) {
	binary.BigEndian.PutUint64(id[:], uint64(n+1)*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(id[8:], uint64(n+1)*0xd1b54a32d192ed03)
	return id
}

func handle(n int) (h events.Handle) {
	binary.BigEndian.PutUint64(h[:], uint64(n+1)*0xbf58476d1ce4e5b9)
	binary.BigEndian.PutUint64(h[8:], uint64(n+1))
	return h
}

// A Clock is set by the test. It moves by a microsecond per reading.
type Clock struct {
	mu  sync.Mutex
	now time.Time // guarded by mu
}

// NewClock returns a clock that shows 2026-01-01.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

// Now reads the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Microsecond)
	return c.now
}

// Move moves the clock; d may be negative.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
