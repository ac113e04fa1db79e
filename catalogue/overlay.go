package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// Decisions are those that lie over this catalogue; nil where none do.
func (c *Catalogue) Decisions() *Decisions { return c.decisions }

// Decision finds what a person decided, or the shipped default.
func (c *Catalogue) Decision(key string) (Decision, bool) { return c.decisions.Get(key) }

// WithDecisions returns the catalogue with these decisions instead of those it
// has, or every key and word of theirs that fits nothing in the catalogue. The
// digest stays: it is of what the notice says.
func (c *Catalogue) WithDecisions(d *Decisions) (*Catalogue, error) {
	if d != nil {
		l := newLoader(d.file)
		c.fit(d, l)
		if err := l.err(); err != nil {
			return nil, err
		}
	}
	e := *c
	e.decisions = c.resolve(d)
	e.buildIndex() // what the catalogue says in words may rest on a decision
	return &e, nil
}

// fit tells the loader what of the decisions fits nothing in the catalogue.
func (c *Catalogue) fit(d *Decisions, l *loader) {
	for i := range d.list {
		for _, fault := range c.decisionFaults(&d.list[i]) {
			l.fail(d.lines[d.list[i].Key], "%s: %s", d.list[i].Key, fault)
		}
	}
}

// decisionFaults says what of a decision fits nothing in the catalogue.
func (c *Catalogue) decisionFaults(d *Decision) (faults []string) {
	fail := func(format string, a ...any) { faults = append(faults, fmt.Sprintf(format, a...)) }
	if !c.decides(d) {
		fail("%q is no %s of catalogue %s", d.of, decisionForms[d.kind].of, c.ID)
	}
	for _, w := range d.Value.Words {
		switch d.kind {
		case DecideProse:
			if _, ok := c.proseRule(d.of, w); !ok && w == proseItself {
				fail("not just one rule told in prose names activity %q; want its id", d.of)
			} else if !ok {
				fail("%q is no retention rule of catalogue %s", w, c.ID)
			}
		case DecideRule:
			if _, ok := c.ruleNamed(w); !ok {
				fail("%q is no retention rule of catalogue %s", w, c.ID)
			}
		case DecideTrigger:
			var t Trigger
			if err := t.UnmarshalText([]byte(w)); err != nil {
				fail("%q: %v", w, err)
			} else if _, ok := c.index.milestones[t.Code]; !ok && !t.Builtin() {
				fail("trigger %q is no milestone of catalogue %s", w, c.ID)
			}
		case DecideFloor:
			if !c.declaresWord(w) {
				fail("%q is no category or element of catalogue %s", w, c.ID)
			}
		case DecideCountsAs:
			if w == CountsNothing && len(d.Value.Words) > 1 {
				fail("want nothing alone, or what counts")
			}
		}
	}
	return faults
}

// proseItself stands for the one rule told in prose about an activity.
const proseItself = "true"

// proseRule finds the rule that goes before a row.
func (c *Catalogue) proseRule(activity, word string) (*RetentionRule, bool) {
	if word != proseItself {
		return c.ruleNamed(word)
	}
	var found *RetentionRule
	for i := range c.RetentionRules {
		r := &c.RetentionRules[i]
		if r.From != PlaceProse || !slices.Contains(r.Rows, events.Code(activity)) {
			continue
		}
		if found != nil {
			return nil, false
		}
		found = r
	}
	return found, found != nil
}

// resolve puts the ids of rules in the place of words that stand for them, as
// the catalogue writes them. It needs checked decisions.
func (c *Catalogue) resolve(d *Decisions) *Decisions {
	if d == nil {
		return nil
	}
	out := *d
	out.list = slices.Clone(d.list)
	for i := range out.list {
		x := &out.list[i]
		if x.kind != DecideProse && x.kind != DecideRule {
			continue
		}
		if r, ok := c.proseRule(x.of, x.Value.Words[0]); ok {
			x.Value.Words = []string{string(r.ID)}
		}
	}
	return &out
}

// decides reports whether what the key names is in the catalogue. Data without
// a row is decided under "undeclared", where that has a sense.
func (c *Catalogue) decides(d *Decision) bool {
	code := events.Code(d.of)
	_, activity := c.index.activities[code]
	switch decisionForms[d.kind].of {
	case ofNothing:
		return true
	case ofActivity:
		return activity || code == events.Undeclared && slices.Contains([]DecisionKind{DecideProse, DecideAfter, DecideRule}, d.kind)
	case ofEither:
		_, rule := c.ruleNamed(d.of)
		return activity || rule
	case ofMilestone:
		_, ok := c.index.milestones[code]
		return ok
	case ofSystem:
		_, ok := c.index.systems[code]
		return ok
	}
	return false
}

// ruleNamed finds a rule by its id in either case: keys are case-folded.
func (c *Catalogue) ruleNamed(id string) (*RetentionRule, bool) {
	for i := range c.RetentionRules {
		if strings.EqualFold(string(c.RetentionRules[i].ID), id) {
			return &c.RetentionRules[i], true
		}
	}
	return nil, false
}

func (c *Catalogue) declaresWord(w string) bool {
	code, element, _ := strings.Cut(w, "/")
	return c.DeclaredCategory(events.Category{Code: events.Code(code), Element: events.Code(element)})
}

// YearEnd is the last day of the organisation's financial year: as decided, or
// as the notice states it. decided is nil where it rests on the notice, and ok
// is false where nobody has said it.
func (c *Catalogue) YearEnd() (end MonthDay, decided *Decision, ok bool) {
	if d, found := c.Decision(string(DecideYearEnd)); found {
		var m MonthDay
		if m.UnmarshalText([]byte(d.Value.String())) == nil {
			return m, &d, true
		}
	}
	return c.Organisation.YearEnd, nil, !c.Organisation.YearEnd.IsZero()
}

// Decided finds a decision about an activity, or else about the rule it follows.
func (c *Catalogue) Decided(kind DecisionKind, activity events.Code, rule RuleID) (Decision, bool) {
	if d, ok := c.Decision(string(kind) + "." + string(activity)); ok {
		return d, true
	}
	if rule == "" {
		return Decision{}, false
	}
	return c.Decision(string(kind) + "." + string(rule))
}
