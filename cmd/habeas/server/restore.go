package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/habeas-data/habeas/config"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/internal/atomicfile"
	"github.com/habeas-data/habeas/internal/failpoint"
	"github.com/habeas-data/habeas/vault"
	"golang.org/x/sys/unix"
)

// Accept is what somebody who restores says to have understood.
type Accept struct {
	// NoLedger: what was erased since the backup comes back.
	NoLedger bool
	// Unsigned: nothing shows that the backup is one that habeas wrote.
	Unsigned bool
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
// The backup is checked whole, and its signature with the keys, before anything
// is written. Errors: ErrUnsigned, and what says itself what to do.
//
// Everything is brought back beside the data directory, under its name with
// .restoring, and renamed at the end: an interruption leaves nothing, a crash
// only that folder, which the next restore removes. A server can so never start
// from half a restore, before what was erased is erased again (I10).
func Restore(ctx context.Context, cfg config.Config, log *slog.Logger, path string, accept Accept) (Restored, error) {
	var r Restored
	var err error
	if cfg.Data, err = whither(cfg.Data); err != nil {
		return r, err
	}
	ours := signedBy(func() ([]byte, error) { return vault.BackupKey(ctx, cfg.Keys) }, accept.Unsigned)
	if err := emptyDir(cfg.Data); err != nil {
		return r, err
	}
	if mounted(cfg.Data) {
		return r, fmt.Errorf("restore: something is mounted at %s itself, so that it cannot be put there in one step: name a folder within it; nothing was written", cfg.Data)
	}
	if _, err := os.Stat(cfg.Keys); err != nil {
		return r, fmt.Errorf("restore: no keys at %s: bring the key directory back first; nothing was written", cfg.Keys)
	}
	if _, err := os.Stat(cfg.Ledger); err != nil && !accept.NoLedger {
		return r, fmt.Errorf("restore: no restore ledger at %s: without it what was erased since the backup comes back; bring it back, or accept that with --accept-no-ledger; nothing was written", cfg.Ledger)
	}
	if err := checkBackup(path, ours); err != nil {
		return r, fmt.Errorf("restore: %w; nothing was written", err)
	}
	target := cfg.Data
	cfg.Data = filepath.Clean(target) + ".restoring"
	if err := errors.Join(os.RemoveAll(cfg.Data), os.MkdirAll(cfg.Data, 0o700)); err != nil {
		return r, fmt.Errorf("restore: make a folder beside %s, where it is brought back first: %w; nothing was written", target, err)
	}
	r, err = bringBack(ctx, cfg, log, path, ours, accept)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		failpoint.Hit("restore.rename")
		err = put(cfg.Data, target)
	}
	if err != nil {
		left := "nothing was left in " + target
		if cfg.NATS != "" {
			left += ", and the streams of the NATS cluster may hold a part of the backup: remove them before trying again"
		}
		return r, errors.Join(fmt.Errorf("restore: %w; %s", err, left), os.RemoveAll(cfg.Data))
	}
	return r, nil
}

// whither is the folder that a data directory stands for: a link to it stays a
// link, and what is renamed at the end is what it leads to.
func whither(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("restore: find %s: %w; nothing was written", dir, err)
	}
	real, err := filepath.EvalSymlinks(abs)
	if errors.Is(err, fs.ErrNotExist) {
		if _, lerr := os.Lstat(abs); lerr == nil {
			return "", fmt.Errorf("restore: %s is a link to what is not there: make the folder it leads to, or remove the link; nothing was written", abs)
		}
		return abs, nil
	}
	if err != nil {
		return "", fmt.Errorf("restore: find %s: %w; nothing was written", abs, err)
	}
	if here, err := filepath.EvalSymlinks("."); err == nil {
		if here, err = filepath.Abs(here); err == nil && here == real {
			return "", fmt.Errorf("restore: %s is the folder you are in, so that it cannot be put there in one step: change to another and name it from there; nothing was written", real)
		}
	}
	return real, nil
}

// mounted reports whether a file system begins at dir.
func mounted(dir string) bool {
	var at, above unix.Stat_t
	return unix.Stat(dir, &at) == nil && unix.Stat(filepath.Dir(filepath.Clean(dir)), &above) == nil && at.Dev != above.Dev
}

// put moves what was brought back into its place, where at most an empty folder
// is. A crash before the rename leaves the folder beside it.
func put(from, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(to))
}

// bringBack unpacks a backup into cfg.Data and opens it once.
func bringBack(ctx context.Context, cfg config.Config, log *slog.Logger, path string, ours judge, accept Accept) (Restored, error) {
	var r Restored
	// Judged a second time: the file may have been replaced since.
	m, err := readBackup(path, ours, func(name string, src io.Reader) error { return unpack(ctx, cfg, log, name, src) })
	if err != nil {
		return r, err
	}
	r = Restored{Made: m.Made, Events: m.Logs["events"], Vault: m.Logs["vault"], Audit: m.Logs["audit"]}
	s, err := Open(ctx, cfg, Options{Log: log, Offline: true, Restore: true, AcceptNoLedger: accept.NoLedger})
	if err != nil {
		return r, fmt.Errorf("open what was brought back: %w", err)
	}
	_, err = s.vault.Restore(ctx)
	err = errors.Join(err, s.markRestored(m.Made, accept.NoLedger))
	for name, got := range map[string]uint64{"events": s.events.Last().Seq, "vault": s.vaults.Last().Seq, "audit": s.audits.Last().Seq} {
		// The vault may have grown by what was forgotten again.
		if got < m.Logs[name] {
			err = errors.Join(err, fmt.Errorf("%d frames of %s, the manifest says %d", got, name, m.Logs[name]))
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
	return nil
}

// unpack puts one file of a backup in its place.
func unpack(ctx context.Context, cfg config.Config, log *slog.Logger, name string, src io.Reader) error {
	if name == snapshotName {
		_, err := journal.Restore(ctx, journal.Config{Dir: cfg.JournalDir(), URL: cfg.NATS, Credentials: cfg.NATSCreds,
			Replicas: cfg.Replicas, InsecureNetwork: cfg.NATSPlain, Log: log}, src)
		return err
	}
	dir, base := filepath.Split(name)
	if dir == filesFolder+"/" {
		return unpackFile(cfg, base, src)
	}
	if dir != "catalogue/" || base == "" || strings.ContainsAny(base, `/\`) {
		return fmt.Errorf("not a place in a backup")
	}
	target := filepath.Join(cfg.Data, dir)
	if err := os.MkdirAll(target, 0o700); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(src, maxCatalogue+1))
	if err == nil && len(b) > maxCatalogue {
		err = fmt.Errorf("larger than %d bytes, which no catalogue is", maxCatalogue)
	}
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(target, base), b)
}
