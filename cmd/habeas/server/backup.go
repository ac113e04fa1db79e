package server

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/habeas-data/habeas/config"
	"github.com/habeas-data/habeas/events/journal"
)

// A backup is a gzipped tar: the folder catalogue, then journal.snap, then
// manifest.json with the hash of each. It holds neither keys nor ledger, and no
// tokens: a restore must not bring back one that was revoked, nor let in whoever
// could write to where backups are kept.
// The journal's own snapshot puts the vault's log last, so that the vault in a
// backup is never older than the events that need it.
const (
	snapshotName = "journal.snap"
	manifestName = "manifest.json"
)

// Bounds of what a restore reads into memory.
const (
	maxManifest    = 1 << 20
	maxBackupFiles = 10_000
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
	snap, err := os.CreateTemp(s.cfg.Data, "backup-")
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer os.Remove(snap.Name())
	defer snap.Close()
	logs, err := s.journal.Snapshot(ctx, snap)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	m := manifest{Version: 1, Made: s.clock.now().UTC(), Logs: map[string]uint64{}, Files: map[string]string{}}
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
	if err := b.manifest(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return errors.Join(b.tar.Close(), z.Close())
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
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
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

func (b *backupWriter) manifest() error {
	text, err := json.MarshalIndent(b.m, "", "  ")
	if err != nil {
		return err
	}
	if err := b.tar.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(text)), ModTime: b.m.Made}); err != nil {
		return err
	}
	_, err = b.tar.Write(text)
	return err
}

// CheckBackup reads a backup to its end and compares every file with the
// manifest.
func CheckBackup(path string) error {
	_, err := readBackup(path, func(_ string, r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	})
	return err
}

// readBackup calls fn with every file before the manifest, and compares hashes.
func readBackup(path string, fn func(name string, r io.Reader) error) (*manifest, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("read backup %s: it is no backup of habeas: %w", path, err)
	}
	tr := tar.NewReader(z)
	sums := map[string]string{}
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read backup %s: it has no manifest: it was cut off", path)
		}
		if err != nil {
			return nil, fmt.Errorf("read backup %s: %w", path, err)
		}
		if h.Name == manifestName {
			m, err := compare(path, tr, sums)
			if err == nil {
				_, err = io.Copy(io.Discard, z) // to the end, where its own checksum stands
			}
			if err != nil {
				return nil, fmt.Errorf("read backup %s: it was cut off or altered: %w", path, err)
			}
			return m, nil
		}
		if _, twice := sums[h.Name]; twice || h.Typeflag != tar.TypeReg || len(sums) > maxBackupFiles {
			return nil, fmt.Errorf("read backup %s: it holds what no backup of habeas holds", path)
		}
		sum := sha256.New()
		if err := fn(h.Name, io.TeeReader(tr, sum)); err != nil {
			return nil, fmt.Errorf("read backup %s: %s: %w", path, h.Name, err)
		}
		if err := drain(tr, sum); err != nil {
			return nil, fmt.Errorf("read backup %s: %s: %w", path, h.Name, err)
		}
		sums[h.Name] = hex.EncodeToString(sum.Sum(nil))
	}
}

func drain(r io.Reader, h hash.Hash) error {
	_, err := io.Copy(h, r)
	return err
}

func compare(path string, r io.Reader, sums map[string]string) (*manifest, error) {
	var m manifest
	if err := json.NewDecoder(io.LimitReader(r, maxManifest)).Decode(&m); err != nil {
		return nil, fmt.Errorf("read backup %s: manifest: %w", path, err)
	}
	if m.Version != 1 {
		return nil, fmt.Errorf("read backup %s: version %d is not known here", path, m.Version)
	}
	if sums[snapshotName] == "" {
		return nil, fmt.Errorf("read backup %s: it holds no journal", path)
	}
	if len(m.Files) != len(sums) {
		return nil, fmt.Errorf("read backup %s: %d files, the manifest lists %d", path, len(sums), len(m.Files))
	}
	for name, want := range m.Files {
		if sums[name] != want {
			return nil, fmt.Errorf("read backup %s: %s was altered", path, name)
		}
	}
	return &m, nil
}

// Restored says what a restore brought back.
type Restored struct {
	Made   time.Time `json:"made"`
	Events uint64    `json:"events"`
	Vault  uint64    `json:"vault"`
	Audit  uint64    `json:"audit"`
}

// Restore brings a backup into an empty data directory, then has the vault
// forget again what the ledger says was forgotten after the backup was made.
// The backup is checked whole before anything is written.
func Restore(ctx context.Context, cfg config.Config, log *slog.Logger, path string, noLedger bool) (Restored, error) {
	var r Restored
	if err := CheckBackup(path); err != nil {
		return r, err
	}
	if err := emptyDir(cfg.Data); err != nil {
		return r, err
	}
	if _, err := os.Stat(cfg.Keys); err != nil {
		return r, fmt.Errorf("restore: no keys at %s: bring the key directory back first; nothing was written", cfg.Keys)
	}
	if _, err := os.Stat(cfg.Ledger); err != nil && !noLedger {
		return r, fmt.Errorf("restore: no restore ledger at %s: without it what was erased since the backup comes back; bring it back, or accept that with --accept-no-ledger; nothing was written", cfg.Ledger)
	}
	m, err := readBackup(path, func(name string, src io.Reader) error { return unpack(ctx, cfg, log, name, src) })
	if err != nil {
		return r, fmt.Errorf("restore: %w; empty %s before trying again", err, cfg.Data)
	}
	r = Restored{Made: m.Made, Events: m.Logs["events"], Vault: m.Logs["vault"], Audit: m.Logs["audit"]}
	s, err := Open(ctx, cfg, Options{Log: log, Offline: true, Restore: true, AcceptNoLedger: noLedger})
	if err != nil {
		return r, fmt.Errorf("restore: open what was brought back: %w", err)
	}
	_, err = s.vault.Restore(ctx)
	for name, got := range map[string]uint64{"events": s.events.Last().Seq, "vault": s.vaults.Last().Seq, "audit": s.audits.Last().Seq} {
		// The vault may have grown by what was forgotten again.
		if got < m.Logs[name] {
			err = errors.Join(err, fmt.Errorf("restore: %d frames of %s, the manifest says %d", got, name, m.Logs[name]))
		}
	}
	return r, errors.Join(err, s.Close())
}

func emptyDir(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("restore: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("restore: %s is not empty; a restore never overwrites", dir)
	}
	return os.MkdirAll(dir, 0o700)
}

// unpack puts one file of a backup in its place.
func unpack(ctx context.Context, cfg config.Config, log *slog.Logger, name string, src io.Reader) error {
	if name == snapshotName {
		_, err := journal.Restore(ctx, journal.Config{Dir: cfg.JournalDir(), URL: cfg.NATS, Credentials: cfg.NATSCreds,
			Replicas: cfg.Replicas, InsecureNetwork: cfg.NATSPlain, Log: log}, src)
		return err
	}
	dir, base := filepath.Split(name)
	if dir != "catalogue/" || base == "" || strings.ContainsAny(base, `/\`) {
		return fmt.Errorf("not a place in a backup")
	}
	target := filepath.Join(cfg.Data, dir)
	if err := os.MkdirAll(target, 0o700); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(src, maxCatalogue))
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(target, base), b)
}
