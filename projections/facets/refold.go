package facets

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
)

const (
	// maxReach is how many identifiers of one system may be one person's for a
	// removal under one of them to count for the others.
	maxReach = 64
	// maxWalk bounds how many are visited to find what a removal may touch.
	maxWalk = 1024
)

// A folded handle has its spans as its rows tell them.
type folded struct {
	handle events.Handle
	spans  map[place][]span
}

// place is where spans of a handle stand.
type place struct{ cell, item uint32 }

// search finds whose events were taken back.
func (a *Applier) search(r Reader) error {
	a.sought = maps.Clone(a.x.waiting)
	for _, id := range a.taken {
		a.sought[id] = struct{}{}
	}
	found, err := inventory.Observers(r, a.sought)
	if err != nil {
		return err
	}
	seen, err := identity.Witnesses(r, a.sought)
	if err != nil {
		return err
	}
	a.queue = append(found, seen...)
	slices.SortFunc(a.queue, func(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) })
	a.queue, a.waited = slices.Compact(a.queue), 0
	return nil
}

// settled writes which events wait from now on and which no longer do, some at a
// time. Those that were sought stop waiting once nobody is left in the queue:
// after a crash before that they are sought again.
func (a *Applier) settled(b Batch) (more, less []inventory.Mark) {
	for _, id := range a.taken {
		if _, ok := a.x.waiting[id]; !ok && !slices.Contains(more, id) {
			more = append(more, id)
			b.Set(takenKey(id), []byte{1})
		}
	}
	if len(a.queue) > 0 || a.sought == nil {
		return more, nil
	}
	for id := range a.sought {
		if len(less) == queuePart {
			return more, less
		}
		less = append(less, id)
		b.Set(takenKey(id), []byte{0})
		delete(a.sought, id)
	}
	a.sought = nil
	return more, less
}

// refold reads the rows of the handles whose state cannot be known without, and
// lists those of them that were not rough before.
func (a *Applier) refold(r Reader) (fresh []events.Handle, out []folded, err error) {
	x := a.x
	part := a.queue[:min(len(a.queue), queuePart)]
	a.queue = a.queue[len(part):]
	a.joined = append(a.joined, part...)
	seeds := append(slices.Clone(a.seeds), part...)
	for _, p := range a.pairs {
		for _, h := range p {
			if _, ok := x.rough[h]; ok {
				seeds = append(seeds, p[0], p[1])
				break
			}
		}
	}
	todo := make(map[events.Handle]struct{})
	if len(seeds) > 0 {
		if fresh, err = a.touch(r, seeds, todo); err != nil {
			return nil, nil, err
		}
	}
	for i := range a.pending {
		if len(x.rough) == 0 {
			break
		}
		if _, ok := x.rough[a.pending[i].handle]; ok {
			todo[a.pending[i].handle] = struct{}{}
		}
	}
	list := make([]events.Handle, 0, len(todo))
	for h := range todo {
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) })
	for _, h := range list {
		f, err := x.fold(r, h)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, f)
	}
	return fresh, out, nil
}

// touch walks from the seeds to every handle that unique evidence ever joined
// to them: all are rough from now on, and are to be folded.
func (a *Applier) touch(r Reader, seeds []events.Handle, todo map[events.Handle]struct{}) (fresh []events.Handle, err error) {
	walk := slices.Clone(seeds)
	for i := 0; i < len(walk); i++ {
		h := walk[i]
		if _, ok := todo[h]; ok {
			continue
		}
		todo[h] = struct{}{}
		if _, ok := a.x.rough[h]; !ok {
			fresh = append(fresh, h)
		}
		if i >= len(seeds)+maxWalk {
			continue
		}
		next, err := identity.UniqueNeighbours(context.Background(), r, h, false)
		if err != nil {
			return nil, err
		}
		walk = append(walk, next...)
	}
	slices.SortFunc(fresh, func(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) })
	return fresh, nil
}

// reach lists h and the handles of its system that standing unique evidence
// joins to it, or h alone if they are too many to be one person's.
func reach(r Reader, h events.Handle) ([]events.Handle, error) {
	all := []events.Handle{h}
	for i := 0; i < len(all); i++ {
		next, err := identity.UniqueNeighbours(context.Background(), r, all[i], true)
		if err != nil {
			return nil, err
		}
		for _, o := range next {
			if slices.Contains(all, o) {
				continue
			}
			// Whether this end is of a unique kind, the other end knows.
			back, err := identity.UniqueNeighbours(context.Background(), r, o, true)
			if err != nil {
				return nil, err
			}
			if slices.Contains(back, all[i]) {
				all = append(all, o)
			}
		}
		if len(all) > maxReach {
			return []events.Handle{h}, nil
		}
	}
	return all, nil
}

// fold computes the spans of one handle from rows.
func (x *Index) fold(r Reader, h events.Handle) (folded, error) {
	all, err := reach(r, h)
	if err != nil {
		return folded{}, err
	}
	rows, err := inventory.Rows(r, all...)
	if err != nil {
		return folded{}, err
	}
	f := folded{h, make(map[place][]span)}
	whole := make(map[place][]inventory.Stay)
	at := func(row *inventory.Row, c events.Category) place {
		cell := cellOf(row.Event)
		cell.Category = c
		return place{x.cell(cell), shorten(row.Event.Item.Handle)}
	}
	inventory.Stays(rows, h, func(row *inventory.Row, c events.Category, stays []inventory.Stay) {
		if len(stays) > 0 {
			p := at(row, c)
			whole[p] = append(whole[p], stays...)
		}
	}, func(row *inventory.Row, c events.Category, days []events.Date) {
		if len(days) > 0 {
			p := at(row, c)
			for _, d := range days {
				f.spans[p] = append(f.spans[p], span{from: DayOf(d), to: DayOf(d)})
			}
		}
	})
	for p, list := range f.spans {
		slices.SortFunc(list, func(a, b span) int { return int(a.from) - int(b.from) })
		f.spans[p] = slices.Compact(list)
	}
	for p, list := range whole {
		f.spans[p] = unite(list)
	}
	return f, nil
}

// unite merges stretches of time that touch and turns them into days.
func unite(list []inventory.Stay) []span {
	slices.SortFunc(list, func(a, b inventory.Stay) int {
		switch {
		case a.Begin < b.Begin:
			return -1
		case a.Begin > b.Begin:
			return 1
		}
		return 0
	})
	var out []span
	cur := list[0]
	put := func() {
		s := span{from: dayOf(cur.Begin), to: never}
		if !cur.Open {
			s.to = dayOf(cur.End)
		}
		out = append(out, s)
	}
	for _, s := range list[1:] {
		switch {
		case cur.Open:
		case s.Begin <= cur.End:
			cur.End, cur.Open = max(cur.End, s.End), s.Open
		default:
			put()
			cur = s
		}
	}
	put()
	return out
}

// settle makes the state of one handle what was folded. The caller holds mu, or has
// the index to itself.
func (x *Index) settle(f *folded) {
	ord, ok := x.ordinals.of(f.handle)
	if !ok {
		return // nothing was ever stored or shared under it
	}
	var gone []place
	for n, c := range x.mine(f) {
		k := c.at(ord)
		if k < 0 {
			continue
		}
		b := &c.blocks[k]
		from, to := b.handle(ord)
		for i := from; i < to; i++ {
			p := place{n, b.item(i)}
			if _, ok := f.spans[p]; !ok && (i == from || b.item(i-1) != p.item) {
				gone = append(gone, p)
			}
		}
	}
	for _, p := range gone {
		x.set(p, ord, nil)
	}
	for p, want := range f.spans {
		x.set(p, ord, want)
	}
}

// mine lists the columns that a handle may stand in: those of its system.
func (x *Index) mine(f *folded) map[uint32]*column {
	out := make(map[uint32]*column)
	for p := range f.spans {
		for _, n := range x.cells.bySystem[x.cells.all[p.cell].System] {
			out[n] = x.cells.all[n]
		}
		return out
	}
	for n, c := range x.cells.all { // nothing is left of it, and so no system
		out[uint32(n)] = c
	}
	return out
}
