package ingest

import (
	"sync"
	"sync/atomic"

	"github.com/habeas-data/habeas/events"
)

// Counts is what the gateway has seen since it started. Safe for concurrent
// use; Each reads a snapshot.
type Counts struct {
	busy, undeclared atomic.Int64
	mu               sync.Mutex
	by               map[events.Code]*[4]int64 // guarded by mu; index is Status
}

func (c *Counts) note(out []Outcome, obs []*events.Observation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var row *[4]int64
	var of events.Code // whose row it is
	for i := range out {
		s := obs[i].Event.Source
		if out[i].Status == Rejected && out[i].Rejection.Code == "event.source.forbidden" {
			s = "" // not that system's doing
		}
		if row == nil || s != of {
			row, of = c.of(s), s
		}
		row[out[i].Status]++
	}
}

// of is the row of one system. The caller holds mu.
func (c *Counts) of(system events.Code) *[4]int64 {
	if c.by == nil {
		c.by = map[events.Code]*[4]int64{}
	}
	n := c.by[system]
	if n == nil {
		n = new([4]int64)
		c.by[copied(system)] = n
	}
	return n
}

// Refused counts events that could not be decoded at all.
func (c *Counts) Refused(system events.Code, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(system)[Rejected] += int64(n)
}

// Each calls fn for every system and status that was seen.
func (c *Counts) Each(fn func(system events.Code, s Status, n int64)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for sys, n := range c.by {
		for s := Accepted; s <= Rejected; s++ {
			fn(sys, s, n[s])
		}
	}
}

// Busy is how many requests were answered "busy".
func (c *Counts) Busy() int64 { return c.busy.Load() }

// Undeclared is how many unknown codes were replaced.
func (c *Counts) Undeclared() int64 { return c.undeclared.Load() }
