package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/audit/audittest"
	"github.com/habeas-data/habeas/events"
)

var ctx = context.Background()

// world is an audit log that can be closed and opened again.
type world struct {
	t   *testing.T
	dir string
	j   *audittest.Journal
	at  time.Time
	l   *audit.Log
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir(), j: &audittest.Journal{}, at: time.Date(2025, 3, 14, 9, 26, 53, 0, time.UTC)}
	w.open(false)
	t.Cleanup(func() { _ = w.l.Close() })
	return w
}

func (w *world) open(rebuild bool) {
	w.t.Helper()
	l, err := audit.Open(ctx, audit.Config{
		Dir: filepath.Join(w.dir, "audit"), Journal: w.j, KeyFile: filepath.Join(w.dir, "keys", "audit.key"),
		Create: true, Rebuild: rebuild, Now: func() time.Time { return w.at },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.l = l
}

// crash opens again without closing: what was not vouched for is derived.
func (w *world) crash() { w.t.Helper(); w.open(false) }

func entry(i int) audit.Entry {
	return audit.Entry{Actor: "bcdfghjkmn", Name: "jo", Roles: []string{"dpo"}, Act: "footprint.read", Outcome: audit.Found,
		Target: events.Code(fmt.Sprintf("n%d", i)), Position: events.Position{Generation: 1, Seq: uint64(i), Index: 0}}
}

func (w *world) append(n int) {
	w.t.Helper()
	for range n {
		size := w.l.Size()
		i, err := w.l.Append(ctx, entry(int(size)))
		if err != nil || i != size {
			w.t.Fatalf("append %d: %d, %v", size, i, err)
		}
	}
}

func (w *world) root() audit.Checkpoint {
	w.t.Helper()
	c, err := w.l.Root()
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func TestRootIsTheSameLiveRestartedAndRebuilt(t *testing.T) {
	w := newWorld(t)
	empty := w.root()
	w.append(1500) // past a written state
	live := w.root()
	w.crash()
	if got := w.root(); got != live {
		t.Fatalf("after a crash: %v, want %v", got, live)
	}
	if err := w.l.Close(); err != nil {
		t.Fatal(err)
	}
	w.open(false)
	if got := w.root(); got != live {
		t.Fatalf("after a restart: %v, want %v", got, live)
	}
	w.open(true)
	if got := w.root(); got != live || got == empty {
		t.Fatalf("rebuilt: %v, want %v", got, live)
	}
	if n, err := w.l.Verify(ctx); err != nil || n != 1500 {
		t.Fatalf("verify: %d, %v", n, err)
	}
}

func TestDamagedFilesAreDerivedAnewOrNamed(t *testing.T) {
	for _, name := range []string{"hashes", "records", "offsets", "state.json"} {
		for _, harm := range []string{"cut", "flip", "remove"} {
			t.Run(name+" "+harm, func(t *testing.T) {
				w := newWorld(t)
				w.append(40)
				want := w.root()
				if err := w.l.Close(); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join(w.dir, "audit", name)
				b, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				switch harm {
				case "cut":
					err = os.WriteFile(file, b[:len(b)/2], 0o600)
				case "flip":
					b[len(b)/2] ^= 1
					err = os.WriteFile(file, b, 0o600)
				case "remove":
					err = os.Remove(file)
				}
				if err != nil {
					t.Fatal(err)
				}
				w.open(false)
				if got := w.root(); got != want {
					t.Fatalf("root %v, want %v", got, want)
				}
				if _, err := w.l.Verify(ctx); err != nil {
					if !errors.Is(err, audit.ErrDamaged) {
						t.Fatalf("verify: %v", err)
					}
					w.open(true)
					if _, err := w.l.Verify(ctx); err != nil {
						t.Fatalf("verify after a rebuild: %v", err)
					}
				}
			})
		}
	}
}

func TestProofsHoldOfflineAndForNothingElse(t *testing.T) {
	w := newWorld(t)
	w.append(37)
	old, err := w.l.SignedCheckpoint()
	if err != nil {
		t.Fatal(err)
	}
	w.append(26)
	now, err := w.l.SignedCheckpoint()
	if err != nil {
		t.Fatal(err)
	}
	a, err := audit.OpenCheckpoint(old, w.l.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	b, err := audit.OpenCheckpoint(now, w.l.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []audit.Checkpoint{a, b} {
		for i := range c.Size {
			p, err := w.l.Proof(i, c.Size)
			if err != nil {
				t.Fatal(err)
			}
			j, _ := json.Marshal(p)
			var back audit.Proof
			if err := json.Unmarshal(j, &back); err != nil {
				t.Fatal(err)
			}
			if err := back.Check(c); err != nil {
				t.Fatal(err)
			}
			back.Record = []byte(strings.Replace(string(back.Record), "dpo", "dpi", 1))
			if back.Check(c) == nil {
				t.Fatal("an altered record passes")
			}
		}
	}
	g, err := w.l.Growth(a.Size, b.Size)
	if err != nil || g.Check(a, b) != nil {
		t.Fatalf("growth: %v", err)
	}
	a.Root[0] ^= 1
	if g.Check(a, b) == nil {
		t.Error("growth from another root passes")
	}
	bad := slices.Clone(now)
	bad[len("habeas-audit\n6")-1] ^= 1
	if _, err := audit.OpenCheckpoint(bad, w.l.PublicKey()); err == nil {
		t.Error("an altered checkpoint passes")
	}
	if _, err := w.l.Proof(63, 63); !errors.Is(err, audit.ErrRange) {
		t.Errorf("a record beyond the end: %v", err)
	}
	if _, err := w.l.Growth(0, 5); !errors.Is(err, audit.ErrRange) {
		t.Errorf("growth from nothing: %v", err)
	}
}

// Each way an append can fail: the caller hears an error, the next append and
// the next start agree with the log.
func TestAppendFaults(t *testing.T) {
	for name, fault := range map[string]struct {
		set  func(*audittest.Journal, bool)
		kept int64
	}{
		"fails before":          {func(j *audittest.Journal, on bool) { j.Refuse = on }, 0},
		"fails after persisted": {func(j *audittest.Journal, on bool) { j.Lose = on }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.append(3)
			fault.set(w.j, true)
			if _, err := w.l.Append(ctx, entry(99)); !errors.Is(err, audittest.ErrDown) {
				t.Fatalf("append: %v", err)
			}
			fault.set(w.j, false)
			i, err := w.l.Append(ctx, entry(100))
			if err != nil || i != 3+fault.kept {
				t.Fatalf("append after the fault: %d, %v", i, err)
			}
			want := w.root()
			w.crash()
			if got := w.root(); got != want || got.Size != 4+fault.kept {
				t.Fatalf("after a restart %v, want %v", got, want)
			}
			if _, err := w.l.Verify(ctx); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestManyCallersShareFrames(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	seen := make([]int64, 400)
	for i := range seen {
		wg.Go(func() {
			n, err := w.l.Append(ctx, entry(i))
			if err != nil {
				t.Error(err)
			}
			seen[i] = n
		})
	}
	wg.Wait()
	slices.Sort(seen)
	for i, n := range seen {
		if n != int64(i) {
			t.Fatalf("number %d was given as %d", i, n)
		}
	}
	if w.j.Frames() > 400 {
		t.Errorf("%d frames", w.j.Frames())
	}
	if _, err := w.l.Verify(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestListIsNewestFirstAndPaged(t *testing.T) {
	w := newWorld(t)
	for i := range 30 {
		e := entry(i)
		if i%3 == 0 {
			e.Act = "token.create"
		}
		w.at = w.at.Add(time.Minute)
		if _, err := w.l.Append(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	var got []int64
	for next := int64(-1); ; {
		p, err := w.l.List(audit.Filter{Act: "token.create"}, next, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Entries {
			got = append(got, e.Index)
		}
		if next = p.Next; next < 0 {
			break
		}
	}
	if fmt.Sprint(got) != "[27 24 21 18 15 12 9 6 3 0]" {
		t.Errorf("listed %v", got)
	}
	p, err := w.l.List(audit.Filter{From: events.InstantOf(w.at.Add(-2 * time.Minute))}, -1, 0)
	if err != nil || len(p.Entries) != 3 || p.Next != -1 {
		t.Errorf("the last three minutes: %+v, %v", p, err)
	}
	if _, err := w.l.List(audit.Filter{}, 0, 5); err != nil {
		t.Error(err)
	}
}

func TestTimeNeverGoesBack(t *testing.T) {
	w := newWorld(t)
	w.append(1)
	w.at = w.at.Add(-time.Hour) // the machine's clock jumped
	w.append(1)
	w.crash()
	w.append(1)
	p, err := w.l.List(audit.Filter{}, -1, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(p.Entries); i++ {
		if p.Entries[i-1].Entry.At < p.Entries[i].Entry.At {
			t.Fatal("a later record has an earlier time")
		}
	}
}

// I1: a record has no room for a person's data.
func TestRecordRefusesWhatIsNoCode(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*audit.Entry){
		"e-mail as target": func(e *audit.Entry) { e.Target = "ann@example.org" },
		"phone as target":  func(e *audit.Entry) { e.Target = "447700900123" },
		"words as act":     func(e *audit.Entry) { e.Act = "looked at Ann" },
		"no actor":         func(e *audit.Entry) { e.Actor = "" },
		"no outcome":       func(e *audit.Entry) { e.Outcome = "" },
		"words as role":    func(e *audit.Entry) { e.Roles = []string{"dpo of ann"} },
	} {
		e := entry(1)
		change(&e)
		_, err := w.l.Append(ctx, e)
		if err == nil {
			t.Errorf("%s: recorded", name)
		} else if strings.Contains(err.Error(), "ann@") || strings.Contains(err.Error(), "447700") {
			t.Errorf("%s: the error repeats it", name)
		}
	}
	if w.j.Frames() != 0 {
		t.Error("something was recorded")
	}
}

func TestCommitmentOpensToItsHandlesOnly(t *testing.T) {
	a, b := events.Handle{1}, events.Handle{2}
	c, o, err := audit.Commit(mrand.NewChaCha8([32]byte{7}), []events.Handle{b, a})
	if err != nil || o.Commitment() != c {
		t.Fatalf("open: %v", err)
	}
	again, _, _ := audit.Commit(mrand.NewChaCha8([32]byte{8}), []events.Handle{a, b})
	if again == c {
		t.Error("two looks at one person show the same commitment")
	}
	o.Handles = o.Handles[:1]
	if o.Commitment() == c {
		t.Error("the commitment opens to fewer handles")
	}
}

func TestKeyIsNeverMadeUnasked(t *testing.T) {
	_, err := audit.Open(ctx, audit.Config{Dir: t.TempDir(), Journal: &audittest.Journal{}, KeyFile: filepath.Join(t.TempDir(), "audit.key")})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("open without a key: %v", err)
	}
	w := newWorld(t)
	info, err := os.Stat(filepath.Join(w.dir, "keys", "audit.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info, err)
	}
}

func TestShorterJournalIsRefused(t *testing.T) {
	w := newWorld(t)
	w.append(5)
	if err := w.l.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := audit.Open(ctx, audit.Config{Dir: filepath.Join(w.dir, "audit"), Journal: &audittest.Journal{}, KeyFile: filepath.Join(w.dir, "keys", "audit.key")})
	if err == nil {
		t.Error("a log shorter than its files was opened")
	}
}

func TestClosedLogRefuses(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		if err := w.l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.l.Append(ctx, entry(1)); !errors.Is(err, audit.ErrClosed) {
		t.Errorf("append: %v", err)
	}
	if _, err := w.l.Root(); !errors.Is(err, audit.ErrClosed) {
		t.Errorf("root: %v", err)
	}
}
