package facets

import (
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// ordinals numbers handles from 0, in journal order: an open table of numbers
// into all, at most half full. Handles are random, so they are their own hash.
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
func (t *ordinals) add(h events.Handle) (ord uint32, fresh bool) {
	if 2*len(t.all) >= len(t.slots) {
		t.grow()
	}
	at, ord, ok := t.slot(h)
	if ok {
		return ord, false
	}
	t.all = append(t.all, h)
	t.slots[at] = uint32(len(t.all))
	return uint32(len(t.all) - 1), true
}

func (t *ordinals) grow() {
	t.slots = make([]uint32, max(64, 2*len(t.slots)))
	for i, h := range t.all {
		at, _, _ := t.slot(h)
		t.slots[at] = uint32(i + 1)
	}
}

// handlesInRow is how many handles share a row: enough to be cheap to keep, few
// enough to be cheap to write again with the next.
const handlesInRow = 256

// row is the stored form of the handles of one row: one after the other.
func (t *ordinals) row(n uint32) []byte {
	from := int(n) * handlesInRow
	to := min(from+handlesInRow, len(t.all))
	b := make([]byte, 0, 16*(to-from))
	for _, h := range t.all[from:to] {
		b = append(b, h[:]...)
	}
	return b
}

// load takes in the next row.
func (t *ordinals) load(n uint32, v []byte) error {
	if int(n)*handlesInRow != len(t.all) || len(v) == 0 || len(v)%16 != 0 || len(v) > 16*handlesInRow {
		return fmt.Errorf("read handles of facets: row %d of %d bytes does not follow %d handles", n, len(v), len(t.all))
	}
	for ; len(v) > 0; v = v[16:] {
		if _, fresh := t.add(events.Handle(v)); !fresh {
			return fmt.Errorf("read handles of facets: row %d names one twice", n)
		}
	}
	return nil
}
