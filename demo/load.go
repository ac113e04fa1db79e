package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A Load is the workload of measurements: many small events about people of
// whom few are spoken of often (Zipf's law) and most seldom. Event n of a Load
// depends on the Load and n alone, so that streams of any parts of it, made in
// any order or at once, give the same events. It plays the catalogue of
// Catalogue, not the notice.
type Load struct {
	Events     int
	People     int
	Systems    int
	Categories int
	Activities int
	Recipients int
	Seed       uint64
	Start      time.Time // of the first event
	Span       time.Duration
}

// NewLoad is the load that the measurements of this project use: 200,000
// people, 20 systems, 30 categories, 12 activities, 15 recipients, over a year.
func NewLoad(n int, seed uint64) Load {
	return Load{Events: n, People: 200_000, Systems: 20, Categories: 30, Activities: 12, Recipients: 15,
		Seed: seed, Start: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), Span: 365 * 24 * time.Hour}
}

// The parameters of Zipf's law: person k is drawn in proportion to
// (zipfV+k)^-zipfS. At a million events of 200,000 people the first person is
// spoken of about 16,000 times.
const (
	zipfS = 1.1
	zipfV = 10
)

// Mix of the kinds, in percent.
const (
	storedPercent = 72
	sharedPercent = 20 // the rest are uses
)

// A LoadEvent is one event of a Load as numbers: what a table of holdings needs
// without decoding an event. Categories and Recipient count from 0.
type LoadEvent struct {
	Seq        int
	Kind       events.Kind
	System     int
	Person     int
	WithEmail  bool // the event names the e-mail address beside the local id
	Activity   int
	Categories [3]int
	NCategory  int
	Recipient  int // of record.shared only
	Time       events.Instant
}

// A Stream makes the events of one part of a Load, in order. One goroutine uses
// it at a time.
type Stream struct {
	l        Load
	seq, end int
	src      *rand.PCG
	r        *rand.Rand
	zipf     *rand.Zipf
	words    *vocabulary
	ev       LoadEvent
}

// Stream returns the events from (counted from 0) up to, not including, to.
func (l Load) Stream(from, to int) *Stream {
	src := rand.NewPCG(l.Seed, 0)
	r := rand.New(src)
	return &Stream{l: l, seq: from, end: min(to, l.Events), src: src, r: r,
		zipf: rand.NewZipf(r, zipfS, zipfV, uint64(l.People-1)), words: l.vocabulary()}
}

// Next moves to the next event and reports whether there is one.
func (s *Stream) Next() bool {
	if s.seq >= s.end {
		return false
	}
	s.src.Seed(s.l.Seed, uint64(s.seq)*0x9e3779b97f4a7c15+1)
	e := LoadEvent{Seq: s.seq, Person: s.person(), System: s.r.IntN(s.l.Systems)}
	// A person is known to a handful of systems, the same ones again and again.
	e.System = (e.Person*7 + e.System%(1+e.Person%7)) % s.l.Systems
	switch roll := s.r.IntN(100); {
	case roll < storedPercent:
		e.Kind = events.RecordStored
	case roll < storedPercent+sharedPercent:
		e.Kind, e.Recipient = events.RecordShared, s.r.IntN(s.l.Recipients)
	default:
		e.Kind = events.RecordUsed
	}
	e.WithEmail = s.r.IntN(2) == 0
	e.Activity = s.r.IntN(s.l.Activities)
	e.NCategory = 1 + s.r.IntN(3)
	first := s.r.IntN(s.l.Categories)
	for i := range e.NCategory {
		e.Categories[i] = (first + i*7) % s.l.Categories
	}
	at := time.Duration(float64(s.l.Span) * float64(s.seq) / float64(max(s.l.Events, 1)))
	e.Time = events.InstantOf(s.l.Start.Add(at)) / 1e6 * 1e6
	s.ev = e
	s.seq++
	return true
}

// person draws from Zipf's law and spreads the frequent people over the whole
// range of numbers, so that neighbours in a key are not all hot.
func (s *Stream) person() int {
	k := s.zipf.Uint64()
	return int((k*7919 + 13) % uint64(s.l.People))
}

// Event is the present event as numbers.
func (s *Stream) Event() *LoadEvent { return &s.ev }

// Observe fills o with the present event, reusing its slices. Its strings are
// shared with all other events of the process and never change.
func (s *Stream) Observe(o *events.Observation) {
	w, ev := s.words, &s.ev
	subject, cats := o.Subject[:0], o.Event.Categories[:0]
	*o = events.Observation{ExternalID: events.NewPlaintext(loadID(ev.Seq))}
	e := &o.Event
	e.Kind, e.Source, e.Time = ev.Kind, w.systems[ev.System], ev.Time
	e.SubjectType, e.Activity.Code, e.Dataset = loadSubject, w.activities[ev.Activity], loadDataset
	for _, c := range ev.Categories[:ev.NCategory] {
		cats = append(cats, events.Category{Code: w.categories[c]})
	}
	e.Categories = cats
	subject = append(subject, events.Identifier{Kind: w.kinds[ev.System], Value: events.NewPlaintext(w.local(ev.Person))})
	if ev.WithEmail {
		subject = append(subject, events.Identifier{Kind: "email", Value: events.NewPlaintext(w.email(ev.Person))})
	}
	o.Subject = subject
	switch ev.Kind {
	case events.RecordStored:
		e.Provenance = events.Provided
	case events.RecordUsed:
		e.Action = events.ActionRead
	case events.RecordShared:
		e.Recipient.Code = w.recipients[ev.Recipient]
	}
}

// AppendJSON appends the present event as a CloudEvent in structured JSON form,
// without a newline.
func (s *Stream) AppendJSON(b []byte) []byte {
	w, ev := s.words, &s.ev
	b = append(b, `{"specversion":"1.0","id":"`...)
	b = appendLoadID(b, ev.Seq)
	b = append(append(b, `","source":"`...), w.systems[ev.System]...)
	b = append(append(b, `","type":"`...), loadTypes[ev.Kind]...)
	b = ev.Time.Time().AppendFormat(append(b, `","time":"`...), time.RFC3339)
	b = append(append(b, `","data":{"subject":[{"kind":"`...), w.kinds[ev.System]...)
	b = append(append(b, `","value":"`...), w.local(ev.Person)...)
	if ev.WithEmail {
		b = append(append(b, `"},{"kind":"email","value":"`...), w.email(ev.Person)...)
	}
	b = append(b, `"}],"subject_type":"`+string(loadSubject)+`","activity":"`...)
	b = append(append(b, w.activities[ev.Activity]...), `","categories":["`...)
	for i, c := range ev.Categories[:ev.NCategory] {
		if i > 0 {
			b = append(b, `","`...)
		}
		b = append(b, w.categories[c]...)
	}
	b = append(b, `"],"dataset":"`+string(loadDataset)+`"`...)
	switch ev.Kind {
	case events.RecordStored:
		b = append(b, `,"provenance":"provided"`...)
	case events.RecordUsed:
		b = append(b, `,"action":"read"`...)
	case events.RecordShared:
		b = append(append(append(b, `,"recipient":"`...), w.recipients[ev.Recipient]...), '"')
	}
	return append(b, '}', '}')
}

const (
	loadSubject events.Code = "customer"
	loadDataset events.Code = "records"
)

var loadTypes = map[events.Kind]string{
	events.RecordStored: events.RecordStored.Type(),
	events.RecordShared: events.RecordShared.Type(),
	events.RecordUsed:   events.RecordUsed.Type(),
}

func loadID(n int) string { return string(appendLoadID(make([]byte, 0, 10), n)) }

func appendLoadID(b []byte, n int) []byte {
	b = append(b, 'e')
	for f := 100_000_000; f > n && f > 1; f /= 10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, int64(n), 10)
}

// A vocabulary holds the words of a Load. It is made once for a stream and
// never changes.
type vocabulary struct {
	systems, kinds, activities, categories, recipients []events.Code
	// people is all e-mail addresses in a row, each of width bytes: a local id
	// is the beginning of an address.
	people       string
	width, short int
}

func (l Load) vocabulary() *vocabulary {
	name := func(n int, format string) []events.Code {
		list := make([]events.Code, n)
		for i := range list {
			list[i] = events.Code(fmt.Sprintf(format, i))
		}
		return list
	}
	w := &vocabulary{systems: name(l.Systems, "system-%02d"), kinds: name(l.Systems, "system-%02d.person"),
		activities: name(l.Activities, "activity-%02d"), categories: name(l.Categories, "category-%02d"),
		recipients: name(l.Recipients, "recipient-%02d")}
	var b strings.Builder
	const host = "@example.org"
	w.short = len("p") + 8
	w.width = w.short + len(host)
	b.Grow(l.People * w.width)
	for i := range l.People {
		fmt.Fprintf(&b, "p%08d%s", i, host)
	}
	w.people = b.String()
	return w
}

func (w *vocabulary) local(p int) string { return w.people[p*w.width : p*w.width+w.short] }
func (w *vocabulary) email(p int) string { return w.people[p*w.width : (p+1)*w.width] }

// Person returns the identifiers of a person of the load in one system, for
// look-ups: the local one and the e-mail address.
func (s *Stream) Person(system, person int) [2]events.Identifier {
	return [2]events.Identifier{
		{Kind: s.words.kinds[system], Value: events.NewPlaintext(s.words.local(person))},
		{Kind: "email", Value: events.NewPlaintext(s.words.email(person))},
	}
}

// Catalogue declares every code of the load, so that nothing is undeclared.
func (l Load) Catalogue() (*catalogue.Catalogue, error) {
	w := Load{Systems: l.Systems, Activities: l.Activities, Categories: l.Categories, Recipients: l.Recipients}.vocabulary()
	var b strings.Builder
	fmt.Fprintf(&b, "catalogue: load\ntitle: Measurement\nversion: \"1\"\norganisation: {name: Measurement, jurisdiction: gb}\nsystems:\n")
	for i, s := range w.systems {
		fmt.Fprintf(&b, "  - {id: %s, name: %s, primary: %s, joins: [email]}\n", s, s, w.kinds[i])
	}
	fmt.Fprintf(&b, "subject_types:\n  - {id: %s, name: Customer}\ncategories:\n", loadSubject)
	for i, c := range w.categories {
		special := ""
		if i%10 == 9 {
			special = ", special: true, kind: health"
		}
		fmt.Fprintf(&b, "  - {id: %s, name: %s%s}\n", c, c, special)
	}
	b.WriteString("recipients:\n")
	for _, r := range w.recipients {
		fmt.Fprintf(&b, "  - {id: %s, name: %s, kind: processor, named: true, country: gb}\n", r, r)
	}
	b.WriteString("activities:\n")
	for _, a := range w.activities {
		fmt.Fprintf(&b, "  - {id: %s, purpose: %s, subject_types: [%s], lawful_basis: [\"6.1.b\"]}\n", a, a, loadSubject)
	}
	return catalogue.Load("load", strings.NewReader(b.String()))
}
