package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
)

// A Source is the event log. A checkpoint is opaque here: the bytes that the
// log handed out with a frame, from which it continues after that frame. The
// empty checkpoint is the beginning. Frames come in order without gaps, and fn
// returning an error ends the call with that error.
type Source interface {
	// Replay calls fn for every frame up to the end as of the call.
	Replay(ctx context.Context, from []byte, fn func(seq uint64, f *events.Frame, next []byte) error) error
	// Follow calls fn for every frame until ctx ends. It refuses a checkpoint
	// that is not of this log, or beyond its end.
	Follow(ctx context.Context, from []byte, fn func(seq uint64, f *events.Frame, next []byte) error) error
}

var (
	// ErrRebuildNeeded: the store was written by another version, or is damaged.
	// Rebuild makes a new one from the journal; nothing is lost.
	ErrRebuildNeeded = errors.New("the map must be rebuilt from the journal (habeas rebuild)")
	// ErrClosed: the map was closed.
	ErrClosed = errors.New("map is closed")
	// ErrDiskSpace: the disk is too full to write on safely.
	ErrDiskSpace = errors.New("not enough disk space for the map")
)

// A Config is what a map needs. The zero value of every field but Dir and
// Source works.
type Config struct {
	Dir    string // the map's own directory, <data>/map; made if absent
	Source Source
	Log    *slog.Logger
	Now    func() time.Time // only for the lag shown in Stats

	// BatchKeys ends a batch once this many rows are to be written (2000).
	BatchKeys int
	// Idle ends a smaller batch once no frame has come for this long (5 ms).
	Idle time.Duration
	// Memory is how many bytes of rows wait in memory until they are written
	// together (16 MB); Cache how many bytes of what was read stay there (128 MB).
	Memory, Cache int
	// MinFree stops writing while the disk has less room than this (256 MB).
	MinFree uint64
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.BatchKeys = orDefault(c.BatchKeys, 2000)
	c.Idle = orDefault(c.Idle, 5*time.Millisecond)
	c.Memory = orDefault(c.Memory, 16<<20)
	c.Cache = orDefault(c.Cache, 128<<20)
	c.MinFree = orDefault(c.MinFree, 256<<20)
	return c
}

func orDefault[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}

// A Map is the open map.
type Map struct {
	cfg Config

	running    sync.Mutex // held by Run, so that a second one is refused
	rebuilding sync.Mutex // held by Rebuild, likewise
	// apply is held while a frame is taken in, and by Rebuild while it switches.
	apply sync.Mutex

	mu     sync.Mutex
	cur    *store        // guarded by mu; the store that serves
	moved  chan struct{} // guarded by mu; closed and replaced when cur advances
	closed bool          // guarded by mu
	failed error         // guarded by mu; why Run stopped for good
	feed   *feed         // guarded by apply; what Run writes into
}

// Open opens the map that CURRENT names, or begins an empty one.
func Open(ctx context.Context, cfg Config) (*Map, error) {
	cfg = cfg.withDefaults()
	if cfg.Dir == "" || cfg.Source == nil {
		return nil, errors.New("open map: Dir and Source are required")
	}
	dir, err := currentDir(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("open map in %s: %w", cfg.Dir, err)
	}
	s, err := openStore(dir, cfg)
	if err != nil {
		return nil, fmt.Errorf("open map in %s: %w", dir, err)
	}
	// Holding the store's lock means that no other process is at work here, so
	// what CURRENT does not name was left by a crash.
	if err := removeLeftovers(cfg.Dir, dir); err != nil {
		return nil, errors.Join(fmt.Errorf("open map in %s: %w", cfg.Dir, err), s.release())
	}
	m := &Map{cfg: cfg, cur: s, moved: make(chan struct{})}
	s.onAdvance = m.advanced
	return m, nil
}

// advanced wakes those who wait for a position.
func (m *Map) advanced() {
	m.mu.Lock()
	defer m.mu.Unlock()
	close(m.moved)
	m.moved = make(chan struct{})
}

// Facets is the index of the store that serves. It is never behind what readers
// of a View see by more than the batch that is being committed; WaitFor its
// position before reading both.
func (m *Map) Facets() *facets.Index {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cur.facets
}

// Applied is the position of the last event that readers see.
func (m *Map) Applied() events.Position {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cur.committed().position
}

// WaitFor returns once readers see the event at pos. It returns an error if ctx
// ends first, or if the map has stopped following.
func (m *Map) WaitFor(ctx context.Context, pos events.Position) error {
	for {
		m.mu.Lock()
		at, moved, failed, closed := m.cur.committed().position, m.moved, m.failed, m.closed
		m.mu.Unlock()
		switch {
		case at.Compare(pos) >= 0:
			return nil
		case closed:
			return ErrClosed
		case failed != nil:
			return fmt.Errorf("wait for position %s: the map stopped at %s: %w", pos, at, failed)
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("wait for position %s, map is at %s: %w", pos, at, context.Cause(ctx))
		}
	}
}

// Close lets go of the store. Views that are open stay readable until they are
// closed; the directory is released with the last of them. Run must have
// returned.
func (m *Map) Close() error {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil
	}
	m.closed = true
	s := m.cur
	close(m.moved)
	m.moved = make(chan struct{})
	m.mu.Unlock()
	return s.release()
}

// Stats are numbers for health and metrics. They name nobody.
type Stats struct {
	Position    events.Position
	Recorded    events.Instant // stamp of the last frame applied
	Lag         time.Duration  // now less Recorded, while there is something applied
	Events      uint64         // applied since the beginning of the journal
	Batches     uint64         // committed since the beginning of the store
	Quarantined uint64         // could not be read or placed
	Retractions int
	Symbols     int
	Views       int
	DiskBytes   int64
	Failed      error // why the map stopped following, if it has
}

// Stats reports where the map stands.
func (m *Map) Stats() Stats {
	m.mu.Lock()
	s, failed := m.cur, m.failed
	m.mu.Unlock()
	at := s.committed()
	st := Stats{
		Position: at.position, Recorded: at.recorded, Events: at.events, Batches: at.batches,
		Quarantined: at.quarantined, Retractions: s.gone.Len(), Symbols: s.symbols.len(),
		Views: s.views(), Failed: failed,
	}
	st.DiskBytes = s.rows.Size()
	if st.Failed == nil {
		st.Failed = s.rows.Err()
	}
	if !at.recorded.IsZero() {
		st.Lag = max(0, m.cfg.Now().Sub(at.recorded.Time()))
	}
	return st
}
