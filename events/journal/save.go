package journal

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/habeas-data/habeas/events"
)

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
