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
	// Taking is set on the line of a retraction, which stands where it was
	// recorded: Obs then has its place and times, Row what it took back, and
	// Of when that was. Undone is set if it took a taking back back.
	Taking *Retraction
	Of     events.Instant
	Undone bool
}

// Event is what was observed, without id, time and subject. It is the caller's.
func (e *Entry) Event() *events.Event {
	x := *e.Row.Event
	x.Categories = e.Row.Categories
	return &x
}

// History lists the observations of the rows, oldest first. What was retracted
// stays in the list and is marked; that it was taken back is a line of its own.
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
		for _, x := range out[from:] {
			out = takings(out, x.Row, x.Time, x.Gone, false, q)
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

// takings adds the lines of retractions of one observation, and of what took
// those back.
func takings(out []Entry, r *Row, of events.Instant, list []Retraction, undone bool, q Query) []Entry {
	for i := range list {
		x := &list[i]
		if !q.Known.Sees(x.Position, x.Recorded) || (q.AsOf != 0 && x.Recorded > q.AsOf) {
			continue
		}
		out = append(out, Entry{Obs: Obs{Time: x.Recorded, Recorded: x.Recorded, Position: x.Position}, Row: r,
			Retracted: Taken(x.Gone, q.Known), Taking: x, Of: of, Undone: undone})
		out = takings(out, r, of, x.Gone, !undone, q)
	}
	return out
}
