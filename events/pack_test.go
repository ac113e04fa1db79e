package events_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/eventstest"
	"pgregory.net/rapid"
)

// A frame filled from packs is the same, byte by byte, as one filled with the
// events themselves: packs that were used before, two of them by turns, in
// frames that were used before, and with more codes than one byte can number.
func TestPlaceLikeAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var packs [2]events.Pack
		var placed, added events.FrameBuilder
		for range rapid.IntRange(1, 4).Draw(t, "frames") {
			for range rapid.IntRange(1, 6).Draw(t, "requests") {
				p := &packs[rapid.IntRange(0, 1).Draw(t, "pack")]
				p.Reset()
				list := rapid.SliceOfN(eventstest.Events(), 1, 5).Draw(t, "events")
				if rapid.Bool().Draw(t, "many codes") {
					for i := range 150 {
						e := *list[0]
						e.Dataset = events.Code(fmt.Sprintf("set-%d", i))
						list = append(list, &e)
					}
				}
				for _, e := range list {
					if err := p.Add(e); err != nil {
						t.Fatal(err)
					}
				}
				for i, e := range list {
					placed.Place(p, i)
					added.Add(e)
					if p.ID(i) != e.ID {
						t.Fatalf("event %d: another id", i)
					}
				}
			}
			h := events.FrameHeader{Body: events.EventBody, Generation: 1}
			got, _ := placed.Seal(h)
			want, _ := added.Seal(h)
			if !bytes.Equal(got, want) {
				t.Fatalf("frames differ\n got %x\nwant %x", got, want)
			}
			placed.Reset()
			added.Reset()
		}
	})
}

// What a pack refuses leaves no trace in it.
func TestPackRefuses(t *testing.T) {
	good := eventstest.Stored(t, "crm", "crm.contact", eventstest.Handle("a"))
	var p events.Pack
	for range 2 {
		if err := p.Add(good); err != nil {
			t.Fatal(err)
		}
		bad := eventstest.Stored(t, "crm", "crm.contact", eventstest.Handle("b"))
		bad.Evidence = "not a code"
		if err := p.Add(bad); err == nil || !strings.Contains(err.Error(), "evidence") {
			t.Fatalf("got %v", err)
		}
	}
	if p.Len() != 2 {
		t.Fatalf("%d events packed, want 2", p.Len())
	}
	var placed, added events.FrameBuilder
	for i := range 2 {
		placed.Place(&p, i)
		added.Add(good)
	}
	got, _ := placed.Seal(events.FrameHeader{Body: events.EventBody})
	want, _ := added.Seal(events.FrameHeader{Body: events.EventBody})
	if !bytes.Equal(got, want) {
		t.Error("the refused event left something behind")
	}
}

// A pack forgets its codes when they have become too many, and goes on.
func TestPackBounded(t *testing.T) {
	var p events.Pack
	e := eventstest.Stored(t, "crm", "crm.contact", eventstest.Handle("a"))
	for i := range 20_000 {
		if i%1000 == 0 {
			p.Reset()
		}
		e.Dataset = events.Code(fmt.Sprintf("d-%d", i))
		if err := p.Add(e); err != nil {
			t.Fatal(err)
		}
		if n := events.PackKnows(&p); n > 4096+1000+10 {
			t.Fatalf("it carries %d codes along", n)
		}
	}
}

// What an event says makes the digest: every change of it shows, and what the
// gateway adds by its own knowledge (the id, the flags) does not.
func TestPackSum(t *testing.T) {
	said := func() *events.Event { return full(t) }
	sum := func(e *events.Event) uint32 {
		var p events.Pack
		if err := p.Add(e); err != nil {
			t.Fatal(err)
		}
		return p.Sum(0)
	}
	base := sum(said())
	if base == 0 {
		t.Fatal("zero means that nothing is known")
	}
	for name, c := range map[string]struct {
		change func(*events.Event)
		same   bool
	}{
		"nothing":       {func(*events.Event) {}, true},
		"id":            {func(e *events.Event) { e.ID = eventstest.ID("other") }, true},
		"no id":         {func(e *events.Event) { e.ID = events.EventID{} }, true},
		"flags":         {func(e *events.Event) { e.Flags = events.Late }, true},
		"no flags":      {func(e *events.Event) { e.Flags = 0 }, true},
		"kind":          {func(e *events.Event) { e.Kind = events.RecordUsed }, false},
		"source":        {func(e *events.Event) { e.Source = "hr" }, false},
		"time":          {func(e *events.Event) { e.Time++ }, false},
		"person":        {func(e *events.Event) { e.Subject[0].Handle[15]++ }, false},
		"code":          {func(e *events.Event) { e.Dataset = "contact" }, false},
		"codes swapped": {func(e *events.Event) { e.Place, e.Basis = e.Basis, e.Place }, false},
		"category":      {func(e *events.Event) { e.Categories = e.Categories[:1] }, false},
		"element":       {func(e *events.Event) { e.Categories[1].Element = "" }, false},
	} {
		e := said()
		c.change(e)
		if got := sum(e); (got == base) != c.same {
			t.Errorf("%s: %08x beside %08x, want the same: %v", name, got, base, c.same)
		}
	}
}

func BenchmarkPack(b *testing.B) {
	var p events.Pack
	var f events.FrameBuilder
	e := full(b)
	e.Item, e.Within, e.ObtainedFrom, e.Recipient, e.RecipientRef = events.Ref{}, events.Ref{}, events.Party{}, events.Party{}, events.Ref{}
	e.Channels, e.Covers = nil, nil
	b.ReportAllocs()
	for b.Loop() {
		p.Reset()
		if err := p.Add(e); err != nil {
			b.Fatal(err)
		}
		if f.Place(&p, 0); f.Count() == 1000 {
			f.Reset()
		}
	}
}
