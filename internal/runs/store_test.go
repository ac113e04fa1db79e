package runs

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

const prefixLen = 4

func open(t interface{ Fatal(...any) }, dir string, memory int) *Store {
	s, err := Open(dir, Config{Memory: memory, Cache: 64 << 10, Prefix: prefixLen})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type getter interface {
	Get([]byte) ([]byte, bool, error)
	Scan(prefix, start []byte, fn func(k, v []byte) error) error
}

// same compares all that can be read with a plain map.
func same(t *rapid.T, when string, v getter, want map[string]string, keys []string, prefix, start string) {
	for _, k := range keys {
		got, ok, err := v.Get([]byte(k))
		w, there := want[k]
		if err != nil || ok != there || string(got) != w {
			t.Fatalf("%s: get %q: %q %v %v, want %q %v", when, k, got, ok, err, w, there)
		}
	}
	var got, expect []string
	err := v.Scan([]byte(prefix), []byte(start), func(k, v []byte) error {
		got = append(got, string(k)+"="+string(v))
		return nil
	})
	if err != nil {
		t.Fatalf("%s: scan: %v", when, err)
	}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if strings.HasPrefix(k, prefix) && k >= start {
			expect = append(expect, k+"="+want[k])
		}
	}
	if !slices.Equal(got, expect) {
		t.Fatalf("%s: scan %q from %q:\n got %q\nwant %q", when, prefix, start, got, expect)
	}
}

// What can be read is what a plain map holds, for batches that are committed or
// discarded, snapshots of any age, and stores that were closed or that lost
// power: then it is a moment that was, with all before it.
func TestLikeAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "runs")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		memory := rapid.SampledFrom([]int{1, 300, 5000, 1 << 20}).Draw(t, "memory")
		s := open(t, filepath.Join(dir, "0"), memory)
		var keys []string
		for i := range 60 {
			keys = append(keys, fmt.Sprintf("%c%03d%s", "ab"[i%2], i%7, strings.Repeat("x", i%5)+fmt.Sprint(i)))
		}
		keys = append(keys, "a", "", "a000", string(bytes.Repeat([]byte{0xff}, 12)))
		now := map[string]string{}
		past := []map[string]string{{}} // after each commit
		type seen struct {
			v    *Snapshot
			want map[string]string
		}
		var snaps []seen
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"batch", "batch", "batch", "discard", "snapshot", "release", "flush", "reopen", "crash"}).Draw(t, "what") {
			case "batch", "discard":
				b := s.Begin()
				next := maps.Clone(now)
				for range rapid.IntRange(0, 30).Draw(t, "rows") {
					k := rapid.SampledFrom(keys).Draw(t, "key")
					if rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
						b.Delete([]byte(k))
						delete(next, k)
					} else {
						v := fmt.Sprint(step, rapid.IntRange(0, 99).Draw(t, "value")) + strings.Repeat("y", rapid.IntRange(0, 200).Draw(t, "length"))
						b.Set([]byte(k), []byte(v))
						next[k] = v
					}
				}
				same(t, "in the batch", b, next, keys, rapid.SampledFrom([]string{"", "a", "a000", "b003"}).Draw(t, "prefix"), "")
				if rapid.Bool().Draw(t, "keep") {
					if err := b.Commit(nil); err != nil {
						t.Fatal(err)
					}
					now = next
					past = append(past, now)
				}
				b.Discard()
			case "snapshot":
				snaps = append(snaps, seen{s.Snapshot(), now})
			case "release":
				if len(snaps) > 0 {
					snaps[0].v.Release()
					snaps = snaps[1:]
				}
			case "flush":
				if err := s.Flush(); err != nil {
					t.Fatal(err)
				}
			case "reopen":
				for _, x := range snaps {
					x.v.Release()
				}
				snaps = nil
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = open(t, s.dir, memory)
			case "crash":
				// What is on disk now is all that a power cut leaves.
				to := filepath.Join(dir, fmt.Sprint(step+1))
				copyStore(t, s, to)
				c := open(t, to, memory)
				v := c.Snapshot()
				got := map[string]string{}
				if err := v.Scan(nil, nil, func(k, v []byte) error { got[string(k)] = string(v); return nil }); err != nil {
					t.Fatal(err)
				}
				if !slices.ContainsFunc(past, func(p map[string]string) bool { return maps.Equal(p, got) }) {
					t.Fatalf("after the crash it holds what it never held: %q", got)
				}
				v.Release()
				if err := c.Close(); err != nil {
					t.Fatal(err)
				}
			}
			for _, x := range snaps {
				same(t, "in an older snapshot", x.v, x.want, keys[:5], "", "a")
			}
			v := s.Snapshot()
			same(t, "now", v, now, keys, rapid.SampledFrom([]string{"", "a", "a000", "b003", "zz"}).Draw(t, "prefix"), rapid.SampledFrom([]string{"", "a", "a001", "b"}).Draw(t, "start"))
			v.Release()
			for _, k := range keys {
				if _, ok := now[k]; ok && s.Absent([]byte(k)) {
					t.Fatalf("%q is said to be absent", k)
				}
			}
		}
		for _, x := range snaps {
			x.v.Release()
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		left, _ := filepath.Glob(filepath.Join(s.dir, "run-*"))
		m, err := readManifest(s.dir)
		if err != nil || m != nil && len(left) != len(m.runs) {
			t.Fatalf("files %q, manifest %+v, %v", left, m, err)
		}
	})
}

// copyStore copies the manifest first, and then what it names, as long as all
// of that is there.
func copyStore(t *rapid.T, s *Store, to string) {
	for range 100 {
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(to, 0o700); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(s.dir, manifestName))
		if errors.Is(err, os.ErrNotExist) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		m, err := parseManifest(b)
		if err != nil {
			t.Fatal(err)
		}
		err = os.WriteFile(filepath.Join(to, manifestName), b, 0o600)
		for _, r := range m.runs {
			x, rerr := os.ReadFile(runPath(s.dir, r.id))
			err = errors.Join(err, rerr, os.WriteFile(runPath(to, r.id), x, 0o600))
		}
		if err == nil {
			return
		}
	}
	t.Fatal("the store never stood still")
}

// One writer and many readers at once; a reader sees whole batches only.
func TestReadersSeeWholeBatches(t *testing.T) {
	s := open(t, t.TempDir(), 4000)
	defer s.Close()
	const rows, batches = 50, 400
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				v := s.Snapshot()
				var first []byte
				n := 0
				err := v.Scan([]byte("k"), nil, func(_, value []byte) error {
					if n++; first == nil {
						first = value
					} else if !bytes.Equal(first, value) {
						return fmt.Errorf("rows of two batches: %s and %s", first, value)
					}
					return nil
				})
				v.Release()
				if err != nil || n != 0 && n != rows {
					t.Errorf("%d rows, %v", n, err)
					return
				}
			}
		})
	}
	for i := range batches {
		b := s.Begin()
		for k := range rows {
			b.Set(fmt.Appendf(nil, "k%04d", k), fmt.Appendf(nil, "%d", i))
		}
		if err := b.Commit(nil); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	readers.Wait()
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	for s.merging {
		s.cond.Wait()
	}
	n := len(s.state.runs)
	s.mu.Unlock()
	if n >= 2*mergeFrom {
		t.Errorf("%d runs are left", n)
	}
}

// Whatever byte of whatever file is lost, it is said; no row seems to be gone.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	for range 2 {
		b := s.Begin()
		for range 2000 {
			k := make([]byte, 20)
			for i := range k {
				k[i] = byte(r.Uint32())
			}
			b.Set(k, []byte("a value that can be packed, packed, packed"))
		}
		if err := errors.Join(b.Commit(nil), s.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Verify(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Config{Prefix: prefixLen + 1}); !errors.Is(err, ErrDamaged) {
		t.Errorf("with another prefix: %v", err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, name := range names {
		if filepath.Base(name) == "LOCK" {
			continue
		}
		files++
		good, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		try := func(what string, b []byte) {
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir, Config{Prefix: prefixLen})
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%s of %s: %v", what, filepath.Base(name), err)
			}
		}
		for range 60 {
			bad, at := bytes.Clone(good), r.IntN(len(good))
			bad[at] ^= 1 << r.IntN(8)
			try(fmt.Sprintf("bit of byte %d", at), bad)
		}
		for at := 0; at < len(good); at += 4096 {
			bad := bytes.Clone(good)
			clear(bad[at:min(len(bad), at+4096)])
			try(fmt.Sprintf("page at %d", at), bad)
			try(fmt.Sprintf("all after %d", at), good[:at])
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		if filepath.Base(name) != manifestName {
			try2(t, dir)
		}
		if err := os.WriteFile(name, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if files != 3 {
		t.Errorf("%d files were damaged, want a manifest and two runs", files)
	}
	s = open(t, dir, 1<<20)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func try2(t *testing.T, dir string) {
	if _, err := Open(dir, Config{Prefix: prefixLen}); !errors.Is(err, ErrDamaged) {
		t.Errorf("a run is missing: %v", err)
	}
}

func TestLockedClosedCleared(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1000)
	if _, err := Open(dir, Config{Prefix: prefixLen}); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if !s.Empty() {
		t.Error("a new store is not empty")
	}
	for i := range 50 {
		b := s.Begin()
		b.Set(fmt.Append(nil, "key", i), bytes.Repeat([]byte("v"), 100))
		if err := b.Commit(nil); err != nil {
			t.Fatal(err)
		}
	}
	if b := s.Begin(); s.Flush() == nil {
		t.Error("flushed while a batch was open")
	} else {
		b.Discard()
	}
	if err := s.Flush(); err != nil || s.Size() == 0 {
		t.Errorf("%d bytes, %v", s.Size(), err)
	}
	v := s.Snapshot()
	if k, err := v.Next([]byte("key2")); string(k) != "key2" || err != nil {
		t.Errorf("next: %q %v", k, err)
	}
	if k, err := v.Next([]byte("z")); k != nil || err != nil {
		t.Errorf("next: %q %v", k, err)
	}
	v.Release()
	if err := s.Clear(); err != nil || !s.Empty() || s.Size() != 0 {
		t.Errorf("cleared: %v, %d bytes", err, s.Size())
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "run-*")); len(left) > 0 {
		t.Errorf("cleared and left %q", left)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	v = s.Snapshot()
	defer v.Release()
	if _, _, err := v.Get([]byte("key1")); !errors.Is(err, ErrClosed) {
		t.Errorf("read from a closed store: %v", err)
	}
	if err := v.Scan(nil, nil, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("scan of a closed store: %v", err)
	}
	b := s.Begin()
	b.Set([]byte("k"), nil)
	if err := b.Commit(nil); !errors.Is(err, ErrClosed) {
		t.Errorf("commit to a closed store: %v", err)
	}
}

// A disk that takes no more stops the writer; what was durable stays so.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	put := func(k string) error {
		b := s.Begin()
		b.Set([]byte(k), []byte("v"))
		return b.Commit(nil)
	}
	if err := errors.Join(put("one"), s.Flush(), put("two")); err != nil {
		t.Fatal(err)
	}
	// The next run's name is taken by a directory: its file cannot be made.
	if err := os.Mkdir(runPath(dir, s.next), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(); err == nil {
		t.Fatal("flushed into nothing")
	}
	if err := put("three"); err == nil {
		t.Error("committed after a failure")
	}
	v := s.Snapshot()
	if got, ok, err := v.Get([]byte("two")); string(got) != "v" || !ok || err != nil {
		t.Errorf("what was seen before is not seen now: %q %v %v", got, ok, err)
	}
	v.Release()
	if err := s.Close(); err == nil {
		t.Error("closed as if all were durable")
	}
	s = open(t, dir, 1<<20)
	defer s.Close()
	v = s.Snapshot()
	defer v.Release()
	if _, ok, _ := v.Get([]byte("one")); !ok {
		t.Error("what was durable is gone")
	}
	if _, ok, _ := v.Get([]byte("two")); ok {
		t.Error("what was not durable is there")
	}
}

// However the sizes of batches follow each other, there are few tables, and a row
// is written again as often as the whole doubles.
func TestMergesAreFew(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for name, size := range map[string]func(i int) int64{
		"alike":       func(int) int64 { return 1000 },
		"tiny after":  func(i int) int64 { return map[bool]int64{true: 1000 + int64(r.IntN(1000)), false: 3}[i < 300] },
		"mixed":       func(int) int64 { return 1 + int64(r.IntN(5))*int64(r.IntN(1000)) },
		"ever fewer":  func(i int) int64 { return max(1, int64(100_000>>(i/50))) },
		"any":         func(int) int64 { return 1 << r.IntN(20) },
		"one by one":  func(int) int64 { return 1 },
		"large first": func(i int) int64 { return map[bool]int64{true: 1 << 24, false: 7}[i == 0] },
	} {
		var all []int64
		rows, moved, most := int64(0), int64(0), 0
		for i := range 3000 {
			n := size(i)
			rows += n
			all = append([]int64{n}, all...)
			if n := toMerge(all, func(n int64) int64 { return n }); n > 0 {
				total := int64(0)
				for _, m := range all[:n] {
					total += m
				}
				moved += total
				all = append([]int64{total}, all[n:]...)
			}
			most = max(most, len(all))
		}
		if most > 30 || moved > 12*rows {
			t.Errorf("%s: up to %d tables, %d rows moved %.1f times", name, most, rows, float64(moved)/float64(rows))
		}
		t.Logf("%s: up to %d tables, each row moved %.1f times", name, most, float64(moved)/float64(rows))
	}
}
