package facets

import (
	"encoding/binary"
	"errors"

	"github.com/habeas-data/habeas/events"
)

// A change is one step from a state of the facets to the next. Each says what
// is so afterwards, so that reading one twice does no harm.
type change struct {
	kind  changeKind
	cell  uint32
	ord   uint32
	item  uint32 // shortened handle of the item; 0 is none
	day   Day    // of open and day
	spans []span // of set, without their ordinals
	// handle is what became rough.
	handle events.Handle
}

type changeKind byte

const (
	// changeOpen: held from a day on, and not ended.
	changeOpen changeKind = iota
	// changeSet: these spans and no others.
	changeSet
	// changeDay: shared on one more day.
	changeDay
	// changeRough: the handle must be read again whenever it changes.
	changeRough

	changeKinds  = 3 // mask
	changeItem   = 1 << 2
	changeUnused = 0xff &^ (changeKinds | changeItem)
)

// The stored form: kind and whether there is an item (1 byte); a rough handle's
// 16 bytes; else cell and ordinal (uvarints), item (4 bytes, if flagged), and the
// day (2 bytes) or the number of spans (uvarint) with two days each.
func appendChange(b []byte, c *change) []byte {
	head := byte(c.kind)
	if c.item != 0 {
		head |= changeItem
	}
	b = append(b, head)
	if c.kind == changeRough {
		return append(b, c.handle[:]...)
	}
	b = binary.AppendUvarint(b, uint64(c.cell))
	b = binary.AppendUvarint(b, uint64(c.ord))
	if c.item != 0 {
		b = binary.BigEndian.AppendUint32(b, c.item)
	}
	if c.kind != changeSet {
		return binary.BigEndian.AppendUint16(b, uint16(c.day))
	}
	b = binary.AppendUvarint(b, uint64(len(c.spans)))
	for _, s := range c.spans {
		b = binary.BigEndian.AppendUint16(b, uint16(s.from))
		b = binary.BigEndian.AppendUint16(b, uint16(s.to))
	}
	return b
}

var errChange = errors.New("read changes of facets: their form is broken")

// parseChange reads one change off the front of b.
func parseChange(b []byte, c *change) (rest []byte, err error) {
	r := reading{b: b}
	head := r.byte()
	*c = change{kind: changeKind(head & changeKinds), spans: c.spans[:0]}
	if head&changeUnused != 0 {
		return nil, errChange
	}
	if c.kind == changeRough {
		copy(c.handle[:], r.take(16))
		if r.bad || head&changeItem != 0 {
			return nil, errChange
		}
		return r.b, nil
	}
	c.cell, c.ord = r.number(), r.number()
	if head&changeItem != 0 {
		c.item = binary.BigEndian.Uint32(r.take(4))
		r.bad = r.bad || c.item == 0
	}
	if c.kind != changeSet {
		c.day = r.day()
		r.bad = r.bad || c.day > lastDay
	} else {
		for n := r.number(); n > 0 && !r.bad; n-- {
			s := span{from: r.day(), to: r.day()}
			r.bad = r.bad || s.from > lastDay || s.to < s.from
			c.spans = append(c.spans, s)
		}
	}
	if r.bad {
		return nil, errChange
	}
	return r.b, nil
}

// reading takes fields off the front of b; after the first misfit bad stays set
// and every field is zero.
type reading struct {
	b   []byte
	bad bool
}

var zeros [16]byte

func (r *reading) take(n int) []byte {
	if r.bad || len(r.b) < n {
		r.bad = true
		return zeros[:n]
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

func (r *reading) byte() byte { return r.take(1)[0] }

func (r *reading) day() Day { return Day(binary.BigEndian.Uint16(r.take(2))) }

func (r *reading) number() uint32 {
	v, n := binary.Uvarint(r.b)
	if r.bad || n <= 0 || v > 1<<32-1 || (n > 1 && r.b[n-1] == 0) {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return uint32(v)
}
