package desk

import (
	"context"
	"slices"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
)

// planFinals makes the tasks of items that were decided elsewhere: what an earlier
// approval kept until a day that has come, or one person's part of a batch of
// retention. The items are of one person: a task is never about two. It may be
// called again; the ids follow from what is asked.
func (d *Desk) planFinals(ctx context.Context, who access.Caller, of events.EventID, finals []cases.Final, digest cases.Digest, due events.Date) ([]events.EventID, error) {
	bodies, _ := cases.Fanout(&cases.Order{Digest: digest, On: d.today(), Due: due, Finals: finals, Knows: d.ability})
	if _, err := d.planTasks(ctx, who, of, bodies); err != nil {
		return nil, err
	}
	ids := make([]events.EventID, len(bodies))
	for i := range bodies {
		ids[i] = d.taskID(of, &bodies[i])
	}
	return ids, nil
}

// batchPerson reads whom the task of a batch of retention is about, and refuses one
// whose batch nobody approved.
func (d *Desk) batchPerson(ctx context.Context, view View, t *taskFile) (*taskPerson, error) {
	b, err := d.disposal(ctx, t.task.Case.String())
	if err != nil {
		return nil, err
	}
	if b.Approved == nil {
		return nil, &cases.Refusal{Code: cases.TaskNotClaimable, Text: "its batch was not approved"}
	}
	p, err := d.personOf(ctx, view, slices.Clone(t.body.Handles))
	if err != nil {
		return nil, err
	}
	out := &taskPerson{casePerson: p}
	for _, m := range p.who.Members {
		out.members = append(out.members, cases.Member{Handle: m.Handle, System: m.System, Kind: m.Kind})
	}
	return out, nil
}
