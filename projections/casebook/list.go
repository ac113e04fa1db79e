package casebook

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// An Order is how a list of cases is sorted.
type Order uint8

// The orders.
const (
	// Newest: the last opened first.
	Newest Order = iota
	// ByDue: first those whose person waits for an answer, then those that were
	// answered and are not ended, then those that ended; each by due date, those
	// without one last, then in the order in which they were opened.
	ByDue
)

// A Filter says which cases a list shows. The zero Filter is all of them.
type Filter struct {
	// Live leaves out the cases that ended.
	Live     bool
	Statuses []Status    // any of these
	Right    events.Code // one of its rights
	// Done are acts that all were seen, Missing acts none of which was.
	Done, Missing []events.Code
	// Days, inclusive; absent: no bound. A case without a due date is in no range
	// of them.
	DueFrom, DueTo           events.Date
	ReceivedFrom, ReceivedTo events.Date
}

func (f *Filter) shows(h *Head) bool {
	return !(f.Live && h.Class() == Done) &&
		(len(f.Statuses) == 0 || slices.Contains(f.Statuses, h.Status())) &&
		(f.Right == "" || slices.Contains(h.Rights, f.Right)) &&
		!slices.ContainsFunc(f.Done, func(a events.Code) bool { return !h.Acts.Has(a) }) &&
		!slices.ContainsFunc(f.Missing, h.Acts.Has) &&
		within(h.Due, f.DueFrom, f.DueTo) && within(h.Received, f.ReceivedFrom, f.ReceivedTo)
}

func within(d, from, to events.Date) bool {
	return from == 0 && to == 0 || d != 0 && d >= from && (to == 0 || d <= to)
}

// statuses are those in which the filter can show a case at all.
func (f *Filter) statuses() (out []Status) {
	for _, s := range Statuses() {
		if (len(f.Statuses) == 0 || slices.Contains(f.Statuses, s)) && !(f.Live && s.Class() == Done) {
			out = append(out, s)
		}
	}
	return out
}

// A Page is a part of a list. Next continues it; empty at the end.
type Page struct {
	Cases []Head
	Next  string
}

// List shows at most most cases that a filter lets through, from a cursor on: the
// Next of the page before, or empty for the first. ErrCursor if it is of no such
// list. A cursor names a place, not a page: a case that moves meanwhile may be
// seen twice or not at all.
func List(r Reader, f Filter, o Order, from string, most int) (*Page, error) {
	start, err := parseCursor(o, from)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	l := lister{r: r, f: &f, most: most, page: new(Page)}
	if o == ByDue {
		err = l.byDue(start)
	} else {
		err = l.newest(start)
	}
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	for i := range l.page.Cases {
		h := &l.page.Cases[i]
		if h.Tasks, err = readTally(r, h.ID); err != nil {
			return nil, fmt.Errorf("list cases: %w", err)
		}
	}
	return l.page, nil
}

// A cursor is the key that a list goes on from.
func parseCursor(o Order, s string) ([]byte, error) {
	if s == "" {
		return nil, nil
	}
	b, err := hex.DecodeString(s)
	want, row := 6, byte(rowHead)
	if o == ByDue {
		want, row = 11, rowDue
	}
	if err != nil || len(b) != want || b[0] != Family || b[1] != row {
		return nil, ErrCursor
	}
	return b, nil
}

type lister struct {
	r    Reader
	f    *Filter
	most int
	page *Page
}

// show puts a case on the page. It ends the list once the page is full, and notes
// where it goes on.
func (l *lister) show(next []byte, h *Head) error {
	if len(l.page.Cases) == l.most {
		l.page.Next = hex.EncodeToString(next)
		return inventory.ErrStop
	}
	l.page.Cases = append(l.page.Cases, *h)
	return nil
}

func (l *lister) newest(start []byte) error {
	statuses := l.f.statuses()
	if len(statuses) == len(statusWords) {
		return l.r.Scan(key(rowHead), start, func(k, v []byte) error {
			h, err := parseHead(l.r, k, v)
			if err != nil || !l.f.shows(h) {
				return err
			}
			return l.show(k, h)
		})
	}
	var rest []byte
	if len(start) > 0 {
		rest = start[2:]
	}
	found, err := l.gather(rowStatus, statuses, rest)
	if err != nil {
		return err
	}
	slices.SortFunc(found, func(a, b *Head) int { return cmp.Compare(b.Number, a.Number) })
	for _, h := range found {
		if l.show(headKey(h.Number), h) != nil {
			break
		}
	}
	return nil
}

func (l *lister) byDue(start []byte) error {
	for c := ToAnswer; c <= Done; c++ {
		statuses := slices.DeleteFunc(l.f.statuses(), func(s Status) bool { return s.Class() != c })
		rest := four(uint32(l.f.DueFrom))
		if len(start) > 0 {
			switch at := Status(start[2]).Class(); {
			case c < at:
				continue
			case c == at:
				rest = start[3:]
			}
		}
		found, err := l.gather(rowDue, statuses, rest)
		if err != nil {
			return err
		}
		slices.SortFunc(found, func(a, b *Head) int { return bytes.Compare(a.dueKey()[3:], b.dueKey()[3:]) })
		for _, h := range found {
			if l.show(h.dueKey(), h) != nil {
				return nil
			}
		}
	}
	return nil
}

// gather reads the first cases of each status that the filter lets through, in the
// order of the row, from the rest of a key on: one more than fit on the page.
func (l *lister) gather(row byte, statuses []Status, rest []byte) (found []*Head, err error) {
	for _, s := range statuses {
		prefix, n := key(row, []byte{byte(s)}), len(l.page.Cases)
		size := len(prefix) + 4
		if row == rowDue {
			size += 4
		}
		err := entries(l.r, prefix, append(slices.Clone(prefix), rest...), size, func(k []byte) error {
			number := ^binary.BigEndian.Uint32(k[len(k)-4:])
			if row == rowDue {
				if due := binary.BigEndian.Uint32(k[3:]); l.f.DueTo != 0 && due > uint32(l.f.DueTo) {
					return inventory.ErrStop
				}
				number = ^number
			}
			h, err := l.head(number)
			if err != nil || !l.f.shows(h) {
				return err
			}
			found = append(found, h)
			if n++; n > l.most {
				return inventory.ErrStop
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (l *lister) head(number uint32) (*Head, error) {
	k := headKey(number)
	v, ok, err := l.r.Get(k)
	if err == nil && !ok {
		err = errForm
	}
	if err != nil {
		return nil, err
	}
	return parseHead(l.r, k, v)
}
