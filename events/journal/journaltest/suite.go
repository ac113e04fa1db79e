package journaltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
)

// A Set is a journal under test.
type Set struct {
	Events EventLog
	Raw    RawLog
	// Reopen closes and opens it again, on the same data.
	Reopen func(t *testing.T) Set
}

// Run holds a journal to its contract. open makes a new, empty one that reads
// the clock.
func Run(t *testing.T, open func(t *testing.T, clock *Clock) Set) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Set, *Clock)
	}{
		{"WhatGoesInComesOut", whatGoesIn},
		{"FramesAreChained", chained},
		{"RepeatsAreKnown", repeats},
		{"ReadingGoesOnFromACheckpoint", resume},
		{"FollowSeesWhatComes", follows},
		{"ReadersOwnErrorComesBack", readersError},
		{"StrangeCheckpointsAreRefused", strange},
		{"RecordedTimesNeverGoBack", clockBack},
		{"HeaderSaysWhatIsNeeded", headers},
		{"ManyCallers", manyCallers},
		{"WhatCannotBeKeptIsRefused", refused},
		{"AnEndedContextSavesNothing", ended},
		{"RawGroupsStayTogether", rawGroups},
		{"RawStaleIsRefused", rawStale},
		{"ReopenedIsTheSame", reopened},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.run(t, open(t, clock), clock)
		})
	}
}

var ctx = context.Background()

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want one that wraps %q", err, want)
	}
}

// put appends events in calls of n.
func put(t *testing.T, l EventLog, evs []*events.Event, n int) (out []journal.Result) {
	t.Helper()
	for part := range slices.Chunk(evs, n) {
		out = append(out, must[[]journal.Result](t)(l.Append(ctx, part, 0, 1))...)
	}
	return out
}

// placed is an event as it was read.
type placed struct {
	at events.Position
	e  events.Event
}

// read replays everything from a checkpoint and returns the events and the
// checkpoints behind each frame.
func read(t *testing.T, l EventLog, from journal.Checkpoint) (out []placed, ends []journal.Checkpoint) {
	t.Helper()
	at := from
	at.Stream, at.Generation = l.Last().Stream, l.Last().Generation
	err := l.Replay(ctx, from, func(seq uint64, f *events.Frame) error {
		for i := range int(f.Count) {
			p := placed{at: events.Position{Generation: f.Generation, Seq: seq, Index: uint32(i)}}
			if err := f.Event(i, &p.e); err != nil {
				return err
			}
			out = append(out, p)
		}
		at.Seq, at.Hash, at.Next = seq, f.Hash, f.First+uint64(f.Count)
		ends = append(ends, at)
		return nil
	})
	if err != nil {
		t.Fatalf("replay: %v", err)
	}
	return out, ends
}

func sameEvent(a, b *events.Event) bool {
	return fmt.Sprintf("%+v", *a) == fmt.Sprintf("%+v", *b)
}

func whatGoesIn(t *testing.T, s Set, _ *Clock) {
	if c := s.Events.Last(); c.Seq != 0 || c.Stream == "" || c.Generation == 0 {
		t.Fatalf("an empty log ends at %+v", c)
	}
	evs := Events(0, 333)
	results := put(t, s.Events, evs, 37)
	got, _ := read(t, s.Events, journal.Checkpoint{})
	if len(got) != len(evs) {
		t.Fatalf("appended %d events, read %d", len(evs), len(got))
	}
	for i := range evs {
		if !sameEvent(&got[i].e, evs[i]) {
			t.Fatalf("event %d came back as %+v, want %+v", i, got[i].e, *evs[i])
		}
		if results[i] != (journal.Result{Position: got[i].at}) {
			t.Fatalf("event %d was said to stand at %v, but stands at %v", i, results[i], got[i].at)
		}
	}
}

func chained(t *testing.T, s Set, _ *Clock) {
	put(t, s.Events, Events(0, 500), 20)
	var at journal.Checkpoint
	err := s.Events.Replay(ctx, at, func(seq uint64, f *events.Frame) error {
		if seq != at.Seq+1 || f.Previous != at.Hash || f.First != at.Next || f.Count == 0 {
			t.Errorf("frame %d: header %+v does not follow %+v", seq, f.FrameHeader, at)
		}
		at.Seq, at.Hash, at.Next = seq, f.Hash, f.First+uint64(f.Count)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	last := s.Events.Last()
	at.Stream, at.Generation = last.Stream, last.Generation
	if at != last || at.Next != 500 {
		t.Errorf("Last says %+v, reading came to %+v", last, at)
	}
}

func repeats(t *testing.T, s Set, _ *Clock) {
	evs := Events(0, 10)
	first := put(t, s.Events, evs, 10)
	// In one call, across calls, and mixed with new ones.
	again := must[[]journal.Result](t)(s.Events.Append(ctx, append(Events(5, 15), Event(14)), 0, 1))
	for i, r := range again {
		n := min(5+i, 14)
		if wantDup := n < 10 || i == 10; r.Duplicate != wantDup {
			t.Errorf("event %d: duplicate %v, want %v", n, r.Duplicate, wantDup)
		}
		if r.Other {
			t.Errorf("event %d: the same event is said to have other contents", n)
		}
		if n < 10 && r.Position != first[n].Position {
			t.Errorf("event %d: a repeat is said to stand at %v, want %v", n, r.Position, first[n].Position)
		}
	}
	if again[10].Position != again[9].Position {
		t.Errorf("a repeat in one call stands at %v, want %v", again[10].Position, again[9].Position)
	}
	if got, _ := read(t, s.Events, journal.Checkpoint{}); len(got) != 15 {
		t.Errorf("%d events in the log, want 15", len(got))
	}
	before := s.Events.Last()
	put(t, s.Events, evs, 10)
	// An id is used once: other contents under it change nothing, but are noticed.
	other, flagged := *evs[3], *evs[4]
	other.Time++
	flagged.Flags ^= events.Late
	for i, r := range must[[]journal.Result](t)(s.Events.Append(ctx, []*events.Event{&other, &flagged}, 0, 1)) {
		if !r.Duplicate || r.Other != (i == 0) {
			t.Errorf("a repeat with another time, then one with another flag: number %d is answered %+v", i+1, r)
		}
	}
	if s.Events.Last() != before {
		t.Errorf("repeats alone made the log grow from %v to %v", before, s.Events.Last())
	}
}

func resume(t *testing.T, s Set, _ *Clock) {
	put(t, s.Events, Events(0, 200), 10)
	all, ends := read(t, s.Events, journal.Checkpoint{})
	for _, end := range []journal.Checkpoint{ends[0], ends[len(ends)/2], ends[len(ends)-1]} {
		got, _ := read(t, s.Events, end)
		if want := all[end.Next:]; len(got) != len(want) || (len(got) > 0 && got[0].at != want[0].at) {
			t.Errorf("from %v came %d events, want %d", end, len(got), len(want))
		}
	}
}

func follows(t *testing.T, s Set, _ *Clock) {
	put(t, s.Events, Events(0, 50), 10)
	c, cancel := context.WithCancel(ctx)
	defer cancel()
	seen, end := make(chan uint64, 1000), make(chan error, 1)
	go func() {
		end <- s.Events.Follow(c, journal.Checkpoint{}, func(_ uint64, f *events.Frame) error {
			for i := range uint64(f.Count) {
				seen <- f.First + i
			}
			return nil
		})
	}()
	for n := range uint64(100) {
		if n == 50 {
			put(t, s.Events, Events(50, 100), 7)
		}
		select {
		case got := <-seen:
			if got != n {
				t.Fatalf("record %d came, want %d", got, n)
			}
		case err := <-end:
			t.Fatalf("follow ended: %v", err)
		case <-time.After(10 * time.Second):
			t.Fatalf("record %d did not come", n)
		}
	}
	cancel()
	wantErr(t, <-end, context.Canceled)
}

func readersError(t *testing.T, s Set, _ *Clock) {
	put(t, s.Events, Events(0, 40), 10)
	own := errors.New("enough")
	n := 0
	stop := func(uint64, *events.Frame) error { n++; return own }
	for _, f := range []func(context.Context, journal.Checkpoint, func(uint64, *events.Frame) error) error{s.Events.Replay, s.Events.Follow} {
		n = 0
		if err := f(ctx, journal.Checkpoint{}, stop); err != own || n != 1 {
			t.Errorf("got %v after %d calls, want the reader's own error after one", err, n)
		}
	}
}

func strange(t *testing.T, s Set, _ *Clock) {
	put(t, s.Events, Events(0, 60), 10)
	good := s.Events.Last()
	nothing := func(uint64, *events.Frame) error { return nil }
	for name, c := range map[string]struct {
		change func(*journal.Checkpoint)
		want   error
	}{
		"another log":        {func(c *journal.Checkpoint) { c.Stream = "OTHER/1" }, journal.ErrOtherJournal},
		"another generation": {func(c *journal.Checkpoint) { c.Generation++ }, journal.ErrOtherJournal},
		"past the end":       {func(c *journal.Checkpoint) { c.Seq += 3 }, journal.ErrShorter},
		"another frame":      {func(c *journal.Checkpoint) { c.Hash[0] ^= 1 }, journal.ErrChain},
	} {
		from := good
		c.change(&from)
		if err := s.Events.Replay(ctx, from, nothing); !errors.Is(err, c.want) {
			t.Errorf("replay from %s: %v, want %v", name, err, c.want)
		}
		if err := s.Events.Follow(ctx, from, nothing); !errors.Is(err, c.want) {
			t.Errorf("follow from %s: %v, want %v", name, err, c.want)
		}
	}
}

func clockBack(t *testing.T, s Set, clock *Clock) {
	for i, move := range []time.Duration{0, time.Hour, -48 * time.Hour, time.Minute, 72 * time.Hour} {
		clock.Move(move)
		put(t, s.Events, Events(10*i, 10*i+10), 10)
	}
	var last events.Instant
	var times []events.Instant
	err := s.Events.Replay(ctx, journal.Checkpoint{}, func(seq uint64, f *events.Frame) error {
		if f.Recorded < last {
			t.Errorf("frame %d was recorded at %v, after one of %v", seq, f.Recorded, last)
		}
		last = f.Recorded
		times = append(times, last)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if times[2] != times[1] || times[3] != times[1] || times[4] <= times[1] {
		t.Errorf("while the clock stood back the last time must hold: %v", times)
	}
}

func headers(t *testing.T, s Set, _ *Clock) {
	for _, c := range []struct {
		vault     uint64
		catalogue uint32
	}{{4, 1}, {9, 2}, {3, 2}} {
		n := int(s.Events.Last().Next)
		must[[]journal.Result](t)(s.Events.Append(ctx, Events(n, n+1), c.vault, c.catalogue))
	}
	var got []string
	_ = s.Events.Replay(ctx, journal.Checkpoint{}, func(_ uint64, f *events.Frame) error {
		got = append(got, fmt.Sprint(f.Vault, "/", f.Catalogue))
		return nil
	})
	// The last frame alone must say what the whole log needs.
	if want := []string{"4/1", "9/2", "9/2"}; !slices.Equal(got, want) {
		t.Errorf("vault and catalogue of the frames: %v, want %v", got, want)
	}
	if v := s.Events.VaultNeeded(); v != 9 {
		t.Errorf("VaultNeeded is %d, want 9", v)
	}
}

func manyCallers(t *testing.T, s Set, _ *Clock) {
	const callers, each = 32, 100
	said := make([]events.Position, callers*each)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := 0; i < each; i += 5 {
				n := c*each + i
				results, err := s.Events.Append(ctx, Events(n, n+5), 0, 1)
				if err != nil || len(results) != 5 {
					t.Errorf("caller %d: %d results, %v", c, len(results), err)
					return
				}
				for k, r := range results {
					said[n+k] = r.Position
				}
			}
		})
	}
	wg.Wait()
	got, _ := read(t, s.Events, journal.Checkpoint{})
	seen := map[events.EventID]int{}
	stands := map[events.EventID]events.Position{}
	for i := range got {
		seen[got[i].e.ID], stands[got[i].e.ID] = i+1, got[i].at
	}
	for n := range said {
		if said[n] != stands[eventID(n)] {
			t.Fatalf("event %d was said to stand at %v, but stands at %v", n, said[n], stands[eventID(n)])
		}
	}
	if len(got) != callers*each || len(seen) != callers*each {
		t.Fatalf("%d events read, %d different, want %d", len(got), len(seen), callers*each)
	}
	for n := 1; n < callers*each; n++ {
		if n%each != 0 && seen[eventID(n)] < seen[eventID(n-1)] {
			t.Fatalf("events %d and %d of one caller changed places", n-1, n)
		}
	}
}

func refused(t *testing.T, s Set, _ *Clock) {
	long := Event(1)
	for n := range events.MaxSubjects + 1 {
		long.Subject = append(long.Subject, events.Ref{Handle: handle(n), Kind: "email"})
	}
	noID, unknown := Event(2), Event(3)
	noID.ID, unknown.Kind = events.EventID{}, 200
	for name, e := range map[string]*events.Event{"too many identifiers": long, "no id": noID, "unknown kind": unknown, "nil": nil} {
		_, err := s.Events.Append(ctx, []*events.Event{Event(0), e}, 0, 1)
		if !errors.Is(err, journal.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
	_, err := s.Raw.Append(ctx, nil, journal.AnySeq)
	wantErr(t, err, journal.ErrRefused)
	_, err = s.Raw.Append(ctx, [][]byte{make([]byte, events.MaxFrameBytes)}, journal.AnySeq)
	wantErr(t, err, journal.ErrRefused)
	if s.Events.Last().Seq != 0 || s.Raw.Last().Seq != 0 {
		t.Errorf("something was saved: %v, %v", s.Events.Last(), s.Raw.Last())
	}
	if r, err := s.Events.Append(ctx, nil, 0, 1); err != nil || len(r) != 0 {
		t.Errorf("no events: %v, %v", r, err)
	}
}

func ended(t *testing.T, s Set, _ *Clock) {
	c, cancel := context.WithCancel(ctx)
	cancel()
	_, err := s.Events.Append(c, Events(0, 1), 0, 1)
	wantErr(t, err, context.Canceled)
	_, err = s.Raw.Append(c, [][]byte{{1}}, journal.AnySeq)
	wantErr(t, err, context.Canceled)
	put(t, s.Events, Events(1, 2), 1)
	if n := s.Events.Last().Next; n != 1 {
		t.Errorf("%d events in the log, want 1", n)
	}
}

func rawGroups(t *testing.T, s Set, _ *Clock) {
	const callers, each = 8, 10
	type group struct {
		seq     uint64
		records [][]byte
	}
	groups := make([]group, callers*each)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				g := &groups[c*each+i]
				g.records = [][]byte{{byte(c), byte(i), 0}, {}, {byte(c), byte(i), 2}}
				var err error
				if g.seq, err = s.Raw.Append(ctx, g.records, journal.AnySeq); err != nil {
					t.Errorf("append: %v", err)
				}
			}
		})
	}
	wg.Wait()
	frames := map[uint64][][]byte{}
	err := s.Raw.Replay(ctx, journal.Checkpoint{}, func(seq uint64, at events.Instant, records [][]byte) error {
		if at.IsZero() {
			t.Errorf("frame %d has no time", seq)
		}
		frames[seq] = records
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if !contains(frames[g.seq], g.records) {
			t.Errorf("frame %d does not hold %v together and in order", g.seq, g.records)
		}
	}
	if s.Raw.Last().Next != callers*each*3 {
		t.Errorf("%d records, want %d", s.Raw.Last().Next, callers*each*3)
	}
}

func contains(frame, group [][]byte) bool {
	for i := 0; i+len(group) <= len(frame); i++ {
		if slices.EqualFunc(frame[i:i+len(group)], group, func(a, b []byte) bool { return string(a) == string(b) }) {
			return true
		}
	}
	return false
}

func rawStale(t *testing.T, s Set, _ *Clock) {
	if seq := must[uint64](t)(s.Raw.Append(ctx, [][]byte{{1}}, 0)); seq != 1 {
		t.Fatalf("the first frame is %d", seq)
	}
	_, err := s.Raw.Append(ctx, [][]byte{{2}}, 0)
	wantErr(t, err, journal.ErrStale)
	_, err = s.Raw.Append(ctx, [][]byte{{2}}, 2)
	wantErr(t, err, journal.ErrStale)
	// Of many that saw the same end, one wins.
	var won, stale sync.Map
	var wg sync.WaitGroup
	for n := range 12 {
		wg.Go(func() {
			_, err := s.Raw.Append(ctx, [][]byte{{byte(n)}}, 1)
			switch {
			case err == nil:
				won.Store(n, true)
			case errors.Is(err, journal.ErrStale):
				stale.Store(n, true)
			default:
				t.Errorf("caller %d: %v", n, err)
			}
		})
	}
	wg.Wait()
	if count(&won) != 1 || count(&stale) != 11 || s.Raw.Last().Seq != 2 {
		t.Errorf("%d won, %d were stale, the log ends at %d; want 1, 11, 2", count(&won), count(&stale), s.Raw.Last().Seq)
	}
}

func count(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

func reopened(t *testing.T, s Set, clock *Clock) {
	put(t, s.Events, Events(0, 120), 30)
	must[uint64](t)(s.Raw.Append(ctx, [][]byte{{7}}, journal.AnySeq))
	before, raw := s.Events.Last(), s.Raw.Last()
	clock.Move(-time.Hour) // the clock may have been put back while it was closed
	s = s.Reopen(t)
	if got := s.Events.Last(); got != before {
		t.Fatalf("reopened at %+v, want %+v", got, before)
	}
	if got := s.Raw.Last(); got != raw {
		t.Fatalf("raw log reopened at %+v, want %+v", got, raw)
	}
	results := put(t, s.Events, Events(100, 130), 30)
	for i, r := range results {
		if r.Duplicate != (i < 20) {
			t.Errorf("after reopening, event %d: duplicate %v", 100+i, r.Duplicate)
		}
	}
	got, _ := read(t, s.Events, before)
	if len(got) != 10 {
		t.Errorf("after the old end came %d events, want 10", len(got))
	}
}
