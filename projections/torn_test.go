package projections_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

const perFrame = 300 // events, each of a person of her own: one row each

// A tape holds what a power cut would have left at many moments of a map's life.
type tape struct {
	left []string // map directories
	log  *projectionstest.Log
	end  projections.Digest
}

func record(t *testing.T) *tape {
	tp := &tape{log: projectionstest.NewLog()}
	cfg := config(t.TempDir(), tp.log)
	cfg.Memory = 64 << 10
	m, stop := run(t, cfg)
	defer stop()
	w := projectionstest.NewWorld()
	for i := range 60 {
		var evs []*events.Event
		for j := range perFrame {
			// Always the same codes: nothing but the rows can tell that some are
			// missing.
			evs = append(evs, w.Stored("crm", fmt.Sprint(i, "/", j), "sales", "identity"))
		}
		wait(t, m, tp.log.Append(w.Now(), evs...))
		if i%6 == 0 {
			tp.left = append(tp.left, leave(t, cfg.Dir))
		}
	}
	tp.end = digest(t, m)
	m.Flush(t)
	tp.left = append(tp.left, leave(t, cfg.Dir))
	return tp
}

// leave copies what a power cut would leave now: the manifest and the files that
// it names. They may be replaced meanwhile; then it is done again.
func leave(t *testing.T, dir string) string {
	t.Helper()
	for range 100 {
		to := t.TempDir()
		build := filepath.Join(to, "000001")
		if err := os.Mkdir(build, 0o700); err != nil {
			t.Fatal(err)
		}
		whole := os.WriteFile(filepath.Join(to, "CURRENT"), []byte("000001\n"), 0o600) == nil
		list, err := os.ReadFile(filepath.Join(dir, "000001", "MANIFEST"))
		if errors.Is(err, os.ErrNotExist) {
			return to // nothing was written yet
		}
		if err != nil {
			t.Fatal(err)
		}
		whole = whole && os.WriteFile(filepath.Join(build, "MANIFEST"), list, 0o600) == nil
		for _, line := range strings.Split(string(list), "\n") {
			var id uint64
			if n, _ := fmt.Sscanf(line, "run %d ", &id); n == 1 {
				name := fmt.Sprintf("run-%06d", id)
				b, err := os.ReadFile(filepath.Join(dir, "000001", name))
				whole = whole && err == nil && os.WriteFile(filepath.Join(build, name), b, 0o600) == nil
			}
		}
		if whole {
			return to
		}
	}
	t.Fatal("the map never stood still")
	return ""
}

// whole fails unless the map holds exactly what was told up to its position.
func (tp *tape) whole(t *testing.T, m *projections.Map, what string) {
	rep, err := m.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pos := m.Applied()
	if want := pos.Seq * perFrame; len(rep.Problems) > 0 || rep.Rows["E"] != want {
		t.Errorf("%s: stands at %s with %d rows, want %d; problems: %v", what, pos, rep.Rows["E"], want, rep.Problems)
	}
}

// E3: whenever the power goes, the map opens at a position whose rows are all
// there and goes on from it to where it would have been; and whatever page of
// whatever file is lost after that, it refuses and says what to do, and a rebuild
// ends where the log ends.
func TestPowerCut(t *testing.T) {
	tp := record(t)
	r := rand.New(rand.NewPCG(3, 4))
	back, torn := 0, 0
	for i, dir := range tp.left {
		what := fmt.Sprint("power cut ", i)
		for range 4 {
			if tear(t, r, filepath.Join(dir, "000001"), func() { mustNeedRebuild(t, config(dir, tp.log)) }) {
				torn++
			}
		}
		cfg := config(dir, tp.log)
		m, err := projections.Open(t.Context(), cfg)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		tp.whole(t, m, what)
		if m.Applied() != tp.log.End() {
			back++
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		if got := follow(t, cfg, tp.log); got != tp.end {
			t.Errorf("%s: it ends at %+v, want %+v", what, got, tp.end)
		}
	}
	if back == 0 || back == len(tp.left) || torn < 20 {
		t.Errorf("of %d power cuts %d lost something, %d files were torn: the test tests nothing", len(tp.left), back, torn)
	}
	dir := tp.left[len(tp.left)-1]
	tear(t, r, filepath.Join(dir, "000001"), func() {
		mustNeedRebuild(t, config(dir, tp.log))
		if got := rebuilt(t, dir, tp.log); got != tp.end {
			t.Errorf("rebuilt %+v, want %+v", got, tp.end)
		}
	})
}

// tear zeroes a page, cuts the tail, flips a bit or empties one of the files while
// fn runs. It reports whether there was one.
func tear(t *testing.T, r *rand.Rand, dir string, fn func()) bool {
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return filepath.Base(n) == "LOCK" })
	if len(names) == 0 {
		return false
	}
	name := names[r.IntN(len(names))]
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(good)
	at := r.IntN(len(bad))
	switch r.IntN(4) {
	case 0:
		at = at / 4096 * 4096
		clear(bad[at:min(len(bad), at+4096)])
	case 1:
		bad = bad[:at]
	case 2:
		bad[at] ^= 1 << r.IntN(8)
	case 3:
		bad = nil
	}
	if err := os.WriteFile(name, bad, 0o600); err != nil {
		t.Fatal(err)
	}
	fn()
	if _, err := os.Stat(name); err == nil { // a rebuild removes it
		if err := os.WriteFile(name, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return true
}
