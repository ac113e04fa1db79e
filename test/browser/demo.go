// Package browser opens the pages of a running demo in a real Chromium and
// judges them as a reader would meet them: what they say, whether they can be
// used by keyboard and screen reader, whether they load anything from elsewhere,
// whether personal data shows in an address or a title (I1).
//
// It is a module of its own, so that the server does not carry a browser
// driver. It knows the product only through its command and its pages.
package browser

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// A Demo is one running `habeas demo`.
type Demo struct {
	Base   string // http://127.0.0.1:port
	SignIn string // the one-time link that it printed
	cmd    *exec.Cmd
	out    *buffer
	gone   chan error
}

var (
	signInLink = regexp.MustCompile(`http://127\.0\.0\.1:\d+/\S+`)
	baseOf     = regexp.MustCompile(`^http://127\.0\.0\.1:\d+`)
)

// StartDemo runs the command and waits until its server is ready and the
// sign-in link is printed.
func StartDemo(ctx context.Context, command string, args ...string) (*Demo, error) {
	d := &Demo{out: &buffer{}, gone: make(chan error, 1)}
	d.cmd = exec.Command(command, append([]string{"demo"}, args...)...)
	d.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.Getenv("TMPDIR")}
	d.cmd.Stdout, d.cmd.Stderr = d.out, d.out
	if err := d.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the demo: %w", err)
	}
	go func() { d.gone <- d.cmd.Wait() }()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if d.SignIn = signInLink.FindString(d.out.String()); d.SignIn != "" {
			d.Base = baseOf.FindString(d.SignIn)
			if ready(d.Base) {
				return d, nil
			}
		}
		select {
		case err := <-d.gone:
			return nil, fmt.Errorf("the demo ended before it was ready (%w):\n%s", err, d.out)
		case <-ctx.Done():
			_ = d.cmd.Process.Kill()
			return nil, fmt.Errorf("wait for the demo: %w:\n%s", ctx.Err(), d.out)
		case <-tick.C:
		}
	}
}

// Stop ends the demo as Ctrl-C would.
func (d *Demo) Stop() error {
	if err := d.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	select {
	case err := <-d.gone:
		return err
	case <-time.After(30 * time.Second):
		_ = d.cmd.Process.Kill()
		return fmt.Errorf("the demo was still there half a minute after Ctrl-C")
	}
}

// Printed is what the demo has printed so far.
func (d *Demo) Printed() string { return d.out.String() }

func ready(base string) bool {
	resp, err := http.Get(base + "/readyz")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// buffer is written by the process and read by us.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
