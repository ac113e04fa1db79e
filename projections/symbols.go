package projections

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/habeas-data/habeas/events"
)

// symbols numbers the codes of the map, from 1, in the order in which the
// journal first used them. Numbers are never reused.
type symbols struct {
	names  atomic.Pointer[[]events.Code] // grows only; readers keep the slice they got
	number map[events.Code]uint64        // owned by the writer
}

func newSymbols() *symbols {
	t := &symbols{number: make(map[events.Code]uint64)}
	t.names.Store(new([]events.Code))
	return t
}

// Name returns the code of a number.
func (t *symbols) Name(n uint64) (events.Code, error) {
	names := *t.names.Load()
	if n == 0 || n > uint64(len(names)) {
		return "", fmt.Errorf("code %d is not among the %d of the map", n, len(names))
	}
	return names[n-1], nil
}

// add numbers a code, and reports whether it is new.
func (t *symbols) add(c events.Code) (uint64, bool) {
	if n, ok := t.number[c]; ok {
		return n, false
	}
	names := append(*t.names.Load(), c)
	t.names.Store(&names)
	n := uint64(len(names))
	t.number[c] = n
	return n, true
}

func (t *symbols) len() int { return len(*t.names.Load()) }

func symbolKey(n uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{familySymbol}, n)
}

func loadSymbols(r *reader) (*symbols, error) {
	t := newSymbols()
	err := r.Scan([]byte{familySymbol}, nil, func(k, v []byte) error {
		n, fresh := t.add(events.Code(v))
		if len(k) != 9 || !fresh || binary.BigEndian.Uint64(k[1:]) != n {
			return fmt.Errorf("code %d of the map is missing or stands twice", n)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}
