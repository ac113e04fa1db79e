package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// binary is built once for every test of the package.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "habeas-chaos")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "habeas")
	out, err := exec.Command("go", "build", "-o", path, "github.com/habeas-data/habeas/cmd/habeas").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// server is one habeas process on a directory that outlives it.
type server struct {
	t      *testing.T
	dir    string
	addr   string
	env    []string
	cmd    *exec.Cmd
	log    *output
	exited chan error
	died   bool // it ended by itself while clients wrote
}

// output is what a process prints; a test reads it while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func newServer(t *testing.T) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := &server{t: t, dir: filepath.Join(t.TempDir(), "data"), addr: l.Addr().String()}
	t.Cleanup(func() {
		if s.cmd != nil {
			s.kill()
		}
	})
	return s
}

// start runs the process without waiting for it to answer.
func (s *server) start(env ...string) {
	s.t.Helper()
	path, err := binary()
	if err != nil {
		s.t.Fatal(err)
	}
	s.log = new(output)
	s.cmd = exec.Command(path, "serve", "--data", s.dir, "--listen", s.addr, "--catalogue", "instant-connect", "--looks-per-minute", "1000000")
	s.cmd.Env = append(append(os.Environ(), env...), s.env...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.exited = make(chan error, 1)
	go func(c *exec.Cmd, done chan error) { done <- c.Wait() }(s.cmd, s.exited)
}

// ready waits until the server answers or ends, and says which.
func (s *server) ready(limit time.Duration) bool {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		select {
		case err := <-s.exited:
			s.exited <- err
			return false
		case <-ctx.Done():
			s.t.Fatalf("the server was not ready within %v:\n%s", limit, s.log)
		case <-time.After(20 * time.Millisecond):
		}
		resp, err := http.Get("http://" + s.addr + "/readyz")
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return true
		}
	}
}

func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.exited
	s.cmd = nil
}

// stop ends the process as an operator would.
func (s *server) stop() {
	s.t.Helper()
	_ = s.cmd.Process.Signal(os.Interrupt)
	select {
	case <-s.exited:
	case <-time.After(30 * time.Second):
		s.t.Fatalf("the server did not stop within 30 s of an interrupt:\n%s", s.log)
	}
	s.cmd = nil
}

// run runs another habeas command on the same directory.
func (s *server) run(args ...string) (string, int) {
	s.t.Helper()
	path, err := binary()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(path, append(args, "--data", s.dir, "--server", "http://"+s.addr)...)
	out, err := cmd.CombinedOutput()
	code := 0
	if err != nil {
		code = cmd.ProcessState.ExitCode()
	}
	return string(out), code
}

func (s *server) token() string {
	b, err := os.ReadFile(filepath.Join(s.dir, "access", "operator.token"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// post sends JSON and returns status and body; status 0 means no answer.
func (s *server) post(path, media string, body []byte, timeout time.Duration) (int, []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.addr+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("Authorization", "Bearer "+s.token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil
	}
	return resp.StatusCode, b
}

// send posts events and marks those that were acknowledged.
func (s *server) send(batch []*sent) bool {
	var body bytes.Buffer
	for _, e := range batch {
		if err := json.NewEncoder(&body).Encode(e.json()); err != nil {
			s.t.Error(err)
			return false
		}
	}
	status, b := s.post("/v1/events", "application/x-ndjson", body.Bytes(), 20*time.Second)
	if status != http.StatusAccepted {
		return false
	}
	var a struct {
		Accepted, Duplicate int
		Results             []struct {
			Line   int
			Status string
		}
	}
	if json.Unmarshal(b, &a) != nil || a.Accepted+a.Duplicate != len(batch) {
		s.t.Errorf("an answer that is not of this batch: %s", b)
		return false
	}
	for _, e := range batch {
		e.acked = true
	}
	return true
}
