// Package audittest holds a journal in memory that enforces the contract the
// audit log relies on, for the tests of this and other packages. It is never
// part of a server.
package audittest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/habeas-data/habeas/audit"
)

// ErrDown is what Append returns while the journal refuses.
var ErrDown = errors.New("journal is down")

// A Journal keeps frames in memory.
type Journal struct {
	mu     sync.Mutex
	frames [][][]byte
	// Refuse makes Append fail before anything is kept.
	Refuse bool
	// Lose makes Append keep the frame and then fail all the same.
	Lose    bool
	busy    bool
	appends int
}

// Append keeps one frame. Two at a time break the contract.
func (j *Journal) Append(ctx context.Context, records [][]byte) error {
	j.mu.Lock()
	if j.busy {
		j.mu.Unlock()
		panic("two appends at once: the audit log must write one frame at a time")
	}
	j.busy = true
	j.mu.Unlock()
	defer func() { j.mu.Lock(); j.busy = false; j.mu.Unlock() }()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.Refuse || ctx.Err() != nil {
		return ErrDown
	}
	if len(records) == 0 {
		return errors.New("an empty frame")
	}
	frame := make([][]byte, len(records))
	for i, r := range records {
		frame[i] = slices.Clone(r)
	}
	j.frames = append(j.frames, frame)
	j.appends++
	if j.Lose {
		return ErrDown
	}
	return nil
}

// Frames is how many frames were kept.
func (j *Journal) Frames() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.frames)
}

// Records returns every record kept, in order.
func (j *Journal) Records() [][]byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Concat(j.frames...)
}

// Last is the number of frames.
func (j *Journal) Last() audit.Mark {
	return binary.BigEndian.AppendUint64(nil, uint64(j.Frames()))
}

// Replay reads the frames after from.
func (j *Journal) Replay(_ context.Context, from audit.Mark, fn func([][]byte) error) error {
	start := uint64(0)
	if len(from) > 0 {
		start = binary.BigEndian.Uint64(from)
	}
	j.mu.Lock()
	frames := slices.Clone(j.frames)
	j.mu.Unlock()
	if start > uint64(len(frames)) {
		return fmt.Errorf("journal of %d frames is shorter than the mark %d", len(frames), start)
	}
	for _, f := range frames[start:] {
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}

// New returns an audit log over a journal in memory, with its files in the
// test's folder.
func New(t testing.TB) (*audit.Log, *Journal) {
	t.Helper()
	return NewAt(t, time.Now)
}

// NewAt is New under a clock of the test's.
func NewAt(t testing.TB, now func() time.Time) (*audit.Log, *Journal) {
	t.Helper()
	j := &Journal{}
	dir := t.TempDir()
	l, err := audit.Open(context.Background(), audit.Config{Dir: dir + "/audit", Journal: j, KeyFile: dir + "/keys/audit.key", Create: true, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, j
}
