package facets

import (
	"slices"

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

// appendCell writes flags, provenance, then each code with its length before it.
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

// cell numbers a cell.
func (x *Index) cell(c Cell) uint32 {
	n, ok := x.cells.number[c]
	if !ok {
		x.mu.Lock()
		n = x.cells.add(c)
		x.mu.Unlock()
	}
	return n
}

// bodyCells remembers the cells of bodies of codes, by the numbers that the
// inventory gives: most repeat. What it forgets is found again by the codes.
type bodyCells struct {
	slots    map[events.Category]int
	lists    [][]int    // by number of the list: the slots of its categories, each once
	contexts [][]uint32 // by number of the context, then by slot: the cell plus one
	room     int        // numbers of contexts
}

// bodyCellsKept bounds the memory, in cells.
const bodyCellsKept = 1 << 22

// cellsOf appends the cells of an event, one for each category that it names, each
// once. body is its number, see inventory.Noted; 0 is none.
func (x *Index) cellsOf(b []uint32, e *events.Event, categories []events.Category, body uint64) []uint32 {
	if body == 0 || !e.Recipient.Person.IsZero() { // the person is a particular, so the body does not tell
		first := len(b)
		for _, c := range orNone(categories) {
			if n := x.cell(CellOf(e, c)); !slices.Contains(b[first:], n) {
				b = append(b, n)
			}
		}
		return b
	}
	t := &x.bodies
	slots := t.list(uint32(body), categories)
	context := t.context(uint32(body>>32), slots)
	for i, slot := range slots {
		n := context[slot]
		if n == 0 {
			n = x.cell(CellOf(e, t.category(categories, slots, i))) + 1
			context[slot] = n
		}
		b = append(b, n-1)
	}
	return b
}

var noCategory = []events.Category{{}}

func orNone(cs []events.Category) []events.Category {
	if len(cs) == 0 {
		return noCategory
	}
	return cs
}

// list returns the slots of a list of categories.
func (t *bodyCells) list(number uint32, categories []events.Category) []int {
	for len(t.lists) <= int(number) {
		t.lists = append(t.lists, nil)
	}
	if t.lists[number] == nil {
		if t.slots == nil {
			t.slots = make(map[events.Category]int)
		}
		var slots []int
		for _, c := range orNone(categories) {
			n, ok := t.slots[c]
			if !ok {
				n = len(t.slots)
				t.slots[c] = n
			}
			if !slices.Contains(slots, n) {
				slots = append(slots, n)
			}
		}
		t.lists[number] = slots
	}
	return t.lists[number]
}

// category is the one whose slot stands at i.
func (t *bodyCells) category(categories []events.Category, slots []int, i int) events.Category {
	for _, c := range orNone(categories) {
		if t.slots[c] == slots[i] {
			return c
		}
	}
	panic("facets: a list of categories has two numbers")
}

// context returns the cells of a context, with room for the slots.
func (t *bodyCells) context(number uint32, slots []int) []uint32 {
	for len(t.contexts) <= int(number) {
		t.contexts = append(t.contexts, nil)
	}
	cells := t.contexts[number]
	if most := slices.Max(slots); most >= len(cells) {
		if t.room > bodyCellsKept {
			clear(t.contexts)
			t.room, cells = 0, nil
		}
		t.room += most + 1 - len(cells)
		cells = append(cells, make([]uint32, most+1-len(cells))...)
		t.contexts[number] = cells
	}
	return cells
}
