package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// queued is how many frames may wait between the log and the map: enough to
// keep the map busy, few enough to bound memory (a frame is at most 256 KB).
const queued = 32

type delivery struct {
	seq   uint64
	frame *events.Frame
	next  []byte
}

// Run follows the event log into the map until ctx ends, and then returns nil.
// Any other end is an error: the map keeps serving what it has, and says in
// Stats and WaitFor why it stands still.
func (m *Map) Run(ctx context.Context) error {
	if !m.running.TryLock() {
		return errors.New("run map: it is running already")
	}
	defer m.running.Unlock()
	err := m.run(ctx)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("run map: %w", err)
		m.mu.Lock()
		m.failed = err
		m.mu.Unlock()
		m.advanced()
		return err
	}
	return nil
}

func (m *Map) run(ctx context.Context) error {
	from, err := m.start()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	frames := make(chan delivery, queued)
	ended := make(chan error, 1)
	go func() {
		ended <- m.cfg.Source.Follow(ctx, from, func(seq uint64, f *events.Frame, next []byte) error {
			select {
			case frames <- delivery{seq, f, next}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	err, over := m.loop(ctx, frames, ended)
	cancel()
	if !over {
		<-ended // no goroutine outlives Run
	}
	return errors.Join(err, m.stop(err))
}

// start prepares the feed and returns the checkpoint to follow from.
func (m *Map) start() ([]byte, error) {
	m.apply.Lock()
	defer m.apply.Unlock()
	m.mu.Lock()
	s, closed := m.cur, m.closed
	m.failed = nil
	m.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	f, err := newFeed(s)
	if err != nil {
		return nil, err
	}
	m.feed = f
	return f.at.checkpoint, nil
}

// loop takes frames until ctx or the log ends. over says that the log's
// goroutine has ended.
func (m *Map) loop(ctx context.Context, frames <-chan delivery, ended <-chan error) (err error, over bool) {
	idle := time.NewTimer(time.Hour)
	defer idle.Stop()
	for {
		select {
		case d := <-frames:
			if err := m.take(d); err != nil {
				return err, false
			}
			idle.Reset(m.cfg.Idle)
		case <-idle.C:
			if err := m.flush(); err != nil {
				return err, false
			}
		case err := <-ended:
			if err == nil && ctx.Err() == nil {
				err = errors.New("the event log ended")
			}
			return err, true
		case <-ctx.Done():
			return nil, false
		}
	}
}

func (m *Map) take(d delivery) error {
	m.apply.Lock()
	defer m.apply.Unlock()
	return m.feed.frame(d.seq, d.frame, d.next)
}

func (m *Map) flush() error {
	m.apply.Lock()
	defer m.apply.Unlock()
	return m.feed.flush()
}

// stop ends the feed. After a failure nothing more is written: whether the last
// batch was kept is for the next Open to find out.
func (m *Map) stop(failed error) error {
	m.apply.Lock()
	defer m.apply.Unlock()
	f := m.feed
	m.feed = nil
	var err error
	if failed == nil || errors.Is(failed, context.Canceled) {
		err = f.flush()
	}
	f.close()
	return err
}
