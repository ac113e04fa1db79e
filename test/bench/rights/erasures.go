package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/habeas-data/habeas/events"
)

// manyErasures has many people erased at many targets at once. Each target is a
// stand-in that takes its tasks over HTTP, says that they are done, and looks again
// when it is asked to.
func (b *bench) manyErasures(ctx context.Context) error {
	c, err := begin(ctx, settings{Habeas: b.habeas, Dir: b.dir, Systems: b.targets, PerMinute: b.perMinute, AtOnce: b.atOnce})
	if err != nil {
		return err
	}
	defer c.end() //nolint:errcheck // measured already
	dora, err := c.as(ctx, "dora", "dpo")
	if err != nil {
		return err
	}
	var targets []*target
	for i := range b.targets {
		t, err := c.as(ctx, system(i), "system:"+system(i))
		if err != nil {
			return err
		}
		targets = append(targets, &target{name: system(i), client: t, atOnce: min(b.atOnce, 100)})
	}
	if b.dead {
		targets[0].dead, targets[1].mute = true, true
	}
	ids, err := b.approved(ctx, c, dora)
	if err != nil {
		return err
	}
	c.forget()
	began, cpu := time.Now(), c.processor()
	run, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	var ended atomic.Int64
	for _, t := range targets {
		wg.Go(func() { t.work(run, &ended) })
	}
	made := b.start(ctx, c, ids)
	if made.err != nil {
		return made.err
	}
	b.say("run: %d tasks made in %s, %.0f a second; %s each case, with %d targets at work beside it", made.tasks, short(made.took), float64(made.tasks)/made.took.Seconds(), made.each, len(targets))
	want := int64(made.tasks)
	if b.dead {
		want -= 2 * int64(len(ids))
	}
	for last := time.Now(); ended.Load() < want; <-time.After(50 * time.Millisecond) {
		if time.Since(last) > 10*time.Second {
			now, most := c.memory()
			given := 0
			for _, t := range targets {
				t.mu.Lock()
				if !t.mute {
					given += t.given
				}
				t.mu.Unlock()
			}
			b.say("  after %5.0f s: %d given to targets that work, %d of %d tasks proven; server %d MB, at most %d MB", time.Since(began).Seconds(), given, ended.Load(), want, now, most)
			last = time.Now()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, t := range targets {
			if err := t.failure(); err != nil {
				return err
			}
		}
	}
	took := time.Since(began)
	now, most := c.memory()
	b.say("%d tasks done and proven in %s: %.0f a second, %s of the processors each (server alone); server %d MB, at most %d MB", want, short(took),
		float64(want)/took.Seconds(), (c.processor()-cpu)/time.Duration(want), now, most)
	var first, slow time.Duration
	for _, t := range targets {
		if t.dead || t.mute {
			continue
		}
		if first == 0 || t.last.Sub(began) < first {
			first = t.last.Sub(began)
		}
		slow = max(slow, t.last.Sub(began))
	}
	b.say("the first target was done after %s, the last after %s", short(first), short(slow))
	all := times{}
	for _, t := range targets {
		all = append(all, t.claims...)
	}
	b.say("claims that gave something: %s", all)
	return nil
}

// approved reports people, and brings a request of each up to its approval.
func (b *bench) approved(ctx context.Context, c *child, dora *client) ([]string, error) {
	var lines []string
	for p := range b.erasures {
		for i := range b.targets {
			lines = append(lines, event(system(i), fmt.Sprint("p", p), "record.stored", "2024-09-02T10:00:00Z", fmt.Sprintf(
				`"subject":[{"kind":"%s.customer","value":"M-%d"},{"kind":"email","value":"p%d@example.org"}],"subject_type":"customer","activity":"club","categories":["contact"],"provenance":"provided"`,
				system(i), p, p)))
		}
	}
	begun := time.Now()
	if err := c.admin.send(ctx, lines); err != nil {
		return nil, err
	}
	dora.position = c.admin.position
	b.say("%d people with %d holdings each reported in %s", b.erasures, b.targets, short(time.Since(begun)))
	ids := make([]string, b.erasures)
	begun = time.Now()
	err := side(ctx, b.erasures, 16, func(ctx context.Context, p int) error {
		var opened struct{ Case string }
		if err := dora.post(ctx, "/v1/cases", map[string]any{"rights": []string{"erasure"}, "received": today(),
			"identifiers": []any{map[string]string{"kind": "email", "value": fmt.Sprintf("p%d@example.org", p)}}}, &opened); err != nil {
			return err
		}
		ids[p] = opened.Case
		if err := dora.post(ctx, "/v1/cases/"+ids[p]+"/confirm", map[string]any{"reason": "measured"}, nil); err != nil {
			return err
		}
		return c.admin.post(ctx, "/v1/cases/"+ids[p]+"/approve", map[string]any{"reason": "measured"}, nil)
	})
	took := time.Since(begun)
	_, most := c.memory()
	b.say("%d cases opened, confirmed and approved in %s, 16 side by side: %.0f a second; at most %d MB", b.erasures, short(took), float64(b.erasures)/took.Seconds(), most)
	return ids, err
}

type started struct {
	tasks int
	took  time.Duration
	each  times
	err   error
}

// start runs the cases, four side by side as an office might.
func (b *bench) start(ctx context.Context, c *child, ids []string) (out started) {
	var mu sync.Mutex
	begun := time.Now()
	out.err = side(ctx, len(ids), 4, func(ctx context.Context, i int) error {
		var ran struct{ Made int }
		begun := time.Now()
		err := c.admin.post(ctx, "/v1/cases/"+ids[i]+"/run", map[string]any{}, &ran)
		mu.Lock()
		defer mu.Unlock()
		out.tasks += ran.Made
		out.each = append(out.each, time.Since(begun))
		return err
	})
	out.took = time.Since(begun)
	return out
}

// A target takes its tasks and says that they are done. A dead one never comes; a
// mute one takes tasks and never reports.
type target struct {
	name       string
	client     *client
	atOnce     int
	dead, mute bool

	mu     sync.Mutex
	err    error
	last   time.Time
	claims times
	given  int
}

func (t *target) failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

func (t *target) work(ctx context.Context, ended *atomic.Int64) {
	for ctx.Err() == nil && !t.dead {
		var list events.WorkList
		begun := time.Now()
		err := t.client.post(ctx, "/v1/systems/"+t.name+"/tasks/claim", events.WorkClaim{Max: t.atOnce, WaitSeconds: 5}, &list)
		t.mu.Lock()
		if err != nil && ctx.Err() == nil {
			t.err = err
		}
		t.given += len(list.Tasks)
		if len(list.Tasks) > 0 {
			t.claims = append(t.claims, time.Since(begun))
		}
		t.mu.Unlock()
		if err != nil || t.mute {
			continue
		}
		if len(list.Tasks) == 0 && list.RetryAfterSeconds > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
		err = side(ctx, len(list.Tasks), 4, func(ctx context.Context, i int) error {
			w := &list.Tasks[i]
			outcome := events.WorkDone
			if w.Verb == "verify" {
				outcome = events.WorkNotFound
			}
			var got events.WorkReported
			if err := t.client.post(ctx, "/v1/systems/"+t.name+"/tasks/"+w.Task+"/report", events.WorkReport{Attempt: w.Attempt, Outcome: outcome}, &got); err != nil {
				return err
			}
			if slices.Contains([]events.Code{"verified", "accepted_unverifiable"}, got.State) && !got.Known {
				ended.Add(1)
				t.mu.Lock()
				t.last = time.Now()
				t.mu.Unlock()
			}
			return nil
		})
		if err != nil && ctx.Err() == nil {
			t.mu.Lock()
			t.err = err
			t.mu.Unlock()
		}
	}
}
