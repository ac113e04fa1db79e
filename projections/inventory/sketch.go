package inventory

import (
	"fmt"
	"sync"

	"github.com/habeas-data/habeas/events"
)

// A sketch is a body put together from its templates, without particulars.
type sketch struct {
	event       events.Event // not to be changed
	cells       []cell       // one per category, at least one
	others      int          // how many further identifiers the events name
	particulars bool
}

// sketches keeps bodies lately made. It only saves time: two generations, the
// older dropped when the younger is full.
type sketches struct {
	mu         sync.RWMutex
	young, old map[shape]*sketch // guarded by mu
}

const sketchesKept = 8192

func (c *sketches) get(s shape) *sketch {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if x := c.young[s]; x != nil {
		return x
	}
	return c.old[s]
}

func (c *sketches) put(s shape, x *sketch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young == nil || len(c.young) >= sketchesKept {
		c.old, c.young = c.young, make(map[shape]*sketch, 256)
	}
	c.young[s] = x
}

// sketch puts the body of a shape together.
func (t *Templates) sketch(s shape, names events.Names) (*sketch, error) {
	if x := t.made.get(s); x != nil {
		return x, nil
	}
	raw, err := t.contexts.of(s.context)
	if err != nil {
		return nil, err
	}
	x := &sketch{others: int(raw[0]), particulars: raw[1] == 1}
	if err := events.DecodeEvent([]byte(raw[2:]), &x.event, names); err != nil {
		return nil, fmt.Errorf("read context %d: %w", s.context, err)
	}
	if s.categories != 0 {
		raw, err := t.categories.of(s.categories)
		if err != nil {
			return nil, err
		}
		var e events.Event
		if err := events.DecodeEvent([]byte(raw), &e, names); err != nil {
			return nil, fmt.Errorf("read categories %d: %w", s.categories, err)
		}
		x.event.Categories = e.Categories
	}
	x.cells = t.cells.of(&x.event)
	t.made.put(s, x)
	return x, nil
}
