package facets

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// An Applier notes what events say and, once for each batch, turns it into
// changes of the index. One goroutine owns it.
type Applier struct {
	x *Index
	// bodies remembers the cells of the bodies of events: most repeat. Forgetting
	// it costs a look-up by codes.
	bodies map[uint64][]uint32

	pending []pending
	seeds   []events.Handle    // what became rough
	pairs   [][2]events.Handle // unique identifiers that were named together
	joined  []events.Handle
	taken   []inventory.Mark // events that were taken back since the last flush
	waited  uint64           // events since the first of which it is not known whose it was
	// sought are those of which it is being settled, queue is whose they were and
	// not folded yet. Both are nil while nothing is being settled.
	sought   map[inventory.Mark]struct{}
	queue    []events.Handle
	fresh    int      // first ordinal that is not stored yet
	newCells []uint32 // cells that are not stored yet
}

// pending is what one event says about its subject's handle.
type pending struct {
	handle events.Handle
	cells  []uint32
	item   uint32
	day    Day
	shared bool
}

const bodiesKept = 1 << 16

// NewApplier returns an applier that continues an index.
func NewApplier(x *Index) *Applier {
	return &Applier{x: x, bodies: make(map[uint64][]uint32), fresh: len(x.ordinals.all)}
}

// Index is the state that the applier keeps.
func (a *Applier) Index() *Index { return a.x }

// Apply notes an event that the rows of the map have taken in. gone tells what
// was taken back, the event's own retraction included; joined are the handles
// about which it brought evidence.
func (a *Applier) Apply(r *events.Recorded, n inventory.Noted, gone *inventory.Retractions, joined []events.Handle) {
	if len(a.x.waiting) > 0 {
		a.waited++
	}
	if r.Kind == events.EventRetracted {
		a.taken = append(a.taken, gone.Bases(inventory.MarkOf(r.Retracts))...)
		return
	}
	if len(r.Subject) == 0 {
		return
	}
	if len(joined) > 0 {
		a.joined = append(a.joined, joined...)
		a.pair(r)
	}
	if !n.Changed {
		return
	}
	h := r.Subject[0].Handle
	if _, ok := a.x.rough[h]; ok && len(joined) == 0 {
		a.revive(r)
	}
	if gone.Any(inventory.MarkOf(r.ID)) {
		a.seeds = append(a.seeds, h) // it was taken back before it came
	}
	switch r.Kind {
	case events.RecordRemoved:
		a.seeds = append(a.seeds, h)
	case events.RecordShared:
		if len(r.Categories) == 0 {
			a.seeds = append(a.seeds, h) // what it means depends on what is held
		}
		a.pending = append(a.pending, pending{h, a.cells(&r.Event, n.Body), shorten(r.Item.Handle), dayOf(r.Time), true})
	case events.RecordStored:
		a.pending = append(a.pending, pending{h, a.cells(&r.Event, n.Body), shorten(r.Item.Handle), dayOf(r.Time), false})
	}
}

// revive notes what an event names together again: evidence that was taken back
// may stand again through it, and the rows of links do not tell.
func (a *Applier) revive(r *events.Recorded) {
	if len(r.Subject) == 1 && r.RecipientRef.IsZero() {
		return
	}
	for _, o := range r.Subject {
		a.joined = append(a.joined, o.Handle)
	}
	if !r.RecipientRef.IsZero() {
		a.joined = append(a.joined, r.RecipientRef.Handle)
	}
	a.pair(r)
}

// pair notes unique identifiers of one system that an event named together.
func (a *Applier) pair(r *events.Recorded) {
	if events.StrengthOf(r.Subject[0].Kind) != events.Unique {
		return
	}
	for _, o := range r.Subject[1:] {
		if events.StrengthOf(o.Kind) == events.Unique {
			a.pairs = append(a.pairs, [2]events.Handle{r.Subject[0].Handle, o.Handle})
		}
	}
}

// shorten is enough of an item to tell those of one handle and cell apart.
func shorten(item events.Handle) uint32 {
	if item.IsZero() {
		return 0
	}
	return max(1, binary.BigEndian.Uint32(item[:4]))
}

// cells are those of an event, one for each category that it names.
func (a *Applier) cells(e *events.Event, body uint64) []uint32 {
	if list, ok := a.bodies[body]; ok && body != 0 && e.Recipient.Person.IsZero() {
		return list
	}
	list := make([]uint32, 0, max(1, len(e.Categories)))
	c := cellOf(e)
	if c.ToPerson {
		body = 0 // the person is a particular, so the body does not tell
	}
	for _, x := range e.Categories {
		c.Category = x
		list = include(list, a.cell(c))
	}
	if len(list) == 0 {
		list = append(list, a.cell(c))
	}
	if body != 0 {
		if len(a.bodies) >= bodiesKept {
			clear(a.bodies)
		}
		a.bodies[body] = list
	}
	return list
}

func include(list []uint32, n uint32) []uint32 {
	if slices.Contains(list, n) {
		return list
	}
	return append(list, n)
}

// cell numbers a cell.
func (a *Applier) cell(c Cell) uint32 {
	n, ok := a.x.cells.number[c]
	if !ok {
		a.x.mu.Lock()
		n = a.x.cells.add(c)
		a.x.mu.Unlock()
		a.newCells = append(a.newCells, n)
	}
	return n
}

// Unflushed estimates how many rows and bytes Flush will write.
func (a *Applier) Unflushed() (rows, size int) {
	size = 24*len(a.pending)*2 + roughBytes*(len(a.seeds)+len(a.taken)) + 256*len(a.newCells) + segment + 16*handlesInRow
	return len(a.newCells) + size/segment + len(a.pending)/handlesInRow + 4, size
}

// patience is how many events at least are taken in before rows are searched for
// those that were taken back, while there is no pause.
const patience = 1 << 16

// queuePart is how many handles are folded for one batch: a source may take back
// a million events at once, and a transaction has room for few of them.
const queuePart = 1000

// roughBytes is what folding one handle again may bring, as a rule.
const roughBytes = 4 << 10

// Waiting reports whether there are events taken back of which it is not known
// yet whose they were.
func (a *Applier) Waiting() bool { return len(a.x.waiting)+len(a.taken) > 0 }

// Flush makes the changes that the events since the last call amount to. r reads
// the rows as of the last of them, which was at a position. To find out whose
// events were taken back it reads every row; unless it is told to settle, it
// waits until so many events have come that this costs each of them little.
func (a *Applier) Flush(b Batch, r Reader, at events.Position, settle bool) error {
	x := a.x
	if a.Waiting() && a.sought == nil && (settle || a.waited > max(patience, x.spans)) {
		if err := a.search(r); err != nil {
			return fmt.Errorf("find whose events were taken back: %w", err)
		}
	}
	rough, folded, err := a.refold(r)
	if err != nil {
		return fmt.Errorf("bring facets up to date: %w", err)
	}
	more, less := a.settled(b)
	for _, n := range a.newCells {
		b.Set(cellKey(n), appendCell(nil, &x.cells.all[n].Cell))
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	before, length := x.number, len(x.tail)
	for i := range a.pending {
		x.ordinals.add(a.pending[i].handle)
	}
	for _, h := range rough {
		if err := x.note(b, &change{kind: changeRough, handle: h}); err != nil {
			return err
		}
	}
	for i := range folded {
		if err := x.settle(b, &folded[i]); err != nil {
			return err
		}
	}
	for i := range a.pending {
		if err := x.plain(b, &a.pending[i]); err != nil {
			return err
		}
	}
	for n := a.fresh / handlesInRow; n*handlesInRow < len(x.ordinals.all) && a.fresh < len(x.ordinals.all); n++ {
		b.Set(handlesKey(uint32(n)), x.ordinals.row(uint32(n)))
	}
	if x.number != before || len(x.tail) != length {
		b.Set(changesKey(x.number), slices.Clone(x.tail))
	}
	x.joined.add(a.joined)
	for _, id := range more {
		x.waiting[id] = struct{}{}
	}
	for _, id := range less {
		delete(x.waiting, id)
	}
	x.at, a.fresh = at, len(x.ordinals.all)
	a.pending, a.seeds, a.pairs, a.joined = a.pending[:0], a.seeds[:0], a.pairs[:0], a.joined[:0]
	a.taken, a.newCells = a.taken[:0], a.newCells[:0]
	return nil
}

// plain takes in what one event says of a handle that is not rough.
func (x *Index) plain(b Batch, p *pending) error {
	if _, ok := x.rough[p.handle]; ok {
		return nil // folded already
	}
	ord, _ := x.ordinals.of(p.handle)
	for _, n := range p.cells {
		have := x.cells.all[n].spansOf(ord, p.item)
		kind := changeOpen
		if p.shared {
			kind = changeDay
			if slices.ContainsFunc(have, func(s span) bool { return s.from == p.day }) {
				continue
			}
		} else if len(have) > 0 && have[0].from <= p.day {
			continue
		}
		if err := x.note(b, &change{kind: kind, cell: n, ord: ord, item: p.item, day: p.day}); err != nil {
			return err
		}
	}
	return nil
}
