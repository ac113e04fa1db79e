package facets

import (
	"cmp"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/habeas-data/habeas/events"
)

// A Group is the handles that share one code.
type Group struct {
	Code     events.Code
	Handles  *Set
	Holdings uint64
}

// An Answer says of whom something is held, was held in a window, or was shared
// with a recipient. Sets are of ordinals, not yet of people.
type Answer struct {
	Position events.Position
	Handles  *Set
	// Holdings counts what one system holds of one handle in one dataset for one
	// activity, category and item. Of sharing it counts the same, as the
	// disclosures named them.
	Holdings   uint64
	Categories []Group // the code of one named by nobody is empty
	Systems    []Group
	// Recipients are those with whom what the filter selects was shared in the
	// window; "person" stands for all people to whom it went.
	Recipients []Group
	// Countries where it is held (of holding), or to which it went.
	Countries []Group
}

// Ask answers a question.
func (r *Reading) Ask(f *Filter) *Answer {
	a := &Answer{Position: r.x.at, Handles: NewSet()}
	first, last, ok := f.window()
	if !ok {
		return a // a window of no days
	}
	q := asking{r: r, words: r.words()}
	list, held, shared := r.Cells(f), now, during{first, last}
	if f.windowed() || f.Recipient != "" {
		held = shared
	}
	a.Categories = q.by(list, held, func(c *Cell) events.Code { return c.Category.Code })
	sets := make([]*Set, 0, len(a.Categories))
	for _, g := range a.Categories {
		sets = append(sets, g.Handles)
		a.Holdings += g.Holdings
	}
	a.Handles = roaring.FastOr(sets...)
	a.Systems = q.by(list, held, func(c *Cell) events.Code { return c.System })
	sharing := r.cells(f, true)
	a.Recipients = q.by(sharing, shared, func(c *Cell) events.Code {
		if c.ToPerson {
			return "person"
		}
		return c.Recipient
	})
	a.Countries = q.countries(list, sharing, held, shared, f.Recipient != "")
	return a
}

// asking works on one question.
type asking struct {
	r     *Reading
	words []uint64 // one bit for each ordinal; clear between uses
	pairs []uint64
}

// by divides cells by a code and unites each part.
func (q *asking) by(list []CellNumber, keep during, code func(*Cell) events.Code) []Group {
	parts := make(map[events.Code][]*column)
	for _, n := range list {
		c := q.r.x.cells.all[n]
		parts[code(&c.Cell)] = append(parts[code(&c.Cell)], c)
	}
	out := make([]Group, 0, len(parts))
	for k, cols := range parts {
		g := Group{Code: k}
		g.Handles, g.Holdings = q.unite(cols, keep)
		if g.Holdings > 0 {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b Group) int { return cmp.Compare(a.Code, b.Code) })
	return out
}

// A kept is what tells holdings apart beside handle and item: one that was
// observed with two subject types is still one.
type kept struct {
	system, dataset, controller events.Code
	activity                    events.Activity
	category                    events.Category
}

func (q *asking) unite(cols []*column, keep during) (*Set, uint64) {
	clear(q.words)
	same := make(map[kept][]*column, len(cols))
	for _, c := range cols {
		k := kept{c.System, c.Dataset, c.Controller, c.Activity, c.Category}
		same[k] = append(same[k], c)
	}
	n := uint64(0)
	for _, list := range same {
		if len(list) == 1 {
			n += list[0].count(keep, q.words)
			continue
		}
		q.pairs = q.pairs[:0]
		for _, c := range list {
			c.each(keep, q.words, &q.pairs)
		}
		slices.Sort(q.pairs)
		n += uint64(len(slices.Compact(q.pairs)))
	}
	return roaring.FromDense(q.words, true), n
}

// countries unites where it is held with where it went.
func (q *asking) countries(list, sharing []CellNumber, held, shared during, sent bool) []Group {
	with := func(list []CellNumber) []CellNumber {
		return slices.DeleteFunc(slices.Clone(list), func(n CellNumber) bool { return q.r.x.cells.all[n].Country == "" })
	}
	country := func(c *Cell) events.Code { return c.Country }
	out := q.by(with(sharing), shared, country)
	if sent {
		return out
	}
	for _, g := range q.by(with(list), held, country) {
		i, ok := slices.BinarySearchFunc(out, g.Code, func(x Group, c events.Code) int { return cmp.Compare(x.Code, c) })
		if !ok {
			out = slices.Insert(out, i, g)
			continue
		}
		out[i].Handles.Or(g.Handles)
		out[i].Holdings += g.Holdings
	}
	return out
}

// Joined lists the handles about which there was new evidence of identity since
// a number, and the number to ask from next. Not ok means that too much has
// happened since: whoever asks begins anew.
func (r *Reading) Joined(since uint64) (hs []events.Handle, next uint64, ok bool) {
	return r.x.joined.since(since)
}

// Waiting counts the events that were taken back but still count, because it is
// not known yet whose they were.
func (r *Reading) Waiting() int { return len(r.x.waiting) }

// Size says how much the index holds.
type Size struct {
	Cells, Handles int
	Spans          uint64
	Bytes          uint64 // of memory, nearly
}

// Size measures the index.
func (r *Reading) Size() Size {
	s := Size{Cells: len(r.x.cells.all), Handles: len(r.x.ordinals.all), Spans: r.x.spans}
	s.Bytes = 16*uint64(cap(r.x.ordinals.all)) + 4*uint64(cap(r.x.ordinals.slots)) + 400*uint64(s.Cells)
	for _, c := range r.x.cells.all {
		s.Bytes += 52 * uint64(cap(c.blocks))
		for _, p := range c.blocks {
			s.Bytes += 8*uint64(cap(p.spans)) + 4*uint64(cap(p.items))
		}
	}
	return s
}
