package runs

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/habeas-data/habeas/internal/atomicfile"
	"github.com/habeas-data/habeas/internal/failpoint"
)

// flush writes what was handed over as a run, until nothing is.
func (s *Store) flush() {
	for {
		s.mu.Lock()
		tables := s.tables
		if s.handed == nil || s.failed != nil {
			s.flushing = false
			s.cond.Broadcast()
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		if err := s.writeTables(tables); err != nil {
			s.fail(fmt.Errorf("write rows to %s: %w", s.dir, err))
			continue
		}
		s.startMerge()
	}
}

func (s *Store) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = err
	}
	s.cond.Broadcast()
}

// writeTables makes a run of the tables handed over.
func (s *Store) writeTables(tables []*table) error {
	in := tables[0].in // the newest has every chunk
	all := mergeTables(tables, in)
	s.mu.Lock()
	bottom := len(s.state.runs) == 0
	s.mu.Unlock()
	r, err := s.writeRun(len(all), func(add func(c *cursor) error) error {
		c := &cursor{rows: all, in: in}
		for {
			if err := c.step(); err != nil || !c.ok {
				return err
			}
			if bottom && c.gone {
				continue
			}
			if err := add(c); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return err
	}
	return s.file(func(old []*run) []*run { return append([]*run{r}, old...) }, func() { s.handed, s.tables = nil, nil })
}

// writeRun writes a file of rows, synced, that the manifest does not name yet.
func (s *Store) writeRun(most int, rows func(add func(c *cursor) error) error) (*run, error) {
	s.mu.Lock()
	id := s.next
	s.next++
	s.mu.Unlock()
	w, err := newRunWriter(runPath(s.dir, id), s.cfg.Prefix, most)
	if err != nil {
		return nil, err
	}
	err = rows(func(c *cursor) error {
		h := c.hash
		if h == 0 {
			h = hash(c.key)
		}
		return w.add(c.key, c.value, c.gone, h)
	})
	if err != nil {
		return nil, errors.Join(err, w.abandon())
	}
	if err := w.finish(); err != nil {
		return nil, errors.Join(err, os.Remove(w.f.Name()))
	}
	failpoint.Hit("runs.written")
	return openRun(s.dir, id, s.cache)
}

// file replaces the list of runs, on disk and then for readers. Runs that are
// not in it any more go once nobody sees them. With mu held, list makes the new
// list of the old one, newest first; then, if it is not nil, runs when readers
// are given the new one.
func (s *Store) file(list func(old []*run) []*run, then func()) error {
	s.filing.Lock()
	defer s.filing.Unlock()
	if err := atomicfile.SyncDir(s.dir); err != nil { // the name of a new run, before the manifest that has it
		return err
	}
	s.mu.Lock()
	old := s.state.runs // nobody else changes them
	next := list(old)
	m := manifest{next: s.next}
	s.mu.Unlock()
	for _, r := range slices.Backward(next) {
		m.runs = append(m.runs, listed{r.id, r.size})
	}
	if err := writeManifest(s.dir, &m); err != nil {
		return err
	}
	failpoint.Hit("runs.listed")
	s.mu.Lock()
	for _, r := range old {
		r.dead = !slices.Contains(next, r)
	}
	if then != nil {
		then()
	}
	closing := s.replace(slices.Concat(s.mine, s.tables), next)
	s.cond.Broadcast()
	s.mu.Unlock()
	s.closeRuns(closing)
	return nil
}
