package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
)

// RetryTask sends a task out again that ended without proof, or that nobody takes.
// Errors: those of SettleTask.
func (d *Desk) RetryTask(ctx context.Context, o TaskOrder) (*TaskView, error) {
	return d.SettleTask(ctx, SettleOrder{TaskOrder: o, Choice: cases.ChooseChase})
}

// SettleTask records a person's word about a task that cannot be proven: to chase
// it, to take its state as the end, or that it is impossible or disproportionate
// (Article 19), each with a reason. The word is a fact of the case first, then of
// the task. Errors: ErrForbidden, ErrGone, ErrQuestion, *cases.Refusal,
// ErrNotRecorded, ErrBehind.
func (d *Desk) SettleTask(ctx context.Context, o SettleOrder) (*TaskView, error) {
	if err := permit(o.Caller, access.TasksSettle); err != nil {
		return nil, err
	}
	if o.Reason.IsZero() {
		return nil, &Fault{Part: "reason", Text: "want a reason"}
	}
	if !slices.Contains(cases.Choices(), o.Choice) {
		return nil, &Fault{Part: "choice", Text: "want chase, accept, impossible or disproportionate"}
	}
	if o.Choice == cases.ChooseChase {
		if err := d.frozen(); err != nil {
			return nil, err
		}
	}
	for try := 1; ; try++ {
		v, err := d.settleOnce(ctx, o)
		if !errors.Is(err, cases.ErrRace) || try == raceTries {
			return v, err
		}
	}
}

func (d *Desk) settleOnce(ctx context.Context, o SettleOrder) (*TaskView, error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	id, err := d.findTask(view, o.Task)
	if err != nil {
		return nil, err
	}
	t, err := d.taskFile(ctx, view, id)
	if err != nil {
		return nil, err
	}
	if o.Caller.MayActAs(t.task.System) {
		return nil, fmt.Errorf("%w: whoever acts for a system does not settle its tasks; somebody else takes its word as the end", ErrForbidden)
	}
	// Refused before the case says it.
	if _, _, err := t.task.Settle(o.Choice, events.InstantOf(d.d.Now()), d.policy()); err != nil {
		return nil, err
	}
	if err := d.settleCase(ctx, view, o, t); err != nil {
		return nil, err
	}
	// A crash here leaves a word that was not carried out: the task stands as it
	// did, and saying it again carries it out.
	if t, err = d.chooseTask(ctx, o.Caller, id, o.Choice); err != nil {
		return nil, err
	}
	v := d.taskView(&t.row)
	return &v, nil
}

// settleCase puts the word on the case, or on record alone where the task is of a
// batch.
func (d *Desk) settleCase(ctx context.Context, view View, o SettleOrder, t *taskFile) error {
	if _, err := casebook.Case(view, t.task.Case); errors.Is(err, casebook.ErrUnknown) {
		_, err := d.recordEntry(ctx, o.Caller, audit.Entry{Act: "task.settled", Case: t.task.Case, Target: t.task.System, Outcome: audit.Done}, nil, nil, o.Reason)
		return err
	}
	f, err := d.caseOf(ctx, view, t.task.Case)
	if err != nil {
		return err
	}
	if err := f.living(); err != nil {
		return err
	}
	body := cases.Body{Reason: cases.Text(o.Reason.Expose()), Settle: &cases.Settle{Tasks: cases.IDsOf(t.task.ID), Choice: o.Choice}}
	_, err = d.appendCase(ctx, o.Caller, f, cases.Settled, d.today(), body)
	return err
}

// chooseTask carries a person's choice out on a task. It may be called again.
func (d *Desk) chooseTask(ctx context.Context, who access.Caller, id events.EventID, choice events.Code) (*taskFile, error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	t, err := d.taskFile(ctx, view, id)
	if err != nil {
		return nil, err
	}
	next, changed, err := t.task.Settle(choice, events.InstantOf(d.d.Now()), d.policy())
	if err != nil || !changed {
		return t, err
	}
	if choice == cases.ChooseChase && t.body != nil && !d.ability(t.task.System).Connected {
		// Still nobody there who claims: a person does it.
		next.State, next.Detail = cases.TaskManual, cases.DetailAgain
	}
	if _, err := d.stepTask(ctx, who, t, next, "task.settled", nil); err != nil {
		return nil, err
	}
	defer d.ring()
	return t, d.afterTask(ctx, t)
}
