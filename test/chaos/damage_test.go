package chaos

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// filled returns a stopped server whose directory holds n batches.
func filled(t *testing.T, n int) (*server, []*sent) {
	t.Helper()
	s := newServer(t)
	return s, s.fill(0, n)
}

// fill starts the server, writes n batches and stops it.
func (s *server) fill(round, n int) []*sent {
	s.t.Helper()
	s.start()
	if !s.ready(60 * time.Second) {
		s.t.Fatalf("the server did not start:\n%s", s.log)
	}
	r := rand.New(rand.NewPCG(uint64(round), 9))
	var all []*sent
	for range n {
		var batch []*sent
		for range 50 {
			batch = append(batch, draw(r, round, round*1_000_000+len(all)))
			all = append(all, batch[len(batch)-1])
		}
		if !s.send(batch) {
			s.t.Fatalf("a batch was not taken:\n%s", s.log)
		}
	}
	s.stop()
	return all
}

// refuses starts the server and wants it to end by itself with exit code 3 and
// every one of the words.
func (s *server) refuses(words ...string) {
	s.t.Helper()
	s.start()
	select {
	case <-s.exited:
	case <-time.After(60 * time.Second):
		s.t.Fatalf("the server runs on a damaged directory:\n%s", s.log)
	}
	code := s.cmd.ProcessState.ExitCode()
	s.cmd = nil
	if code != 3 {
		s.t.Errorf("exit code %d, want 3", code)
	}
	s.says(words...)
}

func (s *server) says(words ...string) {
	s.t.Helper()
	for _, w := range words {
		// What the process writes comes through a pipe: its answer may be here first.
		for until := time.Now().Add(10 * time.Second); !strings.Contains(s.log.String(), w); <-time.After(10 * time.Millisecond) {
			if time.Now().After(until) {
				s.t.Errorf("want %q in:\n%s", w, s.log)
				break
			}
		}
	}
	if strings.Contains(s.log.String(), "panic:") {
		s.t.Errorf("it panicked:\n%s", s.log)
	}
}

func (s *server) stream(name string) string {
	s.t.Helper()
	var found string
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == name {
			found = path
		}
		return err
	})
	if err != nil || found == "" {
		s.t.Fatalf("no stream %s below %s: %v", name, s.dir, err)
	}
	return found
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// A second process on one directory would fork the journal.
func TestSecondProcessIsRefused(t *testing.T) {
	s, _ := filled(t, 1)
	s.start()
	if !s.ready(60 * time.Second) {
		t.Fatal(s.log)
	}
	other := newServer(t)
	other.dir = s.dir
	other.refuses("in use by another habeas process", "--data")
	if st, _ := s.post("/v1/events", "application/x-ndjson", nil, 5*time.Second); st != 202 {
		t.Errorf("the first server was hurt: status %d", st)
	}
	s.stop()
}

// A flipped bit in the journal is seen before anything is built on it, and
// named; JetStream by itself would drop the rest of the block in silence.
func TestFlippedBitInTheJournal(t *testing.T) {
	s, _ := filled(t, 20)
	blocks, err := filepath.Glob(filepath.Join(s.stream("HABEAS_EVENTS_0"), "msgs", "*.blk"))
	if err != nil || len(blocks) == 0 {
		t.Fatalf("no blocks: %v", err)
	}
	b, err := os.ReadFile(blocks[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 4
	if err := os.WriteFile(blocks[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	s.refuses("journal")
	after, err := os.ReadFile(blocks[0])
	if err != nil || string(after) != string(b) {
		t.Errorf("the damaged file was changed by the refused start: %v", err)
	}
	if out, code := s.run("fsck"); code != 1 || !strings.Contains(out, "good up to frame") || !strings.Contains(out, "restore the newest backup") {
		t.Errorf("fsck must say how far the journal is good: exit %d:\n%s", code, out)
	}
}

// A8: a vault older than the journal needs is refused; its handles would
// resolve to nobody.
func TestOlderVaultBesideNewerJournal(t *testing.T) {
	s, _ := filled(t, 1)
	old := filepath.Join(t.TempDir(), "old")
	copyTree(t, s.dir, old)
	s.fill(5, 3)
	copyTree(t, strings.Replace(s.stream("HABEAS_VAULT_0"), s.dir, old, 1), s.stream("HABEAS_VAULT_0"))
	copyTree(t, filepath.Join(old, "vault"), filepath.Join(s.dir, "vault"))
	s.refuses("vault")
}

// A journal shorter than what the map and the marks have seen is refused: an
// older copy of it was put in its place.
func TestOlderJournalBesideNewerMap(t *testing.T) {
	s, _ := filled(t, 1)
	old := filepath.Join(t.TempDir(), "old")
	copyTree(t, s.dir, old)
	s.fill(5, 3)
	copyTree(t, strings.Replace(s.stream("HABEAS_EVENTS_0"), s.dir, old, 1), s.stream("HABEAS_EVENTS_0"))
	s.refuses("shorter")
}

// Keys that are gone are lost, never made anew beside data that needs them.
func TestMissingKeys(t *testing.T) {
	s, _ := filled(t, 1)
	if err := os.Rename(s.dir+".keys", s.dir+".elsewhere"); err != nil {
		t.Fatal(err)
	}
	s.refuses("keys")
	if _, err := os.Stat(s.dir + ".keys"); err == nil {
		t.Error("a key directory was made beside a vault that has lost its own")
	}
	if err := os.Rename(s.dir+".elsewhere", s.dir+".keys"); err != nil {
		t.Fatal(err)
	}
	s.start()
	if !s.ready(60 * time.Second) {
		t.Errorf("with its keys back the server must start:\n%s", s.log)
	}
	s.stop()
}

// E3: any page of the map's files may be lost at a power cut; what comes up
// afterwards is right, or is rebuilt from the journal, never wrong.
func TestTornMapFiles(t *testing.T) {
	s, all := filled(t, 10)
	keep := filepath.Join(t.TempDir(), "keep")
	copyTree(t, s.dir, keep)
	r := rand.New(rand.NewPCG(11, 12))
	for try := range rounds(6) {
		copyTree(t, keep, s.dir)
		files, err := filepath.Glob(filepath.Join(s.dir, "map", "*", "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files: %v", err)
		}
		hit := ""
		for range 3 {
			f := files[r.IntN(len(files))]
			st, err := os.Stat(f)
			if err != nil || st.IsDir() || st.Size() == 0 {
				continue
			}
			hit += " " + filepath.Base(f)
			tear(t, f, r.Int64N(st.Size())&^4095)
		}
		s.start()
		if !s.ready(60 * time.Second) {
			s.says("map")
			if out, code := s.run("rebuild"); code != 0 {
				t.Errorf("try %d (%s): neither did it start nor rebuild:\n%s\n%s", try, hit, s.log, out)
				continue
			}
			s.start()
			if !s.ready(60 * time.Second) {
				t.Errorf("try %d (%s): not after a rebuild either:\n%s", try, hit, s.log)
				continue
			}
		}
		s.compare(all, 1)
		s.stop()
	}
}

// tear puts zeros into one page.
func tear(t *testing.T, path string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, min(4096, st.Size()-at)), at); err != nil {
		t.Fatal(err)
	}
}

// A full disk stops the journal with a clear message; what was acknowledged
// before is there once there is room again.
func TestFullDisk(t *testing.T) {
	mount := t.TempDir()
	if err := syscall.Mount("tmpfs", mount, "tmpfs", 0, "size=420m"); err != nil {
		t.Logf("NOT RUN: a small disk cannot be mounted here (%v); the journal's own tests cover a full disk", err)
		return
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(mount, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s := newServer(t)
	s.dir = filepath.Join(mount, "data")
	all := s.fill(0, 3)
	s.start()
	if !s.ready(60 * time.Second) {
		t.Fatal(s.log)
	}
	ballast := filepath.Join(mount, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 1<<20)
	for err == nil {
		_, err = f.Write(block)
	}
	f.Close()
	r := rand.New(rand.NewPCG(13, 14))
	refused := false
	for n := 0; n < 400 && !refused; n++ {
		var batch []*sent
		for range 50 {
			batch = append(batch, draw(r, 1, 2_000_000+len(all)))
			all = append(all, batch[len(batch)-1])
		}
		refused = !s.send(batch)
	}
	if !refused {
		t.Error("events were acknowledged on a full disk without end")
	}
	s.says("nearly full", "nothing was saved")
	// I7: a look that cannot be recorded is refused.
	q := []byte(`{"identifier":{"kind":"platform.member","value":"p0"},"reason":"chaos"}`)
	if st, b := s.post("/v1/footprint", "application/json", q, 10*time.Second); st != 503 || !strings.Contains(string(b), "look.not_recorded") {
		t.Errorf("a look on a full disk: status %d: %s", st, b)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if !s.send(all[len(all)-50:]) {
		t.Errorf("with room again the server must take events without a restart:\n%s", s.log)
	}
	s.stop()
	s.settle(all, 2)
}
