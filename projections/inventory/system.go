package inventory

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A System is what one system has reported so far, counted exactly.
type System struct {
	Code     events.Code
	Events   uint64 // every event applied, repeats included
	Kinds    []KindCount
	First    events.Instant // earliest event time
	Last     events.Instant // latest event time
	Recorded events.Instant // when its last event was recorded
	Position events.Position
	Pending  uint64 // events in quarantine that wait for a person
	// Began and Start are when and where its first event was recorded: before
	// that nothing of it was known.
	Began  events.Instant
	Start  events.Position
	Synced []Synced

	dirty bool // counted since it was last written
}

// A KindCount counts the events of one kind.
type KindCount struct {
	Kind  events.Kind
	Count uint64
}

// Synced is the latest statement of a system that it has reported everything of
// one dataset (all datasets if empty) up to Through.
type Synced struct {
	Dataset  events.Code
	Through  events.Instant
	Since    events.Instant // last stated; absent if never stated
	Time     events.Instant
	Position events.Position
}

// Tally counts in memory while applying; Flush writes what changed.
type Tally struct {
	by    map[events.Code]*System
	dirty []*System // each once
}

func loadTally(r Scanner) (*Tally, error) {
	t := &Tally{by: make(map[events.Code]*System)}
	err := r.Scan([]byte{FamilySystem}, nil, func(k, v []byte) error {
		s, err := parseSystem(k, v)
		if err == nil {
			t.by[s.Code] = s
		}
		return err
	})
	return t, err
}

func (t *Tally) of(c events.Code) *System {
	s := t.by[c]
	if s == nil {
		s = &System{Code: c}
		t.by[c] = s
	}
	return s
}

// touch has the next flush write the system.
func (t *Tally) touch(s *System) {
	if !s.dirty {
		s.dirty = true
		t.dirty = append(t.dirty, s)
	}
}

// add counts an event of the system s.
func (t *Tally) add(s *System, r *events.Recorded) {
	t.touch(s)
	if s.Events == 0 {
		s.First, s.Last, s.Began, s.Start = r.Time, r.Time, r.At, r.Position
	}
	s.First, s.Last = min(s.First, r.Time), max(s.Last, r.Time)
	s.Events++
	s.Recorded, s.Position = r.At, r.Position
	s.count(r.Kind)
	if r.Kind == events.SourceSynced {
		s.sync(r)
	}
}

func (s *System) count(k events.Kind) {
	i := 0
	for i < len(s.Kinds) && s.Kinds[i].Kind < k {
		i++
	}
	if i == len(s.Kinds) || s.Kinds[i].Kind != k {
		s.Kinds = slices.Insert(s.Kinds, i, KindCount{Kind: k})
	}
	s.Kinds[i].Count++
}

// sync keeps, per dataset, the statement latest by event time and position: a
// system that overstated can say less later.
func (s *System) sync(r *events.Recorded) {
	covers := r.Covers
	if len(covers) == 0 {
		covers = []events.Code{""}
	}
	for _, c := range covers {
		i, ok := slices.BinarySearchFunc(s.Synced, c, func(x Synced, c events.Code) int {
			return compareCodes(x.Dataset, c)
		})
		if !ok {
			s.Synced = slices.Insert(s.Synced, i, Synced{Dataset: c})
		}
		x := &s.Synced[i]
		last := !ok || r.Time > x.Time || (r.Time == x.Time && r.Position.Compare(x.Position) > 0)
		if last {
			x.Through, x.Time, x.Position = r.Through, r.Time, r.Position
		}
		if r.Since != 0 && (last || x.Since == 0) {
			x.Since = r.Since // one that states none takes none back
		}
	}
}

func compareCodes(a, b events.Code) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (t *Tally) flush(b Batch) {
	for _, s := range t.dirty {
		b.Set(systemKey(s.Code), appendSystem(nil, s))
		s.dirty = false
	}
	t.dirty = t.dirty[:0]
}

func systemKey(c events.Code) []byte {
	return append([]byte{FamilySystem, byte(len(c))}, c...)
}

func appendSystem(b []byte, s *System) []byte {
	b = binary.AppendUvarint(b, s.Events)
	b = binary.AppendUvarint(b, s.Pending)
	b = appendInstant(b, s.First)
	b = appendInstant(b, s.Last)
	b = appendInstant(b, s.Recorded)
	b = appendPosition(b, s.Position)
	b = appendPosition(appendInstant(b, s.Began), s.Start)
	b = binary.AppendUvarint(b, uint64(len(s.Kinds)))
	for _, k := range s.Kinds {
		b = binary.AppendUvarint(append(b, byte(k.Kind)), k.Count)
	}
	b = binary.AppendUvarint(b, uint64(len(s.Synced)))
	for _, x := range s.Synced {
		b = appendCode(b, x.Dataset)
		b = appendInstant(b, x.Through)
		b = appendInstant(b, x.Since)
		b = appendInstant(b, x.Time)
		b = appendPosition(b, x.Position)
	}
	return b
}

func parseSystem(k, v []byte) (*System, error) {
	c := cursor{b: v}
	s := &System{Events: c.uvarint(), Pending: c.uvarint()}
	s.First, s.Last, s.Recorded = c.instant(), c.instant(), c.instant()
	s.Position = c.position()
	s.Began, s.Start = c.instant(), c.position()
	for range c.length() {
		s.Kinds = append(s.Kinds, KindCount{events.Kind(c.byte()), c.uvarint()})
	}
	for range c.length() {
		s.Synced = append(s.Synced, Synced{c.code(), c.instant(), c.instant(), c.instant(), c.position()})
	}
	if c.bad || len(c.b) > 0 || len(k) < 2 || int(k[1]) != len(k)-2 {
		return nil, fmt.Errorf("read system row of %d bytes: its form is broken", len(v))
	}
	s.Code = events.Code(k[2:])
	return s, nil
}

func appendInstant(b []byte, t events.Instant) []byte { return binary.AppendVarint(b, int64(t)) }

func appendCode(b []byte, c events.Code) []byte { return append(append(b, byte(len(c))), c...) }

func (c *cursor) instant() events.Instant { return events.Instant(c.varint()) }

func (c *cursor) code() events.Code { return events.Code(c.take(int(c.byte()))) }

// length reads the number of elements that follow, each of at least one byte.
func (c *cursor) length() int {
	n := c.uvarint()
	if n > uint64(len(c.b)) {
		c.bad = true
	}
	if c.bad {
		return 0
	}
	return int(n)
}

// Systems lists every system that ever reported, by code.
func Systems(r Scanner) ([]System, error) {
	t, err := loadTally(r)
	if err != nil {
		return nil, err
	}
	out := make([]System, 0, len(t.by))
	for _, s := range t.by {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b System) int { return compareCodes(a.Code, b.Code) })
	return out, nil
}

// SystemOf returns what one system has reported, or false if nothing.
func SystemOf(r Reader, code events.Code) (System, bool, error) {
	k := systemKey(code)
	v, ok, err := r.Get(k)
	if err != nil || !ok {
		return System{}, false, err
	}
	s, err := parseSystem(k, v)
	if err != nil {
		return System{}, false, err
	}
	return *s, true, nil
}
