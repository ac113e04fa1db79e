package projections

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/runs"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/findings"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/retention"
)

// Families of keys that belong to the store itself.
const (
	familySymbol     = 'C' // C number8 -> code
	familyQuarantine = 'Q' // Q generation4 sequence8 index4 -> recorded, reason
	familyMeta       = 'M' // Mv -> versions; Ma -> where the map stands
)

var (
	keyVersion = []byte{familyMeta, 'v'}
	keyStands  = []byte{familyMeta, 'a'}
)

// storeVersion covers the store's own rows; the others are of the rows of
// the projections. All must match, or the map is rebuilt.
const storeVersion = 2

func versions() []byte {
	return []byte{storeVersion, inventory.Version, identity.Version, facets.Version, retention.Version, findings.Version, casebook.Version}
}

// A stand is what a committed batch reached.
type stand struct {
	batches     uint64
	position    events.Position // the last event of a frame
	recorded    events.Instant
	checkpoint  []byte // of that frame
	events      uint64
	quarantined uint64
}

// A store is one directory of rows.
type store struct {
	dir     string
	cfg     Config
	rows    *runs.Store
	symbols *symbols
	gone    *inventory.Retractions
	bodies  *inventory.Templates
	facets  *facets.Index
	// used families have, or had, a row: set when one is first written, before it
	// is committed, and at the start.
	used [256]atomic.Bool
	// onAdvance is called after each commit; set before the first.
	onAdvance func()

	mu    sync.Mutex
	at    stand        // guarded by mu
	refs  int          // guarded by mu: the map's own and one per view
	open  atomic.Int64 // views
	purge bool         // guarded by mu: remove the directory with the last reference
}

// handleRows is the length from which a prefix is that of the rows of one
// handle: a family and a handle.
const handleRows = 1 + 16

func openStore(dir string, cfg Config) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := checkSpace(dir, cfg.MinFree); err != nil {
		return nil, err
	}
	rows, err := runs.Open(dir, runs.Config{Memory: cfg.Memory, Cache: cfg.Cache, Prefix: handleRows, Log: cfg.Log})
	if err != nil {
		return nil, explain(err)
	}
	s := &store{dir: dir, cfg: cfg, rows: rows, refs: 1}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	return s, nil
}

// explain adds what to do to an error of opening the rows.
func explain(err error) error {
	switch {
	case errors.Is(err, runs.ErrLocked):
		return fmt.Errorf("another process has the map open: %w", err)
	case errors.Is(err, runs.ErrDamaged):
		return fmt.Errorf("%w: %w", ErrRebuildNeeded, err)
	}
	return err
}

// load reads what the store needs in memory, and checks that it is whole.
func (s *store) load() error {
	rows := s.rows.Snapshot()
	r := &reader{s: s, rows: rows}
	defer r.close()
	v, ok, err := r.Get(keyVersion)
	if err != nil {
		return err
	}
	if !ok {
		if !s.rows.Empty() {
			return fmt.Errorf("%w: it holds rows but no version", ErrRebuildNeeded)
		}
		s.symbols, s.gone, s.bodies, s.facets = newSymbols(), inventory.NewRetractions(), inventory.NewTemplates(), facets.NewIndex()
		return nil
	}
	if string(v) != string(versions()) {
		return fmt.Errorf("%w: it has version %v, this program writes %v", ErrRebuildNeeded, v, versions())
	}
	if s.at, err = r.stand(); err != nil {
		return fmt.Errorf("%w: %w", ErrRebuildNeeded, err)
	}
	r.limit = s.at.position // facets are made of what was taken back by then
	if s.symbols, err = loadSymbols(r); err != nil {
		return fmt.Errorf("%w: %w", ErrRebuildNeeded, err)
	}
	if s.bodies, err = inventory.LoadTemplates(r); err != nil {
		return fmt.Errorf("%w: %w", ErrRebuildNeeded, err)
	}
	if s.gone, err = inventory.LoadRetractions(r); err != nil {
		return fmt.Errorf("%w: %w", ErrRebuildNeeded, err)
	}
	if s.facets, err = facets.Load(r, s.at.position); err != nil {
		return fmt.Errorf("%w: %w", ErrRebuildNeeded, err)
	}
	return families(rows, func(f byte) { s.used[f].Store(true) })
}

func (s *store) committed() stand {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// advance says what readers see after a commit.
func (s *store) advance(at stand) {
	s.mu.Lock()
	s.at = at
	s.mu.Unlock()
	if s.onAdvance != nil {
		s.onAdvance()
	}
}

// hold takes a reference for a view.
func (s *store) hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refs++
	s.open.Add(1)
}

func (s *store) letGo() error {
	s.open.Add(-1)
	return s.release()
}

func (s *store) views() int { return int(s.open.Load()) }

// release gives up one reference; with the last the store is closed, and
// removed if it has been replaced.
func (s *store) release() error {
	s.mu.Lock()
	s.refs--
	last, purge := s.refs == 0, s.purge
	s.mu.Unlock()
	if !last {
		return nil
	}
	err := s.rows.Close()
	if purge {
		// A crash here leaves a directory that CURRENT does not name; the next
		// Open removes it.
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	if err != nil {
		return fmt.Errorf("close map in %s: %w", s.dir, err)
	}
	return nil
}

// retire gives up the map's own reference and has the directory removed once
// the last reader is gone.
func (s *store) retire() error {
	s.mu.Lock()
	s.purge = true
	s.mu.Unlock()
	return s.release()
}
