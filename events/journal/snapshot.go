package journal

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/habeas-data/habeas/events"
)

// The form of a snapshot: a magic, then for each log a 'L', its name, its id,
// its generation, the number of frames, and each frame with its length before
// it; then an 'E' and the SHA-256 of everything before.
const (
	snapshotMagic = "HBSJOUR1"
	snapshotLog   = 'L'
	snapshotEnd   = 'E'
)

// snapshotOrder: events first and the vault last, so that the vault in a
// snapshot is never older than the events that need it.
var snapshotOrder = []string{"events", "audit", "vault"}

// A SnapshotLog says what of one log is in a snapshot.
type SnapshotLog struct {
	Name string
	End  Checkpoint
}

// Snapshot writes all logs to w, each up to its end at the time it is reached,
// while writing goes on: an append-only log is consistent at any end. Every
// frame is checked on its way.
func (j *Journal) Snapshot(ctx context.Context, w io.Writer) ([]SnapshotLog, error) {
	s := &snapshotWriter{w: bufio.NewWriterSize(w, 1<<16), sum: sha256.New()}
	s.write([]byte(snapshotMagic))
	var done []SnapshotLog
	for _, name := range snapshotOrder {
		n, err := findLog(name)
		if err != nil {
			return nil, err
		}
		if _, err := j.js.Stream(ctx, n.stream); errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		t, err := j.openTape(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("snapshot: %w", err)
		}
		end, err := s.log(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("snapshot of %s: %w", name, err)
		}
		done = append(done, SnapshotLog{name, end})
	}
	s.write([]byte{snapshotEnd})
	s.write(s.sum.Sum(nil))
	if s.err == nil {
		s.err = s.w.Flush()
	}
	if s.err != nil {
		return nil, fmt.Errorf("snapshot: %w", s.err)
	}
	return done, nil
}

// snapshotWriter keeps the first error.
type snapshotWriter struct {
	w   *bufio.Writer
	sum hash.Hash
	err error
}

func (s *snapshotWriter) write(b []byte) {
	if s.err == nil {
		s.sum.Write(b)
		_, s.err = s.w.Write(b)
	}
}

// log writes one log and returns its end.
func (s *snapshotWriter) log(ctx context.Context, t *tape) (Checkpoint, error) {
	st, err := t.store.state(ctx)
	if err != nil {
		return Checkpoint{}, err
	}
	c := chain{at: t.reader().chain.at, body: t.name.body}
	_, id, _ := cutStream(c.at.Stream)
	h := []byte{snapshotLog}
	h = append(append(h, byte(len(t.name.name))), t.name.name...)
	h = append(append(h, byte(len(id))), id...)
	h = binary.BigEndian.AppendUint32(h, c.at.Generation)
	s.write(binary.BigEndian.AppendUint64(h, st.last))
	for c.at.Seq < st.last && s.err == nil {
		was := c.at.Seq
		err := t.store.batch(ctx, was+1, batchBytes, func(seq uint64, b []byte) error {
			if seq > st.last {
				return errEnough
			}
			if _, err := c.next(seq, b); err != nil {
				return err
			}
			s.write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
			s.write(b)
			return s.err
		})
		if err != nil && !errors.Is(err, errEnough) {
			return c.at, err
		}
		if c.at.Seq == was {
			return c.at, fmt.Errorf("frame %d cannot be read: %w", was+1, ErrGap)
		}
	}
	return c.at, s.err
}

// snapshotReader reads what snapshotWriter wrote.
type snapshotReader struct {
	r   *bufio.Reader
	sum hash.Hash
}

var errSnapshot = errors.New("not a whole snapshot of a journal")

func (s *snapshotReader) read(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.r, b); err != nil {
		return nil, fmt.Errorf("%w: %w", errSnapshot, err)
	}
	s.sum.Write(b)
	return b, nil
}

func (s *snapshotReader) text() (string, error) {
	n, err := s.read(1)
	if err != nil {
		return "", err
	}
	b, err := s.read(int(n[0]))
	return string(b), err
}

// A snapshotHead is what stands before the frames of a log.
type snapshotHead struct {
	name  logName
	id    identity
	count uint64
}

// head reads the head of the next log; ok is false behind the last.
func (s *snapshotReader) head() (h snapshotHead, ok bool, err error) {
	tag, err := s.read(1)
	if err != nil {
		return h, false, err
	}
	if tag[0] == snapshotEnd {
		return h, false, s.end()
	}
	if tag[0] != snapshotLog {
		return h, false, fmt.Errorf("%w: unknown part %d", errSnapshot, tag[0])
	}
	name, err := s.text()
	if err != nil {
		return h, false, err
	}
	if h.name, err = findLog(name); err != nil {
		return h, false, fmt.Errorf("%w: %w", errSnapshot, err)
	}
	if h.id.id, err = s.text(); err != nil {
		return h, false, err
	}
	b, err := s.read(12)
	if err != nil {
		return h, false, err
	}
	h.id.generation, h.count = binary.BigEndian.Uint32(b), binary.BigEndian.Uint64(b[4:])
	if len(h.id.id) != 32 || h.id.generation == 0 {
		return h, false, fmt.Errorf("%w: log %s has no identity", errSnapshot, name)
	}
	return h, true, nil
}

func (s *snapshotReader) frame() ([]byte, error) {
	b, err := s.read(4)
	if err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(b)
	if n > events.MaxFrameBytes {
		return nil, fmt.Errorf("%w: frame of %d bytes", errSnapshot, n)
	}
	return s.read(int(n))
}

// end checks the sum and that nothing follows.
func (s *snapshotReader) end() error {
	want := s.sum.Sum(nil)
	got, err := s.read(len(want))
	if err != nil {
		return err
	}
	if string(got) != string(want) {
		return fmt.Errorf("%w: its bytes do not match its sum", errSnapshot)
	}
	if _, err := s.r.ReadByte(); err != io.EOF {
		return fmt.Errorf("%w: something follows its end", errSnapshot)
	}
	return nil
}
