package vault

import (
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/ggm"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
)

// slots opens every slot of the index and looks for its row.
func (c *checker) slots() error {
	err := c.x.EachSlot(0, func(slot uint64, s *index.Slot) error {
		if !c.sealed.has(slot) {
			c.problem("slot.orphan", slot, "the index has it and the log has not")
		}
		switch s.Purpose {
		case index.Entry:
			c.out.Entries++
			return c.entry(slot, s)
		case index.Note:
			at, ok, err := c.x.Note(s.ID)
			switch {
			case err != nil:
				return err
			case !ok:
				c.out.Cut++
			case at != slot:
				c.problem("note.twice", slot, "two slots hold one note")
			default:
				c.out.Notes++
			}
		case index.Suppression:
			c.out.Suppressions++
			d, _, err := c.v.openSuppression(slot, s.Sealed)
			if err != nil {
				c.problem("slot.unreadable", slot, err.Error())
				return nil
			}
			return c.inRow(slot, d, func(r *row) bool {
				for _, s := range r.suppressions {
					if s.slot == slot {
						return true
					}
				}
				return false
			})
		}
		return c.ctx.Err()
	})
	if err != nil {
		return err
	}
	return c.x.EachForgotten(func(slot uint64) error {
		c.out.Forgotten++
		if !c.forgotten.has(slot) {
			c.problem("forgotten.untold", slot, "it is forgotten and the log does not say so")
		}
		return nil
	})
}

func (c *checker) entry(slot uint64, s *index.Slot) error {
	e, err := c.v.openEntry(slot, s.Sealed)
	if err != nil {
		c.problem("slot.unreadable", slot, err.Error())
		return nil
	}
	if e.handle != s.ID || e.system != s.System || e.kind != s.Kind {
		c.problem("slot.label", slot, "what the index says of it is not what is sealed in it")
	}
	if s.State != c.states[slot] {
		c.problem("slot.state", slot, fmt.Sprintf("the index says %s, the log %s", s.State, c.states[slot]))
	}
	return c.inRow(slot, c.v.digestOf(e), func(r *row) bool {
		for i := range r.pairs {
			if p := &r.pairs[i]; p.slot == slot {
				return p.handle == e.handle && p.system == e.system && p.state == s.State
			}
		}
		return false
	})
}

func (c *checker) inRow(slot uint64, d digest, holds func(*row) bool) error {
	c.v.routesMu.RLock()
	r, err := c.v.readRow(c.x, d)
	c.v.routesMu.RUnlock()
	if err != nil || r == nil || !holds(r) {
		c.problem("row.missing", slot, "a look-up of its identifier does not find it")
	}
	return c.ctx.Err()
}

// rows opens every row of the index with the keys of today.
func (c *checker) rows() error {
	byTag := make(map[[8]byte]ggm.Key, 1<<keys.RouteBits)
	defer clear(byTag)
	for leaf := range uint64(1 << keys.RouteBits) {
		k, ok := c.v.table.Routes.Derive(leaf)
		if !ok {
			return fmt.Errorf("route %d has no key", leaf)
		}
		byTag[rowTag(k)] = k
	}
	return c.x.EachRow(nil, func(key index.RowKey, sealed []byte) error {
		c.out.Rows++
		leaf, ok := byTag[[8]byte(key[:])]
		if !ok {
			c.problem("row.orphan", 0, "a row of the index has no key any more")
			return nil
		}
		k := newRouteKey(leaf)
		r, err := k.open(key, sealed)
		if err != nil {
			c.problem("row.unreadable", 0, err.Error())
			return nil
		}
		for _, p := range r.pairs {
			if _, ok, err := c.x.Slot(p.slot); err != nil || !ok {
				c.problem("row.dangling", p.slot, "a row names a slot that is not there")
			}
		}
		return c.ctx.Err()
	})
}

func (c *checker) handles() error {
	return c.x.EachHandle(func(h events.Handle, slot uint64) error {
		if s, ok, err := c.x.Slot(slot); err != nil || !ok || s.ID != h {
			c.problem("handle.dangling", slot, "a handle points at a slot that is not its own")
		}
		return c.ctx.Err()
	})
}
