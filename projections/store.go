package projections

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/tables"
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
	familyMeta       = 'M' // Mv -> versions; Ma -> where the map stands; Ml -> oldest batch mark
	familyBatch      = 'B' // B number8 -> position reached: the batch was kept
)

var (
	keyVersion = []byte{familyMeta, 'v'}
	keyStands  = []byte{familyMeta, 'a'}
	keyOldest  = []byte{familyMeta, 'l'}
)

// storeVersion covers the store's own rows; the others are of the rows of
// the projections. All must match, or the map is rebuilt.
const storeVersion = 1

func versions() []byte {
	return []byte{storeVersion, inventory.Version, identity.Version, facets.Version, retention.Version, findings.Version, casebook.Version}
}

// A stand is what a committed batch reached.
type stand struct {
	ts          uint64 // number of the batch, Badger's commit timestamp
	position    events.Position
	recorded    events.Instant
	whole       bool   // position is the last event of its frame
	checkpoint  []byte // of the last frame applied whole
	events      uint64
	quarantined uint64
}

// A store is one directory of rows.
type store struct {
	dir     string
	cfg     Config
	db      *badger.DB
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
	at    stand          // guarded by mu
	pins  map[uint64]int // guarded by mu: open views by timestamp
	refs  int            // guarded by mu: the map's own and one per view
	open  atomic.Int64   // views
	purge bool           // guarded by mu: remove the directory with the last reference
}

func openStore(dir string, cfg Config) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := checkSpace(dir, cfg.MinFree); err != nil {
		return nil, err
	}
	if err := tables.Check(dir, compression); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRebuildNeeded, err)
	}
	db, err := badger.OpenManaged(badgerOptions(dir, cfg))
	if err != nil {
		return nil, explain(err)
	}
	s := &store{dir: dir, cfg: cfg, db: db, pins: make(map[uint64]int), refs: 1}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// compression costs as much time as the lighter kind and saves a tenth more.
const compression = options.ZSTD

// badgerOptions: durable per batch (E3: without the sync a torn older log would
// leave the position ahead of its rows), one version kept, no conflicts to
// detect since there is one writer, values beside their keys.
func badgerOptions(dir string, cfg Config) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(badgerLog{cfg.Log}).
		WithSyncWrites(true).
		WithDetectConflicts(false).
		WithNumVersionsToKeep(1).
		WithMemTableSize(cfg.MemTable).
		WithNumMemtables(3).
		WithNumCompactors(2).
		WithBlockCacheSize(cfg.BlockCache).
		WithIndexCacheSize(cfg.IndexCache).
		WithValueThreshold(min(1<<20, cfg.MemTable/16)).
		WithValueLogFileSize(max(1<<20, min(64<<20, cfg.MemTable))).
		WithCompression(compression).
		WithZSTDCompressionLevel(1).
		WithBlockSize(8 << 10).
		WithChecksumVerificationMode(options.OnBlockRead). /* whole tables: see tables.Check */
		WithMetricsEnabled(false)
}

// explain adds what to do to an error of opening Badger.
func explain(err error) error {
	switch {
	case errors.Is(err, badger.ErrTruncateNeeded), errors.Is(err, badger.ErrEncryptionKeyMismatch):
		return fmt.Errorf("%w: %w", ErrRebuildNeeded, err)
	case strings.Contains(err.Error(), "directory lock"):
		return fmt.Errorf("another process has the map open: %w", err)
	case errors.Is(err, os.ErrPermission):
		return err
	}
	return fmt.Errorf("%w: %w", ErrRebuildNeeded, err)
}

// load reads what the store needs in memory, and checks that it is whole.
func (s *store) load() error {
	r := s.reader(math.MaxUint64)
	defer r.close()
	v, ok, err := r.Get(keyVersion)
	if err != nil {
		return err
	}
	if !ok {
		if empty, err := r.empty(); err != nil || !empty {
			return errors.Join(err, fmt.Errorf("%w: it holds rows but no version", ErrRebuildNeeded))
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
	// The write-ahead logs may have lost a batch in the middle and kept a later
	// one. Then the position is ahead of the rows, which must never be served.
	if err := r.checkBatches(s.at); err != nil {
		return fmt.Errorf("%w: %w", ErrRebuildNeeded, err)
	}
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
	r.families(func(f byte) { s.used[f].Store(true) })
	return nil
}

func (s *store) committed() stand {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// advance lets readers see a batch that is durable, and lets compaction drop
// what no open view can still see.
func (s *store) advance(at stand) {
	s.mu.Lock()
	s.at = at
	oldest := at.ts
	for ts := range s.pins {
		oldest = min(oldest, ts)
	}
	s.db.SetDiscardTs(oldest)
	s.mu.Unlock()
	if s.onAdvance != nil {
		s.onAdvance()
	}
}

// pin takes a reference and keeps everything that is visible now.
func (s *store) pin() stand {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refs++
	s.pins[s.at.ts]++
	s.open.Add(1)
	return s.at
}

func (s *store) unpin(ts uint64) error {
	s.mu.Lock()
	if s.pins[ts]--; s.pins[ts] == 0 {
		delete(s.pins, ts)
	}
	s.open.Add(-1)
	s.mu.Unlock()
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
	err := s.db.Close()
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
