package measure

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
)

// Callers and their batches: 8192 events are outstanding, so that each fsync is
// shared by hundreds. PostgreSQL, with two connections, has 10,000.
const (
	callers   = 16
	callBatch = 512
)

// JournalAlone measures durable appends of events that need nothing more than
// the journal: its grouping, its chain, its table of repeats, its fsync. Then
// a map catches up with it, and is rebuilt.
func JournalAlone(ctx context.Context, o Options, dir string) (m Metrics, err error) {
	j, err := journal.Open(ctx, journal.Config{Dir: filepath.Join(dir, "journal")})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	log, err := j.Events(ctx)
	if err != nil {
		return nil, err
	}
	m = Metrics{}
	var last latest
	s, err := submit(ctx, o, invent, func(ctx context.Context, list []*events.Observation) error {
		evs := make([]*events.Event, len(list))
		for i, o := range list {
			evs[i] = &o.Event
		}
		res, err := log.Append(ctx, evs, 0, 1)
		if err == nil {
			last.see(res[len(res)-1].Position)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.Report(m, "habeas.journal", o.Events)
	if got := log.Last().Next; got != uint64(o.Events) {
		return nil, fmt.Errorf("the journal holds %d of %d events", got, o.Events)
	}
	stats := log.Stats()
	m["habeas.journal.frame_events"] = float64(o.Events) / float64(max(stats.Frames, 1))
	return m, measureMap(ctx, o, dir, log, last.position(), m)
}

// latest is the last position seen by many callers.
type latest struct {
	mu  sync.Mutex
	pos events.Position // guarded by mu
}

func (l *latest) see(p events.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.Compare(l.pos) > 0 {
		l.pos = p
	}
}

func (l *latest) position() events.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pos
}

// submit has callers send the whole load, each waiting for its answer, and
// returns the stretch without the generator's processor time.
func submit(ctx context.Context, o Options, ready func(*events.Observation), send func(context.Context, []*events.Observation) error) (Stretch, error) {
	done := make(chan struct{})
	defer close(done)
	feed := NewFeed(done, o, callBatch, ready)
	work, ctx := errgroup.WithContext(ctx)
	meter := StartMeter()
	for range callers {
		work.Go(func() error {
			for list := range feed.Chunks {
				if err := send(ctx, list); err != nil {
					return err
				}
				feed.Reuse(list)
			}
			return nil
		})
	}
	err := work.Wait()
	s := meter.Stop()
	s.Generated = feed.CPU()
	s.CPU -= s.Generated
	return s, err
}

// Seconds a million units would take at this stretch's pace.
func (s Stretch) perMillion(n int) float64 {
	return s.Wall.Seconds() * 1e6 / float64(n)
}
