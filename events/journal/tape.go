package journal

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A tape is one log of chained frames: what EventLog and RawLog share. Callers
// pack their records into the open frame; one goroutine, the committer, seals
// it, saves it and acknowledges. While it does, the next frame fills.
type tape struct {
	name   logName
	store  store
	marker *marker // owned by the committer
	marked mark    // what the mark said when the log was opened
	limits limits
	space  *space
	now    func() time.Time
	log    *slog.Logger
	stop   func(error)     // tells the journal that writing has ended for good
	halted func() error    // why the journal has stopped writing, nil if it has not
	life   context.Context // ends when the store is known to be sick
	stats  counters

	closed  <-chan struct{} // closed when the journal is closed
	wake    chan struct{}   // buffered: the open frame has something
	ready   chan struct{}   // buffered: the open frame is full
	closing chan struct{}
	done    chan struct{} // closed when the committer has ended

	mu       sync.Mutex
	open     *frame                 // guarded by mu
	inflight *frame                 // guarded by mu: being saved by the committer
	queue    []*request             // guarded by mu: waiting for room, in order
	spare    []*events.FrameBuilder // guarded by mu: memory to fill again
	pending  int                    // guarded by mu: records handed over and not yet saved
	repeats  *window                // guarded by mu; nil for raw logs
	chain    chain                  // guarded by mu for reading; written by the committer only
	err      error                  // guarded by mu: why nothing is accepted any more

	waiting atomic.Bool // the queue is not empty; written under mu

	// Owned by the committer.
	company  int32         // callers that were busy when the last frame was answered
	answered time.Time     // when that was
	took     time.Duration // to save it
	vain     int           // waits for company, the last ones, that brought nobody
	warned   bool          // said that the clock went back
	sealed   []byte        // memory of the last frame, for the next

	grown bell // rung when the log has grown
}

type limits struct {
	attempt, giveUp time.Duration
	flushEvery      time.Duration
	events          int // records per frame
	fill            int // bytes after which a frame takes no further event
}

// Limits of a frame while it fills. An event adds at most MaxEventBytes, codes
// included, so a frame below fillBytes has room for one more.
const (
	frameEvents = 4096
	fillBytes   = events.MaxFrameBytes - events.MaxEventBytes
	rawBytes    = events.MaxFrameBytes - 1024
)

// A frame being filled or saved. Its fields belong to the holder of the tape's
// lock until the committer takes it, then to the committer until done closes;
// seq and err are fixed by then.
type frame struct {
	b         *events.FrameBuilder
	vault     uint64
	catalogue uint32
	expect    uint64       // AnySeq, or the only sequence after which it may be saved
	callers   atomic.Int32 // that have put something in
	began     time.Time    // of the first record

	done chan struct{}
	seq  uint64
	err  error
}

// newFrame returns an empty frame. The caller holds mu.
func (t *tape) newFrame() *frame {
	f := &frame{expect: AnySeq, done: make(chan struct{})}
	if n := len(t.spare); n > 0 {
		f.b, t.spare = t.spare[n-1], t.spare[:n-1]
	} else {
		f.b = new(events.FrameBuilder)
	}
	return f
}

func (t *tape) start() {
	t.wake, t.ready = make(chan struct{}, 1), make(chan struct{}, 1)
	t.closing, t.done = make(chan struct{}), make(chan struct{})
	t.open = t.newFrame()
	go t.run()
}

func (t *tape) last() Checkpoint {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.chain.at
}

func (t *tape) vaultNeeded() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.chain.vault
}

// reader returns a reader that stands before the first frame.
func (t *tape) reader() *reader {
	at := t.last()
	start := Checkpoint{Stream: at.Stream, Generation: at.Generation}
	return &reader{store: t.store, chain: chain{at: start, body: t.name.body}, grown: &t.grown, closed: t.closed}
}

func (t *tape) follow(ctx context.Context, from Checkpoint, fn func(uint64, *events.Frame) error) error {
	r := t.reader()
	st, err := r.begin(ctx, from)
	if err != nil {
		return err
	}
	t.grown.ring(st.last)
	return plain(r.follow(ctx, fn))
}

func (t *tape) replay(ctx context.Context, from Checkpoint, fn func(uint64, *events.Frame) error) error {
	r := t.reader()
	st, err := r.begin(ctx, from)
	if err != nil {
		return err
	}
	return plain(r.read(ctx, st.last, st.last, fn))
}

func (t *tape) snapshot() Stats {
	s := t.stats.stats()
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Pending = t.pending
	if t.repeats != nil {
		s.Remembered = t.repeats.size()
	}
	return s
}
