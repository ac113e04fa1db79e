package facets

import "github.com/habeas-data/habeas/events"

// Never is the end of a span that has not ended.
const Never = never

// A Stretch is one span, named.
type Stretch struct {
	Cell     Cell
	Handle   events.Handle
	Item     uint32
	From, To Day
}

// Stretches lists every span of the index.
func (x *Index) Stretches() (out []Stretch) {
	for _, c := range x.cells.all {
		for _, p := range c.blocks {
			for i, s := range p.spans {
				out = append(out, Stretch{c.Cell, x.ordinals.all[s.ord], p.item(i), s.from, s.to})
			}
		}
	}
	return out
}

// Shorten is how items are told apart.
func Shorten(h events.Handle) uint32 { return shorten(h) }
