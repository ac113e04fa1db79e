package facets

import (
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

var errForm = errors.New("its form is broken")

// Load makes the state from the rows of a map at a position, in one walk over all
// of them and one reading of each rough handle. r sees that position, what was
// taken back by then included.
func Load(r Reader, at events.Position) (*Index, error) {
	x := NewIndex()
	x.at = at
	if err := r.Scan([]byte{Family}, nil, x.loadRow); err != nil {
		return nil, fmt.Errorf("read rows of facets: %w", err)
	}
	l := loading{a: NewApplier(x)}
	if err := inventory.Each(r, l.take); err != nil {
		return nil, fmt.Errorf("make facets from the rows of events: %w", err)
	}
	l.bringIn()
	for h := range x.rough {
		f, err := x.fold(r, h)
		if err != nil {
			return nil, fmt.Errorf("make facets from the rows of events: %w", err)
		}
		x.settle(&f)
	}
	return x, nil
}

func (x *Index) loadRow(k, v []byte) error {
	switch {
	case len(k) == 18 && k[1] == rowRough && len(v) == 0:
		x.rough[events.Handle(k[2:])] = struct{}{}
	case len(k) == 10 && k[1] == rowTaken && len(v) == 1 && v[0] <= 1:
		if v[0] == 1 {
			x.waiting[inventory.Mark(k[2:])] = struct{}{}
		}
	default:
		return errForm
	}
	return nil
}

// loading makes the state of rows as an applier makes it of events, some of them
// together.
type loading struct{ a *Applier }

// together is how many rows are brought in at a time.
const together = 4096

// take notes one row. Of a handle that is not rough nothing was removed or taken
// back, as far as it is known: what was observed counts as it stands. Of a rough
// one only the ordinal is given.
func (l *loading) take(row *inventory.Row, body uint64) error {
	p := pending{handle: row.Handle, item: shorten(row.Event.Item.Handle)}
	switch row.Event.Kind {
	case events.RecordStored:
		p.day = dayOf(row.Obs[0].Time)
		l.a.put(p, row.Event, row.Categories, body)
	case events.RecordShared:
		p.shared = true
		for _, d := range inventory.SharedOn(row) {
			p.day = DayOf(d)
			l.a.put(p, row.Event, row.Categories, body)
		}
	}
	if len(l.a.pending) >= together {
		l.bringIn()
	}
	return nil
}

func (l *loading) bringIn() {
	l.a.number()
	l.a.bringIn()
}
