package identity

import "github.com/habeas-data/habeas/events"

// byHandle keeps values by handle, in the order in which they were put. Most
// people have a few handles, and a short list is searched faster than a map.
type byHandle[T any] struct {
	keys   []events.Handle
	values []T
	at     map[events.Handle]int // places of all, once they are many
}

const manyHandles = 32

func (s *byHandle[T]) len() int { return len(s.keys) }

func (s *byHandle[T]) find(h events.Handle) (int, bool) {
	if s.at != nil {
		i, ok := s.at[h]
		return i, ok
	}
	for i := range s.keys {
		if s.keys[i] == h {
			return i, true
		}
	}
	return 0, false
}

func (s *byHandle[T]) get(h events.Handle) (v T, ok bool) {
	i, ok := s.find(h)
	if ok {
		v = s.values[i]
	}
	return v, ok
}

// put adds a value or replaces it.
func (s *byHandle[T]) put(h events.Handle, v T) {
	if i, ok := s.find(h); ok {
		s.values[i] = v
		return
	}
	s.keys, s.values = append(s.keys, h), append(s.values, v)
	switch {
	case s.at != nil:
		s.at[h] = len(s.keys) - 1
	case len(s.keys) > manyHandles:
		s.at = make(map[events.Handle]int, 2*len(s.keys))
		for i, k := range s.keys {
			s.at[k] = i
		}
	}
}

// reset forgets all and keeps the room.
func (s *byHandle[T]) reset() {
	if cap(s.keys) > arenaKept {
		*s = byHandle[T]{}
		return
	}
	clear(s.values)
	s.keys, s.values, s.at = s.keys[:0], s.values[:0], nil
}

// An arena gives out room for values. After reset the same room is given out
// again: what was taken before may be used no more.
type arena[T any] struct{ room []T }

const (
	arenaLeast = 16
	arenaKept  = 1024 // room made at once, unless more is asked for, and kept for the next use
)

// take returns n zero values.
func (a *arena[T]) take(n int) []T {
	if cap(a.room)-len(a.room) < n {
		// The old room stays with whoever took of it.
		a.room = make([]T, 0, max(n, arenaLeast, min(2*cap(a.room), arenaKept)))
	}
	from := len(a.room)
	a.room = a.room[:from+n]
	return a.room[from : from+n : from+n]
}

func (a *arena[T]) reset() {
	if cap(a.room) > arenaKept {
		a.room = nil
		return
	}
	clear(a.room)
	a.room = a.room[:0]
}
