package runs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// A run is an open file of sorted rows. It never changes.
type run struct {
	id     uint64
	path   string
	f      *os.File
	size   int64
	rows   uint64
	gone   uint64
	filter *filter
	prefix int
	// words and firsts separate the pages: every key of page i is not before
	// firsts[i], and every key of the page before is.
	words  []uint64
	firsts [][]byte
	starts []int64 // where pages begin; one more for the end
	pages  []atomic.Pointer[cached]
	cache  *cache

	refs int  // states that name it; guarded by the store's mu
	dead bool // its file goes with the last of them; guarded by the store's mu
}

func runPath(dir string, id uint64) string { return filepath.Join(dir, fmt.Sprintf("run-%06d", id)) }

// openRun opens the file of a run and reads what stands beside its pages.
func openRun(dir string, id uint64, c *cache) (r *run, err error) {
	path := runPath(dir, id)
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s is missing", ErrDamaged, filepath.Base(path))
	}
	if err != nil {
		return nil, err
	}
	r = &run{id: id, path: path, f: f, cache: c}
	if err := r.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", filepath.Base(path), err), f.Close())
	}
	return r, nil
}

func (r *run) load() error {
	info, err := r.f.Stat()
	if err != nil {
		return err
	}
	r.size = info.Size()
	if r.size < footSize {
		return fmt.Errorf("%w: it is too short", ErrDamaged)
	}
	b := make([]byte, footSize)
	if _, err := r.f.ReadAt(b, r.size-footSize); err != nil {
		return err
	}
	ft, err := readFoot(b, r.size)
	if err != nil {
		return err
	}
	end := r.size - footSize - ft.index - ft.filter // of the pages
	b = make([]byte, ft.index+ft.filter)
	if _, err := r.f.ReadAt(b, end); err != nil {
		return err
	}
	if crc32.Checksum(b, castagnoli) != ft.sum {
		return fmt.Errorf("%w: its index does not match its checksum", ErrDamaged)
	}
	r.rows, r.gone, r.prefix = ft.rows, ft.gone, ft.prefix
	if r.filter = readFilter(b[ft.index:]); r.filter == nil {
		return fmt.Errorf("%w: its filter has not the form of one", ErrDamaged)
	}
	if err := r.readIndex(b[:ft.index]); err != nil {
		return err
	}
	if r.starts[len(r.starts)-1] != end {
		return fmt.Errorf("%w: its pages are not as long as its index says", ErrDamaged)
	}
	r.pages = make([]atomic.Pointer[cached], len(r.firsts))
	return nil
}

// readIndex reads separators and lengths of pages. It keeps a reference to b.
func (r *run) readIndex(b []byte) error {
	at := int64(0)
	for len(b) > 0 {
		n, w := binary.Uvarint(b)
		if w <= 0 || n > uint64(len(b)-w) {
			return errIndex
		}
		first := b[w : w+int(n) : w+int(n)]
		b = b[w+int(n):]
		length, w := binary.Uvarint(b)
		if w <= 0 || length > maxPage {
			return errIndex
		}
		b = b[w:]
		r.firsts, r.words = append(r.firsts, first), append(r.words, word(first))
		r.starts = append(r.starts, at)
		at += int64(length)
	}
	r.starts = append(r.starts, at)
	return nil
}

var errIndex = fmt.Errorf("%w: its index has not the form of one", ErrDamaged)

// pageOf returns the number of the page in which a key would stand; -1 if it
// would stand before the first.
func (r *run) pageOf(key []byte) int {
	w := word(key)
	lo, hi := 0, len(r.words)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if compare(r.words[m], r.firsts[m], w, key) <= 0 {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo - 1
}

// read returns page i, from memory if it is there.
func (r *run) read(i int) (*page, error) {
	if c := r.pages[i].Load(); c != nil {
		if !c.used.Load() {
			c.used.Store(true)
		}
		return &c.page, nil
	}
	b := make([]byte, r.starts[i+1]-r.starts[i])
	if _, err := r.f.ReadAt(b, r.starts[i]); err != nil {
		return nil, r.wrap(err)
	}
	p, err := openPage(b)
	if err != nil {
		return nil, r.wrap(err)
	}
	r.cache.keep(r, i, p)
	return p, nil
}

// verify compares every page with its checksum.
func (r *run) verify() error {
	var b []byte
	for i := range r.pages {
		n := int(r.starts[i+1] - r.starts[i])
		if cap(b) < n {
			b = make([]byte, max(n, 2*cap(b)))
		}
		b = b[:n]
		if _, err := r.f.ReadAt(b, r.starts[i]); err != nil {
			return r.wrap(err)
		}
		if err := checkPage(b); err != nil {
			return r.wrap(err)
		}
	}
	return nil
}

func (r *run) wrap(err error) error { return fmt.Errorf("read %s: %w", filepath.Base(r.path), err) }

// close closes the file, and removes it if nothing names it any more.
func (r *run) close() error {
	for i := range r.pages {
		r.pages[i].Store(nil)
	}
	err := r.f.Close()
	if r.dead {
		err = errors.Join(err, os.Remove(r.path))
	}
	return err
}

// A cached page is in memory until the hand finds it unused twice.
type cached struct {
	page
	used atomic.Bool
}

// A cache bounds the pages in memory, of all runs of a store. A page is found
// through its run, without a lock; only reading one from disk takes it.
type cache struct {
	most int // bytes

	mu   sync.Mutex
	size int    // guarded by mu
	ring []kept // guarded by mu
	hand int    // guarded by mu
}

type kept struct {
	r *run
	i int
	c *cached
}

func (c *cache) keep(r *run, i int, p *page) {
	k := kept{r, i, &cached{page: *p}}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !r.pages[i].CompareAndSwap(nil, k.c) {
		return // another was faster
	}
	c.size += p.size()
	for c.size > c.most && len(c.ring) > 0 {
		if c.hand >= len(c.ring) {
			c.hand = 0
		}
		old := &c.ring[c.hand]
		if old.c.used.Swap(false) && old.r.pages[old.i].Load() == old.c {
			c.hand++
			continue
		}
		old.r.pages[old.i].CompareAndSwap(old.c, nil)
		c.size -= old.c.size()
		last := len(c.ring) - 1
		*old = c.ring[last]
		c.ring[last] = kept{}
		c.ring = c.ring[:last]
	}
	c.ring = append(c.ring, k)
}
