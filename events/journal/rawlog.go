package journal

import (
	"context"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// AnySeq lets Append group records with those of other callers, wherever the
// log ends.
const AnySeq = ^uint64(0)

// A RawLog is a log of records that belong to their owner: the vault's sealed
// entries, the audit's leaves. Its methods are safe for concurrent use.
type RawLog struct{ t *tape }

// Raw opens the log named vault or audit, and makes it in a new journal.
func (j *Journal) Raw(ctx context.Context, name string) (*RawLog, error) {
	n, err := findLog(name)
	if err != nil {
		return nil, err
	}
	if n.body != events.RawBody {
		return nil, fmt.Errorf("open log %q: its records are events; use Events", name)
	}
	t, err := j.openTape(ctx, name)
	if err != nil {
		return nil, err
	}
	return &RawLog{t}, nil
}

// Append saves the records together, in one frame, and returns the frame's
// sequence once it is durable (I2). expect is the last sequence the caller has
// seen: if the log has grown past it nothing is saved and the error is ErrStale.
// With AnySeq the records may share a frame with those of other callers.
//
// After ErrStopped or the end of ctx the records may have been saved; the text
// says what is known.
func (l *RawLog) Append(ctx context.Context, records [][]byte, expect uint64) (seq uint64, err error) {
	if len(records) == 0 {
		return 0, fmt.Errorf("append to %s: want at least one record: %w", l.t.name.name, ErrRefused)
	}
	r := &request{records: records, expect: expect}
	for _, b := range records {
		r.size += len(b) + 5
	}
	if r.size > rawBytes {
		return 0, fmt.Errorf("append to %s: %d records of %d bytes, want at most %d bytes: %w",
			l.t.name.name, len(records), r.size, rawBytes, ErrRefused)
	}
	if err := l.t.append(ctx, r); err != nil {
		return 0, err
	}
	return r.last.seq, nil
}

// Last returns the end of the log as far as this process knows: everything up
// to it is durable.
func (l *RawLog) Last() Checkpoint { return l.t.last() }

// Follow calls fn with the records of every frame after from and when they were
// recorded, and goes on as the log grows; see EventLog.Follow.
func (l *RawLog) Follow(ctx context.Context, from Checkpoint, fn func(seq uint64, at events.Instant, records [][]byte) error) error {
	return l.t.follow(ctx, from, unpack(fn))
}

// Replay is like Follow, but returns nil at the end of the log as of the call.
func (l *RawLog) Replay(ctx context.Context, from Checkpoint, fn func(seq uint64, at events.Instant, records [][]byte) error) error {
	return l.t.replay(ctx, from, unpack(fn))
}

// ReplayFrames is like Replay, but passes frames on, whose hashes make a
// Checkpoint.
func (l *RawLog) ReplayFrames(ctx context.Context, from Checkpoint, fn func(seq uint64, f *events.Frame) error) error {
	return l.t.replay(ctx, from, fn)
}

// Verify reads and checks everything.
func (l *RawLog) Verify(ctx context.Context, progress func(Verified)) (Verified, error) {
	return l.t.verify(ctx, progress)
}

// Stats returns the counts of the log.
func (l *RawLog) Stats() Stats { return l.t.snapshot() }

func unpack(fn func(uint64, events.Instant, [][]byte) error) func(uint64, *events.Frame) error {
	return func(seq uint64, f *events.Frame) error {
		records := make([][]byte, f.Count)
		for i := range records {
			records[i] = f.Record(i)
		}
		return fn(seq, f.Recorded, records)
	}
}
