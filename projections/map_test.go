package projections_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

func config(dir string, src projections.Source) projections.Config {
	return projections.Config{Dir: dir, Source: src, Memory: 256 << 10, Cache: 1 << 20, MinFree: 1}
}

// run opens a map and follows until the test, or the returned stop, ends it.
func run(t *testing.T, cfg projections.Config) (*projections.Map, func()) {
	t.Helper()
	m, err := projections.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := m.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	t.Cleanup(stop)
	return m, stop
}

func wait(t *testing.T, m *projections.Map, pos events.Position) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := m.WaitFor(ctx, pos); err != nil {
		t.Fatal(err)
	}
}

func digest(t *testing.T, m *projections.Map) projections.Digest {
	t.Helper()
	d, err := m.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEventBecomesHolding(t *testing.T) {
	log := projectionstest.NewLog()
	m, stop := run(t, config(t.TempDir(), log))
	w := projectionstest.NewWorld()
	e := w.Stored("crm", "c1", "marketing", "identity", "contact")
	pos := log.Append(w.Now(), e)
	wait(t, m, pos)
	v := m.View()
	rows, err := inventory.Rows(v, e.Subject[0].Handle)
	if err != nil {
		t.Fatal(err)
	}
	f := inventory.Fold(rows, inventory.Query{})
	if len(f.Holdings) != 2 || f.Holdings[0].State != inventory.Held || v.Position() != pos {
		t.Fatalf("holdings %+v at %s", f.Holdings, v.Position())
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	rep, err := m.Check(t.Context())
	if err != nil || len(rep.Problems) > 0 {
		t.Fatalf("check: %v %v", rep, err)
	}
	stop()
	if _, _, err := m.View().Get([]byte{'M', 'v'}); !errors.Is(err, projections.ErrClosed) {
		t.Fatalf("reading a closed map: %v", err)
	}
}

// I3, E3: a restart continues where the last batch ended, and a rebuild ends
// with the same rows.
func TestRestartAndRebuild(t *testing.T) {
	log := projectionstest.NewLog()
	dir := t.TempDir()
	w := projectionstest.NewWorld()
	var pos events.Position
	for range 3 {
		m, stop := run(t, config(dir, log))
		for range 20 {
			pos = log.Append(w.Now(), w.Stored("crm", "c1", "marketing", "identity"), w.Stored("hr", "h1", "payroll", "bank"))
		}
		wait(t, m, pos)
		stop()
	}
	m, _ := run(t, config(dir, log))
	was := digest(t, m)
	if was.Position != pos {
		t.Fatalf("at %s, want %s", was.Position, pos)
	}
	old := m.View()
	n := 0
	if err := m.Rebuild(t.Context(), func(projections.Progress) { n++ }); err != nil {
		t.Fatal(err)
	}
	if is := digest(t, m); is != was || n == 0 {
		t.Fatalf("rebuilt %x, was %x", is, was)
	}
	if d, err := old.Digest(t.Context()); err != nil || d != was {
		t.Fatalf("a view opened before the switch: %x %v", d, err)
	}
	pos = log.Append(w.Now(), w.Stored("crm", "c2", "marketing", "identity"))
	wait(t, m, pos)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Fatalf("want CURRENT and one build, got %v %v", entries, err)
	}
}

// I5: what cannot be read or placed is counted and listed, and stops nothing.
func TestQuarantine(t *testing.T) {
	log := projectionstest.NewLog()
	m, _ := run(t, config(t.TempDir(), log))
	w := projectionstest.NewWorld()
	bad := w.Stored("crm", "c1", "marketing", "identity")
	bad.Subject = nil
	log.AppendRaw(w.Now(), []byte{1, 200}, []byte("ann@example.org"))
	log.Append(w.Now(), bad)
	pos := log.Append(w.Now(), w.Stored("crm", "c1", "marketing", "identity"))
	wait(t, m, pos)
	v := m.View()
	defer v.Close()
	q, err := v.Quarantined(events.Position{}, 10)
	if err != nil || len(q) != 3 || m.Stats().Quarantined != 3 {
		t.Fatalf("quarantine: %v %v", q, err)
	}
	if q[2].Position.Seq != 2 || q[2].Reason == "" {
		t.Fatalf("quarantine: %+v", q[2])
	}
	rep, err := m.Check(t.Context())
	if err != nil || len(rep.Problems) > 0 {
		t.Fatalf("check: %v %v", rep, err)
	}
}

// The scans of one view share an iterator: one within another has its own, each
// sees its rows to the end, and a view that is closed says so.
func TestScansWithinScans(t *testing.T) {
	log := projectionstest.NewLog()
	m, _ := run(t, config(t.TempDir(), log))
	w := projectionstest.NewWorld()
	a, b := w.Stored("crm", "a", "marketing", "identity"), w.Stored("crm", "b", "marketing", "identity")
	a2, b2 := w.Stored("crm", "a", "billing", "financial"), w.Stored("crm", "b", "billing", "financial")
	log.Append(w.Now(), a, b)
	wait(t, m, log.Append(w.Now(), a2, b2))
	v := m.View()
	prefix := func(e *events.Event) []byte {
		h := e.Subject[0].Handle
		return append([]byte{inventory.FamilyEvent}, h[:]...)
	}
	count := func(e *events.Event, within func() int) (rows, inner int) {
		t.Helper()
		if err := v.Scan(prefix(e), nil, func(k, _ []byte) error {
			before := bytes.Clone(k)
			if within != nil {
				inner += within()
			}
			if !bytes.Equal(before, k) {
				t.Error("a scan within it changed the row of the one around it")
			}
			rows++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return rows, inner
	}
	alone, _ := count(a, nil)
	for range 3 {
		if rows, inner := count(a, func() int { n, _ := count(b, nil); return n }); rows != alone || inner != rows*alone || rows < 2 {
			t.Errorf("%d rows with %d within, want %d rows of each", rows, inner, alone)
		}
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if err := v.Scan(prefix(a), nil, func(_, _ []byte) error { return nil }); !errors.Is(err, projections.ErrClosed) {
		t.Errorf("scanning a closed view: %v", err)
	}
	if _, _, err := v.Get(prefix(a)); !errors.Is(err, projections.ErrClosed) {
		t.Errorf("reading a closed view: %v", err)
	}
}

// A reader sees whole batches, at a position that fits them, and never waits
// for the one being written.
func TestViewsAreWhole(t *testing.T) {
	log := projectionstest.NewLog()
	cfg := config(t.TempDir(), log)
	cfg.BatchKeys = 20
	m, _ := run(t, cfg)
	w := projectionstest.NewWorld()
	done := make(chan struct{})
	failed := make(chan string, 3)
	for range 3 {
		go func() {
			why := ""
			for running := true; running && why == ""; {
				select {
				case <-done:
					running = false
				default:
				}
				why = looksWhole(m)
			}
			failed <- why
		}()
	}
	var pos events.Position
	for range 200 {
		pos = log.Append(w.Now(), w.Stored("crm", w.Now().String(), "sales", "identity"), w.Stored("hr", w.Now().String(), "payroll", "bank"))
	}
	wait(t, m, pos)
	close(done)
	for range 3 {
		if why := <-failed; why != "" {
			t.Error(why)
		}
	}
}

func looksWhole(m *projections.Map) string {
	v := m.View()
	defer v.Close()
	pos := v.Position()
	systems, err := inventory.Systems(v)
	if err != nil {
		return err.Error()
	}
	n, rows := uint64(0), uint64(0)
	for _, s := range systems {
		n += s.Events
	}
	err = v.Scan([]byte{inventory.FamilyEvent}, nil, func(_, _ []byte) error {
		rows++
		return nil
	})
	want := uint64(0)
	if !pos.IsZero() {
		want = (pos.Seq-1)*2 + uint64(pos.Index) + 1
	}
	if err != nil || n != want || rows != want {
		return fmt.Sprintf("at %s: %d events counted, %d rows, want %d; %v", pos, n, rows, want, err)
	}
	return ""
}
