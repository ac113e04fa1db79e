package projections

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/runs"
	"github.com/habeas-data/habeas/projections/inventory"
)

// rows are those of a snapshot, or those that a batch will leave.
type rows interface {
	Get(key []byte) ([]byte, bool, error)
	Scan(prefix, start []byte, fn func(key, value []byte) error) error
}

// A reader reads the rows of one store at one moment. It is not safe for
// concurrent use.
type reader struct {
	s     *store
	rows  rows            // nil once it is closed
	limit events.Position // of retractions
}

// reader reads what was last committed.
func (s *store) reader() *reader { return &reader{s: s, rows: s.rows.Snapshot()} }

func (r *reader) close() {
	if v, ok := r.rows.(*runs.Snapshot); ok {
		v.Release()
	}
	r.rows = nil // what is read from now on is answered ErrClosed
}

// Get returns one row. The value must not be changed.
func (r *reader) Get(key []byte) ([]byte, bool, error) {
	if r.rows == nil {
		return nil, false, ErrClosed
	}
	v, ok, err := r.rows.Get(key)
	if err != nil {
		return nil, false, fmt.Errorf("read from map: %w", err)
	}
	return v, ok, nil
}

// Scan calls fn for the rows under a prefix, in order, from start on.
func (r *reader) Scan(prefix, start []byte, fn func(key, value []byte) error) error {
	if r.rows == nil {
		return ErrClosed
	}
	err := r.rows.Scan(prefix, start, fn)
	if errors.Is(err, inventory.ErrStop) {
		return nil
	}
	return err
}

// families calls fn for the first byte of every key, once each.
func families(v *runs.Snapshot, fn func(byte)) error {
	for from := []byte(nil); ; {
		key, err := v.Next(from)
		if err != nil || key == nil {
			return err
		}
		fn(key[0])
		if key[0] == 0xff {
			return nil
		}
		from = []byte{key[0] + 1}
	}
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
	b = binary.AppendUvarint(b, s.batches)
	b = appendPosition(b, s.position)
	b = binary.AppendVarint(b, int64(s.recorded))
	b = binary.AppendUvarint(b, s.events)
	b = binary.AppendUvarint(b, s.quarantined)
	return append(b, s.checkpoint...)
}

func parseStand(v []byte) (stand, error) {
	b := bytes.NewReader(v)
	var s stand
	var pos [3]uint64
	var recorded int64
	err := errors.Join(
		read(b, &s.batches), read(b, &pos[0]), read(b, &pos[1]), read(b, &pos[2]),
		readSigned(b, &recorded), read(b, &s.events), read(b, &s.quarantined),
	)
	if err != nil || pos[0] > 1<<32-1 || pos[2] > 1<<32-1 {
		return stand{}, errors.New("where it stands cannot be read")
	}
	s.position = events.Position{Generation: uint32(pos[0]), Seq: pos[1], Index: uint32(pos[2])}
	s.recorded = events.Instant(recorded)
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

func appendPosition(b []byte, p events.Position) []byte {
	b = binary.AppendUvarint(b, uint64(p.Generation))
	b = binary.AppendUvarint(b, p.Seq)
	return binary.AppendUvarint(b, uint64(p.Index))
}
