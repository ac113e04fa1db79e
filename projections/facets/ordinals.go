package facets

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// ordinals numbers handles from 0, as they come: an open table of numbers into
// all, at most half full. Handles are random, so they are their own hash.
type ordinals struct {
	all   []events.Handle
	slots []uint32 // ordinal plus one; 0 is free
}

func (t *ordinals) slot(h events.Handle) (at uint64, ord uint32, ok bool) {
	mask := uint64(len(t.slots) - 1)
	for i := binary.LittleEndian.Uint64(h[:]) & mask; ; i = (i + 1) & mask {
		n := t.slots[i]
		if n == 0 {
			return i, 0, false
		}
		if t.all[n-1] == h {
			return i, n - 1, true
		}
	}
}

func (t *ordinals) of(h events.Handle) (uint32, bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	_, ord, ok := t.slot(h)
	return ord, ok
}

// add returns the ordinal of a handle, giving it the next if it has none.
func (t *ordinals) add(h events.Handle) uint32 {
	if 2*len(t.all) >= len(t.slots) {
		t.grow()
	}
	at, ord, ok := t.slot(h)
	if ok {
		return ord
	}
	t.all = append(t.all, h)
	t.slots[at] = uint32(len(t.all))
	return uint32(len(t.all) - 1)
}

func (t *ordinals) grow() {
	t.slots = make([]uint32, max(64, 2*len(t.slots)))
	for i, h := range t.all {
		at, _, _ := t.slot(h)
		t.slots[at] = uint32(i + 1)
	}
}

// rank is the place of each ordinal in the order of handles.
func (t *ordinals) rank() []uint32 {
	order := make([]uint32, len(t.all))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return bytes.Compare(t.all[a][:], t.all[b][:]) })
	rank := make([]uint32, len(order))
	for i, ord := range order {
		rank[ord] = uint32(i)
	}
	return rank
}
