package events

import (
	"encoding/binary"
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// A Pack holds events that were checked and encoded before anybody knows which
// frames they go into: each code is a hole of one byte, which the frame fills
// with its own number. So the work on an event is done once, by its own caller,
// while nobody else waits, and FrameBuilder.Place has only to copy.
//
// The zero value is ready. A Pack that is used again keeps its memory and the
// codes that it has seen, up to packCodes. Not safe for concurrent use.
type Pack struct {
	records []byte // of all events in a row
	holes   []hole // of all events in a row, counted from the start of records
	items   []packed

	known map[Code]uint32 // codes that have the form, numbered from 1
	codes []packCode      // by number; the first stands for none
	near  [512]uint32     // number of the code that was at home here last, see home

	into uint64   // serial of the frame that was placed into last
	to   []uint64 // numbers of the codes in that frame, by ours; 0: not asked yet
}

// packCodes is how many codes a Pack carries over from one use to the next.
const packCodes = 4096

type packCode struct {
	code Code
	sum  uint64 // digest, for the digest of what holds it
}

// A packed event, with the ends of its record and of its holes.
type packed struct {
	id             EventID
	sum            uint32
	records, holes uint32
}

type hole struct{ at, code uint32 }

// packSeed makes the digests of contents those of this process: they never
// leave it.
var packSeed = maphash.MakeSeed()

// Add checks and encodes an event; it keeps nothing of e. What it refuses leaves
// no trace. The error says what Check does.
func (p *Pack) Add(e *Event) error {
	records, holes := len(p.records), len(p.holes)
	w := writer{b: p.records, pack: p}
	w.event(e)
	if w.err != nil {
		p.records, p.holes = w.b[:records], p.holes[:holes]
		return checked(e, w.err)
	}
	p.records = w.b
	p.items = append(p.items, packed{id: e.ID, sum: p.digest(e, w.b[w.said:], holes), records: uint32(len(w.b)), holes: uint32(len(p.holes))})
	return nil
}

// digest makes 32 bits of what an event says, leaving out its id and its flags,
// which the gateway sets by what it knows at the time. said is the record behind
// the flags, with holes for codes. Never zero.
func (p *Pack) digest(e *Event, said []byte, holes int) uint32 {
	const odd = 0x9e3779b97f4a7c15
	sum := maphash.Bytes(packSeed, said) + uint64(e.Kind)*odd
	sum = (sum^sum>>32)*odd + uint64(e.Time)
	for _, h := range p.holes[holes:] {
		sum = (sum^sum>>32)*odd + p.codes[h.code].sum
	}
	sum = (sum ^ sum>>32) * odd
	return uint32(sum>>32) | 1
}

// number returns the number of a code, 0 if it does not have the form of one.
func (p *Pack) number(c Code) uint32 {
	at := &p.near[home(c)]
	if n := *at; n != 0 && p.codes[n].code == c {
		return n
	}
	n := p.numberOf(c)
	*at = n
	return n
}

// home spreads codes over the places of near by four of their bytes. The map
// behind it costs five times as much, and an event has ten codes.
func home(c Code) uint32 {
	n := len(c)
	x := uint32(c[0]) | uint32(c[n/2])<<8 | uint32(c[n-1])<<16 | uint32(c[max(n-2, 0)])<<24
	return (x ^ uint32(n)<<4) * 0x9e3779b1 >> 23
}

func (p *Pack) numberOf(c Code) uint32 {
	if n, ok := p.known[c]; ok {
		return n
	}
	if !c.wellFormed() {
		return 0
	}
	if p.known == nil {
		p.known, p.codes = make(map[Code]uint32, 64), make([]packCode, 1, 64)
	}
	c = Code(strings.Clone(string(c))) // the text it was cut from need not live on
	n := uint32(len(p.codes))
	p.known[c] = n
	p.codes = append(p.codes, packCode{c, maphash.String(packSeed, string(c))})
	return n
}

// Len is the number of events packed.
func (p *Pack) Len() int { return len(p.items) }

// ID is the id of event i, 0 <= i < Len.
func (p *Pack) ID(i int) EventID { return p.items[i].id }

// Sum is a digest of what event i says, without its id and its flags: equal in
// this process where the contents are, and never zero.
func (p *Pack) Sum(i int) uint32 { return p.items[i].sum }

// Reset empties the pack and keeps its memory.
func (p *Pack) Reset() {
	p.records, p.holes, p.items = p.records[:0], p.holes[:0], p.items[:0]
	if len(p.codes) > packCodes {
		*p = Pack{records: p.records, holes: p.holes, items: p.items}
	}
}

// serials tell the contents of frames under construction apart.
var serials atomic.Uint64

// Place packs event i of p. The frame gets the same bytes as from Add.
func (f *FrameBuilder) Place(p *Pack, i int) {
	if f.serial == 0 {
		f.serial = serials.Add(1)
	}
	if p.into != f.serial {
		clear(p.to)
		p.into = f.serial
	}
	if more := len(p.codes) - len(p.to); more > 0 {
		p.to = append(p.to, make([]uint64, more)...)
	}
	var from packed
	if i > 0 {
		from = p.items[i-1]
	}
	record, holes := p.records[from.records:p.items[i].records], p.holes[from.holes:p.items[i].holes]
	size := len(record)
	for _, h := range holes {
		n := p.to[h.code]
		if n == 0 {
			n = f.Symbol(p.codes[h.code].code)
			p.to[h.code] = n
		}
		for ; n >= 0x80; n >>= 7 {
			size++
		}
	}
	f.records = binary.AppendUvarint(f.records, uint64(size))
	f.count++
	if size == len(record) { // as nearly always: every number is one byte
		at := len(f.records)
		f.records = append(f.records, record...)
		for _, h := range holes {
			f.records[at+int(h.at-from.records)] = byte(p.to[h.code])
		}
		return
	}
	done := uint32(0)
	for _, h := range holes {
		at := h.at - from.records
		f.records = append(f.records, record[done:at]...)
		f.records = binary.AppendUvarint(f.records, p.to[h.code])
		done = at + 1
	}
	f.records = append(f.records, record[done:]...)
}
