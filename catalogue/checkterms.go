package catalogue

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
)

func (k *checker) retentionRule(r *RetentionRule) {
	k.refs("subject type", FieldSubjectType, r.Applies)
	k.refs("category", FieldCategory, r.Categories)
	k.refs("activity", FieldActivity, r.Rows)
	k.ruleRefs(r.YieldsTo)
	k.ruleRefs(r.Overrides)
	k.term(&r.Term)
}

func (k *checker) retention(r *Retention) {
	k.ruleRef(&r.Rule)
	k.ruleRefs(r.AlsoRules)
	k.term(&r.Term)
	var named []events.Code
	for i := range r.ByType {
		b := &r.ByType[i]
		k.refs("subject type", FieldSubjectType, b.Applies)
		for j := range b.Applies {
			if slices.Contains(named, b.Applies[j]) {
				k.failAt(&b.Applies[j], "subject type %q has two periods in one activity; want one", b.Applies[j])
			}
		}
		named = append(named, b.Applies...)
		k.ruleRef(&b.Rule)
		k.term(&b.Term)
	}
}

func (k *checker) ruleRef(r *RuleID) {
	if *r != "" && !k.rules[*r] {
		k.failAt(r, "retention rule %q is not defined in this catalogue", *r)
	}
}

func (k *checker) ruleRefs(list []RuleID) {
	for i := range list {
		k.ruleRef(&list[i])
		if slices.Contains(list[:i], list[i]) {
			k.failAt(&list[i], "retention rule %q stands twice in one list", list[i])
		}
	}
}

// term checks that a term says one thing and not two.
func (k *checker) term(t *Term) {
	k.triggers(&t.Trigger, t.Triggers, &t.Join)
	if t.Indefinite && t.Period.Given() {
		k.failAt(&t.Indefinite, "want either period or indefinite, not both")
	}
	if t.Round != "" && len(t.AllTriggers()) == 0 && !k.refused[&t.Trigger] {
		k.failAt(&t.Round, "round %s: key \"trigger\" is missing; want the day that places a record in its year, such as record_date", t.Round)
	}
	if t.Modality != "" && !t.Period.Given() && !k.refused[&t.Period] {
		k.failAt(&t.Modality, "modality %s: key \"period\" is missing", t.Modality)
	}
}

func (k *checker) triggers(one *Trigger, many []Trigger, join *Join) {
	all := many
	if !one.IsZero() {
		if len(many) > 0 {
			k.failAt(one, "want either trigger or triggers, not both")
		}
		all = []Trigger{*one}
	}
	if len(many) > 1 && *join == "" && !k.refused[join] {
		k.failAt(&many[0], "several triggers: key \"join\" is missing; want later, earlier or none_stated")
	}
	if *join != "" && len(many) < 2 {
		k.failAt(join, "join needs at least two triggers")
	}
	for i, t := range all {
		at := any(one)
		if one.IsZero() {
			at = &many[i]
		}
		switch {
		case t.Right != "" && len(k.ids[fieldRight]) > 0 && !k.ids[fieldRight][t.Right]:
			k.failAt(at, "right %q is not defined in this catalogue", t.Right)
		case !t.Builtin() && !k.ids[fieldTrigger][t.Code]:
			k.failAt(at, "trigger %q is neither a milestone nor a circumstance of this catalogue", t.Code)
		case slices.Contains(all[:i], t):
			k.failAt(at, "trigger %q stands twice", t)
		}
	}
}

func (k *checker) bases(list []events.Code) {
	for i := range list {
		if !knownBasis(list[i]) {
			k.failAt(&list[i], "lawful basis %q: want one of %s", list[i], basisNames())
		}
		if slices.Contains(list[:i], list[i]) {
			k.failAt(&list[i], "lawful basis %q stands twice in one list", list[i])
		}
	}
}

// conditions checks second grounds.
func (k *checker) conditions(list []Condition) {
	for i := range list {
		c := &list[i]
		if !knownCondition(c.Article) {
			k.failAt(&c.Article, "condition %q: want one of %s", c.Article, conditionNames())
		}
		for j := range c.Schedule {
			if !scheduleForm.MatchString(string(c.Schedule[j])) {
				k.failAt(&c.Schedule[j], "schedule %q: want a paragraph of a schedule to the Data Protection Act 2018, such as dpa-s1-p2", c.Schedule[j])
			}
		}
	}
}

// parties checks who signs a contract: a kind of person or a recipient.
func (k *checker) parties(list []events.Code) {
	for i := range list {
		if !k.ids[FieldSubjectType][list[i]] && !k.ids[FieldRecipient][list[i]] {
			k.failAt(&list[i], "contract party %q is neither a subject type nor a recipient of this catalogue", list[i])
		}
	}
}

func (k *checker) locationRule(r *LocationRule) {
	k.refs("category", FieldCategory, r.Categories)
	k.refs("activity", FieldActivity, r.Activities)
	for i := range r.Countries {
		k.country(&r.Countries[i])
	}
	if len(r.Places)+len(r.Countries)+len(r.Regions)+len(r.Forbidden) == 0 {
		k.failAt(r, "location rule %q: want places, countries, regions or forbidden", r.ID)
	}
	for i := range r.Places {
		if slices.Contains(r.Forbidden, r.Places[i]) {
			k.failAt(&r.Places[i], "location rule %q: %q is both allowed and forbidden", r.ID, r.Places[i])
		}
	}
}

// linesWithin checks that no fact points beyond the end of the notice.
func (k *checker) linesWithin(length int) {
	if length == 0 {
		return
	}
	var beyond []Error
	for p, line := range k.lines {
		l, ok := p.(*Lines)
		if !ok {
			continue
		}
		for _, r := range *l {
			if r.To > length {
				beyond = append(beyond, Error{k.file, line, fmt.Sprintf("line %d: the notice has %d lines", r.To, length)})
			}
		}
	}
	// The map has no order; the faults must have one.
	slices.SortFunc(beyond, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	k.faults = append(k.faults, beyond...)
}
