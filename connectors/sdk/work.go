package sdk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// A Handler acts on a task and says what became of it. An error is reported as
// Failed, without its text; the task then comes again. The context ends shortly
// before the lease does: what takes longer is reported as Accepted.
type Handler func(ctx context.Context, t Task) (Report, error)

// Options are how a system works.
type Options struct {
	// AtOnce is how many tasks are in hand at most; default 4.
	AtOnce int
	// Lease is how long one may take; default ten minutes.
	Lease time.Duration
	// Wait is how long a claim waits for a task; default 30 seconds.
	Wait time.Duration
	// Log gets ids, verbs, outcomes and errors, never whom a task is about.
	Log *slog.Logger
}

// Work claims, handles and reports until ctx ends, and returns when what is in hand
// has been reported or its lease is over. It goes on when the server is away, and
// returns an error only where asking again cannot help: the token is refused.
func (c *Client) Work(ctx context.Context, o Options, h Handler) error {
	if o.AtOnce <= 0 {
		o.AtOnce = 4
	}
	if o.Lease <= 0 {
		o.Lease = 10 * time.Minute
	}
	if o.Wait <= 0 {
		o.Wait = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	w := &worker{c: c, o: o, h: h, slots: make(chan struct{}, o.AtOnce)}
	defer w.running.Wait()
	return w.run(ctx)
}

type worker struct {
	c       *Client
	o       Options
	h       Handler
	slots   chan struct{}
	running sync.WaitGroup
}

func (w *worker) run(ctx context.Context) error {
	back := backoff{}
	for ctx.Err() == nil {
		free := w.take(ctx)
		if free == 0 {
			return nil
		}
		tasks, after, err := w.c.Claim(ctx, Claim{Max: free, Wait: w.o.Wait, Lease: w.o.Lease})
		for range free - len(tasks) {
			<-w.slots
		}
		var no *Error
		switch {
		case ctx.Err() != nil && err != nil:
			return nil
		case errors.As(err, &no) && final(no):
			return err
		case err != nil:
			w.o.Log.WarnContext(ctx, "no task could be claimed", "error", err)
			after = back.next()
			if no != nil {
				after = max(after, no.After)
			}
		default:
			back = backoff{}
		}
		for _, t := range tasks {
			w.running.Go(func() {
				defer func() { <-w.slots }()
				w.one(ctx, t)
			})
		}
		if len(tasks) == 0 {
			pause(ctx, after)
		}
	}
	return nil
}

// take waits for a free place and takes all there are.
func (w *worker) take(ctx context.Context) (n int) {
	select {
	case <-ctx.Done():
		return 0
	case w.slots <- struct{}{}:
		n = 1
	}
	for n < w.o.AtOnce {
		select {
		case w.slots <- struct{}{}:
			n++
		default:
			return n
		}
	}
	return n
}

// final reports whether asking again is of no use.
func final(e *Error) bool {
	return e.Status == 401 || e.Status == 403 || e.Code == "permission.denied" || e.Code == "request.malformed"
}

// one handles a task. It goes on after ctx has ended, for what was begun is
// reported.
func (w *worker) one(ctx context.Context, t Task) {
	ctx = context.WithoutCancel(ctx)
	end := time.Now().Add(w.o.Lease)
	act, done := context.WithDeadline(ctx, end.Add(-min(w.o.Lease/10, 10*time.Second)))
	r, err := w.handle(act, t)
	done()
	if err != nil {
		w.o.Log.WarnContext(ctx, "a task failed", "task", t, "error", err)
		r = Report{Outcome: Failed, Detail: "handler_failed"}
	}
	ctx, done = context.WithDeadline(ctx, end)
	defer done()
	for back := (backoff{}); ; pause(ctx, back.next()) {
		got, err := w.c.Report(ctx, t, r)
		if err == nil {
			w.o.Log.InfoContext(ctx, "a task was reported on", "task", t, "outcome", string(r.Outcome), "state", got.State)
			return
		}
		var no *Error
		if errors.As(err, &no) && no.Status/100 == 4 && no.Status != 429 || ctx.Err() != nil {
			// It comes again when the lease ends, under the same key.
			w.o.Log.ErrorContext(ctx, "a report was not taken", "task", t, "error", err)
			return
		}
	}
}

func (w *worker) handle(ctx context.Context, t Task) (r Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("the handler panicked") // what it said may name the person
		}
	}()
	r, err = w.h(ctx, t)
	if err == nil && r.Outcome == "" {
		err = fmt.Errorf("the handler of %s gave no outcome", t.Verb)
	}
	return r, err
}

// A backoff doubles from a quarter of a second to a minute, with chance, so that
// systems that lost a server do not come back all at once.
type backoff struct{ last time.Duration }

func (b *backoff) next() time.Duration {
	b.last = min(max(2*b.last, 250*time.Millisecond), time.Minute)
	return b.last/2 + rand.N(b.last/2+1)
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
