package desk

import (
	"bytes"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/rights/retention"
)

const onStored events.Code = "stored"

// stored lists, in order, the handles under which something began to be held so
// early that it has ended by now, where its time counts from that day. ok is
// false where there is no such short cut, and everybody must be looked at.
func (w *dueWalk) stored() (list []events.Handle, ok bool) {
	if w.desk.d.Facets == nil {
		return nil, false
	}
	last := events.Date(0)
	for _, l := range w.slow {
		if l.Code != onStored {
			return nil, false
		}
		last = max(last, l.Last(w.last)+1) // the day is in UTC, and may be one off
	}
	// The index is held for one cell at a time: events are applied meanwhile.
	x, cells, all := w.desk.d.Facets(), 0, facets.NewSet()
	x.Read(func(r *facets.Reading) { cells = r.AllCells() })
	for n := range facets.CellNumber(cells) {
		var c facets.Cell
		x.Read(func(r *facets.Reading) { c = r.Cell(n) })
		if c.Shared || !w.countsFromStored(&c) {
			continue
		}
		x.Read(func(r *facets.Reading) {
			began := r.StartedOn(n, 0, last+1)
			if w.asOf == 0 {
				began.And(r.HeldNow(n)) // what is gone has no end
			}
			all.Or(began)
		})
	}
	x.Read(func(r *facets.Reading) {
		for it := all.Iterator(); it.HasNext(); {
			list = append(list, r.Handle(it.Next()))
		}
	})
	slices.SortFunc(list, func(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) })
	return list, true
}

// countsFromStored reports whether the time of what stands in a cell may count
// from the day it was stored. The last word on a person's role may stand in
// another cell, so every role is tried.
func (w *dueWalk) countsFromStored(c *facets.Cell) bool {
	roles := []events.Code{""}
	for i := range w.cat.SubjectTypes {
		roles = append(roles, w.cat.SubjectTypes[i].ID)
	}
	for _, role := range roles {
		h := retention.Holding{System: c.System, Activity: c.Activity, Category: c.Category, SubjectType: role}
		s := w.rules.Of(&retention.Person{}, &h, w.q.On)
		for _, t := range s.Triggers {
			if t.Code == onStored {
				return true
			}
		}
	}
	return false
}
