package facets

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/habeas-data/habeas/events"
)

// A Filter selects cells. An empty field selects all.
type Filter struct {
	System    events.Code
	Recipient events.Code // selects sharing with it; empty selects holding
	// Categories: any of them. One without an element means its elements too.
	Categories []events.Category
	// Activity without a sub-purpose means its sub-purposes too.
	Activity events.Activity
	// From and To bound a window of whole UTC days, To not included; absent is
	// open. Without either a question about holding is about now.
	From, To events.Date
}

func (f *Filter) windowed() bool { return f.From != 0 || f.To != 0 }

// window is the days of the filter, both ends included.
func (f *Filter) window() (first, last Day, ok bool) {
	first, last = 0, lastDay
	if f.From != 0 {
		first = DayOf(f.From)
	}
	if f.To != 0 {
		if f.To <= firstDate {
			return 0, 0, false
		}
		last = DayOf(f.To - 1)
	}
	return first, last, first <= last
}

// Matches reports whether a cell has the codes that the filter asks for. It
// does not look at the recipient.
func (f *Filter) Matches(c *Cell) bool {
	switch {
	case f.System != "" && c.System != f.System,
		f.Activity.Code != "" && c.Activity.Code != f.Activity.Code,
		f.Activity.SubPurpose != "" && c.Activity.SubPurpose != f.Activity.SubPurpose:
		return false
	}
	return len(f.Categories) == 0 || slices.ContainsFunc(f.Categories, func(x events.Category) bool {
		return x.Code == c.Category.Code && (x.Element == "" || x.Element == c.Category.Element)
	})
}

// A Set is a set of ordinals, or of what stands for people.
type Set = roaring.Bitmap

// NewSet returns an empty set.
func NewSet() *Set { return roaring.New() }

// SetOf returns the set of the bits that are set, and keeps the words.
func SetOf(words []uint64) *Set { return roaring.FromDense(words, false) }

// A CellNumber names a cell of one index.
type CellNumber uint32

// A Reading reads the index while nothing changes it. It is valid until the
// function it was given to returns.
type Reading struct{ x *Index }

// Read calls fn while nothing changes.
func (x *Index) Read(fn func(*Reading)) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	fn(&Reading{x})
}

// Position is that of the last event the reading sees.
func (r *Reading) Position() events.Position { return r.x.at }

// Ordinal returns the number of a handle under which something was stored or
// shared.
func (r *Reading) Ordinal(h events.Handle) (uint32, bool) { return r.x.ordinals.of(h) }

// Handle returns the handle of an ordinal.
func (r *Reading) Handle(ord uint32) events.Handle { return r.x.ordinals.all[ord] }

// Handles counts the ordinals: they are 0 to Handles()-1.
func (r *Reading) Handles() int { return len(r.x.ordinals.all) }

// Cell returns a cell by its number.
func (r *Reading) Cell(n CellNumber) Cell { return r.x.cells.all[n].Cell }

// Number returns the number of a cell that was observed.
func (r *Reading) Number(c Cell) (CellNumber, bool) {
	n, ok := r.x.cells.number[c]
	return CellNumber(n), ok
}

// AllCells counts the cells: their numbers are 0 to AllCells()-1.
func (r *Reading) AllCells() int { return len(r.x.cells.all) }

// Cells lists the cells of holding that a filter selects or, if it has a
// recipient, those of sharing with it.
func (r *Reading) Cells(f *Filter) []CellNumber { return r.cells(f, f.Recipient != "") }

func (r *Reading) cells(f *Filter, shared bool) []CellNumber {
	var out []CellNumber
	match := func(n uint32) {
		c := &r.x.cells.all[n].Cell
		if c.Shared == shared && (f.Recipient == "" || c.Recipient == f.Recipient) && f.Matches(c) {
			out = append(out, CellNumber(n))
		}
	}
	if f.System != "" {
		for _, n := range r.x.cells.bySystem[f.System] {
			match(n)
		}
		return out
	}
	for n := range r.x.cells.all {
		match(uint32(n))
	}
	return out
}

// HeldNow is the handles of which something in the cell is held.
func (r *Reading) HeldNow(n CellNumber) *Set {
	words := r.words()
	r.x.cells.all[n].each(now, words, nil)
	return SetOf(words)
}

// StartedOn is the handles of which something in the cell began to be held, or
// was shared, on one of the days from from on and before to.
func (r *Reading) StartedOn(n CellNumber, from, to events.Date) *Set {
	f := Filter{From: from, To: to}
	words := r.words()
	if first, last, ok := f.window(); ok {
		for _, b := range r.x.cells.all[n].blocks {
			for _, s := range b.spans {
				if first <= s.from && s.from <= last {
					words[s.ord/64] |= 1 << (s.ord % 64)
				}
			}
		}
	}
	return SetOf(words)
}

// words has one bit for each ordinal.
func (r *Reading) words() []uint64 { return make([]uint64, (len(r.x.ordinals.all)+63)/64) }

// A during keeps the spans that touch the days from first to last.
type during struct{ first, last Day }

var now = during{never, lastDay} // what has not ended

func (d during) keeps(s span) bool { return s.from <= d.last && s.to >= d.first }

// each marks the ordinals of the spans that are kept and adds each pair of
// ordinal and item to pairs.
func (c *column) each(d during, words []uint64, pairs *[]uint64) {
	for _, b := range c.blocks {
		for i, s := range b.spans {
			if !d.keeps(s) {
				continue
			}
			words[s.ord/64] |= 1 << (s.ord % 64)
			if pairs != nil {
				*pairs = append(*pairs, uint64(s.ord)<<32|uint64(b.item(i)))
			}
		}
	}
}

// count marks like each and counts the pairs of ordinal and item.
func (c *column) count(d during, words []uint64) (n uint64) {
	for _, b := range c.blocks {
		last := -1
		for i, s := range b.spans {
			if !d.keeps(s) {
				continue
			}
			words[s.ord/64] |= 1 << (s.ord % 64)
			if last < 0 || b.spans[last].ord != s.ord || b.item(last) != b.item(i) {
				n++
			}
			last = i
		}
	}
	return n
}
