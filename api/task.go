package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// TaskDesk shows what systems and recipients were told to do, and takes what
// people decide about it. Systems take and report their tasks elsewhere.
type TaskDesk interface {
	ListTasks(context.Context, desk.TaskQuery) (*desk.TaskPage, error)
	ExportTasks(ctx context.Context, q desk.TaskQuery, emit func(*desk.TaskView) error) error
	ShowTask(ctx context.Context, who access.Caller, id string) (*desk.TaskShown, error)
	RetryTask(context.Context, desk.TaskOrder) (*desk.TaskView, error)
	SettleTask(context.Context, desk.SettleOrder) (*desk.TaskView, error)
	ReportByHand(context.Context, desk.HandReport) (*desk.TaskView, error)
}

// TaskRow is one line of the list as a stream: a task, or at last how many there
// were. A list without its last line is not whole.
type TaskRow struct {
	Task *desk.TaskView `json:"task,omitempty"`
	End  *RowsEnd       `json:"end,omitempty"`
}

// TaskSettlement is a person's word about a task that cannot be proven.
type TaskSettlement struct {
	// Choice is chase (send it out again), accept (its state stands), impossible
	// or disproportionate (Article 19).
	Choice string `json:"choice"`
	Reason string `json:"reason"`
}

// TaskByHand is what a person reports for a target without a connector. Text or
// reference says what shows it.
type TaskByHand struct {
	Outcome   string  `json:"outcome"`        // done, accepted, partly, not_found, kept_lawful, refused, failed, found_nothing, still_there, impossible
	Look      bool    `json:"look,omitempty"` // it is of a look whether it was done
	Found     *uint32 `json:"found,omitempty"`
	Removed   *uint32 `json:"removed,omitempty"`
	Ground    string  `json:"ground,omitempty"` // the law by which it is kept or refused
	Until     string  `json:"until,omitempty"`
	Text      string  `json:"text,omitempty"`      // who said so, and when; sealed
	Reference string  `json:"reference,omitempty"` // of a letter or a portal; sealed
}

// taskRoutes is the part of the table about tasks, for people.
func (s *Server) taskRoutes() []Route {
	d := s.cfg.Tasks
	if d == nil {
		return nil
	}
	problems := []string{"look.not_recorded", "task.unknown", "case.refused"}
	row := func(method, path string, p access.Permission, h http.HandlerFunc, takes, gives any, summary string) Route {
		return Route{Method: method, Pattern: "/v1/tasks" + path, Permission: p, Handler: h, Takes: takes, Gives: gives, Summary: summary, Problems: problems}
	}
	list := row("GET", "", access.TasksRead, s.taskList, nil, desk.TaskPage{},
		"What systems and recipients are not done with, or all the tasks of one case: in pages, or with Accept: application/x-ndjson as a stream of lines. It names nobody.")
	list.Stream, list.Query = true, map[string]string{"case": "of this case or batch of disposal, those that have ended too", "system": "only of this system or recipient", "state": "only in this state", "verb": "only with this verb",
		"overdue": "true: only what should be done by now", "after": "next of the page before", "limit": "tasks in a page, up to 1000"}
	return []Route{
		list,
		row("GET", "/{id}", access.TasksRead, s.taskShow, nil, desk.TaskShown{}, "One task: what it asks for, and what was reported."),
		row("POST", "/{id}/retry", access.TasksSettle, taskAct(s, func(in *CaseReason, _ *fields, o desk.TaskOrder) desk.TaskOrder { return because(o, in.Reason) }, d.RetryTask),
			CaseReason{}, desk.TaskView{}, "Send a task out again that ended without proof."),
		row("POST", "/{id}/settle", access.TasksSettle, taskAct(s, func(in *TaskSettlement, f *fields, o desk.TaskOrder) desk.SettleOrder {
			return desk.SettleOrder{TaskOrder: because(o, in.Reason), Choice: f.code("choice", in.Choice)}
		}, d.SettleTask), TaskSettlement{}, desk.TaskView{}, "Record a person's word about a task that cannot be proven."),
		row("POST", "/{id}/report", access.TasksSettle, taskAct(s, (*TaskByHand).order, d.ReportByHand), TaskByHand{}, desk.TaskView{}, "Report for a target that has no connector, with what shows it."),
	}
}

func because(o desk.TaskOrder, reason string) desk.TaskOrder {
	o.Reason = events.NewPlaintext(reason)
	return o
}

func (in *TaskByHand) order(f *fields, o desk.TaskOrder) desk.HandReport {
	return desk.HandReport{TaskOrder: o, Look: in.Look, Report: events.WorkReport{Outcome: f.code("outcome", in.Outcome), Found: in.Found, Removed: in.Removed,
		Ground: f.code("ground", in.Ground), Until: f.date("until", in.Until), Text: events.NewPlaintext(in.Text), Reference: events.NewPlaintext(in.Reference)}}
}

// taskAct handles one act of a person on a task.
func taskAct[In, Order any](s *Server, read func(*In, *fields, desk.TaskOrder) Order, do func(context.Context, Order) (*desk.TaskView, error)) http.HandlerFunc {
	task := func(r *http.Request) desk.TaskOrder {
		return desk.TaskOrder{Caller: CallerOf(r.Context()), Task: r.PathValue("id")}
	}
	return actOn(task, read, do, func(w http.ResponseWriter, r *http.Request, v *desk.TaskView, err error) { keepTask(s, w, r, v, err) })
}

func keepTask[T any](s *Server, w http.ResponseWriter, r *http.Request, v T, err error) {
	keepOf(s, w, r, "task.unknown", v, err)
}

func (s *Server) taskShow(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Tasks.ShowTask(r.Context(), CallerOf(r.Context()), r.PathValue("id"))
	keepTask(s, w, r, v, err)
}

// taskQuery reads the question of a list: codes and ids only.
func taskQuery(r *http.Request) (desk.TaskQuery, *Problem) {
	var f fields
	v := r.URL.Query()
	q := desk.TaskQuery{Caller: CallerOf(r.Context()), Case: v.Get("case"), System: f.code("system", v.Get("system")), State: v.Get("state"), Verb: f.code("verb", v.Get("verb")),
		Overdue: v.Get("overdue") == "true", After: v.Get("after")}
	if n := v.Get("limit"); n != "" {
		var err error
		if q.Limit, err = strconv.Atoi(n); err != nil || q.Limit < 0 || q.Limit > casePageTop {
			f.fail("limit", errors.New("want a number up to 1000"))
		}
	}
	return q, f.bad
}

func (s *Server) taskList(w http.ResponseWriter, r *http.Request) {
	q, p := taskQuery(r)
	if p != nil {
		p.Write(w, r)
		return
	}
	if strings.Contains(r.Header.Get("Accept"), "application/x-ndjson") {
		rows(s, w, r, func(emit func(any) error) error {
			return s.cfg.Tasks.ExportTasks(r.Context(), q, func(t *desk.TaskView) error { return emit(TaskRow{Task: t}) })
		}, func(n int) any { return TaskRow{End: &RowsEnd{Count: n}} })
		return
	}
	v, err := s.cfg.Tasks.ListTasks(r.Context(), q)
	keepTask(s, w, r, v, err)
}
