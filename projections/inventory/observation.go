package inventory

import (
	"encoding/binary"

	"github.com/habeas-data/habeas/events"
)

// A cursor reads fields off the front of b; after the first misfit bad stays
// set and every read returns zero.
type cursor struct {
	b   []byte
	bad bool
}

var zeros [4 * 256]byte

func (c *cursor) take(n int) []byte {
	if c.bad || len(c.b) < n {
		c.bad = true
		return zeros[:n]
	}
	v := c.b[:n:n]
	c.b = c.b[n:]
	return v
}

func (c *cursor) byte() byte { return c.take(1)[0] }

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.b)
	if c.bad || n <= 0 || (n > 1 && c.b[n-1] == 0) {
		c.bad = true
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) varint() int64 {
	v := c.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (c *cursor) stamp(of events.Instant) events.Instant {
	t, ok := StampOf(c.uvarint(), of)
	c.bad = c.bad || !ok
	return t
}

func (c *cursor) uint32() uint32 {
	v := c.uvarint()
	c.bad = c.bad || v > 1<<32-1
	return uint32(v)
}

func (c *cursor) position() events.Position {
	return events.Position{Generation: c.uint32(), Seq: c.uvarint(), Index: c.uint32()}
}

// number reads what appendNumber wrote.
func (c *cursor) number() uint32 {
	b := c.byte()
	switch {
	case b < oneByte:
		return uint32(b)
	case b < 0xc0:
		return uint32(b&0x3f)<<8 + uint32(c.byte()) + oneByte
	}
	more := c.take(2)
	return uint32(b&0x3f)<<16 + uint32(more[0])<<8 + uint32(more[1]) + twoBytes
}

// three reads three bytes, the greatest first.
func (c *cursor) three() int64 {
	b := c.take(3)
	return int64(b[0])<<16 | int64(b[1])<<8 | int64(b[2])
}

// obs reads what appendObs wrote.
func (c *cursor) obs(o *Obs, start events.Instant, flags byte, t *Templates) {
	*o = Obs{Time: start + events.Instant(c.time(flags))}
	if flags&flagFar == 0 {
		c.near(o, t)
	} else {
		o.Recorded = c.stamp(o.Time)
		o.Position = c.position()
		o.Catalogue = c.uint32()
	}
	o.ID = Mark(c.take(8))
}

// time reads the microseconds from a row's start.
func (c *cursor) time(flags byte) int64 {
	if flags&flagFine == 0 {
		return c.three() * microsPerSec
	}
	d := c.varint()
	if d&1 == 0 {
		c.bad = c.bad || d > farthest/microsPerSec || d < -farthest/microsPerSec
		return d / 2 * microsPerSec
	}
	d >>= 1
	c.bad = c.bad || d%microsPerSec == 0 || d > farthest || d < -farthest
	return d
}

// near reads when and where an observation of an era was recorded.
func (c *cursor) near(o *Obs, t *Templates) {
	n, ms, seq, index := c.uint32(), c.three(), c.uvarint(), c.uint32()
	if t == nil {
		return
	}
	if o.era = t.eras.of(n); o.era == nil {
		c.bad = true
		return
	}
	o.Recorded = o.era.recorded + events.Instant(ms*microsPerMs)
	o.Position = events.Position{Generation: o.era.generation, Seq: o.era.seq + seq, Index: index}
	o.Catalogue = o.era.catalogue
}

// add puts one more observation into the row and reports whether the row
// changed. The outcome depends only on the observations and their order, not on
// the batches they came in. Of events that are counted by distinct days, the row
// remembers the days once it has to drop an observation.
func (h *header) add(o *Obs, counted bool) bool {
	for i := range h.n {
		if h.obs[i].ID == o.ID {
			return false // the same event, delivered again
		}
	}
	if h.n == 0 {
		h.obs[0], h.n = *o, 1
		return true
	}
	var all [maxObs + 1]Obs
	at := 0
	for at < h.n && h.obs[at].before(o) {
		at++
	}
	copy(all[:], h.obs[:at])
	all[at] = *o
	copy(all[at+1:], h.obs[at:h.n])
	n, had, days := h.n+1, h.more, h.days
	changed := h.keep(all[:n], at)
	if counted && h.more {
		h.days |= dayBit(o)
		for i := 0; i < n && !had; i++ {
			h.days |= dayBit(&all[i])
		}
	}
	return changed || h.days != days
}

// dayBit is the bit of the observation's day; none in the months that share a
// number, where days would be confused.
func dayBit(o *Obs) uint32 {
	if monthOf(o.Time) == maxMonthIndex {
		return 0
	}
	return 1 << (o.Time.Time().Day() - 1)
}

// keep retains the first, the last and the first recorded of all, which are in
// order; at is the place of the newcomer.
func (h *header) keep(all []Obs, at int) bool {
	first := 0
	for i := range all {
		if all[i].Position.Compare(all[first].Position) < 0 {
			first = i
		}
	}
	n, in := 0, false
	for i := range all {
		if i == 0 || i == len(all)-1 || i == first {
			h.obs[n] = all[i]
			n++
			in = in || i == at
		}
	}
	dropped := n < len(all)
	changed := in || (dropped && !h.more)
	h.n, h.more = n, h.more || dropped
	return changed
}
