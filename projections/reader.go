package projections

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A reader reads the rows of one store at one timestamp. It is not safe for
// concurrent use.
type reader struct {
	s     *store
	txn   *badger.Txn
	limit events.Position // of retractions
	buf   []byte
	// it serves the scans of one handle's rows one after the other: to make an
	// iterator costs more than to read a few rows. Nil until the first, and
	// while one is under way.
	it *badger.Iterator
}

func (s *store) reader(ts uint64) *reader {
	return &reader{s: s, txn: s.db.NewTransactionAt(ts, false)}
}

func (r *reader) close() {
	if r.it != nil {
		r.it.Close()
		r.it = nil
	}
	if r.txn != nil {
		r.txn.Discard()
		r.txn = nil // what is read from now on is answered ErrClosed
	}
}

// narrow is the length from which a prefix is that of one handle's rows.
const narrow = 17

// iterator returns an iterator for the rows under a prefix, and how to give it
// back.
func (r *reader) iterator(prefix []byte) (it *badger.Iterator, done func()) {
	if len(prefix) < narrow {
		it = r.txn.NewIterator(badger.IteratorOptions{Prefix: prefix, PrefetchValues: false})
		return it, it.Close
	}
	if it, r.it = r.it, nil; it == nil {
		it = r.txn.NewIterator(badger.IteratorOptions{PrefetchValues: false})
	}
	return it, func() {
		if r.it != nil || r.txn == nil {
			it.Close() // a scan within a scan, or after the end
			return
		}
		r.it = it
	}
}

// Get returns one row. The value is valid until the next call.
func (r *reader) Get(key []byte) ([]byte, bool, error) {
	if r.txn == nil {
		return nil, false, ErrClosed
	}
	item, err := r.txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read from map: %w", err)
	}
	r.buf, err = item.ValueCopy(r.buf[:0])
	if err != nil {
		return nil, false, fmt.Errorf("read from map: %w", err)
	}
	return r.buf, true, nil
}

// Scan calls fn for the rows under a prefix, in order.
func (r *reader) Scan(prefix, start []byte, fn func(key, value []byte) error) error {
	if r.txn == nil {
		return ErrClosed
	}
	it, done := r.iterator(prefix)
	defer done()
	if len(start) == 0 {
		start = prefix
	}
	for it.Seek(start); it.ValidForPrefix(prefix); it.Next() {
		item := it.Item()
		err := item.Value(func(v []byte) error { return fn(item.Key(), v) })
		if errors.Is(err, inventory.ErrStop) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// families calls fn for the first byte of every key, once each.
func (r *reader) families(fn func(byte)) {
	it := r.txn.NewIterator(badger.IteratorOptions{PrefetchValues: false})
	defer it.Close()
	for it.Rewind(); it.Valid(); {
		f := it.Item().Key()[0]
		fn(f)
		if f == 0xff {
			return
		}
		it.Seek([]byte{f + 1})
	}
}

// keys calls fn for the keys under a prefix, in order.
func (r *reader) keys(prefix []byte, fn func(key []byte) error) error {
	it := r.txn.NewIterator(badger.IteratorOptions{Prefix: prefix, PrefetchValues: false})
	defer it.Close()
	for it.Seek(prefix); it.ValidForPrefix(prefix); it.Next() {
		if err := fn(it.Item().Key()); err != nil {
			return err
		}
	}
	return nil
}

// Unused reports whether no row of the family was ever written: a question that
// is asked about every person, of families that few people have rows in.
func (r *reader) Unused(family byte) bool { return r.s != nil && !r.s.used[family].Load() }

// Name returns a code by its number.
func (r *reader) Name(n uint64) (events.Code, error) { return r.s.symbols.Name(n) }

// Templates is the table of bodies. It may know more than the reader sees.
func (r *reader) Templates() *inventory.Templates { return r.s.bodies }

// Retracted lists what took an event back by the reader's position.
func (r *reader) Retracted(id inventory.Mark) []inventory.Retraction {
	return r.s.gone.Of(id, r.limit)
}

func (r *reader) empty() (bool, error) {
	empty := true
	err := r.Scan(nil, nil, func(_, _ []byte) error {
		empty = false
		return inventory.ErrStop
	})
	return empty, err
}

func (r *reader) stand() (stand, error) {
	v, ok, err := r.Get(keyStands)
	if err != nil {
		return stand{}, err
	}
	if !ok {
		return stand{}, errors.New("it does not say where it stands")
	}
	return parseStand(v)
}

func appendStand(b []byte, s *stand) []byte {
	b = binary.AppendUvarint(b, s.ts)
	b = appendPosition(b, s.position)
	b = binary.AppendVarint(b, int64(s.recorded))
	whole := byte(0)
	if s.whole {
		whole = 1
	}
	b = append(b, whole)
	b = binary.AppendUvarint(b, s.events)
	b = binary.AppendUvarint(b, s.quarantined)
	return append(b, s.checkpoint...)
}

func parseStand(v []byte) (stand, error) {
	b := bytes.NewReader(v)
	var s stand
	var pos [3]uint64
	var recorded int64
	var whole byte
	err := errors.Join(
		read(b, &s.ts), read(b, &pos[0]), read(b, &pos[1]), read(b, &pos[2]),
		readSigned(b, &recorded), readByte(b, &whole), read(b, &s.events), read(b, &s.quarantined),
	)
	if err != nil || pos[0] > 1<<32-1 || pos[2] > 1<<32-1 || whole > 1 {
		return stand{}, errors.New("where it stands cannot be read")
	}
	s.position = events.Position{Generation: uint32(pos[0]), Seq: pos[1], Index: uint32(pos[2])}
	s.recorded, s.whole = events.Instant(recorded), whole == 1
	s.checkpoint = bytes.Clone(v[len(v)-b.Len():])
	return s, nil
}

func read(b *bytes.Reader, v *uint64) (err error) {
	*v, err = binary.ReadUvarint(b)
	return err
}

func readSigned(b *bytes.Reader, v *int64) (err error) {
	*v, err = binary.ReadVarint(b)
	return err
}

func readByte(b *bytes.Reader, v *byte) (err error) {
	*v, err = b.ReadByte()
	return err
}

func appendPosition(b []byte, p events.Position) []byte {
	b = binary.AppendUvarint(b, uint64(p.Generation))
	b = binary.AppendUvarint(b, p.Seq)
	return binary.AppendUvarint(b, uint64(p.Index))
}

// checkBatches finds every batch from the oldest that may still live in a
// write-ahead log alone up to the last: none may be missing between them.
func (r *reader) checkBatches(at stand) error {
	oldest := uint64(1)
	v, ok, err := r.Get(keyOldest)
	if err != nil {
		return err
	}
	if ok {
		if len(v) != 8 {
			return errors.New("its oldest batch cannot be read")
		}
		oldest = binary.BigEndian.Uint64(v)
	}
	next := oldest
	err = r.Scan([]byte{familyBatch}, batchKey(oldest), func(k, _ []byte) error {
		if len(k) != 9 || binary.BigEndian.Uint64(k[1:]) != next {
			return fmt.Errorf("batch %d of %d was lost on disk, later ones were not", next, at.ts)
		}
		next++
		return nil
	})
	if err == nil && next != at.ts+1 {
		err = fmt.Errorf("it stands at batch %d, but its last batch is %d", at.ts, next-1)
	}
	return err
}

func batchKey(ts uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{familyBatch}, ts)
}
