package scripts

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

const (
	startWithin = 60 * time.Second
	stopWithin  = 30 * time.Second
)

type serverKey struct{}

// A place holds the server of one script. It is used by the script's own
// goroutine.
type place struct{ now *server }

// A server is one running habeas of one script.
type server struct {
	cmd  *exec.Cmd
	base string
	out  *buffer
	gone chan error // holds the result of Wait once the process has ended
}

// buffer is written by the process and read by the script.
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

func at(ts *testscript.TestScript) *place { return ts.Value(serverKey{}).(*place) }

func running(ts *testscript.TestScript) *server {
	s := at(ts).now
	if s == nil {
		ts.Fatalf("no server runs; use serve-start or demo-start")
	}
	return s
}

func serveStart(ts *testscript.TestScript, neg bool, args []string) {
	addr := freeAddress(ts)
	start(ts, addr, "", append([]string{"serve", "--listen", addr}, args...))
}

func demoStart(ts *testscript.TestScript, neg bool, args []string) {
	addr := freeAddress(ts)
	start(ts, addr, "Ctrl-C ends the demo", append([]string{"demo", "--listen", addr}, args...))
}

// start runs habeas until /readyz says yes and it has printed a word. What it
// prints is the script's stdout afterwards, so that a script can look at the
// set-up link.
func start(ts *testscript.TestScript, addr, word string, args []string) {
	if at(ts).now != nil {
		ts.Fatalf("a server runs already; stop it first")
	}
	s := &server{base: "http://" + addr, out: &buffer{}, gone: make(chan error, 1)}
	s.cmd = exec.Command(filepath.Join(bin, "habeas"), args...)
	s.cmd.Dir = ts.MkAbs(".")
	s.cmd.Env = environment(ts)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	ts.Check(s.cmd.Start())
	go func() { s.gone <- s.cmd.Wait() }()
	at(ts).now = s
	ts.Setenv("HABEAS_SERVER", s.base)
	ts.Defer(func() { _ = s.cmd.Process.Kill() })

	deadline := time.NewTimer(startWithin)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if ready(s.base) && strings.Contains(s.out.String(), word) {
			adoptDemo(ts, s)
			fmt.Fprint(ts.Stdout(), s.out.String())
			return
		}
		select {
		case err := <-s.gone:
			ts.Fatalf("habeas %s ended before it was ready (%v):\n%s", strings.Join(args, " "), err, s.out)
		case <-deadline.C:
			ts.Fatalf("habeas %s was not ready within %s:\n%s", strings.Join(args, " "), startWithin, s.out)
		case <-again.C:
		}
	}
}

// environment is what the server sees: the script's own settings, none of
// those of whoever runs the tests.
func environment(ts *testscript.TestScript) []string {
	env := []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"), "TMPDIR=" + ts.Getenv("TMPDIR")}
	for _, name := range []string{"DATA", "KEYS", "LEDGER", "CONFIG", "CATALOGUE", "NATS", "ROTATE_EVERY", "LOG_FORMAT", "TEST_CRASH"} {
		if v := ts.Getenv("HABEAS_" + name); v != "" {
			env = append(env, "HABEAS_"+name+"="+v)
		}
	}
	return env
}

var dataFlag = regexp.MustCompile(`HABEAS_DATA=(\S+)`)

// adoptDemo lets the script's commands find the demo's directory, which the
// demo names in what it prints.
func adoptDemo(ts *testscript.TestScript, s *server) {
	if m := dataFlag.FindStringSubmatch(s.out.String()); m != nil {
		ts.Setenv("HABEAS_DATA", m[1])
	}
}

func ready(base string) bool {
	resp, err := http.Get(base + "/readyz")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func stop(ts *testscript.TestScript, neg bool, args []string) {
	s := running(ts)
	ts.Check(s.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-s.gone:
		if err != nil {
			ts.Fatalf("the server ended with %v:\n%s", err, s.out)
		}
	case <-time.After(stopWithin):
		ts.Fatalf("the server was still there %s after SIGTERM:\n%s", stopWithin, s.out)
	}
	fmt.Fprint(ts.Stdout(), s.out.String())
	at(ts).now = nil
}

func kill(ts *testscript.TestScript, neg bool, args []string) {
	s := running(ts)
	ts.Check(s.cmd.Process.Kill())
	<-s.gone
	at(ts).now = nil
}

// code runs a command and compares its exit code, which the contract fixes.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// callServer sends one request. The status line goes to stderr, so that a
// script can test it with the word stderr.
func callServer(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: http METHOD PATH [FILE [MEDIA-TYPE]]")
	}
	var body io.Reader
	media := "application/json"
	if len(args) > 2 {
		body = strings.NewReader(ts.ReadFile(args[2]))
	}
	if len(args) > 3 {
		media = args[3]
	}
	req, err := http.NewRequest(args[0], running(ts).base+args[1], body)
	ts.Check(err)
	req.Header.Set("Content-Type", media)
	if token := token(ts); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s\n", answer)
	fmt.Fprintln(ts.Stderr(), resp.Status)
	if (resp.StatusCode >= 400) != neg {
		ts.Fatalf("%s %s answered %s", args[0], args[1], resp.Status)
	}
}

// token is HABEAS_TOKEN if the script set it ("none" for no token), else the
// operator's.
func token(ts *testscript.TestScript) string {
	switch t := ts.Getenv("HABEAS_TOKEN"); t {
	case "":
	case "none":
		return ""
	default:
		return t
	}
	b, err := os.ReadFile(filepath.Join(ts.Getenv("HABEAS_DATA"), "access", "operator.token"))
	ts.Check(err)
	return strings.TrimSpace(string(b))
}

// noTrace looks for planted bytes in every file below the folders (I1).
func noTrace(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: no-trace WORD DIR...")
	}
	word, found := []byte(args[0]), 0
	for _, dir := range args[1:] {
		ts.Check(filepath.WalkDir(ts.MkAbs(dir), func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(path)
			if err == nil && (bytes.Contains(b, word) || bytes.Contains(unzipped(b), word)) {
				found++
				ts.Logf("%s holds %s", path, word)
			}
			return err
		}))
	}
	if (found > 0) != neg {
		ts.Fatalf("%d files hold %s", found, word)
	}
}

// unzipped returns what a gzipped file holds, and nothing for other files.
func unzipped(b []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	out, err := io.ReadAll(z)
	if err != nil {
		return nil
	}
	return out
}

func freeAddress(ts *testscript.TestScript) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	return l.Addr().String()
}
