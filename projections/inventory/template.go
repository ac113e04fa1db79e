package inventory

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
)

// Most events repeat what others said of other people: the same system,
// activity and recipient, the same categories. A body is therefore cut in three:
//
//	context      codes and flags, without categories
//	categories   the list of categories
//	particulars  handles and dates, which are of one person or record
//
// The first two are kept once each and numbered in journal order; a row names
// them by number and holds only the particulars. They are tables of codes in
// use, not of people. A body that meets a full table is kept whole in its row.

// FamilyTemplate is the first byte of the rows of both tables:
// T table1 number3 -> bytes.
const FamilyTemplate = 'T'

const (
	tableContexts   = 0
	tableCategories = 1
	// The sizes of the tables are bounded, and so is the memory they take,
	// whatever codes sources invent.
	maxContexts   = 1 << 16
	maxCategories = 1 << 17
	// wholeBody is the number of no template: the row holds the whole body.
	wholeBody = 0
)

// A table numbers byte strings from 1.
type table struct {
	which  byte
	most   int
	all    atomic.Pointer[[]*template] // grows only; readers keep the slice they got
	number map[string]uint32           // owned by the writer
}

type template struct {
	bytes   string
	decoded atomic.Value // *context or *categoryList, once read
}

func (t *table) init(which byte, most int) {
	t.which, t.most, t.number = which, most, make(map[string]uint32)
	t.all.Store(new([]*template))
}

func (t *table) of(n uint32) (*template, error) {
	all := *t.all.Load()
	if n == 0 || uint64(n) > uint64(len(all)) {
		return nil, fmt.Errorf("template %d is not among the %d of table %d", n, len(all), t.which)
	}
	return all[n-1], nil
}

// intern numbers a string; a new one is written with the batch. It returns 0
// when the table is full.
func (t *table) intern(b Batch, s []byte) uint32 {
	if n, ok := t.number[string(s)]; ok {
		return n
	}
	if len(t.number) >= t.most {
		return 0
	}
	n := t.add(string(s))
	b.Set(t.key(n), []byte(string(s)))
	return n
}

func (t *table) add(s string) uint32 {
	all := append(*t.all.Load(), &template{bytes: s})
	n := uint32(len(all))
	t.number[s] = n
	t.all.Store(&all)
	return n
}

func (t *table) key(n uint32) []byte {
	return append([]byte{FamilyTemplate, t.which}, byte(n>>16), byte(n>>8), byte(n))
}

// Templates holds both tables in memory.
type Templates struct {
	contexts   table
	categories table
	eras       eras
	cells      cells
}

// NewTemplates returns empty tables.
func NewTemplates() *Templates {
	t := new(Templates)
	t.contexts.init(tableContexts, maxContexts)
	t.categories.init(tableCategories, maxCategories)
	t.eras.all.Store(new([]*era))
	return t
}

// Len counts the templates of both tables.
func (t *Templates) Len() int { return len(*t.contexts.all.Load()) + len(*t.categories.all.Load()) }

// LoadTemplates reads the tables from the rows.
func LoadTemplates(r Scanner) (*Templates, error) {
	t := NewTemplates()
	err := r.Scan([]byte{FamilyTemplate}, nil, func(k, v []byte) error {
		if len(k) == 5 && k[1] == tableEras {
			return t.eras.load(k, v)
		}
		if len(k) != 5 || k[1] > tableCategories || len(v) < 2 {
			return fmt.Errorf("read template row of %d bytes: its form is broken", len(v))
		}
		x := &t.contexts
		if k[1] == tableCategories {
			x = &t.categories
		}
		if n := x.add(string(v)); n != binary.BigEndian.Uint32(k[1:])&(1<<24-1) || len(x.number) != int(n) {
			return fmt.Errorf("read templates: number %d of table %d is missing or stands twice", n, k[1])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// A shape is how a row names its body.
type shape struct {
	context, categories uint32
}

func (s shape) append(b []byte) []byte {
	return appendNumber(appendNumber(b, s.context), s.categories)
}

// body is the shape as one number.
func (s shape) body() uint64 { return uint64(s.context)<<32 | uint64(s.categories) }
