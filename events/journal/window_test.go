package journal

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
)

func numberedID(n uint64) (id events.EventID) {
	binary.BigEndian.PutUint64(id[8:], n)
	id[0] = 1
	return id
}

// The window agrees with a model that remembers everything, for as long as it
// promises to remember.
func TestWindowAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(4, 64).Draw(t, "most")
		const age = 1000
		w := newWindow(age, most)
		type known struct {
			n   int
			seq uint64
			at  events.Instant
		}
		model := map[events.EventID]known{}
		now, added := events.Instant(1_000_000), 0
		for seq := uint64(1); seq < 300; seq++ {
			now += events.Instant(rapid.IntRange(0, 40).Draw(t, "step"))
			id := numberedID(uint64(rapid.IntRange(0, 400).Draw(t, "id")))
			got, ok := w.find(id)
			m, was := model[id]
			if was && m.at >= now-age && added-m.n < most && !ok {
				t.Fatalf("forgot an event of %d ago, %v old, of %d", added-m.n, now-m.at, most)
			}
			if ok && (!was || got != place{m.seq, uint32(m.seq % 7), uint32(m.seq * 11)}) {
				t.Fatalf("found %+v, want %+v (%v)", got, m, was)
			}
			if !ok {
				w.add(id, place{seq, uint32(seq % 7), uint32(seq * 11)}, now)
				added++
				model[id] = known{added, seq, now}
			}
		}
		if limit := most + most/windowTables + 1; w.size() > limit {
			t.Fatalf("remembers %d events, want at most %d", w.size(), limit)
		}
	})
}

// Many ids in a row, the worst that a careless source of ids could make,
// are all told apart.
func TestWindowTellsNeighboursApart(t *testing.T) {
	const n = 300_000
	w := newWindow(1<<40, n)
	for i := range uint64(n) {
		if _, ok := w.find(numberedID(i)); ok {
			t.Fatalf("id %d was taken for another", i)
		}
		w.add(numberedID(i), place{i + 1, uint32(i % 4096), uint32(i)}, 1)
	}
	for i := range uint64(n) {
		if p, ok := w.find(numberedID(i)); !ok || p != (place{i + 1, uint32(i % 4096), uint32(i)}) {
			t.Fatalf("id %d: %+v, %v", i, p, ok)
		}
	}
}

func BenchmarkWindow(b *testing.B) {
	w := newWindow(1<<50, 10_000_000)
	for i := range uint64(b.N) {
		id := numberedID(i)
		if _, ok := w.find(id); !ok {
			w.add(id, place{seq: i + 1}, 1)
		}
	}
}
