package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/habeas-data/habeas/config"
)

// settings are what a phase asks of the server beside its defaults.
type settings struct {
	Dir               string
	PerMinute, AtOnce int
}

// told is what the server says of itself once it listens.
type told struct{ Base, Profiles string }

// serve is the child: the server as `habeas serve` runs it, with profiles of it on
// a port of their own. It ends when its standard input does.
func serve(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	b, err := lines.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	var o settings
	if err := json.Unmarshal(b, &o); err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	cfg := config.Default()
	cfg.Data, cfg.Listen, cfg.LogLevel = filepath.Join(o.Dir, "data"), "127.0.0.1:0", "warn"
	cfg.LooksPerMinute, cfg.UploadsPerToken = 1<<30, 1<<16
	cfg.TasksPerMinute, cfg.TasksAtOnce = o.PerMinute, o.AtOnce
	if err := cfg.Check(); err != nil {
		return err
	}
	s, err := server.Open(ctx, cfg, server.Options{Log: server.Logger(cfg, os.Stderr)})
	if err != nil {
		return err
	}
	l, err := s.Listen()
	if err != nil {
		return errors.Join(err, s.Close())
	}
	profiles, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, s.Close())
	}
	go http.Serve(profiles, profileRoutes()) //nolint:errcheck,gosec // ends with the process
	ctx, stop := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, lines)
		stop()
	}()
	if err := json.NewEncoder(out).Encode(told{"http://" + l.Addr().String(), "http://" + profiles.Addr().String()}); err != nil {
		stop()
	}
	return errors.Join(s.Run(ctx, l), s.Close())
}

func profileRoutes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("/cpu", pprof.Profile)
	m.Handle("/heap", pprof.Handler("heap"))
	m.Handle("/goroutine", pprof.Handler("goroutine"))
	return m
}

// A child is a server in a process of its own, so that what it takes of memory and
// of the processors is told apart from whoever asks.
type child struct {
	told
	cmd   *exec.Cmd
	in    io.WriteCloser
	start time.Duration // until it was ready
	admin *client       // the operator
	dir   string
}

func begin(ctx context.Context, o settings) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self, "-serve"), dir: o.Dir}
	c.cmd.Stderr = os.Stderr
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGTERM) }
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a server: %w", err)
	}
	if err := json.NewEncoder(c.in).Encode(o); err != nil {
		return nil, errors.Join(err, c.end())
	}
	if err := json.NewDecoder(out).Decode(&c.told); err != nil {
		return nil, errors.Join(fmt.Errorf("start a server: %w", err), c.end())
	}
	for {
		res, err := http.Get(c.Base + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				break
			}
		}
		if ctx.Err() != nil || time.Since(begun) > 10*time.Minute {
			return nil, errors.Join(errors.New("the server was never ready"), c.end())
		}
		<-time.After(5 * time.Millisecond)
	}
	c.start = time.Since(begun)
	token, err := os.ReadFile(access.OperatorFile(filepath.Join(o.Dir, "data", "access")))
	if err != nil {
		return nil, errors.Join(err, c.end())
	}
	c.admin = newClient(c.Base, strings.TrimSpace(string(token)))
	return c, nil
}

// end stops the server as a signal would, and waits for it.
func (c *child) end() error {
	_ = c.in.Close()
	return c.cmd.Wait()
}

// as makes a token with a role.
func (c *child) as(ctx context.Context, name, role string) (*client, error) {
	var got struct{ Secret string }
	if err := c.admin.post(ctx, "/v1/tokens", map[string]any{"name": name, "roles": []string{role}}, &got); err != nil {
		return nil, err
	}
	return newClient(c.Base, got.Secret), nil
}

// memory is what the server holds of memory now, and the most it has held since
// forget was called, in MB.
func (c *child) memory() (now, most int) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	of := func(name string) int {
		_, rest, _ := strings.Cut(string(b), name+":")
		kb, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
		return kb >> 10
	}
	return of("VmRSS"), of("VmHWM")
}

// forget begins the most anew.
func (c *child) forget() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", c.cmd.Process.Pid), []byte("5"), 0o200)
}

// processor is the time the server has taken of the processors.
func (c *child) processor() time.Duration {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	u, _ := strconv.Atoi(f[11])
	s, _ := strconv.Atoi(f[12])
	return time.Duration(u+s) * 10 * time.Millisecond
}

// profile takes a processor profile while something is done, if a directory for
// profiles was given.
func (c *child) profile(dir, name string) (done func()) {
	if dir == "" {
		return func() {}
	}
	over := make(chan struct{})
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		defer close(over)
		for n := 0; ctx.Err() == nil; n++ {
			keep(c.Profiles+"/cpu?seconds=8", filepath.Join(dir, fmt.Sprintf("%s-%d.pprof", name, n)))
		}
	}()
	return func() {
		keep(c.Profiles+"/heap", filepath.Join(dir, name+"-heap.pprof"))
		stop()
		<-over
	}
}

func keep(url, file string) {
	res, err := http.Get(url)
	if err != nil {
		return
	}
	defer res.Body.Close()
	if f, err := os.Create(file); err == nil {
		_, _ = io.Copy(f, res.Body)
		_ = f.Close()
	}
}
