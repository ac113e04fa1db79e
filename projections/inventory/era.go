package inventory

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/habeas-data/habeas/events"
)

// An era is a stretch of the journal, of some hours at most, in one generation and
// under one version of the catalogue. Rows tell when and where an observation was
// recorded from the beginning of its era, which takes half as many bytes as from
// the beginning of time. Nothing compresses them: each is said once.
type era struct {
	number                uint32
	generation, catalogue uint32
	recorded              events.Instant // of its first event: whole milliseconds
	seq                   uint64         // likewise
}

// eras numbers the eras of the map from 1, in journal order. One goroutine adds.
type eras struct {
	all atomic.Pointer[[]*era] // grows only; readers keep the slice they got
}

const (
	// tableEras is where eras stand beside the tables of templates:
	// T 2 number3 -> generation, catalogue, recorded in milliseconds, sequence.
	tableEras = 2
	// maxEras bounds the memory; what is recorded later is told in full.
	maxEras = 1 << 20
	eraMs   = 1 << 24 // milliseconds that an era may last: 4.6 hours
)

func (t *eras) of(n uint32) *era {
	all := *t.all.Load()
	if n == 0 || uint64(n) > uint64(len(all)) {
		return nil
	}
	return all[n-1]
}

// at returns the era that an event was recorded in, and begins one if the last
// does not hold it; nil if none can.
func (t *eras) at(b Batch, r *events.Recorded) *era {
	all := *t.all.Load()
	if n := len(all); n > 0 && all[n-1].holds(r) {
		return all[n-1]
	}
	if r.At%microsPerMs != 0 || r.At < 0 || len(all) >= maxEras {
		return nil
	}
	e := &era{generation: r.Position.Generation, catalogue: r.Catalogue, recorded: r.At, seq: r.Position.Seq}
	t.add(e)
	b.Set(e.key(), e.append(nil))
	return e
}

func (t *eras) add(e *era) {
	all := *t.all.Load()
	e.number = uint32(len(all) + 1)
	all = append(all, e)
	t.all.Store(&all)
}

func (e *era) holds(r *events.Recorded) bool {
	since := r.At - e.recorded
	return since >= 0 && since < eraMs*microsPerMs && since%microsPerMs == 0 && r.Position.Seq >= e.seq &&
		r.Position.Generation == e.generation && r.Catalogue == e.catalogue
}

func (e *era) key() []byte {
	return []byte{FamilyTemplate, tableEras, byte(e.number >> 16), byte(e.number >> 8), byte(e.number)}
}

func (e *era) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(e.generation))
	b = binary.AppendUvarint(b, uint64(e.catalogue))
	b = binary.AppendUvarint(b, uint64(e.recorded/microsPerMs))
	return binary.AppendUvarint(b, e.seq)
}

// load takes in the next row.
func (t *eras) load(k, v []byte) error {
	c := cursor{b: v}
	e := &era{generation: c.uint32(), catalogue: c.uint32()}
	ms := c.uvarint()
	e.recorded, e.seq = events.Instant(ms*microsPerMs), c.uvarint()
	if t.add(e); c.bad || len(c.b) > 0 || ms > 1<<53 || string(e.key()) != string(k) {
		return fmt.Errorf("read eras: number %d is missing or broken", e.number)
	}
	return nil
}
