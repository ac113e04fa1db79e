package catalogue

import (
	"strings"

	"github.com/habeas-data/habeas/events"
)

// retentionText says how long a row keeps its data, and what it says of other
// people in the same row.
func (c *Catalogue) retentionText(a *Activity) string {
	r := &a.Retention
	parts := []string{c.termText(a.ID, r.Rule, &r.Term)}
	for i := range r.ByType {
		b := &r.ByType[i]
		names := make([]string, len(b.Applies))
		for j, t := range b.Applies {
			names[j] = c.Name(FieldSubjectType, t)
		}
		parts = append(parts, strings.Join(names, ", ")+": "+c.termText(a.ID, b.Rule, &b.Term))
	}
	return strings.Join(parts, "; ")
}

func (c *Catalogue) termText(activity events.Code, id RuleID, t *Term) string {
	when := c.whenText(t) + c.decidedJoin(activity, id, t)
	rule, hasRule := c.index.rules[id]
	switch {
	case t.Indefinite:
		return "without end"
	case t.Period.Immediate() && when != "" && t.AtEnd == AtEndStop:
		return "use stops when " + when
	case t.Period.Immediate() && when != "":
		return "until " + when
	case t.Period.Given() && when != "":
		return t.Modality.plain() + t.Period.Plain() + " after " + when
	case t.Period.Given():
		return t.Modality.plain() + t.Period.Plain() + " (the notice does not say from when)"
	case hasRule && when != "":
		return rule.Text + " (counted from when " + when + "; no period stated)"
	case hasRule:
		return rule.Text + " (no period stated)"
	case t.Pointer != "":
		return "the notice points to " + t.Pointer + " (no period stated)"
	case when != "":
		return "counted from when " + when + " (no period stated)"
	}
	return "no period stated"
}

func (m Modality) plain() string {
	switch m {
	case ModalityMinimum:
		return "at least "
	case ModalityMaximum:
		return "at most "
	case ModalityFixed, "":
	}
	return ""
}

// whenText joins the words of triggers: "the earlier of: a; b".
func (c *Catalogue) whenText(t *Term) string {
	list := t.AllTriggers()
	words := make([]string, len(list))
	for i, tr := range list {
		words[i] = c.index.whens[tr.Code]
		if tr.Right != "" {
			words[i] += " (" + strings.ReplaceAll(string(tr.Right), "_", " ") + ")"
		}
		if t.Round == RoundFinancialYear {
			words[i] = "the end of the financial year of " + words[i]
		}
	}
	switch {
	case len(words) < 2:
		return strings.Join(words, "")
	case t.Unresolved():
		return strings.Join(words, " or ")
	}
	return "the " + string(t.Join) + " of: " + strings.Join(words, "; ")
}

// decidedJoin says which of several triggers counts where the notice does not.
func (c *Catalogue) decidedJoin(activity events.Code, rule RuleID, t *Term) string {
	if !t.Unresolved() {
		return ""
	}
	d, ok := c.Decided(DecideJoin, activity, rule)
	switch {
	case !ok:
		return " (the notice does not say which counts)"
	case d.Assumed():
		return " (the notice does not say which counts; the " + d.Value.String() + " is assumed)"
	}
	return " (the notice does not say which counts; decided: the " + d.Value.String() + ")"
}
