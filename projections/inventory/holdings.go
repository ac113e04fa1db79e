package inventory

import (
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

// holdings is the set of holdings of one fold. Few are searched one by one; for
// more there is an open table of numbers into keys, at most half full.
type holdings struct {
	all   []*Holding   // room of the fold, as are all but the holdings
	keys  []holdingKey // of all
	slots []int32      // number in all plus one; 0 is free; none while there are few
	slab  []Holding
	most  int // how many more there can be
	order []int32
}

const fewHoldings = 12

func (t *holdings) find(k *holdingKey) (*Holding, uint64) {
	if len(t.slots) == 0 {
		for i := range t.keys {
			if t.keys[i] == *k {
				return t.all[i], 0
			}
		}
		return nil, 0
	}
	mask := uint64(len(t.slots) - 1)
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
	if len(t.all) >= fewHoldings && 2*len(t.all) >= len(t.slots) {
		t.grow()
	}
	h, free := t.find(k)
	if h != nil {
		return h, false
	}
	if len(t.slab) == 0 {
		n := min(max(4, len(t.all)), 64, t.most)
		t.slab, t.most = make([]Holding, n), t.most-n
	}
	h, t.slab = &t.slab[0], t.slab[1:]
	t.all, t.keys = append(t.all, h), append(t.keys, *k)
	if len(t.slots) > 0 {
		t.slots[free] = int32(len(t.all))
	}
	return h, true
}

func (t *holdings) grow() {
	n := max(64, 4*len(t.all))
	t.slots = slices.Grow(t.slots[:0], n)[:n]
	clear(t.slots)
	mask := uint64(len(t.slots) - 1)
	for n := range t.keys {
		i := t.keys[n].hash() >> 32 & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = int32(n + 1)
	}
}

// keep takes over the room of another fold.
func (t *holdings) keep(o *holdings) {
	if cap(o.all) > roomKept {
		return
	}
	clear(o.all)
	t.all, t.keys, t.slots, t.order = o.all[:0], o.keys[:0], o.slots[:0], o.order[:0]
}

// sorted lists the holdings in the order people read them: by system, dataset,
// activity, controller, category, item, handle. Codes are compared only where
// their numbers differ. The list is the caller's.
func (t *holdings) sorted() []*Holding {
	if len(t.all) == 0 {
		return nil
	}
	t.order = t.order[:0]
	for i := range t.all {
		t.order = append(t.order, int32(i))
	}
	slices.SortFunc(t.order, func(i, j int32) int {
		a, b, differ := &t.all[i].Key, &t.all[j].Key, t.keys[i].cell^t.keys[j].cell
		if differ>>32 != 0 {
			if c := a.compareTuple(b); c != 0 {
				return c
			}
		}
		if differ<<32 != 0 {
			if c := a.compareCategory(b); c != 0 {
				return c
			}
		}
		return a.compareInstance(b)
	})
	out := make([]*Holding, len(t.all))
	for i, n := range t.order {
		out[i] = t.all[n]
	}
	return out
}
