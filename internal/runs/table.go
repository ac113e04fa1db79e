package runs

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// An entry is one row in memory.
type entry struct {
	word  uint64 // the first eight bytes of the key, which decide most comparisons
	hash  uint64 // of the key
	key   []byte
	value []byte
	gone  bool // the row was deleted
	dead  bool // its batch was discarded: it says nothing
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
	filter *filter // nil: too few rows to be worth one
}

// filterFrom is the number of rows from which a table has a filter.
const filterFrom = 128

// newTable returns the table of sorted rows.
func newTable(rows []entry, prefix int) *table {
	t := &table{rows: rows}
	if len(rows) < filterFrom {
		return t
	}
	t.filter = newFilter(len(rows) * 2)
	var last []byte
	for i := range rows {
		t.filter.add(rows[i].hash)
		if k := rows[i].key; prefix > 0 && len(k) > prefix && !bytes.Equal(last, k[:prefix]) {
			last = k[:prefix]
			t.filter.add(hash(last))
		}
	}
	return t
}

// sortedTable returns the table of rows in any order, each key once.
func sortedTable(rows []entry, prefix int) *table {
	slices.SortFunc(rows, func(a, b entry) int { return compare(a.word, a.key, b.word, b.key) })
	return newTable(rows, prefix)
}

// mergeTables returns the rows of tables, newest first; where several have one,
// the newest.
func mergeTables(ts []*table) []entry {
	all := ts[0].rows
	for _, t := range ts[1:] {
		all = mergeRows(all, t.rows)
	}
	return all
}

func mergeRows(a, b []entry) []entry {
	out := make([]entry, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := compare(a[0].word, a[0].key, b[0].word, b[0].key); {
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
		if compare(rows[m].word, rows[m].key, w, key) < 0 {
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
	if i := t.seek(key); i < len(t.rows) && bytes.Equal(t.rows[i].key, key) {
		return &t.rows[i]
	}
	return nil
}
