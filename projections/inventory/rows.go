package inventory

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

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
	obs    []Obs // of many rows, to allocate seldom
	shape  shape // of the row being read
	sketch *sketch
	// The last row with particulars: the next may differ only in its month.
	last  []byte
	event *events.Event
	cells []cell
	part  events.Event
}

func (l *loader) load(h events.Handle) error {
	l.prefix = handlePrefix(l.prefix, FamilyEvent, h)
	l.event = nil
	return l.r.Scan(l.prefix, nil, func(k, v []byte) error { return l.row(k, v) })
}

// row reads one row and appends it.
func (l *loader) row(k, v []byte) error {
	row, others, err := l.frame(k)
	if err != nil {
		return fmt.Errorf("read event row, key of %d bytes: %w", len(k), err)
	}
	var head header
	part, err := parseRow(v, row.Month, &head)
	if err != nil {
		return err
	}
	if len(part) > 0 {
		if err = l.particular(&row, k, part); err != nil {
			return fmt.Errorf("read event row of %d bytes: %w", len(v), err)
		}
	}
	if row.Event == nil {
		return fmt.Errorf("read event row of %d bytes: its body is missing", len(v))
	}
	row.More, row.Days = head.more, head.days
	row.Obs = l.keep(head.obs[:head.n])
	for i := range row.Obs {
		row.Obs[i].Gone = l.r.Retracted(row.Obs[i].ID)
	}
	if len(others) > 0 {
		row.Others = make([]Short, 0, len(others)/4)
		for ; len(others) > 0; others = others[4:] {
			row.Others = append(row.Others, Short(others))
		}
	}
	l.rows = append(l.rows, row)
	return nil
}

// frame reads what the key says. Event is set if there are no particulars.
func (l *loader) frame(k []byte) (row Row, others []byte, err error) {
	if len(k) < eventKeyHead+2 {
		return row, nil, errors.New("too short")
	}
	row.Handle = events.Handle(k[1:])
	row.Month = binary.BigEndian.Uint16(k[len(k)-2:])
	l.shape = parseShape(k[17:])
	rest := k[eventKeyHead : len(k)-2]
	n, signed := 0, true
	if l.shape.context == wholeBody {
		if len(rest) == 0 || l.shape.categories != 0 {
			return row, nil, errors.New("its form is broken")
		}
		n, rest = int(rest[0]), rest[1:]
	} else {
		if l.sketch, err = l.r.Templates().sketch(l.shape, l.r); err != nil {
			return row, nil, err
		}
		n, signed = l.sketch.others, l.sketch.particulars
		row.cells = l.sketch.cells
	}
	want := 4 * n
	if signed {
		want += 8
	} else {
		row.Event = &l.sketch.event
	}
	if len(rest) != want {
		return row, nil, errors.New("its form is broken")
	}
	return row, rest[:4*n], nil
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
	if k = k[:len(k)-2]; l.event != nil && bytes.Equal(k, l.last) {
		row.Event, row.cells = l.event, l.cells
		return nil
	}
	e := new(events.Event)
	if l.shape.context == wholeBody {
		if err := events.DecodeEvent(part, e, l.r); err != nil {
			return err
		}
		row.cells = l.r.Templates().cells.of(e)
	} else {
		if err := events.DecodeEvent(part, &l.part, l.r); err != nil {
			return err
		}
		*e = l.sketch.event
		restore(e, &l.part)
	}
	row.Event = e
	l.event, l.cells, l.last = e, row.cells, append(l.last[:0], k...)
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
	case FamilyRetraction:
		_, err := parseRetraction(key, value)
		return err
	}
	return fmt.Errorf("no projection owns it")
}
