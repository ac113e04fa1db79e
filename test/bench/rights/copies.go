package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/habeas-data/habeas/events"
)

// largePackage measures an answer with large copies: sent by the systems, packed
// and encrypted, and fetched.
func (b *bench) largePackage(ctx context.Context) error {
	c, err := begin(ctx, settings{Habeas: b.habeas, Dir: b.dir, Systems: b.copies, PerMinute: b.perMinute, AtOnce: b.atOnce})
	if err != nil {
		return err
	}
	defer c.end() //nolint:errcheck // measured already
	dora, err := c.as(ctx, "dora", "dpo")
	if err != nil {
		return err
	}
	var lines []string
	for i := range b.copies {
		lines = append(lines, event(system(i), "h", "record.stored", "2024-09-02T10:00:00Z", fmt.Sprintf(
			`"subject":[{"kind":"%s.customer","value":"M-1"},{"kind":"email","value":"one@example.org"}],"subject_type":"customer","activity":"serve","categories":["contact"],"provenance":"provided"`, system(i))))
	}
	if err := c.admin.send(ctx, lines); err != nil {
		return err
	}
	dora.position = c.admin.position
	var opened struct{ Case string }
	if err := dora.post(ctx, "/v1/cases", map[string]any{"rights": []string{"access"}, "received": today(),
		"identifiers": []any{map[string]string{"kind": "email", "value": "one@example.org"}}}, &opened); err != nil {
		return err
	}
	at := func(act string) string { return "/v1/cases/" + opened.Case + "/" + act }
	why := map[string]any{"reason": "measured"}
	for _, act := range []struct {
		who *client
		act string
	}{{dora, "confirm"}, {c.admin, "approve"}, {c.admin, "run"}} {
		if err := act.who.post(ctx, at(act.act), why, nil); err != nil {
			return err
		}
	}
	now, _ := c.memory()
	b.say("before it the server holds %d MB", now)
	total := float64(b.copies) * float64(b.megabytes)
	steps := []struct {
		name string
		do   func() error
	}{
		{"send the copies", func() error { return b.sendCopies(ctx, c) }},
		{"package", func() error {
			return c.admin.post(ctx, at("package"), map[string]any{"passphrase": "correct horse battery staple 17"}, nil)
		}},
		{"download", func() error {
			n, err := c.admin.read(ctx, at("package"), "application/octet-stream")
			if err == nil && float64(n) < total*(1<<20) {
				err = fmt.Errorf("only %d bytes came", n)
			}
			return err
		}},
	}
	for _, s := range steps {
		c.forget()
		begun, cpu := time.Now(), c.processor()
		if err := s.do(); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		took := time.Since(begun)
		now, most := c.memory()
		b.say("%-16s %.0f MB in %s: %.0f MB/s, %s of the processors; server %d MB, at most %d MB", s.name, total, short(took), total/took.Seconds(), short(c.processor()-cpu), now, most)
	}
	return nil
}

// sendCopies has each system send its copy, one after the other.
func (b *bench) sendCopies(ctx context.Context, c *child) error {
	for i := range b.copies {
		one, err := c.as(ctx, system(i), "system:"+system(i))
		if err != nil {
			return err
		}
		var list events.WorkList
		if err := one.post(ctx, "/v1/systems/"+system(i)+"/tasks/claim", events.WorkClaim{Max: 1, WaitSeconds: 20}, &list); err != nil {
			return err
		}
		if len(list.Tasks) != 1 || list.Tasks[0].Verb != "export" {
			return fmt.Errorf("%s was given %d tasks", system(i), len(list.Tasks))
		}
		path := "/v1/systems/" + system(i) + "/tasks/" + list.Tasks[0].Task
		var seed [32]byte
		seed[0] = byte(i)
		// Random bytes: what compresses would flatter the package.
		body := io.LimitReader(rand.NewChaCha8(seed), int64(b.megabytes)<<20)
		res, err := one.do(ctx, "PUT", path+"/copies/data.bin", "application/octet-stream", body)
		if err != nil {
			return err
		}
		_ = res.Body.Close()
		if err := one.post(ctx, path+"/report", events.WorkReport{Attempt: list.Tasks[0].Attempt, Outcome: events.WorkDone, Copies: []string{"data.bin"}}, nil); err != nil {
			return err
		}
	}
	return nil
}
