package runs

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

const crashDir = "HABEAS_TEST_RUNS"

// TestMain serves as the child that dies: it writes batches until it does.
func TestMain(m *testing.M) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	s, err := Open(dir, Config{Memory: 2000, Prefix: prefixLen})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	for i := range uint64(2000) {
		b := s.Begin()
		n := binary.BigEndian.AppendUint64(nil, i)
		b.Set([]byte("stands"), n)
		b.Set(append([]byte("row "), n...), n)
		if err := b.Commit(nil); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	os.Exit(3)
}

// The process dies at each durable step: what is there afterwards is all batches
// up to one of them, and nothing is in the way of going on.
func TestKilledAtEveryStep(t *testing.T) {
	last := uint64(0)
	for _, step := range []string{"runs.written", "atomicfile.synced:" + manifestName, "runs.listed"} {
		for _, n := range []int{1, 2, 7, 20} {
			dir := t.TempDir()
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprintf("HABEAS_TEST_CRASH=%s:%d", step, n))
			if out, err := c.CombinedOutput(); c.ProcessState == nil || c.ProcessState.ExitCode() != -1 {
				t.Fatalf("%s:%d was not reached: %v\n%s", step, n, err, out)
			}
			s := open(t, dir, 2000)
			v := s.Snapshot()
			rows := uint64(0)
			if err := v.Scan([]byte("row "), nil, func(k, value []byte) error {
				if binary.BigEndian.Uint64(value) != rows {
					return fmt.Errorf("row %d is missing", rows)
				}
				rows++
				return nil
			}); err != nil {
				t.Errorf("%s:%d: %v", step, n, err)
			}
			at, ok, err := v.Get([]byte("stands"))
			if err != nil || ok != (rows > 0) || ok && binary.BigEndian.Uint64(at) != rows-1 {
				t.Errorf("%s:%d: it stands at %x with %d rows, %v", step, n, at, rows, err)
			}
			last = max(last, rows)
			v.Release()
			b := s.Begin()
			b.Set([]byte("after"), nil)
			if err := b.Commit(nil); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if last < 100 {
		t.Errorf("at most %d rows were there: the later steps were not tested", last)
	}
}
