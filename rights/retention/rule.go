package retention

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A rule is what applies to one holding, decisions counted in.
type rule struct {
	id       string
	triggers []catalogue.Trigger
	join     catalogue.Join
	period   catalogue.Period
	round    catalogue.Round
	minimum  bool // the period is the least, and no end is named
	endless  bool // said to be kept without end
	pointer  string
	end      catalogue.AtEnd
	text     string // in the notice's sense, for rules without a period
	said     bool   // the notice says something, if not a period
}

// A candidate is a rule that may apply, and how far its words are from the
// person's role: 0 names the role itself, 1 its parent, and so on.
type candidate struct {
	rule
	far int
	// prose is set on a general rule, which stands outside the row.
	prose bool
}

const (
	anybody = 1 << 16 // the rule names no role
	nobody  = -1      // the rule names roles, and not this one
)

// distance says how closely a list of roles names one: a rule that names the
// subject's role beats the row's generic one, and a child of a role satisfies
// the rules of its parent.
func (e *Engine) distance(role events.Code, list []events.Code) int {
	if len(list) == 0 {
		return anybody
	}
	for far := 0; role != "" && far < anybody; far++ {
		if slices.Contains(list, role) {
			return far
		}
		t, ok := e.cat.SubjectType(role)
		if !ok {
			break
		}
		role = t.Parent
	}
	return nobody
}

// ruleFor finds the rule of a holding. why is set when no day can follow.
func (e *Engine) ruleFor(r *reader, h *Holding) (x rule, why string) {
	act, declared := e.cat.Activity(h.Activity.Code)
	if v, ok := r.text("rule." + string(e.rowOf(h))); ok {
		if g, ok := e.cat.RetentionRule(catalogue.RuleID(v)); ok {
			return r.apply(h.Activity.Code, e.general(g)), ""
		}
	}
	if v, ok := r.text("prose_over_table." + string(e.rowOf(h))); ok {
		if g, ok := e.cat.RetentionRule(catalogue.RuleID(v)); ok && e.reaches(g, h) {
			return r.apply(h.Activity.Code, e.general(g)), ""
		}
	}
	var row []candidate
	own, reach := rule{id: string(h.Activity.Code)}, ""
	if declared {
		row, own, reach = e.rowRules(act, h)
	}
	prose := e.generalRules(h, len(row) > 0)
	best, several := nearest(append(row, prose...))
	switch {
	case several:
		return r.apply(h.Activity.Code, own), "the notice has several rules for " + e.person(h.SubjectType) + " and does not say which applies here"
	case best != nil && !(best.minimum && own.says()):
		return r.apply(h.Activity.Code, best.rule), ""
	case !declared:
		return own, "the activity is not declared in the catalogue, so no rule applies"
	case reach != "":
		return own, reach
	}
	return r.apply(h.Activity.Code, own), ""
}

// says reports whether the row itself names an end, or the absence of one.
func (x *rule) says() bool { return x.period.Given() || x.endless }

// rowRules lists what the row says that reaches the holding: the parts for some
// of its people, then the row as a whole. own is the row's word where none of
// them gives a period; reach says whom the row's rule is for, if not for h.
func (e *Engine) rowRules(act *catalogue.Activity, h *Holding) (list []candidate, own rule, reach string) {
	ret := &act.Retention
	for i := range ret.ByType {
		b := &ret.ByType[i]
		x := e.named(b.Rule, &b.Term, act.ID)
		if far := e.distance(h.SubjectType, b.Applies); far != nobody {
			if x.period.Given() {
				list = append(list, candidate{rule: x, far: far})
			}
			own = x
		}
	}
	x := e.named(ret.Rule, &ret.Term, act.ID)
	if own.id == "" {
		own = x
	}
	far := e.distance(h.SubjectType, act.SubjectTypes)
	if g, ok := e.cat.RetentionRule(ret.Rule); ok && len(g.Applies) > 0 && h.SubjectType != "" {
		if far = e.distance(h.SubjectType, g.Applies); far == nobody {
			reach = "rule " + string(g.ID) + " is for " + e.people(g.Applies) + ", and the notice states none for " + e.person(h.SubjectType)
			own = rule{id: string(g.ID)}
			return list, own, reach
		}
	}
	if far == nobody {
		far = anybody // the row still applies; who is missing from it is a finding
	}
	if x.period.Given() {
		list = append(list, candidate{rule: x, far: far})
	}
	return list, own, ""
}

// named is a term of a row together with the general rule that it names: what
// the row leaves out, the rule supplies.
func (e *Engine) named(id catalogue.RuleID, t *catalogue.Term, act events.Code) rule {
	x := rule{id: string(act)}
	term := *t
	if g, ok := e.cat.RetentionRule(id); ok {
		x = e.general(g)
		if len(term.AllTriggers()) == 0 {
			term.Trigger, term.Triggers, term.Join = g.Trigger, g.Triggers, g.Join
		}
		fill(&term.Period, g.Period)
		fill(&term.Round, g.Round)
		fill(&term.Modality, g.Modality)
		fill(&term.AtEnd, x.end)
		fill(&term.Pointer, g.Pointer)
		fill(&term.Join, g.Join)
		term.Indefinite = term.Indefinite || g.Indefinite
	} else if id != "" {
		x.id = string(id)
	}
	return x.with(&term)
}

func fill[T comparable](v *T, from T) {
	var zero T
	if *v == zero {
		*v = from
	}
}

// general is a rule that stands outside the rows.
func (e *Engine) general(g *catalogue.RetentionRule) rule {
	x := rule{id: string(g.ID), text: g.Text, said: true}
	term := g.Term
	if end, ok := ends[g.Effect]; ok && term.AtEnd == "" {
		term.AtEnd = end
	}
	return x.with(&term)
}

// ends are the effects of general rules that say what happens at the end.
var ends = map[catalogue.Effect]catalogue.AtEnd{
	catalogue.EffectErase: catalogue.AtEndErase, catalogue.EffectEraseOrReturn: catalogue.AtEndErase,
	catalogue.EffectReturn: catalogue.AtEndReturn, catalogue.EffectStop: catalogue.AtEndStop,
	catalogue.EffectReview: catalogue.AtEndReview, catalogue.EffectAnonymise: catalogue.AtEndAnonymise,
}

func (x rule) with(t *catalogue.Term) rule {
	x.triggers, x.join, x.period, x.round = t.AllTriggers(), t.Join, t.Period, t.Round
	if x.join == catalogue.JoinNoneStated {
		x.join = ""
	}
	x.minimum, x.endless, x.pointer, x.end = t.Modality == catalogue.ModalityMinimum, t.Indefinite, t.Pointer, t.End()
	x.said = x.said || len(x.triggers) > 0 || x.endless || x.pointer != ""
	return x
}

// generalRules lists the rules outside the rows that name the person's role.
// One that names none applies only where a row refers to it, and one that is told
// in prose beside a table only where the table gives no period.
func (e *Engine) generalRules(h *Holding, row bool) (list []candidate) {
	for i := range e.cat.RetentionRules {
		g := &e.cat.RetentionRules[i]
		if len(g.Applies) == 0 || h.SubjectType == "" || g.Effect == catalogue.EffectExtend || anonymous(g) || !g.Period.Given() || !e.reaches(g, h) {
			continue
		}
		if g.From == catalogue.PlaceProse && row || len(g.Rows) > 0 && !slices.Contains(g.Rows, e.rowOf(h)) {
			continue
		}
		list = append(list, candidate{rule: e.general(g), far: e.distance(h.SubjectType, g.Applies), prose: true})
	}
	return list
}

// anonymous reports whether a rule speaks of what is no personal data any more: it
// gives the data itself no end.
func anonymous(g *catalogue.RetentionRule) bool {
	return g.Effect == catalogue.EffectAnonymise && g.Modality == catalogue.ModalityMinimum
}

// reaches reports whether a general rule is about the person and the data.
func (e *Engine) reaches(g *catalogue.RetentionRule, h *Holding) bool {
	return e.distance(h.SubjectType, g.Applies) != nobody && (len(g.Categories) == 0 || slices.Contains(g.Categories, h.Category.Code))
}

// rowOf is the row that a holding stands in; data without one is decided under
// the word "undeclared".
func (e *Engine) rowOf(h *Holding) events.Code {
	if _, ok := e.cat.Activity(h.Activity.Code); ok {
		return h.Activity.Code
	}
	return events.Undeclared
}

// nearest picks the rule whose words are nearest to the role; of equally near
// ones the row's own, because the table beats the prose. A minimum is no end and
// comes last. several is set when prose alone decides and does not agree.
func nearest(list []candidate) (best *candidate, several bool) {
	rank := func(c *candidate) int {
		n := 2 * c.far
		if c.prose {
			n++
		}
		if c.minimum {
			n += 4 * anybody
		}
		return n
	}
	for i := range list {
		c := &list[i]
		switch {
		case best == nil || rank(c) < rank(best):
			best, several = c, false
		case rank(c) == rank(best) && c.prose && c.id != best.id:
			several = true
		}
	}
	return best, several
}

// apply puts what was decided in the place of what was left open.
func (r *reader) apply(activity events.Code, x rule) rule {
	x.triggers = r.triggers(activity, x.id, x.triggers)
	if len(x.triggers) > 1 {
		x.join = r.join(activity, x.id, x.join)
	}
	was := x.period
	if x.period = r.period(activity, x.id, x.period); x.period != was {
		x.minimum, x.endless = false, false
	}
	if v, ok := r.text("at_end." + string(activity)); ok {
		x.end = catalogue.AtEnd(v)
	}
	return x
}

func (e *Engine) person(role events.Code) string {
	if role == "" {
		return "this person"
	}
	return strings.ToLower(e.cat.Name(catalogue.FieldSubjectType, role))
}

func (e *Engine) people(list []events.Code) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = e.person(t)
	}
	return strings.Join(out, " and ")
}
