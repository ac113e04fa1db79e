package journal

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/failpoint"
)

// run is the committer: it takes the open frame, saves it and acknowledges,
// until the tape is closed or can no longer write.
func (t *tape) run() {
	defer close(t.done)
	for {
		select {
		case <-t.wake:
		case <-t.closing:
			t.drain()
			return
		}
		for t.turn() {
		}
	}
}

// turn saves one frame and reports whether there may be another.
func (t *tape) turn() bool {
	t.gather()
	f := t.take()
	if f == nil {
		return false
	}
	began := time.Now()
	n, err := t.commit(f)
	t.took = time.Since(began)
	if err == nil {
		t.stats.saved(f.b.Count(), n, t.took)
	}
	t.finish(f, err)
	return true
}

// drain saves what is open and refuses everything that comes later.
func (t *tape) drain() {
	t.mu.Lock()
	if t.err == nil {
		t.err = fmt.Errorf("append to %s: %w: nothing was saved", t.name.name, ErrClosed)
	}
	t.refuseQueue(ErrClosed)
	t.mu.Unlock()
	if f := t.take(); f != nil {
		_, err := t.commit(f)
		t.finish(f, err)
	}
}

// close ends the committer after it has saved what is open.
func (t *tape) close() {
	select {
	case <-t.closing:
	default:
		close(t.closing)
	}
	<-t.done
	if err := t.marker.close(); err != nil {
		t.log.Warn("close the mark", slog.Any("error", err))
	}
}

// take makes the open frame the one in flight and fills the next one from the
// queue. It returns nil if there is nothing to save.
func (t *tape) take() *frame {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.open
	if f.b.Count() == 0 {
		return nil
	}
	t.inflight, t.open = f, t.newFrame()
	for len(t.queue) > 0 {
		r := t.queue[0]
		if !t.place(r) {
			break
		}
		t.queue[0] = nil
		t.queue = t.queue[1:]
		close(r.placed)
	}
	t.waiting.Store(len(t.queue) > 0)
	return f
}

// commit seals the frame and saves it. It returns its size.
func (t *tape) commit(f *frame) (int, error) {
	for {
		at := t.chain.at
		if f.expect != AnySeq && f.expect != at.Seq {
			return 0, fmt.Errorf("append to %s after frame %d: it ends at %d: %w", t.name.name, f.expect, at.Seq, ErrStale)
		}
		h := events.FrameHeader{
			Body: t.name.body, Generation: at.Generation, Previous: at.Hash, First: at.Next,
			Recorded: t.stamp(), Vault: max(f.vault, t.chain.vault), Catalogue: f.catalogue,
		}
		b, hash := f.b.SealInto(t.sealed, h)
		t.sealed = b
		// A crash here loses the frame, and nobody has been told that it was saved.
		failpoint.Hit(t.name.before)
		err := t.save(at.Seq, hash, b)
		if errors.Is(err, errOtherWriter) && t.name.body == events.RawBody {
			if err := t.adopt(); err != nil {
				return 0, t.halt(err, "it was not saved")
			}
			continue
		}
		if err != nil {
			return 0, err
		}
		// A crash here leaves the frame durable and unacknowledged: its callers ask
		// again and are told that the events are there (I2).
		failpoint.Hit(t.name.after)
		t.advance(f, at.Seq+1, hash, h)
		return len(b), nil
	}
}

// stamp returns the time to record, in whole milliseconds, which the rows made
// of it keep in fewer bytes: the clock, but never before the last.
func (t *tape) stamp() events.Instant {
	now := events.InstantOf(t.now().Truncate(time.Millisecond))
	last := t.chain.recorded
	if now >= last {
		t.stats.behind.Store(0)
		t.warned = false
		return now
	}
	behind := last.Time().Sub(now.Time())
	t.stats.behind.Store(int64(behind))
	if !t.warned {
		t.warned = true
		t.log.Warn("the clock stands before the last recorded time; frames keep that time until the clock passes it",
			slog.String("log", t.name.name), slog.Duration("behind", behind))
	}
	return last
}

// advance moves the end of the log to the frame just saved.
func (t *tape) advance(f *frame, seq uint64, hash events.Hash, h events.FrameHeader) {
	if err := t.marker.put(mark{seq, hash}); err != nil {
		// The frame is safe; only the guard against silent loss is older now.
		t.log.Warn("write the mark", slog.String("log", t.name.name), slog.Any("error", err))
	}
	t.mu.Lock()
	t.chain.at.Seq, t.chain.at.Hash, t.chain.at.Next = seq, hash, h.First+uint64(f.b.Count())
	t.chain.recorded, t.chain.vault = h.Recorded, h.Vault
	f.seq = seq
	t.inflight = nil // together with the end: positions are counted from both
	t.mu.Unlock()
	t.grown.ring(seq)
	t.store.ring(seq)
}

// finish answers the callers of a frame. On an error that ends writing it
// answers everybody else, too.
func (t *tape) finish(f *frame, err error) {
	t.mu.Lock()
	t.pending -= f.b.Count()
	t.inflight = nil
	f.err = err
	if errors.Is(err, ErrStopped) {
		t.refuseAll(err)
	}
	// Those answered now will likely come back while those in the open frame
	// wait: that many are worth a moment.
	t.company, t.answered = f.callers.Load()+t.open.callers.Load(), time.Now()
	f.b.Reset()
	t.spare = append(t.spare, f.b)
	t.mu.Unlock()
	close(f.done)
}

// refuseAll ends the tape: nothing that waits was sent. The caller holds mu.
func (t *tape) refuseAll(cause error) {
	t.err = fmt.Errorf("append to %s: %w: nothing was saved", t.name.name, cause)
	if f := t.open; f.b.Count() > 0 {
		f.err = t.err
		close(f.done)
		t.pending -= f.b.Count()
		t.open = t.newFrame()
	}
	t.refuseQueue(cause)
}

// refuseQueue answers those who wait for room. The caller holds mu.
func (t *tape) refuseQueue(cause error) {
	for _, r := range t.queue {
		r.err = fmt.Errorf("append to %s: %w: only %d of %d records had been handed over", t.name.name, cause, r.next, r.count())
		t.pending -= r.count() - r.next
		close(r.placed)
	}
	t.queue = nil
}
