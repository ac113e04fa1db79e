package journal_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/events/journal/journaltest"
)

// Some tests need a process of their own: to be killed, to have a disk of its
// own, or to be another user. They run this test binary again with childEnv
// set to one of these.
const childEnv = "HABEAS_JOURNAL_CHILD"

var children = map[string]func(dir string) error{
	"append":      childAppend,
	"full disk":   childFullDisk,
	"file size":   childFileSize,
	"read-only":   childReadOnly,
	"no rights":   childNoRights,
	"nearly full": childNearlyFull,
}

func TestMain(m *testing.M) {
	if name := os.Getenv(childEnv); name != "" {
		if err := children[name](os.Args[len(os.Args)-1]); err != nil {
			fmt.Println("child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(t *testing.T, name, dir string, attr *syscall.SysProcAttr, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, dir)
	c.Env = append(append(os.Environ(), childEnv+"="+name), env...)
	c.SysProcAttr = attr
	return c
}

// childAppend appends for ever and prints what has been acknowledged. It takes
// up where the log ends.
func childAppend(dir string) error {
	j, err := journal.Open(ctx, journal.Config{Dir: dir})
	if err != nil {
		return err
	}
	l, err := j.Events(ctx)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for n := int(l.Last().Next); ; {
		m := n + 1 + r.IntN(60)
		if _, err := l.Append(ctx, journaltest.Events(n, m), 0, 1); err != nil {
			return err
		}
		fmt.Println(m)
		n = m
	}
}

// I2: whatever was acknowledged before a SIGKILL is there afterwards, whole, in
// order and once, wherever the kill strikes.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	acked := 0
	kills := []string{"", "journal.publish.before:2", "", "journal.publish.after:3", "", "journal.publish.after:1", ""}
	for round, step := range kills {
		c := child(t, "append", dir, nil, "HABEAS_TEST_CRASH="+step)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if _, err := fmt.Sscan(lines.Text(), &acked); err != nil {
				t.Fatalf("round %d: the child says %q", round, lines.Text())
			}
			if step == "" && n == 10+5*round {
				_ = c.Process.Kill()
			}
		}
		var exit *exec.ExitError
		if err := c.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("round %d: the child ended with %v", round, err)
		}
		acked = max(acked, checkAll(t, dir, acked))
	}
	if acked < 100 {
		t.Errorf("only %d events were acknowledged: the test tested little", acked)
	}
}

// checkAll opens the journal and compares all events with those that were
// sent. It returns how many there are.
func checkAll(t *testing.T, dir string, acked int) int {
	t.Helper()
	j, err := journal.Open(ctx, journal.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	n, err := compare(j, acked)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func compare(j *journal.Journal, acked int) (int, error) {
	l, err := j.Events(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	err = l.Replay(ctx, journal.Checkpoint{}, func(seq uint64, f *events.Frame) error {
		for i := range int(f.Count) {
			var e events.Event
			if err := f.Event(i, &e); err != nil {
				return err
			}
			if e.ID != journaltest.Event(n).ID {
				return fmt.Errorf("record %d of frame %d is not event %d", i, seq, n)
			}
			n++
		}
		return nil
	})
	if err == nil && n < acked {
		err = fmt.Errorf("%d events are left of %d acknowledged", n, acked)
	}
	return n, err
}

// fill appends until something fails and returns how many were acknowledged.
func fill(l *journal.EventLog) (int, error) {
	for n := int(l.Last().Next); ; n += 300 {
		if _, err := l.Append(ctx, journaltest.Events(n, n+300), 0, 1); err != nil {
			return n, err
		}
	}
}

// stopsClearly opens the journal, writes until it fails, and checks how.
func stopsClearly(dir string, says ...string) (acked int, err error) {
	j, err := journal.Open(ctx, journal.Config{Dir: dir, KeepFree: -1})
	if err != nil {
		return 0, err
	}
	defer j.Close()
	l, err := j.Events(ctx)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	acked, err = fill(l)
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			return acked, fmt.Errorf("the error does not say %q: %w", s, err)
		}
	}
	if !errors.Is(err, journal.ErrStopped) {
		return acked, fmt.Errorf("want ErrStopped, got: %w", err)
	}
	if acked == 0 {
		return acked, fmt.Errorf("nothing was saved before: %w", err)
	}
	if time.Since(began) > 15*time.Second {
		return acked, fmt.Errorf("it took %v to notice", time.Since(began))
	}
	<-j.Stopped()
	if _, err := l.Append(ctx, journaltest.Events(0, 1), 0, 1); !errors.Is(err, journal.ErrStopped) {
		return acked, fmt.Errorf("append after the stop: %w", err)
	}
	if err := j.Ready(ctx); err == nil {
		return acked, fmt.Errorf("it says that it is ready")
	}
	return acked, nil
}

// goesOn opens it again after the cause is gone: all that was acknowledged is
// there, and writing goes on.
func goesOn(dir string, acked int) error {
	j, err := journal.Open(ctx, journal.Config{Dir: dir, KeepFree: 1})
	if err != nil {
		return fmt.Errorf("open again: %w", err)
	}
	defer j.Close()
	n, err := compare(j, acked)
	if err != nil {
		return err
	}
	l, err := j.Events(ctx)
	if err != nil {
		return err
	}
	if _, err := l.Append(ctx, journaltest.Events(max(n-200, 0), n+200), 0, 1); err != nil {
		return fmt.Errorf("write again: %w", err)
	}
	if v, err := l.Verify(ctx, nil); err != nil || v.Records != uint64(n+200) {
		return fmt.Errorf("verified %d records, want %d: %w", v.Records, n+200, err)
	}
	return nil
}

// ownMounts gives the child mounts of its own, which vanish with it.
func ownMounts() *syscall.SysProcAttr {
	if os.Getuid() == 0 {
		return &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	}
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

// smallDisk mounts a disk of this size on dir, for this process only.
func smallDisk(dir, size string) error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	return syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size)
}

func childFullDisk(dir string) error {
	if err := smallDisk(dir, "12m"); err != nil {
		return err
	}
	acked, err := stopsClearly(dir, "no space left on device")
	if err != nil {
		return err
	}
	// The server must not touch files that there is no room to guard.
	if _, err := journal.Open(ctx, journal.Config{Dir: dir}); !errors.Is(err, journal.ErrFull) {
		return fmt.Errorf("open on a full disk: %w", err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		return err
	}
	return goesOn(dir, acked)
}

// TestFullDisk: a full disk stops the journal with a clear message, and when
// there is room again nothing acknowledged is missing.
func TestFullDisk(t *testing.T) { runChild(t, "full disk", ownMounts()) }

// TestFullDiskByLimit does the same where a limit on file sizes ends the space.
func TestFullDiskByLimit(t *testing.T) { runChild(t, "file size", nil) }

// TestReadOnlyDirectory: opening says what is wrong and harms nothing.
func TestReadOnlyDirectory(t *testing.T) { runChild(t, "read-only", ownMounts()) }

// TestRightsTakenAway: the directory becomes read-only while the journal runs.
func TestRightsTakenAway(t *testing.T) { runChild(t, "no rights", nil) }

func runChild(t *testing.T, name string, attr *syscall.SysProcAttr) {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} { // the child may be another user
		if err := os.Chmod(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	out, err := child(t, name, dir, attr).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("%s", out)
}

func childFileSize(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	small := limit
	small.Cur = 1 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		return err
	}
	acked, err := stopsClearly(dir, "file too large")
	if err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	return goesOn(dir, acked)
}

func childReadOnly(dir string) error {
	if err := smallDisk(dir, "64m"); err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	if err := goesOn(data, 0); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		return err
	}
	_, err := journal.Open(context.Background(), journal.Config{Dir: data})
	if err == nil || !strings.Contains(err.Error(), "read-only file system") {
		return fmt.Errorf("open on a read-only disk: %w", err)
	}
	fmt.Println(err)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, ""); err != nil {
		return err
	}
	return goesOn(data, 200)
}

func childNoRights(dir string) error {
	if os.Getuid() == 0 {
		// Root may write anywhere.
		if err := syscall.Setuid(65534); err != nil {
			return err
		}
	}
	data := filepath.Join(dir, "data")
	if err := goesOn(data, 0); err != nil {
		return err
	}
	msgs, err := filepath.Glob(filepath.Join(data, "nats/jetstream/*/streams/HABEAS_EVENTS_0/msgs"))
	if err != nil || len(msgs) != 1 {
		return fmt.Errorf("look for the directory of messages: %v, %w", msgs, err)
	}
	if err := os.Chmod(msgs[0], 0o500); err != nil {
		return err
	}
	acked, err := stopsClearly(data)
	if err != nil {
		return err
	}
	if err := os.Chmod(msgs[0], 0o700); err != nil {
		return err
	}
	return goesOn(data, acked)
}

// TestNearlyFull: below KeepFree appends are refused with nothing saved, and go
// on by themselves once there is room.
func TestNearlyFull(t *testing.T) { runChild(t, "nearly full", ownMounts()) }

func childNearlyFull(dir string) error {
	if err := smallDisk(dir, "32m"); err != nil {
		return err
	}
	j, err := journal.Open(ctx, journal.Config{Dir: dir, KeepFree: 20 << 20})
	if err != nil {
		return err
	}
	defer j.Close()
	l, err := j.Events(ctx)
	if err != nil {
		return err
	}
	acked, err := fill(l)
	if !errors.Is(err, journal.ErrFull) || !strings.Contains(err.Error(), "nothing was saved") || acked == 0 {
		return fmt.Errorf("%d acknowledged, then: %w", acked, err)
	}
	// Room may have come back by itself since: the server compresses full blocks
	// beside the writing. So the journal is full, or it is ready; never stopped.
	if ready := j.Ready(ctx); j.Err() != nil || ready != nil && !errors.Is(ready, journal.ErrFull) {
		return fmt.Errorf("stopped: %v; ready: %v", j.Err(), ready)
	}
	if n, err := compare(j, acked); n != acked {
		return fmt.Errorf("%d events after %d acknowledged, %w", n, acked, err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		return err
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		_, err := l.Append(ctx, journaltest.Events(acked, acked+10), 0, 1)
		if err == nil {
			break
		}
		if !errors.Is(err, journal.ErrFull) || time.Now().After(deadline) {
			return fmt.Errorf("with room again: %w", err)
		}
	}
	_, err = compare(j, acked+10)
	return err
}
