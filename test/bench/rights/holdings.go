package main

import (
	"context"
	"fmt"
	"time"
)

// systemsOfOne are those that one person's holdings are spread over.
const systemsOfOne = 8

// kinds of what is held, by activity.
var kinds = []struct{ activity, category string }{
	{"serve", "contact"}, {"serve", "orders"}, {"news", "contact"}, {"books", "payments"},
}

// oneWithMany measures one request of one person of whom very much is held.
func (b *bench) oneWithMany(ctx context.Context) error {
	c, err := begin(ctx, settings{Habeas: b.habeas, Dir: b.dir, Systems: systemsOfOne, PerMinute: b.perMinute, AtOnce: b.atOnce})
	if err != nil {
		return err
	}
	defer c.end() //nolint:errcheck // measured already
	dora, err := c.as(ctx, "dora", "dpo")
	if err != nil {
		return err
	}
	var lines []string
	for i := range b.holdings {
		k, system := kinds[i/systemsOfOne%len(kinds)], system(i%systemsOfOne)
		lines = append(lines, event(system, fmt.Sprint("h", i), "record.stored", "2024-09-02T10:00:00Z", fmt.Sprintf(
			`"subject":[{"kind":"%s.customer","value":"M-1"},{"kind":"email","value":"one@example.org"}],"item":{"kind":"%s.document","value":"D-%d"},"subject_type":"customer","activity":%q,"categories":[%q],"provenance":"provided"`,
			system, system, i, k.activity, k.category)))
	}
	if err := c.admin.send(ctx, lines); err != nil {
		return err
	}
	dora.position = c.admin.position
	one := map[string]any{"kind": "email", "value": "one@example.org"}
	t, err := again(5, func() error {
		return c.admin.post(ctx, "/v1/footprint", map[string]any{"identifier": one, "reason": "measured"}, nil)
	})
	if err != nil {
		return err
	}
	b.say("footprint of %d holdings: %s", b.holdings, t)
	for _, right := range []string{"erasure", "access"} {
		if err := b.oneCase(ctx, c, dora, right); err != nil {
			return fmt.Errorf("%s: %w", right, err)
		}
	}
	return nil
}

func (b *bench) oneCase(ctx context.Context, c *child, dora *client, right string) error {
	var opened struct{ Case string }
	step := func(name string, do func() error) error {
		begun := time.Now()
		if err := do(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		_, most := c.memory()
		b.say("%-9s %-28s %10s   most memory so far %d MB", right, name, short(time.Since(begun)), most)
		return nil
	}
	at := func(act string) string { return "/v1/cases/" + opened.Case + "/" + act }
	var plan struct {
		Items     []struct{ Holding any }
		Digest    string
		Undecided int
	}
	look := func() error { return dora.get(ctx, at("plan"), &plan) }
	why := map[string]any{"reason": "measured"}
	for _, s := range []struct {
		name string
		do   func() error
	}{
		{"open", func() error {
			return dora.post(ctx, "/v1/cases", map[string]any{"rights": []string{right}, "received": today(), "identifiers": []any{map[string]string{"kind": "email", "value": "one@example.org"}}}, &opened)
		}},
		{"plan, first", look}, {"plan, second", look}, {"plan, third", look},
		{"show the case", func() error { return dora.get(ctx, "/v1/cases/"+opened.Case, nil) }},
		{"confirm", func() error { return dora.post(ctx, at("confirm"), why, nil) }},
		{"decide, as proposed", func() error {
			if plan.Undecided == 0 {
				return nil
			}
			return dora.post(ctx, at("decide"), map[string]any{"accept_proposed": true, "reason": "measured"}, nil)
		}},
		{"plan, decided", look},
	} {
		if err := step(s.name, s.do); err != nil {
			return err
		}
	}
	b.say("%-9s %d items, %d wait for a person", right, len(plan.Items), plan.Undecided)
	if plan.Undecided > 0 {
		return nil
	}
	if err := step("approve", func() error {
		return c.admin.post(ctx, at("approve"), map[string]any{"digest": plan.Digest, "reason": "measured"}, nil)
	}); err != nil {
		return err
	}
	var ran struct{ Made int }
	if err := step("run", func() error { return c.admin.post(ctx, at("run"), map[string]any{}, &ran) }); err != nil {
		return err
	}
	b.say("%-9s %d tasks made", right, ran.Made)
	if right != "access" {
		return nil
	}
	var pack struct {
		Bytes int64
		Files int
	}
	if err := step("package", func() error {
		return c.admin.post(ctx, at("package"), map[string]any{"passphrase": "correct horse battery staple 17"}, &pack)
	}); err != nil {
		return err
	}
	b.say("%-9s %.1f MB in %d files", right, float64(pack.Bytes)/1e6, pack.Files)
	return step("download", func() error {
		_, err := c.admin.read(ctx, at("package"), "application/octet-stream")
		return err
	})
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }
