package inventory

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// An Entry is one line of a timeline: one observation that a row kept.
type Entry struct {
	Obs
	Row       *Row
	Retracted bool
	// Repeated is set on the last line of a row that dropped others between
	// its lines: the same was said more often that month.
	Repeated bool
}

// Event is what was observed, without id, time and subject. It is the caller's.
func (e *Entry) Event() *events.Event {
	x := *e.Row.Event
	x.Categories = e.Row.Categories
	return &x
}

// History lists the observations of the rows, oldest first. What was retracted
// stays in the list and is marked.
func History(rows []Row, q Query) []Entry {
	out := make([]Entry, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		from := len(out)
		for _, o := range r.Obs {
			if !q.Known.Sees(o.Position, o.Recorded) || (q.AsOf != 0 && o.Time > q.AsOf) {
				continue
			}
			out = append(out, Entry{Obs: o, Row: r, Retracted: Taken(o.Gone, q.Known)})
		}
		if r.More && len(out) > from {
			out[len(out)-1].Repeated = true
		}
	}
	slices.SortFunc(out, func(a, b Entry) int {
		switch {
		case a.Obs.before(&b.Obs):
			return -1
		case b.Obs.before(&a.Obs):
			return 1
		}
		return 0
	})
	return out
}
