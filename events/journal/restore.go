package journal

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// Restore makes a new journal from a snapshot, with the same frames at the same
// sequences under the same identity, so that checkpoints and positions stay
// valid. The directory must not be there, or be empty; an external server must
// have no log of habeas.
//
// An embedded journal is built beside its place and moved there when it is
// whole: a crash before that leaves <dir>.restoring, which the next try removes,
// and nothing at its place. On an external server a restore that ended early
// leaves streams, which a person has to remove.
func Restore(ctx context.Context, c Config, r io.Reader) ([]SnapshotLog, error) {
	if c.URL != "" {
		return restore(ctx, c, r)
	}
	dir := filepath.Clean(c.Dir)
	if err := mustBeEmpty(dir); err != nil {
		return nil, err
	}
	c.Dir = dir + ".restoring"
	if err := os.RemoveAll(c.Dir); err != nil {
		return nil, fmt.Errorf("restore journal: %w", err)
	}
	done, err := restore(ctx, c, r)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.Dir))
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("restore journal: %w", err)
	}
	// A crash here leaves a whole journal beside its place; the next try starts over.
	if err := os.Rename(c.Dir, dir); err != nil {
		return nil, fmt.Errorf("restore journal: %w", err)
	}
	return done, syncParent(dir)
}

func mustBeEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("restore journal: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("restore journal: %s is not empty; a restore never overwrites", dir)
	}
	return nil
}

func syncParent(dir string) error {
	f, err := os.Open(filepath.Dir(dir))
	if err != nil {
		return fmt.Errorf("restore journal: %w", err)
	}
	defer f.Close()
	if err := syncDir(f); err != nil {
		return fmt.Errorf("restore journal: %w", err)
	}
	return nil
}

func restore(ctx context.Context, c Config, r io.Reader) (done []SnapshotLog, err error) {
	s := &snapshotReader{r: bufio.NewReaderSize(r, 1<<16), sum: sha256.New()}
	magic, err := s.read(len(snapshotMagic))
	if err != nil || string(magic) != snapshotMagic {
		return nil, fmt.Errorf("restore journal: %w", errSnapshot)
	}
	j, err := Open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("restore journal: %w", err)
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	for {
		h, ok, err := s.head()
		if err != nil {
			return nil, fmt.Errorf("restore journal: %w", err)
		}
		if !ok {
			return done, nil
		}
		end, err := j.restoreLog(ctx, s, h)
		if err != nil {
			return nil, fmt.Errorf("restore log %s: %w", h.name.name, err)
		}
		done = append(done, SnapshotLog{h.name.name, end})
	}
}

// restoreLog makes the stream and saves its frames one by one.
func (j *Journal) restoreLog(ctx context.Context, s *snapshotReader, h snapshotHead) (Checkpoint, error) {
	if _, err := j.js.Stream(ctx, h.name.stream); !errors.Is(err, jetstream.ErrStreamNotFound) {
		return Checkpoint{}, fmt.Errorf("stream %s is there already (%w); a restore never overwrites", h.name.stream, err)
	}
	if err := j.create(ctx, h.name, h.id); err != nil {
		return Checkpoint{}, err
	}
	t, err := j.openTape(ctx, h.name.name)
	if err != nil {
		return Checkpoint{}, err
	}
	c := t.reader().chain
	for range h.count {
		b, err := s.frame()
		if err != nil {
			return c.at, err
		}
		was := c.at.Seq
		if _, err := c.next(was+1, b); err != nil {
			return c.at, err
		}
		if err := t.save(was, c.at.Hash, b); err != nil {
			return c.at, err
		}
	}
	return c.at, t.marker.put(mark{c.at.Seq, c.at.Hash})
}

// cutStream splits the identity of a log into its stream and its id.
func cutStream(s string) (stream, id string, ok bool) { return strings.Cut(s, "/") }
