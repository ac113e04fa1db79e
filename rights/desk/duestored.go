package desk

import (
	"bytes"
	"context"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/rights/retention"
)

const (
	onStored        events.Code = "stored"
	onRequestClosed events.Code = "request_closed"
)

// short lists, in order, the handles under which something can have ended by what
// the map keeps no moments of: where it counts from the day on which it was stored,
// those that began to be held early enough; where it counts from a request, those
// of whoever asked. ok is false where there is no such short cut, and everybody must
// be looked at.
func (w *dueWalk) short(ctx context.Context) (list []events.Handle, ok bool, err error) {
	for _, l := range w.slow {
		if !w.quick(l.Code) {
			return nil, false, nil
		}
	}
	last := events.Date(0)
	for _, l := range w.slow {
		if l.Code == onStored {
			last = max(last, l.Last(w.last)+1) // the day is in UTC, and may be one off
		}
	}
	if !last.IsZero() {
		list = w.stored(last)
	}
	if slices.ContainsFunc(w.slow, func(l retention.Lane) bool { return l.Code != onStored }) {
		asked, err := w.desk.askers(ctx, w.view)
		if err != nil {
			return nil, false, err
		}
		list = append(list, asked...)
	}
	slices.SortFunc(list, func(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(list), true, nil
}

// quick reports whether whoever a trigger can have fired for is found without
// looking at everybody.
func (w *dueWalk) quick(code events.Code) bool {
	switch code {
	case onStored:
		return w.desk.d.Facets != nil
	case catalogue.RequestReceived, onRequestClosed:
		return w.desk.d.Requests == nil // every request is a case
	}
	return false
}

// stored lists the handles under which something began to be held by a day.
func (w *dueWalk) stored(last events.Date) (list []events.Handle) {
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
	return list
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
