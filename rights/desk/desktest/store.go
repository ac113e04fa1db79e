// Package desktest gives tests a whole desk in memory: the real rules of the
// map, identity and the record of looks over a store, a vault and a journal
// that live in maps. What a test reports goes through the same appliers as in a
// server. It is never part of one.
package desktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// store is the map in memory. One goroutine owns it.
type store struct {
	rows    map[string][]byte
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

func (s *store) Set(key, value []byte) { s.rows[string(key)] = value }

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
	keys := make([]string, 0, len(s.rows))
	for k := range s.rows {
		if bytes.HasPrefix([]byte(k), prefix) && (len(start) == 0 || k >= string(start)) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
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
