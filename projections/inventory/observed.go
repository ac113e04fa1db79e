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
// U context3 categories3 -> first observation, day last recorded.
const FamilyObserved = 'U'

// An Observed is one body of codes, without anything that is particular to a
// person or record, that some system reported.
type Observed struct {
	// Event holds the codes; its categories are in Categories. It is shared and
	// must not be changed.
	Event      *events.Event
	Categories []events.Category
	// Body is the number of these codes, as in Noted.
	Body uint64
	// First is the event that said it first, by position.
	First Obs
	// Last is the day on which it was last recorded.
	Last events.Date
}

// observed remembers, for each body, the day noted last, at some 40 bytes a
// body. A source that tells field by field what it stores makes a body of each
// combination of fields; beyond a bound, further ones of one context stand
// together, without their categories.
type observed struct {
	last map[shape]events.Date
	most int
}

const maxObserved = 1 << 17

func loadObserved(r Scanner) (*observed, error) {
	o := &observed{last: make(map[shape]events.Date), most: maxObserved}
	err := r.Scan([]byte{FamilyObserved}, nil, func(k, v []byte) error {
		s, _, last, err := parseObserved(k, v)
		o.last[s] = last
		return err
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// see notes that a body was reported. It writes once for each body, and once
// more on each later day on which it is reported again.
func (o *observed) see(b Batch, s shape, x *Obs) error {
	day := x.Recorded.Day()
	last, known := o.last[s]
	if !known && len(o.last) >= o.most {
		s.categories = 0
		last, known = o.last[s]
	}
	if s.context == wholeBody || (known && last >= day) {
		return nil
	}
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
		if _, first, _, err = parseObserved(key, v); err != nil {
			return err
		}
	}
	o.last[s] = day
	b.Set(key, appendObserved(nil, &first, day))
	return nil
}

// The stored form: the first observation as in an event row, counted from the
// start of the epoch month, and the last day (varint).
func appendObserved(b []byte, first *Obs, last events.Date) []byte {
	return binary.AppendVarint(appendObs(b, first, monthStart(epochMonth)), int64(last))
}

const epochMonth = (1970 - firstYear) * 12

func parseObserved(k, v []byte) (s shape, first Obs, last events.Date, err error) {
	c := cursor{b: v}
	c.obs(&first, monthStart(epochMonth))
	day := c.varint()
	last = events.Date(day)
	if len(k) != 7 || c.bad || len(c.b) > 0 || int64(last) != day {
		return s, first, last, fmt.Errorf("read observed row of %d bytes: its form is broken", len(v))
	}
	return parseShape(k[1:]), first, last, nil
}

// AllObserved lists every body of codes that was reported, as known by k, in the
// order in which their templates were first used. Its length is bounded by the
// tables of templates, not by people. One whose first event was taken back is
// left out only if it was said on that day alone: the rows of people say more.
func AllObserved(r Reader, k Known) ([]Observed, error) {
	var out []Observed
	err := r.Scan([]byte{FamilyObserved}, nil, func(key, v []byte) error {
		s, first, last, err := parseObserved(key, v)
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
