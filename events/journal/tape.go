package journal

import (
	"context"
	"fmt"
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
	warned   bool          // said that the clock went back

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

// A request is what one caller wants to append.
type request struct {
	evs       []*events.Event // or
	records   [][]byte        // one of the two
	size      int             // of records
	vault     uint64
	catalogue uint32
	expect    uint64

	next    int // first event not yet placed
	results []Result
	last    *frame        // the latest frame that the caller must see saved
	placed  chan struct{} // closed when all is placed or err is set; nil if never queued
	err     error
}

func (r *request) count() int { return len(r.evs) + len(r.records) }

// append hands a request over and waits until it is durable.
func (t *tape) append(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := t.space.check(); err != nil {
		return fmt.Errorf("append to %s: %w: nothing was saved", t.name.name, err)
	}
	t.mu.Lock()
	if err := t.err; err != nil {
		t.mu.Unlock()
		return err
	}
	t.pending += r.count()
	if len(t.queue) > 0 || !t.place(r) {
		r.placed = make(chan struct{})
		t.queue = append(t.queue, r)
		t.waiting.Store(true)
		signal(t.ready)
	}
	t.mu.Unlock()
	if r.placed != nil {
		select {
		case <-r.placed:
		case <-ctx.Done():
			if err := t.withdraw(r, ctx.Err()); err != nil {
				return err
			}
		}
		if r.err != nil {
			return r.err
		}
	}
	if r.last == nil {
		return nil // repeats of what is durable already
	}
	select {
	case <-r.last.done:
		return r.last.err
	case <-ctx.Done():
		return fmt.Errorf("append to %s: %w: the records may be saved or not; sending them again is safe", t.name.name, ctx.Err())
	}
}

// withdraw takes a request out of the queue. It returns nil if the request was
// placed in the meantime.
func (t *tape) withdraw(r *request, cause error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, q := range t.queue {
		if q != r {
			continue
		}
		t.queue = append(t.queue[:i], t.queue[i+1:]...)
		t.pending -= r.count() - r.next
		if r.next == 0 {
			return fmt.Errorf("append to %s: no room: %w: nothing was saved", t.name.name, cause)
		}
		return fmt.Errorf("append to %s: no room: %w: %d of %d records may be saved; sending them again is safe",
			t.name.name, cause, r.next, r.count())
	}
	return nil
}

// place packs as much of r as fits into the open frame and reports whether all
// of it is placed. The caller holds mu.
func (t *tape) place(r *request) bool {
	was := t.open.b.Count()
	all := t.pack(r)
	if t.open.b.Count() > was {
		t.open.callers.Add(1)
		if was == 0 {
			t.open.began = time.Now()
			signal(t.wake)
		}
	}
	return all
}

func (t *tape) pack(r *request) bool {
	if r.records != nil {
		return t.packRaw(r)
	}
	now := max(t.chain.recorded, events.InstantOf(t.now()))
	for ; r.next < len(r.evs); r.next++ {
		e := r.evs[r.next]
		if t.repeat(r, e) {
			continue
		}
		f := t.open
		if n := f.b.Count(); n > 0 && (f.catalogue != r.catalogue || n >= t.limits.events || f.b.Size() > t.limits.fill) {
			return false
		}
		seq, index := t.openSeq(), uint32(f.b.Count())
		t.repeats.add(e.ID, seq, index, now)
		f.b.Add(e)
		f.vault, f.catalogue = max(f.vault, r.vault), r.catalogue
		r.results[r.next].Position = events.Position{Generation: t.chain.at.Generation, Seq: seq, Index: index}
		r.last = f
	}
	return true
}

// repeat recognises an event that is in the log or on its way there. It is
// answered once the first is durable.
func (t *tape) repeat(r *request, e *events.Event) bool {
	seq, index, ok := t.repeats.find(e.ID)
	if !ok {
		return false
	}
	r.results[r.next] = Result{events.Position{Generation: t.chain.at.Generation, Seq: seq, Index: index}, true}
	t.stats.duplicates.Add(1)
	t.pending--
	switch {
	case seq <= t.chain.at.Seq:
	case t.inflight != nil && seq == t.chain.at.Seq+1:
		if r.last != t.open {
			r.last = t.inflight
		}
	default:
		r.last = t.open
	}
	return true
}

// packRaw places a group whole, so that one sequence answers for all of it.
func (t *tape) packRaw(r *request) bool {
	f := t.open
	if n := f.b.Count(); n > 0 {
		if f.expect != AnySeq || r.expect != AnySeq || f.b.Size()+r.size > events.MaxFrameBytes || n >= t.limits.events {
			return false
		}
	}
	for _, b := range r.records {
		f.b.AddRaw(b)
	}
	f.expect = r.expect
	r.next, r.last = len(r.records), f
	return true
}

// openSeq is the sequence that the open frame will have.
func (t *tape) openSeq() uint64 {
	if t.inflight != nil {
		return t.chain.at.Seq + 2
	}
	return t.chain.at.Seq + 1
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

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// A bell wakes everybody who waits for the log to grow, and remembers how far
// it is known to reach.
type bell struct {
	mu  sync.Mutex
	c   chan struct{} // guarded by mu: closed and replaced by ring
	seq uint64        // guarded by mu
}

// wait returns how far the log is known to reach and a channel that the next
// ring closes.
func (b *bell) wait() (uint64, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.c == nil {
		b.c = make(chan struct{})
	}
	return b.seq, b.c
}

func (b *bell) ring(seq uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seq = max(b.seq, seq)
	if b.c != nil {
		close(b.c)
		b.c = nil
	}
}
