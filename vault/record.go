package vault

import (
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
)

// recordVersion is the version of the records of the vault's log. Part of the
// disk form: kinds are never reordered or reused.
const recordVersion = 1

type recordKind uint8

const (
	recCreated   recordKind = 1 // vault id: the first record of a log
	recSealed    recordKind = 2 // purpose, slot, part, parts, sealed bytes
	recRetired   recordKind = 3 // reason, at, slots
	recRevived   recordKind = 4 // slots
	recForgotten recordKind = 5 // slots
	recRotated   recordKind = 6 // epoch, at
)

// A reason says why a pair was retired.
type reason uint8

const (
	forErasure reason = 1 // an approved erasure: the next observation gets a fresh handle
	forSweep   reason = 2 // nothing lives under it: the next observation revives it
)

// A record is one record of the log; which fields are set depends on kind.
type record struct {
	kind        recordKind
	vault       keys.VaultID
	purpose     index.Purpose
	slot        uint64
	part, parts uint16
	sealed      []byte
	reason      reason
	at          events.Instant
	slots       []uint64 // ascending
	epoch       uint32
}

func (r *record) append(b []byte) []byte {
	b = append(b, recordVersion, byte(r.kind))
	switch r.kind {
	case recCreated:
		b = append(b, r.vault[:]...)
	case recSealed:
		b = append(b, byte(r.purpose))
		b = binary.AppendUvarint(b, r.slot)
		b = binary.AppendUvarint(b, uint64(r.part))
		b = binary.AppendUvarint(b, uint64(r.parts))
		b = append(b, r.sealed...)
	case recRetired:
		b = append(b, byte(r.reason))
		b = binary.BigEndian.AppendUint64(b, uint64(r.at))
		b = appendSlots(b, r.slots)
	case recRevived, recForgotten:
		b = appendSlots(b, r.slots)
	case recRotated:
		b = binary.BigEndian.AppendUint32(b, r.epoch)
		b = binary.BigEndian.AppendUint64(b, uint64(r.at))
	default:
		panic(fmt.Sprintf("vault: record of kind %d", r.kind))
	}
	return b
}

// appendSlots writes a count and ascending slots as differences.
func appendSlots(b []byte, slots []uint64) []byte {
	b = binary.AppendUvarint(b, uint64(len(slots)))
	last := uint64(0)
	for _, s := range slots {
		b = binary.AppendUvarint(b, s-last)
		last = s
	}
	return b
}

// decodeRecord reads one record. It keeps a reference to b.
func decodeRecord(b []byte) (*record, error) {
	c := cursor{b: b}
	if v := c.byte(); v != recordVersion && c.err == nil {
		return nil, fmt.Errorf("record of version %d is not known here; want %d", v, recordVersion)
	}
	r := &record{kind: recordKind(c.byte())}
	switch r.kind {
	case recCreated:
		copy(r.vault[:], c.raw(len(r.vault)))
	case recSealed:
		r.purpose = index.Purpose(c.byte())
		r.slot, r.part, r.parts = c.uvarint(), c.uint16(), c.uint16()
		r.sealed, c.b = c.b, nil
		if c.err == nil && (r.purpose < index.Entry || r.purpose > index.Suppression || r.slot >= 1<<keys.SlotBits || r.part >= r.parts) {
			return nil, fmt.Errorf("sealed record: its purpose, slot or part is out of range")
		}
	case recRetired:
		r.reason, r.at, r.slots = reason(c.byte()), events.Instant(c.fixed64()), c.slots()
		if c.err == nil && r.reason != forErasure && r.reason != forSweep {
			return nil, fmt.Errorf("retired record: reason %d is not known here", r.reason)
		}
	case recRevived, recForgotten:
		r.slots = c.slots()
	case recRotated:
		r.epoch, r.at = uint32(c.fixed32()), events.Instant(c.fixed64())
	default:
		if c.err == nil {
			return nil, fmt.Errorf("record of kind %d is not known here", r.kind)
		}
	}
	if err := c.end(); err != nil {
		return nil, fmt.Errorf("record of kind %d: %w", r.kind, err)
	}
	return r, nil
}

// cursor reads a byte form. After the first error every read returns zero.
type cursor struct {
	b   []byte
	err error
}

func (c *cursor) raw(n int) []byte {
	if n < 0 || len(c.b) < n {
		if c.err == nil {
			c.err = fmt.Errorf("ends too early")
		}
		c.b = nil
		return nil
	}
	v := c.b[:n:n]
	c.b = c.b[n:]
	return v
}

func (c *cursor) byte() byte {
	if v := c.raw(1); v != nil {
		return v[0]
	}
	return 0
}

func (c *cursor) fixed32() uint32 {
	if v := c.raw(4); v != nil {
		return binary.BigEndian.Uint32(v)
	}
	return 0
}

func (c *cursor) fixed64() uint64 {
	if v := c.raw(8); v != nil {
		return binary.BigEndian.Uint64(v)
	}
	return 0
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.b)
	if n <= 0 || n > 1 && c.b[n-1] == 0 {
		c.raw(len(c.b) + 1)
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) uint16() uint16 {
	v := c.uvarint()
	if v > 1<<16-1 {
		c.raw(len(c.b) + 1)
		return 0
	}
	return uint16(v)
}

func (c *cursor) text() string { return string(c.raw(int(c.uint16()))) }

func (c *cursor) slots() []uint64 {
	n := c.uvarint()
	if n == 0 || n > uint64(len(c.b)) {
		c.raw(len(c.b) + 1)
		return nil
	}
	slots := make([]uint64, n)
	last := uint64(0)
	for i := range slots {
		d := c.uvarint()
		last += d
		if d >= 1<<keys.SlotBits || last >= 1<<keys.SlotBits || i > 0 && d == 0 {
			c.raw(len(c.b) + 1)
			return nil
		}
		slots[i] = last
	}
	return slots
}

func (c *cursor) end() error {
	if c.err == nil && len(c.b) > 0 {
		return fmt.Errorf("%d bytes after the end", len(c.b))
	}
	return c.err
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
