package main

import (
	"context"
	"fmt"
	"time"
)

// longLists measures the list of very many cases, of which most were answered long
// ago, and how long a server with them takes to start.
func (b *bench) longLists(ctx context.Context) error {
	o := settings{Habeas: b.habeas, Dir: b.dir, Systems: 2, PerMinute: b.perMinute, AtOnce: b.atOnce}
	c, err := begin(ctx, o)
	if err != nil {
		return err
	}
	if err := b.openMany(ctx, c); err != nil {
		_ = c.end()
		return err
	}
	now, most := c.memory()
	b.say("server %d MB, at most %d MB", now, most)
	err = b.askLists(ctx, c)
	if err == nil {
		err = b.askPeople(ctx, c)
	}
	if err != nil {
		_ = c.end()
		return err
	}
	if err := c.end(); err != nil {
		return err
	}
	if c, err = begin(ctx, o); err != nil {
		return err
	}
	defer c.end() //nolint:errcheck // measured already
	now, most = c.memory()
	b.say("started again and ready after %s, %s of the processors; server %d MB, at most %d MB", short(c.start), short(c.processor()), now, most)
	return b.askPeople(ctx, c)
}

// openMany records the cases: those answered before, and those that are not.
func (b *bench) openMany(ctx context.Context, c *child) error {
	begun := time.Now()
	day := time.Now().UTC()
	err := side(ctx, b.cases, 64, func(ctx context.Context, i int) error {
		in := map[string]any{"rights": []string{[]string{"access", "erasure", "rectification"}[i%3]}, "force": true,
			"identifiers": []any{map[string]string{"kind": "email", "value": fmt.Sprintf("p%d@example.org", i)}}}
		if i%(b.cases/b.open) == 0 {
			in["received"] = day.AddDate(0, 0, -i%40).Format(time.DateOnly)
		} else {
			from := day.AddDate(0, 0, -60-i%1500)
			in["received"], in["answered"] = from.Format(time.DateOnly), from.AddDate(0, 0, 20).Format(time.DateOnly)
		}
		return c.admin.post(ctx, "/v1/cases", in, nil)
	})
	took := time.Since(begun)
	b.say("%d cases recorded in %s, 64 side by side: %.0f a second", b.cases, short(took), float64(b.cases)/took.Seconds())
	return err
}

// askLists asks for pages and for everything, each look recorded first.
func (b *bench) askLists(ctx context.Context, c *child) error {
	type page struct {
		Cases []struct{ Case string }
		Next  string
	}
	soon := time.Now().UTC().AddDate(0, 0, 7).Format(time.DateOnly)
	for _, q := range []struct{ name, query string }{
		{"first page of 100, what is due soonest", ""},
		{"of those that wait for an answer", "status=open"},
		{"due within a week", "due_before=" + soon},
		{"overdue", "overdue=true"},
		{"the newest", "order=newest"},
		{"of one right, the newest", "order=newest&right=erasure"},
		{"withdrawn ones, of which there are none", "status=withdrawn"},
		{"a page of 1000, the newest", "order=newest&limit=1000"},
	} {
		var got page
		t, err := again(100, func() error { got = page{}; return c.admin.get(ctx, "/v1/cases?"+q.query, &got) })
		if err != nil {
			return err
		}
		b.say("%-42s %4d cases: %s", q.name, len(got.Cases), t)
	}
	next, n := "", 0
	t, err := again(50, func() error {
		var got page
		err := c.admin.get(ctx, "/v1/cases?order=newest&limit=1000&after="+next, &got)
		next, n = got.Next, n+len(got.Cases)
		return err
	})
	if err != nil {
		return err
	}
	b.say("%-42s %4d cases: %s", "page after page of 1000", n, t)
	c.forget()
	begun := time.Now()
	size, err := c.admin.read(ctx, "/v1/cases?order=newest", "application/x-ndjson")
	if err != nil {
		return err
	}
	_, most := c.memory()
	b.say("all of them as lines: %.1f MB in %s; at most %d MB", float64(size)/1e6, short(time.Since(begun)), most)
	return nil
}

// askPeople asks what needs to know whose cases there are: to open one more, and
// its plan.
func (b *bench) askPeople(ctx context.Context, c *child) error {
	var opened struct{ Case string }
	n := 0
	t, err := again(20, func() error {
		n++
		return c.admin.post(ctx, "/v1/cases", map[string]any{"rights": []string{"access"}, "received": today(), "force": true,
			"identifiers": []any{map[string]string{"kind": "email", "value": fmt.Sprintf("q%d@example.org", n)}}}, &opened)
	})
	if err != nil {
		return err
	}
	b.say("%-42s %s", "one more case", t)
	t, err = again(20, func() error { return c.admin.get(ctx, "/v1/cases/"+opened.Case+"/plan", nil) })
	if err == nil {
		b.say("%-42s %s", "its plan", t)
	}
	return err
}
