package files_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/files"
)

var errUnknown = errors.New("no such note")

// notes is a vault's notes in memory; it keeps their contract.
type notes struct {
	mu   sync.Mutex
	m    map[events.EventID][]byte
	fail error // of SealAs
}

func (n *notes) SealAs(_ context.Context, id events.EventID, body []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail != nil {
		return n.fail
	}
	if _, ok := n.m[id]; !ok {
		n.m[id] = bytes.Clone(body)
	}
	return nil
}

func (n *notes) OpenNote(_ context.Context, id events.EventID) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	b, ok := n.m[id]
	if !ok {
		return nil, errUnknown
	}
	return bytes.Clone(b), nil
}

func (n *notes) Shred(_ context.Context, id events.EventID) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.m, id)
	return nil
}

func open(t *testing.T, dir string, n *notes) *files.Store {
	t.Helper()
	s, err := files.Open(t.Context(), files.Config{Dir: dir, Notes: n, Unknown: errUnknown, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const planted = "planted.person@example.org"

func put(t *testing.T, s *files.Store, b []byte) files.Put {
	t.Helper()
	p, err := s.Put(t.Context(), "", bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func read(t *testing.T, s *files.Store, id events.EventID) ([]byte, error) {
	t.Helper()
	f, err := s.Open(t.Context(), id)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// noPlaintext looks for the planted identifier in every file below dir.
func noPlaintext(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		n++
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(planted)) {
			t.Errorf("%s holds plaintext", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPutOpenShred(t *testing.T) {
	dir, n := t.TempDir(), &notes{m: map[events.EventID][]byte{}}
	s := open(t, dir, n)
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		want := bytes.Repeat([]byte(planted), size/len(planted)+1)[:size]
		p := put(t, s, want)
		if p.Size != int64(size) || p.SHA256 != sha256.Sum256(want) {
			t.Errorf("%d bytes: Put says %d bytes and another hash", size, p.Size)
		}
		s = open(t, dir, n) // as after a restart
		got, err := read(t, s, p.ID)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes come back as %d: %v", size, len(got), err)
		}
	}
	if noPlaintext(t, dir) != 5 {
		t.Error("want five files")
	}
	if n, err := s.Check(t.Context()); n != 5 || err != nil {
		t.Errorf("Check: %d files, %v", n, err)
	}
	p := put(t, s, []byte(planted))
	copied, _ := os.ReadFile(filepath.Join(dir, p.ID.String()))
	if err := errors.Join(s.Shred(t.Context(), p.ID), s.Shred(t.Context(), p.ID)); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, s, p.ID); !errors.Is(err, files.ErrGone) {
		t.Errorf("a shredded file: %v", err)
	}
	// A copy brought back is removed: it has no key.
	if err := os.WriteFile(filepath.Join(dir, p.ID.String()), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, n)
	if _, err := os.Stat(filepath.Join(dir, p.ID.String())); !errors.Is(err, os.ErrNotExist) {
		t.Error("a copy of a shredded file stays")
	}
	if _, err := read(t, s, p.ID); !errors.Is(err, files.ErrGone) {
		t.Errorf("a copy of a shredded file: %v", err)
	}
}

// Every bit that is changed, and every cut, is seen.
func TestTamper(t *testing.T) {
	dir, n := t.TempDir(), &notes{m: map[events.EventID][]byte{}}
	s := open(t, dir, n)
	p := put(t, s, bytes.Repeat([]byte("x"), 100<<10))
	path := filepath.Join(dir, p.ID.String())
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := read(t, s, p.ID); !errors.Is(err, files.ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := s.Check(t.Context()); !errors.Is(err, files.ErrDamaged) {
			t.Errorf("%s: Check says %v", what, err)
		}
	}
	for at := 0; at < len(whole); at += 997 {
		b := bytes.Clone(whole)
		b[at] ^= 1
		try("a changed bit", b)
	}
	for _, to := range []int{0, 10, 300, len(whole) / 2, len(whole) - 1} {
		try("a cut", whole[:to])
	}
	try("something behind it", append(bytes.Clone(whole), 0))
	other := put(t, s, bytes.Repeat([]byte("y"), 100<<10))
	b, _ := os.ReadFile(filepath.Join(dir, other.ID.String()))
	try("another file under its name", b)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, s, p.ID); !errors.Is(err, files.ErrMissing) {
		t.Errorf("a file that was taken away: %v", err)
	}
}

// What a crash leaves is removed, and nothing of anybody else.
func TestLeftovers(t *testing.T) {
	dir, n := t.TempDir(), &notes{m: map[events.EventID][]byte{}}
	s := open(t, dir, n)
	p := put(t, s, []byte("kept"))
	orphan := strings.Repeat("ab", 16)
	for _, name := range []string{orphan, "." + orphan + ".new-123", "somebody.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, dir, n)
	var left []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{p.ID.String(), "somebody.txt"}; strings.Join(left, " ") != strings.Join(want, " ") {
		t.Errorf("left are %v, want %v", left, want)
	}
	if got, err := read(t, s, p.ID); err != nil || string(got) != "kept" {
		t.Errorf("%q, %v", got, err)
	}
}

// A source that fails, a context that ends and a vault that refuses leave
// nothing.
func TestNothingHalf(t *testing.T) {
	dir, n := t.TempDir(), &notes{m: map[events.EventID][]byte{}}
	s := open(t, dir, n)
	broken := errors.New("the source broke off")
	if _, err := s.Put(t.Context(), "", io.MultiReader(strings.NewReader(planted), errReader{broken})); !errors.Is(err, broken) {
		t.Errorf("a source that fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := s.PutFrom(ctx, "", func(w io.Writer) error {
		cancel()
		_, err := w.Write([]byte(planted))
		return err
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended: %v", err)
	}
	n.fail = errors.New("stopped")
	if _, err := s.Put(t.Context(), "", strings.NewReader(planted)); !errors.Is(err, n.fail) {
		t.Errorf("a vault that refuses: %v", err)
	}
	if noPlaintext(t, dir) != 0 || len(n.m) != 0 {
		t.Error("something was left")
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// While a file is written its plaintext is in no file.
func TestNoPlaintextOnTheWay(t *testing.T) {
	dir, n := t.TempDir(), &notes{m: map[events.EventID][]byte{}}
	s := open(t, dir, n)
	_, err := s.PutFrom(t.Context(), "", func(w io.Writer) error {
		for range 10_000 {
			if _, err := io.WriteString(w, planted+"\n"); err != nil {
				return err
			}
		}
		if noPlaintext(t, dir) != 1 {
			t.Error("want the file on the way")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, body := range n.m {
		b.Write(body)
	}
	if bytes.Contains(b.Bytes(), []byte(planted)) {
		t.Error("a note holds plaintext")
	}
}

// Another note of the vault is no file, and is not destroyed as one.
func TestNoteOfAnotherKind(t *testing.T) {
	n := &notes{m: map[events.EventID][]byte{}}
	s := open(t, t.TempDir(), n)
	id := events.EventID{1}
	n.m[id] = []byte(`{"v":1,"reason":"a look"}`)
	if err := s.Shred(t.Context(), id); err == nil || n.m[id] == nil {
		t.Errorf("Shred of a note that is no file's: %v", err)
	}
	if _, err := s.Open(t.Context(), id); err == nil || errors.Is(err, files.ErrGone) {
		t.Errorf("Open of a note that is no file's: %v", err)
	}
}

func TestConstantMemory(t *testing.T) {
	s := open(t, t.TempDir(), &notes{m: map[events.EventID][]byte{}})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p, err := s.Put(t.Context(), "", io.LimitReader(zeros{}, 64<<20))
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grew := after.TotalAlloc - before.TotalAlloc; grew > 8<<20 {
		t.Errorf("keeping %d bytes allocated %d", p.Size, grew)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// A file of a chosen id takes the place of the one before, and a source that
// breaks off leaves the one before.
func TestPutAs(t *testing.T) {
	dir, n := t.TempDir(), &notes{m: map[events.EventID][]byte{}}
	s := open(t, dir, n)
	id := events.EventID{7}
	for _, want := range []string{"one", "two"} {
		if _, err := s.PutAs(t.Context(), id, "label "+want, func(w io.Writer) error { _, err := io.WriteString(w, want); return err }); err != nil {
			t.Fatal(err)
		}
		got, err := read(t, s, id)
		info, serr := s.Stat(t.Context(), id)
		if err != nil || serr != nil || string(got) != want || info.Label != "label "+want || info.Size != 3 {
			t.Errorf("%q, %+v, %v, %v", got, info, err, serr)
		}
	}
	broken := errors.New("broke off")
	if _, err := s.PutAs(t.Context(), id, "", func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
	if got, err := read(t, s, id); err != nil || string(got) != "two" {
		t.Errorf("%q, %v", got, err)
	}
	if noPlaintext(t, dir) != 1 {
		t.Error("want one file")
	}
}
