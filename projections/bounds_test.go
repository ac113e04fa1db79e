package projections_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// The old map may be the reason for a new one: that it cannot be closed as it
// should does not take the new one away.
func TestRebuildOfAMapThatCannotBeClosed(t *testing.T) {
	log, dir, w := projectionstest.NewLog(), t.TempDir(), projectionstest.NewWorld()
	m, err := projections.Open(t.Context(), config(dir, log))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	pos := log.Append(w.Now(), w.Stored("crm", "c1", "marketing", "identity"))
	wait(t, m, pos)
	was := digest(t, m)
	if err := os.RemoveAll(filepath.Join(dir, "000001")); err != nil { // nothing can be written there any more
		t.Fatal(err)
	}
	if err := m.Rebuild(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if is := digest(t, m); is != was {
		t.Fatalf("rebuilt %x, was %x", is, was)
	}
	pos = log.Append(w.Now(), w.Stored("crm", "c2", "marketing", "identity"))
	wait(t, m, pos)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

// A few rows that every event changes are not kept in memory as often as they
// change: the batch ends.
func TestHotRowsEndABatch(t *testing.T) {
	log, w := projectionstest.NewLog(), projectionstest.NewWorld()
	for range 400 {
		frame := make([]*events.Event, 256)
		for i := range frame {
			frame[i] = w.Stored("crm", "c1", "marketing", "identity")
		}
		log.Append(w.Now(), frame...)
	}
	cfg := config(t.TempDir(), log)
	cfg.BatchKeys, cfg.Idle = 1<<20, time.Hour
	if err := projections.Rebuild(t.Context(), cfg, nil); err != nil {
		t.Fatal(err)
	}
	m, err := projections.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if n := m.Stats().Batches; n < 2 {
		t.Errorf("%d batch of all events, want more", n)
	}
}
