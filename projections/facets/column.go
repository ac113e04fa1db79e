package facets

import "slices"

// A span says that something was held from a day on to another, or for good
// (never), or that it was shared on one day (from and to are that day).
type span struct {
	ord      uint32
	from, to Day
}

// A column is a cell with the spans of its handles, ordered by handle, item and
// day, in blocks. A block is small enough that putting one more into its middle
// is cheap; the spans of one handle are never in two.
type column struct {
	first  []uint32 // ordinal of the first span of each block
	blocks []block  // none is empty
	// Room for the first block: most columns have no more, and memory is far.
	lead [1]uint32
	one  [1]block
	Cell
}

type block struct {
	spans []span
	items []uint32 // of the spans; nil while all are of no item
}

const (
	firstSpans = 4    // room that a column begins with
	blockSpans = 1024 // where a block is divided
)

func (b *block) item(i int) uint32 {
	if b.items == nil {
		return 0
	}
	return b.items[i]
}

// at returns the number of the block that a handle's spans stand in, or belong
// into; -1 if there is no block yet.
func (c *column) at(ord uint32) int {
	n := len(c.blocks)
	if n <= 1 || c.first[n-1] <= ord {
		return n - 1 // the usual cases: few handles, or handles come in order
	}
	i, ok := slices.BinarySearch(c.first, ord)
	if ok || i == 0 {
		return i
	}
	return i - 1
}

// handle returns the range of all spans of one handle.
func (b *block) handle(ord uint32) (from, to int) {
	n := len(b.spans)
	if n == 0 || b.spans[n-1].ord < ord {
		return n, n
	}
	from, to = 0, n
	for from < to {
		if mid := int(uint(from+to) >> 1); b.spans[mid].ord < ord {
			from = mid + 1
		} else {
			to = mid
		}
	}
	for to = from; to < n && b.spans[to].ord == ord; to++ {
	}
	return from, to
}

// find returns the range of the spans of one handle and item.
func (b *block) find(ord, item uint32) (from, to int) {
	from, to = b.handle(ord)
	if b.items == nil {
		if item != 0 {
			return to, to
		}
		return from, to
	}
	for from < to && b.items[from] < item {
		from++
	}
	end := from
	for end < to && b.items[end] == item {
		end++
	}
	return from, end
}

// spansOf returns the spans of one handle and item. They are valid until the
// next change.
func (c *column) spansOf(ord, item uint32) []span {
	n := c.at(ord)
	if n < 0 {
		return nil
	}
	from, to := c.blocks[n].find(ord, item)
	return c.blocks[n].spans[from:to]
}

// set replaces the spans of one handle and item, and returns by how many spans
// the column has grown.
func (c *column) set(ord, item uint32, with ...span) int {
	if len(c.blocks) == 0 && len(with) == 0 {
		return 0
	}
	n := c.room(ord)
	b := &c.blocks[n]
	was := len(b.spans)
	from, to := b.find(ord, item)
	b.replace(from, to, item, with)
	if len(b.spans) == 0 {
		c.blocks, c.first = slices.Delete(c.blocks, n, n+1), slices.Delete(c.first, n, n+1)
		return -was
	}
	c.grown(n)
	return len(with) - (to - from)
}

// open begins a span that has not ended, or lets one begin earlier, and returns by
// how many spans the column has grown.
func (c *column) open(ord, item uint32, day Day) int {
	n := c.room(ord)
	b := &c.blocks[n]
	from, to := b.find(ord, item)
	if from < to {
		b.spans[from].from = min(b.spans[from].from, day)
		return 0
	}
	b.insert(from, item, span{ord, day, never})
	c.grown(n)
	return 1
}

// share adds a day to those of one handle and item, and returns by how many spans
// the column has grown.
func (c *column) share(ord, item uint32, day Day) int {
	n := c.room(ord)
	b := &c.blocks[n]
	from, to := b.find(ord, item)
	for from < to && b.spans[to-1].from > day {
		to--
	}
	if from < to && b.spans[to-1].from == day {
		return 0
	}
	b.insert(to, item, span{ord, day, day})
	c.grown(n)
	return 1
}

// room is like at, and makes the first block.
func (c *column) room(ord uint32) int {
	if len(c.blocks) == 0 {
		c.blocks, c.first = c.one[:], c.lead[:]
		c.one[0], c.lead[0] = block{spans: make([]span, 0, firstSpans)}, ord
	}
	return c.at(ord)
}

// grown brings in order what hangs on the spans of a block.
func (c *column) grown(n int) {
	if len(c.blocks[n].spans) > blockSpans {
		c.divide(n)
	}
	c.first[n] = c.blocks[n].spans[0].ord
}

func (b *block) insert(at int, item uint32, s span) {
	if b.items != nil || item != 0 {
		if b.items == nil {
			b.items = make([]uint32, len(b.spans), cap(b.spans))
		}
		b.items = slices.Insert(b.items, at, item)
	}
	b.spans = slices.Insert(b.spans, at, s)
}

func (b *block) replace(from, to int, item uint32, with []span) {
	if item != 0 && b.items == nil && len(with) > 0 {
		b.items = make([]uint32, len(b.spans), cap(b.spans))
	}
	if b.items != nil {
		more := make([]uint32, len(with))
		for i := range more {
			more[i] = item
		}
		b.items = slices.Replace(b.items, from, to, more...)
	}
	b.spans = slices.Replace(b.spans, from, to, with...)
}

// divide cuts a block in two between two handles: near its end if handles come
// in order there, else near its middle.
func (c *column) divide(n int) {
	b := &c.blocks[n]
	cut := len(b.spans) / 2
	if n == len(c.blocks)-1 {
		cut = len(b.spans) - 1
	}
	at := cut
	for at > 0 && b.spans[at-1].ord == b.spans[at].ord {
		at--
	}
	if at == 0 {
		for at = cut; at < len(b.spans) && b.spans[at].ord == b.spans[at-1].ord; at++ {
		}
	}
	if at == 0 || at == len(b.spans) {
		return // all of one handle
	}
	next := block{spans: slices.Clone(b.spans[at:])}
	b.spans = slices.Clip(b.spans[:at:at])
	if b.items != nil {
		next.items = slices.Clone(b.items[at:])
		b.items = b.items[:at:at]
	}
	c.blocks = slices.Insert(c.blocks, n+1, next)
	c.first = slices.Insert(c.first, n+1, next.spans[0].ord)
	c.one[0] = block{} // the blocks stand elsewhere now
}
