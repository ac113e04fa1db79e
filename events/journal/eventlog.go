package journal

import (
	"context"
	"fmt"
	"sync"

	"github.com/habeas-data/habeas/events"
)

// A Result says where an event stands. Repeats are recognised over the last 24
// hours or 10 million events; older ones are saved again and merge without
// effect. Other contents are told for events that came since the start of this
// process, by a digest of 32 bits.
type Result = events.Stored

// An EventLog is the log of events. Its methods are safe for concurrent use.
type EventLog struct{ t *tape }

// Events opens the log of events, and makes it in a new journal.
func (j *Journal) Events(ctx context.Context) (*EventLog, error) {
	t, err := j.openTape(ctx, "events")
	if err != nil {
		return nil, err
	}
	return &EventLog{t}, nil
}

// Append saves events and returns where each stands once all are durable (I2).
// vaultSeq is the last frame of the vault whose entries they may name;
// catalogue is the version in force.
//
// The events of one call may be spread over several frames, in order. When the
// log is busy it waits for room until ctx ends. After an error some of the
// events may have been saved (the text says what is known); sending the same
// events again is always safe. Errors to branch on: ErrStopped, ErrClosed,
// ErrRefused.
func (l *EventLog) Append(ctx context.Context, evs []*events.Event, vaultSeq uint64, catalogue uint32) ([]Result, error) {
	if len(evs) == 0 {
		return nil, nil
	}
	r := &request{pack: packs.Get().(*events.Pack), vault: vaultSeq, catalogue: catalogue, results: make([]Result, len(evs))}
	defer r.unpack()
	for i, e := range evs {
		if err := add(r.pack, e); err != nil {
			return nil, fmt.Errorf("append event %d of %d: %w", i+1, len(evs), err)
		}
	}
	if err := l.t.append(ctx, r); err != nil {
		return nil, err
	}
	return r.results, nil
}

// packs are used by one request after the other.
var packs = sync.Pool{New: func() any { return new(events.Pack) }}

// unpack gives the pack back, once all of it is placed or the request is in no
// queue any more: long before the frame is saved, so that hundreds of callers who
// wait for one frame share a few packs, and these stay in the caches.
func (r *request) unpack() {
	if p := r.pack; p != nil {
		r.pack = nil
		p.Reset()
		packs.Put(p)
	}
}

// Seen reports whether an event of the id is among those that repeats are
// recognised by, without reading anything; all is set while these are all events
// of the log.
func (l *EventLog) Seen(id events.EventID) (seen, all bool) { return l.t.seen(id) }

// Last returns the end of the log as far as this process knows: everything up
// to it is durable.
func (l *EventLog) Last() Checkpoint { return l.t.last() }

// VaultNeeded is the last frame of the vault that the events of the log may
// name: an older vault must not be used with it.
func (l *EventLog) VaultNeeded() uint64 { return l.t.vaultNeeded() }

// Follow calls fn with every frame after from, in order, and goes on as the log
// grows, until ctx ends, the journal is closed, or fn returns an error, which it
// returns as it is. The zero Checkpoint starts at the first frame. fn may keep
// the frame but not change it.
//
// It never skips: ErrOtherJournal, ErrShorter, ErrGap and ErrChain say that the
// log is not the one that from was taken from, or is damaged.
func (l *EventLog) Follow(ctx context.Context, from Checkpoint, fn func(seq uint64, f *events.Frame) error) error {
	return l.t.follow(ctx, from, fn)
}

// Replay is like Follow, but returns nil at the end of the log as of the call.
func (l *EventLog) Replay(ctx context.Context, from Checkpoint, fn func(seq uint64, f *events.Frame) error) error {
	return l.t.replay(ctx, from, fn)
}

// Verify reads and checks everything.
func (l *EventLog) Verify(ctx context.Context, progress func(Verified)) (Verified, error) {
	return l.t.verify(ctx, progress)
}

// Stats returns the counts of the log.
func (l *EventLog) Stats() Stats { return l.t.snapshot() }

// Pending is the number of events handed over and not yet saved: a gateway may
// refuse early instead of waiting for room.
func (l *EventLog) Pending() int { return l.t.snapshot().Pending }

// add packs an event and refuses what could not be read back: what is in the
// journal stays. The limits bound the size, too: with every list full and every
// code at its longest an event stays below MaxEventBytes, which frames leave room
// for.
func add(p *events.Pack, e *events.Event) error {
	if e == nil || e.ID.IsZero() {
		return fmt.Errorf("want an event with an id: %w", ErrRefused)
	}
	if err := p.Add(e); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return nil
}
