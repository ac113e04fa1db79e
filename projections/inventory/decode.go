package inventory

import (
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A context is a decoded entry of the first table.
type context struct {
	event       events.Event // not to be changed
	tuple       cell
	particulars bool
}

var noCategories = &categoryList{cells: noCategory}

// A categoryList is a decoded entry of the second table.
type categoryList struct {
	list  []events.Category
	cells []cell
}

func (t *Templates) context(n uint32, names events.Names) (*context, error) {
	x, err := t.contexts.of(n)
	if err != nil {
		return nil, err
	}
	if c, ok := x.decoded.Load().(*context); ok {
		return c, nil
	}
	c := &context{particulars: x.bytes[0] == 1}
	if err := events.DecodeEvent([]byte(x.bytes[1:]), &c.event, names); err != nil {
		return nil, fmt.Errorf("read context %d: %w", n, err)
	}
	c.tuple = t.cells.tuple(&c.event)
	x.decoded.Store(c)
	return c, nil
}

func (t *Templates) categoryList(n uint32, names events.Names) (*categoryList, error) {
	if n == 0 {
		return noCategories, nil
	}
	x, err := t.categories.of(n)
	if err != nil {
		return nil, err
	}
	if c, ok := x.decoded.Load().(*categoryList); ok {
		return c, nil
	}
	var e events.Event
	if err := events.DecodeEvent([]byte(x.bytes), &e, names); err != nil {
		return nil, fmt.Errorf("read categories %d: %w", n, err)
	}
	c := &categoryList{e.Categories, t.cells.list(e.Categories)}
	x.decoded.Store(c)
	return c, nil
}
