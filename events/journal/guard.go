package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// A guard is a second set of names for the server's files, made before the
// server opens them and removed once every log has been found whole.
//
// It is there because the server mends what it finds: a block with a bad
// message is cut off behind it, and a stream whose recovery fails for any
// reason (one flipped bit in a compressed block, too many open files) is
// deleted with all its files. What was one bad bit would become the loss of
// the journal, before anybody could look. With the guard a failed opening
// leaves the directory as it was.
//
// Closed blocks are only ever replaced or removed, so a hard link keeps them;
// files that are written in place are copied: the newest block and the small
// ones.
type guard struct {
	store, kept string
}

func guardOf(dir string) *guard {
	return &guard{store: filepath.Join(dir, storeName), kept: filepath.Join(dir, storeName+".guard")}
}

// storeName is the directory of the embedded server's files.
const storeName = "nats"

// take makes the guard. If there is one already, an opening did not end: it is
// put back first, for nothing has been written since.
func (g *guard) take() error {
	if err := g.putBack(); err != nil {
		return err
	}
	if _, err := os.Stat(g.store); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := g.build(g.kept + ".tmp"); err != nil {
		if errors.Is(err, syscall.ENOSPC) {
			err = fmt.Errorf("%w: make room first: %w", ErrFull, err)
		}
		err = errors.Join(err, os.RemoveAll(g.kept+".tmp"))
		return fmt.Errorf("guard the files of the journal before opening them: %w", err)
	}
	// A crash before this leaves a .tmp that the next opening makes anew.
	return os.Rename(g.kept+".tmp", g.kept)
}

func (g *guard) build(to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return filepath.WalkDir(g.store, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(g.store, path)
		if err != nil {
			return err
		}
		dst := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.Mkdir(dst, 0o700)
		case !d.Type().IsRegular(), filepath.Ext(path) == ".tmp":
			return nil // a .tmp is half of a replacement; the server ignores it, too
		}
		if closed, err := isClosedBlock(path); err != nil || !closed {
			return errors.Join(err, copyFile(dst, path))
		}
		err = os.Link(path, dst)
		if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EMLINK) {
			return copyFile(dst, path) // a file system without hard links
		}
		return err
	})
}

// isClosedBlock recognises a block that the server has compressed: those are
// not written in place any more.
func isClosedBlock(path string) (bool, error) {
	if filepath.Ext(path) != ".blk" {
		return false, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var head [3]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return false, nil // shorter than a head
	}
	return bytes.Equal(head[:], []byte("cmp")), nil
}

func copyFile(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

// putBack makes the files what they were when the guard was taken. Without a
// guard it does nothing. A crash in the middle is mended by the next putBack.
func (g *guard) putBack() error {
	if _, err := os.Stat(g.kept); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := os.RemoveAll(g.store)
	if err == nil {
		err = os.Rename(g.kept, g.store)
	}
	if err != nil {
		return fmt.Errorf("put back the files of the journal: %w", err)
	}
	return nil
}

// drop removes the guard: the files have been found whole.
func (g *guard) drop() error {
	// A crash while it is being removed must not leave half a guard to be put
	// back, so it loses its name first.
	if err := os.Rename(g.kept, g.kept+".tmp"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("drop the guard of the journal: %w", err)
	}
	if err := os.RemoveAll(g.kept + ".tmp"); err != nil {
		return fmt.Errorf("drop the guard of the journal: %w", err)
	}
	return nil
}

// protect guards the files until all logs have been found whole.
func (j *Journal) protect() error {
	g := guardOf(j.c.Dir)
	if err := g.take(); err != nil {
		return err
	}
	j.guard = g
	return nil
}

// openExisting opens the logs that the embedded server should have, so that
// damage is known before anything is written, and then drops the guard. When
// only looking the guard stays until Close puts everything back.
func (j *Journal) openExisting(ctx context.Context) error {
	if j.srv == nil {
		return nil
	}
	for _, n := range logNames {
		if !j.had(n) {
			continue
		}
		if _, err := j.openTape(ctx, n.name); err != nil && !j.c.Inspect {
			return err
		}
	}
	if j.c.Inspect {
		return nil
	}
	// A crash here puts the files back at the next opening; nothing was written.
	if err := j.guard.drop(); err != nil {
		return err
	}
	j.guard = nil
	return nil
}

// had reports whether a log existed before the server was started.
func (j *Journal) had(n logName) bool {
	files, err := filepath.Glob(filepath.Join(j.guard.kept, "jetstream", "*", "streams", n.stream))
	if err != nil || len(files) > 0 {
		return true
	}
	m, err := readMark(j.markPath(n))
	return err != nil || !m.isZero()
}
