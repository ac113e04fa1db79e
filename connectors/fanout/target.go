package fanout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/time/rate"
)

// waitingMost is how many claims of one target may wait at once.
const waitingMost = 16

// A target is what is remembered of one system between two readings of the book.
type target struct {
	system events.Code
	rate   *rate.Limiter
	atOnce int

	// reading is held while a claim reads the book, so that one does it for all.
	reading sync.Mutex

	mu      sync.Mutex
	read    reading                      // guarded by mu: the last of those
	cons    jetstream.Consumer           // guarded by mu; nil until it is needed
	rung    map[events.EventID]bool      // guarded by mu: bells in the queue
	hand    map[events.EventID]held      // guarded by mu: claimed and not reported on
	rest    map[events.EventID]resting   // guarded by mu: could not be claimed; nobody rings for it
	let     map[events.EventID]time.Time // guarded by mu: reported on, when; a book read before says otherwise
	waiting int                          // guarded by mu: claims under way
	freed   chan struct{}                // guarded by mu: closed when hand shrinks
}

// A held task is in a target's hands until its lease ends. At is when it was
// claimed here, zero if only the book says so.
type held struct {
	until events.Instant
	at    time.Time
}

func (f *Fanout) target(system events.Code) *target {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.targets[system]
	if t == nil {
		r := f.cfg.Rate(system)
		if r.PerMinute <= 0 {
			r.PerMinute = Usual.PerMinute
		}
		if r.AtOnce <= 0 {
			r.AtOnce = Usual.AtOnce
		}
		t = &target{system: system, atOnce: r.AtOnce, rate: rate.NewLimiter(rate.Limit(float64(r.PerMinute)/60), max(1, min(r.PerMinute/60, r.AtOnce))),
			rung: map[events.EventID]bool{}, hand: map[events.EventID]held{}, rest: map[events.EventID]resting{}, let: map[events.EventID]time.Time{}, freed: make(chan struct{})}
		f.targets[system] = t
	}
	return t
}

// enter admits one more claim that may wait.
func (t *target) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting >= waitingMost {
		return false
	}
	t.waiting++
	return true
}

func (t *target) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting--
}

// room says how many tasks the target may have now, and if none, after how long
// to ask again or what to wait for.
func (t *target) room(now time.Time) (n int, after time.Duration, freed <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n = t.atOnce - len(t.hand); n <= 0 {
		return 0, 0, t.freed
	}
	tokens := t.rate.TokensAt(now)
	if tokens < 1 {
		need := (1 - tokens) / float64(t.rate.Limit())
		return 0, time.Duration(need*float64(time.Second)) + time.Millisecond, nil
	}
	return min(n, int(tokens)), 0, nil
}

// holds notes that a task is in the target's hands.
func (t *target) holds(task events.EventID, lease events.Instant, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hand[task] = held{lease, at}
	delete(t.rest, task)
	delete(t.rung, task)
}

// free notes that a task is in the target's hands no more.
func (t *target) free(task events.EventID, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.let[task] = at
	delete(t.rest, task) // what was refused before the report may be possible now
	if _, ok := t.hand[task]; ok {
		t.drop(task)
	}
	delete(t.rung, task)
}

// A resting task could not be claimed when it came to it: what the book says of it
// and what the desk says differ, as while its case is being started. It is rung for
// again after a while, each time after a longer one.
type resting struct {
	until time.Time
	last  time.Duration
}

// rests notes that a task could not be claimed.
func (t *target) rests(task events.EventID, now time.Time, least, most time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.rung, task)
	if _, held := t.hand[task]; held {
		return // of two bells for one task the other was quicker
	}
	d := min(max(2*t.rest[task].last, least), most)
	t.rest[task] = resting{now.Add(d), d}
}

// drop needs mu.
func (t *target) drop(task events.EventID) {
	delete(t.hand, task)
	close(t.freed)
	t.freed = make(chan struct{})
}

// consumer is the target's reader of the queue.
func (f *Fanout) consumer(ctx context.Context, t *target) (jetstream.Consumer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cons != nil {
		return t.cons, nil
	}
	c, err := f.stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: token(t.system), FilterSubject: subjectOf(t.system), AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait,
		MaxAckPending: -1, MaxWaiting: 4 * waitingMost, MemoryStorage: true,
	})
	if err != nil {
		return nil, fmt.Errorf("read the queue of %s: %w", t.system, errors.Join(ErrStream, err))
	}
	t.cons = c
	return c, nil
}

// A bell is the message of the queue: all of it.
type bell struct {
	Task string `json:"task"`
	Verb string `json:"verb"`
}

// decodeBell reads one; what cannot be read rings for nothing.
func decodeBell(b []byte) (events.EventID, error) {
	var x bell
	if err := json.Unmarshal(b, &x); err != nil {
		return events.EventID{}, errors.New("decode a bell: not in its form")
	}
	return events.ParseEventID(x.Task)
}
