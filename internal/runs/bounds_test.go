package runs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Whoever closes a store does not wait for a merge, which may take minutes: it is
// given up, leaves no file, and the next opening has all rows.
func TestCloseGivesUpMerges(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	s.hurry.Store(true) // so that none begins by itself
	for i := range 6 {
		b := s.Begin()
		for k := range 100 {
			b.Set(fmt.Appendf(nil, "row %d %d", i, k), []byte("value"))
		}
		if err := errors.Join(b.Commit(nil), s.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.state.runs); n != 6 {
		t.Fatalf("%d runs, want 6", n)
	}
	if err := s.mergeRuns(s.state.runs, true); !errors.Is(err, errHurry) {
		t.Fatalf("a merge in a hurry: %v", err)
	}
	files := func() int {
		names, err := filepath.Glob(filepath.Join(dir, "run-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	if n := files(); n != 6 {
		t.Errorf("%d files, want 6", n)
	}
	s.hurry.Store(false)
	s.startMerge()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, 1<<20)
	defer s.Close()
	v := s.Snapshot()
	defer v.Release()
	n := 0
	if err := v.Scan([]byte("row "), nil, func(_, _ []byte) error { n++; return nil }); err != nil || n != 600 {
		t.Errorf("%d rows, %v", n, err)
	}
	if n := files(); n != len(s.state.runs) {
		t.Errorf("%d files of %d runs", n, len(s.state.runs))
	}
}

// What discarded batches wrote is in memory too: they bring forward the moment
// when it is handed over.
func TestDiscardedBatchesAreCounted(t *testing.T) {
	s := open(t, t.TempDir(), 1<<20)
	defer s.Close()
	first := s.gen
	for i := range 12 {
		b := s.Begin()
		b.Set([]byte{byte(i)}, make([]byte, 100<<10))
		b.Discard()
	}
	b := s.Begin()
	b.Set([]byte("kept"), []byte("value"))
	if err := b.Commit(nil); err != nil {
		t.Fatal(err)
	}
	if s.gen == first {
		t.Errorf("1.2 MB lie in a memory of 1 MB")
	}
}

// A directory's name may look like a pattern: what a crash left there goes all the
// same.
func TestSweepsAnyDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "[a-b]*")
	if err := open(t, dir, 1<<20).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(runPath(dir, 77), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir, 1<<20).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(runPath(dir, 77)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a crash left is still there: %v", err)
	}
}
