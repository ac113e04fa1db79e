package index

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
)

// A filter knows in memory which rows are certainly not in the index, so that an
// identifier seen for the first time costs no search. It holds every key that
// was ever written since the index was opened, and from the moment it is ready
// those that were there before: it may say "perhaps" of a row that is not
// there, never "no" of one that is. Keys are keyed hashes; when a route gets a
// fresh key, what the filter holds of its former rows matches nothing any more.
type filter struct {
	ready  atomic.Bool // what was there before is in it
	layers atomic.Pointer[[]*layer]
	mu     sync.Mutex // held to add
}

// A layer is a blocked Bloom filter: one cache line per key. A layer that is
// full is followed by one twice as large, up to maxLayer; after that the filter
// says "perhaps" more often, which costs time and nothing else.
type layer struct {
	blocks    [][8]atomic.Uint64
	left      int // keys until it is full; guarded by filter.mu
	keepsRoom bool
}

const (
	keyBits     = 12
	filterBits  = 6 // set per key
	firstLayer  = 1 << 17
	maxLayer    = 1 << 26 // keys; 100 MB
	bitsInBlock = 512
)

func newFilter(rows uint64) *filter {
	f := new(filter)
	f.reset(rows)
	return f
}

// reset empties the filter and makes room for so many rows and some more.
func (f *filter) reset(rows uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.layers.Store(&[]*layer{newLayer(rows + rows/2)})
}

func newLayer(keys uint64) *layer {
	n := min(max(keys, firstLayer), maxLayer)
	return &layer{blocks: make([][8]atomic.Uint64, n*keyBits/bitsInBlock+1), left: int(n), keepsRoom: n < maxLayer}
}

// add puts a key in. It is called before the row can be seen by anybody.
func (f *filter) add(k *RowKey) {
	f.mu.Lock()
	defer f.mu.Unlock()
	layers := *f.layers.Load()
	for _, l := range layers {
		if l.has(k) {
			return // as good as there
		}
	}
	last := layers[len(layers)-1]
	if last.left <= 0 && last.keepsRoom {
		last = newLayer(2 * uint64(len(last.blocks)) * bitsInBlock / keyBits)
		grown := append(layers[:len(layers):len(layers)], last)
		f.layers.Store(&grown)
	}
	last.left--
	last.set(k)
}

// absent reports whether a row is certainly not in the index.
func (f *filter) absent(k *RowKey) bool {
	if !f.ready.Load() {
		return false
	}
	for _, l := range *f.layers.Load() {
		if l.has(k) {
			return false
		}
	}
	return true
}

// block and bits come from the hash in the key, which is uniform.
func (l *layer) block(k *RowKey) *[8]atomic.Uint64 {
	i, _ := bits.Mul64(binary.LittleEndian.Uint64(k[8:]), uint64(len(l.blocks)))
	return &l.blocks[i]
}

func (l *layer) set(k *RowKey) {
	b, h := l.block(k), binary.LittleEndian.Uint64(k[16:])
	for range filterBits {
		b[h>>6&7].Or(1 << (h & 63))
		h >>= 9
	}
}

func (l *layer) has(k *RowKey) bool {
	b, h := l.block(k), binary.LittleEndian.Uint64(k[16:])
	for range filterBits {
		if b[h>>6&7].Load()&(1<<(h&63)) == 0 {
			return false
		}
		h >>= 9
	}
	return true
}

// fill adds the rows that are there, in the background; until it is done the
// filter is not asked. Whatever is written meanwhile is added by the writer.
func (x *Index) fill() {
	defer close(x.filled)
	err := x.View(func(r *Reader) error {
		opt := badger.DefaultIteratorOptions
		opt.Prefix = []byte{famRow}
		opt.PrefetchValues = false
		it := r.txn.NewIterator(opt)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			select {
			case <-x.stop:
				return ErrStop
			default:
			}
			if key := it.Item().Key(); len(key) == 1+len(RowKey{}) {
				x.filter.add((*RowKey)(key[1:]))
			}
		}
		return nil
	})
	switch {
	case err == nil:
		x.filter.ready.Store(true)
	case !errors.Is(err, ErrStop):
		x.log.Error("the filter of the vault's index is not used: look-ups cost more", "err", err)
	}
}

// endFill ends fill and waits for it.
func (x *Index) endFill() {
	x.stopOnce.Do(func() { close(x.stop) })
	<-x.filled
}

// Absent reports whether a row is certainly not in the index, without a look
// at it. False says nothing.
func (x *Index) Absent(k *RowKey) bool { return x.filter.absent(k) }
