// Package vaulttest is for tests of packages that need a vault: a log in memory
// that enforces the contract of vault.Log, and a vault over it.
package vaulttest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault"
)

// ErrBroken is what Append returns when a fault was asked for.
var ErrBroken = errors.New("the log broke")

// A Fault is what the next Append does wrong.
type Fault uint8

const (
	// FailBefore: nothing is saved, and the outcome is reported as unknown.
	FailBefore Fault = 1 + iota
	// FailAfter: the frame is saved, and the outcome is reported as unknown.
	FailAfter
)

type frame struct {
	at      events.Instant
	records [][]byte
	hash    [32]byte
}

// A Stream is what several processes share: the frames. It fails the test if a
// contract is broken: an empty or too large append, a record that holds
// planted plaintext.
type Stream struct {
	t testing.TB

	mu      sync.Mutex
	frames  []frame
	planted [][]byte
	faults  []Fault
	now     events.Instant
}

// NewStream returns an empty stream.
func NewStream(t testing.TB) *Stream { return &Stream{t: t} }

// Plant makes every later append that holds one of the values a failed test.
func (s *Stream) Plant(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		s.planted = append(s.planted, []byte(v))
	}
}

// Break makes the next appends fail in these ways.
func (s *Stream) Break(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Copy returns another stream with the first n frames of this one: a backup.
func (s *Stream) Copy(n int) *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Stream{t: s.t, frames: slices.Clone(s.frames[:n]), planted: s.planted, now: s.now}
}

// Len is the number of frames.
func (s *Stream) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.frames)
}

// Bytes is everything the stream holds.
func (s *Stream) Bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b []byte
	for _, f := range s.frames {
		for _, r := range f.records {
			b = append(b, r...)
		}
	}
	return b
}

// Records calls fn for every record in order.
func (s *Stream) Records(fn func(record []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.frames {
		for _, r := range f.records {
			fn(r)
		}
	}
}

// Handle returns the stream as one process sees it.
func (s *Stream) Handle() *Log {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &Log{s: s}
	l.last = s.mark(len(s.frames))
	return l
}

// mark names frame n: its sequence and a chain over all frames up to it.
func (s *Stream) mark(n int) vault.Mark {
	if n == 0 {
		return vault.Mark{}
	}
	return vault.Mark{Seq: uint64(n), State: bytes.Clone(s.frames[n-1].hash[:])}
}

// A Log is one process's view of a Stream; it implements vault.Log.
type Log struct {
	s    *Stream
	last vault.Mark // guarded by s.mu
}

var _ vault.Log = (*Log)(nil)

// Append implements vault.Log.
func (l *Log) Append(ctx context.Context, records [][]byte, expect uint64) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s := l.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.check(records)
	var fault Fault
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	if fault == FailBefore {
		return 0, ErrBroken
	}
	if expect != uint64(len(s.frames)) {
		return 0, fmt.Errorf("append at %d, the log ends at %d: %w", expect, len(s.frames), vault.ErrStale)
	}
	s.now++
	f := frame{at: s.now}
	h := sha256.New()
	if n := len(s.frames); n > 0 {
		h.Write(s.frames[n-1].hash[:])
	}
	for _, r := range records {
		f.records = append(f.records, bytes.Clone(r))
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(r))))
		h.Write(r)
	}
	h.Sum(f.hash[:0])
	s.frames = append(s.frames, f)
	if fault == FailAfter {
		return 0, ErrBroken
	}
	l.last = s.mark(len(s.frames))
	return l.last.Seq, nil
}

func (s *Stream) check(records [][]byte) {
	size := 0
	for _, r := range records {
		if size += len(r) + 8; len(r) == 0 {
			s.t.Error("vaulttest: an empty record was appended")
		}
		for _, p := range s.planted {
			if bytes.Contains(r, p) {
				s.t.Error("vaulttest: a record holds planted plaintext")
			}
		}
	}
	if len(records) == 0 || size > vault.MaxFrameBytes+1024 {
		s.t.Errorf("vaulttest: %d records of %d bytes were appended", len(records), size)
	}
}

// Replay implements vault.Log. It refuses a mark that Last never gave.
func (l *Log) Replay(ctx context.Context, from vault.Mark, fn func(uint64, events.Instant, [][]byte) error) error {
	s := l.s
	s.mu.Lock()
	end := len(s.frames)
	if from.Seq > uint64(end) {
		s.mu.Unlock()
		return fmt.Errorf("replay from %d: the log ends at %d", from.Seq, end)
	}
	if want := s.mark(int(from.Seq)); !bytes.Equal(want.State, from.State) {
		s.mu.Unlock()
		return fmt.Errorf("replay from %d: this is another log", from.Seq)
	}
	frames := s.frames[from.Seq:end]
	s.mu.Unlock()
	for i, f := range frames {
		if err := ctx.Err(); err != nil {
			return err
		}
		records := make([][]byte, len(f.records))
		for k := range records {
			records[k] = bytes.Clone(f.records[k])
		}
		if err := fn(from.Seq+uint64(i)+1, f.at, records); err != nil {
			return err
		}
		for _, r := range records {
			clear(r) // fn keeps nothing of records
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if uint64(end) > l.last.Seq {
		l.last = s.mark(end)
	}
	return nil
}

// Last implements vault.Log.
func (l *Log) Last() vault.Mark {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.last
}

// ID makes an identifier of "kind=value".
func ID(s string) events.Identifier {
	kind, value, _ := strings.Cut(s, "=")
	return events.Identifier{Kind: events.Code(kind), Value: events.NewPlaintext(value)}
}

// IDs makes identifiers of "kind=value".
func IDs(s ...string) []events.Identifier {
	out := make([]events.Identifier, len(s))
	for i := range s {
		out[i] = ID(s[i])
	}
	return out
}
