package demo_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/demo"
	"github.com/habeas-data/habeas/events"
)

func smallLoad(n int) demo.Load {
	l := demo.NewLoad(n, 5)
	l.People = 2000
	return l
}

// The three forms of one event say the same.
func TestLoadFormsAgree(t *testing.T) {
	l := smallLoad(3000)
	s := l.Stream(0, l.Events)
	var o events.Observation
	for s.Next() {
		b := s.AppendJSON(nil)
		got, rej := events.DecodeCloudEvent(b, l.Start.Add(2*l.Span))
		if rej != nil {
			t.Fatalf("event %d: %v\n%s", s.Event().Seq, rej, b)
		}
		s.Observe(&o)
		if !reflect.DeepEqual(got.Event, o.Event) {
			t.Fatalf("event %d: JSON gives\n%+v\nthe observation is\n%+v", s.Event().Seq, got.Event, o.Event)
		}
		enc, err := events.EncodeCloudEvent(&o)
		if err != nil {
			t.Fatal(err)
		}
		if fromJSON, err := events.EncodeCloudEvent(got); err != nil || !bytes.Equal(enc, fromJSON) {
			t.Fatalf("event %d: the identifiers differ: %v", s.Event().Seq, err)
		}
	}
}

// Any cut of a load gives the same events.
func TestLoadIsTheSameHoweverCut(t *testing.T) {
	l := smallLoad(5000)
	all := func(cuts ...int) []byte {
		var b []byte
		from := 0
		for _, to := range append(cuts, l.Events) {
			for s := l.Stream(from, to); s.Next(); {
				b = append(s.AppendJSON(b), '\n')
			}
			from = to
		}
		return b
	}
	whole := all()
	if !bytes.Equal(whole, all(1, 777, 2500)) {
		t.Error("cutting a load changes it")
	}
	if bytes.Count(whole, []byte("\n")) != 5000 {
		t.Errorf("want 5000 events, got %d", bytes.Count(whole, []byte("\n")))
	}
	l.Seed++
	if bytes.Equal(whole, all()) {
		t.Error("another seed makes the same load")
	}
}

// The load has the shape the measurements speak of.
func TestLoadShape(t *testing.T) {
	l := demo.NewLoad(100_000, 1)
	s := l.Stream(0, l.Events)
	people, systems, cats, recipients := map[int]int{}, map[int]bool{}, map[int]bool{}, map[int]bool{}
	kinds := map[events.Kind]int{}
	tokens, last := 0, events.Instant(0)
	for s.Next() {
		e := s.Event()
		people[e.Person]++
		systems[e.System] = true
		kinds[e.Kind]++
		tokens++
		if e.WithEmail {
			tokens++
		}
		for _, c := range e.Categories[:e.NCategory] {
			cats[c] = true
		}
		if e.Kind == events.RecordShared {
			recipients[e.Recipient] = true
		}
		if e.Time < last {
			t.Fatal("time runs backwards")
		}
		last = e.Time
	}
	if len(systems) != 20 || len(cats) != 30 || len(recipients) != 15 {
		t.Errorf("%d systems, %d categories, %d recipients", len(systems), len(cats), len(recipients))
	}
	if per := float64(tokens) / 100_000; per < 1.45 || per > 1.55 {
		t.Errorf("%.2f identifiers per event, want about 1.5", per)
	}
	most := 0
	for _, n := range people {
		most = max(most, n)
	}
	if most < 500 || len(people) < 20_000 {
		t.Errorf("busiest person has %d events, %d people seen: not Zipf's law", most, len(people))
	}
	if kinds[events.RecordStored] < 70_000 || kinds[events.RecordShared] < 18_000 || kinds[events.RecordUsed] < 6_000 {
		t.Errorf("mix of kinds: %v", kinds)
	}
}

func TestLoadCatalogueDeclaresAll(t *testing.T) {
	l := smallLoad(2000)
	c, err := l.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	s := l.Stream(0, l.Events)
	var o events.Observation
	for s.Next() {
		s.Observe(&o)
		e := &o.Event
		ok := c.Declared(catalogue.FieldSystem, e.Source) && c.DeclaredActivity(e.Activity) && c.Declared(catalogue.FieldSubjectType, e.SubjectType)
		for _, cat := range e.Categories {
			ok = ok && c.DeclaredCategory(cat)
		}
		if e.Recipient.Code != "" {
			ok = ok && c.Declared(catalogue.FieldRecipient, e.Recipient.Code)
		}
		if !ok || c.PrimaryKind(e.Source) != o.Subject[0].Kind || !c.MayJoin("email") {
			t.Fatalf("event %d has a code the catalogue does not know", s.Event().Seq)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	l := demo.NewLoad(1<<30, 1)
	l.Span = time.Hour
	s := l.Stream(0, l.Events)
	b.Run("next", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Next()
		}
	})
	b.Run("observe", func(b *testing.B) {
		var o events.Observation
		b.ReportAllocs()
		for b.Loop() {
			s.Next()
			s.Observe(&o)
		}
	})
	b.Run("json", func(b *testing.B) {
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			s.Next()
			buf = s.AppendJSON(buf[:0])
		}
		b.SetBytes(int64(len(buf)))
	})
}
