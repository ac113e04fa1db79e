package server_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/cmd/habeas/server"
)

// An entry of a backup, as somebody sees it who can write to where backups lie.
type entry struct {
	name string
	b    []byte
}

func unpackBackup(t *testing.T, b []byte) (list []entry) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	tr := tar.NewReader(z)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, entry{h.Name, b})
	}
}

func packBackup(t *testing.T, path string, list []entry) {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range list {
		if err := w.WriteHeader(&tar.Header{Name: e.name, Mode: 0o600, Size: int64(len(e.b))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.b); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close(), os.WriteFile(path, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// forge changes a file of a backup and makes the manifest agree with it, as
// anybody can who has no key.
func forge(t *testing.T, list []entry, version int) []entry {
	t.Helper()
	var m struct {
		Version int               `json:"version"`
		Made    string            `json:"made"`
		Logs    map[string]uint64 `json:"logs"`
		Files   map[string]string `json:"files"`
	}
	out := append([]entry(nil), list...)
	for i := range out {
		if strings.HasSuffix(out[i].name, ".yaml") {
			out[i].b = append(bytes.Clone(out[i].b), "# a line of somebody else's\n"...)
		}
		if out[i].name != "manifest.json" {
			continue
		}
		if err := json.Unmarshal(out[i].b, &m); err != nil {
			t.Fatal(err)
		}
		for _, e := range out[:i] {
			sum := sha256.Sum256(e.b)
			m.Files[e.name] = hex.EncodeToString(sum[:])
		}
		m.Version = version
		var err error
		if out[i].b, err = json.Marshal(m); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// Whoever can write to where backups are kept must not be able to bring in what
// habeas did not write (Article 32: integrity of systems and services). A backup
// of an earlier build, which has no signature, is taken only knowingly; one whose
// signature does not fit is never taken.
func TestForgedBackupIsRefused(t *testing.T) {
	dir := t.TempDir()
	cfg := configure(t, dir)
	r := start(t, cfg)
	var b bytes.Buffer
	if err := r.Backup(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	list := unpackBackup(t, b.Bytes())
	last := len(list) - 1
	if list[last].name != "manifest.mac" || list[last-1].name != "manifest.json" {
		t.Fatalf("a backup ends with %s", list[last].name)
	}
	stranger := configure(t, t.TempDir())
	s := start(t, stranger)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "backup")
	for _, c := range []struct {
		name     string
		list     []entry
		keys     string
		accept   bool
		want     string
		unsigned bool
	}{
		{"as made", list, cfg.Keys, false, "", false},
		{"a manifest that agrees with an altered file", forge(t, list, 2), cfg.Keys, false, "altered", true},
		{"the same, accepted", forge(t, list, 2), cfg.Keys, true, "altered", true},
		{"the keys of another vault", list, stranger.Keys, false, "other keys", true},
		{"signature taken away", list[:last], cfg.Keys, true, "signature is missing", false},
		{"made to look like an earlier build's", forge(t, list, 1)[:last], cfg.Keys, false, "--accept-unsigned", true},
		{"an earlier build's, accepted", forge(t, list, 1)[:last], cfg.Keys, true, "", false},
		{"something behind the manifest", append(append([]entry(nil), list[:last]...), entry{"more", nil}), cfg.Keys, true, "no backup of habeas", false},
		{"a version to come", forge(t, list, 3), cfg.Keys, true, "version 3", false},
	} {
		packBackup(t, path, c.list)
		other := cfg
		other.Data, other.Keys = filepath.Join(dir, "other"), c.keys
		_, err := server.Restore(t.Context(), other, slog.New(slog.DiscardHandler), path, server.Accept{Unsigned: c.accept})
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if errors.Is(err, server.ErrUnsigned) != c.unsigned {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, serr := os.Stat(other.Data); err != nil && serr == nil {
			t.Errorf("%s: something was written before the signature was judged", c.name)
		}
		if err := os.RemoveAll(other.Data); err != nil {
			t.Fatal(err)
		}
	}
}

// Whoever presses Ctrl-C in the middle of a restore finds nothing in its place,
// and what a killed one left does not hinder the next.
func TestInterruptedRestoreLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	cfg := configure(t, dir)
	r := start(t, cfg)
	var b bytes.Buffer
	if err := r.Backup(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "backup")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Data = filepath.Join(dir, "other")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := server.Restore(ctx, cfg, slog.New(slog.DiscardHandler), path, server.Accept{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	for _, name := range []string{cfg.Data, cfg.Data + ".restoring"} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("an interrupted restore left %s", filepath.Base(name))
		}
	}
	if err := os.MkdirAll(filepath.Join(cfg.Data+".restoring", "journal"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Restore(t.Context(), cfg, slog.New(slog.DiscardHandler), path, server.Accept{}); err != nil {
		t.Errorf("after a killed one: %v", err)
	}
	if _, err := os.Stat(cfg.Data + ".restoring"); err == nil {
		t.Error("what the killed one left is still there")
	}
}
