package inventory

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
)

// mapBatch is a batch over rows in memory.
type mapBatch struct {
	rows  map[string][]byte
	wrote int
}

func (m *mapBatch) Get(k []byte) ([]byte, bool, error) { v, ok := m.rows[string(k)]; return v, ok, nil }
func (m *mapBatch) Set(k, v []byte)                    { m.rows[string(k)] = v; m.wrote++ }
func (m *mapBatch) Symbol(events.Code) uint64          { return 1 }

// A repeat that changes nothing writes nothing: a body is written when it is
// new, and once on each later day. What was first stays first.
func TestObservedWritesOncePerBodyAndDay(t *testing.T) {
	b := &mapBatch{rows: map[string][]byte{}}
	o := &observed{last: map[shape]events.Date{}, most: 10}
	s := shape{3, 4}
	at := events.InstantOf(time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC))
	hour := events.Instant(time.Hour / time.Microsecond)
	for i, step := range []struct {
		recorded events.Instant
		writes   int
	}{{at, 1}, {at + hour, 1}, {at + 24*hour, 2}, {at + 25*hour, 2}, {at, 2}} {
		x := Obs{Time: at - hour*events.Instant(i), Recorded: step.recorded, ID: Mark{byte(i + 1)}, Position: events.Position{Generation: 1, Seq: uint64(i + 1)}}
		if err := o.see(b, s, &x); err != nil {
			t.Fatal(err)
		}
		if b.wrote != step.writes {
			t.Fatalf("after %d events %d rows were written, want %d", i+1, b.wrote, step.writes)
		}
	}
	for k, v := range b.rows {
		got, first, last, err := parseObserved([]byte(k), v)
		if err != nil || got != s || first.ID != (Mark{1}) || last != (at+24*hour).Day() {
			t.Fatalf("read back %v %+v %v %v", got, first, last, err)
		}
		golden(t, "observed_key", []byte(k))
		golden(t, "observed", v)
	}
	if err := o.see(b, shape{}, &Obs{}); err != nil || b.wrote != 2 {
		t.Error("a whole body, which is of one person, was noted as observed of all")
	}
}

// Sources choose what they combine, so the number of bodies is bounded: beyond
// it the context still shows, once, without categories.
func TestObservedIsBounded(t *testing.T) {
	b := &mapBatch{rows: map[string][]byte{}}
	o := &observed{last: map[shape]events.Date{}, most: 2}
	at := events.InstantOf(time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC))
	for n := range uint32(6) {
		x := Obs{Time: at, Recorded: at, ID: Mark{byte(n + 1)}, Position: events.Position{Generation: 1, Seq: uint64(n + 1)}}
		if err := o.see(b, shape{7, n + 1}, &x); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := o.last[shape{7, 0}]; !ok || len(o.last) != 3 || b.wrote != 3 {
		t.Fatalf("%d bodies, %d rows written: %v", len(o.last), b.wrote, o.last)
	}
}

func FuzzObserved(f *testing.F) {
	b, _ := hex.DecodeString("0200")
	f.Add(b)
	f.Add(appendObserved(nil, &Obs{Time: 7, Recorded: 9_000_000, ID: Mark{1}}, 20000))
	f.Fuzz(func(t *testing.T, v []byte) {
		_, first, last, err := parseObserved([]byte("Uaaabbb"), v)
		if err == nil && !bytes.Equal(appendObserved(nil, &first, last), v) {
			t.Fatal("a row has two forms")
		}
	})
}
