// Package projectionstest holds an event log in memory that keeps the contract
// of projections.Source, and builders of events. It is for tests only.
package projectionstest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/habeas-data/habeas/events"
)

// A Log is an event log in memory. It refuses a checkpoint that it did not
// hand out.
type Log struct {
	mu     sync.Mutex
	gen    uint32
	first  uint64
	prev   events.Hash
	frames [][]byte      // guarded by mu
	hashes []events.Hash // guarded by mu
	grown  chan struct{} // guarded by mu; closed when a frame is added
}

// NewLog returns an empty log of generation 1.
func NewLog() *Log { return &Log{gen: 1, grown: make(chan struct{})} }

// Append adds one frame recorded at a moment and returns the position of its
// last event.
func (l *Log) Append(at events.Instant, evs ...*events.Event) events.Position {
	var b events.FrameBuilder
	for _, e := range evs {
		b.Add(e)
	}
	return l.add(&b, at)
}

// AppendRaw adds one frame of records that need not be events.
func (l *Log) AppendRaw(at events.Instant, records ...[]byte) events.Position {
	var b events.FrameBuilder
	for _, r := range records {
		b.AddRaw(r)
	}
	return l.add(&b, at)
}

func (l *Log) add(b *events.FrameBuilder, at events.Instant) events.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := uint64(b.Count())
	bytes, hash := b.Seal(events.FrameHeader{
		Body: events.EventBody, Generation: l.gen, Previous: l.prev, First: l.first, Recorded: at, Catalogue: 1,
	})
	l.first, l.prev = l.first+n, hash
	l.frames, l.hashes = append(l.frames, bytes), append(l.hashes, hash)
	close(l.grown)
	l.grown = make(chan struct{})
	return events.Position{Generation: l.gen, Seq: uint64(len(l.frames)), Index: uint32(max(n, 1) - 1)}
}

// Frames counts the frames.
func (l *Log) Frames() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.frames)
}

// Prefix returns a log of the first n frames.
func (l *Log) Prefix(n int) *Log {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := NewLog()
	p.frames, p.hashes = l.frames[:n:n], l.hashes[:n:n]
	return p
}

// Extend adds the frames of a longer log that this one is a prefix of.
func (l *Log) Extend(whole *Log, n int) {
	whole.mu.Lock()
	frames, hashes := whole.frames[:n:n], whole.hashes[:n:n]
	whole.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames, l.hashes = frames, hashes
	close(l.grown)
	l.grown = make(chan struct{})
}

func (l *Log) start(from []byte) (int, error) {
	if len(from) == 0 {
		return 0, nil
	}
	if len(from) != 40 {
		return 0, errors.New("follow: not a checkpoint of this log")
	}
	seq := binary.BigEndian.Uint64(from)
	l.mu.Lock()
	defer l.mu.Unlock()
	if seq > uint64(len(l.frames)) {
		return 0, fmt.Errorf("follow: the log ends at %d, the checkpoint is at %d", len(l.frames), seq)
	}
	if !bytes.Equal(from[8:], l.hashes[seq-1][:]) {
		return 0, errors.New("follow: the checkpoint is of another log")
	}
	return int(seq), nil
}

func (l *Log) at(i int) (frame []byte, next []byte, grown chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i >= len(l.frames) {
		return nil, nil, l.grown
	}
	next = binary.BigEndian.AppendUint64(nil, uint64(i+1))
	return l.frames[i], append(next, l.hashes[i][:]...), nil
}

// Replay implements projections.Source.
func (l *Log) Replay(ctx context.Context, from []byte, fn func(uint64, *events.Frame, []byte) error) error {
	return l.deliver(ctx, from, l.Frames(), fn)
}

// Follow implements projections.Source.
func (l *Log) Follow(ctx context.Context, from []byte, fn func(uint64, *events.Frame, []byte) error) error {
	return l.deliver(ctx, from, -1, fn)
}

func (l *Log) deliver(ctx context.Context, from []byte, end int, fn func(uint64, *events.Frame, []byte) error) error {
	i, err := l.start(from)
	if err != nil {
		return err
	}
	for end < 0 || i < end {
		b, next, grown := l.at(i)
		if b == nil {
			select {
			case <-grown:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		f, err := events.DecodeFrame(b)
		if err != nil {
			return err
		}
		i++
		if err := fn(uint64(i), f, next); err != nil {
			return err
		}
	}
	return nil
}

// End is the position of the last event.
func (l *Log) End() events.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.frames)
	if n == 0 {
		return events.Position{}
	}
	f, err := events.DecodeFrame(l.frames[n-1])
	if err != nil {
		panic(err) // the log made it
	}
	return events.Position{Generation: f.Generation, Seq: uint64(n), Index: max(f.Count, 1) - 1}
}
