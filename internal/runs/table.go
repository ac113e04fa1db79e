package runs

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// An entry is one row in memory. It holds no pointer, so that there may be many
// without anything for the garbage collector to follow: its key, and behind that
// its value, stand in an arena.
type entry struct {
	word   uint64 // the first eight bytes of the key, which decide most comparisons
	hash   uint64 // of the key
	head   uint64 // hash of what scans ask for it by; 0: none
	chunk  uint32 // of the arena
	off    uint32 // within it
	key    uint32 // length
	length uint32 // of the value; see below
}

// The length of a value that is not there.
const (
	isGone = 1<<32 - 1 // the row was deleted
	isDead = 1<<32 - 2 // its batch was discarded: it says nothing
)

// An arena is where keys and values stand, in chunks. What was written is not
// written again; whoever has a list of them may read what was written before.
type arena [][]byte

func (a arena) key(e *entry) []byte {
	return a[e.chunk][e.off : e.off+e.key : e.off+e.key]
}

// value is nil for a row that was deleted.
func (a arena) value(e *entry) []byte {
	if e.length >= isDead {
		return nil
	}
	from := e.off + e.key
	return a[e.chunk][from : from+e.length : from+e.length]
}

// compare orders two rows by their keys.
func (a arena) compare(x, y *entry) int {
	switch {
	case x.word < y.word:
		return -1
	case x.word > y.word:
		return 1
	}
	return bytes.Compare(a.key(x), a.key(y))
}

// word returns the first eight bytes of a key as a number in the same order.
func word(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var b [8]byte
	copy(b[:], key)
	return binary.BigEndian.Uint64(b[:])
}

func hash(key []byte) uint64 { return xxhash.Sum64(key) }

// headOf is the hash of the prefix by which scans ask for a key; 0 if it is not
// longer than that.
func headOf(key []byte, prefix int) uint64 {
	if prefix == 0 || len(key) <= prefix {
		return 0
	}
	return hash(key[:prefix])
}

// compare orders keys; w and v are their words.
func compare(w uint64, a []byte, v uint64, b []byte) int {
	switch {
	case w < v:
		return -1
	case w > v:
		return 1
	}
	return bytes.Compare(a, b)
}

// A table is rows in memory, sorted, that never change.
type table struct {
	rows   []entry
	in     arena
	filter *filter // nil: too few rows to be worth one
}

// filterFrom is the number of rows from which a table has a filter.
const filterFrom = 128

// newTable returns the table of sorted rows.
func newTable(rows []entry, in arena) *table {
	t := &table{rows: rows, in: in}
	if len(rows) < filterFrom {
		return t
	}
	t.filter = newFilter(len(rows) * 2)
	last := uint64(0)
	for i := range rows {
		e := &rows[i]
		t.filter.add(e.hash)
		if e.head != last && e.head != 0 {
			t.filter.add(e.head)
		}
		last = e.head
	}
	return t
}

// sortedTable returns the table of rows in any order, each key once.
func sortedTable(rows []entry, in arena) *table {
	slices.SortFunc(rows, func(x, y entry) int {
		switch { // as in arena.compare, where most comparisons do not go
		case x.word < y.word:
			return -1
		case x.word > y.word:
			return 1
		}
		return in.compare(&x, &y)
	})
	return newTable(rows, in)
}

// mergeTables returns the rows of tables of one arena, newest first; where several
// have one, the newest.
func mergeTables(ts []*table, in arena) []entry {
	if len(ts) == 1 {
		return ts[0].rows
	}
	// In two halves, each of about as many rows.
	total := 0
	for _, t := range ts {
		total += len(t.rows)
	}
	n, half := 1, len(ts[0].rows)
	for n < len(ts)-1 && half+len(ts[n].rows) <= total/2 {
		half += len(ts[n].rows)
		n++
	}
	return mergeRows(mergeTables(ts[:n], in), mergeTables(ts[n:], in), in)
}

func mergeRows(a, b []entry, in arena) []entry {
	out := make([]entry, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if len(out)&4095 == 4095 {
			runtime.Gosched() // whoever waits for an answer goes first
		}
		switch c := in.compare(&a[0], &b[0]); {
		case c < 0:
			out, a = append(out, a[0]), a[1:]
		case c > 0:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// seek returns the number of the first row whose key is not before key.
func (t *table) seek(key []byte) int {
	w, rows := word(key), t.rows
	lo, hi := 0, len(rows)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		e := &rows[m]
		if e.word < w || e.word == w && bytes.Compare(t.in.key(e), key) < 0 {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

func (t *table) get(key []byte, h uint64) *entry {
	if !t.filter.has(h) {
		return nil
	}
	if i := t.seek(key); i < len(t.rows) && bytes.Equal(t.in.key(&t.rows[i]), key) {
		return &t.rows[i]
	}
	return nil
}
