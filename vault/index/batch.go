package index

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/runs"
)

// A Batch is what the writer changes together. It reads its own writes. Commit or
// Discard it; one at a time.
type Batch struct {
	Reader
	Meta *Meta // written with the rest
	x    *Index
	b    *runs.Batch
	now  bool // it is to be durable when Commit returns
}

// Begin starts a batch over a copy of m, which Commit writes.
func (x *Index) Begin(m Meta) *Batch {
	b := x.rows.Begin()
	return &Batch{Reader: Reader{b}, Meta: &m, x: x, b: b}
}

// Discard drops the batch. It may follow Commit.
func (b *Batch) Discard() { b.b.Discard() }

// Commit lets readers see the batch, all or nothing, its meta included: effect
// and position stand together (I3).
func (b *Batch) Commit() error {
	b.set([]byte{famMeta}, encodeMeta(b.Meta))
	err := b.b.Commit(nil)
	if err == nil && (b.now || b.Meta.Table != b.x.table || b.Meta.Ledger != b.x.ledger) {
		if err = b.x.rows.Flush(); err == nil {
			b.x.table, b.x.ledger = b.Meta.Table, b.Meta.Ledger
		}
	}
	if err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	return nil
}

func (b *Batch) set(k, v []byte) { b.b.Set(k, v) }

func (b *Batch) del(k []byte) { b.b.Delete(k) }

// SetRow writes the sealed row of an identifier.
func (b *Batch) SetRow(k RowKey, sealed []byte) {
	var key [1 + len(RowKey{})]byte
	key[0] = famRow
	copy(key[1:], k[:])
	b.set(key[:], sealed)
}

// DropRow removes the row of an identifier.
func (b *Batch) DropRow(k RowKey) { b.del(append([]byte{famRow}, k[:]...)) }

// SetSlot writes a slot and, if it has an id, the way from the id to it.
func (b *Batch) SetSlot(slot uint64, s *Slot) {
	b.set(slotKey(famSlot, slot), encodeSlot(s))
	switch s.Purpose {
	case Entry:
		b.set(append([]byte{famHandle}, s.ID[:]...), slotKey(famSlot, slot)[1:])
	case Note:
		b.set(append([]byte{famNote}, s.ID[:]...), slotKey(famSlot, slot)[1:])
	}
}

// UpdateSlot writes a slot that is there already.
func (b *Batch) UpdateSlot(slot uint64, s *Slot) { b.set(slotKey(famSlot, slot), encodeSlot(s)) }

// SetPart writes a further part of a note.
func (b *Batch) SetPart(slot uint64, part uint16, sealed []byte) {
	b.set(binary.BigEndian.AppendUint16(slotKey(famPart, slot), part), sealed)
}

// Forget removes all that is known of a slot and marks it as forgotten. It
// returns what was there, or nil.
func (b *Batch) Forget(slot uint64) (*Slot, error) {
	b.now = true
	s, ok, err := b.Slot(slot)
	if err != nil {
		return nil, err
	}
	if ok {
		b.del(slotKey(famSlot, slot))
		b.del(append([]byte{famHandle}, s.ID[:]...))
		if s.Purpose == Note {
			b.del(append([]byte{famNote}, s.ID[:]...))
		}
	}
	for part := uint16(1); ok && part < s.Parts; part++ {
		b.del(binary.BigEndian.AppendUint16(slotKey(famPart, slot), part))
	}
	b.del(slotKey(famDue, slot))
	b.set(slotKey(famGone, slot), nil)
	if !ok {
		return nil, nil
	}
	return s, nil
}

// Due marks a slot that others forgot and that is to be forgotten here.
func (b *Batch) Due(slot uint64) {
	b.now = true
	b.set(slotKey(famDue, slot), nil)
}

// ErrStop ends an iteration early without an error.
var ErrStop = errors.New("stop")

// EachRow calls fn for every row whose key begins with the tag, or for every
// row of the index if the tag is nil. The value is valid during the call only.
func (r *Reader) EachRow(tag []byte, fn func(k RowKey, sealed []byte) error) error {
	return r.each(append([]byte{famRow}, tag...), func(key, v []byte) error { return fn(RowKey(key[1:]), v) })
}

// EachRowOf calls fn for the rows of many tags, which is one search each.
func (r *Reader) EachRowOf(tags [][8]byte, fn func(k RowKey, sealed []byte) error) error {
	for _, tag := range tags {
		if err := r.EachRow(tag[:], fn); err != nil {
			return err
		}
	}
	return nil
}

// EachSlot calls fn for every slot in order, beginning with from.
func (r *Reader) EachSlot(from uint64, fn func(slot uint64, s *Slot) error) error {
	return r.eachFrom(slotKey(famSlot, from), func(key, v []byte) error {
		s, err := decodeSlot(v)
		if err != nil {
			return fmt.Errorf("read index: slot %d: %w", slotOf(key[1:]), err)
		}
		return fn(slotOf(key[1:]), s)
	})
}

// EachForgotten calls fn for every slot marked as forgotten, in order.
func (r *Reader) EachForgotten(fn func(slot uint64) error) error {
	return r.each([]byte{famGone}, func(key, _ []byte) error { return fn(slotOf(key[1:])) })
}

// EachDue calls fn for every slot that is to be forgotten here, in order.
func (r *Reader) EachDue(fn func(slot uint64) error) error {
	return r.each([]byte{famDue}, func(key, _ []byte) error { return fn(slotOf(key[1:])) })
}

// EachHandle calls fn for every handle and its slot.
func (r *Reader) EachHandle(fn func(h events.Handle, slot uint64) error) error {
	return r.each([]byte{famHandle}, func(key, v []byte) error { return fn(events.Handle(key[1:]), slotOf(v)) })
}

func (r *Reader) eachFrom(start []byte, fn func(key, v []byte) error) error {
	return r.iterate(start[:1], start, fn)
}

func (r *Reader) each(prefix []byte, fn func(key, v []byte) error) error {
	return r.iterate(prefix, prefix, fn)
}

func (r *Reader) iterate(prefix, start []byte, fn func(key, v []byte) error) error {
	err := r.rows.Scan(prefix, start, fn)
	if errors.Is(err, ErrStop) {
		return nil
	}
	return err
}
