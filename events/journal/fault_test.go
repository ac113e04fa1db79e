package journal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A fault makes publishing a frame fail.
type fault int

const (
	fine       fault = iota
	refusedOne       // the server says that it stored nothing
	lost             // no answer, nothing stored
	savedLost        // no answer, but stored
)

// faulty puts faults between a log and its store: what happens to the publish
// calls that come, in order; after the last everything is fine.
type faulty struct {
	store
	mu      sync.Mutex
	plan    []fault       // guarded by mu
	gets    int           // guarded by mu: so many reads fail
	other   []byte        // guarded by mu: another process writes this before the next publish
	sick    error         // guarded by mu
	entered chan struct{} // receives when a publish begins, if not nil
	hold    chan struct{} // a publish waits for it, if not nil
}

var errNoAnswer = errors.New("no answer")

func (s *faulty) next() (f fault, other []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	other, s.other = s.other, nil
	if len(s.plan) > 0 {
		f, s.plan = s.plan[0], s.plan[1:]
	}
	return f, other
}

func (s *faulty) publish(ctx context.Context, id string, last uint64, b []byte) error {
	if s.entered != nil {
		s.entered <- struct{}{}
		<-s.hold
	}
	f, other := s.next()
	if other != nil {
		if err := s.store.publish(ctx, fmt.Sprint("another", last), last, other); err != nil {
			return err
		}
	}
	switch f {
	case refusedOne:
		return fmt.Errorf("busy: %w", errRefused)
	case lost:
		return errNoAnswer
	case savedLost:
		if err := s.store.publish(ctx, id, last, b); err != nil {
			return err
		}
		return errNoAnswer
	}
	return s.store.publish(ctx, id, last, b)
}

func (s *faulty) get(ctx context.Context, seq uint64) ([]byte, error) {
	s.mu.Lock()
	fail := s.gets > 0
	s.gets--
	s.mu.Unlock()
	if fail {
		return nil, errNoAnswer
	}
	return s.store.get(ctx, seq)
}

func (s *faulty) health() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sick != nil {
		return s.sick
	}
	return s.store.health()
}

func repeat(f fault, n int) (out []fault) {
	for range n {
		out = append(out, f)
	}
	return out
}

func testEvents(n, m int) (evs []*events.Event) {
	for ; n < m; n++ {
		evs = append(evs, &events.Event{ID: events.EventID{9, byte(n >> 8), byte(n)}, Kind: events.RecordStored, Source: "crm",
			Time: 1, Subject: []events.Ref{{Handle: events.Handle{1, byte(n)}, Kind: "email"}}})
	}
	return evs
}

func mustOpen(t *testing.T, c Config) (*Journal, *EventLog) {
	t.Helper()
	j, err := Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	l, err := j.Events(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return j, l
}

// TestPublishFaults goes through everything that can happen to the one durable
// step of an append. After each: reopen, check all, send the same events again,
// carry on, and compare with the model: every event exactly once, in order (I2).
func TestPublishFaults(t *testing.T) {
	sick := errors.New("no space left on device")
	for _, c := range []struct {
		name     string
		set      func(*faulty)
		progress bool  // the append succeeds
		saved    bool  // the frame is in the log afterwards
		want     error // of the append, if it does not succeed
		says     string
	}{
		{name: "refused, then fine", set: func(s *faulty) { s.plan = []fault{refusedOne, refusedOne} }, progress: true, saved: true},
		{name: "no answer and not saved, then fine", set: func(s *faulty) { s.plan = []fault{lost, lost} }, progress: true, saved: true},
		{name: "no answer but saved", set: func(s *faulty) { s.plan = []fault{savedLost} }, progress: true, saved: true},
		{name: "no answer but saved, and reading fails at first", set: func(s *faulty) { s.plan, s.gets = []fault{savedLost}, 2 },
			progress: true, saved: true},
		{name: "saved, then never an answer", set: func(s *faulty) { s.plan = append([]fault{savedLost}, repeat(lost, 1000)...) },
			saved: true, want: ErrStopped, says: "it is not known whether it was saved"},
		{name: "never saved, never an answer", set: func(s *faulty) { s.plan = repeat(lost, 1000) },
			want: ErrStopped, says: "it is not known whether it was saved"},
		{name: "never saved, store cannot write", set: func(s *faulty) { s.plan, s.sick = repeat(lost, 1000), sick },
			want: ErrStopped, says: "no space left on device"},
		{name: "saved, store cannot write", set: func(s *faulty) { s.plan, s.sick = append([]fault{savedLost}, repeat(lost, 1000)...), sick },
			saved: true, want: ErrStopped, says: "no space left on device"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &faulty{}
			conf := Config{Dir: filepath.Join(t.TempDir(), "j"), AckTimeout: time.Second, GiveUp: 150 * time.Millisecond,
				wrap: func(_ string, under store) store { s.store = under; return s }}
			j, l := mustOpen(t, conf)
			ctx := context.Background()
			if _, err := l.Append(ctx, testEvents(0, 10), 0, 1); err != nil {
				t.Fatal(err)
			}
			s.mu.Lock()
			c.set(s)
			s.mu.Unlock()
			_, err := l.Append(ctx, testEvents(10, 20), 0, 1)
			switch {
			case c.progress && err != nil:
				t.Fatalf("append: %v, want progress", err)
			case !c.progress && (!errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says)):
				t.Fatalf("append: %v, want %v that says %q", err, c.want, c.says)
			}
			if stopped := j.Err() != nil; stopped == c.progress {
				t.Errorf("stopped: %v (%v)", stopped, j.Err())
			}
			if !c.progress {
				<-j.Stopped()
				_, err := l.Append(ctx, testEvents(20, 21), 0, 1)
				if !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "nothing was saved") {
					t.Errorf("append after the stop: %v", err)
				}
			}
			j.Close()
			carryOn(t, conf.Dir, c.saved)
		})
	}
}

// carryOn opens the journal again and compares it with the model.
func carryOn(t *testing.T, dir string, saved bool) {
	t.Helper()
	ctx := context.Background()
	_, l := mustOpen(t, Config{Dir: dir})
	v, err := l.Verify(ctx, nil)
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	want := uint64(10)
	if saved {
		want = 20
	}
	if v.Records != want || v.At != l.Last() {
		t.Fatalf("%d events in the log, want %d; checked to %v, ends at %v", v.Records, want, v.At, l.Last())
	}
	results, err := l.Append(ctx, testEvents(0, 30), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Duplicate != (uint64(i) < want) {
			t.Errorf("event %d sent again: duplicate %v", i, r.Duplicate)
		}
	}
	n := 0
	err = l.Replay(ctx, Checkpoint{}, func(_ uint64, f *events.Frame) error {
		for i := range int(f.Count) {
			var e events.Event
			if err := f.Event(i, &e); err != nil || e.ID != testEvents(n, n+1)[0].ID {
				return fmt.Errorf("record %d is event %v, %v", n, e.ID, err)
			}
			n++
		}
		return nil
	})
	if err != nil || n != 30 {
		t.Errorf("%d events, %v", n, err)
	}
}

// Those who wait behind a frame whose outcome is not known must hear that
// theirs was not saved, and the others that it is not known.
func TestStopAnswersEverybody(t *testing.T) {
	s := &faulty{entered: make(chan struct{}, 100), hold: make(chan struct{})}
	_, l := mustOpen(t, Config{Dir: t.TempDir(), AckTimeout: time.Second, GiveUp: time.Millisecond,
		wrap: func(_ string, under store) store { s.store = under; return s }})
	l.t.limits.events = 5
	s.plan = repeat(lost, 1000)
	ctx := context.Background()
	errs := make(chan error, 4)
	add := func(n, m int) {
		before := l.Pending()
		go func() { _, err := l.Append(ctx, testEvents(n, m), 0, 1); errs <- err }()
		await(t, func() bool { return l.Pending() == before+m-n })
	}
	add(0, 3)
	<-s.entered   // in flight
	add(3, 6)     // in the open frame
	add(6, 12)    // partly in the open frame, partly waiting for room
	add(12, 13)   // waiting for room
	close(s.hold) // the frame in flight never gets an answer
	said := map[string]int{}
	for range 4 {
		err := <-errs
		if !errors.Is(err, ErrStopped) {
			t.Errorf("got %v, want ErrStopped", err)
			continue
		}
		for _, text := range []string{"it is not known whether it was saved", "nothing was saved", "records had been handed over"} {
			if strings.HasPrefix(err.Error(), "append to events: journal has stopped writing: "+text) || strings.HasSuffix(err.Error(), text) {
				said[text]++
			}
		}
	}
	if said["it is not known whether it was saved"] != 1 {
		t.Errorf("said %v", said)
	}
	if n := l.Pending(); n != 0 {
		t.Errorf("%d events still pending", n)
	}
}

// E1: the log of events has one appender. Another one is seen at once.
func TestAnotherWriterStopsTheEventLog(t *testing.T) {
	s := &faulty{}
	dir := t.TempDir()
	j, l := mustOpen(t, Config{Dir: dir, wrap: func(_ string, under store) store { s.store = under; return s }})
	ctx := context.Background()
	if _, err := l.Append(ctx, testEvents(0, 1), 0, 1); err != nil {
		t.Fatal(err)
	}
	s.other = foreignFrame(l.t.chain)
	_, err := l.Append(ctx, testEvents(1, 2), 0, 1)
	if !errors.Is(err, ErrStopped) || !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), "it was not saved") {
		t.Errorf("append beside another writer: %v", err)
	}
	j.Close()
	_, l = mustOpen(t, Config{Dir: dir})
	if v, err := l.Verify(ctx, nil); err != nil || v.Frames != 2 {
		t.Errorf("verify: %+v, %v", v, err)
	}
}

// Raw logs may be written by several processes: the loser of a race reads on.
func TestAnotherWriterOfARawLog(t *testing.T) {
	s := &faulty{}
	j, _ := mustOpen(t, Config{Dir: t.TempDir(), wrap: func(name string, under store) store {
		if name != "vault" {
			return under
		}
		s.store = under
		return s
	}})
	ctx := context.Background()
	l, err := j.Raw(ctx, "vault")
	if err != nil {
		t.Fatal(err)
	}
	s.other = foreignFrame(l.t.chain)
	if _, err := l.Append(ctx, [][]byte{{1}}, 0); !errors.Is(err, ErrStale) {
		t.Errorf("append with an expectation: %v, want ErrStale", err)
	}
	s.other = foreignFrame(l.t.chain)
	seq, err := l.Append(ctx, [][]byte{{2}}, AnySeq)
	if err != nil || seq != 3 {
		t.Errorf("append anywhere: frame %d, %v; want 3", seq, err)
	}
	if v, err := l.Verify(ctx, nil); err != nil || v.Frames != 3 {
		t.Errorf("verify: %+v, %v", v, err)
	}
}

func foreignFrame(c chain) []byte {
	var b events.FrameBuilder
	if c.body == events.EventBody {
		b.Add(testEvents(99, 100)[0])
	} else {
		b.AddRaw([]byte("of another"))
	}
	frame, _ := b.Seal(events.FrameHeader{Body: c.body, Generation: c.at.Generation, Previous: c.at.Hash, First: c.at.Next, Recorded: c.recorded})
	return frame
}

// await waits for a condition that another goroutine brings about.
func await(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(200 * time.Microsecond) {
		if time.Now().After(deadline) {
			t.Fatal("did not happen within 10 s")
		}
	}
}

// A caller that gives up while it waits for room leaves nothing behind.
func TestGivingUpWhileWaitingForRoom(t *testing.T) {
	s := &faulty{entered: make(chan struct{}, 100), hold: make(chan struct{})}
	_, l := mustOpen(t, Config{Dir: t.TempDir(), wrap: func(_ string, under store) store { s.store = under; return s }})
	l.t.limits.events = 5
	ctx := context.Background()
	done := make(chan error, 3)
	go func() { _, err := l.Append(ctx, testEvents(0, 5), 0, 1); done <- err }()
	<-s.entered
	go func() { _, err := l.Append(ctx, testEvents(5, 10), 0, 1); done <- err }()
	await(t, func() bool { return l.Pending() == 10 })
	short, cancel := context.WithCancel(ctx)
	go func() { _, err := l.Append(short, testEvents(10, 12), 0, 1); done <- err }()
	await(t, func() bool { return l.Pending() == 12 })
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "nothing was saved") {
		t.Errorf("gave up: %v", err)
	}
	close(s.hold)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if last := l.Last(); last.Next != 10 || l.Pending() != 0 {
		t.Errorf("%d events saved, %d pending; want 10, 0", last.Next, l.Pending())
	}
}

// ringing is a store whose doorbell does something.
type ringing struct {
	store
	do func(seq uint64)
}

func (s *ringing) ring(seq uint64) { s.do(seq) }

// An event handed over between the saving of a frame and the answer to its
// callers is told its right position.
func TestPositionBetweenSaveAndAnswer(t *testing.T) {
	s := &ringing{do: func(uint64) {}}
	_, l := mustOpen(t, Config{Dir: t.TempDir(), wrap: func(_ string, under store) store { s.store = under; return s }})
	results := make(chan []Result, 1)
	s.do = func(seq uint64) {
		if seq > 1 {
			return
		}
		before := l.Pending()
		go func() {
			r, err := l.Append(context.Background(), testEvents(1, 2), 0, 1)
			if err != nil {
				t.Error(err)
			}
			results <- r
		}()
		await(t, func() bool { return l.Pending() > before })
	}
	if _, err := l.Append(context.Background(), testEvents(0, 1), 0, 1); err != nil {
		t.Fatal(err)
	}
	if r := <-results; r[0].Position.Seq != 2 || l.Last().Seq != 2 {
		t.Errorf("said to stand at %v, the log ends at %v", r[0].Position, l.Last())
	}
}
