package journal

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"

	"github.com/habeas-data/habeas/events"
)

// openTape opens a log once; the same tape is given to all who ask.
func (j *Journal) openTape(ctx context.Context, name string) (*tape, error) {
	n, err := findLog(name)
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, fmt.Errorf("open log %s: %w", name, ErrClosed)
	}
	if t := j.tapes[name]; t != nil {
		return t, nil
	}
	t, err := j.newTape(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("open log %s: %w", name, err)
	}
	j.tapes[name] = t
	return t, nil
}

func (j *Journal) newTape(ctx context.Context, n logName) (*tape, error) {
	id, err := j.openStream(ctx, n)
	if err != nil {
		return nil, err
	}
	s := &jetStore{write: j.write, read: j.read, prefix: j.prefix, stream: n.stream, subject: n.subject}
	if j.srv != nil {
		s.sick = j.srv.health
	} else {
		s.bell = doorbell + n.name
	}
	var st store = s
	if j.c.wrap != nil {
		st = j.c.wrap(n.name, s)
	}
	t := &tape{
		name: n, store: st, now: j.c.Now, log: j.c.Log, stop: j.stop, halted: j.Err, life: j.life,
		limits: limits{
			attempt: j.c.AckTimeout, giveUp: j.c.GiveUp, flushEvery: j.c.FlushEvery,
			events: frameEvents, fill: fillBytes,
		},
		chain: chain{at: n.checkpoint(id), body: n.body},
		space: &j.space, closed: j.closing,
	}
	if n.body == events.EventBody {
		t.repeats = newWindow(events.Instant(j.c.DuplicateAge.Microseconds()), j.c.DuplicateEvents)
	}
	if err := t.recover(ctx, j.markPath(n), j.c.Inspect); err != nil {
		return nil, err
	}
	if s.bell != "" {
		if err := j.listen(s.bell, t); err != nil {
			return nil, errors.Join(err, t.marker.close())
		}
	}
	t.start()
	return t, nil
}

// listen rings for readers here when another process has written.
func (j *Journal) listen(subject string, t *tape) error {
	_, err := j.read.Subscribe(subject, func(m *nats.Msg) {
		if seq, err := strconv.ParseUint(string(m.Data), 10, 64); err == nil {
			t.grown.ring(seq)
		}
	})
	if err != nil {
		return fmt.Errorf("listen for growth: %w", err)
	}
	return nil
}

// recover finds the end of the log, checks it against the mark, and fills the
// table of repeats. With inspect it accepts damage and leaves the log closed
// for writing.
func (t *tape) recover(ctx context.Context, markPath string, inspect bool) error {
	st, err := t.store.state(ctx)
	if err != nil {
		return err
	}
	t.marker = &marker{}
	if t.marked, err = readMark(markPath); err != nil {
		return err
	}
	if inspect {
		t.err = fmt.Errorf("append to %s: opened for reading only: %w", t.name.name, ErrClosed)
		t.grown.ring(st.last)
		return t.standAt(ctx, st.last, true)
	}
	if st.count > 0 && (st.first != 1 || st.count != st.last) {
		return fmt.Errorf("%s holds %d frames from %d to %d: %w: run fsck and restore the newest backup",
			t.chain.at.Stream, st.count, st.first, st.last, ErrGap)
	}
	if err := t.checkMark(ctx, st.last, markPath); err != nil {
		return err
	}
	if err := t.remember(ctx, st.last); err != nil {
		return err
	}
	if t.marker, err = openMarker(markPath); err != nil {
		return err
	}
	t.grown.ring(st.last)
	return nil
}

// checkMark refuses a log that ends before the mark or went another way.
func (t *tape) checkMark(ctx context.Context, last uint64, path string) error {
	m := t.marked
	if m.isZero() {
		return nil
	}
	if last < m.seq {
		return fmt.Errorf("%w (or, to go on with what is left, remove %s and rebuild)", t.lost(m.seq, last), path)
	}
	f, err := t.frame(ctx, m.seq)
	if err != nil {
		return err
	}
	if f.Hash != m.hash {
		return t.chain.broken(m.seq, fmt.Sprintf("it is %x, but %x had been saved there", f.Hash[:4], m.hash[:4]))
	}
	return nil
}

func (t *tape) lost(saved, last uint64) error {
	return fmt.Errorf("%s ends at frame %d, but frame %d had been saved: %w: the disk has lost frames; restore the newest backup",
		t.chain.at.Stream, last, saved, ErrShorter)
}

// frame reads and decodes one frame.
func (t *tape) frame(ctx context.Context, seq uint64) (*events.Frame, error) {
	b, err := t.store.get(ctx, seq)
	if errors.Is(err, errNone) {
		return nil, fmt.Errorf("%s: frame %d is not there: %w: run fsck and restore the newest backup", t.chain.at.Stream, seq, ErrGap)
	}
	if err != nil {
		return nil, err
	}
	f, err := events.DecodeFrame(b)
	if err != nil {
		return nil, t.chain.broken(seq, err.Error())
	}
	return f, nil
}

// standAt puts the chain on frame seq without reading those before.
func (t *tape) standAt(ctx context.Context, seq uint64, inspect bool) error {
	if seq == 0 {
		return nil
	}
	f, err := t.frame(ctx, seq)
	if err != nil && inspect {
		return nil
	}
	if err != nil {
		return err
	}
	t.chain.stand(seq, f)
	return nil
}

// remember walks the last frames to the end, checking them, and notes their
// events in the table of repeats.
func (t *tape) remember(ctx context.Context, last uint64) error {
	if last == 0 {
		return nil
	}
	if t.repeats == nil {
		return t.standAt(ctx, last, false)
	}
	start, err := t.windowStart(ctx, last)
	if err != nil {
		return err
	}
	t.repeats.cut = start > 1
	if err := t.standAt(ctx, start-1, false); err != nil {
		return err
	}
	r := &reader{store: t.store, chain: t.chain}
	err = r.read(ctx, last, last, func(seq uint64, f *events.Frame) error {
		for i := range int(f.Count) {
			id, err := idOf(f.Record(i))
			if err != nil {
				return fmt.Errorf("frame %d, record %d: %w: %w", seq, i, ErrChain, err)
			}
			t.repeats.add(id, place{seq: seq, index: uint32(i)}, f.Recorded)
		}
		return nil
	})
	t.chain = r.chain
	return plain(err)
}

// windowStart finds the first frame whose events belong in the table of
// repeats, by bisection: recorded times and record numbers only grow.
func (t *tape) windowStart(ctx context.Context, last uint64) (uint64, error) {
	end, err := t.frame(ctx, last)
	if err != nil {
		return 0, err
	}
	oldest := end.Recorded - t.repeats.age
	first := int64(end.First) + int64(end.Count) - int64(t.repeats.most)
	low, high := uint64(1), last
	for low < high {
		mid := low + (high-low)/2
		f, err := t.frame(ctx, mid)
		if err != nil {
			return 0, err
		}
		if f.Recorded >= oldest && int64(f.First) >= first {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low, nil
}

// idOf reads the id of an event without decoding the rest. The id is the first
// field of the form; a test holds the two together.
func idOf(record []byte) (id events.EventID, err error) {
	const idTag = 1
	if len(record) < 3+len(id) || record[2] != idTag {
		return id, fmt.Errorf("event has no id")
	}
	copy(id[:], record[3:])
	return id, nil
}
