package sdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/habeas-data/habeas/connectors/sdk"
)

const planted = "priya.planted@example.org"

// A server speaks the published form from files that the server's own tests read
// too.
type server struct {
	*httptest.Server
	mu      sync.Mutex
	tasks   []json.RawMessage   // guarded by mu: not claimed yet
	reports []map[string]any    // guarded by mu
	copies  map[string]string   // guarded by mu
	fail    map[string][]int    // guarded by mu: by door, what to answer first
	claims  []map[string]any    // guarded by mu
	heard   chan map[string]any // each report
}

func start(t *testing.T, n int) *server {
	s := &server{copies: map[string]string{}, fail: map[string][]int{}, heard: make(chan map[string]any, 100)}
	task, err := os.ReadFile("testdata/work.json")
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		s.tasks = append(s.tasks, task)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/systems/crm/tasks/claim", s.door("claim", func(in map[string]any) any {
		s.claims = append(s.claims, in)
		k := min(int(in["max"].(float64)), len(s.tasks))
		out := map[string]any{"tasks": s.tasks[:k]}
		s.tasks = s.tasks[k:]
		return out
	}))
	mux.HandleFunc("POST /v1/systems/crm/tasks/{task}/report", s.door("report", func(in map[string]any) any {
		s.reports = append(s.reports, in)
		s.heard <- in
		return map[string]any{"task": "5e", "state": "accepted"}
	}))
	mux.HandleFunc("PUT /v1/systems/crm/tasks/{task}/copies/{name}", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.copies[r.PathValue("name")] = string(b)
		_ = json.NewEncoder(w).Encode(sdk.Copied{Task: r.PathValue("task"), Name: r.PathValue("name"), Bytes: int64(len(b))})
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *server) door(name string, fn func(map[string]any) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"code":"token.invalid","detail":"no"}`)
			return
		}
		if f := s.fail[name]; len(f) > 0 {
			s.fail[name] = f[1:]
			w.WriteHeader(f[0])
			return
		}
		in := map[string]any{}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(fn(in))
	}
}

func (s *server) client(t *testing.T, token string) *sdk.Client {
	c, err := sdk.NewHTTP(s.URL, token, "crm", nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// work runs until the handler was called and n reports were heard.
func (s *server) work(t *testing.T, n int, h sdk.Handler) (log string) {
	t.Helper()
	var buf bytes.Buffer
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- s.client(t, "secret").Work(ctx, sdk.Options{AtOnce: 3, Lease: 20 * time.Second, Wait: time.Second, Log: slog.New(slog.NewTextHandler(&buf, nil))}, h)
	}()
	for range n {
		select {
		case <-s.heard:
		case <-time.After(20 * time.Second):
			t.Fatal("no report came")
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// TestTaskForm reads the published example and shows nothing of the person.
func TestTaskForm(t *testing.T) {
	b, err := os.ReadFile("testdata/work.json")
	if err != nil {
		t.Fatal(err)
	}
	var task sdk.Task
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields() // a field that the form gained belongs here too
	if err := d.Decode(&task); err != nil {
		t.Fatal(err)
	}
	if task.Subject[0].Value != planted || task.Verb != sdk.Erase || task.Attempt != 1 || task.Key == "" {
		t.Errorf("read %s wrongly", task)
	}
	var buf bytes.Buffer
	slog.New(slog.NewJSONHandler(&buf, nil)).Info("x", "task", task, "who", task.Subject[0])
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s", task, task, task, task), fmt.Sprintf("%v %q", task.Subject, task.Subject[0]), buf.String()} {
		if strings.Contains(shown, "planted") {
			t.Errorf("a task shows whom it is about: %s", shown)
		}
	}
}

func TestWork(t *testing.T) {
	s := start(t, 7)
	var mu sync.Mutex
	now, most := 0, 0
	log := s.work(t, 7, func(_ context.Context, task sdk.Task) (sdk.Report, error) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		defer func() { mu.Lock(); now--; mu.Unlock() }()
		return sdk.Report{Outcome: sdk.Done, Found: sdk.Count(2), Removed: sdk.Count(2), Text: "gone: " + task.Subject[0].Value, RetryAfter: 90 * time.Second}, nil
	})
	if most > 3 {
		t.Errorf("%d in hand at once, want at most 3", most)
	}
	if r := s.reports[0]; r["outcome"] != "done" || r["found"] != 2.0 || r["attempt"] != 1.0 || r["retry_after_seconds"] != 90.0 {
		t.Errorf("reported %v", r)
	}
	if strings.Contains(log, "planted") {
		t.Errorf("the log names somebody: %s", log)
	}
}

// TestFailingHandlers: an error, a panic and a forgotten outcome are failures, and
// what they said stays here.
func TestFailingHandlers(t *testing.T) {
	for name, h := range map[string]sdk.Handler{
		"error": func(context.Context, sdk.Task) (sdk.Report, error) { return sdk.Report{}, errors.New("down") },
		"panic": func(_ context.Context, t sdk.Task) (sdk.Report, error) { panic(t.Subject[0].Value) },
		"none":  func(context.Context, sdk.Task) (sdk.Report, error) { return sdk.Report{}, nil },
	} {
		s := start(t, 1)
		log := s.work(t, 1, h)
		if r := s.reports[0]; r["outcome"] != "failed" || r["detail"] != "handler_failed" {
			t.Errorf("%s: reported %v", name, r)
		}
		if strings.Contains(log, "planted") {
			t.Errorf("%s: the log names somebody: %s", name, log)
		}
	}
}

// TestServerAway: claims and reports are tried again while the server is away.
func TestServerAway(t *testing.T) {
	s := start(t, 1)
	s.fail["claim"], s.fail["report"] = []int{503, 429}, []int{503, 502}
	s.work(t, 1, func(context.Context, sdk.Task) (sdk.Report, error) { return sdk.Report{Outcome: sdk.Done}, nil })
}

// TestRefused: a token that is refused ends the work.
func TestRefused(t *testing.T) {
	s := start(t, 0)
	err := s.client(t, "wrong").Work(t.Context(), sdk.Options{}, nil)
	var no *sdk.Error
	if !errors.As(err, &no) || no.Code != "token.invalid" || strings.Contains(err.Error(), "wrong") {
		t.Errorf("got %v, want token.invalid", err)
	}
}

func TestCopy(t *testing.T) {
	s := start(t, 1)
	c := s.client(t, "secret")
	tasks, _, err := c.Claim(t.Context(), sdk.Claim{})
	if err != nil || len(tasks) != 1 {
		t.Fatal(err)
	}
	got, err := c.Copy(t.Context(), tasks[0], "profile of it.json", "application/json", strings.NewReader(`{"a":1}`))
	if err != nil || got.Bytes != 7 || s.copies["profile of it.json"] != `{"a":1}` {
		t.Errorf("got %+v, %v; kept %v", got, err, s.copies)
	}
	if _, err := sdk.NewNATS(nil, "crm").Copy(t.Context(), tasks[0], "x", "", nil); !errors.Is(err, sdk.ErrNoCopies) {
		t.Errorf("over NATS: %v", err)
	}
}

func TestNewHTTP(t *testing.T) {
	for _, bad := range []string{"", "crm", "ftp://x", "://"} {
		if _, err := sdk.NewHTTP(bad, "t", "s", nil); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if _, err := sdk.NewHTTP("https://x", "", "s", nil); err == nil {
		t.Error("no token was taken")
	}
}
