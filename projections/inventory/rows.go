package inventory

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/habeas-data/habeas/events"
)

// Rows reads the rows of some handles, in the order of handles, then of keys.
// A handle given twice is read once.
func Rows(r Reader, handles ...events.Handle) ([]Row, error) {
	l := loaders.Get().(*loader)
	l.r = r
	for i, h := range handles {
		if contains(handles[:i], h) {
			continue
		}
		if err := l.load(h); err != nil {
			return nil, err
		}
	}
	rows := l.take()
	l.reset()
	loaders.Put(l)
	return rows, nil
}

func contains(hs []events.Handle, h events.Handle) bool {
	for _, x := range hs {
		if x == h {
			return true
		}
	}
	return false
}

// A loader reads rows into room of its own, which serves one reading after the
// other: most people have a few rows, and to guess how many costs more than to
// copy them once they are read.
type loader struct {
	r      Reader
	rows   []Row
	prefix []byte
	obs    []Obs   // of all rows
	others []Short // likewise
	shape  shape   // of the row being read
	head   header
	body   *context
	// The last row with particulars: the next may differ only in its month.
	last []byte
	made Row
	part events.Event
	add  func(k, v []byte) error // l.row, made once
}

var loaders = sync.Pool{New: func() any { return new(loader) }}

// rowsKept bounds the room that is kept for the next reading, in rows.
const rowsKept = 2048

func (l *loader) load(h events.Handle) error {
	l.prefix = handlePrefix(l.prefix, FamilyEvent, h)
	l.last = l.last[:0]
	if l.add == nil {
		l.add = l.row
	}
	return l.r.Scan(l.prefix, nil, l.add)
}

// take copies what was read: three pieces of memory, just as large as needed.
func (l *loader) take() []Row {
	if len(l.rows) == 0 {
		return nil
	}
	rows, obs, others := slices.Clone(l.rows), slices.Clone(l.obs), slices.Clone(l.others)
	for i := range rows {
		r := &rows[i]
		n, m := len(r.Obs), len(r.Others)
		r.Obs, obs = obs[:n:n], obs[n:]
		if m > 0 {
			r.Others, others = others[:m:m], others[m:]
		}
	}
	return rows
}

func (l *loader) reset() {
	clear(l.rows)
	clear(l.obs)
	l.r, l.body, l.made, l.part = nil, nil, Row{}, events.Event{}
	l.rows, l.obs, l.others, l.last = l.rows[:0], l.obs[:0], l.others[:0], l.last[:0]
	if cap(l.rows) > rowsKept {
		l.rows, l.obs, l.others = nil, nil, nil
	}
}

// row reads one row and appends it.
func (l *loader) row(k, v []byte) error {
	l.rows = append(l.rows, Row{})
	row := &l.rows[len(l.rows)-1]
	others, err := l.frame(k, row)
	if err != nil {
		return fmt.Errorf("read event row, key of %d bytes: %w", len(k), err)
	}
	part, err := parseRow(v, row.Month, &l.head, l.r.Templates())
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
	n := len(l.obs)
	l.obs = append(l.obs, l.head.obs[:l.head.n]...)
	row.Obs = l.obs[n:]
	for i := range row.Obs {
		row.Obs[i].Gone = l.r.Retracted(row.Obs[i].ID)
	}
	if n := len(l.others); len(others) > 0 {
		for ; len(others) > 0; others = others[4:] {
			l.others = append(l.others, Short(others))
		}
		row.Others = l.others[n:]
	}
	return nil
}

// frame reads what the key says. Event is set if there are no particulars.
func (l *loader) frame(k []byte, row *Row) (others []byte, err error) {
	x, err := parseKey(k)
	if err != nil {
		return nil, err
	}
	row.Handle, row.Month, l.shape = x.handle, x.month, x.shape
	signed := true
	if x.shape.context == wholeBody {
		if x.shape.categories != 0 {
			return nil, errKey
		}
	} else {
		t := l.r.Templates()
		if l.body, err = t.context(x.shape.context, l.r); err != nil {
			return nil, err
		}
		c, err := t.categoryList(x.shape.categories, l.r)
		if err != nil {
			return nil, err
		}
		signed = l.body.particulars
		row.tuple, row.Categories, row.cells = l.body.tuple, c.list, c.cells
	}
	if signed != x.signed {
		return nil, errKey
	}
	if !signed {
		row.Event = &l.body.event
	}
	return x.others, nil
}

// particular puts the particulars of a row into a copy of its body. Rows that
// differ only in the month share the copy.
func (l *loader) particular(row *Row, k, part []byte) error {
	if row.Event != nil {
		return errors.New("particulars that its context does not speak of")
	}
	if k = k[:len(k)-monthBytes(row.Month)]; bytes.Equal(k, l.last) {
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
		_, _, _, err := parseObserved(key, value, r.Templates())
		return err
	}
	return fmt.Errorf("no projection owns it")
}
