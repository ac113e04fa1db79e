package journal_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/events/journal/journaltest"
)

// write makes a journal of n frames of ten events and returns its end.
func write(t *testing.T, dir string, from, frames int) journal.Checkpoint {
	t.Helper()
	j, err := journal.Open(ctx, journal.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	l := eventLog(t, j)
	for i := range frames {
		n := 10 * (from + i)
		if _, err := l.Append(ctx, journaltest.Events(n, n+10), 0, 1); err != nil {
			t.Fatal(err)
		}
	}
	end := l.Last()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return end
}

func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

func blocks(t *testing.T, dir, stream string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "nats/jetstream/*/streams", stream, "msgs/*.blk"))
	if err != nil || len(files) == 0 {
		t.Fatalf("message blocks of %s: %v, %v", stream, files, err)
	}
	slices.SortFunc(files, func(a, b string) int { return len(a)*1000 + strings.Compare(a, b) - len(b)*1000 })
	return files
}

func flip(t *testing.T, file string, at int64, bit byte) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= bit
	if _, err := f.WriteAt(b[:], at); err != nil {
		t.Fatal(err)
	}
}

func size(t *testing.T, file string) int64 {
	t.Helper()
	st, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return st.Size()
}

// refuses opens a damaged journal: it must not open for writing, or else its
// check must name the damage. Either way an inspection must name it, too. And
// what did not open must be left as it was, bit for bit: the server would mend
// it by throwing away all that stands behind the damage.
func refuses(t *testing.T, dir, what string, verify func(*journal.Journal) error) {
	t.Helper()
	before := fingerprint(t, dir)
	for _, inspect := range []bool{true, false} {
		j, err := journal.Open(ctx, journal.Config{Dir: dir, Inspect: inspect})
		opened := err == nil
		if opened {
			err = verify(j)
			if err := j.Close(); err != nil {
				t.Error(err)
			}
		}
		if !errors.Is(err, journal.ErrGap) && !errors.Is(err, journal.ErrChain) && !errors.Is(err, journal.ErrShorter) {
			t.Errorf("%s, inspect %v: %v, want an error that names the damage", what, inspect, err)
		} else if testing.Verbose() {
			t.Logf("%s, inspect %v: %v", what, inspect, err)
		}
		if after := fingerprint(t, dir); (inspect || !opened) && after != before {
			t.Errorf("%s, inspect %v: opening changed the files", what, inspect)
		}
	}
}

// fingerprint is a digest of all files of the server.
func fingerprint(t *testing.T, dir string) [32]byte {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(filepath.Join(dir, "nats"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n", strings.TrimPrefix(path, dir), len(b))
		h.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return [32]byte(h.Sum(nil))
}

// noIndex removes what the server knows besides the blocks, as a crash may.
func noIndex(t *testing.T, dir string) {
	t.Helper()
	for _, stream := range []string{"HABEAS_EVENTS_0", "HABEAS_VAULT_0"} {
		files, _ := filepath.Glob(filepath.Join(dir, "nats/jetstream/*/streams", stream, "msgs/index.db"))
		for _, f := range files {
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func verifyEvents(j *journal.Journal) error {
	l, err := j.Events(ctx)
	if err != nil {
		return err
	}
	_, err = l.Verify(ctx, nil)
	return err
}

// Any flipped bit in the files of messages is found: JetStream itself leaves
// out what does not match its checksum, and all behind it, without a word.
func TestFlippedBits(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 0, 30)
	r := rand.New(rand.NewPCG(5, 6))
	length := size(t, blocks(t, dir, "HABEAS_EVENTS_0")[0])
	places := []int64{0, length - 1}
	for range 10 {
		places = append(places, r.Int64N(length))
	}
	for _, at := range places {
		for _, index := range []bool{true, false} {
			damaged := copyDir(t, dir)
			file := blocks(t, damaged, "HABEAS_EVENTS_0")[0]
			flip(t, file, at, 1<<r.IntN(8))
			if !index {
				// After a crash there is no index and the server reads the blocks.
				noIndex(t, damaged)
			}
			refuses(t, damaged, fmt.Sprintf("bit flipped at %d of %d, index %v", at, length, index), verifyEvents)
		}
	}
}

// Damage inside a block that was closed long ago, and a block that is gone.
func TestDamagedOldBlocks(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Open(ctx, journal.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	l := rawLog(t, j, "vault")
	noise := make([]byte, 200<<10)
	r := rand.NewChaCha8([32]byte{1})
	for range 50 { // a full block and part of the next
		_, _ = r.Read(noise)
		if _, err := l.Append(ctx, [][]byte{noise}, journal.AnySeq); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	verify := func(j *journal.Journal) error {
		l, err := j.Raw(ctx, "vault")
		if err != nil {
			return err
		}
		_, err = l.Verify(ctx, nil)
		return err
	}
	for what, damage := range map[string]func(string){
		"bit in the first block": func(d string) { flip(t, blocks(t, d, "HABEAS_VAULT_0")[0], 1<<20, 4) },
		"bit in the last block":  func(d string) { flip(t, blocks(t, d, "HABEAS_VAULT_0")[1], 1<<20, 4) },
		"first block gone":       func(d string) { _ = os.Remove(blocks(t, d, "HABEAS_VAULT_0")[0]) },
		"last block gone":        func(d string) { _ = os.Remove(blocks(t, d, "HABEAS_VAULT_0")[1]) },
		"last block cut":         func(d string) { _ = os.Truncate(blocks(t, d, "HABEAS_VAULT_0")[1], 1000) },
		"no index, bit in the first block": func(d string) {
			noIndex(t, d)
			flip(t, blocks(t, d, "HABEAS_VAULT_0")[0], 1<<20, 4)
		},
		"no index, bit in the last block": func(d string) {
			noIndex(t, d)
			flip(t, blocks(t, d, "HABEAS_VAULT_0")[1], 1<<20, 4)
		},
	} {
		damaged := copyDir(t, dir)
		damage(damaged)
		refuses(t, damaged, what, verify)
	}
}

// The stream itself is gone, with or without its files.
func TestLostStream(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 0, 3)
	files, _ := filepath.Glob(filepath.Join(dir, "nats/jetstream/*/streams/HABEAS_EVENTS_0"))
	if err := os.RemoveAll(files[0]); err != nil {
		t.Fatal(err)
	}
	_, err := journal.Open(ctx, journal.Config{Dir: dir})
	if !errors.Is(err, journal.ErrShorter) || !strings.Contains(err.Error(), "restore the newest backup") {
		t.Errorf("open a log whose stream is gone: %v", err)
	}
}

// Somebody puts back an older copy of the directory. The reader that had come
// further knows, at once and also after the copy has grown past it.
func TestOlderCopyRestored(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 0, 5)
	older := copyDir(t, dir)
	reader := write(t, dir, 5, 5)
	follow := func(dir string) error {
		j := open(t, journal.Config{Dir: dir})
		defer j.Close()
		return eventLog(t, j).Follow(ctx, reader, func(uint64, *events.Frame) error { return nil })
	}
	if err := follow(older); !errors.Is(err, journal.ErrShorter) {
		t.Errorf("follow in an older copy: %v, want ErrShorter", err)
	}
	write(t, older, 20, 10) // other events than those that were lost
	if err := follow(older); !errors.Is(err, journal.ErrChain) || !strings.Contains(err.Error(), "went another way") {
		t.Errorf("follow in an older copy that has grown: %v, want ErrChain", err)
	}
	// The server's files older than the marks beside them: found at opening.
	mixed := copyDir(t, dir)
	if err := os.RemoveAll(filepath.Join(mixed, "nats")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(copyDir(t, older), "nats"), filepath.Join(mixed, "nats")); err != nil {
		t.Fatal(err)
	}
	_, err := journal.Open(ctx, journal.Config{Dir: mixed})
	if !errors.Is(err, journal.ErrChain) {
		t.Errorf("open with files that went another way than the mark: %v, want ErrChain", err)
	}
}

// A torn mark guards less, and harms nothing.
func TestTornMark(t *testing.T) {
	dir := t.TempDir()
	end := write(t, dir, 0, 3)
	marks, _ := filepath.Glob(filepath.Join(dir, "*.mark"))
	if len(marks) != 1 {
		t.Fatalf("marks: %v", marks)
	}
	flip(t, marks[0], 9, 1)
	j := open(t, journal.Config{Dir: dir})
	if got := eventLog(t, j).Last(); got != end {
		t.Errorf("ends at %v, want %v", got, end)
	}
}

// JetStream would let two servers write to one directory.
func TestSecondProcess(t *testing.T) {
	dir := t.TempDir()
	open(t, journal.Config{Dir: dir})
	_, err := journal.Open(ctx, journal.Config{Dir: dir})
	if !errors.Is(err, journal.ErrLocked) || !strings.Contains(err.Error(), "another habeas process") {
		t.Errorf("open a second time: %v, want ErrLocked", err)
	}
}

func TestFilesAreForTheOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	write(t, dir, 0, 2)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := d.Info()
		if err == nil && path == dir && st.Mode().Perm()&0o077 != 0 {
			err = fmt.Errorf("%s has mode %v", path, st.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A crash while the journal is being opened leaves the guard; the next opening
// starts from it, whatever the server had done to its files by then.
func TestCrashWhileOpening(t *testing.T) {
	dir := t.TempDir()
	end := write(t, dir, 0, 5)
	if err := os.CopyFS(filepath.Join(dir, "nats.guard"), os.DirFS(filepath.Join(dir, "nats"))); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Dir(filepath.Dir(blocks(t, dir, "HABEAS_EVENTS_0")[0]))); err != nil {
		t.Fatal(err)
	}
	j := open(t, journal.Config{Dir: dir})
	if got := eventLog(t, j).Last(); got != end {
		t.Errorf("ends at %v, want %v", got, end)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "nats.guard*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Looking changes nothing, and writes nothing.
func TestInspect(t *testing.T) {
	dir := t.TempDir()
	end := write(t, dir, 0, 5)
	before := fingerprint(t, dir)
	j := open(t, journal.Config{Dir: dir, Inspect: true})
	l := eventLog(t, j)
	if v, err := l.Verify(ctx, nil); err != nil || v.At != end || v.Records != 50 || v.End != end.Seq {
		t.Errorf("verify: %+v, %v", v, err)
	}
	if _, err := l.Append(ctx, journaltest.Events(50, 51), 0, 1); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("append while inspecting: %v", err)
	}
	if _, err := j.Raw(ctx, "vault"); err == nil {
		t.Error("inspecting made a log")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if fingerprint(t, dir) != before {
		t.Error("inspecting changed the files")
	}
}
