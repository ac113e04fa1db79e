package runs

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// mergeFrom is how many tables or runs of like size are worth merging.
const mergeFrom = 4

// toMerge is how many of the newest tables or runs to merge into one: each is no
// larger than all newer ones together. So a row is rewritten about as often as they
// double, there are at most a few of each size, and a small one never makes a large
// one be written again by itself. 0: none.
func toMerge[T any](all []T, size func(T) int64) int {
	n, total := 0, int64(0)
	for n < len(all) && (n == 0 || size(all[n]) <= total) {
		total += size(all[n])
		n++
	}
	if n < mergeFrom {
		return 0
	}
	return n
}

// startMerge merges runs in the background, if there are some to merge and
// nobody does it.
func (s *Store) startMerge() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.merging || s.hurry.Load() || s.closing || s.failed != nil || len(s.toMerge()) == 0 {
		return
	}
	s.merging = true
	s.work.Go(s.merge)
}

// toMerge returns the runs to merge, newest first. The caller holds mu.
func (s *Store) toMerge() []*run {
	return s.state.runs[:toMerge(s.state.runs, func(r *run) int64 { return r.size })]
}

func (s *Store) merge() {
	for {
		s.mu.Lock()
		rs := s.toMerge()
		if len(rs) == 0 || s.hurry.Load() || s.closing || s.failed != nil {
			s.merging = false
			s.cond.Broadcast()
			s.mu.Unlock()
			return
		}
		bottom := len(rs) == len(s.state.runs)
		st := s.state
		st.refs++ // keeps them open
		s.mu.Unlock()
		err := s.mergeRuns(rs, bottom)
		s.mu.Lock()
		closing := s.unref(st)
		s.mu.Unlock()
		s.closeRuns(closing)
		if err != nil && !errors.Is(err, errHurry) {
			s.fail(fmt.Errorf("merge rows in %s: %w", s.dir, err))
		}
	}
}

// mergeRuns writes one run in the place of rs. To merge the largest takes minutes:
// in a hurry it returns errHurry, and all is as it was.
func (s *Store) mergeRuns(rs []*run, bottom bool) error {
	rows := uint64(0)
	x := &scan{cursors: make([]cursor, len(rs))}
	for i, r := range rs {
		rows += r.rows
		c := &x.cursors[i]
		c.r, c.read = r, new(ahead).page
		if err := c.seek(nil); err != nil {
			return err
		}
		if c.ok {
			x.live = append(x.live, c)
		}
	}
	merged, err := s.writeRun(int(rows), func(add func(c *cursor) error) error {
		for len(x.live) > 0 {
			if s.hurry.Load() {
				return errHurry
			}
			c := x.least()
			if !c.gone || !bottom {
				if err := add(c); err != nil {
					return err
				}
			}
			if err := x.pass(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.file(func(old []*run) []*run {
		// Newer runs may have come before them meanwhile, and nothing else.
		at := slices.Index(old, rs[0])
		return slices.Concat(old[:at], []*run{merged}, old[at+len(rs):])
	}, nil)
}

// ahead reads the pages of one run one after the other, many at a time, past the
// cache.
type ahead struct {
	b    []byte
	from int64
}

func (a *ahead) page(r *run, i int) (*page, error) {
	from, to := r.starts[i], r.starts[i+1]
	if from < a.from || to > a.from+int64(len(a.b)) {
		end := r.starts[len(r.starts)-1]
		n := min(end-from, max(to-from, writeSize))
		a.b, a.from = make([]byte, n), from // pages may keep a reference to the former
		if _, err := r.f.ReadAt(a.b, from); err != nil && err != io.EOF {
			return nil, r.wrap(err)
		}
	}
	p, err := openPage(a.b[from-a.from : to-a.from])
	if err != nil {
		return nil, r.wrap(err)
	}
	return p, nil
}
