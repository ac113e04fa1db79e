package casebook

import (
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A Fact is one event of a case or a task that counts.
type Fact struct {
	Event    events.Event
	Position events.Position
	Recorded events.Instant
}

func appendFact(b []byte, r *events.Recorded, s events.Symbols) []byte {
	b = binary.AppendVarint(appendPosition(b, r.Position), int64(r.At))
	return events.AppendEvent(b, &r.Event, s)
}

func parseFact(n events.Names, k, v []byte) (*Fact, error) {
	c := cursor{b: v, n: n}
	f := &Fact{Position: c.position(), Recorded: c.instant()}
	if c.err != nil {
		return nil, c.end("a fact")
	}
	if err := events.DecodeEvent(c.b, &f.Event, n); err != nil {
		return nil, fmt.Errorf("read the row of a fact: %w", err)
	}
	if err := f.Event.CheckCase(); err != nil {
		return nil, fmt.Errorf("read the row of a fact: %w", err)
	}
	own := factKey(f.Event.Of, f.Event.Count)
	if f.Event.Kind == events.TaskRecorded {
		own = taskFactKey(f.Event.Digest, f.Event.Count)
	}
	if string(own) != string(k) {
		return nil, fmt.Errorf("read the row of a fact: %w", errKey)
	}
	return f, nil
}

// Totals count everything, for metrics.
type Totals struct {
	Cases    uint32             // ever opened; the last number given
	Statuses [Closed + 1]uint32 // cases by status
	Tasks    Tally
}

func appendCounts(b []byte, counts []uint32) []byte {
	b = binary.AppendUvarint(b, uint64(len(counts)))
	for _, n := range counts {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

func (c *cursor) counts(to []uint32) {
	if c.uvarint(uint64(len(to))) != uint64(len(to)) {
		c.misfit()
	}
	for i := range to {
		to[i] = c.number()
	}
}

func appendTotals(b []byte, t *Totals) []byte {
	b = binary.AppendUvarint(b, uint64(t.Cases))
	return appendCounts(appendCounts(b, t.Statuses[:]), t.Tasks[:])
}

func parseTotals(v []byte) (*Totals, error) {
	c, t := cursor{b: v}, new(Totals)
	t.Cases = c.number()
	c.counts(t.Statuses[:])
	c.counts(t.Tasks[:])
	return t, c.end("totals")
}

type getter interface {
	Get(key []byte) (value []byte, ok bool, err error)
}

func readTotals(r getter) (*Totals, error) {
	v, ok, err := r.Get(key(rowTotals))
	if err != nil || !ok {
		return new(Totals), err
	}
	return parseTotals(v)
}

func appendTally(b []byte, t *Tally) []byte { return appendCounts(b, t[:]) }

func parseTally(v []byte) (t Tally, err error) {
	c := cursor{b: v}
	c.counts(t[:])
	return t, c.end("a tally")
}

func readTally(r getter, of events.EventID) (Tally, error) {
	v, ok, err := r.Get(tallyKey(of))
	if err != nil || !ok {
		return Tally{}, err
	}
	return parseTally(v)
}
