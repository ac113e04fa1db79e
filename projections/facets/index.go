package facets

import (
	"cmp"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// An Index is the state of the facets at one position. Readers see it between
// two batches, never within one.
type Index struct {
	mu       sync.RWMutex
	cells    cells                      // guarded by mu; the writer adds
	ordinals ordinals                   // guarded by mu; the writer adds
	rough    map[events.Handle]struct{} // owned by the writer
	at       events.Position            // guarded by mu
	joined   journal                    // guarded by mu
	spans    uint64                     // guarded by mu; counted
	// Events taken back of which it is not known yet whose they were.
	waiting map[inventory.Mark]struct{} // guarded by mu; the writer changes it

	bodies bodyCells // owned by the writer
	warmth uint32    // owned by the writer; means nothing
}

// NewIndex returns an empty index.
func NewIndex() *Index {
	return &Index{cells: newCells(), rough: make(map[events.Handle]struct{}), waiting: make(map[inventory.Mark]struct{})}
}

// open notes that something is held from a day on, and has not ended. The caller
// holds mu, or has the index to itself; so it is with share and set.
func (x *Index) open(cell, ord, item uint32, day Day) {
	x.spans += uint64(x.cells.all[cell].open(ord, item, day))
}

// share notes that something was shared on a day.
func (x *Index) share(cell, ord, item uint32, day Day) {
	x.spans += uint64(x.cells.all[cell].share(ord, item, day))
}

// set replaces the spans of an ordinal.
func (x *Index) set(p place, ord uint32, spans []span) {
	own := slices.Clone(spans)
	for i := range own {
		own[i].ord = ord
	}
	x.spans += uint64(int64(x.cells.all[p.cell].set(ord, p.item, own...)))
}

// Digest writes the state in one form, however it came about: the cells in the
// order of their codes, each with the spans of its handles in their order.
func (x *Index) Digest(w io.Writer) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	type named struct {
		name string
		col  *column
	}
	list := make([]named, 0, len(x.cells.all))
	for _, c := range x.cells.all {
		list = append(list, named{string(appendCell(nil, &c.Cell)), c})
	}
	slices.SortFunc(list, func(a, b named) int { return strings.Compare(a.name, b.name) })
	rank := x.ordinals.rank()
	var b []byte
	for _, c := range list {
		b = binary.AppendUvarint(b[:0], uint64(len(c.name)))
		b = append(b, c.name...)
		head := len(b)
		b = c.col.append(b, rank, &x.ordinals)
		if len(b) == head {
			continue // nothing of it is left
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// append writes the spans of a column in the order of handles.
func (c *column) append(b []byte, rank []uint32, o *ordinals) []byte {
	type at struct{ rank, block, span uint32 }
	var order []at
	for n := range c.blocks {
		for i, s := range c.blocks[n].spans {
			order = append(order, at{rank[s.ord], uint32(n), uint32(i)})
		}
	}
	slices.SortStableFunc(order, func(a, b at) int { return cmp.Compare(a.rank, b.rank) })
	for _, p := range order {
		block := &c.blocks[p.block]
		s := block.spans[p.span]
		b = append(b, o.all[s.ord][:]...)
		b = binary.BigEndian.AppendUint32(b, block.item(int(p.span)))
		b = binary.BigEndian.AppendUint16(b, uint16(s.from))
		b = binary.BigEndian.AppendUint16(b, uint16(s.to))
	}
	return b
}
