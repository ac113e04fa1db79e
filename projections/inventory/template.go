package inventory

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/habeas-data/habeas/events"
)

// Most events repeat what others said of other people: the same system,
// activity and recipient, the same categories. A body is therefore cut in three:
//
//	context      codes and flags, without categories
//	categories   the list of categories
//	particulars  handles and dates, which are of one person or record
//
// The first two are kept once each and numbered in journal order; a row names
// them by number and holds only the particulars. They are tables of codes in
// use, not of people. A body that meets a full table is kept whole in its row.

// FamilyTemplate is the first byte of the rows of both tables:
// T table1 number3 -> bytes.
const FamilyTemplate = 'T'

const (
	tableContexts   = 0
	tableCategories = 1
	// The sizes of the tables are bounded, and so is the memory they take,
	// whatever codes sources invent.
	maxContexts   = 1 << 16
	maxCategories = 1 << 17
	// wholeBody is the number of no template: the row holds the whole body.
	wholeBody = 0
)

// A table numbers byte strings from 1.
type table struct {
	which  byte
	most   int
	all    atomic.Pointer[[]*template] // grows only; readers keep the slice they got
	number map[string]uint32           // owned by the writer
}

type template struct {
	bytes   string
	decoded atomic.Value // *context or *categoryList, once read
}

func (t *table) init(which byte, most int) {
	t.which, t.most, t.number = which, most, make(map[string]uint32)
	t.all.Store(new([]*template))
}

func (t *table) of(n uint32) (*template, error) {
	all := *t.all.Load()
	if n == 0 || uint64(n) > uint64(len(all)) {
		return nil, fmt.Errorf("template %d is not among the %d of table %d", n, len(all), t.which)
	}
	return all[n-1], nil
}

// intern numbers a string; a new one is written with the batch. It returns 0
// when the table is full.
func (t *table) intern(b Batch, s []byte) uint32 {
	if n, ok := t.number[string(s)]; ok {
		return n
	}
	if len(t.number) >= t.most {
		return 0
	}
	n := t.add(string(s))
	b.Set(t.key(n), []byte(string(s)))
	return n
}

func (t *table) add(s string) uint32 {
	all := append(*t.all.Load(), &template{bytes: s})
	n := uint32(len(all))
	t.number[s] = n
	t.all.Store(&all)
	return n
}

func (t *table) key(n uint32) []byte {
	return append([]byte{FamilyTemplate, t.which}, byte(n>>16), byte(n>>8), byte(n))
}

// Templates holds both tables in memory.
type Templates struct {
	contexts   table
	categories table
	cells      cells
}

// NewTemplates returns empty tables.
func NewTemplates() *Templates {
	t := new(Templates)
	t.contexts.init(tableContexts, maxContexts)
	t.categories.init(tableCategories, maxCategories)
	return t
}

// Len counts the templates of both tables.
func (t *Templates) Len() int { return len(*t.contexts.all.Load()) + len(*t.categories.all.Load()) }

// LoadTemplates reads the tables from the rows.
func LoadTemplates(r Scanner) (*Templates, error) {
	t := NewTemplates()
	err := r.Scan([]byte{FamilyTemplate}, nil, func(k, v []byte) error {
		if len(k) != 5 || k[1] > tableCategories || len(v) < 2 {
			return fmt.Errorf("read template row of %d bytes: its form is broken", len(v))
		}
		x := &t.contexts
		if k[1] == tableCategories {
			x = &t.categories
		}
		if n := x.add(string(v)); n != binary.BigEndian.Uint32(k[1:])&(1<<24-1) || len(x.number) != int(n) {
			return fmt.Errorf("read templates: number %d of table %d is missing or stands twice", n, k[1])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// A shape is how a row names its body.
type shape struct {
	context, categories uint32
}

func (s shape) append(b []byte) []byte {
	return append(b, byte(s.context>>16), byte(s.context>>8), byte(s.context),
		byte(s.categories>>16), byte(s.categories>>8), byte(s.categories))
}

// body is the shape as one number.
func (s shape) body() uint64 { return uint64(s.context)<<32 | uint64(s.categories) }

func parseShape(b []byte) shape {
	return shape{
		uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]),
		uint32(b[3])<<16 | uint32(b[4])<<8 | uint32(b[5]),
	}
}

// shape cuts a body. e is the body without id, time and subject, and is changed;
// the particulars are appended to part.
func (a *Applier) shape(b Batch, e *events.Event, others int, part []byte) (shape, []byte) {
	var s shape
	if len(e.Categories) > 0 {
		only := events.Event{Kind: events.RecordStored, Categories: e.Categories}
		a.body = events.AppendEvent(a.body[:0], &only, b)
		if s.categories = a.templates.categories.intern(b, a.body); s.categories == 0 {
			return shape{}, events.AppendEvent(part, e, b)
		}
	}
	categories := e.Categories
	e.Categories = nil
	found := particular(e, &a.part)
	a.body = append(a.body[:0], byte(others), 0)
	if found {
		a.body[1] = 1
	}
	a.body = events.AppendEvent(a.body, e, b)
	s.context = a.templates.contexts.intern(b, a.body)
	if s.context == wholeBody {
		restore(e, &a.part)
		e.Categories = categories
		return shape{}, events.AppendEvent(part, e, b)
	}
	if found {
		part = events.AppendEvent(part, &a.part, b)
	}
	return s, part
}

// particular moves what is particular to one person or record from e to p, and
// reports whether there was anything.
func particular(e, p *events.Event) bool {
	*p = events.Event{Kind: e.Kind}
	found := false
	for _, r := range [...][2]*events.Ref{
		{&e.Item, &p.Item}, {&e.Within, &p.Within}, {&e.RecipientRef, &p.RecipientRef},
		{&e.ObtainedFrom.Person, &p.ObtainedFrom.Person}, {&e.Recipient.Person, &p.Recipient.Person},
	} {
		if !r[0].IsZero() {
			*r[1], *r[0], found = *r[0], events.Ref{}, true
		}
	}
	for _, d := range [...][2]*events.Date{
		{&e.RecordDate, &p.RecordDate}, {&e.WithheldUntil, &p.WithheldUntil}, {&e.Date, &p.Date},
		{&e.From, &p.From}, {&e.To, &p.To}, {&e.Review, &p.Review},
	} {
		if *d[0] != 0 {
			*d[1], *d[0], found = *d[0], 0, true
		}
	}
	for _, i := range [...][2]*events.EventID{{&e.Retracts, &p.Retracts}, {&e.Note, &p.Note}, {&e.Of, &p.Of}, {&e.Digest, &p.Digest}} {
		if !i[0].IsZero() {
			*i[1], *i[0], found = *i[0], events.EventID{}, true
		}
	}
	if e.Through != 0 || e.Since != 0 {
		p.Through, p.Since, e.Through, e.Since, found = e.Through, e.Since, 0, 0, true
	}
	return found
}

// restore puts the particulars back.
func restore(e, p *events.Event) {
	e.Item, e.Within, e.RecipientRef = p.Item, p.Within, p.RecipientRef
	e.ObtainedFrom.Person, e.Recipient.Person = p.ObtainedFrom.Person, p.Recipient.Person
	e.RecordDate, e.WithheldUntil, e.Date = p.RecordDate, p.WithheldUntil, p.Date
	e.Retracts, e.Note, e.Through, e.Since = p.Retracts, p.Note, p.Through, p.Since
	e.From, e.To, e.Review, e.Of, e.Digest = p.From, p.To, p.Review, p.Of, p.Digest
}
