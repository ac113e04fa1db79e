package fanout

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/nats-io/nats.go/jetstream"
)

// Limits of a claim.
const (
	MaxClaim     = 100
	MaxWait      = time.Minute
	UsualLease   = 10 * time.Minute
	LeastLease   = 10 * time.Second
	LongestLease = 24 * time.Hour
)

// Claim gives a system the tasks that wait for it, at most as many as it asks
// for, its rate allows and it may have at once. Where there is none it waits as
// long as it is told. Whoever goes away meanwhile loses nothing: what was claimed
// and not delivered is claimed again when its lease ends.
func (f *Fanout) Claim(ctx context.Context, who access.Caller, system events.Code, c events.WorkClaim) (*events.WorkList, error) {
	lease, err := checkClaim(who, system, &c)
	if err != nil {
		return nil, err
	}
	t := f.target(system)
	if !t.enter() {
		return nil, &Refusal{http.StatusTooManyRequests, "tasks.waiting", fmt.Sprintf("%d claims of this system are waiting already; one is enough", waitingMost), time.Second}
	}
	defer t.leave()
	f.Counts.claims.Add(1)
	ctx, done := context.WithTimeout(ctx, max(time.Duration(c.WaitSeconds)*time.Second, time.Second))
	defer done()
	out := &events.WorkList{Tasks: []events.Work{}}
	for {
		n, after, freed := t.room(f.cfg.Clock())
		if n == 0 && (len(out.Tasks) > 0 || c.WaitSeconds == 0 || !pause(ctx, after, freed)) {
			out.RetryAfterSeconds = int(max(time.Second, after) / time.Second)
			return out, nil
		}
		if n == 0 {
			continue
		}
		got, err := f.find(ctx, t, min(n, c.Max-len(out.Tasks)), c.WaitSeconds > 0 && len(out.Tasks) == 0)
		if err != nil {
			return nil, err
		}
		if err := f.take(ctx, who, t, got, lease, out); err != nil {
			return nil, err
		}
		if len(out.Tasks) == c.Max || len(got) == 0 || ctx.Err() != nil {
			return out, nil
		}
	}
}

func checkClaim(who access.Caller, system events.Code, c *events.WorkClaim) (lease time.Duration, err error) {
	if !who.MayActAs(system) {
		return 0, &Refusal{Status: http.StatusForbidden, Code: "permission.denied", Detail: "a system takes its own tasks and nobody else does: a claim says whom a task is about"}
	}
	if c.Max == 0 {
		c.Max = 1
	}
	lease = time.Duration(c.LeaseSeconds) * time.Second
	if lease == 0 {
		lease = UsualLease
	}
	bad := func(detail string) (time.Duration, error) {
		return 0, &Refusal{Status: http.StatusBadRequest, Code: "request.malformed", Detail: detail}
	}
	switch {
	case c.Max < 0 || c.Max > MaxClaim:
		return bad(fmt.Sprintf("max: want a number from 1 to %d", MaxClaim))
	case c.WaitSeconds < 0 || time.Duration(c.WaitSeconds)*time.Second > MaxWait:
		return bad(fmt.Sprintf("wait_seconds: want a number from 0 to %d", int(MaxWait.Seconds())))
	case lease < LeastLease || lease > LongestLease:
		return bad(fmt.Sprintf("lease_seconds: want a number from %d to %d", int(LeastLease.Seconds()), int(LongestLease.Seconds())))
	}
	return lease, nil
}

// pause waits for a time, or until something is freed; false when the wait of the
// claim is over.
func pause(ctx context.Context, after time.Duration, freed <-chan struct{}) bool {
	var timer <-chan time.Time
	if after > 0 {
		t := time.NewTimer(after)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-timer:
	case <-freed:
	}
	return true
}

// find takes bells off the queue. Where none is there the book is read first: what
// may be claimed by the clock of the facts may not have been rung for yet.
func (f *Fanout) find(ctx context.Context, t *target, n int, wait bool) ([]jetstream.Msg, error) {
	got, err := f.pull(ctx, t, n, false)
	if len(got) > 0 || err != nil {
		return got, err
	}
	if err := f.readFor(ctx, t, f.cfg.Clock()); err != nil && ctx.Err() == nil {
		// Nothing is lost: it is read again.
		f.cfg.Log.ErrorContext(ctx, "not every task was rung for", "system", string(t.system), "error", err)
	}
	if !wait && t.bells() > 0 {
		// It was rung for, and the queue hands a bell out a moment after it took it.
		var done context.CancelFunc
		ctx, done = context.WithTimeout(ctx, handOver)
		defer done()
		wait = true
	}
	return f.pull(ctx, t, n, wait)
}

// handOver is how long a bell that was rung may take to come out of the queue.
const handOver = 500 * time.Millisecond

// pull takes bells off the queue; with wait it waits for the first until ctx ends.
func (f *Fanout) pull(ctx context.Context, t *target, n int, wait bool) ([]jetstream.Msg, error) {
	c, err := f.consumer(ctx, t)
	if err != nil {
		return nil, err
	}
	batch, err := c.FetchNoWait(n)
	got := drain(batch, err)
	if len(got) == 0 && wait && ctx.Err() == nil {
		batch, err = c.Fetch(1, jetstream.FetchContext(ctx))
		got = drain(batch, err)
	}
	// A queue that is not there just now rings again: the ring finds that out.
	return got, nil
}

func drain(batch jetstream.MessageBatch, err error) (out []jetstream.Msg) {
	if err != nil {
		return nil
	}
	for m := range batch.Messages() {
		out = append(out, m)
	}
	return out
}

// take claims what the bells rang for, side by side: each claim waits for the disk.
// An error means that the caller may not have any of it.
func (f *Fanout) take(ctx context.Context, who access.Caller, t *target, bells []jetstream.Msg, lease time.Duration, out *events.WorkList) error {
	// A claim that has begun is brought to its end, also when the caller hangs up.
	ctx = context.WithoutCancel(ctx)
	works, errs := make([]*events.Work, len(bells)), make([]error, len(bells))
	var wg sync.WaitGroup
	for i, m := range bells {
		wg.Go(func() { works[i], errs[i] = f.one(ctx, who, t, m, lease) })
	}
	wg.Wait()
	var refused error
	for i, w := range works {
		var no *Refusal
		switch {
		case w != nil:
			out.Tasks = append(out.Tasks, *w)
		case errors.As(errs[i], &no):
			refused = no
		}
	}
	if len(out.Tasks) > 0 {
		return nil
	}
	return refused
}

// one answers one bell. The bell is taken off the queue whatever comes of it: what
// can still be claimed is rung for again, from the book.
func (f *Fanout) one(ctx context.Context, who access.Caller, t *target, m jetstream.Msg, lease time.Duration) (*events.Work, error) {
	task, err := decodeBell(m.Data())
	defer func() {
		if err := m.Ack(); err != nil {
			f.cfg.Log.WarnContext(ctx, "a bell was not taken off the queue and rings again", "error", err)
		}
	}()
	if err != nil {
		f.cfg.Log.ErrorContext(ctx, "a bell could not be read", "error", err)
		return nil, err
	}
	if !t.rate.AllowN(f.cfg.Clock(), 1) {
		t.free(task, f.cfg.Clock()) // others were quicker; it rings again
		f.Ring()
		return nil, ErrNotNow
	}
	w, err := f.cfg.Desk.Claim(ctx, who, t.system, task, lease)
	if err != nil {
		t.rests(task, f.cfg.Clock(), f.cfg.Every, f.cfg.Again)
		f.Counts.refused.Add(1)
		if !errors.Is(err, ErrNotNow) {
			f.cfg.Log.WarnContext(ctx, "a task was not claimed", "system", string(t.system), "task", task.String(), "error", err)
		}
		return nil, err
	}
	t.holds(task, w.LeaseUntil, f.cfg.Clock())
	f.Counts.revealed.Add(1)
	return w, nil
}

// Report takes what a system says of a task it had.
func (f *Fanout) Report(ctx context.Context, who access.Caller, system events.Code, task string, r *events.WorkReport) (*events.WorkReported, error) {
	if !who.MayActAs(system) {
		return nil, &Refusal{Status: http.StatusForbidden, Code: "permission.denied", Detail: "a system reports on its own tasks and nobody else does"}
	}
	got, err := f.cfg.Desk.Report(ctx, who, system, task, r)
	if err != nil {
		return nil, err
	}
	if id, err := events.ParseEventID(got.Task); err == nil {
		f.target(system).free(id, f.cfg.Clock())
	}
	f.Counts.report(r.Outcome)
	f.Ring()
	return got, nil
}
