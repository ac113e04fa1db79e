package facets

import (
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A Cell is one observed combination of codes. A cell of sharing has a
// recipient, or ToPerson; any other is of holding.
type Cell struct {
	System      events.Code
	Dataset     events.Code
	Activity    events.Activity
	Category    events.Category // empty: the source named none
	Controller  events.Code     // for whom it is held; empty means for ourselves
	SubjectType events.Code
	Shared      bool
	Provenance  events.Provenance // of holding
	Recipient   events.Code       // of sharing
	ToPerson    bool              // shared with a person, not with a known recipient
	// Country is where it is held, or where it was sent.
	Country events.Code
}

// cellOf is the cell of an event without its category.
func cellOf(e *events.Event) Cell {
	c := Cell{
		System: e.Source, Dataset: inventory.Dataset(e), Activity: e.Activity,
		Controller: e.Controller, SubjectType: e.SubjectType,
	}
	if e.Kind == events.RecordShared {
		c.Shared, c.Recipient, c.Country = true, e.Recipient.Code, e.TransferTo
		c.ToPerson = !e.Recipient.Person.IsZero()
		return c
	}
	c.Provenance, c.Country = e.Provenance, e.Country
	return c
}

// CellOf is the cell of one category of what was stored or shared.
func CellOf(e *events.Event, category events.Category) Cell {
	c := cellOf(e)
	c.Category = category
	return c
}

func (c *Cell) codes() [10]*events.Code {
	return [10]*events.Code{
		&c.System, &c.Dataset, &c.Activity.Code, &c.Activity.SubPurpose, &c.Category.Code, &c.Category.Element,
		&c.Controller, &c.SubjectType, &c.Recipient, &c.Country,
	}
}

const (
	cellShared = 1 << iota
	cellToPerson
)

// The stored form: flags, provenance, then each code with its length before it.
func appendCell(b []byte, c *Cell) []byte {
	flags := byte(0)
	if c.Shared {
		flags |= cellShared
	}
	if c.ToPerson {
		flags |= cellToPerson
	}
	b = append(b, flags, byte(c.Provenance))
	for _, x := range c.codes() {
		b = append(append(b, byte(len(*x))), *x...)
	}
	return b
}

var errCell = errors.New("its form is broken")

func parseCell(b []byte) (Cell, error) {
	var c Cell
	if len(b) < 2 || b[0] > cellShared|cellToPerson {
		return Cell{}, errCell
	}
	c.Shared, c.ToPerson, c.Provenance = b[0]&cellShared != 0, b[0]&cellToPerson != 0, events.Provenance(b[1])
	b = b[2:]
	for _, x := range c.codes() {
		if len(b) == 0 || len(b)-1 < int(b[0]) {
			return Cell{}, errCell
		}
		*x, b = events.Code(b[1:1+int(b[0])]), b[1+int(b[0]):]
	}
	if len(b) > 0 || c.System == "" || (!c.Shared && (c.Recipient != "" || c.ToPerson)) {
		return Cell{}, errCell
	}
	return c, nil
}

// cells numbers the cells of the map from 0. The writer adds under the lock of
// the index.
type cells struct {
	all      []*column
	number   map[Cell]uint32
	bySystem map[events.Code][]uint32
}

func newCells() cells {
	return cells{number: make(map[Cell]uint32), bySystem: make(map[events.Code][]uint32)}
}

func (t *cells) add(c Cell) uint32 {
	n := uint32(len(t.all))
	t.all = append(t.all, &column{Cell: c})
	t.number[c] = n
	t.bySystem[c.System] = append(t.bySystem[c.System], n)
	return n
}

func (t *cells) at(n uint32) (*column, error) {
	if n >= uint32(len(t.all)) {
		return nil, fmt.Errorf("cell %d is not among the %d of the facets", n, len(t.all))
	}
	return t.all[n], nil
}
