package projections

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/habeas-data/habeas/events"
)

// Progress says how far a rebuild is.
type Progress struct {
	Position events.Position
	Events   uint64
}

// rebuildKeys is the batch size of a rebuild: nobody waits.
const rebuildKeys = 8000

// Rebuild makes a new map from the journal while the old one serves, then
// switches to it at once. Views that are open keep reading the old one. It may
// run beside Run. If it returns an error the old map is still in use; a crash at
// any step leaves one of the two, whole.
func (m *Map) Rebuild(ctx context.Context, progress func(Progress)) error {
	if !m.rebuilding.TryLock() {
		return errors.New("rebuild map: a rebuild is running already")
	}
	defer m.rebuilding.Unlock()
	b, err := beginBuild(m.cfg)
	if err != nil {
		return fmt.Errorf("rebuild map: %w", err)
	}
	err = b.catchUp(ctx, progress)
	if err == nil {
		err = m.switchTo(ctx, b, progress)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("rebuild map: %w", err), b.abandon())
	}
	return nil
}

// Rebuild makes a new map from the journal where none can be opened, because
// the old one is of another version or damaged. The caller has the data
// directory to itself (the journal's lock sees to that).
func Rebuild(ctx context.Context, cfg Config, progress func(Progress)) error {
	cfg = cfg.withDefaults()
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("rebuild map: %w", err)
	}
	b, err := beginBuild(cfg)
	if err != nil {
		return fmt.Errorf("rebuild map: %w", err)
	}
	if err := b.catchUp(ctx, progress); err != nil {
		return errors.Join(fmt.Errorf("rebuild map: %w", err), b.abandon())
	}
	b.feed.close()
	if err := b.store.rows.Flush(); err != nil {
		return errors.Join(fmt.Errorf("rebuild map: %w", err), b.store.retire())
	}
	// A crash before this leaves the old build in use and the new one to be
	// removed by the next Open; after it, the reverse.
	if err := writeCurrent(cfg.Dir, b.number); err != nil {
		return errors.Join(fmt.Errorf("rebuild map: %w", err), b.store.retire())
	}
	return errors.Join(b.store.release(), removeLeftovers(cfg.Dir, b.store.dir))
}

// A build is a map in the making.
type build struct {
	number int
	store  *store
	feed   *feed
}

func beginBuild(cfg Config) (*build, error) {
	all, err := builds(cfg.Dir)
	if err != nil {
		return nil, err
	}
	n, err := readCurrent(cfg.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, ErrRebuildNeeded) {
		return nil, err
	}
	for _, x := range all {
		n = max(n, x)
	}
	b := &build{number: n + 1}
	cfg.BatchKeys = max(cfg.BatchKeys, rebuildKeys)
	if b.store, err = openStore(buildDir(cfg.Dir, b.number), cfg); err != nil {
		return nil, err
	}
	if b.feed, err = newFeed(b.store); err != nil {
		return nil, errors.Join(err, b.store.retire())
	}
	return b, nil
}

// catchUp replays the journal to its end as of now.
func (b *build) catchUp(ctx context.Context, progress func(Progress)) error {
	src := b.store.cfg.Source
	last := b.feed.at.batches
	err := src.Replay(ctx, b.feed.at.checkpoint, func(seq uint64, f *events.Frame, next []byte) error {
		if err := b.feed.frame(seq, f, next); err != nil {
			return err
		}
		if at := &b.feed.at; progress != nil && at.batches != last {
			last = at.batches
			progress(Progress{at.position, at.events})
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	if err := b.feed.flush(); err != nil {
		return err
	}
	if at := b.store.committed(); progress != nil {
		progress(Progress{at.position, at.events})
	}
	return nil
}

// switchTo puts the new map in the place of the old one. Taking in frames
// pauses while the last of them are replayed, so that no reader sees the map go
// back.
func (m *Map) switchTo(ctx context.Context, b *build, progress func(Progress)) error {
	for range 3 { // most of what came in meanwhile, without pausing anybody
		if err := b.catchUp(ctx, progress); err != nil {
			return err
		}
	}
	m.apply.Lock()
	defer m.apply.Unlock()
	if err := b.catchUp(ctx, progress); err != nil {
		return err
	}
	if was, is := m.Applied(), b.store.committed().position; is.Compare(was) < 0 {
		return fmt.Errorf("the journal ends at %s, the old map stands at %s", is, was)
	}
	b.store.cfg.BatchKeys = m.cfg.BatchKeys
	b.store.onAdvance = m.advanced
	m.mu.Lock()
	closed := m.closed
	m.mu.Unlock()
	if closed {
		return ErrClosed
	}
	if err := b.feed.durable(); err != nil {
		return err
	}
	// A crash before this leaves the old build in use and the new one to be
	// removed by the next Open; after it, the reverse.
	if err := writeCurrent(m.cfg.Dir, b.number); err != nil {
		return err
	}
	m.adopt(b)
	return nil
}

func (m *Map) adopt(b *build) {
	if m.feed != nil {
		m.feed.close()
		m.feed = b.feed
	} else {
		b.feed.close()
	}
	m.mu.Lock()
	old := m.cur
	m.cur = b.store
	m.mu.Unlock()
	m.advanced()
	// The new map serves: what goes wrong with the old one, which may be why there
	// is a new one, undoes nothing. What stays of it the next Open removes.
	if err := old.retire(); err != nil {
		m.cfg.Log.Warn("the former map could not be closed and removed as it should", "err", err)
	}
}

// abandon removes a build that failed.
func (b *build) abandon() error {
	b.feed.close()
	return b.store.retire()
}
