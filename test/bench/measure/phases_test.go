package measure

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
)

// small is a load that takes seconds and still has people of every size.
func small(t *testing.T) Options {
	t.Helper()
	return Options{Events: 30_000, People: 1000, Seed: 1, Dir: t.TempDir(), LookUps: 50, AskFor: 200 * time.Millisecond}
}

// TestPhases runs everything once on a small load: each phase ends, checks its
// own counts, and reports under names that no other uses.
func TestPhases(t *testing.T) {
	o := small(t)
	ctx := context.Background()
	all, err := TakeCensus(ctx, o, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range Phases {
		m, err := p.Run(ctx, o, t.TempDir())
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		if err := all.Add(m); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	rep := &Report{Options: o, Command: "test"}
	rep.Finish(Rounds{all}, 0)
	for _, v := range rep.Goals {
		needsMore := strings.Contains(v.Goal, "PostgreSQL") || strings.Contains(v.Goal, "5 million")
		if (v.Measured == nil) != needsMore {
			t.Errorf("%s: measured is %v", v.Goal, v.Measured)
		}
	}
	var page bytes.Buffer
	if err := rep.Page(&page); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "<no value>") || strings.Contains(page.String(), "PostgreSQL** does") {
		t.Errorf("the page of a run without PostgreSQL:\n%s", page.String())
	}
}

// TestFeed: what is measured gets exactly the load, whoever gives chunks back.
func TestFeed(t *testing.T) {
	o := small(t)
	done := make(chan struct{})
	defer close(done)
	f := NewFeed(done, o, 300, nil)
	seen := map[string]bool{}
	for list := range f.Chunks {
		for _, x := range list {
			seen[x.ExternalID.Expose()] = true
		}
		f.Reuse(list)
	}
	if len(seen) != o.Events {
		t.Errorf("%d different events, want %d", len(seen), o.Events)
	}
}
