package inventory

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// Rows reads the rows of some handles, in the order of handles, then of keys.
// A handle given twice is read once.
func Rows(r Reader, handles ...events.Handle) ([]Row, error) {
	l := loader{r: r}
	for i, h := range handles {
		if contains(handles[:i], h) {
			continue
		}
		if err := l.load(h); err != nil {
			return nil, err
		}
	}
	return l.rows, nil
}

func contains(hs []events.Handle, h events.Handle) bool {
	for _, x := range hs {
		if x == h {
			return true
		}
	}
	return false
}

type loader struct {
	r      Reader
	rows   []Row
	prefix []byte
	obs    []Obs   // of many rows, to allocate seldom
	others []Short // likewise
	shape  shape   // of the row being read
	head   header
	body   *context
	// The last row with particulars: the next may differ only in its month.
	last []byte
	made Row
	part events.Event
}

func (l *loader) load(h events.Handle) error {
	l.prefix = handlePrefix(l.prefix, FamilyEvent, h)
	l.last = l.last[:0]
	return l.r.Scan(l.prefix, nil, func(k, v []byte) error { return l.row(k, v) })
}

// row reads one row and appends it.
func (l *loader) row(k, v []byte) error {
	if len(l.rows) == cap(l.rows) {
		l.rows = slices.Grow(l.rows, 16+len(l.rows))
	}
	l.rows = append(l.rows, Row{})
	row := &l.rows[len(l.rows)-1]
	others, err := l.frame(k, row)
	if err != nil {
		return fmt.Errorf("read event row, key of %d bytes: %w", len(k), err)
	}
	part, err := parseRow(v, row.Month, &l.head)
	if err != nil {
		return err
	}
	if len(part) > 0 {
		if err = l.particular(row, k, part); err != nil {
			return fmt.Errorf("read event row of %d bytes: %w", len(v), err)
		}
	}
	if row.Event == nil {
		return fmt.Errorf("read event row of %d bytes: its body is missing", len(v))
	}
	row.More, row.Days = l.head.more, l.head.days
	row.Obs = l.keep(l.head.obs[:l.head.n])
	for i := range row.Obs {
		row.Obs[i].Gone = l.r.Retracted(row.Obs[i].ID)
	}
	if n := len(l.others); len(others) > 0 {
		for ; len(others) > 0; others = others[4:] {
			l.others = append(l.others, Short(others))
		}
		row.Others = l.others[n:len(l.others):len(l.others)]
	}
	return nil
}

// frame reads what the key says. Event is set if there are no particulars.
func (l *loader) frame(k []byte, row *Row) (others []byte, err error) {
	if len(k) < eventKeyHead+2 {
		return nil, errors.New("too short")
	}
	row.Handle = events.Handle(k[1:])
	row.Month = binary.BigEndian.Uint16(k[len(k)-2:])
	l.shape = parseShape(k[17:])
	rest := k[eventKeyHead : len(k)-2]
	n, signed := 0, true
	if l.shape.context == wholeBody {
		if len(rest) == 0 || l.shape.categories != 0 {
			return nil, errors.New("its form is broken")
		}
		n, rest = int(rest[0]), rest[1:]
	} else {
		t := l.r.Templates()
		if l.body, err = t.context(l.shape.context, l.r); err != nil {
			return nil, err
		}
		c, err := t.categoryList(l.shape.categories, l.r)
		if err != nil {
			return nil, err
		}
		n, signed = l.body.others, l.body.particulars
		row.tuple, row.Categories, row.cells = l.body.tuple, c.list, c.cells
	}
	want := 4 * n
	if signed {
		want += 8
	} else {
		row.Event = &l.body.event
	}
	if len(rest) != want {
		return nil, errors.New("its form is broken")
	}
	return rest[:4*n], nil
}

// keep copies observations into a slab.
func (l *loader) keep(obs []Obs) []Obs {
	if cap(l.obs)-len(l.obs) < len(obs) {
		l.obs = make([]Obs, 0, max(16, min(512, 2*len(l.rows))))
	}
	n := len(l.obs)
	l.obs = append(l.obs, obs...)
	return l.obs[n:len(l.obs):len(l.obs)]
}

// particular puts the particulars of a row into a copy of its body. Rows that
// differ only in the month share the copy.
func (l *loader) particular(row *Row, k, part []byte) error {
	if row.Event != nil {
		return errors.New("particulars that its context does not speak of")
	}
	if k = k[:len(k)-2]; bytes.Equal(k, l.last) {
		row.Event, row.Categories, row.tuple, row.cells = l.made.Event, l.made.Categories, l.made.tuple, l.made.cells
		return nil
	}
	e := new(events.Event)
	if l.shape.context == wholeBody {
		if err := events.DecodeEvent(part, e, l.r); err != nil {
			return err
		}
		t := l.r.Templates()
		row.Categories, row.tuple, row.cells = e.Categories, t.cells.tuple(e), t.cells.list(e.Categories)
		e.Categories = nil
	} else {
		if err := events.DecodeEvent(part, &l.part, l.r); err != nil {
			return err
		}
		*e = l.body.event
		restore(e, &l.part)
	}
	row.Event = e
	l.made, l.last = *row, append(l.last[:0], k...)
	return nil
}

// Mentions lists the subjects whose events mention a handle in one of the
// roles, at most most of them, in order.
func Mentions(r Reader, ref events.Handle, roles byte, most int) ([]events.Handle, error) {
	var out []events.Handle
	err := r.Scan(handlePrefix(nil, FamilyReference, ref), nil, func(k, v []byte) error {
		if len(k) != 33 || len(v) != 1 {
			return fmt.Errorf("read reference row of %d bytes: its form is broken", len(v))
		}
		if v[0]&roles != 0 {
			out = append(out, events.Handle(k[17:]))
		}
		if len(out) == most {
			return ErrStop
		}
		return nil
	})
	return out, err
}

// Names reports whether the row's events named h beside their subject.
func (r *Row) Names(h events.Handle) bool {
	for _, s := range r.Others {
		if s == ShortOf(h) {
			return true
		}
	}
	return !h.IsZero() && r.Event.RecipientRef.Handle == h
}

// Standing lists the observations of the row that were known and not retracted.
func (r *Row) Standing(k Known) []Obs {
	var out []Obs
	for _, o := range r.Obs {
		if k.Sees(o.Position, o.Recorded) && !Taken(o.Gone, k) {
			out = append(out, o)
		}
	}
	return out
}

// CheckRow reads one row of this package and says what is wrong with it.
func CheckRow(r Reader, key, value []byte) error {
	switch key[0] {
	case FamilyEvent:
		l := loader{r: r}
		return l.row(key, value)
	case FamilyTemplate:
		return nil // read at Open
	case FamilyReference:
		if len(key) != 33 || len(value) != 1 {
			return fmt.Errorf("its form is broken")
		}
		return nil
	case FamilySystem:
		_, err := parseSystem(key, value)
		return err
	case FamilyNote:
		_, err := parseNote(key, value)
		return err
	case FamilyRecipient:
		_, err := parseRegistration(key, value)
		return err
	case FamilyRetraction:
		_, err := parseRetraction(key, value)
		return err
	case FamilyObserved:
		_, _, _, err := parseObserved(key, value)
		return err
	}
	return fmt.Errorf("no projection owns it")
}
