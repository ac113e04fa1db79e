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
func (m *mapBatch) Scan(prefix, _ []byte, fn func(k, v []byte) error) error {
	for k, v := range m.rows {
		if err := fn([]byte(k), v); err != nil {
			return err
		}
	}
	return nil
}
func (m *mapBatch) Symbol(events.Code) uint64 { return 1 }

// A repeat that changes nothing writes nothing: a body is written when it is
// new, and once on each later day. What was first stays first.
func TestObservedWritesOncePerBodyAndDay(t *testing.T) {
	b := &mapBatch{rows: map[string][]byte{}}
	tables := NewTemplates()
	o := newObserved(tables)
	at := events.InstantOf(time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC))
	hour := events.Instant(time.Hour / time.Microsecond)
	each := []single{{4, o.slot(4)}}
	for i, step := range []struct {
		recorded events.Instant
		writes   int
	}{{at, 1}, {at + hour, 1}, {at + 24*hour, 2}, {at + 25*hour, 2}, {at, 2}} {
		x := Obs{Time: at - hour*events.Instant(i), Recorded: step.recorded, ID: Mark{byte(i + 1)}, Position: events.Position{Generation: 1, Seq: uint64(i + 1)}}
		if got, err := o.see(b, nil, 300, each, &x); err != nil || len(got) != 1 || got[0] != 300<<32|4 {
			t.Fatal(got, err)
		}
		if b.wrote != step.writes {
			t.Fatalf("after %d events %d rows were written, want %d", i+1, b.wrote, step.writes)
		}
	}
	for k, v := range b.rows {
		got, first, last, err := parseObserved([]byte(k), v, tables)
		if err != nil || got != (shape{300, 4}) || first.ID != (Mark{1}) || last != (at+24*hour).Day() {
			t.Fatalf("read back %v %+v %v %v", got, first, last, err)
		}
		golden(t, "observed_key", []byte(k))
		golden(t, "observed", v)
	}
}

// Each category of a list is noted for itself, wherever it stands, and who opens
// the map later goes on where the last one stopped.
func TestObservedTellsCategories(t *testing.T) {
	b := &mapBatch{rows: map[string][]byte{}}
	tables := NewTemplates()
	o := newObserved(tables)
	at := events.InstantOf(time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC))
	x := Obs{Time: at, Recorded: at, ID: Mark{1}, Position: events.Position{Generation: 1, Seq: 1}}
	for _, lists := range [][]uint32{{1, 2}, {2, 1}, {2, 3}, {0}} {
		var each []single
		for _, n := range lists {
			each = append(each, single{n, o.slot(n)})
		}
		if _, err := o.see(b, nil, 1, each, &x); err != nil {
			t.Fatal(err)
		}
	}
	if b.wrote != 4 {
		t.Fatalf("%d rows written, want one for each of three categories and one for none", b.wrote)
	}
	for n := uint32(4); n < nearSlots+10; n++ { // so many that the last are kept apart
		for range 2 {
			if _, err := o.see(b, nil, 1, []single{{n, o.slot(n)}}, &x); err != nil || b.wrote != int(n)+1 {
				t.Fatalf("%d rows written with category %d: %v", b.wrote, n, err)
			}
		}
	}
	again, err := loadObserved(b, tables)
	if err != nil || again.bodies != nearSlots+10 || len(o.far) == 0 {
		t.Fatal(again, err)
	}
	for n := range uint32(nearSlots + 10) {
		if _, err := again.see(b, nil, 1, []single{{n, again.slot(n)}}, &x); err != nil || b.wrote != nearSlots+10 {
			t.Fatalf("category %d was written again: %v", n, err)
		}
	}
}

// Sources choose what they combine, so the number of bodies is bounded: beyond
// it the context still shows, once, without categories.
func TestObservedIsBounded(t *testing.T) {
	b := &mapBatch{rows: map[string][]byte{}}
	o := newObserved(NewTemplates())
	o.most = 2
	at := events.InstantOf(time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC))
	for n := range uint32(6) {
		x := Obs{Time: at, Recorded: at, ID: Mark{byte(n + 1)}, Position: events.Position{Generation: 1, Seq: uint64(n + 1)}}
		got, err := o.see(b, nil, 7, []single{{n + 1, o.slot(n + 1)}}, &x)
		if want := []uint64{7<<32 | 1, 7<<32 | 2, 7 << 32}[min(n, 2)]; err != nil || len(got) != 1 || got[0] != want {
			t.Fatalf("body %d was noted as %x, want %x: %v", n, got, want, err)
		}
	}
	if o.bodies != 3 || b.wrote != 3 {
		t.Fatalf("%d bodies, %d rows written", o.bodies, b.wrote)
	}
}

func FuzzObserved(f *testing.F) {
	b, _ := hex.DecodeString("0200")
	f.Add(b)
	tables := NewTemplates()
	tables.eras.add(&era{generation: 1, recorded: 1_700_000_000_000_000})
	f.Add(appendObserved(nil, &Obs{Time: 7, Recorded: 9_000_000, ID: Mark{1}}, 20000))
	f.Add(appendObserved(nil, &Obs{Time: 8_000_000, Recorded: 1_700_000_000_007_000, ID: Mark{1}, era: tables.eras.of(1)}, 20000))
	f.Fuzz(func(t *testing.T, v []byte) {
		_, first, last, err := parseObserved([]byte("Uab"), v, tables)
		if err == nil && !bytes.Equal(appendObserved(nil, &first, last), v) {
			t.Fatal("a row has two forms")
		}
	})
}
