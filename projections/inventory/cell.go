package inventory

import (
	"sync"

	"github.com/habeas-data/habeas/events"
)

// A cell is the part of a holding's key that is codes: the observed tuple of
// system, dataset, activity, controller (its upper half) and category (its
// lower half), as numbers given in memory only, so that folding compares
// numbers instead of texts. They mean nothing beyond one process.
type cell uint64

type tuple struct {
	system     events.Code
	dataset    events.Code
	activity   events.Activity
	controller events.Code
}

// cells numbers tuples and categories, each from 1.
type cells struct {
	mu         sync.Mutex
	tuples     map[tuple]uint32           // guarded by mu
	categories map[events.Category]uint32 // guarded by mu
}

func (c *cells) tuple(e *events.Event) cell {
	k := tuple{e.Source, dataset(e), e.Activity, e.Controller}
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.tuples[k]
	if !ok {
		if c.tuples == nil {
			c.tuples = make(map[tuple]uint32)
		}
		n = uint32(len(c.tuples) + 1)
		c.tuples[k] = n
	}
	return cell(n) << 32
}

// list numbers the categories of an event; none is a category of its own.
func (c *cells) list(cs []events.Category) []cell {
	if len(cs) == 0 {
		return noCategory
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.categories == nil {
		c.categories = make(map[events.Category]uint32)
	}
	out := make([]cell, 0, len(cs))
	for _, x := range cs {
		n, ok := c.categories[x]
		if !ok {
			n = uint32(len(c.categories) + 1)
			c.categories[x] = n
		}
		out = append(out, cell(n))
	}
	return out
}

var noCategory = []cell{0}
