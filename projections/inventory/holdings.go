package inventory

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A holdingKey is a Key in numbers.
type holdingKey struct {
	cell         cell
	handle, item events.Handle
}

// hash needs no mixing of its own: handles are random, cells are small.
func (k *holdingKey) hash() uint64 {
	h := binary.LittleEndian.Uint64(k.handle[:]) ^ binary.LittleEndian.Uint64(k.item[8:])<<1
	return (h ^ uint64(k.cell>>32) ^ uint64(k.cell)<<20) * 0x9e3779b97f4a7c15
}

// holdings is the set of holdings of one fold: an open table of numbers into
// all, at most half full.
type holdings struct {
	all   []*Holding
	keys  []holdingKey // of all
	slots []int32      // number in all plus one; 0 is free
	slab  []Holding
}

func (t *holdings) find(k *holdingKey) (*Holding, uint64) {
	mask := uint64(len(t.slots) - 1)
	if len(t.slots) == 0 {
		return nil, 0
	}
	for i := k.hash() >> 32 & mask; ; i = (i + 1) & mask {
		n := t.slots[i]
		if n == 0 {
			return nil, i
		}
		if t.keys[n-1] == *k {
			return t.all[n-1], i
		}
	}
}

// at returns the holding of a key, and whether it is new and wants its Key.
func (t *holdings) at(k *holdingKey) (*Holding, bool) {
	if 2*len(t.all) >= len(t.slots) {
		t.grow()
	}
	h, free := t.find(k)
	if h != nil {
		return h, false
	}
	if len(t.slab) == 0 {
		t.slab = make([]Holding, max(8, min(64, len(t.all)/4)))
	}
	h, t.slab = &t.slab[0], t.slab[1:]
	if len(t.all) == cap(t.all) {
		t.all = slices.Grow(t.all, 32+len(t.all))
		t.keys = slices.Grow(t.keys, 32+len(t.keys))
	}
	t.all, t.keys = append(t.all, h), append(t.keys, *k)
	t.slots[free] = int32(len(t.all))
	return h, true
}

func (t *holdings) grow() {
	t.slots = make([]int32, max(64, 4*len(t.all)))
	mask := uint64(len(t.slots) - 1)
	for n := range t.keys {
		i := t.keys[n].hash() >> 32 & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = int32(n + 1)
	}
}

// sorted lists the holdings in the order people read them: by system, dataset,
// activity, controller, category, item, handle. The codes are compared once for
// each that is in use, not once for each pair of holdings.
func (t *holdings) sorted() []*Holding {
	tuples := t.ranks(func(c cell) cell { return c >> 32 }, func(a, b *Key) int { return a.compareTuple(b) })
	cats := t.ranks(func(c cell) cell { return c & (1<<32 - 1) }, func(a, b *Key) int { return a.compareCategory(b) })
	type placed struct {
		place uint64
		h     *Holding
	}
	list := make([]placed, len(t.all))
	for i, h := range t.all {
		c := t.keys[i].cell
		list[i] = placed{tuples[c>>32]<<32 | cats[c&(1<<32-1)], h}
	}
	slices.SortFunc(list, func(a, b placed) int {
		if c := cmp.Compare(a.place, b.place); c != 0 {
			return c
		}
		return a.h.Key.compareInstance(&b.h.Key)
	})
	for i := range list {
		t.all[i] = list[i].h
	}
	t.keys, t.slots = nil, nil // they name the old order
	return t.all
}

// ranks sorts the halves of the cells in use by what they stand for.
func (t *holdings) ranks(half func(cell) cell, compare func(a, b *Key) int) map[cell]uint64 {
	rank := make(map[cell]uint64)
	type used struct {
		c cell
		k *Key
	}
	var list []used
	for i, h := range t.all {
		c := half(t.keys[i].cell)
		if _, ok := rank[c]; !ok {
			rank[c] = 0
			list = append(list, used{c, &h.Key})
		}
	}
	slices.SortFunc(list, func(a, b used) int { return compare(a.k, b.k) })
	for i, u := range list {
		rank[u.c] = uint64(i)
	}
	return rank
}
