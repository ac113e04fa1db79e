package journaltest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
)

// A Fake is a journal in memory with the methods of journal.Journal that others
// use. Its clock starts at 2026-01-01 and moves by a millisecond per frame
// unless Clock is set.
type Fake struct {
	t       testing.TB
	stopped chan struct{}

	mu    sync.Mutex
	clock func() time.Time // guarded by mu
	logs  map[string]*tape // guarded by mu
	err   error            // guarded by mu: why writing has stopped
}

// New returns an empty journal. When the test ends it checks all it holds.
func New(t testing.TB) *Fake {
	f := &Fake{t: t, stopped: make(chan struct{}), logs: map[string]*tape{}}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.clock = func() time.Time { now = now.Add(time.Millisecond); return now }
	t.Cleanup(f.audit)
	return f
}

// SetClock makes frames be stamped by now.
func (f *Fake) SetClock(now func() time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock = now
}

// Events returns the log of events.
func (f *Fake) Events(context.Context) (*EventFake, error) {
	return &EventFake{f.tape("events", events.EventBody)}, nil
}

// Raw returns the log named vault or audit.
func (f *Fake) Raw(_ context.Context, name string) (*RawFake, error) {
	if name != "vault" && name != "audit" {
		return nil, fmt.Errorf("open log %q: want vault or audit", name)
	}
	return &RawFake{f.tape(name, events.RawBody)}, nil
}

func (f *Fake) tape(name string, body events.Body) *tape {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.logs[name]
	if l == nil {
		l = &tape{f: f, name: name, body: body, seen: map[events.EventID]events.Position{}, said: map[events.EventID]events.Event{}, grown: make(chan struct{})}
		l.last = journal.Checkpoint{Stream: "FAKE_" + strings.ToUpper(name) + "/" + f.t.Name(), Generation: 1}
		f.logs[name] = l
	}
	return l
}

// Stop makes every later append fail with ErrStopped, as after an outcome that
// is not known.
func (f *Fake) Stop(cause error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = fmt.Errorf("%w: %w", journal.ErrStopped, cause)
		close(f.stopped)
	}
}

// Stopped is closed once writing has stopped.
func (f *Fake) Stopped() <-chan struct{} { return f.stopped }

// Err returns why writing has stopped.
func (f *Fake) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// Cut drops the frames after seq, as a damaged disk or an older copy would.
// name is events, vault or audit.
func (f *Fake) Cut(name string, seq uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.logs[name]
	l.frames = l.frames[:seq]
	l.last.Seq, l.last.Hash, l.last.Next, l.recorded, l.vault = seq, events.Hash{}, 0, 0, 0
	l.seen, l.said = map[events.EventID]events.Position{}, map[events.EventID]events.Event{}
	if seq > 0 {
		fr, err := events.DecodeFrame(l.frames[seq-1])
		if err != nil {
			f.t.Fatalf("cut %s at %d: %v", name, seq, err)
		}
		l.last.Hash, l.last.Next, l.recorded, l.vault = fr.Hash, fr.First+uint64(fr.Count), fr.Recorded, fr.Vault
	}
}

// audit checks that every frame is still what was written.
func (f *Fake) audit() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, l := range f.logs {
		var at journal.Checkpoint
		for i, b := range l.frames {
			fr, err := events.DecodeFrame(b)
			if err != nil {
				f.t.Errorf("journaltest: frame %d of %s was changed by a reader: %v", i+1, name, err)
				break
			}
			if fr.Previous != at.Hash || fr.First != at.Next {
				f.t.Errorf("journaltest: frame %d of %s does not continue the one before", i+1, name)
			}
			at.Hash, at.Next = fr.Hash, fr.First+uint64(fr.Count)
		}
	}
}

// tape is one log of the fake.
type tape struct {
	f        *Fake
	name     string
	body     events.Body
	frames   [][]byte                           // guarded by f.mu, as all below
	last     journal.Checkpoint                 //
	recorded events.Instant                     //
	vault    uint64                             //
	seen     map[events.EventID]events.Position // every event, for ever
	said     map[events.EventID]events.Event    // without id and flags
	grown    chan struct{}                      // closed and replaced when a frame comes
}

// add seals one frame. The caller holds f.mu.
func (l *tape) add(b *events.FrameBuilder, vault uint64, catalogue uint32) {
	l.recorded = max(l.recorded, events.InstantOf(l.f.clock()))
	l.vault = max(l.vault, vault)
	frame, hash := b.Seal(events.FrameHeader{Body: l.body, Generation: l.last.Generation, Previous: l.last.Hash,
		First: l.last.Next, Recorded: l.recorded, Vault: l.vault, Catalogue: catalogue})
	if len(frame) > events.MaxFrameBytes {
		l.f.t.Errorf("journaltest: frame of %d bytes", len(frame))
	}
	l.frames = append(l.frames, frame)
	l.last.Seq, l.last.Hash, l.last.Next = l.last.Seq+1, hash, l.last.Next+uint64(b.Count())
	close(l.grown)
	l.grown = make(chan struct{})
}

func (l *tape) end() journal.Checkpoint {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	return l.last
}

// begin checks a checkpoint. The caller holds f.mu.
func (l *tape) begin(from journal.Checkpoint) error {
	switch {
	case from.IsZero():
		return nil
	case from.Stream != l.last.Stream || from.Generation != l.last.Generation:
		return fmt.Errorf("read %s: %w", l.name, journal.ErrOtherJournal)
	case from.Seq > l.last.Seq:
		return fmt.Errorf("read %s from %d: it ends at %d: %w", l.name, from.Seq, l.last.Seq, journal.ErrShorter)
	case from.Seq > 0:
		f, err := events.DecodeFrame(l.frames[from.Seq-1])
		if err != nil || f.Hash != from.Hash {
			return fmt.Errorf("read %s from %d: another frame is there: %w", l.name, from.Seq, journal.ErrChain)
		}
	}
	return nil
}

func (l *tape) read(ctx context.Context, from journal.Checkpoint, follow bool, fn func(uint64, *events.Frame) error) error {
	l.f.mu.Lock()
	err, seq, end := l.begin(from), from.Seq, l.last.Seq
	l.f.mu.Unlock()
	for err == nil {
		l.f.mu.Lock()
		grown := l.grown
		var b []byte
		switch {
		case seq > uint64(len(l.frames)):
			err = fmt.Errorf("follow %s: %w", l.name, journal.ErrShorter)
		case seq < uint64(len(l.frames)) && (follow || seq < end):
			b = l.frames[seq]
		}
		l.f.mu.Unlock()
		switch {
		case err != nil:
		case b != nil:
			seq++
			err = deliver(ctx, seq, b, fn)
		case !follow:
			return nil
		default:
			select {
			case <-grown:
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
	}
	return err
}

func deliver(ctx context.Context, seq uint64, b []byte, fn func(uint64, *events.Frame) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := events.DecodeFrame(b)
	if err != nil {
		return fmt.Errorf("frame %d: %w: %w", seq, journal.ErrChain, err)
	}
	return fn(seq, f)
}
