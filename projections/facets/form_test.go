package facets

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

var update = flag.Bool("update", false, "write the goldens anew")

// changes are one of each kind, at the edges of their fields.
func changes() []change {
	return []change{
		{kind: changeOpen, cell: 0, ord: 0, day: 45_000},
		{kind: changeOpen, cell: 300, ord: 1 << 20, item: 0xfeed, day: 0},
		{kind: changeDay, cell: 7, ord: 129, day: lastDay},
		{kind: changeSet, cell: 1, ord: 2, item: 1, spans: []span{{from: 1, to: 1}, {from: 3, to: never}}},
		{kind: changeSet, cell: 1, ord: 2},
		{kind: changeRough, handle: events.Handle{1, 2, 3}},
	}
}

func sampleCells() []Cell {
	return []Cell{
		{System: "crm", Dataset: "files", Activity: events.Activity{Code: "sales", SubPurpose: "news"}, Category: events.Category{Code: "health", Element: "diagnosis"},
			Controller: "client", SubjectType: "customer", Provenance: events.Provided, Country: "gb"},
		{System: "hr", Shared: true, Recipient: "bank", Country: "us"},
		{System: "hr", Shared: true, ToPerson: true},
	}
}

// The forms on disk are what they were: a change of one raises Version.
func TestGoldenForms(t *testing.T) {
	var b strings.Builder
	for _, c := range sampleCells() {
		b.WriteString("cell " + hex.EncodeToString(appendCell(nil, &c)) + "\n")
	}
	for _, c := range changes() {
		b.WriteString("change " + hex.EncodeToString(appendChange(nil, &c)) + "\n")
	}
	var o ordinals
	o.add(events.Handle{1})
	o.add(events.Handle{2})
	b.WriteString("handles " + hex.EncodeToString(o.row(0)) + "\n")
	b.WriteString("keys " + hex.EncodeToString(cellKey(1)) + " " + hex.EncodeToString(handlesKey(2)) + " " + hex.EncodeToString(changesKey(3)) + " " + hex.EncodeToString(takenKey(inventory.Mark{4})) + "\n")
	if *update {
		if err := os.WriteFile("testdata/forms_v1.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/forms_v1.txt")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the forms changed; raise Version. got:\n%s", b.String())
	}
}

// Reading what was written gives the same, byte by byte.
func TestFormsReadBack(t *testing.T) {
	for _, c := range sampleCells() {
		got, err := parseCell(appendCell(nil, &c))
		if err != nil || got != c {
			t.Errorf("%+v: got %+v, %v", c, got, err)
		}
	}
	var all []byte
	for _, c := range changes() {
		all = appendChange(all, &c)
	}
	rest := all
	for _, want := range changes() {
		var c change
		var err error
		if rest, err = parseChange(rest, &c); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(appendChange(nil, &c), appendChange(nil, &want)) {
			t.Errorf("got %+v, want %+v", c, want)
		}
	}
	if len(rest) > 0 {
		t.Errorf("%d bytes are left", len(rest))
	}
}

func FuzzParseChange(f *testing.F) {
	for _, c := range changes() {
		f.Add(appendChange(nil, &c))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var c change
		rest, err := parseChange(b, &c)
		if err != nil {
			return
		}
		if back := appendChange(nil, &c); !bytes.Equal(back, b[:len(b)-len(rest)]) {
			t.Fatalf("%x was read as %+v and is written as %x", b, c, back)
		}
	})
}

func FuzzParseCell(f *testing.F) {
	for _, c := range sampleCells() {
		f.Add(appendCell(nil, &c))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseCell(b)
		if err != nil {
			return
		}
		if back := appendCell(nil, &c); !bytes.Equal(back, b) {
			t.Fatalf("%x was read as %+v and is written as %x", b, c, back)
		}
	})
}

// A list of changes from anywhere never makes Load fail in another way than by
// an error, and what it accepts it can digest.
func FuzzLoad(f *testing.F) {
	var all []byte
	for _, c := range changes() {
		all = appendChange(all, &c)
	}
	f.Add(all)
	f.Fuzz(func(t *testing.T, b []byte) {
		r := scan{}
		for i, c := range sampleCells() {
			r[string(cellKey(uint32(i)))] = appendCell(nil, &c)
		}
		r[string(handlesKey(0))] = make([]byte, 16)
		r[string(changesKey(0))] = b
		x, err := Load(r, events.Position{})
		if err != nil {
			return
		}
		for _, c := range x.cells.all {
			for n, k := range c.blocks {
				if len(k.spans) == 0 || k.spans[0].ord != c.first[n] || (k.items != nil && len(k.items) != len(k.spans)) {
					t.Fatal("a block is broken")
				}
			}
		}
	})
}

type scan map[string][]byte

func (s scan) Scan(prefix, _ []byte, fn func(k, v []byte) error) error {
	var keys []string
	for k := range s {
		if strings.HasPrefix(k, string(prefix)) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		if err := fn([]byte(k), s[k]); err != nil && !errors.Is(err, inventory.ErrStop) {
			return err
		}
	}
	return nil
}

// Rows that are missing, repeated or broken are refused: the map is built anew.
func TestLoadRefuses(t *testing.T) {
	c := sampleCells()[0]
	open := appendChange(nil, &change{kind: changeOpen, day: 3})
	whole := func() scan {
		return scan{string(cellKey(0)): appendCell(nil, &c), string(handlesKey(0)): make([]byte, 16), string(changesKey(0)): open, string(changesKey(1)): open}
	}
	if _, err := Load(whole(), events.Position{}); err != nil {
		t.Fatal(err)
	}
	for what, spoil := range map[string]func(scan){
		"a cell is missing":           func(s scan) { delete(s, string(cellKey(0))) },
		"a cell is not the first":     func(s scan) { s[string(cellKey(2))] = s[string(cellKey(0))] },
		"the handles are missing":     func(s scan) { delete(s, string(handlesKey(0))) },
		"a handle stands twice":       func(s scan) { s[string(handlesKey(0))] = make([]byte, 32) },
		"half a handle":               func(s scan) { s[string(handlesKey(0))] = make([]byte, 8) },
		"the first changes are lost":  func(s scan) { delete(s, string(changesKey(0))) },
		"changes in between are lost": func(s scan) { s[string(changesKey(3))] = open },
		"a change is cut":             func(s scan) { s[string(changesKey(1))] = open[:2] },
		"a change of no known kind":   func(s scan) { s[string(changesKey(1))] = []byte{0xf0} },
		"a day after the last":        func(s scan) { s[string(changesKey(1))] = appendChange(nil, &change{kind: changeDay, day: never}) },
		"a span that ends before": func(s scan) {
			s[string(changesKey(1))] = appendChange(nil, &change{kind: changeSet, spans: []span{{from: 2, to: 1}}})
		},
		"an ordinal beyond the others": func(s scan) { s[string(changesKey(1))] = appendChange(nil, &change{kind: changeOpen, ord: 9}) },
	} {
		s := whole()
		spoil(s)
		if _, err := Load(s, events.Position{}); err == nil {
			t.Errorf("%s: it was taken", what)
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
		switch i % 5 {
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
