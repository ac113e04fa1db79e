package facets

import (
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// An Applier notes what events say and, once for each batch, brings the index up
// to date. One goroutine owns it.
type Applier struct {
	x *Index

	pending []pending
	cells   []uint32           // of pending, one after the other
	seeds   []events.Handle    // what became rough
	pairs   [][2]events.Handle // unique identifiers that were named together
	joined  []events.Handle
	taken   []inventory.Mark // events that were taken back since the last flush
	waited  uint64           // events since the first of which it is not known whose it was
	// sought are those of which it is being settled, queue is whose they were and
	// not folded yet. Both are nil while nothing is being settled.
	sought map[inventory.Mark]struct{}
	queue  []events.Handle
}

// pending is what one event says about its subject's handle.
type pending struct {
	handle events.Handle
	cells  int // in Applier.cells, up to where those of the next begin
	ord    uint32
	item   uint32
	day    Day
	shared bool
}

// NewApplier returns an applier that continues an index.
func NewApplier(x *Index) *Applier { return &Applier{x: x} }

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
		a.note(r, n.Body)
	case events.RecordStored:
		a.note(r, n.Body)
	}
}

// note keeps what an event says until the batch ends.
func (a *Applier) note(r *events.Recorded, body uint64) {
	a.put(pending{
		handle: r.Subject[0].Handle, item: shorten(r.Item.Handle), day: dayOf(r.Time), shared: r.Kind == events.RecordShared,
	}, &r.Event, r.Categories, body)
}

func (a *Applier) put(p pending, e *events.Event, categories []events.Category, body uint64) {
	p.cells = len(a.cells)
	a.pending = append(a.pending, p)
	a.cells = a.x.cellsOf(a.cells, e, categories, body)
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

// patience is how many events at least are taken in before rows are searched for
// those that were taken back, while there is no pause.
const patience = 1 << 16

// queuePart is how many handles are folded for one batch: a source may take back
// a million events at once, and a transaction has room for few of them.
const queuePart = 1000

// Waiting reports whether there are events taken back of which it is not known
// yet whose they were.
func (a *Applier) Waiting() bool { return len(a.x.waiting)+len(a.taken) > 0 }

// Flush brings the index up to what the events since the last call say. r reads
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
	for _, h := range rough {
		b.Set(roughKey(h), []byte{})
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	a.number()
	for _, h := range rough {
		x.rough[h] = struct{}{}
	}
	for i := range folded {
		x.settle(&folded[i])
	}
	a.bringIn()
	x.joined.add(a.joined)
	for _, id := range more {
		x.waiting[id] = struct{}{}
	}
	for _, id := range less {
		delete(x.waiting, id)
	}
	x.at = at
	a.seeds, a.pairs, a.joined, a.taken = a.seeds[:0], a.pairs[:0], a.joined[:0], a.taken[:0]
	return nil
}

// number gives ordinals to the handles of what is pending.
func (a *Applier) number() {
	for i := range a.pending {
		a.pending[i].ord = a.x.ordinals.add(a.pending[i].handle)
	}
}

// bringIn takes in what is pending.
func (a *Applier) bringIn() {
	for i := range a.pending {
		if i%warmed == 0 {
			a.x.warm(a.cells[a.pending[i].cells:a.cellsUpTo(i+warmed)])
		}
		a.x.plain(&a.pending[i], a.cells[a.pending[i].cells:a.cellsUpTo(i+1)])
	}
	a.pending, a.cells = a.pending[:0], a.cells[:0]
}

// cellsUpTo is where the cells of pending number i begin, or all end.
func (a *Applier) cellsUpTo(i int) int {
	if i < len(a.pending) {
		return a.pending[i].cells
	}
	return len(a.cells)
}

// warmed is how many events are looked at ahead.
const warmed = 16

// warm looks at the memory of some cells before it is needed. Nearly each is far,
// and of several looks that do not depend on each other none waits for another:
// it halves what keeping facets costs.
func (x *Index) warm(cells []uint32) {
	sum := uint32(0)
	for _, n := range cells {
		sum += uint32(len(x.cells.all[n].blocks))
	}
	for _, n := range cells {
		if c := x.cells.all[n]; len(c.blocks) > 0 {
			spans := c.blocks[len(c.blocks)-1].spans
			sum += spans[len(spans)/2].ord
		}
	}
	x.warmth = sum // so that the looks are not left out
}

// plain takes in what one event says of a handle that is not rough.
func (x *Index) plain(p *pending, cells []uint32) {
	if len(x.rough) > 0 {
		if _, ok := x.rough[p.handle]; ok {
			return // folded already
		}
	}
	for _, n := range cells {
		if p.shared {
			x.share(n, p.ord, p.item, p.day)
		} else {
			x.open(n, p.ord, p.item, p.day)
		}
	}
}
