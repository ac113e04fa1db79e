package inventory

import (
	"encoding/binary"
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
	eventKeyHead  = 1 + 16 + 6 // family, handle, shape
	flagMore      = 1 << 2
	flagDays      = 1 << 3
	maskObs       = 3
	maxObs        = 3
	microsPerSec  = 1_000_000
	farthest      = 1 << 60 // microseconds an event may lie off its month's start
	firstYear     = 1600
	maxMonthIndex = 1<<16 - 1
)

// EarliestTime and LatestTime bound the event times that rows can hold.
var (
	EarliestTime = events.InstantOf(time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC))
	LatestTime   = events.InstantOf(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC))
)

// monthOf numbers the month of t. Later than the year 7060 all months share the
// last number, which costs nothing but sharing: times stay exact in the row.
func monthOf(t events.Instant) uint16 {
	m := int64(t.Month()) + (1970-firstYear)*12
	return uint16(max(0, min(m, maxMonthIndex)))
}

func monthStart(m uint16) events.Instant {
	return events.InstantOf(time.Date(firstYear, time.Month(1+int(m)), 1, 0, 0, 0, 0, time.UTC))
}

// The key of a row:
//
//	E  handle 16  context 3  categories 3  others 4 each  signature 8  month 2
//
// The context says how many others there are, and whether there are
// particulars; only then is there a signature, of the particulars. A row that
// holds its whole body has context 0, and 1 byte more before the others: how
// many there are.
func eventKey(b []byte, h events.Handle, s shape, others, part []byte, month uint16) []byte {
	b = append(b[:0], FamilyEvent)
	b = append(b, h[:]...)
	b = s.append(b)
	if s.context == wholeBody {
		b = append(b, byte(len(others)/4))
	}
	b = append(b, others...)
	if len(part) > 0 {
		sig := signature(part)
		b = append(b, sig[:]...)
	}
	return binary.BigEndian.AppendUint16(b, month)
}

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
//	flags  1 byte: bits 0-1 number of observations, 2 more, 3 days
//	n times: time (varint, from the start of the month: seconds*2, or
//	         microseconds*2+1), recorded (uvarint, see AppendStamp),
//	         generation, sequence, index, catalogue (uvarint), id (8 bytes)
//	days   4 bytes big endian, if flagged
//	rest   the particulars: events.AppendEvent of handles and dates alone, with
//	       the map's own numbers for codes; nothing if there are none
func appendRow(b []byte, h *header, month uint16, part []byte) []byte {
	flags := byte(h.n)
	if h.more {
		flags |= flagMore
	}
	if h.days != 0 {
		flags |= flagDays
	}
	b = append(b, flags)
	start := monthStart(month)
	for i := range h.n {
		b = appendObs(b, &h.obs[i], start)
	}
	if h.days != 0 {
		b = binary.BigEndian.AppendUint32(b, h.days)
	}
	return append(b, part...)
}

func appendObs(b []byte, o *Obs, start events.Instant) []byte {
	d := int64(o.Time - start)
	if d%microsPerSec == 0 {
		b = binary.AppendVarint(b, d/microsPerSec*2)
	} else {
		b = binary.AppendVarint(b, d*2+1)
	}
	b = AppendStamp(b, o.Recorded, o.Time)
	b = appendPosition(b, o.Position)
	b = binary.AppendUvarint(b, uint64(o.Catalogue))
	return append(b, o.ID[:]...)
}

func appendPosition(b []byte, p events.Position) []byte {
	b = binary.AppendUvarint(b, uint64(p.Generation))
	b = binary.AppendUvarint(b, p.Seq)
	return binary.AppendUvarint(b, uint64(p.Index))
}

// parseRow reads what appendRow wrote and returns the particulars, which share
// v's memory.
func parseRow(v []byte, month uint16, h *header) (part []byte, err error) {
	c := cursor{b: v}
	flags := c.byte()
	h.n = int(flags & maskObs)
	h.more, h.days = flags&flagMore != 0, 0
	if h.n == 0 || flags >= flagDays<<1 {
		return nil, fmt.Errorf("read event row: flags %#x are not known here", flags)
	}
	start := monthStart(month)
	for i := range h.n {
		c.obs(&h.obs[i], start)
		if i > 0 && !c.bad && !h.obs[i-1].before(&h.obs[i]) {
			c.bad = true
		}
	}
	if flags&flagDays != 0 {
		h.days = binary.BigEndian.Uint32(c.take(4))
		c.bad = c.bad || h.days == 0 || h.days > 1<<31-1 || !h.more
	}
	if c.bad {
		return nil, fmt.Errorf("read event row of %d bytes: its form is broken", len(v))
	}
	return c.b, nil
}
