package server_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/files"
)

const filePlanted = "planted.file.person@example.org"

func writes(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func readFile(t *testing.T, s *files.Store, id events.EventID) (string, error) {
	t.Helper()
	f, err := s.Open(t.Context(), id)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	return string(b), err
}

// Sealed files are in a backup as they rest, come back with their keys, and what
// was shredded since stays shredded; no file of the server holds what is in them.
func TestSealedFilesBackupRestoreShred(t *testing.T) {
	dir := t.TempDir()
	cfg := configure(t, dir)
	r := start(t, cfg)
	kept, err := r.Files().PutFrom(t.Context(), "label of "+filePlanted, writes(filePlanted+" kept"))
	if err != nil {
		t.Fatal(err)
	}
	// One of a chosen id takes the place of the one before, also in the vault.
	id := events.EventID{3, 1, 4}
	for _, s := range []string{"first", "second"} {
		if _, err := r.Files().PutAs(t.Context(), id, s, writes(filePlanted+s)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := readFile(t, r.Files(), id); err != nil || got != filePlanted+"second" {
		t.Errorf("%q, %v", got, err)
	}
	if saw := sawOf(t, r.Server, "sealed files"); !strings.HasPrefix(saw, "2 files") {
		t.Errorf("fsck: %s", saw)
	}
	var backup bytes.Buffer
	if err := r.Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "backup.tar.gz")
	if err := os.WriteFile(path, backup.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Files().Shred(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	holdsNo(t, dir, filePlanted)
	if err := os.Rename(cfg.Data, cfg.Data+".gone"); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Restore(t.Context(), cfg, slog.New(slog.DiscardHandler), path, server.Accept{}); err != nil {
		t.Fatal(err)
	}
	again := start(t, cfg)
	if got, err := readFile(t, again.Files(), kept.ID); err != nil || got != filePlanted+" kept" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := readFile(t, again.Files(), id); !errors.Is(err, files.ErrGone) {
		t.Errorf("what was shredded after the backup came back: %v", err)
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, "files", id.String())); !errors.Is(err, fs.ErrNotExist) {
		t.Error("its bytes came back")
	}
	if saw := sawOf(t, again.Server, "sealed files"); !strings.HasPrefix(saw, "1 files") {
		t.Errorf("fsck: %s", saw)
	}
}

// A damaged file is found by fsck.
func TestFsckFindsADamagedFile(t *testing.T) {
	cfg := configure(t, t.TempDir())
	r := start(t, cfg)
	p, err := r.Files().PutFrom(t.Context(), "", writes(strings.Repeat("x", 1000)))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cfg.Data, "files", p.ID.String())
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	rep, err := r.Fsck(t.Context(), func(server.Step) {})
	if err != nil || rep.OK {
		t.Errorf("fsck says all is well: %v", err)
	}
}

// holdsNo looks for a text in every file below dir.
func holdsNo(t *testing.T, dir, text string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			t.Errorf("%s holds it", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
