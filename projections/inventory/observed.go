package inventory

import (
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// What systems report, of everybody together, is a short list: bodies of codes,
// each said of many people. Observed keeps when each was first said and on which
// day last. It is what the declared side is held against.

// FamilyObserved is the first byte of its rows:
// U context category -> month, first observation, day last recorded. The category
// is the number of the list that holds it alone.
const FamilyObserved = 'U'

// An Observed is one body of codes, with one category or none and without anything
// that is particular to a person or record, that some system reported.
type Observed struct {
	// Event holds the codes; its categories are in Categories. It is shared and
	// must not be changed.
	Event      *events.Event
	Categories []events.Category
	// Body is the number of these codes, as in Noted.Reported.
	Body uint64
	// First is the event that said it first, by position.
	First Obs
	// Last is the day on which it was last recorded.
	Last events.Date
}

// observed remembers, for each body, the day noted last: by context, and by the slot
// of the category. A source that tells field by field what it stores makes a body
// of each field; beyond a bound, further ones of one context stand together,
// without their categories.
type observed struct {
	last   [][]events.Date       // by number of the context, then by slot; unseen if none
	far    map[shape]events.Date // of slots from nearSlots on
	slots  map[uint32]int        // by number of the list of one category; 0 is slot 0
	bodies int
	most   int

	at    events.Instant // of the last report
	today events.Date    // its day

	templates *Templates
}

const (
	maxObserved = 1 << 16
	nearSlots   = 1 << 8                // that an array is kept of: with the contexts it bounds the memory
	unseen      = events.Date(-1 << 31) // before every day
)

func newObserved(t *Templates) *observed {
	return &observed{far: make(map[shape]events.Date), slots: map[uint32]int{0: 0}, most: maxObserved, templates: t}
}

func loadObserved(r Scanner, t *Templates) (*observed, error) {
	o := newObserved(t)
	err := r.Scan([]byte{FamilyObserved}, nil, func(k, v []byte) error {
		s, _, last, err := parseObserved(k, v, t)
		if err == nil {
			o.set(s, o.slot(s.categories), last)
			o.bodies++
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// slot numbers the lists of one category densely.
func (o *observed) slot(list uint32) int {
	n, ok := o.slots[list]
	if !ok {
		n = len(o.slots)
		o.slots[list] = n
	}
	return n
}

// day is the last day of a body.
func (o *observed) day(s shape, slot int) events.Date {
	if slot < nearSlots {
		if int(s.context) < len(o.last) && slot < len(o.last[s.context]) {
			return o.last[s.context][slot]
		}
	} else if d, ok := o.far[s]; ok {
		return d
	}
	return unseen
}

func (o *observed) set(s shape, slot int, day events.Date) {
	if slot >= nearSlots {
		o.far[s] = day
		return
	}
	for len(o.last) <= int(s.context) {
		o.last = append(o.last, nil)
	}
	for len(o.last[s.context]) <= slot {
		o.last[s.context] = append(o.last[s.context], unseen)
	}
	o.last[s.context][slot] = day
}

// see notes that a context was reported with some categories, each for itself, and
// appends to reported the bodies it was noted under. It writes once for each body,
// and once more on each later day on which it is reported again.
func (o *observed) see(b Batch, reported []uint64, context uint32, each []single, x *Obs) ([]uint64, error) {
	if x.Recorded != o.at {
		o.at, o.today = x.Recorded, x.Recorded.Day() // the events of a frame share it
	}
	day := o.today
	for _, c := range each {
		s, slot := shape{context, c.number}, c.slot
		last := o.day(s, slot)
		if last == unseen && o.bodies >= o.most {
			s.categories, slot = 0, 0
			last = o.day(s, slot)
		}
		if body := s.body(); len(reported) == 0 || reported[len(reported)-1] != body {
			reported = append(reported, body)
		}
		if last >= day {
			continue
		}
		if err := o.note(b, s, x, last != unseen, day); err != nil {
			return nil, err
		}
		o.set(s, slot, day)
	}
	return reported, nil
}

// note writes that a body was reported on a day, for the first time or again.
func (o *observed) note(b Batch, s shape, x *Obs, known bool, day events.Date) error {
	first := *x
	key := s.append([]byte{FamilyObserved})
	if known {
		v, ok, err := b.Get(key)
		if err != nil {
			return fmt.Errorf("read observed row: %w", err)
		}
		if !ok {
			return fmt.Errorf("read observed row: a body said before has none")
		}
		if first, _, err = readObserved(v, o.templates); err != nil {
			return err
		}
	} else {
		o.bodies++
	}
	b.Set(key, appendObserved(nil, &first, day))
	return nil
}

// The stored form: the month of the first observation, that observation as an event
// row of its own, and how many days later one was last recorded (varint).
func appendObserved(b []byte, first *Obs, last events.Date) []byte {
	month := monthOf(first.Time)
	h := header{n: 1}
	h.obs[0] = *first
	b = appendRow(appendMonth(b, month), &h, month, nil)
	return binary.AppendVarint(b, int64(last)-int64(first.Recorded.Day()))
}

func parseObserved(k, v []byte, t *Templates) (s shape, first Obs, last events.Date, err error) {
	first, last, err = readObserved(v, t)
	c := cursor{b: k[1:]}
	s = shape{c.number(), c.number()}
	if err == nil && (c.bad || len(c.b) > 0) {
		err = fmt.Errorf("read observed row, key of %d bytes: %w", len(k), errKey)
	}
	return s, first, last, err
}

func readObserved(v []byte, t *Templates) (first Obs, last events.Date, err error) {
	c := cursor{b: v}
	month := c.month()
	var h header
	rest, err := parseRow(c.b, month, &h, t)
	if err != nil {
		return first, 0, err
	}
	c.b, first = rest, h.obs[0]
	day := c.varint() + int64(first.Recorded.Day())
	last = events.Date(day)
	if c.bad || len(c.b) > 0 || h.n != 1 || h.more || month != monthOf(first.Time) || int64(last) != day {
		return first, 0, fmt.Errorf("read observed row of %d bytes: its form is broken", len(v))
	}
	return first, last, nil
}

// AllObserved lists every body of codes that was reported, as known by k, in the
// order in which their templates were first used. Its length is bounded by the
// tables of templates, not by people. One whose first event was taken back is
// left out only if it was said on that day alone: the rows of people say more.
func AllObserved(r Reader, k Known) ([]Observed, error) {
	var out []Observed
	err := r.Scan([]byte{FamilyObserved}, nil, func(key, v []byte) error {
		s, first, last, err := parseObserved(key, v, r.Templates())
		if err != nil {
			return err
		}
		if !k.Sees(first.Position, first.Recorded) {
			return nil
		}
		if first.Gone = r.Retracted(first.ID); Taken(first.Gone, k) && last == first.Recorded.Day() {
			return nil
		}
		body, err := r.Templates().context(s.context, r)
		if err != nil {
			return err
		}
		cats, err := r.Templates().categoryList(s.categories, r)
		if err != nil {
			return err
		}
		out = append(out, Observed{Event: &body.event, Categories: cats.list, Body: s.body(), First: first, Last: last})
		return nil
	})
	return out, err
}
