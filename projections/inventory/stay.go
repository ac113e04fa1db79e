package inventory

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A Stay is a stretch of time in which something was held. End is absent while
// it is held. A stay that ends when it begins is one of no length.
type Stay struct {
	Begin, End events.Instant
	Open       bool
}

// Stays calls held for each row of stored records of h and each category that it
// names (the empty one if none), with the stretches of time in which that row
// alone says that something was held: from each observation that stands to the
// first later removal that covers it. The holding was held while any of its rows
// says so. The rows may be of other handles too: a removal reported under one of
// them counts for h. It agrees with Fold at every moment.
//
// It calls shared likewise for rows of sharing, with the days of sharing. A row
// of sharing that names no category means whatever its system holds about h in
// that dataset, activity and item.
func Stays(rows []Row, h events.Handle, held func(r *Row, c events.Category, stays []Stay), shared func(r *Row, c events.Category, days []events.Date)) {
	f := folder{codes: make(codes)}
	var removals index[[]*Obs]
	for i := range rows {
		r := &rows[i]
		if r.Event.Kind != events.RecordRemoved {
			continue
		}
		standing := f.q.standing(r)
		f.removed(r, func(s scope) {
			list := removals.at(s)
			*list = append(*list, standing...)
		})
	}
	for i := range rows {
		r := &rows[i]
		if r.Handle != h {
			continue
		}
		switch r.Event.Kind {
		case events.RecordStored:
			standing := f.q.standing(r)
			for n := range max(1, len(r.Categories)) {
				k := r.key(n)
				held(r, k.Category, stays(standing, removals.over(&k, f.codes)))
			}
		case events.RecordShared:
			days := f.q.sharingDays(r)
			for _, c := range sharedCategories(rows, r) {
				shared(r, c, days)
			}
		}
	}
}

// over gathers the removals that cover a key.
func (ix *index[T]) over(k *Key, c codes) (out []*T) {
	if len(ix.forms) == 0 {
		return nil
	}
	ix.covering(k.Handle, k.Item.Handle, c.numbers(k), func(v *T) { out = append(out, v) })
	return out
}

// standing lists the observations of a row that count: those kept and not
// retracted; if all kept ones were, but others stood beside them, the bounds.
func (q *Query) standing(r *Row) []*Obs {
	var out []*Obs
	for i := range r.Obs {
		if !Taken(r.Obs[i].Gone, q.Known) {
			out = append(out, &r.Obs[i])
		}
	}
	if len(out) == 0 && r.More {
		out = append(out, &r.Obs[0], &r.Obs[len(r.Obs)-1])
	}
	return out
}

func stays(standing []*Obs, removals []*[]*Obs) []Stay {
	var out []Stay
	for _, o := range standing {
		var end *Obs
		for _, list := range removals {
			for _, r := range *list {
				if o.before(r) && (end == nil || r.before(end)) {
					end = r
				}
			}
		}
		s := Stay{Begin: o.Time, Open: end == nil}
		if end != nil {
			s.End = end.Time
		}
		out = append(out, s)
	}
	return out
}

// sharingDays lists the days of a row, in order.
func (q *Query) sharingDays(r *Row) []events.Date {
	standing := q.standing(r)
	if len(standing) == 0 {
		return nil
	}
	var out []events.Date
	if r.Month == maxMonthIndex {
		for _, o := range standing {
			out = append(out, o.Time.Day())
		}
	} else {
		first := events.DateOf(monthStart(r.Month).Time()) // not Day, for which January 1970 begins with no moment
		days := q.days(r, standing[len(standing)-1])
		for d := range 31 {
			if days&(1<<d) != 0 {
				out = append(out, first+events.Date(d))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sharedCategories lists what a row of sharing spoke of.
func sharedCategories(rows []Row, r *Row) []events.Category {
	if len(r.Categories) > 0 {
		return r.Categories
	}
	var out []events.Category
	e, left := r.Event, omitted(r.Event)
	for i := range rows {
		o := &rows[i]
		x := o.Event
		if x.Kind != events.RecordStored || o.Handle != r.Handle || x.Source != e.Source || x.Controller != e.Controller ||
			left&anyItem == 0 && x.Item.Handle != e.Item.Handle || left&anyDataset == 0 && dataset(x) != dataset(e) ||
			left&anyActivity == 0 && x.Activity.Code != e.Activity.Code ||
			left&anySubPurpose == 0 && x.Activity.SubPurpose != e.Activity.SubPurpose || len((&Query{}).standing(o)) == 0 {
			continue
		}
		for _, c := range o.Categories {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	if len(out) == 0 {
		return []events.Category{{}}
	}
	return out
}

// Dataset is the one the source named; else the activity stands for it.
func Dataset(e *events.Event) events.Code { return dataset(e) }
