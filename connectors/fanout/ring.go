package fanout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Run reads the book for what may be claimed now, at start and then again and
// again, until ctx ends. It is the only one who rings.
func (f *Fanout) Run(ctx context.Context) error {
	for {
		began := time.Now()
		if err := f.ring(ctx); err != nil && ctx.Err() == nil {
			// Nothing is lost: the book is read again.
			f.cfg.Log.ErrorContext(ctx, "not every task was rung for", "error", err)
		}
		// Where reading takes long it is done less often, but never seldom: what falls
		// due by the clock alone is found by nothing else.
		wait := time.NewTimer(max(f.cfg.Every, min(20*time.Since(began), longestPause)))
		select {
		case <-ctx.Done():
			wait.Stop()
			return nil
		case <-f.poke:
		case <-wait.C:
		}
		wait.Stop()
	}
}

// longestPause is the longest between two readings of the book.
const longestPause = 10 * time.Second

// Ring asks to read the book soon: something new is in it.
func (f *Fanout) Ring() {
	f.news.Add(1)
	select {
	case f.poke <- struct{}{}:
	default:
	}
}

// Wake is Ring where what kept tasks back may be over: a hold was lifted, a copy was
// given, a day has come. Those that could not be claimed are tried again at once.
func (f *Fanout) Wake() {
	f.mu.Lock()
	for _, t := range f.targets {
		t.mu.Lock()
		clear(t.rest)
		t.mu.Unlock()
	}
	f.mu.Unlock()
	f.Ring()
}

// ring publishes a bell for each task that may be claimed and was not rung for.
func (f *Fanout) ring(ctx context.Context) error {
	var errs []error
	var systems []events.Code
	err := f.cfg.Book.Systems(ctx, func(s events.Code) error { systems = append(systems, s); return nil })
	if err != nil {
		return fmt.Errorf("read which systems have tasks: %w", err)
	}
	for _, s := range systems {
		if err := f.ringFor(ctx, s); err != nil {
			errs = append(errs, err) // the others are rung for all the same
		}
	}
	return errors.Join(errs...)
}

// readFor reads the book for one system because a claim that began at a time found
// the queue empty, unless a reading has begun since: many that ask at once cost one.
// Whoever asks again and again waits until reading is worth it again, so an empty
// answer always means that nothing was there.
func (f *Fanout) readFor(ctx context.Context, t *target, since time.Time) error {
	t.reading.Lock()
	defer t.reading.Unlock()
	news := f.news.Load()
	for {
		began, wait := f.cfg.Clock(), time.Duration(0)
		if wait = t.fresh(began, since, news); wait < 0 {
			return nil
		}
		if wait == 0 {
			err := f.ringFor(ctx, t.system)
			t.hasRead(began, f.cfg.Clock().Sub(began), news)
			return err
		}
		if !pause(ctx, wait, nil) {
			return nil // the claim is over
		}
	}
}

// A reading of the book for one system: when, how long it took, and what there was
// to know.
type reading struct {
	at   time.Time
	took time.Duration
	news uint64
}

func (t *target) hasRead(at time.Time, took time.Duration, news uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.read = reading{at, took, news}
}

// fresh tells how long to wait before the book is read for a claim that began at a
// time; negative: it was read since. At most a twentieth of the time goes into
// readings that nobody rang for, and half of it into those that somebody did.
func (t *target) fresh(now, since time.Time, news uint64) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.read.at.Before(since) {
		return -1
	}
	rest := 20 * t.read.took
	if news != t.read.news {
		rest = t.read.took
	}
	return max(0, t.read.at.Add(t.read.took+rest).Sub(now))
}

func (f *Fanout) ringFor(ctx context.Context, system events.Code) error {
	t := f.target(system)
	if err := f.recount(ctx, t); err != nil {
		return err
	}
	now, began := events.InstantOf(f.cfg.Now()), f.cfg.Clock()
	leased := map[events.EventID]bool{}
	var open, waits int
	var ringing []Waiting
	err := f.cfg.Book.Open(ctx, system, func(o Waiting) bool {
		open++
		switch {
		case o.Manual:
		case o.Lease > now:
			leased[o.Task] = true
			t.seen(o, began)
		case o.From > now:
			waits++
		case t.rings(o.Task, f.cfg.Window, began):
			ringing = append(ringing, o)
		}
		return ctx.Err() == nil
	})
	if err != nil {
		return fmt.Errorf("read the tasks of %s: %w", system, err)
	}
	t.forget(leased, now, began)
	t.wake(began)
	f.Counts.book(system, open, waits, len(leased))
	for i, o := range ringing {
		if err := f.publish(ctx, o); err != nil {
			t.unring(ringing[i:])
			return err
		}
	}
	return ctx.Err()
}

func (f *Fanout) publish(ctx context.Context, o Waiting) error {
	body, err := json.Marshal(bell{Task: o.Task.String(), Verb: string(o.Verb)})
	if err == nil {
		_, err = f.js.Publish(ctx, subjectOf(o.System), body)
	}
	if err != nil {
		return fmt.Errorf("ring for a task of %s: %w", o.System, errors.Join(ErrStream, err))
	}
	f.Counts.rung.Add(1)
	return nil
}

// recount compares the bells that are remembered with those in the queue. Where
// some are missing, as when the server of the queue was restarted, all are
// rung again: one bell too many does nothing.
func (f *Fanout) recount(ctx context.Context, t *target) error {
	c, err := f.consumer(ctx, t)
	if err != nil {
		return err
	}
	if t.bells() == 0 {
		return nil
	}
	info, err := c.Info(ctx)
	if err == nil && int(info.NumPending)+info.NumAckPending < t.bells() {
		t.reset(c)
	}
	if errors.Is(err, jetstream.ErrConsumerNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, nats.ErrNoResponders) {
		return f.remake(ctx)
	}
	if err != nil {
		return fmt.Errorf("count the bells of %s: %w", t.system, errors.Join(ErrStream, err))
	}
	return nil
}

// remake makes the queue again after it was lost. What waited in it stands in the
// book and is rung for at the next reading, which is soon.
func (f *Fanout) remake(ctx context.Context) error {
	f.cfg.Log.WarnContext(ctx, "the queue of tasks was lost and is made again from the book")
	if err := f.make(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.targets {
		t.reset(nil)
	}
	f.Ring()
	return nil
}

func (t *target) bells() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.rung)
}

// reset forgets the bells, and reads with another consumer.
func (t *target) reset(c jetstream.Consumer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.rung)
	t.cons = c
}

// rings reports whether a bell is due, and notes it: none is in the queue, nobody
// has the task in hand, and there is room. It is noted before it is published,
// for a claim may be quicker than the answer to that.
func (t *target) rings(task events.EventID, window int, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, held := t.hand[task]
	if now.Before(t.rest[task].until) || held || t.rung[task] || len(t.rung) >= window {
		return false
	}
	t.rung[task] = true
	return true
}

func (t *target) unring(list []Waiting) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range list {
		delete(t.rung, o.Task)
	}
}

// seen notes a lease that the book knows: after a restart it is the only one who
// does. A book that was read from before a report on the task is out of date.
func (t *target) seen(o Waiting, began time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if at, ok := t.let[o.Task]; ok && !at.Before(began) {
		return
	}
	if _, ok := t.hand[o.Task]; !ok {
		t.hand[o.Task] = held{until: o.Lease}
	}
}

// forget drops what nobody has in hand any more: its lease has ended, or the book
// does not know it as leased. A claim of the last seconds may not have reached
// the book that was read.
func (t *target) forget(leased map[events.EventID]bool, now events.Instant, began time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for task, h := range t.hand {
		if h.until <= now || !leased[task] && began.Sub(h.at) > settling {
			t.drop(task)
		}
	}
}

// wake forgets who has rested long ago, so that the list stays small.
func (t *target) wake(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for task, r := range t.rest {
		if now.Sub(r.until) > 2*r.last+settling {
			delete(t.rest, task)
		}
	}
	for task, at := range t.let {
		if now.Sub(at) > settling {
			delete(t.let, task)
		}
	}
}

// settling is how long a claim may take to be seen in the book.
const settling = 15 * time.Second
