package runs

import (
	"bytes"
	"slices"
)

// A generation is what was written since memory was last handed over to become
// a run: every row, in the order of writing, and for each key its newest. The
// writer owns it; once it is handed over it does not change.
type generation struct {
	rows  []entry
	slots []uint32 // open addressing by hash: number of a row plus one
	free  int      // slots that may still be taken before the table grows
	in    arena
	room  int // in the last chunk
	bytes int // of keys and values
}

const (
	noRow      = 0
	arenaChunk = 256 << 10
)

func newGeneration() *generation {
	g := &generation{in: arena{make([]byte, arenaChunk)}, room: arenaChunk}
	g.grow(1 << 10)
	return g
}

func (g *generation) grow(n int) {
	old := g.slots
	g.slots, g.free = make([]uint32, n), n/2
	mask := uint64(n - 1)
	for _, s := range old {
		if s != noRow {
			i := g.rows[s-1].hash & mask
			for g.slots[i] != noRow {
				i = (i + 1) & mask
			}
			g.slots[i] = s
			g.free--
		}
	}
}

// slot returns the slot of a key, or a free one.
func (g *generation) slot(h uint64, key []byte) *uint32 {
	mask := uint64(len(g.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := &g.slots[i]
		if *s == noRow {
			return s
		}
		if e := &g.rows[*s-1]; e.hash == h && bytes.Equal(g.in.key(e), key) {
			return s
		}
	}
}

// keep copies a row to where it may stay.
func (g *generation) keep(e *entry, key, value []byte, gone bool) {
	size := len(key) + len(value)
	if g.room < size {
		g.room = max(arenaChunk, size)
		g.in = append(g.in, make([]byte, g.room))
	}
	n := len(g.in) - 1
	c := g.in[n]
	at := len(c) - g.room
	g.room -= size
	copy(c[at:], key)
	copy(c[at+len(key):], value)
	e.chunk, e.off, e.key, e.length = uint32(n), uint32(at), uint32(len(key)), uint32(len(value))
	if gone {
		e.length = isGone
	}
}

// A Batch is what the writer changes together. It reads its own writes. One
// batch at a time; Commit or Discard ends it.
type Batch struct {
	s     *Store
	g     *generation
	older *generation // handed over and not yet a run; nil if none
	view  *Snapshot   // as of the beginning
	from  int         // its rows begin here in the generation's
	undo  []undo
	bytes int
	done  bool
	// sorted lists the batch's rows by key as far as the last scan saw them.
	sorted []uint32
}

// An undo says which row of the generation a row of the batch took the place of.
type undo struct{ row, was uint32 }

// Begin starts a batch over what was last committed.
func (s *Store) Begin() *Batch {
	if s.open {
		panic("runs: a batch is open already")
	}
	s.open = true
	s.mu.Lock()
	older := s.handed
	s.mu.Unlock()
	// In this order: if the handed generation becomes a run in between, both
	// say the same.
	return &Batch{s: s, g: s.gen, older: older, view: s.Snapshot(), from: len(s.gen.rows)}
}

// Len is how many rows the batch changes; Bytes what was written to it, a row that
// was written twice counted twice, as it is in memory.
func (b *Batch) Len() int   { return len(b.g.rows) - b.from }
func (b *Batch) Bytes() int { return b.bytes }

// Get returns a row as the batch leaves it. The value must not be changed.
func (b *Batch) Get(key []byte) ([]byte, bool, error) {
	h := hash(key)
	for _, g := range [...]*generation{b.g, b.older} {
		if g == nil {
			continue
		}
		if i := *g.slot(h, key); i != noRow && g.rows[i-1].length != isDead {
			e := &g.rows[i-1]
			return g.in.value(e), e.length != isGone, nil
		}
	}
	return b.view.fromRuns(key, h)
}

// Set writes a row. Both are copied.
func (b *Batch) Set(key, value []byte) { b.put(key, value, false) }

// Delete takes a row away.
func (b *Batch) Delete(key []byte) { b.put(key, nil, true) }

func (b *Batch) put(key, value []byte, gone bool) {
	g, h := b.g, hash(key)
	s := g.slot(h, key)
	b.bytes += len(key) + len(value)
	if i := int(*s) - 1; i >= b.from {
		g.keep(&g.rows[i], key, value, gone) // what stood there is left
		return
	}
	was := *s
	if was == noRow {
		if g.free == 0 {
			g.grow(2 * len(g.slots))
			s = g.slot(h, key)
		}
		g.free--
	}
	e := entry{word: word(key), hash: h, head: headOf(key, b.s.cfg.Prefix)}
	g.keep(&e, key, value, gone)
	g.rows = append(g.rows, e)
	*s = uint32(len(g.rows))
	b.undo = append(b.undo, undo{*s, was})
}

// Scan calls fn for the rows under a prefix as the batch leaves them; see
// Snapshot.Scan. What fn writes to the batch the scan does not see.
func (b *Batch) Scan(prefix, start []byte, fn func(key, value []byte) error) error {
	b.view.own = b.under(prefix)
	defer func() { b.view.own = nil }()
	return b.view.Scan(prefix, start, fn)
}

// fewRows is how many rows of a batch are looked through one by one before all
// are sorted again.
const fewRows = 128

// under returns the batch's rows under a prefix.
func (b *Batch) under(prefix []byte) *table {
	rows, in := b.g.rows[b.from:], b.g.in
	if len(rows)-len(b.sorted) > fewRows {
		for i := len(b.sorted); i < len(rows); i++ {
			b.sorted = append(b.sorted, uint32(i))
		}
		slices.SortFunc(b.sorted, func(i, k uint32) int {
			return in.compare(&rows[i], &rows[k])
		})
	}
	var own []entry
	at, _ := slices.BinarySearchFunc(b.sorted, prefix, func(i uint32, key []byte) int { return bytes.Compare(in.key(&rows[i]), key) })
	for _, i := range b.sorted[at:] {
		if !bytes.HasPrefix(in.key(&rows[i]), prefix) {
			break
		}
		own = append(own, rows[i])
	}
	unsorted := false
	for i := range rows[len(b.sorted):] {
		if e := &rows[len(b.sorted)+i]; bytes.HasPrefix(in.key(e), prefix) {
			own, unsorted = append(own, *e), true
		}
	}
	if len(own) == 0 {
		return nil
	}
	if unsorted {
		slices.SortFunc(own, func(x, y entry) int { return in.compare(&x, &y) })
	}
	return &table{rows: own, in: in}
}

// Discard drops the batch. It may follow Commit.
func (b *Batch) Discard() {
	if b.done {
		return
	}
	b.done = true
	b.view.Release()
	g := b.g
	g.bytes += b.bytes // what was written stays in memory as long as the generation
	for _, u := range b.undo {
		e := &g.rows[u.row-1]
		s := g.slot(e.hash, g.in.key(e))
		if u.was != noRow {
			*s = u.was
			continue
		}
		// The slot stays taken, for others may stand behind it.
		e.length = isDead
	}
	b.s.open = false
}

// Commit lets readers see the batch, and the mark that goes with it. It is durable
// once Flush has returned, or after a later batch is; never before an earlier one.
func (b *Batch) Commit(mark any) error {
	if b.done {
		return errOver
	}
	rows := slices.Clone(b.g.rows[b.from:])
	b.done = true
	b.view.Release()
	b.g.bytes += b.bytes
	b.s.open = false
	return b.s.commit(rows, mark)
}
