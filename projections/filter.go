package projections

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Most events are the first of their kind about a person, so most rows that the
// map looks for do not exist. A filter in memory answers that without a search.
// It only saves time: "maybe" is always a right answer, and it says nothing
// else until it has seen every key of the store.

// filtered reports whether rows of the key's family are looked for before they
// are written.
func filtered(key []byte) bool {
	switch key[0] {
	case inventory.FamilyEvent, inventory.FamilyReference, identity.FamilyLink:
		return true
	}
	return false
}

// A filter is a chain of Bloom filters, each twice as large as the one before.
// One goroutine owns it.
type filter struct {
	seed   maphash.Seed
	layers []*layer
	base   atomic.Pointer[filter] // of what was in the store at the start, when read
	blank  bool                   // there was nothing in the store at the start
}

type layer struct {
	bits []uint64
	mask uint64
	room int
}

const (
	firstLayer   = 1 << 16 // keys
	bitsPerKey   = 16      // rounded up to a power of two
	filterHashes = 5
	// filterMost bounds the memory of a filter: beyond so many keys (256 MB)
	// the map searches more and more often.
	filterMost = 1 << 26
)

func newFilter(seed maphash.Seed) *filter { return &filter{seed: seed} }

func newLayer(keys int) *layer {
	return &layer{bits: make([]uint64, keys*bitsPerKey/64), mask: uint64(keys*bitsPerKey - 1), room: keys}
}

func (l *layer) add(h uint64) {
	step := h>>33 | 1
	for range filterHashes {
		h += step
		l.bits[h&l.mask>>6] |= 1 << (h & 63)
	}
	l.room--
}

func (l *layer) has(h uint64) bool {
	step := h>>33 | 1
	for range filterHashes {
		h += step
		if l.bits[h&l.mask>>6]&(1<<(h&63)) == 0 {
			return false
		}
	}
	return true
}

func (f *filter) add(key []byte) {
	n := len(f.layers)
	if n == 0 || f.layers[n-1].room == 0 {
		if n > 0 && firstLayer<<n > filterMost {
			f.layers[n-1].room = 1 // full: answers maybe ever more often
		} else {
			f.layers = append(f.layers, newLayer(firstLayer<<n))
		}
	}
	f.layers[len(f.layers)-1].add(maphash.Bytes(f.seed, key))
}

func (f *filter) has(key []byte) bool {
	h := maphash.Bytes(f.seed, key)
	for i := len(f.layers) - 1; i >= 0; i-- {
		if f.layers[i].has(h) {
			return true
		}
	}
	return false
}

// absent reports that a row of the key is certainly not in the store.
func (f *filter) absent(key []byte) bool {
	if !filtered(key) || f.has(key) {
		return false
	}
	if f.blank {
		return true
	}
	base := f.base.Load()
	return base != nil && !base.has(key)
}

// learn reads the keys that were in the store at the start. It runs beside the
// feed with a reader of its own, until done or told to stop.
func (f *filter) learn(r *reader, stop <-chan struct{}) {
	base, n := newFilter(f.seed), 0
	for _, family := range []byte{inventory.FamilyEvent, inventory.FamilyReference, identity.FamilyLink} {
		err := r.keys([]byte{family}, func(k []byte) error {
			if n++; n > filterMost {
				return inventory.ErrStop
			}
			if n&1023 == 0 {
				select {
				case <-stop:
					return ErrClosed
				default:
				}
			}
			base.add(k)
			return nil
		})
		if err != nil || n > filterMost {
			return // the feed goes on searching
		}
	}
	f.base.Store(base)
}
