package projections_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// drawLog packs a drawn history into frames of drawn sizes, with a record here
// and there that is no event.
func drawLog(t *rapid.T, most int) *projectionstest.Log {
	log := projectionstest.NewLog()
	told := projectionstest.DrawHistory(t, most)
	for len(told) > 0 {
		n := min(len(told), rapid.IntRange(1, 5).Draw(t, "frame"))
		var evs []*events.Event
		for _, x := range told[:n] {
			evs = append(evs, numbered(t, x.Event))
		}
		log.Append(told[n-1].Recorded, evs...)
		told = told[n:]
		if rapid.IntRange(0, 5).Draw(t, "broken") == 0 {
			log.AppendRaw(events.Instant(1), rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "record"))
		}
	}
	return log
}

// numbered has a system name a number that is unique everywhere beside its own,
// now and then, or speak under it: what is removed under one counts for the other.
func numbered(t *rapid.T, e *events.Event) *events.Event {
	how := rapid.IntRange(0, 5).Draw(t, "by number")
	if how > 1 || len(e.Subject) == 0 || len(e.Subject) >= events.MaxSubjects {
		return e
	}
	c := *e
	n := rapid.SampledFrom([]string{"nhs1", "nhs2"}).Draw(t, "number")
	ref := events.Ref{Handle: projectionstest.HandleOf(string(e.Source), n), Kind: "nhs_number"}
	if how == 0 {
		c.Subject = append(slices.Clone(e.Subject), ref)
	} else {
		c.Subject = append([]events.Ref{ref}, e.Subject[1:]...)
	}
	return &c
}

// follow runs a map over a log until it is at the end, and closes it.
func follow(t fataler, cfg projections.Config, log *projectionstest.Log) projections.Digest {
	m, err := projections.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- m.Run(run) }()
	if err := m.WaitFor(ctx, log.End()); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	d, err := m.Digest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

type fataler interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

func rebuilt(t fataler, dir string, log *projectionstest.Log) projections.Digest {
	cfg := config(dir, log)
	if err := projections.Rebuild(context.Background(), cfg, nil); err != nil {
		t.Fatal(err)
	}
	m, err := projections.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	d, err := m.Digest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// I4, E3: live == restarted == rebuilt, whatever was told and wherever batches
// and restarts cut it.
func TestEqualHoweverCut(t *testing.T) {
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		if n++; n > 12 {
			return // each draw opens several stores; the fold has its own, larger test
		}
		log := drawLog(rt, 40)
		want := rebuilt(rt, t.TempDir(), log)
		cfg := config(t.TempDir(), nil)
		cfg.BatchKeys = rapid.IntRange(1, 30).Draw(rt, "batch")
		for _, at := range []int{log.Frames() / 3, log.Frames() / 2, log.Frames()} {
			part := log.Prefix(max(1, at))
			cfg.Source = part
			if got := follow(rt, cfg, part); at == log.Frames() && got != want {
				rt.Fatalf("live and restarted %+v, rebuilt %+v", got, want)
			}
		}
	})
}

// The same, restarted after every single frame, and equal at every one of them.
func TestEqualCutAtEveryFrame(t *testing.T) {
	log := rapid.Custom(func(rt *rapid.T) *projectionstest.Log { return drawLog(rt, 40) }).Example(7)
	dir := t.TempDir()
	for i := 1; i <= log.Frames(); i++ {
		part := log.Prefix(i)
		got := follow(t, config(dir, part), part)
		if i%5 == 0 || i == log.Frames() {
			if want := rebuilt(t, t.TempDir(), part); got != want {
				t.Fatalf("after frame %d: restarted %+v, rebuilt %+v", i, got, want)
			}
		}
	}
}

// Rule of the store: a map of another version, or a damaged CURRENT, is refused
// with what to do, and a rebuild mends it.
func TestRebuildNeeded(t *testing.T) {
	log := projectionstest.NewLog()
	w := projectionstest.NewWorld()
	log.Append(w.Now(), w.Stored("crm", "c1", "sales", "identity"))
	dir := t.TempDir()
	want := follow(t, config(dir, log), log)
	if err := os.WriteFile(filepath.Join(dir, "CURRENT"), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustNeedRebuild(t, config(dir, log))
	if got := rebuilt(t, dir, log); got != want {
		t.Fatalf("rebuilt %+v, want %+v", got, want)
	}
	projections.WriteVersion(t, config(dir, log), []byte{9, 9, 9})
	mustNeedRebuild(t, config(dir, log))
	if got := rebuilt(t, dir, log); got != want {
		t.Fatalf("rebuilt %+v, want %+v", got, want)
	}
}
