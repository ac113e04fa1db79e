package index

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"github.com/habeas-data/habeas/events"
)

// A Batch is one transaction of the writer. It reads its own writes. Commit or
// Discard it. The first failure is kept and returned by Commit, so that a long
// list of writes needs no check each.
type Batch struct {
	Reader
	Meta *Meta // written with the rest
	ts   uint64
	done bool
	err  error
}

// Begin starts a batch over a copy of m, which Commit writes.
func (x *Index) Begin(m Meta) *Batch {
	txn, ts := x.pin(true)
	return &Batch{Reader: Reader{x, txn}, Meta: &m, ts: ts}
}

// Discard drops the batch. It may follow Commit.
func (b *Batch) Discard() {
	if !b.done {
		b.done = true
		b.x.unpin(b.txn, b.ts)
	}
}

// Commit makes the batch durable, all or nothing, its meta included: effect
// and position stand together (I3).
func (b *Batch) Commit() error {
	b.set([]byte{famMeta}, encodeMeta(b.Meta))
	defer b.Discard()
	if b.err != nil {
		return b.err
	}
	return b.x.commit(b.txn)
}

func (b *Batch) set(k, v []byte) {
	if b.err == nil {
		if err := b.txn.Set(k, v); err != nil {
			b.err = fmt.Errorf("write index: %w", err)
		}
	}
}

func (b *Batch) del(k []byte) {
	if b.err == nil {
		if err := b.txn.Delete(k); err != nil {
			b.err = fmt.Errorf("write index: %w", err)
		}
	}
}

// SetRow writes the sealed row of an identifier.
func (b *Batch) SetRow(k RowKey, sealed []byte) {
	b.x.filter.add(&k)
	b.set(append([]byte{famRow}, k[:]...), sealed)
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
func (b *Batch) Due(slot uint64) { b.set(slotKey(famDue, slot), nil) }

// ErrStop ends an iteration early without an error.
var ErrStop = errors.New("stop")

// EachRow calls fn for every row whose key begins with the tag, or for every
// row of the index if the tag is nil. The value is valid during the call only.
func (r *Reader) EachRow(tag []byte, fn func(k RowKey, sealed []byte) error) error {
	return r.each(append([]byte{famRow}, tag...), func(key, v []byte) error { return fn(RowKey(key[1:]), v) })
}

// EachRowOf calls fn for the rows of many tags, which is one search each.
func (r *Reader) EachRowOf(tags [][8]byte, fn func(k RowKey, sealed []byte) error) error {
	opt := badger.DefaultIteratorOptions
	opt.Prefix = []byte{famRow}
	opt.PrefetchValues = false
	it := r.txn.NewIterator(opt)
	defer it.Close()
	for _, tag := range tags {
		prefix := append([]byte{famRow}, tag[:]...)
		for it.Seek(prefix); it.ValidForPrefix(prefix); it.Next() {
			if err := visit(it, func(key, v []byte) error { return fn(RowKey(key[1:]), v) }); err != nil {
				return err
			}
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
	opt := badger.DefaultIteratorOptions
	opt.Prefix = prefix
	it := r.txn.NewIterator(opt)
	defer it.Close()
	for it.Seek(start); it.Valid(); it.Next() {
		err := visit(it, fn)
		if errors.Is(err, ErrStop) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func visit(it *badger.Iterator, fn func(key, v []byte) error) error {
	item := it.Item()
	return item.Value(func(v []byte) error { return fn(item.KeyCopy(nil), v) })
}
