package journal

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
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

// Waiting for company. Callers that have just been answered usually come back
// at once; a frame that leaves without them costs a whole fsync for the few
// that were quicker. The wait is a small part of what an fsync has just taken
// and ends as soon as nobody new comes; a caller that is alone never waits.
const (
	companyShare = 8
	companyMost  = time.Millisecond
	companyPause = 20 * time.Microsecond
)

// gather lets the open frame fill.
func (t *tape) gather() {
	t.mu.Lock()
	f, full := t.open, len(t.queue) > 0 || t.open.b.Count() == 0
	t.mu.Unlock()
	if full {
		return
	}
	if t.limits.flushEvery > 0 {
		t.pause(f)
		return
	}
	began := time.Now()
	most := min(t.took/companyShare, companyMost)
	if t.company <= 1 || began.Sub(t.answered) > most {
		return
	}
	seen, since := int32(0), began
	for {
		runtime.Gosched()
		callers := f.callers.Load()
		now := time.Now()
		if callers > seen {
			seen, since = callers, now
		}
		if callers >= t.company || t.waiting.Load() || now.Sub(since) > companyPause || now.Sub(began) > most {
			return
		}
	}
}

// pause waits until the frame is flushEvery old or full.
func (t *tape) pause(f *frame) {
	t.mu.Lock()
	left := t.limits.flushEvery - time.Since(f.began)
	t.mu.Unlock()
	timer := time.NewTimer(left)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case <-t.closing:
			return
		case <-t.ready:
		}
		t.mu.Lock()
		full := len(t.queue) > 0
		t.mu.Unlock()
		if full {
			return
		}
	}
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
		b, hash := f.b.Seal(h)
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

// stamp returns the time to record: the clock, but never before the last.
func (t *tape) stamp() events.Instant {
	now := events.InstantOf(t.now())
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

// errOtherWriter: the sequence was taken by a frame that is not ours.
var errOtherWriter = errors.New("another process has written to the log")

// save makes b durable at seq last+1, or ends writing. The same bytes and the
// same id are sent until it is known whether they were stored. Only the server's
// answer counts as durable: either it acknowledges, or it refuses because the
// stream already ends behind our frame and the frame there is ours. A frame that
// merely can be read back is not enough: it may stand in a cache after its
// fsync has failed.
func (t *tape) save(last uint64, hash events.Hash, b []byte) error {
	id := base64.RawURLEncoding.EncodeToString(hash[:15])
	began := time.Now()
	outcome := "it was not saved"
	for attempt := 0; ; attempt++ {
		if attempt > 0 {
			t.stats.retries.Add(1)
		}
		ctx, cancel := context.WithTimeout(t.life, t.limits.attempt)
		err := t.store.publish(ctx, id, last, b)
		if errors.Is(err, errWrongLast) {
			var ours bool
			if ours, err = t.isOurs(ctx, last+1, b, err); ours {
				err = nil
			}
		}
		cancel()
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errOtherWriter) && t.name.body == events.RawBody:
			return err
		case errors.Is(err, errOtherWriter):
			return t.halt(fmt.Errorf("%w: %w: one habeas only may write to these streams", ErrForeign, err), "it was not saved")
		case !errors.Is(err, errRefused):
			outcome = "it is not known whether it was saved"
		}
		if sick := t.store.health(); sick != nil {
			return t.halt(fmt.Errorf("%w: %w", sick, err), outcome)
		}
		if time.Since(began) >= t.limits.giveUp {
			return t.halt(err, outcome)
		}
		if attempt == 0 {
			t.log.Warn("frame not acknowledged; trying again", slog.String("log", t.name.name), slog.Any("error", err))
		}
		if !t.rest(attempt) {
			return t.halt(err, outcome)
		}
	}
}

// isOurs reads the frame that the server says is there. An error means that it
// is not known whose it is; errOtherWriter that it is not ours.
func (t *tape) isOurs(ctx context.Context, seq uint64, b []byte, cause error) (bool, error) {
	got, err := t.store.get(ctx, seq)
	switch {
	case errors.Is(err, errNone):
		// The stream ends before us, or the leader has not applied it yet.
		return false, cause
	case err != nil:
		return false, err
	case string(got) != string(b):
		return false, fmt.Errorf("frame %d: %w", seq, errOtherWriter)
	}
	return true, nil
}

// rest waits a little before another attempt; false means that the tape is
// being closed.
func (t *tape) rest(attempt int) bool {
	d := min(10*time.Millisecond<<min(attempt, 6), t.limits.attempt)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.closing:
		return false
	}
}

// halt ends writing for good and returns the error for the callers of the frame
// in flight.
func (t *tape) halt(cause error, outcome string) error {
	err := fmt.Errorf("append to %s: %w: %s: %w; restart habeas: it will find out, and sending the same records again is safe",
		t.name.name, ErrStopped, outcome, cause)
	t.stop(err)
	return err
}

// adopt reads the frames that another process has written and moves behind
// them.
func (t *tape) adopt() error {
	ctx, cancel := context.WithTimeout(context.Background(), t.limits.giveUp)
	defer cancel()
	c := t.chain
	r := &reader{store: t.store, chain: c}
	if err := r.replay(ctx, func(uint64, *events.Frame) error { return nil }); err != nil {
		return err
	}
	t.mu.Lock()
	t.chain = r.chain
	t.mu.Unlock()
	return nil
}
