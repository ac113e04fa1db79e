package runs

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
)

var (
	// ErrLocked: another process has the store open.
	ErrLocked = errors.New("the directory is in use by another process")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("the store is closed")

	errOver  = errors.New("the batch is over already")
	errHurry = errors.New("the merge was given up")
)

// A Config says how much memory a store may use. The zero value works.
type Config struct {
	// Memory is how many bytes of keys and values lie in memory before they are
	// written (16 MB). Half as much again may be there while that happens, and
	// each row takes about a hundred bytes beside its own.
	Memory int
	// Cache is how many bytes of pages read are kept (64 MB).
	Cache int
	// Prefix is the length from which a scan asks for the rows of one thing: such
	// a scan passes over what certainly has none (0: there is no such length).
	Prefix int
	Log    *slog.Logger
}

// A Store is an open directory of rows.
type Store struct {
	dir   string
	cfg   Config
	cache *cache
	free  func() error // gives back the lock

	// Of the writer.
	gen  *generation
	open bool // a batch is

	mu       sync.Mutex
	cond     *sync.Cond
	state    *state      // guarded by mu
	mine     []*table    // of gen, newest first; the writer changes it, with mu
	handed   *generation // guarded by mu; being written as a run; nil if none
	tables   []*table    // guarded by mu; of handed
	next     uint64      // guarded by mu; number of the next run
	merging  bool        // guarded by mu
	flushing bool        // guarded by mu
	closing  bool        // guarded by mu
	failed   error       // guarded by mu; nothing is written any more

	filing sync.Mutex // held while the manifest is replaced
	work   sync.WaitGroup
	hurry  atomic.Bool // somebody waits for the merge to end: it gives up what it has
}

// Open opens the store in a directory, and makes an empty one if there is none.
// It returns an error that is ErrLocked or ErrDamaged, or one of the file system.
// What it opens is whole: every page was compared with its checksum.
func Open(dir string, cfg Config) (*Store, error) {
	if cfg.Memory == 0 {
		cfg.Memory = 16 << 20
	}
	if cfg.Cache == 0 {
		cfg.Cache = 64 << 20
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	free, err := lock(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, cfg: cfg, cache: &cache{most: cfg.Cache}, free: free, gen: newGeneration(), state: &state{refs: 1}}
	s.cond = sync.NewCond(&s.mu)
	if err := s.load(); err != nil {
		s.closeRuns(s.state.runs)
		return nil, errors.Join(err, free())
	}
	return s, nil
}

func (s *Store) load() error {
	m, err := readManifest(s.dir)
	if err != nil {
		return err
	}
	if err := sweep(s.dir, m); err != nil {
		return err
	}
	if m == nil {
		s.next = 1
		return nil
	}
	s.next = m.next
	for _, l := range m.runs {
		r, err := openRun(s.dir, l.id, s.cache)
		if err != nil {
			return err
		}
		r.refs = 1
		s.state.runs = append([]*run{r}, s.state.runs...) // newest first
		if r.size != l.size || r.prefix != s.cfg.Prefix {
			return fmt.Errorf("%w: %s is not the run that the manifest names", ErrDamaged, filepath.Base(r.path))
		}
		if err := r.verify(); err != nil {
			return err
		}
	}
	return nil
}

// Verify compares every page on disk with its checksum.
func (s *Store) Verify() error {
	v := s.Snapshot()
	defer v.Release()
	var errs []error
	for _, r := range v.st.runs {
		errs = append(errs, r.verify())
	}
	return errors.Join(errs...)
}

// Err is why nothing is written any more; nil while all is well.
func (s *Store) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// Empty reports whether nothing was ever committed.
func (s *Store) Empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.state.tables)+len(s.state.runs) == 0
}

// Size is how many bytes the runs take on disk.
func (s *Store) Size() (n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.state.runs {
		n += r.size
	}
	return n
}

// Absent reports whether there is certainly no row of the key, without a look at
// the disk. False says nothing.
func (s *Store) Absent(key []byte) bool {
	h := hash(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	for _, t := range s.state.tables {
		if t.filter.has(h) && (t.filter != nil || t.get(key, h) != nil) {
			return false
		}
	}
	for _, r := range s.state.runs {
		if r.filter.has(h) {
			return false
		}
	}
	return true
}

// replace makes the tables and runs given what readers see. The caller holds mu
// and closes the runs returned once it has let go of it.
func (s *Store) replace(tables []*table, runs []*run) (closing []*run) {
	old := s.state
	s.state = &state{tables: tables, runs: runs, mark: old.mark, refs: 1}
	for _, r := range runs {
		r.refs++
	}
	return s.unref(old)
}

// unref gives up one reference to a state and returns the runs that nobody sees
// any more. The caller holds mu.
func (s *Store) unref(st *state) (closing []*run) {
	if st.refs--; st.refs > 0 {
		return nil
	}
	for _, r := range st.runs {
		if r.refs--; r.refs == 0 {
			closing = append(closing, r)
		}
	}
	return closing
}

func (s *Store) closeRuns(rs []*run) {
	for _, r := range rs {
		if err := r.close(); err != nil {
			s.cfg.Log.Warn("a file of rows that are not needed any more stays", "file", r.path, "err", err)
		}
	}
}

// largeTable is the number of rows from which a table stays as it is until it is
// written: to merge more takes the writer longer than it should.
const largeTable = 1 << 15

// commit lets readers see rows of the writer.
func (s *Store) commit(rows []entry, mark any) error {
	mine := s.mine
	if len(rows) > 0 {
		mine = append([]*table{sortedTable(rows, s.gen.in)}, mine...)
	}
	small := 0
	for small < len(mine) && len(mine[small].rows) < largeTable {
		small++
	}
	if n := toMerge(mine[:small], func(t *table) int64 { return int64(len(t.rows)) }); n > 0 {
		mine = append([]*table{newTable(mergeTables(mine[:n], s.gen.in), s.gen.in)}, mine[n:]...)
	}
	s.mu.Lock()
	err := s.failed
	if s.closing {
		err = ErrClosed
	}
	if err != nil {
		s.mu.Unlock()
		return err
	}
	s.mine = mine
	closing := s.replace(slices.Concat(s.mine, s.tables), s.state.runs)
	s.state.mark = mark
	s.mu.Unlock()
	s.closeRuns(closing)
	if s.gen.bytes >= s.cfg.Memory {
		return s.handOver()
	}
	return nil
}

// handOver gives the writer's generation away to be written as a run, once the
// one before has been.
func (s *Store) handOver() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.handed != nil && s.failed == nil {
		s.cond.Wait()
	}
	if s.failed != nil {
		return s.failed
	}
	if len(s.mine) == 0 {
		return nil
	}
	s.handed, s.tables = s.gen, s.mine
	s.gen, s.mine = newGeneration(), nil
	if !s.flushing {
		s.flushing = true
		s.work.Go(s.flush)
	}
	return nil
}

// Flush makes everything committed durable. No batch may be open. It is called
// by the writer.
func (s *Store) Flush() error {
	if s.open {
		return errors.New("a batch is open")
	}
	if err := s.handOver(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.handed != nil && s.failed == nil {
		s.cond.Wait()
	}
	return s.failed
}

// Close makes everything committed durable and closes the store; snapshots must
// have been released. It is called by the writer, twice is fine.
func (s *Store) Close() error {
	s.mu.Lock()
	closed := s.closing
	s.mu.Unlock()
	if closed {
		return nil
	}
	s.hurry.Store(true)
	err := s.Flush()
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.work.Wait()
	s.mu.Lock()
	closing := s.replace(nil, nil)
	s.mu.Unlock()
	s.closeRuns(closing)
	return errors.Join(err, s.free())
}

// Clear removes every row. No batch and no snapshot may be open.
func (s *Store) Clear() error {
	s.hurry.Store(true)
	defer s.hurry.Store(false)
	if err := s.Flush(); err != nil {
		return err
	}
	s.mu.Lock()
	for s.flushing || s.merging {
		s.cond.Wait()
	}
	s.mu.Unlock()
	err := s.file(func([]*run) []*run { return nil }, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.mark = nil
	return err
}

// Remove deletes the files of a closed store, and nothing else.
func Remove(dir string) error {
	free, err := lock(dir)
	if err != nil {
		return err
	}
	// A crash after the manifest is gone leaves runs that the next Open removes.
	err = os.Remove(filepath.Join(dir, manifestName))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = sweep(dir, nil)
	}
	return errors.Join(err, free())
}
