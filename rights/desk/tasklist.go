package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
)

// usualTasks is how many tasks a page has unless the question says otherwise.
const usualTasks = 100

func (d *Desk) taskView(row *casebook.Task) TaskView {
	t := taskNow(row)
	v := TaskView{Task: t.ID.String(), Case: t.Case.String(), System: string(t.System), Recipient: string(t.Recipient), Verb: string(t.Verb), State: string(t.State),
		Says: taskSays[t.State], Detail: string(t.Detail), ActBefore: t.ActBefore, NotBefore: t.NotBefore, Lease: t.Lease, Attempts: t.Attempts, Planned: row.Planned,
		Touched: row.Touched, Ended: t.Ended(), Person: t.WaitsForPerson(), Simulated: row.Simulated || d.d.Simulated}
	if t.Abandoned() {
		v.Says = "was made and never sent out: its case does not ask for it"
	}
	v.Overdue = !v.Ended && !t.ActBefore.IsZero() && d.today() > t.ActBefore
	return v
}

var taskSays = func() map[cases.TaskState]string {
	out := map[cases.TaskState]string{}
	for _, r := range cases.TaskStates() {
		out[r.State] = r.Says
	}
	return out
}()

// ListTasks lists what systems and recipients are not done with, or all the tasks of
// one case. It names nobody. Errors: ErrForbidden, ErrGone, ErrQuestion.
func (d *Desk) ListTasks(ctx context.Context, q TaskQuery) (*TaskPage, error) {
	page := &TaskPage{Tasks: []TaskView{}, Counts: map[string]int{}}
	if q.Limit <= 0 {
		q.Limit = usualTasks
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	err := d.eachTask(ctx, view, &q, func(v *TaskView, cursor string) error {
		if len(page.Tasks) == q.Limit {
			page.Next = cursor
			return errEnough
		}
		page.Tasks = append(page.Tasks, *v)
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	totals, err := casebook.Counts(view)
	if err != nil {
		return nil, fmt.Errorf("count the tasks: %w", err)
	}
	for _, s := range casebook.States() {
		if n := totals.Tasks.In(s); n > 0 {
			page.Counts[string(s)] = int(n)
		}
	}
	page.AsOf = events.AsOf{Position: view.Position().String(), Time: events.InstantOf(d.d.Now())}
	return page, nil
}

// ExportTasks gives every task of a question, one by one. Errors: those of
// ListTasks, and of emit.
func (d *Desk) ExportTasks(ctx context.Context, q TaskQuery, emit func(*TaskView) error) error {
	view := d.d.View()
	defer d.shut(ctx, view)
	return d.eachTask(ctx, view, &q, func(v *TaskView, _ string) error { return emit(v) })
}

var errEnough = errors.New("enough")

// eachTask calls fn with each task of a question and the cursor of the one before
// it.
func (d *Desk) eachTask(ctx context.Context, view View, q *TaskQuery, fn func(v *TaskView, before string) error) error {
	if err := permit(q.Caller, access.TasksRead); err != nil {
		return err
	}
	if q.Case != "" {
		return d.eachOfCase(view, q, fn)
	}
	from, after, err := taskCursor(q.After)
	if err != nil {
		return err
	}
	systems, err := casebook.Systems(view)
	if err != nil {
		return fmt.Errorf("read which systems have tasks: %w", err)
	}
	if from != "" {
		systems = systems[max(0, slices.Index(systems, from)):]
	}
	last := q.After
	for _, s := range systems {
		if q.System != "" && s != q.System {
			continue
		}
		if s != from {
			after = events.EventID{}
		}
		for {
			list, err := casebook.OpenTasks(view, s, after, tending)
			if err != nil {
				return fmt.Errorf("read the tasks of %s: %w", s, err)
			}
			for i := range list {
				v := d.taskView(&list[i])
				if q.takes(&v) {
					if err := fn(&v, last); err != nil {
						return err
					}
				}
				after = list[i].ID
				last = string(s) + " " + after.String()
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if len(list) < tending {
				break
			}
		}
	}
	return nil
}

func (d *Desk) eachOfCase(view View, q *TaskQuery, fn func(v *TaskView, before string) error) error {
	of, err := d.taskOwner(view, q.Case)
	if err != nil {
		return err
	}
	list, err := casebook.TasksOf(view, of)
	if err != nil {
		return fmt.Errorf("read the tasks of a case: %w", err)
	}
	last, skip := q.After, q.After != ""
	for i := range list {
		v := d.taskView(&list[i])
		if !skip && q.takes(&v) {
			if err := fn(&v, last); err != nil {
				return err
			}
		}
		last = string(list[i].System) + " " + v.Task
		if last == q.After {
			skip = false
		}
	}
	return nil
}

// taskOwner finds the case of an id, or the batch of a disposal.
func (d *Desk) taskOwner(view View, id string) (events.EventID, error) {
	of, err := d.caseID(view, id)
	if !errors.Is(err, ErrGone) {
		return of, err
	}
	batch, bad := events.ParseEventID(id)
	if bad != nil {
		return of, err
	}
	if list, _ := casebook.TasksOf(view, batch); len(list) == 0 {
		return of, err
	}
	return batch, nil
}

func (q *TaskQuery) takes(v *TaskView) bool {
	return (q.Case != "" || q.State != "" || !v.Ended) && (q.System == "" || string(q.System) == v.System) && (q.State == "" || q.State == v.State) &&
		(q.Verb == "" || string(q.Verb) == v.Verb) && (!q.Overdue || v.Overdue)
}

func taskCursor(s string) (system events.Code, after events.EventID, err error) {
	if s == "" {
		return "", after, nil
	}
	c, id, ok := strings.Cut(s, " ")
	after, bad := events.ParseEventID(id)
	code, worse := events.ParseCode(c)
	if !ok || bad != nil || worse != nil {
		return "", after, &Fault{Part: "after", Text: "want the word that the page before gave as next"}
	}
	return code, after, nil
}

// ShowTask shows one task: what it asks for, and what was reported. The words of
// reports are shown to those who may see the case; the look is recorded first.
// Errors: ErrForbidden, ErrGone, ErrQuestion, ErrNotRecorded.
func (d *Desk) ShowTask(ctx context.Context, who access.Caller, id string) (*TaskShown, error) {
	if err := permit(who, access.TasksRead); err != nil {
		return nil, err
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	of, err := d.findTask(view, id)
	if err != nil {
		return nil, err
	}
	t, err := d.taskFile(ctx, view, of)
	if err != nil {
		return nil, err
	}
	named := who.May(access.CasesRead)
	if named {
		entry := audit.Entry{Act: "tasks.show", Case: t.task.Case, Target: t.task.System, Outcome: audit.Found, Position: view.Position()}
		if _, err := d.recordEntry(ctx, who, entry, nil, nil, events.Plaintext{}); err != nil {
			return nil, err
		}
	}
	v := &TaskShown{TaskView: d.taskView(&t.row), Parts: []TaskPart{}, Shredded: t.body == nil}
	if b := t.body; b != nil {
		v.Of, v.ActingAs, v.HostedBy, v.Hand, v.Look = string(b.Of), string(b.ActingAs), string(b.HostedBy), b.Hand, b.Look
		for _, x := range b.Scope {
			part := TaskPart{Holding: x.Holding, Dataset: string(x.Dataset), Activity: x.Activity, Category: x.Category, RecordDate: x.RecordDate}
			if x.Keep != nil {
				part.Keep = x.Keep.Elements
			}
			v.Parts = append(v.Parts, part)
		}
	}
	v.History, err = d.taskHistory(ctx, view, of, named)
	return v, err
}

func (d *Desk) taskHistory(ctx context.Context, view View, id events.EventID, named bool) ([]TaskHistory, error) {
	facts, err := casebook.TaskFacts(view, id)
	if err != nil {
		return nil, fmt.Errorf("read the facts of a task: %w", err)
	}
	out := make([]TaskHistory, 0, len(facts))
	for i := range facts {
		e := &facts[i].Event
		line := TaskHistory{Version: e.Count, At: e.Time, State: string(e.Why), Detail: string(e.Evidence)}
		if e.Count > 1 && e.Why != events.Code(cases.TaskSent) && !e.Note.IsZero() {
			if line.Receipt, err = d.receiptView(ctx, e.Note, named); err != nil {
				return nil, err
			}
		}
		out = append(out, line)
	}
	return out, nil
}

func (d *Desk) receiptView(ctx context.Context, note events.EventID, named bool) (*TaskReceiptView, error) {
	b, err := d.openCase(ctx, note)
	if errors.Is(err, ErrGone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := cases.DecodeReceipt(b)
	if err != nil {
		return nil, fmt.Errorf("read a receipt: %w", err)
	}
	v := &TaskReceiptView{ID: note.String(), By: string(r.By.Token), Attempt: r.Attempt, Look: r.Look, Outcome: string(r.Outcome), Ground: string(r.Ground),
		Until: r.Until, Detail: string(r.Detail), Found: r.Found, Removed: r.Removed, Left: r.Left}
	if named { // a system's own words, the names of its copies too
		v.Text, v.Reference, v.Copies = string(r.Text), string(r.Ref), r.Copies
	}
	return v, nil
}
