package api_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
)

// fakeTasks keeps what it was asked beside what the cases were.
type fakeTasks struct{ *fakeCases }

func (f fakeTasks) ListTasks(_ context.Context, q desk.TaskQuery) (*desk.TaskPage, error) {
	f.order = q
	return &desk.TaskPage{Tasks: []desk.TaskView{}, Counts: map[string]int{}}, f.err
}
func (f fakeTasks) ExportTasks(_ context.Context, q desk.TaskQuery, emit func(*desk.TaskView) error) error {
	f.order = q
	for range f.lines {
		if err := emit(&desk.TaskView{State: "sent"}); err != nil {
			return err
		}
	}
	return f.err
}
func (f fakeTasks) ShowTask(_ context.Context, _ access.Caller, id string) (*desk.TaskShown, error) {
	f.order = id
	return &desk.TaskShown{TaskView: desk.TaskView{Task: id}}, f.err
}
func (f fakeTasks) RetryTask(_ context.Context, o desk.TaskOrder) (*desk.TaskView, error) {
	f.order = o
	return &desk.TaskView{Task: o.Task}, f.err
}
func (f fakeTasks) SettleTask(_ context.Context, o desk.SettleOrder) (*desk.TaskView, error) {
	f.order = o
	return &desk.TaskView{Task: o.Task}, f.err
}
func (f fakeTasks) ReportByHand(_ context.Context, o desk.HandReport) (*desk.TaskView, error) {
	f.order = o
	return &desk.TaskView{Task: o.Task}, f.err
}

func init() {
	bodies["POST /v1/tasks/{id}/retry"] = `{"reason":"it was down"}`
	bodies["POST /v1/tasks/{id}/settle"] = `{"choice":"impossible","reason":"they closed down"}`
	bodies["POST /v1/tasks/{id}/report"] = `{"outcome":"done","reference":"letter of 3 March"}`
}

func TestTaskRoutes(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/v1/tasks?case=c1&system=crm&state=failed&verb=erase&overdue=true&limit=3", "", 200, `"tasks":[]`},
		{"GET", "/v1/tasks?limit=many", "", 400, `"pointer":"/limit"`},
		{"GET", "/v1/tasks/t1", "", 200, `"task":"t1"`},
		{"POST", "/v1/tasks/t1/settle", `{"choice":"Not A Code","reason":"r"}`, 400, `"pointer":"/choice"`},
		{"POST", "/v1/tasks/t1/report", `{"outcome":"done","until":"soon"}`, 400, `"pointer":"/until"`},
	} {
		if rec := w.do(c.method, c.path, access.DPO, c.body); rec.Code != c.status || !strings.Contains(rec.Body.String(), c.want) {
			t.Errorf("%s %s: %d %s", c.method, c.path, rec.Code, rec.Body)
		}
	}
	if rec := w.do("POST", "/v1/tasks/t1/report", access.Caseworker, `{"outcome":"kept_lawful","ground":"tax","until":"2031-04-05","reference":"R-1","look":true}`); rec.Code != 200 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if o := w.cases.order.(desk.HandReport); o.Report.Outcome != "kept_lawful" || o.Report.Ground != "tax" || o.Report.Until != day(t, "2031-04-05") || o.Report.Reference.Expose() != "R-1" || !o.Look {
		t.Errorf("reported %+v", o.Report)
	}
	w.cases.err = fmt.Errorf("x: %w", desk.ErrGone)
	if rec := w.do("GET", "/v1/tasks/t1", access.DPO, ""); rec.Code != 404 || code(t, rec) != "task.unknown" {
		t.Errorf("an unknown task: %d %s", rec.Code, rec.Body)
	}
	w.cases.err = &cases.Refusal{Code: cases.TaskEnded, Text: "ended"}
	if rec := w.do("POST", "/v1/tasks/t1/retry", access.DPO, `{"reason":"r"}`); rec.Code != 409 || code(t, rec) != "TASK_ENDED" {
		t.Errorf("a task that has ended: %d %s", rec.Code, rec.Body)
	}
}

// A list of tasks as a stream ends with how many there were.
func TestTaskStream(t *testing.T) {
	w := newWorld(t)
	w.cases.lines = 2
	r := httptest.NewRequest("GET", "/v1/tasks", nil)
	r.Header.Set("Authorization", "Bearer "+w.tokens[access.Engineer])
	r.Header.Set("Accept", "application/x-ndjson")
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, r)
	if lines := strings.Split(strings.TrimSpace(rec.Body.String()), "\n"); len(lines) != 3 || lines[2] != `{"end":{"count":2}}` {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
