package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/caseview"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
)

// taskRoutes are the pages about tasks; none without a desk of tasks.
func (c *Console) taskRoutes() []api.Route {
	if c.cfg.Tasks == nil {
		return nil
	}
	page := func(method, pattern string, p access.Permission, h http.HandlerFunc, summary string) api.Route {
		return api.Route{Method: method, Pattern: pattern, Permission: p, Handler: h, Summary: summary, Face: api.Page}
	}
	return []api.Route{
		page("GET", "/tasks", access.TasksRead, c.taskList, "What systems and recipients are not done with."),
		page("POST", "/tasks", access.TasksRead, c.taskList, "Some of them."),
		page("GET", "/task/{id}", access.TasksRead, c.taskPage, "One task."),
		page("POST", "/task/{id}/settle", access.TasksSettle, c.taskSettle, "Say what becomes of a task that cannot be proven."),
		page("POST", "/task/{id}/report", access.TasksSettle, c.taskReport, "Report for a target without a connector."),
	}
}

// taskRow is one task in words.
type taskRow struct {
	ID, Case, Target, Does, State, By string
	Look, Overdue, Person             bool
}

func (c *Console) taskRow(t *desk.TaskView) taskRow {
	state, look := caseview.TaskState(t.State)
	r := taskRow{ID: t.Task, Case: t.Case, Target: c.target(t), Does: caseview.Verb(t.Verb), State: state, Look: look || t.Person, Overdue: t.Overdue, Person: t.Person}
	if !t.ActBefore.IsZero() {
		r.By = t.ActBefore.Time().Format("2 January 2006")
	}
	return r
}

// target names whoever acts.
func (c *Console) target(t *desk.TaskView) string {
	cat := c.cfg.Catalogue()
	if t.Recipient != "" {
		return cat.RecipientName(events.Code(t.Recipient))
	}
	return cat.Name("system", events.Code(t.System))
}

// taskRows is the part of the page of tasks.
type taskRows struct {
	Rows     []taskRow
	States   []kind
	Overdue  bool
	Counts   []string
	More     string
	Position string
}

func (c *Console) taskList(w http.ResponseWriter, r *http.Request) {
	if !c.parse(w, r) {
		return
	}
	v := r.Form
	q := desk.TaskQuery{Caller: api.CallerOf(r.Context()), State: v.Get("state"), Overdue: v.Get("overdue") != "", After: v.Get("after"), Limit: 100}
	if q.State != "" && !slices.Contains(caseview.TaskStates(), q.State) {
		c.Refuse(w, r, api.NewProblem("request.malformed", "want a state of the list"))
		return
	}
	list, err := c.cfg.Tasks.ListTasks(r.Context(), q)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	words := func(code string) string { s, _ := caseview.TaskState(code); return s }
	p := taskRows{Rows: []taskRow{}, States: chosen(caseview.TaskStates(), words, q.State), Overdue: q.Overdue, Counts: caseview.Tasks(list.Counts), Position: list.AsOf.Position}
	for i := range list.Tasks {
		p.Rows = append(p.Rows, c.taskRow(&list.Tasks[i]))
	}
	if list.Next != "" {
		v.Set("after", list.Next)
		p.More = "/tasks?" + v.Encode()
	}
	c.show(w, r, http.StatusOK, "tasks", "Tasks", p)
}

// aTask is the part of the page of one task.
type aTask struct {
	taskRow
	Steps    []string
	Parts    []string
	Outcomes []kind
	Settle   bool // the reader may say what becomes of it
	Ended    bool
	Done     string
	Errors   []fault
}

func (c *Console) taskPage(w http.ResponseWriter, r *http.Request) {
	c.oneTask(w, r, http.StatusOK, aTask{})
}

func (c *Console) oneTask(w http.ResponseWriter, r *http.Request, status int, p aTask) {
	who := api.CallerOf(r.Context())
	v, err := c.cfg.Tasks.ShowTask(r.Context(), who, r.PathValue("id"))
	if errors.Is(err, desk.ErrGone) {
		c.Refuse(w, r, api.NewProblem("task.unknown", ""))
		return
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	p.taskRow, p.Settle, p.Ended = c.taskRow(&v.TaskView), who.May(access.TasksSettle), v.Ended
	cat := c.cfg.Catalogue()
	for _, x := range v.Parts {
		code, element, _ := strings.Cut(x.Category, "/")
		p.Parts = append(p.Parts, cat.CategoryName(events.Category{Code: events.Code(code), Element: events.Code(element)}))
	}
	for _, h := range v.History {
		words, _ := caseview.TaskState(h.State)
		text := plain(h.At.Time(), c.cfg.Zone) + ": " + words
		if x := h.Receipt; x != nil {
			text += ". Reported: " + strings.ReplaceAll(x.Outcome, "_", " ")
			for _, said := range []string{x.Reference, x.Text} {
				if said != "" {
					text += ", " + said
				}
			}
		}
		p.Steps = append(p.Steps, text)
	}
	for _, o := range cases.Outcomes() {
		p.Outcomes = append(p.Outcomes, kind{Code: string(o), Name: strings.ReplaceAll(string(o), "_", " ")})
	}
	c.show(w, r, status, "task", "A task", p)
}

func (c *Console) taskSettle(w http.ResponseWriter, r *http.Request) {
	if !c.parse(w, r) {
		return
	}
	f := r.PostForm
	_, err := c.cfg.Tasks.SettleTask(r.Context(), desk.SettleOrder{Choice: events.Code(f.Get("as")),
		TaskOrder: desk.TaskOrder{Caller: api.CallerOf(r.Context()), Task: r.PathValue("id"), Reason: events.NewPlaintext(strings.TrimSpace(f.Get("reason")))}})
	c.taskDone(w, r, err)
}

func (c *Console) taskReport(w http.ResponseWriter, r *http.Request) {
	if !c.parse(w, r) {
		return
	}
	f := r.PostForm
	_, err := c.cfg.Tasks.ReportByHand(r.Context(), desk.HandReport{TaskOrder: desk.TaskOrder{Caller: api.CallerOf(r.Context()), Task: r.PathValue("id")}, Look: f.Get("look") != "",
		Report: events.WorkReport{Outcome: events.Code(f.Get("outcome")), Reference: events.NewPlaintext(strings.TrimSpace(f.Get("reference")))}})
	c.taskDone(w, r, err)
}

// taskDone shows a task as it stands after a form, or says why nothing was
// recorded.
func (c *Console) taskDone(w http.ResponseWriter, r *http.Request, err error) {
	if err == nil {
		c.oneTask(w, r, http.StatusOK, aTask{Done: "Recorded."})
		return
	}
	p := api.DeskProblem(w, err)
	if p.Status >= 500 {
		c.fail(w, r, err)
		return
	}
	c.oneTask(w, r, p.Status, aTask{Errors: []fault{{"reason", nothing(p)}}})
}
