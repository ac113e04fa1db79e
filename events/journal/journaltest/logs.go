package journaltest

import (
	"context"
	"fmt"
	"reflect"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
)

// An EventLog is what journal.EventLog and its fake have in common.
type EventLog interface {
	Append(ctx context.Context, evs []*events.Event, vaultSeq uint64, catalogue uint32) ([]journal.Result, error)
	Last() journal.Checkpoint
	VaultNeeded() uint64
	Follow(ctx context.Context, from journal.Checkpoint, fn func(seq uint64, f *events.Frame) error) error
	Replay(ctx context.Context, from journal.Checkpoint, fn func(seq uint64, f *events.Frame) error) error
}

// A RawLog is what journal.RawLog and its fake have in common.
type RawLog interface {
	Append(ctx context.Context, records [][]byte, expect uint64) (uint64, error)
	Last() journal.Checkpoint
	Follow(ctx context.Context, from journal.Checkpoint, fn func(seq uint64, at events.Instant, records [][]byte) error) error
	Replay(ctx context.Context, from journal.Checkpoint, fn func(seq uint64, at events.Instant, records [][]byte) error) error
	ReplayFrames(ctx context.Context, from journal.Checkpoint, fn func(seq uint64, f *events.Frame) error) error
}

// An EventFake is the log of events in memory.
type EventFake struct{ l *tape }

// fakeFrame is how many events the fake puts into one frame: few, so that a
// test of a few dozen events meets several frames.
const fakeFrame = 100

// Append is like journal.EventLog.Append: each call makes one frame or more.
func (e *EventFake) Append(ctx context.Context, evs []*events.Event, vaultSeq uint64, catalogue uint32) ([]journal.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i, ev := range evs {
		if err := e.check(ev); err != nil {
			return nil, fmt.Errorf("append event %d of %d: %w", i+1, len(evs), err)
		}
	}
	l := e.l
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	if l.f.err != nil {
		return nil, fmt.Errorf("append to events: %w", l.f.err)
	}
	results := make([]journal.Result, len(evs))
	var b events.FrameBuilder
	for i, ev := range evs {
		said := *ev
		said.ID, said.Flags = events.EventID{}, 0
		if at, ok := l.seen[ev.ID]; ok {
			results[i] = journal.Result{Position: at, Duplicate: true, Other: !reflect.DeepEqual(said, l.said[ev.ID])}
			continue
		}
		at := events.Position{Generation: l.last.Generation, Seq: l.last.Seq + 1, Index: uint32(b.Count())}
		b.Add(ev)
		l.seen[ev.ID], l.said[ev.ID], results[i].Position = at, said, at
		if b.Count() == fakeFrame || b.Size() > events.MaxFrameBytes-events.MaxEventBytes {
			l.add(&b, vaultSeq, catalogue)
			b.Reset()
		}
	}
	if b.Count() > 0 {
		l.add(&b, vaultSeq, catalogue)
	}
	return results, nil
}

// check holds an event to the limits, and its codes to their form.
func (e *EventFake) check(ev *events.Event) error {
	if ev == nil || ev.ID.IsZero() {
		return fmt.Errorf("want an event with an id: %w", journal.ErrRefused)
	}
	var b events.FrameBuilder
	events.AppendEvent(nil, ev, codes(func(c events.Code) {
		if got, err := events.ParseCode(string(c)); err != nil || got != c {
			// I1: what is not a code may be a person's data.
			e.l.f.t.Errorf("journaltest: event %s of %s holds %q where a code belongs", ev.ID, ev.Kind, string(c))
		}
	}))
	if err := ev.Check(); err != nil {
		return fmt.Errorf("%w: %w", journal.ErrRefused, err)
	}
	if b.Add(ev); b.Size() > events.MaxEventBytes {
		e.l.f.t.Errorf("journaltest: an event that passed its check takes %d bytes", b.Size())
	}
	return nil
}

// codes sees every code of an event while it is encoded.
type codes func(events.Code)

func (f codes) Symbol(c events.Code) uint64 { f(c); return 1 }

// Last returns the end of the log.
func (e *EventFake) Last() journal.Checkpoint { return e.l.end() }

// VaultNeeded is the last frame of the vault that the events may name.
func (e *EventFake) VaultNeeded() uint64 {
	e.l.f.mu.Lock()
	defer e.l.f.mu.Unlock()
	return e.l.vault
}

// Follow is like journal.EventLog.Follow.
func (e *EventFake) Follow(ctx context.Context, from journal.Checkpoint, fn func(uint64, *events.Frame) error) error {
	return e.l.read(ctx, from, true, fn)
}

// Replay is like journal.EventLog.Replay.
func (e *EventFake) Replay(ctx context.Context, from journal.Checkpoint, fn func(uint64, *events.Frame) error) error {
	return e.l.read(ctx, from, false, fn)
}

// A RawFake is a log of raw records in memory.
type RawFake struct{ l *tape }

// Append is like journal.RawLog.Append.
func (r *RawFake) Append(ctx context.Context, records [][]byte, expect uint64) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if len(records) == 0 {
		return 0, fmt.Errorf("append to %s: want at least one record: %w", r.l.name, journal.ErrRefused)
	}
	var b events.FrameBuilder
	for _, rec := range records {
		b.AddRaw(rec)
	}
	if b.Size() > events.MaxFrameBytes {
		return 0, fmt.Errorf("append to %s: %w", r.l.name, journal.ErrRefused)
	}
	l := r.l
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	if l.f.err != nil {
		return 0, fmt.Errorf("append to %s: %w", l.name, l.f.err)
	}
	if expect != journal.AnySeq && expect != l.last.Seq {
		return 0, fmt.Errorf("append to %s after %d: it ends at %d: %w", l.name, expect, l.last.Seq, journal.ErrStale)
	}
	l.add(&b, 0, 0)
	return l.last.Seq, nil
}

// Last returns the end of the log.
func (r *RawFake) Last() journal.Checkpoint { return r.l.end() }

// Follow is like journal.RawLog.Follow.
func (r *RawFake) Follow(ctx context.Context, from journal.Checkpoint, fn func(uint64, events.Instant, [][]byte) error) error {
	return r.l.read(ctx, from, true, unpack(fn))
}

// Replay is like journal.RawLog.Replay.
func (r *RawFake) Replay(ctx context.Context, from journal.Checkpoint, fn func(uint64, events.Instant, [][]byte) error) error {
	return r.l.read(ctx, from, false, unpack(fn))
}

// ReplayFrames is like journal.RawLog.ReplayFrames.
func (r *RawFake) ReplayFrames(ctx context.Context, from journal.Checkpoint, fn func(uint64, *events.Frame) error) error {
	return r.l.read(ctx, from, false, fn)
}

func unpack(fn func(uint64, events.Instant, [][]byte) error) func(uint64, *events.Frame) error {
	return func(seq uint64, f *events.Frame) error {
		records := make([][]byte, f.Count)
		for i := range records {
			records[i] = f.Record(i)
		}
		return fn(seq, f.Recorded, records)
	}
}
