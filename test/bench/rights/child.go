package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/habeas-data/habeas/access"
)

// settings are what a phase asks of the server beside its defaults.
type settings struct {
	Habeas            string // the program
	Dir               string
	Systems           int
	PerMinute, AtOnce int
}

// build makes the program that is measured.
func build(ctx context.Context, dir string) (string, error) {
	file := filepath.Join(dir, "habeas")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", file, "github.com/habeas-data/habeas/cmd/habeas").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build habeas: %w: %s", err, out)
	}
	return file, nil
}

// A child is `habeas serve` in a process of its own, so that what it takes of memory
// and of the processors is told apart from whoever asks.
type child struct {
	Base  string
	cmd   *exec.Cmd
	log   bytes.Buffer
	start time.Duration // until it was ready
	admin *client       // the operator
}

func begin(ctx context.Context, o settings) (*child, error) {
	notice, err := writeNotice(o.Dir, o.Systems)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	data := filepath.Join(o.Dir, "data")
	c := &child{Base: "http://" + addr, cmd: exec.CommandContext(ctx, o.Habeas, "serve", "--data", data, "--listen", addr, "--catalogue", notice)}
	c.cmd.Dir, c.cmd.Stderr = o.Dir, &c.log
	c.cmd.Env = append(os.Environ(), "HABEAS_LOOKS_PER_MINUTE=1000000000", fmt.Sprint("HABEAS_TASKS_PER_MINUTE=", o.PerMinute), fmt.Sprint("HABEAS_TASKS_AT_ONCE=", o.AtOnce))
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGTERM) }
	begun := time.Now()
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a server: %w", err)
	}
	for !c.ready() {
		if ctx.Err() != nil || time.Since(begun) > 10*time.Minute || syscall.Kill(c.cmd.Process.Pid, 0) != nil {
			return nil, errors.Join(errors.New("the server was never ready"), c.end(), errors.New(c.log.String()))
		}
		<-time.After(5 * time.Millisecond)
	}
	c.start = time.Since(begun)
	token, err := os.ReadFile(access.OperatorFile(filepath.Join(data, "access")))
	if err != nil {
		return nil, errors.Join(err, c.end())
	}
	c.admin = newClient(c.Base, strings.TrimSpace(string(token)))
	return c, nil
}

func (c *child) ready() bool {
	res, err := http.Get(c.Base + "/readyz")
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// end stops the server as a signal would, and waits for it.
func (c *child) end() error {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
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
