package identity

import (
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

func linkKey(b []byte, h events.Handle, kind uint32, o events.Handle) []byte {
	b = append(append(b[:0], FamilyLink), h[:]...)
	b = binary.BigEndian.AppendUint32(b, kind)
	return append(b, o[:]...)
}

func handKey(b []byte, h, o events.Handle, p events.Position) []byte {
	b = append(append(b[:0], FamilyHand), h[:]...)
	return appendPlace(append(b, o[:]...), p)
}

// appendPlace writes a position so that keys sort by it.
func appendPlace(b []byte, p events.Position) []byte {
	b = binary.BigEndian.AppendUint32(b, p.Generation)
	b = binary.BigEndian.AppendUint64(b, p.Seq)
	return binary.BigEndian.AppendUint32(b, p.Index)
}

// linkRow is a link as it is stored under one of its ends: the first event
// recorded of which that end was the primary and, if that event was not
// anchored, the first that was.
type linkRow struct {
	system   uint64 // number of the other's system
	crossing Crossing
	n        uint8 // how many of seen there are
	seen     [2]Evidence
	// mirror is the number of this end's kind if the other end holds evidence
	// of its own; with it the row there is found.
	mirror uint64
}

// see adds an event and reports whether the row changed. Events come in journal
// order, so the first seen is the first recorded.
func (l *linkRow) see(e Evidence) bool {
	switch {
	case l.n == 0:
	case l.n == 1 && e.Anchored && !l.seen[0].Anchored && e.ID != l.seen[0].ID:
	default:
		return false
	}
	l.seen[l.n] = e
	l.n++
	return true
}

// The stored form: flags (bits 0-1 number of evidence, 2-3 crossing, 4 mirror),
// the other's system and, if flagged, this end's kind (uvarints, numbers of the
// map), the evidence.
func appendLink(b []byte, l *linkRow) []byte {
	flags := l.n | byte(l.crossing)<<2
	if l.mirror != 0 {
		flags |= flagMirror
	}
	b = binary.AppendUvarint(append(b, flags), l.system)
	if l.mirror != 0 {
		b = binary.AppendUvarint(b, l.mirror)
	}
	for i := range l.n {
		b = appendEvidence(b, &l.seen[i])
	}
	return b
}

const flagMirror = 1 << 4

func parseLink(v []byte) (l linkRow, err error) {
	d := decoder{b: v}
	flags := d.byte()
	n := flags & 3
	l.crossing, l.system = Crossing(flags>>2&3), d.uvarint(1<<32-1)
	if flags&flagMirror != 0 {
		l.mirror = d.uvarint(1<<32 - 1)
		d.bad = d.bad || l.mirror == 0
	}
	if l.n = min(n, 2); l.n > 0 {
		d.evidence(&l.seen[0])
	}
	if l.n > 1 {
		d.evidence(&l.seen[1])
	}
	if d.bad || len(d.b) > 0 || flags >= flagMirror<<1 || n == 3 || l.crossing > SelfCrosses || (n == 0 && l.mirror == 0) {
		return linkRow{}, fmt.Errorf("read link row of %d bytes: its form is broken", len(v))
	}
	return l, nil
}

func appendWord(b []byte, w *Word) []byte {
	flags := byte(0)
	for i, set := range [...]bool{w.Linked, w.ByHand, w.Anchored} {
		if set {
			flags |= 1 << i
		}
	}
	b = append(b, flags)
	for _, c := range [...]events.Code{w.Other.Kind, w.System, w.Reason} {
		b = append(append(b, byte(len(c))), c...)
	}
	return appendEvidence(b, &w.Evidence)
}

func parseWord(k, v []byte) (Word, error) {
	d := decoder{b: v}
	flags := d.byte()
	w := Word{Linked: flags&1 != 0, ByHand: flags&2 != 0, Anchored: flags&4 != 0}
	w.Other.Kind, w.System, w.Reason = d.code(), d.code(), d.code()
	d.evidence(&w.Evidence)
	if d.bad || len(d.b) > 0 || flags > 7 || len(k) != 49 {
		return Word{}, fmt.Errorf("read row of a word by hand, %d bytes: its form is broken", len(v))
	}
	copy(w.Other.Handle[:], k[17:33])
	return w, nil
}

// The stored form of evidence: time (varint, seconds*2 or microseconds*2+1),
// recorded (uvarint, see inventory.AppendStamp), generation with the anchored bit lowest, sequence, index
// (uvarints), id (8 bytes).
func appendEvidence(b []byte, e *Evidence) []byte {
	generation := uint64(e.Position.Generation) << 1
	if e.Anchored {
		generation |= 1
	}
	b = appendInstant(b, e.Time)
	b = inventory.AppendStamp(b, e.Recorded, e.Time)
	b = binary.AppendUvarint(b, generation)
	b = binary.AppendUvarint(b, e.Position.Seq)
	b = binary.AppendUvarint(b, uint64(e.Position.Index))
	return append(b, e.ID[:]...)
}

const (
	second   = 1_000_000 // microseconds
	farthest = 1 << 62   // microseconds that can be told in seconds
)

func appendInstant(b []byte, t events.Instant) []byte {
	if t%second == 0 {
		return binary.AppendVarint(b, int64(t/second*2))
	}
	return binary.AppendVarint(b, int64(t*2+1))
}

// A decoder reads fields off the front of b; after the first misfit bad stays
// set and every read returns zero.
type decoder struct {
	b   []byte
	bad bool
}

var zeros [256]byte

func (d *decoder) take(n int) []byte {
	if d.bad || len(d.b) < n {
		d.bad = true
		return zeros[:n]
	}
	v := d.b[:n:n]
	d.b = d.b[n:]
	return v
}

func (d *decoder) byte() byte { return d.take(1)[0] }

func (d *decoder) code() events.Code { return events.Code(d.take(int(d.byte()))) }

func (d *decoder) uvarint(most uint64) uint64 {
	v, n := binary.Uvarint(d.b)
	if d.bad || n <= 0 || v > most || (n > 1 && d.b[n-1] == 0) {
		d.bad = true
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	v := d.uvarint(1<<64 - 1)
	return int64(v>>1) ^ -int64(v&1)
}

func (d *decoder) instant() events.Instant {
	v := d.varint()
	if v&1 == 0 {
		d.bad = d.bad || v > farthest/second || v < -farthest/second
		return events.Instant(v / 2 * second)
	}
	d.bad = d.bad || v>>1%second == 0
	return events.Instant(v >> 1)
}

func (d *decoder) evidence(e *Evidence) {
	e.Time = d.instant()
	recorded, ok := inventory.StampOf(d.uvarint(1<<64-1), e.Time)
	e.Recorded, d.bad = recorded, d.bad || !ok
	g := d.uvarint(1<<33 - 1)
	e.Anchored = g&1 == 1
	e.Position = events.Position{Generation: uint32(g >> 1), Seq: d.uvarint(1<<64 - 1), Index: uint32(d.uvarint(1<<32 - 1))}
	e.ID = inventory.Mark(d.take(8))
}

// prefix is the common beginning of the keys of one handle.
func prefix(family byte, h events.Handle) []byte {
	return append([]byte{family}, h[:]...)
}

// CheckRow reads one row of this package and says what is wrong with it.
func CheckRow(key, value []byte) error {
	var err error
	switch {
	case key[0] == FamilyLink && len(key) == 37:
		_, err = parseLink(value)
	case key[0] == FamilyHand && len(key) == 49:
		_, err = parseWord(key, value)
	case key[0] == FamilyMark && len(key) == 33:
		_, _, err = parseMark(value)
	default:
		err = fmt.Errorf("key of %d bytes", len(key))
	}
	return err
}

func parseMark(v []byte) (shared bool, e Evidence, err error) {
	d := decoder{b: v}
	flag := d.byte()
	d.evidence(&e)
	if d.bad || len(d.b) > 0 || flag > 1 {
		return false, Evidence{}, fmt.Errorf("read row of a mark, %d bytes: its form is broken", len(v))
	}
	return flag == 1, e, nil
}
