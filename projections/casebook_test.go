package projections_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// bookRows are the rows of cases and tasks that a view sees.
func bookRows(t fataler, v *projections.View) map[string][]byte {
	out := map[string][]byte{}
	err := v.Scan([]byte{casebook.Family}, nil, func(k, val []byte) error {
		out[string(k)] = bytes.Clone(val)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func drawnFacts(t *rapid.T, n int) (out []projectionstest.Told) {
	now := events.InstantOf(time.Date(2025, 3, 20, 9, 0, 0, 0, time.UTC))
	for i := range n {
		now += 3_600_000_000
		e := projectionstest.DrawCaseFact(t, out, fmt.Sprint("drawn", i), now)
		out = append(out, projectionstest.Told{Event: e, Recorded: now, Position: events.Position{Generation: 1, Seq: uint64(i + 1)}})
	}
	return out
}

// I3, I4: rows that come and go are the same in a map that was restarted after
// every fact, in one that ran on with batches of any size, and in one without a
// store; and a view that is older still sees the rows that went since.
func TestCaseRowsCutAtEveryFact(t *testing.T) {
	told := rapid.Custom(func(rt *rapid.T) []projectionstest.Told { return drawnFacts(rt, 60) }).Example(3)
	log := projectionstest.NewLog()
	for _, x := range told {
		log.Append(x.Recorded, x.Event)
	}
	want := projectionstest.NewMemory()
	cut := config(t.TempDir(), nil)
	live := config(t.TempDir(), log.Prefix(1))
	live.BatchKeys = 7
	m, _ := run(t, live)
	gone := 0
	for i, x := range told {
		before := m.View()
		if err := want.Apply(x.Recorded, x.Event); err != nil {
			t.Fatal(err)
		}
		part := log.Prefix(i + 1)
		live.Source.(*projectionstest.Log).Extend(log, i+1)
		wait(t, m, part.End())
		after := m.View()
		was, is := bookRows(t, before), bookRows(t, after)
		for k := range was {
			if _, ok := is[k]; !ok {
				gone++
			}
		}
		sameRows(t, fmt.Sprint("live after fact ", i+1), is, want)
		if again := bookRows(t, before); !maps.EqualFunc(again, was, bytes.Equal) {
			t.Fatal("an older view changed")
		}
		before.Close()
		after.Close()
		cut.Source = part
		follow(t, cut, part)
		reopened, err := projections.Open(context.Background(), cut)
		if err != nil {
			t.Fatal(err)
		}
		v := reopened.View()
		sameRows(t, fmt.Sprint("restarted after fact ", i+1), bookRows(t, v), want)
		v.Close()
		if err := reopened.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if gone < 10 {
		t.Fatalf("%d rows went: the history does not try it", gone)
	}
	if d := rebuilt(t, t.TempDir(), log); d != digest(t, m) {
		t.Fatalf("rebuilt %+v, live %+v", d, digest(t, m))
	}
	if rep, err := m.Check(t.Context()); err != nil || len(rep.Problems) > 0 {
		t.Fatalf("check: %+v, %v", rep, err)
	}
}

func sameRows(t *testing.T, when string, got map[string][]byte, want *projectionstest.Memory) {
	t.Helper()
	n := 0
	for k, v := range want.Rows {
		if k[0] != casebook.Family {
			continue
		}
		n++
		if have, ok := got[k]; !ok || !bytes.Equal(have, v) {
			t.Fatalf("%s: row %x is %x, want %x", when, k, have, v)
		}
	}
	if len(got) != n {
		t.Fatalf("%s: %d rows, want %d", when, len(got), n)
	}
}

// A race between two writers is settled by the journal, whatever batch each fact
// fell into.
func TestRaceAcrossBatches(t *testing.T) {
	for _, keys := range []int{1, 3, 1 << 20} {
		log := projectionstest.NewLog()
		at := events.InstantOf(time.Date(2025, 3, 20, 9, 0, 0, 0, time.UTC))
		of := projectionstest.IDOf("case")
		fact := func(name string, version uint32, act events.Code) *events.Event {
			return &events.Event{ID: projectionstest.IDOf(name), Kind: events.CaseRecorded, Source: "habeas", Time: at, Of: of, Count: version, Why: act}
		}
		log.Append(at, fact("one", 1, "opened"), fact("late", 1, "opened"))
		log.Append(at, fact("two", 2, "decided"))
		log.Append(at, fact("too late", 2, "closed"), fact("three", 3, "approved"))
		end := log.Append(at, fact("too late again", 3, "withdrawn"))
		cfg := config(t.TempDir(), log)
		cfg.BatchKeys = keys
		m, _ := run(t, cfg)
		wait(t, m, end)
		v := m.View()
		list, err := casebook.Facts(v, of)
		if err != nil || len(list) != 3 || list[0].Event.ID != projectionstest.IDOf("one") ||
			list[1].Event.ID != projectionstest.IDOf("two") || list[2].Event.ID != projectionstest.IDOf("three") {
			t.Fatalf("batches of %d: %+v, %v", keys, list, err)
		}
		if h, err := casebook.Case(v, of); err != nil || h.Version != 3 || h.Last != "approved" || m.Stats().Quarantined != 0 {
			t.Fatalf("batches of %d: %+v, %v", keys, h, err)
		}
		v.Close()
	}
}
