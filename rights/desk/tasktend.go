package desk

import (
	"context"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
)

// tending is how many tasks are read at a time.
const tending = 256

// TendTasks records what time alone does to tasks: claims that ran out, and what is
// overdue and is chased or waits for a person's choice. One scheduler calls it, so
// that no clock is read where facts are applied. It tells what it changed; one task
// that cannot be tended does not keep the others from it.
func (d *Desk) TendTasks(ctx context.Context) (changed int, err error) {
	if err := d.frozen(); err != nil {
		return 0, err
	}
	now := events.InstantOf(d.d.Now())
	var errs []error
	for _, m := range []casebook.Moment{casebook.LeaseEnds, casebook.MustHaveRun} {
		n, err := d.tendMoment(ctx, m, now)
		changed += n
		errs = append(errs, err)
	}
	if changed > 0 {
		d.ring()
	}
	return changed, errors.Join(errs...)
}

func (d *Desk) tendMoment(ctx context.Context, m casebook.Moment, now events.Instant) (changed int, err error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	var errs []error
	var after *casebook.Due
	for {
		list, err := casebook.TasksDue(view, m, now, after, tending)
		if err != nil {
			return changed, fmt.Errorf("read what falls due for tasks: %w", err)
		}
		for i := range list {
			moved, err := d.tendTask(ctx, view, list[i].Task.ID, now)
			if err != nil && ctx.Err() == nil {
				errs = append(errs, fmt.Errorf("tend task %s: %w", list[i].Task.ID, err))
			}
			if moved {
				changed++
			}
		}
		if len(list) < tending || ctx.Err() != nil {
			return changed, errors.Join(append(errs, ctx.Err())...)
		}
		after = &list[len(list)-1]
	}
}

func (d *Desk) tendTask(ctx context.Context, view View, id events.EventID, now events.Instant) (bool, error) {
	t, err := d.taskFile(ctx, view, id)
	if err != nil || t.body == nil {
		return false, err
	}
	next, moved := t.task.Tick(t.body, now, d.policy())
	if !moved {
		return false, nil
	}
	act := events.Code("task.overdue")
	if t.task.State == cases.TaskSent {
		act = "task.expired"
	}
	_, err = d.stepTask(ctx, d.self(), t, next, act, nil)
	if errors.Is(err, cases.ErrRace) {
		return false, nil // it moved by itself
	}
	return err == nil, err
}

// MendTasks finishes what a crash may have left between a receipt and what follows
// from it, for every case that has not ended. A server calls it once at start.
func (d *Desk) MendTasks(ctx context.Context) error {
	view := d.d.View()
	defer d.shut(ctx, view)
	for from := ""; ; {
		page, err := casebook.List(view, casebook.Filter{}, casebook.Newest, from, casePage)
		if err != nil {
			return err
		}
		for i := range page.Cases {
			h := &page.Cases[i]
			if !h.Closed.IsZero() || h.Tasks.Total() == 0 {
				continue
			}
			if err := d.mendCase(ctx, view, h.ID); err != nil {
				return fmt.Errorf("mend the tasks of case %s: %w", h.ID, err)
			}
		}
		if from = page.Next; from == "" || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (d *Desk) mendCase(ctx context.Context, view View, of events.EventID) error {
	list, err := casebook.TasksOf(view, of)
	if err != nil {
		return err
	}
	if f, err := d.caseOf(ctx, view, of); err != nil || f.c == nil {
		return err
	} else if !f.c.Started.IsZero() {
		if err := d.afterStart(ctx, f); err != nil {
			return err
		}
	}
	if err := d.sortTasks(ctx, of); err != nil {
		return err
	}
	for i := range list {
		if list[i].State != events.Code(cases.TaskVerified) {
			continue
		}
		t, err := d.taskFile(ctx, view, list[i].ID)
		if err == nil && t.body != nil {
			err = d.afterVerified(ctx, t.task.ID, t.body, t.row.Touched)
		}
		if err != nil {
			return err
		}
	}
	return d.completeCase(ctx, of)
}
