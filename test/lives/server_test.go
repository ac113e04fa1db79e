package lives

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
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

// binary is habeas: the one that was built for all tests, or one of our own.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("HABEAS_TEST_BIN"); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "habeas-lives")
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

// durable are the steps at which the process is killed.
var durable = []string{"vault: append", "journal.vault.publish.before", "journal.vault.publish.after", "vault: index", "journal.publish.before", "journal.publish.after", "map.commit.before", "map.commit.after"}

// A process is a habeas server that dies now and then and is started again.
type process struct {
	t      *testing.T
	dir    string
	addr   string
	cmd    *exec.Cmd
	exited chan struct{}
	log    bytes.Buffer // read once the process has ended
	r      *rand.Rand
	calm   bool // it is not killed
	deaths int
	now    string // the day that is set
	tokens map[string]string
}

func newProcess(t *testing.T, r *rand.Rand) *process {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := &process{t: t, dir: t.TempDir(), addr: l.Addr().String(), r: r, tokens: map[string]string{}}
	t.Cleanup(func() {
		if p.cmd != nil {
			_ = p.cmd.Process.Kill()
			<-p.exited
		}
		if t.Failed() {
			log := p.log.String()
			t.Log(log[max(0, len(log)-4<<10):])
		}
	})
	return p
}

func (p *process) data() string { return filepath.Join(p.dir, "data") }

// start runs the server, to be killed at some durable step unless it is calm.
func (p *process) start() {
	p.t.Helper()
	path, err := binary()
	if err != nil {
		p.t.Fatal(err)
	}
	for range 20 {
		p.cmd = exec.Command(path, "serve", "--data", p.data(), "--listen", p.addr, "--catalogue", "testdata/lives.yaml", "--decisions", "testdata/lives.decisions.yaml",
			"--looks-per-minute", "1000000", "--test-clock", "--rotate-every", "0", "--sweep-every", "1m", "--disclosure-for", "1m", "--log-level", "warn")
		p.cmd.Env = append(os.Environ(), "HABEAS_TASKS_PER_MINUTE=1000000") // days go by in a second here
		if !p.calm {
			p.cmd.Env = append(p.cmd.Env, fmt.Sprintf("HABEAS_TEST_CRASH=%s:%d", durable[p.r.IntN(len(durable))], 10+p.r.IntN(120)))
		}
		p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
		if err := p.cmd.Start(); err != nil {
			p.t.Fatal(err)
		}
		p.exited = make(chan struct{})
		go func(c *exec.Cmd, done chan struct{}) { _ = c.Wait(); close(done) }(p.cmd, p.exited)
		if p.ready() {
			if p.now == "" {
				return
			}
			// The clock of a rehearsal is set again after a start.
			if status, _, err := p.once("", "POST", "/v1/clock", map[string]string{"day": p.now}); err == nil && status == http.StatusOK {
				return
			}
			_ = p.cmd.Process.Kill()
			<-p.exited
		}
		p.deaths++
	}
	p.t.Fatal("the server does not start")
}

func (p *process) ready() bool {
	ctx, cancel := context.WithTimeout(p.t.Context(), 60*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.exited:
			return false
		case <-ctx.Done():
			p.t.Fatal("the server was not ready within a minute")
		case <-tick.C:
		}
		resp, err := http.Get("http://" + p.addr + "/readyz")
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return true
		}
	}
}

func (p *process) stop() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(os.Interrupt)
	select {
	case <-p.exited:
	case <-time.After(30 * time.Second):
		p.t.Fatal("the server did not stop")
	}
	p.cmd = nil
}

// run runs another command on the same directory.
func (p *process) run(args ...string) string {
	p.t.Helper()
	path, err := binary()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := exec.Command(path, append(args, "--data", p.data(), "--server", "http://"+p.addr)...).Output()
	if err != nil {
		p.t.Fatalf("habeas %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// token makes a token for somebody.
func (p *process) token(name, role string) {
	p.t.Helper()
	lines := strings.Split(p.run("token", "create", name, "--role", role), "\n")
	p.tokens[name] = strings.TrimSpace(lines[0])
}

// call asks the server, and asks again where it died over it. The answer is read
// into out.
func (p *process) call(who, method, path string, in, out any) (int, string) {
	p.t.Helper()
	for range 25 {
		status, body, err := p.once(who, method, path, in)
		if err != nil {
			select {
			case <-p.exited:
			case <-time.After(20 * time.Second):
				p.t.Fatalf("%s %s: %v", method, path, err)
			}
			p.deaths++
			p.start()
			continue
		}
		if status/100 == 2 && out != nil {
			if err := json.Unmarshal(body, out); err != nil {
				p.t.Fatalf("%s %s: %v: %s", method, path, err, body)
			}
		}
		return status, string(body)
	}
	p.t.Fatalf("%s %s: the server dies each time", method, path)
	return 0, ""
}

func (p *process) once(who, method, path string, in any) (int, []byte, error) {
	var body io.Reader = http.NoBody
	media := "application/json"
	switch x := in.(type) {
	case nil:
	case string:
		body, media = strings.NewReader(x), "application/x-ndjson"
	default:
		b, err := json.Marshal(x)
		if err != nil {
			return 0, nil, err
		}
		body = bytes.NewReader(b)
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+p.addr+path, body)
	if err != nil {
		return 0, nil, err
	}
	token := p.tokens[who]
	if who == "" {
		b, err := os.ReadFile(filepath.Join(p.data(), "access", "operator.token"))
		if err != nil {
			return 0, nil, err
		}
		token = strings.TrimSpace(string(b))
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode == http.StatusServiceUnavailable {
		err = errors.New("the server is stopping")
	}
	return resp.StatusCode, b, err
}
