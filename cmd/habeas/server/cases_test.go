package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/eventstest"
)

// caseFact is one of a case that came in long ago.
func caseFact(version uint32, act, status events.Code) *events.Event {
	e := &events.Event{ID: eventstest.ID(string(act)), Kind: events.CaseRecorded, Source: "habeas", Time: events.InstantOf(time.Now()),
		Of: eventstest.ID("case"), Count: version, Why: act, Condition: status, Date: events.DateOf(time.Now()) - 60, Review: events.DateOf(time.Now()) - 30}
	if version == 1 {
		e.Channels, e.From = []events.Code{"erasure"}, e.Date
	}
	return e
}

func taskFact(version uint32, state events.Code) *events.Event {
	now := events.InstantOf(time.Now())
	return &events.Event{ID: eventstest.ID("task " + string(state)), Kind: events.TaskRecorded, Source: "habeas", Time: now,
		Of: eventstest.ID("case"), Digest: eventstest.ID("task"), Count: version, Why: state, ScopeSystem: "payroll", Condition: "erase",
		Date: events.DateOf(time.Now()) - 1, Through: now - 60_000_000}
}

// Cases and tasks are counted by words; what is overdue shows by itself.
func TestCasesAreMeasured(t *testing.T) {
	s := start(t, configure(t, t.TempDir()))
	for _, e := range []*events.Event{caseFact(1, "opened", "open"), caseFact(2, "approved", "approved"), taskFact(1, "planned"), taskFact(2, "sent")} {
		if _, err := s.Tell(t.Context(), e, "a body"); err != nil {
			t.Fatal(err)
		}
	}
	w := httptest.NewRecorder()
	s.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, line := range []string{
		`habeas_cases{status="approved"} 1`, `habeas_cases{status="open"} 0`, `habeas_cases_overdue 1`,
		`habeas_tasks{state="sent"} 1`, `habeas_tasks{state="planned"} 0`, `habeas_tasks_overdue 1`, `habeas_tasks_lease_ended 1`,
	} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("want %s", line)
		}
	}
	if t.Failed() {
		t.Log(w.Body.String())
	}
}

// A case that has not ended and whose file is gone is damage; one that ended may
// have lost it.
func TestFsckOpensTheFilesOfCases(t *testing.T) {
	s := start(t, configure(t, t.TempDir()))
	body, err := s.Tell(t.Context(), caseFact(1, "opened", "open"), "whom it is about")
	if err != nil {
		t.Fatal(err)
	}
	if c := checkOf(t, s, "cases"); c.Status != "ok" || !strings.Contains(c.Saw, "1 cases, 0 tasks") || !strings.Contains(c.Saw, "the 1 cases") {
		t.Errorf("%+v", c)
	}
	if err := s.ShredNote(t.Context(), body); err != nil {
		t.Fatal(err)
	}
	if c := checkOf(t, s, "cases"); c.Status != "fail" || !strings.Contains(c.Saw, "body 1 of 1") || strings.Contains(c.Saw, "whom") {
		t.Errorf("%+v", c)
	}
	if _, err := s.Tell(t.Context(), caseFact(2, "closed", "closed"), "done"); err != nil {
		t.Fatal(err)
	}
	if c := checkOf(t, s, "cases"); c.Status != "ok" {
		t.Errorf("%+v", c)
	}
}

func checkOf(t *testing.T, s *running, name string) server.Check {
	t.Helper()
	r, err := s.Fsck(context.Background(), func(server.Step) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("fsck does not check %s: %+v", name, r)
	return server.Check{}
}
