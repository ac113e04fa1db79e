package journal

import (
	"encoding/binary"
	"math/bits"

	"github.com/habeas-data/habeas/events"
)

// A window remembers the ids of the latest events and where each stands, so
// that an event that comes again is recognised. It is bounded by age and by
// number, and made of several tables of which the oldest is dropped whole, so
// that no event ever waits for a clean-up.
//
// An entry keeps 80 bits of a digest of the id. Two different events are taken
// for one with a chance of about 1 in 10^17 per event at 10 million entries;
// ids are keyed digests, so nobody outside can look for such a pair.
//
// Beside it stand 32 bits of a digest of the contents, zero where they are not
// known: what was read back after a start says its id only.
//
// Not safe for concurrent use: guarded by the tape's lock.
type window struct {
	age      events.Instant // in microseconds
	most     int            // events that are promised to be remembered
	capacity int            // events per table
	tables   []*idTable     // oldest first; the last one grows
	cut      bool           // there are events that are not remembered
	touched  uint16         // by warm; means nothing
}

// windowTables is how many full tables make the promised number, or age.
const windowTables = 4

type idTable struct {
	slots       []idSlot // a power of two, at most three quarters used
	sums        []uint32 // of the contents, beside each slot
	used        int
	base        uint64 // sequence that slot sequences count from
	first, last events.Instant
}

// An idSlot is empty when index is zero: it keeps the index plus one.
type idSlot struct {
	tag   uint64
	seq   uint32
	index uint16
	more  uint16
}

func newWindow(age events.Instant, most int) *window {
	return &window{age: age, most: most, capacity: max(most/windowTables, 1)}
}

// A place says where a remembered event stands, and what it was like.
type place struct {
	seq   uint64
	index uint32
	sum   uint32 // of the contents; 0: not known
}

// find returns where the event stands.
func (w *window) find(id events.EventID) (place, bool) {
	tag, more := digest(id)
	for i := len(w.tables) - 1; i >= 0; i-- {
		t := w.tables[i]
		if at := t.slot(tag, more); t.slots[at].index != 0 {
			s := &t.slots[at]
			return place{t.base + uint64(s.seq), uint32(s.index) - 1, t.sums[at]}, true
		}
	}
	return place{}, false
}

// warmSteps is how many ids are looked for ahead.
const warmSteps = 32

// warm touches the places of the next events of p, from i on, and returns the
// index behind them. The table is far larger than the caches: looked for one by
// one, each id would wait for memory; asked for together, the waits overlap.
func (w *window) warm(p *events.Pack, i int) int {
	end := min(i+warmSteps, p.Len())
	if end-i < 4 {
		return end
	}
	for _, t := range w.tables {
		mask := uint64(len(t.slots) - 1)
		for k := i; k < end; k++ {
			tag, _ := digest(p.ID(k))
			w.touched += t.slots[tag&mask].index
		}
	}
	return end
}

// add remembers an event. now is the recorded time as far as it is known.
func (w *window) add(id events.EventID, p place, now events.Instant) {
	t := w.current(p.seq, now)
	if t.used >= len(t.slots)/4*3 {
		t.grow()
	}
	tag, more := digest(id)
	at := t.slot(tag, more)
	if t.slots[at].index == 0 {
		t.used++
	}
	t.slots[at] = idSlot{tag: tag, more: more, index: uint16(p.index) + 1, seq: uint32(p.seq - t.base)}
	t.sums[at] = p.sum
	t.last = now
}

// current returns the table to add to, and drops tables that are past.
func (w *window) current(seq uint64, now events.Instant) *idTable {
	for len(w.tables) > 0 && (w.tables[0].last < now-w.age || w.size()-w.tables[0].used >= w.most) {
		w.tables[0], w.cut = nil, true
		w.tables = w.tables[1:]
	}
	size := 1 << 10
	if n := len(w.tables); n > 0 {
		t := w.tables[n-1]
		if t.used < w.capacity && t.first >= now-w.age/windowTables && seq-t.base < 1<<32 {
			return t
		}
		size = len(t.slots) // begin as large as the last one became
	}
	t := &idTable{slots: make([]idSlot, size), sums: make([]uint32, size), base: seq, first: now, last: now}
	w.tables = append(w.tables, t)
	return t
}

// size is the number of events remembered.
func (w *window) size() int {
	n := 0
	for _, t := range w.tables {
		n += t.used
	}
	return n
}

// slot returns the place of the entry, or the empty one where it belongs.
func (t *idTable) slot(tag uint64, more uint16) uint64 {
	mask := uint64(len(t.slots) - 1)
	for i := tag & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; s.index == 0 || (s.tag == tag && s.more == more) {
			return i
		}
	}
}

func (t *idTable) grow() {
	old, sums := t.slots, t.sums
	t.slots, t.sums = make([]idSlot, 2*len(old)), make([]uint32, 2*len(old))
	for i := range old {
		if old[i].index != 0 {
			at := t.slot(old[i].tag, old[i].more)
			t.slots[at], t.sums[at] = old[i], sums[i]
		}
	}
}

// digest spreads all 128 bits over 80, so that ids that differ in one byte only
// do not meet.
func digest(id events.EventID) (tag uint64, more uint16) {
	a, b := binary.LittleEndian.Uint64(id[:8]), binary.LittleEndian.Uint64(id[8:])
	tag = mix(a + 0x9e3779b97f4a7c15*mix(b))
	return tag, uint16(mix(b + bits.RotateLeft64(a, 32) + 0xd1b54a32d192ed03))
}

// mix is the finaliser of MurmurHash3: a bijection that spreads every bit.
func mix(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
