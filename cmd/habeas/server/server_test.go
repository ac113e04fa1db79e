package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/habeas-data/habeas/config"
	"github.com/habeas-data/habeas/demo"
)

// running is a server on a directory of the test.
type running struct {
	*server.Server
	t    *testing.T
	cfg  config.Config
	base string
	logs *syncBuffer
	stop func() error
}

// syncBuffer is a log that a test may read while the server writes.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func configure(t *testing.T, dir string) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.Listen = filepath.Join(dir, "data"), "127.0.0.1:0"
	cfg.RotateEvery = 0
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// start runs a server with the catalogue of the default story.
func start(t *testing.T, cfg config.Config) *running {
	t.Helper()
	cat, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return startWith(t, cfg, cat)
}

func startWith(t *testing.T, cfg config.Config, cat *catalogue.Catalogue) *running {
	t.Helper()
	logs := new(syncBuffer)
	s, err := server.Open(t.Context(), cfg, server.Options{Log: slog.New(slog.NewTextHandler(logs, nil)), Catalogue: server.NewShelf(cat)})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, l) }()
	r := &running{Server: s, t: t, cfg: cfg, logs: logs, base: "http://" + l.Addr().String()}
	stopped := false
	r.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		err := <-done
		if cerr := s.Close(); err == nil {
			err = cerr
		}
		return err
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(logs.String())
		}
	})
	r.ready()
	return r
}

func (r *running) ready() {
	r.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		resp, err := http.Get(r.base + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			r.t.Fatal("the server was not ready within 30 s")
		}
		<-time.After(5 * time.Millisecond)
	}
}

// The whole path: months of a story go in, the stores agree, and a backup
// brings them back elsewhere with the same map.
func TestStoryFsckBackupRestore(t *testing.T) {
	dir := t.TempDir()
	r := start(t, configure(t, dir))
	story := demo.New(demo.Config{People: 40, Seed: 7, Until: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}).Observations()
	if err := r.Play(t.Context(), story, func(int) {}); err != nil {
		t.Fatal(err)
	}
	rep, err := r.Fsck(t.Context(), func(server.Step) {})
	if err != nil || !rep.OK {
		t.Fatalf("fsck: %v %+v", err, rep)
	}
	var file bytes.Buffer
	if err := r.Backup(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	for _, c := range rep.Checks {
		if c.Name == "map" && !strings.Contains(c.Saw, "equal") {
			t.Errorf("%+v", c)
		}
	}
}

// A8: a backup brought back into an empty directory gives the same map.
func TestRestoreGivesTheSameMap(t *testing.T) {
	dir := t.TempDir()
	cfg := configure(t, dir)
	r := start(t, cfg)
	story := demo.New(demo.Config{People: 30, Seed: 3, Until: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}).Observations()
	if err := r.Play(t.Context(), story, func(int) {}); err != nil {
		t.Fatal(err)
	}
	before := sawOf(t, r.Server, "map")
	path := filepath.Join(dir, "backup.tar.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Backup(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(cfg.Data, cfg.Data+".gone"); err != nil {
		t.Fatal(err)
	}
	done, err := server.Restore(t.Context(), cfg, slog.New(slog.DiscardHandler), path, server.Accept{})
	if err != nil {
		t.Fatal(err)
	}
	if done.Events == 0 || done.Vault == 0 {
		t.Errorf("restored %+v", done)
	}
	again := start(t, cfg)
	if after := sawOf(t, again.Server, "map"); after != before {
		t.Errorf("before: %s\nafter:  %s", before, after)
	}
	if _, err := server.Restore(t.Context(), cfg, slog.New(slog.DiscardHandler), path, server.Accept{}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a restore must never overwrite: %v", err)
	}
}

// A backup that was cut or altered is refused before anything is written.
func TestDamagedBackupIsRefused(t *testing.T) {
	dir := t.TempDir()
	cfg := configure(t, dir)
	r := start(t, cfg)
	var b bytes.Buffer
	if err := r.Backup(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "cut")
	for _, bad := range [][]byte{b.Bytes()[:b.Len()/2], b.Bytes()[:b.Len()-20], []byte("no backup")} {
		if err := os.WriteFile(cut, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		other := cfg
		other.Data = filepath.Join(dir, "other")
		if _, err := server.Restore(t.Context(), other, slog.New(slog.DiscardHandler), cut, server.Accept{}); err == nil {
			t.Error("a damaged backup was restored")
		}
		if _, err := os.Stat(other.Data); err == nil {
			t.Error("something was written before the backup was checked")
		}
	}
}

func sawOf(t *testing.T, s *server.Server, check string) string {
	t.Helper()
	rep, err := s.Fsck(t.Context(), func(server.Step) {})
	if err != nil || !rep.OK {
		t.Fatalf("fsck: %v %+v", err, rep)
	}
	for _, c := range rep.Checks {
		if c.Name == check {
			return c.Saw
		}
	}
	t.Fatalf("fsck has no check %q", check)
	return ""
}
