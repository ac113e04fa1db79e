package desk

import (
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

// letterItems are the items a letter speaks of. What was approved and carried out
// is no longer held, and the person is told of that most of all (Article 12(3)), with
// who was told to do the same (Article 19): so it comes from the approval.
func letterItems(p *casePlan) []decide.Item {
	var out []decide.Item
	living := map[cases.ItemKey]bool{}
	for i := range p.judged.Items {
		if x := p.judged.Items[i]; !x.Holding.Removed {
			living[cases.ItemKey{Holding: x.Holding.ID, Right: x.Right}] = true
			out = append(out, x)
		}
	}
	a := p.file.c.Approval
	if a == nil {
		return out
	}
	for i := range a.Finals {
		f := &a.Finals[i]
		if f.Outcome != decide.None && !living[cases.ItemKey{Holding: f.Holding, Right: f.Right}] {
			out = append(out, goneItem(f))
		}
	}
	return out
}

// goneItem is an item as it was approved, of what is no longer held.
func goneItem(f *cases.Final) decide.Item {
	h := &decide.Holding{ID: f.Holding}
	h.System, h.Dataset, h.Removed = f.System, f.Dataset, true
	h.Activity, h.Category = activityOf(f.Activity), categoryOf(f.Category)
	x := decide.Item{Right: f.Right, Holding: h, Outcome: f.Outcome, Code: f.Code, Until: f.Until, WaitsFor: f.WaitsFor, Also: slices.Clone(f.Also), Silent: f.Silent, Restricted: f.Restricted}
	for _, t := range f.Recipients {
		r := decide.Recipient{Recipient: t.Recipient, ActingAs: t.ActingAs, Action: t.Action, Verb: t.Verb, Impossible: t.Impossible, Silent: t.Silent}
		if t.Person != nil {
			r.Person = events.Ref{Handle: t.Person.Handle, Kind: t.Person.Kind}
		}
		x.Recipients = append(x.Recipients, r)
	}
	return x
}
