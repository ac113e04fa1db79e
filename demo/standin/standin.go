package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A Mood is how a stand-in behaves.
type Mood string

// The moods.
const (
	Honest    Mood = "honest"
	Slow      Mood = "slow"      // takes each task first and is done when asked again
	Failing   Mood = "failing"   // fails the first attempts, then does it
	Lying     Mood = "lying"     // says that it is done and still has it
	Partial   Mood = "partial"   // does a part, then the rest
	Refusing  Mood = "refusing"  // keeps it by a law of its own
	Repeating Mood = "repeating" // reports everything twice
	Shuffled  Mood = "shuffled"  // reports late, and a failure after it was done
	Dead      Mood = "dead"      // never asks for a task
)

// Moods lists them all.
func Moods() []Mood {
	return []Mood{Honest, Slow, Failing, Lying, Partial, Refusing, Repeating, Shuffled, Dead}
}

// ParseMoods reads id=mood pairs.
func ParseMoods(pairs []string) (map[events.Code]Mood, error) {
	out := map[events.Code]Mood{}
	for _, p := range pairs {
		id, mood, ok := strings.Cut(p, "=")
		code, err := events.ParseCode(id)
		if !ok || err != nil || !slices.Contains(Moods(), Mood(mood)) {
			return nil, fmt.Errorf("want system=mood, with a mood of %v", Moods())
		}
		out[code] = Mood(mood)
	}
	return out, nil
}

// Config is one stand-in.
type Config struct {
	Server string // base address
	System events.Code
	Token  events.Plaintext
	Shelf  *Shelf
	Mood   Mood // default honest
	Seed   uint64
	// Wait is how long a claim waits for a task; default 20 seconds.
	Wait time.Duration
	// Retry is how long after a failure the task is wanted again.
	Retry  time.Duration
	Client *http.Client
	Log    *slog.Logger
}

// Run takes tasks and acts on them until ctx ends. It goes on when the server is
// away.
func Run(ctx context.Context, c Config) error {
	if c.Mood == "" {
		c.Mood = Honest
	}
	if c.Wait <= 0 {
		c.Wait = 20 * time.Second
	}
	if c.Client == nil {
		c.Client = http.DefaultClient
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Mood == Dead {
		<-ctx.Done()
		return nil
	}
	s := &actor{Config: c, attempts: map[string]int{}}
	for ctx.Err() == nil {
		if err := s.turn(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "a stand-in could not ask for tasks", "system", string(c.System), "error", err)
			pause(ctx, time.Second)
		}
	}
	return nil
}

// An actor is a stand-in that runs. One goroutine claims; tasks of one claim are
// acted on side by side.
type actor struct {
	Config
	mu       sync.Mutex
	attempts map[string]int // guarded by mu: by task and verb, how often it was seen
}

func (s *actor) turn(ctx context.Context) error {
	var list events.WorkList
	claim := events.WorkClaim{Max: 8, WaitSeconds: int(s.Wait / time.Second), LeaseSeconds: 60}
	if err := s.post(ctx, "claim", claim, &list); err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	var wg sync.WaitGroup
	for i := range list.Tasks {
		w := &list.Tasks[i]
		wg.Go(func() {
			if err := s.do(ctx, w); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "a stand-in could not do a task", "system", string(s.System), "task", w.Task, "error", err)
			}
		})
	}
	wg.Wait()
	if len(list.Tasks) == 0 && list.RetryAfterSeconds > 0 {
		pause(ctx, time.Duration(list.RetryAfterSeconds)*time.Second)
	}
	return nil
}

// do acts on a task and reports, as the mood has it.
func (s *actor) do(ctx context.Context, w *events.Work) error {
	r, err := s.act(ctx, w)
	if err != nil {
		return err
	}
	r.Attempt = w.Attempt
	times := 1
	if s.Mood == Repeating {
		times = 2
	}
	for range times {
		if err := s.report(ctx, w, r); err != nil {
			return err
		}
	}
	if s.Mood == Shuffled && r.Outcome == events.WorkDone {
		// A word of an earlier try that comes in late: it takes nothing back.
		return s.report(ctx, w, &events.WorkReport{Attempt: w.Attempt, Outcome: events.WorkFailed, Detail: "late"})
	}
	return nil
}

func (s *actor) act(ctx context.Context, w *events.Work) (*events.WorkReport, error) {
	n := s.seen(w)
	switch {
	case w.Verb == "verify":
		return s.look(w), nil
	case s.Mood == Failing && n <= s.failures(w):
		return &events.WorkReport{Outcome: events.WorkFailed, Detail: "try_later", RetryAfterSeconds: int(s.Retry / time.Second)}, nil
	case s.Mood == Refusing && w.Verb != "notify" && w.Verb != "export":
		return &events.WorkReport{Outcome: events.WorkKept, Ground: "own_law", Text: events.NewPlaintext("kept under our own duty")}, nil
	case s.Mood == Slow && n == 1:
		return &events.WorkReport{Outcome: events.WorkAccepted, Text: events.NewPlaintext("it is in our queue")}, nil
	case s.Mood == Lying && w.Verb != "notify" && w.Verb != "export":
		found := uint32(s.Shelf.find(w, func(*Record) bool { return true }))
		return &events.WorkReport{Outcome: events.WorkDone, Found: &found, Removed: &found}, nil
	}
	return s.carryOut(ctx, w, s.Mood == Partial && n == 1)
}

// carryOut does what the verb says, or half of it.
func (s *actor) carryOut(ctx context.Context, w *events.Work, half bool) (*events.WorkReport, error) {
	var removed uint32
	var copies []Record
	found := s.Shelf.find(w, func(r *Record) bool {
		switch w.Verb {
		case "erase", "take_down", "anonymise":
			if half && removed > 0 {
				return true
			}
			removed++
			return false
		case "export":
			copies = append(copies, *r)
		default:
			if !slices.Contains(r.Marks, w.Verb) {
				r.Marks = append(slices.Clone(r.Marks), w.Verb)
			}
		}
		return true
	})
	n := uint32(found)
	r := &events.WorkReport{Outcome: events.WorkDone, Found: &n, Removed: &removed}
	switch {
	case w.Verb == "export":
		return r, s.send(ctx, w, copies, r)
	case found == 0 && w.Verb != "notify":
		r.Outcome = events.WorkNotFound
	case half && removed < n:
		r.Outcome, r.RetryAfterSeconds = events.WorkPartly, int(s.Retry/time.Second)
	}
	return r, nil
}

// look says the truth about what is held, whatever the mood: whoever lies about
// what they did is found out.
func (s *actor) look(w *events.Work) *events.WorkReport {
	still := uint32(0)
	s.Shelf.find(w, func(r *Record) bool {
		if gone := w.Of == "erase" || w.Of == "take_down" || w.Of == "anonymise"; gone || !slices.Contains(r.Marks, w.Of) {
			still++
		}
		return true
	})
	if s.Mood == Slow && still > 0 {
		// It is done by the time somebody asks.
		s.Shelf.find(w, func(r *Record) bool {
			if w.Of == "erase" || w.Of == "take_down" || w.Of == "anonymise" {
				return false
			}
			r.Marks = append(slices.Clone(r.Marks), w.Of)
			return true
		})
		still = 0
	}
	if still > 0 {
		return &events.WorkReport{Outcome: events.WorkStillThere, Found: &still}
	}
	return &events.WorkReport{Outcome: events.WorkFoundNothing, Found: &still}
}

// send uploads what is held as one file.
func (s *actor) send(ctx context.Context, w *events.Work, records []Record, r *events.WorkReport) error {
	type row struct {
		Dataset  events.Code `json:"dataset,omitempty"`
		Activity string      `json:"activity,omitempty"`
		Category string      `json:"category,omitempty"`
		Value    string      `json:"value"`
	}
	rows := []row{}
	for _, x := range records {
		rows = append(rows, row{x.Dataset, x.Activity, x.Category, "an invented " + x.Category})
	}
	b, err := json.Marshal(rows)
	if err != nil {
		return errors.New("encode a copy")
	}
	name := string(s.System) + ".json"
	r.Copies = []string{name}
	return s.request(ctx, http.MethodPut, w.Task+"/copies/"+name, bytes.NewReader(b), nil)
}

// seen counts how often a task came with its verb.
func (s *actor) seen(w *events.Work) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := w.Key + " " + string(w.Verb)
	s.attempts[key]++
	return s.attempts[key]
}

// failures is how often a task fails first: one to three times, by seed and task.
func (s *actor) failures(w *events.Work) int {
	h := fnv.New64a()
	h.Write([]byte(strconv.FormatUint(s.Seed, 10) + w.Key))
	return 1 + int(h.Sum64()%3)
}

func (s *actor) report(ctx context.Context, w *events.Work, r *events.WorkReport) error {
	b, err := r.Encode()
	if err != nil {
		return err
	}
	return s.request(ctx, http.MethodPost, w.Task+"/report", bytes.NewReader(b), nil)
}

func (s *actor) post(ctx context.Context, door string, in, out any) error {
	b, err := json.Marshal(in)
	if err != nil {
		return errors.New("encode a request")
	}
	return s.request(ctx, http.MethodPost, door, bytes.NewReader(b), out)
}

const maxAnswer = 16 << 20

func (s *actor) request(ctx context.Context, method, path string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, s.Server+"/v1/systems/"+string(s.System)+"/tasks/"+path, body)
	if err != nil {
		return errors.New("make a request")
	}
	req.Header.Set("Authorization", "Bearer "+s.Token.Expose())
	req.Header.Set("Content-Type", "application/json")
	res, err := s.Client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		var p struct{ Code, Detail string }
		_ = json.Unmarshal(b, &p)
		return fmt.Errorf("%d %s: %s", res.StatusCode, p.Code, p.Detail)
	}
	if out != nil && json.Unmarshal(b, out) != nil {
		return errors.New("the answer is not in its form")
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
