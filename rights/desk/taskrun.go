package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

// RunCase carries out what was approved: it makes the tasks durable, then the fact
// that they were started, and only then can anybody claim one (I9). Running again
// finishes what a crash left, adds what waited for a copy that was given since, and
// sends out nothing twice. With OnlyFailed it sends out again what failed.
// What binds from receipt needs no approval. Where nothing is left to do the view
// says so, and that is no error. Errors: ErrForbidden, ErrGone, *cases.Refusal (a
// plan that is stale, or not approved), ErrNotRecorded, ErrBehind.
func (d *Desk) RunCase(ctx context.Context, o RunOrder) (*RunView, error) {
	if err := permit(o.Caller, access.CasesRun); err != nil {
		return nil, err
	}
	if err := d.frozen(); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		v, err := d.runOnce(ctx, o)
		if !errors.Is(err, cases.ErrRace) || try == raceTries {
			return v, err
		}
	}
}

func (d *Desk) runOnce(ctx context.Context, o RunOrder) (*RunView, error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	f, err := d.caseFile(ctx, view, o.Case)
	if err != nil {
		return nil, err
	}
	if err := f.living(); err != nil {
		return nil, err
	}
	if o.OnlyFailed {
		return d.runFailed(ctx, o, view, f)
	}
	v := newRun(f)
	if f.c.Approval == nil && f.c.Binds() {
		return d.runBinding(ctx, o, f, v)
	}
	bodies, err := d.tasksToMake(ctx, view, f, v)
	if err != nil {
		return nil, err
	}
	ids := make([]events.EventID, len(bodies))
	for i := range bodies {
		ids[i] = d.taskID(f.id, &bodies[i])
	}
	act, body := cases.Started, cases.Body{Tasks: cases.IDsOf(ids...), Reason: cases.Text(o.Reason.Expose())}
	if !f.c.Started.IsZero() {
		act = cases.Rerun
		if len(ids) == 0 {
			if err := d.afterStart(ctx, f); err != nil { // what a crash left undone
				return nil, err
			}
			return d.ranNothing(ctx, f, v)
		}
	}
	// Refused before anything is durable: tasks of a plan that is not approved, or
	// no longer what was approved, must not come to be.
	if err := d.mayAct(ctx, o.Caller, f, act, body); err != nil {
		return nil, err
	}
	if v.Made, err = d.planTasks(ctx, o.Caller, f.id, bodies); err != nil {
		return nil, err
	}
	// A crash here leaves tasks that nobody can claim, since their case does not
	// name them yet. Running again makes the same ids and goes on.
	at, err := d.appendCase(ctx, o.Caller, f, act, d.today(), body)
	if err != nil {
		return nil, err
	}
	v.Act, v.Position = string(act), at.String()
	if err := d.afterStart(ctx, f); err != nil {
		return nil, err
	}
	if err := d.sortTasks(ctx, f.id); err != nil {
		return nil, err
	}
	d.ring()
	return v, d.showRun(ctx, f.id, v)
}

func newRun(f *caseFile) *RunView {
	return &RunView{Case: f.id.String(), Act: "none", Held: []string{}, Waiting: []string{}}
}

// ranNothing is the end of a run for which nothing was left: not an error, so that
// whoever is not sure may run again.
func (d *Desk) ranNothing(ctx context.Context, f *caseFile, v *RunView) (*RunView, error) {
	if err := d.sortTasks(ctx, f.id); err != nil {
		return nil, err
	}
	v.Act, v.Code = "none", string(cases.NothingToDo)
	d.ring()
	return v, d.showRun(ctx, f.id, v)
}

// runBinding is a run before anything is approved: what binds from receipt is sent
// out, if that was not done when the case was opened.
func (d *Desk) runBinding(ctx context.Context, o RunOrder, f *caseFile, v *RunView) (*RunView, error) {
	before := len(f.c.Tasks)
	did, err := d.startBinding(ctx, o.Caller, f)
	switch {
	case err != nil:
		return nil, err
	case did:
		v.Act, v.Made, v.Position = string(cases.Started), len(f.c.Tasks)-before, f.position.String()
		return v, d.showRun(ctx, f.id, v)
	case f.c.NeedsApproval():
		return nil, &cases.Refusal{Code: cases.NothingApproved, Text: "what binds from receipt was sent out; the rest of the plan is not approved"}
	}
	return d.ranNothing(ctx, f, v)
}

// mayAct tries an act before the work for it is done.
func (d *Desk) mayAct(ctx context.Context, who access.Caller, f *caseFile, act cases.Act, body cases.Body) error {
	body.By = cases.Person{Token: who.Token, Name: cases.Text(who.Name)}
	_, err := d.nextFact(ctx, who, f, act, d.today(), &body)
	return err
}

// afterStart does what follows from an approval once its tasks are durable. A crash
// before or in it is mended by running again, and when a server starts.
func (d *Desk) afterStart(ctx context.Context, f *caseFile) error {
	a := f.c.Approval
	if a == nil {
		return nil
	}
	at := events.InstantOf(d.d.Now())
	for i := range f.facts {
		if f.facts[i].Act == cases.Approved {
			at = f.facts[i].At
		}
	}
	if err := d.bindApproved(ctx, f.id, at, a.Finals); err != nil {
		return err
	}
	return d.retireApproved(ctx, at, f.c.Members(), a.Finals)
}

// tasksToMake are the tasks of what was approved that are not there yet. What a
// hold keeps now is left out and said: an approval is no permission for it.
func (d *Desk) tasksToMake(ctx context.Context, view View, f *caseFile, v *RunView) ([]cases.TaskBody, error) {
	if f.c.Approval == nil {
		return nil, nil // refused as what it is, when the act is tried
	}
	made, err := d.madeTasks(ctx, view, f)
	if err != nil {
		return nil, err
	}
	p, err := d.casePerson(ctx, view, d.d.Catalogue(), f, max(d.today(), f.opening().Received))
	if err != nil {
		return nil, err
	}
	var finals []cases.Final
	for _, x := range f.c.Approval.Finals {
		holds, owed := p.keptBy(x.Holding)
		owed = owed || f.c.OwesCopy() && len(x.BlockedBy) > 0
		switch {
		case !destroys(&x) || len(holds) == 0 && !owed:
			finals = append(finals, x)
			continue
		case len(holds) > 0:
			v.Held = addText(v.Held, x.Holding)
		default:
			v.Waiting = addText(v.Waiting, x.Holding)
		}
		if x.Outcome != decide.Erase {
			finals = append(finals, sparing(x))
		}
	}
	v.Deferred = len(v.Waiting)
	order := cases.Order{Digest: f.c.Approval.Digest, On: d.today(), Due: d.dueOf(f.c, d.today()), Finals: finals, OwesCopy: f.c.OwesCopy(), Knows: d.ability, Made: made}
	bodies, _ := cases.Fanout(&order)
	return bodies, nil
}

// sparing is an item that restricts or keeps, without what it destroys elsewhere:
// what may not go yet is closed to use all the same.
func sparing(f cases.Final) cases.Final {
	f.Also = slices.DeleteFunc(slices.Clone(f.Also), func(a decide.Also) bool { return a == decide.TakeDown })
	f.Recipients = slices.DeleteFunc(slices.Clone(f.Recipients), func(t cases.Told) bool { return t.Verb == decide.VerbErase || t.Impossible })
	return f
}

func addText(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// madeTasks are the bodies of the tasks that the case names.
func (d *Desk) madeTasks(ctx context.Context, view View, f *caseFile) (out []cases.TaskBody, err error) {
	for _, id := range f.c.Tasks {
		t, err := d.taskFile(ctx, view, id)
		if errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if t.body != nil {
			out = append(out, *t.body)
		}
	}
	return out, nil
}

// destroys reports whether something goes because of an approved item.
func destroys(f *cases.Final) bool {
	if f.Outcome == "erase" || slices.Contains(f.Also, "take_down") {
		return true
	}
	return slices.ContainsFunc(f.Recipients, func(t cases.Told) bool { return t.Verb == "erase" })
}

// ability says what is known of whoever is to act.
func (d *Desk) ability(c events.Code) cases.Ability {
	var a cases.Ability
	a.Connected = d.d.Tasks.Speaks != nil && d.d.Tasks.Speaks(c)
	a.Look = a.Connected
	if s, ok := d.d.Catalogue().System(c); ok {
		a.HostedBy = s.HostedBy
	}
	return a
}

// usualPlanning is how many tasks are made side by side unless Deps say otherwise.
const usualPlanning = 32

// atOnce is how many facts of one act wait for the disk at the same time.
func (d *Desk) atOnce() int {
	if d.d.Tasks.Planning > 0 {
		return d.d.Tasks.Planning
	}
	return usualPlanning
}

// planTasks makes tasks durable, those that are not there yet. It is the first
// durable step of whatever is to be destroyed (I9), and may be called again.
func (d *Desk) planTasks(ctx context.Context, who access.Caller, of events.EventID, bodies []cases.TaskBody) (made int, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots := make(chan struct{}, d.atOnce())
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i := range bodies {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			fresh, err := d.planTask(ctx, who, of, &bodies[i])
			if err != nil {
				cancel(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if fresh {
				made++
			}
		})
	}
	wg.Wait()
	return made, context.Cause(ctx)
}

func (d *Desk) planTask(ctx context.Context, who access.Caller, of events.EventID, b *cases.TaskBody) (fresh bool, err error) {
	id := d.taskID(of, b)
	view := d.d.View()
	_, err = casebook.TaskOf(view, id)
	d.shut(ctx, view)
	if !errors.Is(err, casebook.ErrUnknown) {
		return false, err
	}
	sealed, err := cases.EncodeTask(b)
	if err != nil {
		return false, fmt.Errorf("make a task for %s: %w", b.System, err)
	}
	t := b.Plan(of, id)
	_, err = d.stepTask(ctx, who, &taskFile{}, t, "task.planned", sealed)
	if errors.Is(err, cases.ErrRace) {
		return false, nil // somebody made the same one
	}
	return err == nil, err
}

// runFailed sends out again what failed, was refused in part, or has to be chased.
func (d *Desk) runFailed(ctx context.Context, o RunOrder, view View, f *caseFile) (*RunView, error) {
	v := newRun(f)
	list, err := d.tasksOf(ctx, view, f.id)
	if err != nil {
		return nil, err
	}
	var again []events.EventID
	for i := range list {
		t := &list[i]
		failed := t.State == cases.TaskFailed || t.State == cases.TaskPartly && t.Detail == cases.DetailDeadLetter
		if failed && !t.Ended() && slices.Contains(f.c.Tasks, t.ID) {
			again = append(again, t.ID)
		}
	}
	if len(again) == 0 && len(f.c.Tasks) > 0 {
		return d.ranNothing(ctx, f, v)
	}
	at, err := d.appendCase(ctx, o.Caller, f, cases.Rerun, d.today(), cases.Body{Tasks: cases.IDsOf(again...), Reason: cases.Text(o.Reason.Expose())})
	if err != nil {
		return nil, err
	}
	// A crash from here on leaves some that were not sent out: they stand as failed
	// and can be run again.
	v.Act, v.Position = string(cases.Rerun), at.String()
	for _, id := range again {
		if _, err := d.chooseTask(ctx, o.Caller, id, cases.ChooseChase); err != nil {
			return nil, err
		}
		v.Again++
	}
	d.ring()
	return v, d.showRun(ctx, f.id, v)
}

func (d *Desk) showRun(ctx context.Context, of events.EventID, v *RunView) error {
	view := d.d.View()
	defer d.shut(ctx, view)
	list, err := casebook.TasksOf(view, of)
	if err != nil {
		return fmt.Errorf("read the tasks of a case: %w", err)
	}
	v.Tasks = make([]TaskView, len(list))
	for i := range list {
		v.Tasks[i] = d.taskView(&list[i])
	}
	return nil
}
