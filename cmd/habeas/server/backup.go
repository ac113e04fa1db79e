package server

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/habeas-data/habeas/internal/atomicfile"
)

// A backup is a gzipped tar: the folder catalogue, then journal.snap, then the
// sealed files, then
// manifest.json with the hash of each, then manifest.mac, which signs the
// manifest under a key that stands in the vault's key directory: whoever can
// write to where backups are kept cannot make one that a restore takes for ours.
// It holds neither keys nor ledger, and no
// tokens: a restore must not bring back one that was revoked, nor let in whoever
// could write to where backups are kept.
// The journal's own snapshot puts the vault's log last, so that the vault in a
// backup is never older than the events that need it.
const (
	snapshotName = "journal.snap"
	manifestName = "manifest.json"
	macName      = "manifest.mac"
)

// Versions of the manifest: the first was not signed.
const (
	unsignedVersion = 1
	manifestVersion = 2
)

// Bounds of what a restore reads into memory.
const (
	maxManifest    = 16 << 20
	maxBackupFiles = 100_000
	maxCatalogue   = 16 << 20
)

type manifest struct {
	Version int               `json:"version"`
	Made    time.Time         `json:"made"`
	Logs    map[string]uint64 `json:"logs"` // frames by log
	Files   map[string]string `json:"files"`
}

// Backup writes a backup to w while everything goes on.
func (s *Server) Backup(ctx context.Context, w io.Writer) error {
	// The size of an entry must be known before it is written, so the journal's
	// snapshot goes to a file of its own first.
	snap, err := os.CreateTemp(s.cfg.Data, unfinishedBackup)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer os.Remove(snap.Name())
	defer snap.Close()
	logs, err := s.journal.Snapshot(ctx, snap)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	m := manifest{Version: manifestVersion, Made: s.clock.now().UTC(), Logs: map[string]uint64{}, Files: map[string]string{}}
	for _, l := range logs {
		m.Logs[l.Name] = l.End.Seq
	}
	z := gzip.NewWriter(w)
	b := &backupWriter{tar: tar.NewWriter(z), m: &m}
	if err := b.folder(filepath.Join(s.cfg.Data, "catalogue")); err != nil {
		return fmt.Errorf("back up the catalogue: %w", err)
	}
	if err := b.file(snapshotName, snap); err != nil {
		return fmt.Errorf("back up the journal: %w", err)
	}
	if err := s.backUpFiles(ctx, b); err != nil {
		return fmt.Errorf("back up the sealed files: %w", err)
	}
	if err := b.manifest(s.vault.BackupKey()); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return errors.Join(b.tar.Close(), z.Close())
}

// What a backup and a check make in the data directory while they run. The names
// are nothing that somebody would give a file of their own, such as a backup that
// is kept there.
const (
	unfinishedBackup = "backup.unfinished-*"
	unfinishedCheck  = "fsck.unfinished-*"
)

// clearLeftovers removes what a backup or a check left in the data directory when
// its process was killed. The locks of this directory are held, so none is running.
func (s *Server) clearLeftovers(context.Context) error {
	for _, pattern := range []string{unfinishedBackup, unfinishedCheck} {
		names, err := filepath.Glob(filepath.Join(s.cfg.Data, pattern))
		for _, name := range names {
			err = errors.Join(err, os.RemoveAll(name))
		}
		if err != nil {
			return fmt.Errorf("remove what an interrupted operation left: %w", err)
		}
	}
	return nil
}

type backupWriter struct {
	tar *tar.Writer
	m   *manifest
}

func (b *backupWriter) folder(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		// A file that is being written has no place in a backup.
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") || atomicfile.Leftover(e.Name()) {
			continue
		}
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		err = b.file(filepath.Base(dir)+"/"+e.Name(), f)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (b *backupWriter) file(name string, f *os.File) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	if err := b.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: b.m.Made}); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(b.tar, h), f, size); err != nil {
		return err
	}
	b.m.Files[name] = hex.EncodeToString(h.Sum(nil))
	return nil
}

func (b *backupWriter) manifest(key []byte) error {
	text, err := json.MarshalIndent(b.m, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(b.text(manifestName, text), b.text(macName, sign(key, text)))
}

func (b *backupWriter) text(name string, text []byte) error {
	if err := b.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text)), ModTime: b.m.Made}); err != nil {
		return err
	}
	_, err := b.tar.Write(text)
	return err
}

// sign is the signature of a manifest: HMAC-SHA256 over its bytes, in hex.
func sign(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return hex.AppendEncode(nil, h.Sum(nil))
}
