package inventory

import (
	"sync"

	"github.com/habeas-data/habeas/events"
)

// A cell is the part of a holding's key that is codes: the observed tuple of
// system, dataset, activity, category and controller. Cells are numbered in
// memory only, so that folding compares numbers instead of texts.
type cell uint32

type cellKey struct {
	system     events.Code
	dataset    events.Code
	activity   events.Activity
	category   events.Category
	controller events.Code
}

// cells numbers tuples from 1. The numbers mean nothing beyond one process.
type cells struct {
	mu sync.Mutex
	by map[cellKey]cell // guarded by mu
}

// of returns the cells an event speaks of: one per category, in order, and one
// without a category if it names none.
func (c *cells) of(e *events.Event) []cell {
	k := cellKey{system: e.Source, dataset: dataset(e), activity: e.Activity, controller: e.Controller}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(e.Categories) == 0 {
		return []cell{c.number(k)}
	}
	out := make([]cell, 0, len(e.Categories))
	for _, k.category = range e.Categories {
		out = append(out, c.number(k))
	}
	return out
}

func (c *cells) number(k cellKey) cell {
	n, ok := c.by[k]
	if !ok {
		if c.by == nil {
			c.by = make(map[cellKey]cell)
		}
		n = cell(len(c.by) + 1)
		c.by[k] = n
	}
	return n
}
