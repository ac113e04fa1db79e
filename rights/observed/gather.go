package observed

import (
	"cmp"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A Report is one body of codes as systems reported it, of everybody together.
type Report struct {
	Event      *events.Event // codes only; not changed
	Categories []events.Category
	Body       uint64 // its number
	// First is when what it says happened, by the report that came first;
	// Recorded and Position are when and where that came.
	First    events.Instant
	Recorded events.Instant
	Position events.Position
	Last     events.Date // on which it came last
	// Again is where it came first after somebody said that a fault is mended;
	// zero: it did not.
	Again events.Position
}

// A Line is one finding, over all the bodies that show it.
type Line struct {
	Finding
	First    events.Instant // the earliest
	Recorded events.Instant // of the report that came first
	Last     events.Date
	Again    events.Position // the latest
	Reports  []*Report
}

// Gather holds every body against the catalogue and puts findings of one rule
// about one thing together: the gravest verdict counts. The gravest stand first,
// then in the order of the rules. It is a pure function: the same list, in every
// map built from the same journal.
func Gather(c *catalogue.Catalogue, reports []Report) []Line {
	by := map[events.EventID]*Line{}
	var lines []*Line
	for i := range reports {
		r := &reports[i]
		for _, f := range Judge(c, r.Event, r.Categories) {
			id := f.ID()
			l := by[id]
			if l == nil {
				l = &Line{Finding: f, First: r.First, Recorded: r.Recorded, Last: r.Last}
				by[id] = l
				lines = append(lines, l)
			}
			l.take(&f, r)
		}
	}
	out := make([]Line, len(lines))
	for i, l := range lines {
		out[i] = *l
	}
	Sort(out)
	return out
}

func (l *Line) take(f *Finding, r *Report) {
	if f.Verdict > l.Verdict {
		l.Verdict, l.Text = f.Verdict, f.Text
	}
	for _, c := range f.Categories {
		if !slices.Contains(l.Categories, c) {
			l.Categories = append(l.Categories, c)
		}
	}
	l.First, l.Recorded, l.Last = min(l.First, r.First), min(l.Recorded, r.Recorded), max(l.Last, r.Last)
	if r.Again.Compare(l.Again) > 0 {
		l.Again = r.Again
	}
	if !slices.Contains(l.Reports, r) { // a body may show one finding twice
		l.Reports = append(l.Reports, r)
	}
}

// Sort puts lines in the order in which people read them.
func Sort(list []Line) {
	place := map[*Rule]int{}
	all := All()
	for i := range all {
		place[&all[i]] = i
	}
	slices.SortStableFunc(list, func(a, b Line) int {
		return cmp.Or(cmp.Compare(b.Verdict, a.Verdict), cmp.Compare(place[a.Rule], place[b.Rule]), cmp.Compare(a.About.String(), b.About.String()))
	})
}
