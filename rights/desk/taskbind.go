package desk

import (
	"context"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
)

// startBinding sends out what binds from receipt without an approval: an objection to
// direct marketing (Article 21(3)) and the withdrawal of consent (Article 7(3)). It
// does nothing where nothing binds or that was sent out already; the fact of it is
// recorded also where no system has to do anything. It may be called again.
func (d *Desk) startBinding(ctx context.Context, who access.Caller, f *caseFile) (did bool, err error) {
	if !bindsNow(f) {
		return false, nil
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	bodies, err := d.bindingTasks(ctx, view, f)
	if err != nil {
		return false, err
	}
	ids := make([]events.EventID, len(bodies))
	for i := range bodies {
		ids[i] = d.taskID(f.id, &bodies[i])
	}
	body := cases.Body{Code: cases.StartBinding, Tasks: cases.IDsOf(ids...), Reason: "it binds from receipt"}
	if err := d.mayAct(ctx, who, f, cases.Started, body); err != nil {
		return false, err
	}
	// I9: tasks first. A crash between leaves tasks that nobody can claim, and the
	// next start, or the next run, goes on.
	if _, err := d.planTasks(ctx, who, f.id, bodies); err != nil {
		return false, err
	}
	if _, err := d.appendCase(ctx, who, f, cases.Started, d.today(), body); err != nil {
		return false, err
	}
	if err := d.sortTasks(ctx, f.id); err != nil {
		return true, err
	}
	d.ring()
	return true, nil
}

// bindsNow reports whether something binds and was not sent out. A request of the
// past was carried out in the past.
func bindsNow(f *caseFile) bool {
	return f.c != nil && f.c.Binds() && f.c.Bound.IsZero() && f.c.Started.IsZero() && f.c.Opening.Answered.IsZero() && !f.c.Over()
}

func (d *Desk) bindingTasks(ctx context.Context, view View, f *caseFile) ([]cases.TaskBody, error) {
	p, err := d.casePlan(ctx, view, f, max(d.today(), f.opening().Received))
	if err != nil {
		return nil, err
	}
	made, err := d.madeTasks(ctx, view, f)
	if err != nil {
		return nil, err
	}
	bodies, _ := cases.Fanout(&cases.Order{Digest: p.judged.Digest, On: d.today(), Due: d.dueOf(f.c, d.today()), Finals: p.judged.Finals, OwesCopy: f.c.OwesCopy(), Binding: true,
		Knows: d.ability, Made: made})
	return bodies, nil
}
