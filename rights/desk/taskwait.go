package desk

import (
	"context"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
)

// othersGoOn takes up the other cases of a person whose request was answered: what
// was to be erased there may have waited for the copy that was owed here. A crash in
// it is mended by the next look at what waits.
func (d *Desk) othersGoOn(ctx context.Context, f *caseFile) error {
	for _, id := range d.besides(f) {
		view := d.d.View()
		other, err := d.caseOf(ctx, view, id)
		d.shut(ctx, view)
		if err != nil {
			return err
		}
		if did, err := d.goOn(ctx, other); did || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		if err := d.completeCase(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// besides are the other cases that stand and are about somebody of the same
// identifiers.
func (d *Desk) besides(f *caseFile) (out []events.EventID) {
	d.cases.mu.RLock()
	defer d.cases.mu.RUnlock()
	for _, h := range f.about() {
		for _, id := range d.cases.handle[h] {
			if x := d.cases.by[id]; id != f.id && x != nil && !x.closed && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// keepsBack reports whether something that was approved to go has no task yet, since
// a hold keeps it now or a copy of it is owed: in this case or in another of the same
// person.
func (d *Desk) keepsBack(ctx context.Context, f *caseFile) (bool, error) {
	if f.c.Approval == nil || !slices.ContainsFunc(f.c.Approval.Finals, func(x cases.Final) bool { return destroys(&x) }) {
		return false, nil
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	made, err := d.madeTasks(ctx, view, f)
	if err != nil {
		return false, err
	}
	p, err := d.casePerson(ctx, view, d.d.Catalogue(), f, max(d.today(), f.opening().Received))
	if err != nil {
		return false, err
	}
	var kept []cases.Final
	for _, x := range f.c.Approval.Finals {
		if destroys(&x) && len(p.keptNow(x.Holding)) > 0 {
			kept = append(kept, x)
		}
	}
	bodies, _ := cases.Fanout(&cases.Order{Digest: f.c.Approval.Digest, On: d.today(), Finals: kept, Knows: d.ability, Made: made})
	return len(bodies) > 0, nil
}
