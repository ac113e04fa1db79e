package desk

import (
	"context"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
)

// A taskFile is a task as it was read at a position. One goroutine owns it;
// stepTask brings it up to its own fact.
type taskFile struct {
	row  casebook.Task
	task cases.Task
	body *cases.TaskBody // nil: shredded
}

// policy is how patient tasks are here.
func (d *Desk) policy() *cases.Policy {
	if d.d.Tasks.Policy == (cases.Policy{}) {
		return &cases.DefaultPolicy
	}
	return &d.d.Tasks.Policy
}

// ring tells whoever hands out tasks that there may be something new.
func (d *Desk) ring() {
	if d.d.Tasks.Ring != nil {
		d.d.Tasks.Ring()
	}
}

// wake tells them that what kept tasks back may be over.
func (d *Desk) wake() {
	if d.d.Tasks.Wake == nil {
		d.ring()
		return
	}
	d.d.Tasks.Wake()
}

// self is who acts where time alone does.
func (d *Desk) self() access.Caller { return access.Caller{Token: "habeas", Name: "habeas"} }

// taskNow is a row of the book as the rules read it.
func taskNow(t *casebook.Task) cases.Task {
	return cases.Task{Case: t.Case, ID: t.ID, Version: t.Version, State: cases.TaskState(t.State), Detail: t.Detail, System: t.System, Verb: t.Verb,
		Recipient: t.Recipient, ActBefore: t.ActBefore, NotBefore: t.NotBefore, Lease: t.Lease, Attempts: t.Attempts}
}

// findTask finds a task by its id, or by the beginning of one.
func (d *Desk) findTask(view View, id string) (events.EventID, error) {
	of, err := casebook.FindTask(view, id)
	switch {
	case errors.Is(err, casebook.ErrAmbiguous):
		return of, &Fault{Part: "task", Text: "several tasks begin so; give more of the id"}
	case errors.Is(err, casebook.ErrUnknown):
		return of, fmt.Errorf("%w: no task of that id; see habeas tasks", ErrGone)
	case err != nil:
		return of, fmt.Errorf("find a task: %w", err)
	}
	return of, nil
}

// taskFile reads a task. One that was shredded has no body.
func (d *Desk) taskFile(ctx context.Context, view View, id events.EventID) (*taskFile, error) {
	row, err := casebook.TaskOf(view, id)
	if errors.Is(err, casebook.ErrUnknown) {
		return nil, fmt.Errorf("%w: no task of that id", ErrGone)
	}
	if err != nil {
		return nil, fmt.Errorf("read a task: %w", err)
	}
	f := &taskFile{row: *row, task: taskNow(row)}
	b, err := d.openCase(ctx, row.Body)
	if err == nil {
		f.body, err = cases.DecodeTask(b)
	}
	if err == nil && f.body.Person == nil {
		f.body.Judge(d.ability(f.body.System)) // its token may have been made after it
	}
	if err != nil && !errors.Is(err, ErrGone) {
		return nil, fmt.Errorf("read a task: %w", err)
	}
	return f, nil
}

func (f *taskFile) living() error {
	if f.body == nil {
		return fmt.Errorf("%w: what was sealed of this task has been destroyed; its states and dates are left", ErrGone)
	}
	return nil
}

// stepTask makes the next fact of a task durable. body is sealed with it; nil:
// nothing is. cases.ErrRace: somebody else was first.
func (d *Desk) stepTask(ctx context.Context, who access.Caller, f *taskFile, next cases.Task, act events.Code, body []byte) (note events.EventID, err error) {
	x := taskFact{Task: next.ID, Of: next.Case, Version: next.Version, State: next.State, System: next.System, Recipient: next.Recipient, Verb: next.Verb,
		Detail: next.Detail, ActBefore: next.ActBefore, NotBefore: next.NotBefore, Lease: next.Lease, Body: body, Act: act}
	at, note, err := d.appendTask(ctx, who, x)
	if err != nil {
		return note, err
	}
	f.task = next
	f.row.Version, f.row.State, f.row.Detail, f.row.NotBefore, f.row.Lease = next.Version, events.Code(next.State), next.Detail, next.NotBefore, next.Lease
	f.row.ActBefore, f.row.Attempts, f.row.Place, f.row.Touched = next.ActBefore, next.Attempts, at, events.InstantOf(d.d.Now())
	return note, nil
}

// taskID derives the id of a task from what it asks for, under a key of the vault:
// making the tasks of a plan again makes no second one.
func (d *Desk) taskID(of events.EventID, b *cases.TaskBody) events.EventID {
	return d.d.Allocator.EventID(inventory.Operator, events.NewPlaintext(string(b.Key(of))))
}
