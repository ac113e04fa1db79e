package facets

import (
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

func sampleCells() []Cell {
	return []Cell{
		{System: "crm", Dataset: "files", Activity: events.Activity{Code: "sales", SubPurpose: "news"}, Category: events.Category{Code: "health", Element: "diagnosis"},
			Controller: "client", SubjectType: "customer", Provenance: events.Provided, Country: "gb"},
		{System: "hr", Shared: true, Recipient: "bank", Country: "us"},
		{System: "hr", Shared: true, ToPerson: true},
	}
}

// The forms on disk, and of digests, are what they were: a change of one raises
// Version.
func TestGoldenForms(t *testing.T) {
	var b strings.Builder
	for _, c := range sampleCells() {
		b.WriteString("cell " + hex.EncodeToString(appendCell(nil, &c)) + "\n")
	}
	b.WriteString("keys " + hex.EncodeToString(roughKey(events.Handle{1, 2, 3})) + " " + hex.EncodeToString(takenKey(inventory.Mark{4})) + "\n")
	const file = "testdata/forms_v2.txt"
	if os.Getenv("HABEAS_WRITE_GOLDEN") == "1" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the forms changed; raise Version. got:\n%s", b.String())
	}
}

// Rows of another form are refused: the map is built anew.
func TestLoadRefuses(t *testing.T) {
	rough, taken := string(roughKey(events.Handle{1})), string(takenKey(inventory.Mark{2}))
	for what, row := range map[string][2]string{
		"":                         {rough, ""},
		"half a handle":            {rough[:10], ""},
		"a rough handle with more": {rough, "\x01"},
		"half an event":            {taken[:7], "\x01"},
		"an event that is neither": {taken, "\x02"},
		"an event without a word":  {taken, ""},
		"a row of no kind":         {"Fl12345678", "\x01"},
		"no kind at all":           {"F", ""},
	} {
		if err := NewIndex().loadRow([]byte(row[0]), []byte(row[1])); (err == nil) != (what == "") {
			t.Errorf("%q: %v", what, err)
		}
	}
}

// Moments and dates agree on days.
func TestDayOf(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(1850, 1, 1, 5, 0, 0, 0, time.UTC), time.Date(1900, 1, 1, 23, 59, 59, 999, time.UTC), time.Date(1969, 12, 31, 23, 0, 0, 1000, time.UTC),
		time.UnixMicro(0), time.UnixMicro(1), time.Date(2025, 3, 9, 0, 0, 0, 0, time.UTC), time.Date(2079, 6, 5, 0, 0, 0, 0, time.UTC), time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got, want := dayOf(events.InstantOf(at)), DayOf(events.DateOf(at.UTC())); got != want {
			t.Errorf("%s: day %d, want %d", at, got, want)
		}
	}
}

// What a cell of a body is does not depend on whether it is remembered: not for
// lists that repeat a category, not for a person, not after too much was kept.
func TestCellsOfBodies(t *testing.T) {
	category := func(names ...events.Code) (out []events.Category) {
		for _, c := range names {
			out = append(out, events.Category{Code: c})
		}
		return out
	}
	lists := [][]events.Category{nil, category("a"), category("b", "a"), category("a", "a", "c"), category("c", "b", "a")}
	x := NewIndex()
	for round := range 3 {
		if round == 2 {
			x.bodies.room = bodyCellsKept + 1
		}
		for c := range 20 {
			e := &events.Event{Kind: events.RecordShared, Source: "crm", Recipient: events.Party{Code: events.Code(string(rune('a' + c)))}}
			if c == 7 {
				e.Recipient = events.Party{Person: events.Ref{Handle: events.Handle{byte(round + 1)}}}
			}
			for n, list := range lists {
				body := uint64(c+1)<<32 | uint64(n)
				got, want := x.cellsOf([]uint32{9}, e, list, body), x.cellsOf([]uint32{9}, e, list, 0)
				if !slices.Equal(got, want) {
					t.Fatalf("context %d, list %d: cells %v, want %v", c, n, got, want)
				}
			}
		}
	}
}

// Spans stay in order and whole in blocks, however they come and go.
func TestColumnDivides(t *testing.T) {
	var c column
	want := make(map[[2]uint32][]span)
	ord := uint32(1)
	for i := range 20_000 {
		ord = ord*1664525 + 1013904223
		o, item := ord>>20, uint32(0)
		if i%7 == 0 {
			item = ord % 3
		}
		k := [2]uint32{o, item}
		switch i % 7 {
		case 4:
			w := append(slices.Clone(want[k]), span{o, Day(i % 1000), Day(i % 1000)})
			slices.SortFunc(w, func(a, b span) int { return int(a.from) - int(b.from) })
			w = slices.CompactFunc(w, func(a, b span) bool { return a.from == b.from })
			if c.share(o, item, Day(i%1000)) != len(w)-len(want[k]) {
				t.Fatalf("%v: a day was counted wrongly", k)
			}
			want[k] = w
		case 5:
			n := len(want[k])
			if n == 0 {
				want[k] = []span{{o, Day(i % 1000), never}}
			}
			want[k][0].from = min(want[k][0].from, Day(i%1000))
			if c.open(o, item, Day(i%1000)) != len(want[k])-n {
				t.Fatalf("%v: a span was counted wrongly", k)
			}
		case 0:
			c.set(o, item)
			delete(want, k)
		case 1:
			want[k] = []span{{o, 1, 2}, {o, 4, never}}
			c.set(o, item, want[k]...)
		default:
			want[k] = []span{{o, Day(i % 1000), never}}
			c.set(o, item, want[k]...)
		}
	}
	n := 0
	for k, w := range want {
		n += len(w)
		if got := c.spansOf(k[0], k[1]); !slices.Equal(got, w) {
			t.Fatalf("%v: got %v, want %v", k, got, w)
		}
	}
	last := int64(-1)
	for i, b := range c.blocks {
		n -= len(b.spans)
		if len(b.spans) == 0 || len(b.spans) > 2*blockSpans || c.first[i] != b.spans[0].ord || int64(b.spans[0].ord) <= last {
			t.Fatalf("block %d of %d spans begins at %d after %d", i, len(b.spans), b.spans[0].ord, last)
		}
		last = int64(b.spans[len(b.spans)-1].ord)
	}
	if n != 0 || len(c.blocks) < 4 {
		t.Fatalf("%d spans too few in %d blocks", n, len(c.blocks))
	}
}
