package ingest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/habeas-data/habeas/events"
)

// The memo never says yes to what it was not told, however many words fall on
// one place, and what a catalogue declares it does not carry into another batch.
func TestMemo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var m memo
	m.batch = 1
	told := map[string]uint64{}
	hits := 0
	for range 200_000 {
		if r.IntN(500) == 0 {
			m.batch++
		}
		a, of := about(1+r.IntN(3)), fmt.Sprint("system-", r.IntN(4))
		word := events.Code(fmt.Sprint("w", r.IntN(120)))
		key := fmt.Sprint(a, of, word)
		s, ok := m.place(a, of, word)
		batch, known := told[key]
		if ok && (!known || a == isDeclared && batch != m.batch) {
			t.Fatalf("%s is taken for known", key)
		}
		if ok {
			hits++
		} else {
			m.keep(s, a, of, word)
			told[key] = m.batch
		}
	}
	if hits < 10_000 {
		t.Errorf("%d hits: it spares nothing", hits)
	}
}

type quietVault struct{ Vault }

func (quietVault) Resolve(_ context.Context, l []Lookup) ([]Found, uint64, error) {
	out := make([]Found, len(l))
	for i := range l {
		out[i].Ref = events.Ref{Handle: events.Handle{byte(i + 1)}, Kind: l[i].ID.Kind}
	}
	return out, 1, nil
}

func (quietVault) EventID(events.Code, events.Plaintext) events.EventID { return events.EventID{1} }

type quietJournal struct{}

func (quietJournal) Append(_ context.Context, e []*events.Event, _ uint64, _ uint32) ([]Stored, error) {
	return make([]Stored, len(e)), nil
}

type twoCatalogues struct{ known bool }

func (c *twoCatalogues) Declared(string, events.Code) bool { return c.known }
func (*twoCatalogues) PrimaryKind(events.Code) events.Code { return "" }
func (*twoCatalogues) Number() uint32                      { return 1 }

// I1: memory that waits for the next batch holds no identifier of the last; and
// a batch asks the catalogue of its own time.
func TestScratchIsClean(t *testing.T) {
	cat := &twoCatalogues{known: true}
	g := New(Config{Vault: quietVault{}, Journal: quietJournal{}, Catalogue: func() Catalogue { return cat }, MaxInFlight: 100})
	submit := func() *events.Event {
		o := &events.Observation{ExternalID: events.NewPlaintext("x"), Event: events.Event{Kind: events.RecordStored, Source: "crm",
			Activity: events.Activity{Code: "a1"}},
			Subject: []events.Identifier{{Kind: "email", Value: events.NewPlaintext("priya@example.org")}}}
		if _, err := g.Submit(context.Background(), Caller{Any: true}, []*events.Observation{o}); err != nil {
			t.Fatal(err)
		}
		return &o.Event
	}
	for range 3 {
		if e := submit(); e.Activity.Code != "a1" || len(e.Subject) != 1 {
			t.Fatalf("got activity %s, %d subjects", e.Activity.Code, len(e.Subject))
		}
	}
	s := g.takeScratch()
	for _, l := range s.look[:cap(s.look)] {
		if !l.ID.IsZero() || !l.ID.Value.IsZero() {
			t.Error("an identifier was left behind")
		}
	}
	for _, p := range s.put[:cap(s.put)] {
		if p != (target{}) {
			t.Error("a place in an event was left behind")
		}
	}
	for _, e := range s.list[:cap(s.list)] {
		if e != nil {
			t.Error("an event was left behind")
		}
	}
	g.giveScratch(s)
	cat.known = false
	if e := submit(); e.Activity.Code == "a1" {
		t.Error("a code is taken as declared because it was before")
	}
}

// I1: what the gateway remembers of words keeps no event in memory: words are cut
// from one text with all codes of their event, and one that no catalogue knows may
// be personal.
func TestWordsAreCopies(t *testing.T) {
	cat := &twoCatalogues{known: true}
	g := New(Config{Vault: quietVault{}, Journal: quietJournal{}, Catalogue: func() Catalogue { return cat }, MaxInFlight: 100, Now: time.Now})
	// What is given back is not always what is taken again.
	looked := 0
	for range 100 {
		text := strings.Clone("crm-a1-letters-email-priya")
		cut := func(from, to int) events.Code { return events.Code(text[from:to]) }
		o := &events.Observation{ExternalID: events.NewPlaintext("x"), Event: events.Event{Kind: events.RecordStored, Source: cut(0, 3),
			Activity: events.Activity{Code: cut(4, 6)}, Dataset: cut(7, 14)},
			Subject: []events.Identifier{{Kind: cut(15, 20), Value: events.NewPlaintext("p")}}}
		if _, err := g.Submit(context.Background(), Caller{Any: true}, []*events.Observation{o}); err != nil {
			t.Fatal(err)
		}
		g.mayKeep(o.Event.Source)
		g.undecl.add(o.Event.Source)
		begin := uintptr(unsafe.Pointer(unsafe.StringData(text)))
		check := func(what string, s string) {
			if at := uintptr(unsafe.Pointer(unsafe.StringData(s))); s != "" && at >= begin && at < begin+uintptr(len(text)) {
				t.Errorf("%s %q is cut from the event", what, s)
			}
		}
		scratch, found := g.takeScratch(), 0
		for i := range scratch.memo.at {
			s := &scratch.memo.at[i]
			check("remembered", string(s.word))
			check("remembered of", s.of)
			if s.word != "" {
				found++
			}
		}
		g.giveScratch(scratch)
		for of, words := range g.undecl.words {
			check("said by", string(of.source))
			for w := range words {
				check("said", string(w))
				found++
			}
		}
		for s := range g.undecl.count {
			check("counted", string(s))
		}
		for s := range g.undecl.kept {
			check("kept of", string(s))
		}
		for s := range g.Counts.by {
			check("told of", string(s))
		}
		if found >= 3 {
			looked++
		}
	}
	if looked < 2 {
		t.Fatalf("words were found %d times: this test looks in the wrong places", looked)
	}
}
