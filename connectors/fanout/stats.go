package fanout

import (
	"sync"
	"sync/atomic"

	"github.com/habeas-data/habeas/events"
)

// Counts are what the measurements show. They name systems, never people.
type Counts struct {
	rung, claims, revealed, refused atomic.Int64

	mu       sync.Mutex
	outcomes map[events.Code]int64
	systems  map[events.Code]Standing
}

// A Standing is how one target stood when the book was read last.
type Standing struct {
	Open   int // tasks it is not done with
	Waits  int // of these, whose time has not come
	InHand int // of these, that are claimed
}

// Rung counts bells, Claims requests for tasks, Revealed tasks that were given
// out, Refused those that could not be claimed when it came to it.
func (c *Counts) Rung() int64     { return c.rung.Load() }
func (c *Counts) Claims() int64   { return c.claims.Load() }
func (c *Counts) Revealed() int64 { return c.revealed.Load() }
func (c *Counts) Refused() int64  { return c.refused.Load() }

// EachOutcome calls fn with how often each outcome was reported.
func (c *Counts) EachOutcome(fn func(outcome events.Code, n int64)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for o, n := range c.outcomes {
		fn(o, n)
	}
}

// EachSystem calls fn with how each target stands.
func (c *Counts) EachSystem(fn func(system events.Code, s Standing)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s, st := range c.systems {
		fn(s, st)
	}
}

func (c *Counts) report(outcome events.Code) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.outcomes == nil {
		c.outcomes = map[events.Code]int64{}
	}
	c.outcomes[outcome]++
}

func (c *Counts) book(system events.Code, open, waits, inHand int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.systems == nil {
		c.systems = map[events.Code]Standing{}
	}
	c.systems[system] = Standing{open, waits, inHand}
}
