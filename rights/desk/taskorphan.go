package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
)

// sortTasks ends the tasks that were made and that the case does not ask for, since a
// crash or another decision came before it did, and gives back those that it asks for
// after all. Whoever makes tasks calls it once the case asks for them. It looks again
// at what it ended, because a run at the same time may just have asked for it.
func (d *Desk) sortTasks(ctx context.Context, of events.EventID) error {
	for {
		n, err := d.sortOnce(ctx, of)
		if n == 0 || err != nil {
			return err
		}
	}
}

func (d *Desk) sortOnce(ctx context.Context, of events.EventID) (changed int, err error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	list, err := casebook.TasksOf(view, of)
	if err != nil {
		return 0, fmt.Errorf("read the tasks of a case: %w", err)
	}
	f, err := d.caseOf(ctx, view, of)
	if err != nil || f.c == nil {
		return 0, err
	}
	for i := range list {
		if slices.Contains(f.c.Tasks, list[i].ID) != list[i].Abandoned() {
			continue
		}
		moved, err := d.sortTask(ctx, view, list[i].ID)
		if err != nil {
			return changed, err
		}
		if moved {
			changed++
		}
	}
	return changed, nil
}

func (d *Desk) sortTask(ctx context.Context, view View, id events.EventID) (bool, error) {
	t, err := d.taskFile(ctx, view, id)
	if err != nil || t.body == nil {
		return false, err
	}
	act := events.Code("task.abandoned")
	next, moved := t.task.Abandon()
	if t.task.Abandoned() {
		act = "task.planned"
		next, moved = t.task.Revive(t.body)
	}
	if !moved {
		return false, nil
	}
	_, err = d.stepTask(ctx, d.self(), t, next, act, nil)
	if errors.Is(err, cases.ErrRace) {
		return true, nil // somebody moved it; it is looked at again
	}
	return err == nil, err
}
