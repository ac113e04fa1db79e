package projections_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

func mustNeedRebuild(t *testing.T, cfg projections.Config) {
	t.Helper()
	m, err := projections.Open(t.Context(), cfg)
	if err == nil {
		m.Close()
	}
	if !errors.Is(err, projections.ErrRebuildNeeded) {
		t.Fatalf("open: %v, want %v", err, projections.ErrRebuildNeeded)
	}
}

// tape records what a power cut could leave: the tables as they were at one
// moment and every write-ahead log since, as if none had been flushed.
type tape struct {
	base string // the build's directory at the moment
	logs map[string][]byte
	log  *projectionstest.Log
	end  projections.Digest
}

const perFrame = 300 // events, each of a person of her own: one row each

func record(t *testing.T) *tape {
	tp := &tape{base: t.TempDir(), logs: make(map[string][]byte), log: projectionstest.NewLog()}
	cfg := config(t.TempDir(), tp.log)
	cfg.MemTable = 1 << 20
	m, stop := run(t, cfg)
	defer stop()
	w := projectionstest.NewWorld()
	for i := range 120 {
		var evs []*events.Event
		for j := range perFrame {
			// Always the same codes: nothing but the rows and the marks of the
			// batches can tell that a batch is missing.
			evs = append(evs, w.Stored("crm", fmt.Sprint(i, "/", j), "sales", "identity"))
		}
		wait(t, m, tp.log.Append(w.Now(), evs...))
		build := filepath.Join(cfg.Dir, "000001")
		if i == 0 {
			copyDir(t, build, tp.base)
		}
		names, err := filepath.Glob(filepath.Join(build, "*.mem"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if b, err := os.ReadFile(name); err == nil && len(b) > 0 {
				tp.logs[filepath.Base(name)] = b
			}
		}
	}
	if len(tp.logs) < 3 {
		t.Fatalf("want several write-ahead logs, got %d", len(tp.logs))
	}
	tp.end = digest(t, m)
	return tp
}

// whole fails unless the map holds exactly what was told up to its position.
func (tp *tape) whole(t *testing.T, m *projections.Map, what string) {
	rep, err := m.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pos := m.Applied()
	want := pos.Seq * perFrame
	if !pos.IsZero() {
		want = (pos.Seq-1)*perFrame + uint64(pos.Index) + 1
	}
	if len(rep.Problems) > 0 || rep.Rows["E"] != want {
		t.Errorf("%s: stands at %s with %d rows, want %d; problems: %v", what, pos, rep.Rows["E"], want, rep.Problems)
	}
}

// lay writes the recorded state into a fresh map directory.
func (tp *tape) lay(t *testing.T) string {
	dir := t.TempDir()
	copyDir(t, tp.base, filepath.Join(dir, "000001"))
	if err := os.WriteFile(filepath.Join(dir, "CURRENT"), []byte("000001\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, b := range tp.logs {
		if err := os.WriteFile(filepath.Join(dir, "000001", name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// E3: whatever pages of whatever write-ahead logs a power cut takes, the map
// opens at a position whose rows are all there, or refuses and says what to do;
// never with a position ahead of its rows.
func TestTornLogs(t *testing.T) {
	tp := record(t)
	t.Run("any page", tp.anyPage)
	t.Run("rebuild after", tp.rebuildAfter)
}

func (tp *tape) anyPage(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	refused, back := 0, 0
	for trial := range 24 {
		dir := tp.lay(t)
		what := "nothing"
		if trial > 0 {
			what = tear(t, r, filepath.Join(dir, "000001"), trial)
		}
		cfg := config(dir, tp.log)
		cfg.MemTable = 1 << 20
		m, err := projections.Open(t.Context(), cfg)
		switch {
		case errors.Is(err, projections.ErrRebuildNeeded):
			refused++
			continue
		case err != nil:
			t.Fatalf("%s: open: %v", what, err)
		}
		tp.whole(t, m, what)
		at := m.Applied()
		back++
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		if trial == 0 && at != tp.log.End() {
			t.Fatalf("untorn logs recover to %s, want %s", at, tp.log.End())
		}
	}
	t.Logf("%d refused, %d went back or stood whole", refused, back)
	if refused == 0 || back < 2 {
		t.Errorf("want both outcomes, got %d refused, %d opened", refused, back)
	}
}

// tear zeroes a page, cuts the tail, flips a bit or empties one of the logs.
func tear(t *testing.T, r *rand.Rand, dir string, trial int) string {
	names, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	if err != nil {
		t.Fatal(err)
	}
	name := names[r.IntN(len(names))]
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	used := len(b)
	for used > 4096 && b[used-1] == 0 {
		used--
	}
	at := r.IntN(used/4096+1) * 4096
	what := fmt.Sprintf("page %d of %s (of %d) ", at/4096, filepath.Base(name), len(names))
	switch trial % 4 {
	case 0:
		clear(b[at:min(len(b), at+4096)])
		what += "zeroed"
	case 1:
		clear(b[at:])
		what += "and all after it zeroed"
	case 2:
		b[min(at+r.IntN(4096), used-1)] ^= 1 << r.IntN(8)
		what += "has a flipped bit"
	case 3:
		clear(b)
		what = filepath.Base(name) + " is all zero"
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return what
}

// A rebuild after a refusal ends where the log ends.
func (tp *tape) rebuildAfter(t *testing.T) {
	dir := tp.lay(t)
	names, err := filepath.Glob(filepath.Join(dir, "000001", "*.mem"))
	if err != nil || len(names) < 2 {
		t.Fatal(names, err)
	}
	b, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	clear(b[32<<10 : 36<<10])
	if err := os.WriteFile(names[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := config(dir, tp.log)
	mustNeedRebuild(t, cfg)
	if got := rebuilt(t, dir, tp.log); got != tp.end {
		t.Fatalf("rebuilt %+v, want %+v", got, tp.end)
	}
	if m, err := projections.Open(context.Background(), cfg); err != nil {
		t.Fatal(err)
	} else if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

// A flipped bit in a table is found: at opening, or by Check, or by reading; it
// is never served.
func TestFlippedTable(t *testing.T) {
	log := projectionstest.NewLog()
	d := newDrawn()
	for range 20 {
		var evs []*events.Event
		for range 100 {
			evs = append(evs, d.next())
		}
		log.Append(d.at, evs...)
	}
	dir := t.TempDir()
	want := follow(t, config(dir, log), log) // closing writes the tables
	r := rand.New(rand.NewPCG(5, 6))
	for range 10 {
		flipped := t.TempDir()
		copyDir(t, dir, flipped)
		names, err := filepath.Glob(filepath.Join(flipped, "000001", "*.sst"))
		if err != nil || len(names) == 0 {
			t.Fatal(names, err)
		}
		b, err := os.ReadFile(names[0])
		if err != nil {
			t.Fatal(err)
		}
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		if err := os.WriteFile(names[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := projections.Open(t.Context(), config(flipped, log))
		if err != nil {
			if !errors.Is(err, projections.ErrRebuildNeeded) {
				t.Fatalf("open: %v", err)
			}
			continue
		}
		got, err := m.Digest(t.Context())
		rep, checked := m.Check(t.Context())
		if err == nil && got != want && checked == nil && len(rep.Problems) == 0 {
			t.Errorf("a flipped bit was served: %+v, want %+v", got, want)
		}
		if err := m.Close(); err != nil {
			t.Logf("close: %v", err)
		}
	}
}

// Marks of batches do not pile up: those whose rows stand in tables are
// removed, and a crash right after finds no batch missing.
func TestMarksArePruned(t *testing.T) {
	log := projectionstest.NewLog()
	w := projectionstest.NewWorld()
	cfg := config(t.TempDir(), log)
	cfg.MemTable = 1 << 20
	m, _ := run(t, cfg)
	const frames = 270
	for i := range frames {
		var evs []*events.Event
		for j := range 100 {
			evs = append(evs, w.Stored("crm", fmt.Sprint(i, "/", j), "sales", "identity"))
		}
		wait(t, m, log.Append(w.Now(), evs...))
	}
	rep, err := m.Check(t.Context())
	if err != nil || len(rep.Problems) > 0 {
		t.Fatalf("check: %v %v", rep, err)
	}
	if n := rep.Rows["B"]; n >= frames || n < 10 {
		t.Errorf("%d marks after %d batches", n, m.Stats().Batches)
	}
	crashed := t.TempDir()
	copyDir(t, cfg.Dir, crashed)
	cfg.Dir = crashed
	c, err := projections.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, want := digest(t, c), digest(t, m); got != want {
		t.Errorf("after a crash %+v, want %+v", got, want)
	}
}
