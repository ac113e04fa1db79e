package inventory

import (
	"slices"
	"testing"

	"github.com/habeas-data/habeas/events"
)

// An era holds what it can tell exactly; what it cannot begins another, and who
// opens the map later goes on in the same one.
func TestEras(t *testing.T) {
	b := &mapBatch{rows: map[string][]byte{}}
	tables := NewTemplates()
	const start = 1_700_000_000_000_000
	at := func(recorded events.Instant, generation uint32, seq uint64, catalogue uint32) *events.Recorded {
		return &events.Recorded{At: recorded, Catalogue: catalogue, Position: events.Position{Generation: generation, Seq: seq}}
	}
	for _, x := range []struct {
		what string
		r    *events.Recorded
		want uint32 // 0: of none
	}{
		{"the first", at(start, 1, 10, 1), 1},
		{"the same frame", at(start, 1, 10, 1), 1},
		{"the end", at(start+(eraMs-1)*microsPerMs, 1, 1<<40, 1), 1},
		{"beyond the end", at(start+eraMs*microsPerMs, 1, 11, 1), 2},
		{"a clock set back", at(start, 1, 12, 1), 3},
		{"another catalogue", at(start, 1, 12, 2), 4},
		{"another generation", at(start, 2, 1, 2), 5},
		{"a sequence before", at(start, 2, 0, 2), 6},
		{"not on a millisecond", at(start+7, 2, 0, 2), 0},
		{"before 1970", at(-microsPerMs, 2, 0, 2), 0},
		{"afterwards", at(start+microsPerMs, 2, 0, 2), 6},
	} {
		got := uint32(0)
		if e := tables.eras.at(b, x.r); e != nil {
			got = e.number
		}
		if got != x.want {
			t.Errorf("%s: era %d, want %d", x.what, got, x.want)
		}
	}
	again := NewTemplates()
	for _, k := range sorted(b.rows) {
		if err := again.eras.load([]byte(k), b.rows[k]); err != nil {
			t.Fatal(err)
		}
	}
	if e := again.eras.at(b, at(start+microsPerMs, 2, 0, 2)); e == nil || *e != *tables.eras.of(6) || b.wrote != 6 {
		t.Errorf("opened again it goes on in %+v, and %d eras were written", e, b.wrote)
	}
	if err := again.eras.load((&era{number: 9}).key(), b.rows[string((&era{number: 1}).key())]); err == nil {
		t.Error("a gap between eras was taken")
	}
}

func sorted(rows map[string][]byte) (keys []string) {
	for k := range rows {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// What a slab handed out is never handed out again, nor grown into.
func TestSlab(t *testing.T) {
	var s slab
	var all [][]byte
	for i := range 5000 {
		n := i % 70
		b := s.keep(append(s.take(n+10), make([]byte, n)...))
		for j := range b {
			b[j] = byte(i)
		}
		if all = append(all, b); cap(b) != len(b) {
			t.Fatal("what was handed out can grow into the next")
		}
		if i%1000 == 999 {
			s.renew()
		}
	}
	for i, b := range all {
		if slices.ContainsFunc(b, func(x byte) bool { return x != byte(i) }) {
			t.Fatalf("piece %d was written again", i)
		}
	}
	if b := s.take(3 * slabBytes); cap(b) < 3*slabBytes {
		t.Error("no room for a large value")
	}
}
