package fanout_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/connectors/fanout"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
)

// planted is an identifier that may be seen in the reply to a claim and nowhere
// else.
const planted = "priya.planted@example.org"

// A world is a desk that enforces what a desk promises: one claim at a time, only
// by the task's own system, nothing claimed before its time; and it fails the
// test where fan-out would let two have one task.
type world struct {
	t   testing.TB
	mu  sync.Mutex
	now time.Time

	order []events.EventID         // guarded by mu
	tasks map[events.EventID]*task // guarded by mu
	fail  error                    // guarded by mu: what every claim is answered with
	// claim, if set, is called at the start of a claim.
	claim func()
	// open, if set, is called when the book is read for a system.
	open   func()
	opened atomic.Int64
}

type task struct {
	system          events.Code
	from            time.Time
	lease           time.Time
	attempts, ended int
	held, manual    bool
}

func newWorld(t testing.TB) *world {
	return &world{t: t, now: time.Date(2025, 3, 24, 9, 0, 0, 0, time.UTC), tasks: map[events.EventID]*task{}}
}

func (w *world) add(system events.Code, n int) (ids []events.EventID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range n {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", system, len(w.order)))
		id := events.EventID(sum[:16])
		w.order, w.tasks[id] = append(w.order, id), &task{system: system}
		ids = append(ids, id)
	}
	return ids
}

// with changes a task.
func (w *world) with(id events.EventID, fn func(*task)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fn(w.tasks[id])
}

// later moves the clock.
func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// ended counts the tasks of a system that were reported done.
func (w *world) ended(system events.Code) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.tasks {
		if t.system == system && t.ended > 0 {
			n++
		}
	}
	return n
}

func (w *world) Claim(_ context.Context, who access.Caller, system events.Code, id events.EventID, lease time.Duration) (*events.Work, error) {
	if w.claim != nil {
		w.claim()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.tasks[id]
	switch {
	case w.fail != nil:
		return nil, w.fail
	case t == nil || t.ended > 0 || t.held || t.from.After(w.now) || t.lease.After(w.now):
		return nil, fanout.ErrNotNow
	case t.system != system || !who.MayActAs(system):
		w.t.Errorf("fan-out let %s claim a task of %s", system, t.system)
		return nil, fanout.ErrNotNow
	}
	t.attempts++
	t.lease = w.now.Add(lease)
	return &events.Work{Task: id.String(), System: string(system), Attempt: uint32(t.attempts), Key: id.String(), Verb: "erase", LeaseUntil: events.InstantOf(t.lease),
		Subject: []events.WorkIdentifier{{Kind: "email", Value: planted}}, Scope: []events.WorkScope{}}, nil
}

func (w *world) Report(_ context.Context, _ access.Caller, system events.Code, name string, r *events.WorkReport) (*events.WorkReported, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id, err := events.ParseEventID(name)
	t := w.tasks[id]
	if err != nil || t == nil || t.system != system {
		return nil, &fanout.Refusal{Status: http.StatusNotFound, Code: "task.unknown", Detail: "no task of that id is this system's"}
	}
	switch r.Outcome {
	case events.WorkFailed:
		t.lease, t.from = time.Time{}, w.now.Add(time.Duration(r.RetryAfterSeconds)*time.Second)
	default:
		t.ended++
		t.lease = time.Time{}
	}
	return &events.WorkReported{Task: name, State: "accepted", Known: t.ended > 1}, nil
}

func (w *world) Copy(_ context.Context, _ access.Caller, _ events.Code, name, file, _ string, body io.Reader) (*events.WorkCopy, error) {
	h := sha256.New()
	n, err := io.Copy(h, body)
	return &events.WorkCopy{Task: name, Name: file, Bytes: n, SHA256: fmt.Sprintf("%x", h.Sum(nil))}, err
}

func (w *world) Systems(_ context.Context, fn func(events.Code) error) error {
	w.mu.Lock()
	var seen []events.Code
	for _, t := range w.tasks {
		if t.ended == 0 && !slices.Contains(seen, t.system) {
			seen = append(seen, t.system)
		}
	}
	w.mu.Unlock()
	for _, s := range seen {
		if err := fn(s); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) Open(_ context.Context, system events.Code, fn func(fanout.Waiting) bool) error {
	if w.opened.Add(1); w.open != nil {
		w.open()
	}
	w.mu.Lock()
	list := []fanout.Waiting{}
	for _, id := range w.order {
		if t := w.tasks[id]; t.system == system && t.ended == 0 {
			o := fanout.Waiting{Task: id, System: system, Verb: "erase", Manual: t.manual}
			if !t.from.IsZero() {
				o.From = events.InstantOf(t.from)
			}
			if t.lease.After(w.now) {
				o.Lease = events.InstantOf(t.lease)
			}
			list = append(list, o)
		}
	}
	w.mu.Unlock()
	for _, o := range list {
		if !fn(o) {
			break
		}
	}
	return nil
}

// a server is a fan-out that runs.
type server struct {
	*fanout.Fanout
	world *world
	log   *journal.Journal
	stop  func()
}

func start(t testing.TB, w *world, change ...func(*fanout.Config)) *server {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{world: w, log: j}
	s.run(t, change...)
	t.Cleanup(func() {
		s.stop()
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// run opens fan-out anew on the same queue, as after a restart.
func (s *server) run(t testing.TB, change ...func(*fanout.Config)) {
	t.Helper()
	cfg := fanout.Config{Desk: s.world, Book: s.world, NATS: s.log.Conn(), Now: s.world.clock, Every: 20 * time.Millisecond, Again: 20 * time.Millisecond, Domain: "habeas",
		Rate: func(events.Code) fanout.Rate { return fanout.Rate{PerMinute: 600_000, AtOnce: 1000} }}
	for _, c := range change {
		c(&cfg)
	}
	f, err := fanout.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, fn := range []func() error{func() error { return f.Run(ctx) }, func() error { return f.ServeNATS(ctx, s.log.Conn(), nil) }} {
		wg.Go(func() {
			if err := fn(); err != nil {
				t.Error(err)
			}
		})
	}
	s.Fanout = f
	s.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
}

func system(id events.Code) access.Caller {
	return access.Caller{Token: "t-" + id, Name: id, Roles: []access.Role{access.SystemRole(id)}}
}

// claim takes tasks and waits for the first.
func (s *server) claim(t testing.TB, id events.Code, n int) []events.Work {
	t.Helper()
	list, err := s.Claim(t.Context(), system(id), id, events.WorkClaim{Max: n, WaitSeconds: 20})
	if err != nil {
		t.Fatal(err)
	}
	return list.Tasks
}

func (s *server) report(t testing.TB, w events.Work, outcome events.Code) {
	t.Helper()
	if _, err := s.Report(t.Context(), system(events.Code(w.System)), events.Code(w.System), w.Task, &events.WorkReport{Attempt: w.Attempt, Outcome: outcome}); err != nil {
		t.Fatal(err)
	}
}

// await waits until the condition is true.
func await(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !cond(); {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

var errDown = errors.New("the disk is gone")
