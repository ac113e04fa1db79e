package runs

import (
	"encoding/binary"
	"math/bits"
)

// A filter says of a key that it is certainly not there, or perhaps. It is a
// Bloom filter whose bits of one key stand in one line of the processor's cache.
type filter struct{ blocks [][8]uint64 }

const (
	filterBits   = 10 // for each key
	filterProbes = 6
	blockBits    = 512
	blockBytes   = blockBits / 8
)

// newFilter makes room for so many keys.
func newFilter(keys int) *filter {
	return &filter{blocks: make([][8]uint64, max(1, (keys*filterBits+blockBits-1)/blockBits))}
}

func (f *filter) block(h uint64) *[8]uint64 {
	i, _ := bits.Mul64(h, uint64(len(f.blocks)))
	return &f.blocks[i]
}

// spread makes the bits within a block independent of the choice of the block.
func spread(h uint64) uint64 { return h * 0x9E3779B97F4A7C15 }

func (f *filter) add(h uint64) {
	b, p := f.block(h), spread(h)
	for range filterProbes {
		b[p>>6&7] |= 1 << (p & 63)
		p >>= 9
	}
}

// has reports whether a key with the hash may be there; always, without a filter.
func (f *filter) has(h uint64) bool {
	if f == nil {
		return true
	}
	b, p := f.block(h), spread(h)
	for range filterProbes {
		if b[p>>6&7]&(1<<(p&63)) == 0 {
			return false
		}
		p >>= 9
	}
	return true
}

// append writes the filter: its blocks, each number little-endian.
func (f *filter) append(b []byte) []byte {
	for i := range f.blocks {
		for _, w := range f.blocks[i] {
			b = binary.LittleEndian.AppendUint64(b, w)
		}
	}
	return b
}

// readFilter returns the filter written in b; nil if b has not its form.
func readFilter(b []byte) *filter {
	if len(b) == 0 || len(b)%blockBytes != 0 {
		return nil
	}
	f := &filter{blocks: make([][8]uint64, len(b)/blockBytes)}
	for i := range f.blocks {
		for k := range f.blocks[i] {
			f.blocks[i][k] = binary.LittleEndian.Uint64(b)
			b = b[8:]
		}
	}
	return f
}
