package desk

import (
	"slices"

	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
)

// letGo are the holdings that the tasks of a case let go.
func letGo(made []cases.TaskBody) map[string]bool {
	out := map[string]bool{}
	for i := range made {
		if made[i].Recipient != "" || made[i].Verb != cases.VerbErase && made[i].Verb != cases.VerbAnonymise {
			continue
		}
		for _, x := range made[i].Scope {
			out[x.Holding] = true
		}
	}
	return out
}

// needed reports whether the bytes of a holding are those of another that nobody
// has let go: something was stored for another purpose since the approval. They
// stay, and people see that the task is kept back (I10).
func (p *taskPerson) needed(holding string, b *cases.TaskBody) bool {
	h := p.holding(holding)
	if h == nil {
		return false
	}
	return slices.ContainsFunc(p.answer.folded.Holdings, func(o *inventory.Holding) bool {
		return o.State != inventory.Removed && o.ID() != holding && !p.goes[o.ID()] && o.Handle == h.Handle && o.System == h.System && o.Dataset == h.Dataset && o.Item == h.Item &&
			(coversCategory(o.Category, h.Category) || coversCategory(h.Category, o.Category)) &&
			!slices.ContainsFunc(b.Scope, func(x cases.Part) bool { return x.Holding == o.ID() })
	})
}
