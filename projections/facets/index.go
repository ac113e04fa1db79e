package facets

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
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

	// The end of the stored list of changes, owned by the writer.
	tail   []byte
	number uint64
	days   []span // a buffer
}

// segment is how long a row of changes grows before the next is begun.
const segment = 4096

// NewIndex returns an empty index.
func NewIndex() *Index {
	return &Index{cells: newCells(), rough: make(map[events.Handle]struct{}), waiting: make(map[inventory.Mark]struct{})}
}

// Load reads the state from the rows of a map at a position.
func Load(r inventory.Scanner, at events.Position) (*Index, error) {
	x := NewIndex()
	x.at = at
	err := r.Scan([]byte{Family, rowCell}, nil, func(k, v []byte) error {
		c, err := parseCell(v)
		if err != nil || len(k) != 6 || binary.BigEndian.Uint32(k[2:]) != uint32(len(x.cells.all)) {
			return fmt.Errorf("read cell %d of facets: it is missing or broken", len(x.cells.all))
		}
		x.cells.add(c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = r.Scan([]byte{Family, rowHandles}, nil, func(k, v []byte) error {
		if len(k) != 6 {
			return fmt.Errorf("read handles of facets: key of %d bytes", len(k))
		}
		return x.ordinals.load(binary.BigEndian.Uint32(k[2:]), v)
	})
	if err != nil {
		return nil, err
	}
	first := true
	err = r.Scan([]byte{Family, rowChanges}, nil, func(k, v []byte) error {
		if len(k) != 10 || (!first && binary.BigEndian.Uint64(k[2:]) != x.number+1) || (first && binary.BigEndian.Uint64(k[2:]) != 0) {
			return fmt.Errorf("read changes of facets: row %d is missing", x.number+1)
		}
		if !first {
			x.number++
		}
		first, x.tail = false, append(x.tail[:0], v...)
		return x.replay(v)
	})
	if err == nil {
		err = r.Scan([]byte{Family, rowTaken}, nil, func(k, v []byte) error {
			if len(k) != 10 || len(v) != 1 || v[0] > 1 {
				return fmt.Errorf("read what was taken back of facets: a row of %d bytes is broken", len(v))
			}
			if v[0] == 1 {
				x.waiting[inventory.Mark(k[2:])] = struct{}{}
			}
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	return x, nil
}

func (x *Index) replay(b []byte) (err error) {
	var c change
	for len(b) > 0 {
		if b, err = parseChange(b, &c); err != nil {
			return err
		}
		if err = x.apply(&c); err != nil {
			return err
		}
	}
	return nil
}

// apply makes one change. The caller holds mu, or has the index to itself.
func (x *Index) apply(c *change) error {
	if c.kind == changeRough {
		x.rough[c.handle] = struct{}{}
		return nil
	}
	col, err := x.cells.at(c.cell)
	if err != nil {
		return err
	}
	if c.ord >= uint32(len(x.ordinals.all)) {
		return fmt.Errorf("ordinal %d is not among the %d of the facets", c.ord, len(x.ordinals.all))
	}
	grown := 0
	switch c.kind {
	case changeOpen:
		grown = col.set(c.ord, c.item, span{c.ord, c.day, never})
	case changeDay:
		have := col.spansOf(c.ord, c.item)
		at, ok := slices.BinarySearchFunc(have, c.day, func(s span, d Day) int { return int(s.from) - int(d) })
		if !ok {
			x.days = append(append(append(x.days[:0], have[:at]...), span{c.ord, c.day, c.day}), have[at:]...)
			grown = col.set(c.ord, c.item, x.days...)
		}
	case changeSet:
		for i := range c.spans {
			c.spans[i].ord = c.ord
		}
		grown = col.set(c.ord, c.item, c.spans...)
	}
	x.spans += uint64(int64(grown))
	return nil
}

// note applies a change and puts it on the list. The caller holds mu.
func (x *Index) note(b Batch, c *change) error {
	if err := x.apply(c); err != nil {
		return err
	}
	if len(x.tail) >= segment {
		b.Set(changesKey(x.number), slices.Clone(x.tail))
		x.number, x.tail = x.number+1, x.tail[:0]
	}
	x.tail = appendChange(x.tail, c)
	return nil
}

// Digest writes the state in one form, however it came about: the cells in the
// order of their codes, each with the spans of its handles.
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
	slices.SortFunc(list, func(a, b named) int { return compare(a.name, b.name) })
	var b []byte
	for _, c := range list {
		b = binary.AppendUvarint(b[:0], uint64(len(c.name)))
		b = append(b, c.name...)
		head := len(b)
		for _, p := range c.col.blocks {
			for i, s := range p.spans {
				b = binary.BigEndian.AppendUint32(b, s.ord)
				b = binary.BigEndian.AppendUint32(b, p.item(i))
				b = binary.BigEndian.AppendUint16(b, uint16(s.from))
				b = binary.BigEndian.AppendUint16(b, uint16(s.to))
			}
		}
		if len(b) == head {
			continue // nothing of it is left
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
