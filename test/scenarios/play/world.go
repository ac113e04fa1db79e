package play

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	startWithin = 60 * time.Second
	stopWithin  = 30 * time.Second
)

// A World is a running server with a clock of the script's, on a directory of its
// own. One goroutine uses it.
type World struct {
	bin, dir, base string
	cmd            *exec.Cmd
	out            *bytes.Buffer // of the server; read once it has ended
	gone           chan error
}

// Build makes the program in dir and returns its path.
func Build(ctx context.Context, dir string) (string, error) {
	bin := filepath.Join(dir, "habeas")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", bin, "github.com/habeas-data/habeas/cmd/habeas").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build habeas: %w\n%s", err, out)
	}
	return bin, nil
}

// Start runs the program for a scenario in an empty directory and waits until it
// is ready.
func Start(ctx context.Context, bin, dir string, s *Scenario) (*World, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	w := &World{bin: bin, dir: dir, base: "http://" + addr, out: new(bytes.Buffer), gone: make(chan error, 1)}
	args := []string{"serve", "--data", filepath.Join(dir, "data"), "--listen", addr, "--test-clock", "--looks-per-minute", "100000", "--catalogue", s.file(s.Catalogue)}
	if s.Decisions != "" {
		args = append(args, "--decisions", s.file(s.Decisions))
	}
	w.cmd = exec.CommandContext(ctx, bin, args...)
	w.cmd.Dir, w.cmd.Env = dir, w.environment()
	w.cmd.Stdout, w.cmd.Stderr = w.out, w.out
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start habeas: %w", err)
	}
	go func() { w.gone <- w.cmd.Wait() }()
	if err := w.ready(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// file is a name that the program knows, or a file of the scenario's folder.
func (s *Scenario) file(name string) string {
	path := filepath.Join(s.Dir, name)
	if _, err := os.Stat(path); err != nil {
		return name
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func (w *World) environment() []string {
	return []string{"HABEAS_TASKS_PER_MINUTE=1000000", "PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TMPDIR=" + os.Getenv("TMPDIR"), "HABEAS_SERVER=" + w.base, "HABEAS_DATA=" + filepath.Join(w.dir, "data")}
}

func (w *World) ready(ctx context.Context) error {
	late := time.NewTimer(startWithin)
	defer late.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if resp, err := http.Get(w.base + "/readyz"); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-w.gone:
			w.gone <- err
			return fmt.Errorf("habeas serve ended before it was ready (%w):\n%s", err, w.out)
		case <-late.C:
			return fmt.Errorf("habeas serve was not ready within %s", startWithin)
		case <-again.C:
		}
	}
}

// errNo is a command that answered "no", with an answer.
var errNo = errors.New("the answer is no")

// Run runs one command of the program as the operator and returns what it printed.
func (w *World) Run(ctx context.Context, args ...string) ([]byte, error) {
	return w.RunAs(ctx, "", args...)
}

// RunAs is Run under a token; the operator's where it is empty.
func (w *World) RunAs(ctx context.Context, token string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, w.bin, args...)
	c.Dir, c.Env = w.dir, w.environment()
	if token != "" {
		c.Env = append(c.Env, "HABEAS_TOKEN="+token)
	}
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	if err != nil && c.ProcessState.ExitCode() == 1 {
		return out.Bytes(), fmt.Errorf("habeas %s: %w\n%s", strings.Join(args, " "), errNo, errs.Bytes())
	}
	if err != nil {
		return nil, fmt.Errorf("habeas %s: %w\n%s%s", strings.Join(args, " "), err, out.Bytes(), errs.Bytes())
	}
	return out.Bytes(), nil
}

// Ask runs a command with --json and reads its one document, whether the answer
// is yes or no.
func (w *World) Ask(ctx context.Context, into any, args ...string) error {
	b, err := w.Run(ctx, append(args, "--json")...)
	if err != nil && (len(b) == 0 || !errors.Is(err, errNo)) {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("read the answer of habeas %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// Close stops the server as a supervisor would. What it said is in the error if
// it did not end well.
func (w *World) Close() error {
	_ = w.cmd.Process.Signal(syscall.SIGTERM)
	late := time.NewTimer(stopWithin)
	defer late.Stop()
	select {
	case err := <-w.gone:
		if err != nil {
			return fmt.Errorf("habeas serve ended with %w:\n%s", err, w.out)
		}
		return nil
	case <-late.C:
		_ = w.cmd.Process.Kill()
		return fmt.Errorf("habeas serve was still there after %s", stopWithin)
	}
}
