package inventory

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// An Obs is one observation: one event, of those that say the same.
type Obs struct {
	Time      events.Instant
	Recorded  events.Instant
	Position  events.Position
	Catalogue uint32
	ID        Mark
	era       *era // of the recording; nil: none holds it
	// Gone lists the retractions of this event; set by Rows, not stored.
	Gone []Retraction
}

// before orders observations by event time, then position.
func (o *Obs) before(p *Obs) bool {
	if o.Time != p.Time {
		return o.Time < p.Time
	}
	return o.Position.Compare(p.Position) < 0
}

// A Short is the beginning of a handle, enough to tell the identifiers of one
// person apart.
type Short [4]byte

// ShortOf shortens a handle.
func ShortOf(h events.Handle) Short { return Short(h[:4]) }

// A Row is one handle's equal observations of one month.
type Row struct {
	Handle events.Handle
	Month  uint16 // months since January 1600, see monthOf
	// Obs holds the earliest, the latest and the first recorded observation,
	// each once, ordered by event time then position: one to three.
	Obs []Obs
	// More is set when there were observations beside those in Obs.
	More bool
	// Days has bit d-1 set for each day d of the month with a disclosure, if
	// More is set.
	Days uint32
	// Others shortens the further identifiers that the events named.
	Others []Short
	// Event is the body the observations share: without id, time, subject and
	// categories. It is shared between rows and must not be changed.
	Event *events.Event
	// Categories are those of the body; shared likewise.
	Categories []events.Category

	tuple cell   // of Event
	cells []cell // of Categories, at least one; nil in a row that Rows did not make
}

// System is the system that reported the row.
func (r *Row) System() events.Code { return r.Event.Source }

const (
	maskObs       = 3
	maxObs        = 3
	flagMore      = 1 << 2
	flagDays      = 1 << 3
	flagFine      = 1 << 4
	flagFar       = 1 << 5
	microsPerSec  = 1_000_000
	farthest      = 1 << 60 // microseconds an event may lie off its month's start
	maxSeconds    = 1 << 24 // from the month's start, in three bytes
	firstYear     = 1600
	maxMonthIndex = 1<<16 - 1
)

// EarliestTime and LatestTime bound the event times that rows can hold.
var (
	EarliestTime = events.InstantOf(time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC))
	LatestTime   = events.InstantOf(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC))
)

// The key of a row:
//
//	E  handle 16  count 1  others 4 each  context  categories  signature 8  month
//
// Context, categories and month are written by appendNumber. There is a signature,
// of the particulars, if there are any. A row that holds its whole body has
// context and categories 0. Others stand first, so that what is equal between
// neighbours stands in front.
func eventKey(b []byte, h events.Handle, s shape, others, part []byte, month uint16) []byte {
	b = append(append(b[:0], FamilyEvent), h[:]...)
	b = append(append(b, byte(len(others)/len(Short{}))), others...)
	b = s.append(b)
	if len(part) > 0 {
		sig := signature(part)
		b = append(b, sig[:]...)
	}
	return appendMonth(b, month)
}

func appendMonth(b []byte, month uint16) []byte {
	return appendNumber(b, uint32(zigzag(int64(month)-midMonth)))
}

func (c *cursor) month() uint16 {
	n := unzigzag(uint64(c.number())) + midMonth
	c.bad = c.bad || n != int64(uint16(n))
	return uint16(n)
}

// midMonth is written shortest: January 2026.
const midMonth = (2026 - firstYear) * 12

// monthBytes is how many bytes of a key, at its end, are its month.
func monthBytes(month uint16) int {
	switch n := zigzag(int64(month) - midMonth); {
	case n < oneByte:
		return 1
	case n < twoBytes:
		return 2
	}
	return 3
}

// A rowKey is what the key of a row says. Others share the key's memory.
type rowKey struct {
	handle events.Handle
	others []byte
	shape  shape
	signed bool // there are particulars
	month  uint16
}

var errKey = errors.New("its form is broken")

// keyHandle is the handle of a row by its key.
func keyHandle(k []byte) (events.Handle, error) {
	if len(k) < 1+16+1+1+1+1 {
		return events.Handle{}, errKey
	}
	return events.Handle(k[1:]), nil
}

func parseKey(k []byte) (x rowKey, err error) {
	if x.handle, err = keyHandle(k); err != nil {
		return x, err
	}
	c := cursor{b: k[18:]}
	x.others = c.take(len(Short{}) * int(k[17]))
	x.shape = shape{c.number(), c.number()}
	if x.signed = len(c.b) > 8; x.signed {
		c.take(8)
	}
	if x.month = c.month(); c.bad || len(c.b) > 0 {
		return x, errKey
	}
	return x, nil
}

// Bounds of the numbers that appendNumber writes in one and in two bytes.
const (
	oneByte  = 1 << 7
	twoBytes = oneByte + 1<<14
)

// appendNumber writes a number below 4 million in one to three bytes, which sort
// like numbers.
func appendNumber(b []byte, n uint32) []byte {
	switch {
	case n < oneByte:
		return append(b, byte(n))
	case n < twoBytes:
		n -= oneByte
		return append(b, 0x80|byte(n>>8), byte(n))
	}
	n -= twoBytes
	return append(b, 0xc0|byte(n>>16), byte(n>>8), byte(n))
}

const (
	maxHead     = 1 + 4           // flags and days
	maxObsBytes = 3*10 + 4*10 + 8 // no field is longer than a varint
)

// handlePrefix is the common beginning of the keys of one handle.
func handlePrefix(b []byte, family byte, h events.Handle) []byte {
	return append(append(b[:0], family), h[:]...)
}

// header is a row without its body, as it is read and changed while applying.
type header struct {
	obs  [maxObs]Obs
	n    int
	more bool
	days uint32
}

// The stored form of a row (template, others and month are in the key):
//
//	flags  1 byte: bits 0-1 number of observations, 2 more, 3 days, 4 fine: some
//	       time needs more than whole seconds in three bytes, 5 far: some
//	       observation is of no era
//	n times: time (3 bytes, seconds from the start of the month; if fine, a varint:
//	         seconds*2, or microseconds*2+1), era (uvarint), recorded (3 bytes,
//	         milliseconds from the era's), sequence (uvarint, from the era's), index
//	         (uvarint); if far, in place of the last four: recorded (uvarint, see
//	         AppendStamp), generation, sequence, index, catalogue (uvarints);
//	         id (8 bytes)
//	days   4 bytes big endian, if flagged
//	rest   the particulars: events.AppendEvent of handles and dates alone, with
//	       the map's own numbers for codes; nothing if there are none
func appendRow(b []byte, h *header, month uint16, part []byte) []byte {
	start := monthStart(month)
	flags := byte(h.n)
	for i := range h.n {
		flags |= h.obs[i].form(start)
	}
	if h.more {
		flags |= flagMore
	}
	if h.days != 0 {
		flags |= flagDays
	}
	b = append(b, flags)
	for i := range h.n {
		b = appendObs(b, &h.obs[i], start, flags)
	}
	if h.days != 0 {
		b = binary.BigEndian.AppendUint32(b, h.days)
	}
	return append(b, part...)
}

// form is how an observation must be told: flagFine, flagFar, both or neither.
func (o *Obs) form(start events.Instant) (flags byte) {
	if d := o.Time - start; d < 0 || d >= maxSeconds*microsPerSec || d%microsPerSec != 0 {
		flags = flagFine
	}
	if o.era == nil {
		flags |= flagFar
	}
	return flags
}

func appendObs(b []byte, o *Obs, start events.Instant, flags byte) []byte {
	d := int64(o.Time - start)
	switch {
	case flags&flagFine == 0:
		s := uint32(d / microsPerSec)
		b = append(b, byte(s>>16), byte(s>>8), byte(s))
	case d%microsPerSec == 0:
		b = binary.AppendVarint(b, d/microsPerSec*2)
	default:
		b = binary.AppendVarint(b, d*2+1)
	}
	if flags&flagFar == 0 {
		ms := uint32((o.Recorded - o.era.recorded) / microsPerMs)
		b = binary.AppendUvarint(b, uint64(o.era.number))
		b = append(b, byte(ms>>16), byte(ms>>8), byte(ms))
		b = binary.AppendUvarint(b, o.Position.Seq-o.era.seq)
		b = binary.AppendUvarint(b, uint64(o.Position.Index))
	} else {
		b = AppendStamp(b, o.Recorded, o.Time)
		b = appendPosition(b, o.Position)
		b = binary.AppendUvarint(b, uint64(o.Catalogue))
	}
	return append(b, o.ID[:]...)
}

func appendPosition(b []byte, p events.Position) []byte {
	b = binary.AppendUvarint(b, uint64(p.Generation))
	b = binary.AppendUvarint(b, p.Seq)
	return binary.AppendUvarint(b, uint64(p.Index))
}

// parseRow reads what appendRow wrote and returns the particulars, which share
// v's memory. Without templates it tells of each observation its time and id
// only.
func parseRow(v []byte, month uint16, h *header, t *Templates) (part []byte, err error) {
	c := cursor{b: v}
	flags := c.byte()
	h.n = int(flags & maskObs)
	h.more, h.days = flags&flagMore != 0, 0
	if h.n == 0 || flags >= flagFar<<1 {
		return nil, fmt.Errorf("read event row: flags %#x are not known here", flags)
	}
	start := monthStart(month)
	need := byte(0)
	for i := range h.n {
		c.obs(&h.obs[i], start, flags, t)
		if c.bad || t == nil {
			continue
		}
		need |= h.obs[i].form(start)
		c.bad = i > 0 && !h.obs[i-1].before(&h.obs[i])
	}
	if flags&flagDays != 0 {
		h.days = binary.BigEndian.Uint32(c.take(4))
		c.bad = c.bad || h.days == 0 || h.days > 1<<31-1 || !h.more
	}
	if c.bad || t != nil && need != flags&(flagFine|flagFar) {
		return nil, fmt.Errorf("read event row of %d bytes: its form is broken", len(v))
	}
	return c.b, nil
}
