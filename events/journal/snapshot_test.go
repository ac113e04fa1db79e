package journal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/events/journal/journaltest"
)

// A snapshot taken while writing goes on restores to the same frames under the
// same identity, so that checkpoints stay valid.
func TestSnapshotAndRestore(t *testing.T) {
	dir := t.TempDir()
	j := open(t, journal.Config{Dir: filepath.Join(dir, "a")})
	l, v := eventLog(t, j), rawLog(t, j, "vault")
	for n := 0; n < 500; n += 25 {
		if _, err := l.Append(ctx, journaltest.Events(n, n+25), 1, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.Append(ctx, [][]byte{[]byte("sealed")}, 0); err != nil {
		t.Fatal(err)
	}
	reader := l.Last()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for n := 500; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := l.Append(ctx, journaltest.Events(n, n+1), 1, 1); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	var b bytes.Buffer
	saved, err := j.Snapshot(ctx, &b)
	close(stop)
	<-stopped
	if err != nil || len(saved) != 2 {
		t.Fatalf("snapshot: %v, %v", saved, err)
	}
	to := filepath.Join(dir, "b")
	restored, err := journal.Restore(ctx, journal.Config{Dir: to}, bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for i := range saved {
		if restored[i] != saved[i] {
			t.Errorf("restored %+v, saved %+v", restored[i], saved[i])
		}
	}
	r := eventLog(t, open(t, journal.Config{Dir: to}))
	if r.Last() != saved[0].End || r.VaultNeeded() != 1 {
		t.Errorf("the restored log ends at %v, the saved one at %v", r.Last(), saved[0].End)
	}
	if err := r.Replay(ctx, reader, func(uint64, *events.Frame) error { return nil }); err != nil {
		t.Errorf("a checkpoint from before the restore: %v", err)
	}
	results, err := r.Append(ctx, journaltest.Events(499, 501), 1, 1)
	if err != nil || !results[0].Duplicate {
		t.Errorf("repeats are not known after the restore: %v, %v", results, err)
	}
}

// Restore takes all of a snapshot or nothing, and never overwrites.
func TestRestoreRefuses(t *testing.T) {
	dir := t.TempDir()
	j := open(t, journal.Config{Dir: filepath.Join(dir, "a")})
	if _, err := eventLog(t, j).Append(ctx, journaltest.Events(0, 50), 0, 1); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := j.Snapshot(ctx, &b); err != nil {
		t.Fatal(err)
	}
	good := b.Bytes()
	flipped := bytes.Clone(good)
	flipped[len(good)/2] ^= 1
	for name, c := range map[string][]byte{
		"empty": nil, "cut": good[:len(good)-10], "altered": flipped, "longer": append(bytes.Clone(good), 0), "not one": []byte("something else"),
	} {
		to := filepath.Join(dir, "to "+name)
		if _, err := journal.Restore(ctx, journal.Config{Dir: to}, bytes.NewReader(c)); err == nil {
			t.Errorf("%s: restored", name)
		}
		for _, left := range []string{to, to + ".restoring"} {
			if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: %s was left behind", name, left)
			}
		}
	}
	to := filepath.Join(dir, "full")
	if err := os.MkdirAll(filepath.Join(to, "something"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Restore(ctx, journal.Config{Dir: to}, bytes.NewReader(good)); err == nil {
		t.Error("restored over something")
	}
}
