// Package desktest gives tests a whole desk in memory: the real rules of the
// map, identity and the record of looks over a store, a vault and a journal
// that live in maps. What a test reports goes through the same appliers as in a
// server. It is never part of one.
package desktest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// store is the map in memory. One goroutine owns it.
type store struct {
	rows    map[string][]byte
	keys    []string // of rows, in order
	names   []events.Code
	numbers map[events.Code]uint64
	gone    *inventory.Retractions
	bodies  *inventory.Templates
	at      events.Position
	opened  int // views not closed
}

func newStore() *store {
	return &store{rows: map[string][]byte{}, numbers: map[events.Code]uint64{}, gone: inventory.NewRetractions(), bodies: inventory.NewTemplates()}
}

func (s *store) Get(key []byte) ([]byte, bool, error) {
	v, ok := s.rows[string(key)]
	return v, ok, nil
}

func (s *store) Set(key, value []byte) {
	k := string(key)
	if _, ok := s.rows[k]; !ok {
		i, _ := slices.BinarySearch(s.keys, k)
		s.keys = slices.Insert(s.keys, i, k)
	}
	s.rows[k] = value
}

func (s *store) Delete(key []byte) {
	k := string(key)
	if i, ok := slices.BinarySearch(s.keys, k); ok {
		s.keys = slices.Delete(s.keys, i, i+1)
	}
	delete(s.rows, k)
}

func (s *store) Symbol(c events.Code) uint64 {
	if n, ok := s.numbers[c]; ok {
		return n
	}
	s.names = append(s.names, c)
	s.numbers[c] = uint64(len(s.names))
	return s.numbers[c]
}

func (s *store) Name(n uint64) (events.Code, error) {
	if n == 0 || n > uint64(len(s.names)) {
		return "", fmt.Errorf("code %d is not known", n)
	}
	return s.names[n-1], nil
}

func (s *store) Scan(prefix, start []byte, fn func(key, value []byte) error) error {
	from := string(prefix)
	if string(start) > from {
		from = string(start)
	}
	i, _ := slices.BinarySearch(s.keys, from)
	end := i
	for end < len(s.keys) && strings.HasPrefix(s.keys[end], string(prefix)) {
		end++
	}
	for _, k := range slices.Clone(s.keys[i:end]) {
		if err := fn([]byte(k), s.rows[k]); errors.Is(err, inventory.ErrStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (s *store) Retracted(id inventory.Mark) []inventory.Retraction { return s.gone.Of(id, s.at) }

func (s *store) Templates() *inventory.Templates { return s.bodies }

// view is the store as it is now; tests do not write while they read.
type view struct {
	*store
	closed bool
}

func (v *view) Position() events.Position { return v.at }

func (v *view) Close() error {
	if !v.closed {
		v.closed = true
		v.opened--
	}
	return nil
}

// WaitFor never waits: what was not applied yet will not be.
func (s *store) WaitFor(_ context.Context, p events.Position) error {
	if s.at.Compare(p) >= 0 {
		return nil
	}
	return context.DeadlineExceeded
}
