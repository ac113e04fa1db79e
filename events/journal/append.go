package journal

import (
	"context"
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A request is what one caller wants to append.
type request struct {
	pack      *events.Pack // of events, or
	records   [][]byte     // one of the two
	size      int          // of records
	vault     uint64
	catalogue uint32
	expect    uint64

	next    int // first event not yet placed
	results []Result
	last    *frame        // the latest frame that the caller must see saved
	placed  chan struct{} // closed when all is placed or err is set; nil if never queued
	err     error
}

func (r *request) count() int {
	if r.pack != nil {
		return r.pack.Len()
	}
	return len(r.records)
}

// append hands a request over and waits until it is durable.
func (t *tape) append(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := t.space.check(); err != nil {
		return fmt.Errorf("append to %s: %w: nothing was saved", t.name.name, err)
	}
	if err := t.halted(); err != nil {
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
	r.unpack()
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
	f, seq, gen := t.open, t.openSeq(), t.chain.at.Generation
	for warm := r.next; r.next < r.pack.Len(); r.next++ {
		if r.next >= warm {
			warm = t.repeats.warm(r.pack, r.next)
		}
		id := r.pack.ID(r.next)
		if p, ok := t.repeats.find(id); ok {
			t.repeat(r, p)
			continue
		}
		n := f.b.Count()
		if n > 0 && (f.catalogue != r.catalogue || n >= t.limits.events || f.b.Size() > t.limits.fill) {
			return false
		}
		t.repeats.add(id, place{seq, uint32(n), r.pack.Sum(r.next)}, now)
		f.b.Place(r.pack, r.next)
		f.vault, f.catalogue = max(f.vault, r.vault), r.catalogue
		r.results[r.next].Position = events.Position{Generation: gen, Seq: seq, Index: uint32(n)}
		r.last = f
	}
	return true
}

// repeat answers for an event that is in the log at p, or on its way there: once
// the first is durable.
func (t *tape) repeat(r *request, p place) {
	seq := p.seq
	r.results[r.next] = Result{Position: events.Position{Generation: t.chain.at.Generation, Seq: seq, Index: p.index},
		Duplicate: true, Other: p.sum != 0 && p.sum != r.pack.Sum(r.next)}
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
}

// seen reports whether an event is remembered, and whether all events are.
func (t *tape) seen(id events.EventID) (seen, all bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, seen = t.repeats.find(id)
	return seen, !t.repeats.cut
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
