package atomicfile_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/habeas-data/habeas/internal/atomicfile"
)

// TestMain lets a test run itself as a process that is killed at a step.
func TestMain(m *testing.M) {
	if path := os.Getenv("ATOMICFILE_TEST_PATH"); path != "" {
		if err := write(path, os.Getenv("ATOMICFILE_TEST_HOW"), "after"); err != nil {
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func write(path, how, text string) error {
	if how == "write" {
		return atomicfile.Write(path, []byte(text))
	}
	f, err := atomicfile.Create(path)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.WriteString(text); err != nil {
		return err
	}
	return f.Commit()
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func names(t *testing.T, dir string) (whole, leftover []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if atomicfile.Leftover(e.Name()) {
			leftover = append(leftover, e.Name())
		} else {
			whole = append(whole, e.Name())
		}
	}
	return whole, leftover
}

// Replacing leaves the new contents, private, and nothing else.
func TestReplace(t *testing.T) {
	for _, how := range []string{"write", "create"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "CURRENT")
		for _, text := range []string{"before", "", "after"} {
			if err := write(path, how, text); err != nil {
				t.Fatal(err)
			}
			if got := read(t, path); got != text {
				t.Errorf("%s: %q, want %q", how, got, text)
			}
		}
		st, err := os.Stat(path)
		if err != nil || st.Mode().Perm() != atomicfile.Mode {
			t.Errorf("%s: mode %v, %v", how, st.Mode(), err)
		}
		if whole, left := names(t, dir); len(whole) != 1 || len(left) != 0 {
			t.Errorf("%s: left %q and %q", how, whole, left)
		}
	}
}

// A process that dies before the rename leaves the former file, one that dies
// after it the new one; either way the next writer succeeds.
func TestCrash(t *testing.T) {
	for _, how := range []string{"write", "create"} {
		for step, want := range map[string]string{"atomicfile.synced:CURRENT": "before", "atomicfile.renamed:CURRENT": "after"} {
			dir := t.TempDir()
			path := filepath.Join(dir, "CURRENT")
			if err := write(path, how, "before"); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "HABEAS_TEST_CRASH="+step+":1", "ATOMICFILE_TEST_PATH="+path, "ATOMICFILE_TEST_HOW="+how)
			err := cmd.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("%s at %s: %v, want a kill", how, step, err)
			}
			if got := read(t, path); got != want {
				t.Errorf("%s at %s: %q stands, want %q", how, step, got, want)
			}
			if whole, _ := names(t, dir); len(whole) != 1 {
				t.Errorf("%s at %s: %q look like files", how, step, whole)
			}
			if err := write(path, how, "again"); err != nil || read(t, path) != "again" {
				t.Errorf("%s at %s: the next write: %v", how, step, err)
			}
		}
	}
}

// What fails leaves the former file and says which file was meant.
func TestFailure(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(path, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"write", "create"} {
		if err := write(path, how, "after"); err == nil {
			t.Errorf("%s: a folder was replaced", how)
		}
		if err := write(filepath.Join(dir, "absent", "file"), how, "x"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", how, err)
		}
		if whole, left := names(t, dir); len(whole) != 1 || len(left) != 0 {
			t.Errorf("%s: left %q and %q", how, whole, left)
		}
	}
}

// An aborted file is gone, and cannot be committed afterwards.
func TestAbort(t *testing.T) {
	dir := t.TempDir()
	f, err := atomicfile.Create(filepath.Join(dir, "backup"))
	if err != nil {
		t.Fatal(err)
	}
	f.Abort()
	f.Abort()
	if err := f.Commit(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("commit after abort: %v", err)
	}
	if whole, left := names(t, dir); len(whole)+len(left) != 0 {
		t.Errorf("left %q %q", whole, left)
	}
}

// What a file on the way was like does not show in the file that takes its place:
// it is private, and has nothing of the former contents.
func TestWriteOverALeftover(t *testing.T) {
	path := filepath.Join(t.TempDir(), "name")
	if err := os.WriteFile(path+".new", []byte("a longer text of another writer"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path+".new", 0o644); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got != "new" || st.Mode().Perm() != atomicfile.Mode {
		t.Errorf("%q with mode %v, want %q with mode %v", got, st.Mode().Perm(), "new", os.FileMode(atomicfile.Mode))
	}
}
