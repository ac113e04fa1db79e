package inventory

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/habeas-data/habeas/events"
)

// A Retraction takes one event back. It may itself be taken back.
type Retraction struct {
	Position events.Position
	Recorded events.Instant
	Why      events.Code
	Gone     []Retraction
}

// Taken reports whether any of the retractions stands, as known by k.
func Taken(rs []Retraction, k Known) bool {
	for i := range rs {
		if k.Sees(rs[i].Position, rs[i].Recorded) && !Taken(rs[i].Gone, k) {
			return true
		}
	}
	return false
}

// Retractions holds every retraction of the map in memory: they are few, and
// every reading needs them.
type Retractions struct {
	any atomic.Bool // there is at least one: most maps have none
	mu  sync.RWMutex
	by  map[Mark][]retraction // guarded by mu
	// took is what each retraction, by its own id, took back.
	took map[Mark][]Mark // guarded by mu
}

type retraction struct {
	Retraction
	target events.EventID
	own    Mark
}

// NewRetractions returns an empty set.
func NewRetractions() *Retractions {
	return &Retractions{by: make(map[Mark][]retraction), took: make(map[Mark][]Mark)}
}

// maxUndo bounds a chain of retractions of retractions: sources choose ids, so
// a chain may be a ring.
const maxUndo = 8

// Of lists the retractions of an event that limit sees.
func (s *Retractions) Of(id Mark, limit events.Position) []Retraction {
	if !s.any.Load() {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.of(id, limit, maxUndo)
}

func (s *Retractions) of(id Mark, limit events.Position, deep int) []Retraction {
	list := s.by[id]
	if len(list) == 0 || deep == 0 {
		return nil
	}
	var out []Retraction
	for _, r := range list {
		if r.Position.Compare(limit) > 0 {
			continue
		}
		r.Gone = s.of(r.own, limit, deep-1)
		out = append(out, r.Retraction)
	}
	return out
}

// Len counts the retractions.
func (s *Retractions) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, l := range s.by {
		n += len(l)
	}
	return n
}

// apply records a retraction. Only the source of an event, or habeas itself,
// may take it back; anybody else's word is kept in the journal without effect.
func (s *Retractions) apply(b Batch, r *events.Recorded) error {
	if r.Source != Operator && r.RetractsSource != "" && r.RetractsSource != r.Source {
		return nil
	}
	key := append([]byte{FamilyRetraction}, r.Retracts[:]...)
	key = append(key, r.ID[:]...)
	if _, ok, err := b.Get(key); err != nil {
		return fmt.Errorf("read retraction row: %w", err)
	} else if ok {
		return nil // delivered again
	}
	v := appendPosition(nil, r.Position)
	v = appendInstant(v, r.At)
	v = appendCode(v, r.Why)
	b.Set(key, v)
	s.put(retraction{
		Retraction: Retraction{Position: r.Position, Recorded: r.At, Why: r.Why},
		target:     r.Retracts, own: MarkOf(r.ID),
	})
	return nil
}

func (s *Retractions) put(r retraction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.any.Store(true)
	id := MarkOf(r.target)
	s.by[id] = append(s.by[id], r)
	s.took[r.own] = append(s.took[r.own], id)
}

// LoadRetractions reads the set from the rows.
func LoadRetractions(r Scanner) (*Retractions, error) {
	s := NewRetractions()
	err := r.Scan([]byte{FamilyRetraction}, nil, func(k, v []byte) error {
		x, err := parseRetraction(k, v)
		if err == nil {
			s.put(x)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func parseRetraction(k, v []byte) (retraction, error) {
	c := cursor{b: v}
	x := retraction{Retraction: Retraction{Position: c.position(), Recorded: c.instant(), Why: c.code()}}
	if c.bad || len(c.b) > 0 || len(k) != 33 {
		return retraction{}, fmt.Errorf("read retraction row of %d bytes: its form is broken", len(v))
	}
	copy(x.target[:], k[1:])
	copy(x.own[:], k[17:])
	return x, nil
}

// Any reports whether an event was ever taken back, whether or not that stands.
func (s *Retractions) Any(id Mark) bool {
	if !s.any.Load() {
		return false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.by[id]) > 0
}

// Bases lists the events whose standing changes when something is said about
// one: itself and, if it is a retraction, what that took back, and so on.
func (s *Retractions) Bases(id Mark) []Mark {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := []Mark{id}
	for i := 0; i < len(out) && i < maxUndo; i++ {
		for _, target := range s.took[out[i]] {
			if !slices.Contains(out, target) {
				out = append(out, target)
			}
		}
	}
	return out
}
