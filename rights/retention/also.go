package retention

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// also finds the further rules that a row names beside its own: other criteria by
// which the same data is kept. Whoever decided for the activity itself has settled
// all of them.
func (e *Engine) also(h *Holding, main *applied) (list []applied) {
	act, ok := e.cat.Activity(h.Activity.Code)
	if !ok || main.why != "" || main.id != string(act.Retention.Rule) || e.settled(act.ID) {
		return nil
	}
	for _, id := range act.Retention.AlsoRules {
		g, ok := e.cat.RetentionRule(id)
		if !ok || !e.reaches(g, h) {
			continue
		}
		r := reader{cat: e.cat}
		x := applied{rule: r.apply(act.ID, e.general(g))}
		x.used = slices.Clip(r.used)
		list = append(list, x)
	}
	return list
}

// settled reports whether somebody decided how long this activity keeps data.
func (e *Engine) settled(activity events.Code) bool {
	return slices.ContainsFunc([]string{"rule.", "period.", "trigger.", "prose_over_table."}, func(kind string) bool {
		return len(decided(e.cat, kind+string(activity))) > 0
	})
}

// further holds a further rule against what the row's own rule gave. Data that is
// kept as long as one of several criteria asks for it ends with the last of them
// that was reached; a rule that lets it go when the person asks ends it sooner. A
// criterion without a figure moves no day.
func (e *Engine) further(s *Status, x *applied, p *Person, h *Holding) {
	if !x.period.Given() || x.minimum || len(x.triggers) == 0 {
		return
	}
	o := e.byRule(x, p, h)
	asked := !slices.ContainsFunc(x.triggers, func(t catalogue.Trigger) bool { return t.Code != catalogue.RequestReceived })
	switch {
	case asked && !o.Due.IsZero() && (s.Due.IsZero() || o.Due < s.Due):
		*s = o
	case asked || s.Due.IsZero():
	case o.Due > s.Due:
		o.Why += "; rule " + s.Rule + " alone would have ended it on " + catalogue.PlainDate(s.Due)
		*s = o
	case o.State == WaitingForTrigger:
		s.Missing = append(s.Missing, x.triggers...)
		s.Why += "; not reported, by rule " + x.id + ": " + e.whens(&x.rule)
	}
}
