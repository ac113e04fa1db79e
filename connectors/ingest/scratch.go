package ingest

import (
	"strings"

	"github.com/habeas-data/habeas/events"
)

// A scratch is the memory of one Submit, used by one after the other. It holds
// identifiers in the clear while in use, and none when it is given back (I1).
type scratch struct {
	look []Lookup
	put  []target
	list []*events.Event
	at   []int
	memo memo
}

// scratchKeeps is the longest batch whose memory is kept.
const scratchKeeps = 1 << 14

func (g *Gateway) takeScratch() *scratch {
	s, ok := g.scratch.Get().(*scratch)
	if !ok {
		s = new(scratch)
	}
	s.memo.batch++
	return s
}

func (g *Gateway) giveScratch(s *scratch) {
	if len(s.look) > scratchKeeps || len(s.list) > scratchKeeps {
		return
	}
	clear(s.look)
	clear(s.put)
	clear(s.list)
	s.look, s.put, s.list, s.at = s.look[:0], s.put[:0], s.list[:0], s.at[:0]
	g.scratch.Put(s)
}

// A memo spares asking again what was just answered: batches repeat a few codes
// a thousand times, and the catalogue and the words of a source are behind maps
// and a lock. It remembers yes only, in a fixed number of places.
type memo struct {
	batch uint64 // the present one; catalogues are asked again in the next
	at    [256]said
}

// A said is one answer. What a source was allowed to say stays allowed; what a
// catalogue declares is of one batch.
type said struct {
	batch uint64
	about about
	of    string // the source, or the field of the catalogue
	word  events.Code
}

type about uint8

const (
	_            about = iota
	isDeclared         // of is a field
	mayBeChosen        // of is a source
	mayBeOfAKind       // of is a source
)

// place is where the answer about a word stands, if it does.
func (m *memo) place(a about, of string, word events.Code) (*said, bool) {
	n := len(word)
	x := uint32(word[n-1]) | uint32(word[max(n-2, 0)])<<8 | uint32(word[n/2])<<16 | uint32(n)<<24
	if k := len(of); k > 0 {
		x ^= uint32(of[k-1])<<5 ^ uint32(of[max(k-2, 0)])<<13
	}
	s := &m.at[(x^uint32(a)<<11)*0x9e3779b1>>24]
	return s, s.about == a && s.word == word && s.of == of && (a != isDeclared || s.batch == m.batch)
}

// keep keeps copies: a word is cut from all codes of its event, and what no
// catalogue knows of these may be personal.
func (m *memo) keep(s *said, a about, of string, word events.Code) {
	if s.word != word {
		s.word = events.Code(strings.Clone(string(word)))
	}
	if s.of != of {
		s.of = strings.Clone(of)
	}
	s.batch, s.about = m.batch, a
}
