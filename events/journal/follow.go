package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// batchBytes is about how much is read at once; up to three batches are in
// memory while one is being worked on.
const batchBytes = 4 << 20

// lookEvery is how often a follower looks by itself, in case nobody rang.
const lookEvery = time.Second

// A reader reads frames in order and refuses anything that does not continue
// what came before.
type reader struct {
	store  store
	chain  chain
	grown  *bell
	closed <-chan struct{} // nil: never
}

type readFrame struct {
	seq uint64
	f   *events.Frame
}

// begin checks that the log is the one of the checkpoint and still holds it.
func (r *reader) begin(ctx context.Context, from Checkpoint) (streamState, error) {
	st, err := r.store.state(ctx)
	if err != nil {
		return st, err
	}
	if from.IsZero() {
		return st, nil
	}
	at := r.chain.at
	if from.Stream != at.Stream || from.Generation != at.Generation {
		return st, fmt.Errorf("read %s generation %d from %s generation %d: %w: rebuild from the start, or restore the journal it came from",
			at.Stream, at.Generation, from.Stream, from.Generation, ErrOtherJournal)
	}
	if st.last < from.Seq {
		return st, fmt.Errorf("read %s from frame %d: it ends at frame %d: %w: frames were lost or an older copy was restored; "+
			"restore a newer backup, or rebuild from what is left", at.Stream, from.Seq, st.last, ErrShorter)
	}
	if from.Seq > 0 {
		b, err := r.store.get(ctx, from.Seq)
		if errors.Is(err, errNone) {
			return st, fmt.Errorf("read %s: frame %d is not there: %w: run fsck", at.Stream, from.Seq, ErrGap)
		}
		if err != nil {
			return st, err
		}
		f, err := events.DecodeFrame(b)
		if err != nil {
			return st, r.chain.broken(from.Seq, err.Error())
		}
		if f.Hash != from.Hash {
			return st, r.chain.broken(from.Seq, fmt.Sprintf("it is %x, but %x was read there before: "+
				"an older copy was restored and went another way", f.Hash[:4], from.Hash[:4]))
		}
		r.chain.stand(from.Seq, f)
	}
	return st, nil
}

// replay reads to the end as of now.
func (r *reader) replay(ctx context.Context, fn func(uint64, *events.Frame) error) error {
	st, err := r.store.state(ctx)
	if err != nil {
		return err
	}
	return r.read(ctx, st.last, st.last, fn)
}

// read passes on every frame up to last, at least, and at most those up to
// most. Frames are fetched and checked by one goroutine while fn works on those
// before. Unless fn fails or ctx ends, everything fetched has been passed on
// when it returns, so that reading can go on from r.chain.
func (r *reader) read(ctx context.Context, last, most uint64, fn func(uint64, *events.Frame) error) error {
	if r.chain.at.Seq >= last {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ahead := make(chan []readFrame, 1)
	end := make(chan error, 1)
	go func() {
		// Owns r.chain until ahead is closed.
		defer close(ahead)
		end <- r.fetch(ctx, last, most, ahead)
	}()
	var failed error
	for frames := range ahead {
		for i := 0; i < len(frames) && failed == nil; i++ {
			if err := fn(frames[i].seq, frames[i].f); err != nil {
				failed = &readerError{err}
				cancel()
			}
		}
	}
	if err := <-end; failed == nil {
		failed = err
	}
	return failed
}

// A readerError is what the caller's function returned.
type readerError struct{ error }

// plain takes the caller's own error out again.
func plain(err error) error {
	var own *readerError
	if errors.As(err, &own) {
		return own.error
	}
	return err
}

func (r *reader) fetch(ctx context.Context, last, most uint64, ahead chan<- []readFrame) error {
	var misses int
	for r.chain.at.Seq < last {
		var frames []readFrame
		was := r.chain.at.Seq
		err := r.store.batch(ctx, was+1, batchBytes, func(seq uint64, b []byte) error {
			if seq > most {
				return errEnough
			}
			f, err := r.next(ctx, seq, b)
			if err == nil {
				frames = append(frames, readFrame{seq, f})
			}
			return err
		})
		if len(frames) > 0 {
			select {
			case ahead <- frames:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
		if r.chain.at.Seq > was {
			misses = 0
			continue
		}
		// The log reaches further, yet nothing came. A replica may be behind.
		if misses++; misses > 50 {
			return fmt.Errorf("read %s: frame %d cannot be read", r.chain.at.Stream, was+1)
		}
		if err := r.askLeader(ctx, was+1); err != nil {
			return err
		}
		if err := sleep(ctx, time.Duration(misses)*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// askLeader returns ErrGap if the leader of the stream, which reaches further,
// does not have the frame.
func (r *reader) askLeader(ctx context.Context, seq uint64) error {
	_, err := r.store.get(ctx, seq)
	if !errors.Is(err, errNone) {
		return err
	}
	st, err := r.store.state(ctx)
	if err != nil || st.last < seq {
		return err
	}
	return fmt.Errorf("read %s: frame %d of %d is not there: %w: run fsck and restore the newest backup",
		r.chain.at.Stream, seq, st.last, ErrGap)
}

var errEnough = errors.New("enough")

// next checks one message. Before it calls a frame missing it asks the leader:
// batches may be served by a replica.
func (r *reader) next(ctx context.Context, seq uint64, b []byte) (*events.Frame, error) {
	f, err := r.chain.next(seq, b)
	if errors.Is(err, ErrGap) && seq > r.chain.at.Seq+1 {
		if _, got := r.store.get(ctx, r.chain.at.Seq+1); got == nil {
			return nil, errEnough // it is there: read on from it
		}
	}
	return f, err
}

// follow reads and goes on as the log grows, until ctx or the journal ends, fn
// returns an error, or the log turns out to be damaged. When the server cannot
// be reached it tries again.
func (r *reader) follow(ctx context.Context, fn func(uint64, *events.Frame) error) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	var known uint64
	for {
		seq, bell := r.grown.wait() // before reading, so that no ring is missed
		known = max(known, seq)
		err := r.read(ctx, known, ^uint64(0), fn)
		if err != nil && !r.passing(ctx, err) {
			return err
		}
		select {
		case <-bell:
		case <-look.C:
			st, err := r.store.state(ctx)
			if err == nil && st.last < r.chain.at.Seq {
				return fmt.Errorf("follow %s from frame %d: it ends at frame %d: %w: restore the newest backup",
					r.chain.at.Stream, r.chain.at.Seq, st.last, ErrShorter)
			}
			if err == nil {
				known = max(known, st.last)
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-r.closed:
		}
		if r.isClosed() {
			return fmt.Errorf("follow %s: %w", r.chain.at.Stream, ErrClosed)
		}
	}
}

// passing reports whether an error of reading may go away by itself.
func (r *reader) passing(ctx context.Context, err error) bool {
	var own *readerError
	if ctx.Err() != nil || errors.As(err, &own) {
		return false
	}
	for _, final := range []error{ErrGap, ErrChain, ErrShorter, ErrOtherJournal} {
		if errors.Is(err, final) {
			return false
		}
	}
	return r.isClosed() || r.store.health() == nil
}

func (r *reader) isClosed() bool {
	select {
	case <-r.closed:
		return true
	default:
		return false
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
