package rules

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
)

// kept is one period that a row states: for all its people, or for some.
type kept struct {
	a       *activity
	applies []code // kinds of person
	rule    *catalogue.RetentionRule
	term    *catalogue.Term
	second  bool // a second period in the same row
	lines   catalogue.Lines
}

// terms lists the periods of a row. A row that says nothing itself has the term
// of the rule it names.
func (v *view) terms(a *activity) []kept {
	list := []kept{v.term(a, a.SubjectTypes, a.Retention.Rule, &a.Retention.Term, nil)}
	for i := range a.Retention.ByType {
		b := &a.Retention.ByType[i]
		k := v.term(a, b.Applies, b.Rule, &b.Term, b.Lines)
		k.second = true
		list = append(list, k)
	}
	return list
}

func (v *view) term(a *activity, applies []code, id catalogue.RuleID, t *catalogue.Term, lines catalogue.Lines) kept {
	k := kept{a: a, applies: applies, term: t, lines: slices.Concat(t.TermLines, lines)}
	if r, ok := v.RetentionRule(id); ok {
		k.rule = r
		if !says(t) {
			k.term = &r.Term
			k.lines = slices.Concat(r.Lines, lines)
		}
	}
	return k
}

// says reports whether a term says anything of how long.
func says(t *catalogue.Term) bool {
	return t.Period.Given() || t.Indefinite || t.Pointer != "" || len(t.AllTriggers()) > 0
}

// all lists the periods of every row.
func (v *view) all() (list []kept) {
	for _, a := range v.rows {
		list = append(list, v.terms(a)...)
	}
	return list
}

func (k kept) at() place { return at(k.a).with(k.lines) }

// anyPeriod reports whether a length of time stands anywhere in the catalogue.
func (v *view) anyPeriod() bool {
	for _, r := range v.RetentionRules {
		if r.Period.Given() && !r.Period.Immediate() {
			return true
		}
	}
	for _, k := range v.all() {
		if k.term.Period.Given() && !k.term.Period.Immediate() {
			return true
		}
	}
	return false
}

// retMissing is an error where the whole notice gives no length of time, and
// for special and criminal data; Article 13(2)(a) asks for the period or for the
// criteria that set it.
func retMissing(v *view, add adder) {
	if len(v.rows) > 0 && !v.anyPeriod() {
		p := place{}
		for i := range v.RetentionRules {
			p = p.with(v.RetentionRules[i].Lines)
		}
		add(Error, p, "no length of time is given anywhere")
		return
	}
	logs := v.logs()
	for _, k := range v.all() {
		if k.second || says(k.term) || slices.Contains(logs, k.a) || v.cookiesOnly(k.a) {
			continue
		}
		if k.rule != nil && (k.rule.Effect != "" || len(k.rule.Factors) > 0) {
			continue // open-ended, which is another finding
		}
		verdict, p := Warn, k.at()
		for _, id := range k.a.Categories {
			if sensitive(v.cat(id)) {
				verdict, p.Category = Error, id
			}
		}
		add(verdict, p, "%s: neither a period nor a moment it is counted from is stated", k.a.Printed())
	}
}

// logs lists the activities that record requests and the evidence for them.
func (v *view) logs() (list []*activity) {
	for _, s := range v.StatementsAbout(catalogue.AboutRequests) {
		for _, a := range v.rows {
			if slices.Contains(s.Activities, a.ID) || len(a.Categories) > 0 && len(s.Categories) > 0 && within(a.Categories, s.Categories) {
				list = append(list, a)
			}
		}
	}
	for _, a := range v.rows {
		for _, id := range a.Categories {
			if logItem(v.cat(id)) && len(a.Categories) == 1 && !slices.Contains(list, a) {
				list = append(list, a)
			}
		}
	}
	return list
}

func logItem(c *category) bool {
	return slices.ContainsFunc(c.Items, func(e catalogue.Element) bool {
		return e.ID == "identity_evidence" || e.ID == "request" || e.ID == "request_detail" || strings.HasSuffix(string(e.ID), "_log")
	}) || strings.HasSuffix(string(c.ID), "_log")
}

func retUnknownForLog(v *view, add adder) {
	for _, a := range v.logs() {
		if k := v.terms(a)[0]; !k.term.Period.Given() && !k.term.Indefinite {
			add(Warn, k.at(), "%s: how long requests, proof of identity or logs are kept is not said", a.Printed())
		}
	}
}

func (v *view) cookiesOnly(a *activity) bool {
	return len(a.Categories) > 0 && !slices.ContainsFunc(a.Categories, func(id code) bool { return !strings.HasPrefix(string(id), "cookie") })
}

func retUnlimited(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutRetention, "unlimited") {
		add(Error, said(s), "data is kept without end")
	}
	for _, k := range v.all() {
		if k.term.Indefinite {
			add(Error, k.at(), "%s: data is kept without end", k.a.Printed())
		}
	}
	for i := range v.RetentionRules {
		if r := &v.RetentionRules[i]; r.Indefinite {
			add(Error, place{Retention: r.ID, Lines: r.Lines}, "data is kept without end")
		}
	}
}

func retPointer(v *view, add adder) {
	for _, k := range v.all() {
		if k.term.Pointer != "" && !k.term.Period.Given() {
			add(Error, k.at(), "%s: the period is left to another document: %s", k.a.Printed(), k.term.Pointer)
		}
	}
	for i := range v.RetentionRules {
		if r := &v.RetentionRules[i]; r.Pointer != "" && !r.Period.Given() {
			add(Error, place{Retention: r.ID, Lines: r.Lines}, "the period is left to another document: %s", r.Pointer)
		}
	}
}

func retSchedule(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutRetention, "schedule") {
		add(Gap, said(s), "the notice refers to %s for periods and does not include it", strings.Join(s.Names, ", "))
	}
}

// retUnreachable: a period that is counted from a moment which never comes, for
// some or for all, never ends.
func retUnreachable(v *view, add adder) {
	for _, k := range v.all() {
		if !k.term.Period.Given() || len(k.term.AllTriggers()) == 0 {
			continue
		}
		for _, t := range v.neverReach(k) {
			add(Error, k.at().subjectType(t), "%s: the clock starts with this: %s; for people of the kind %s it never comes", k.a.Printed(), v.triggerWords(k.term), words([]code{t}))
		}
	}
	v.mayNever(add)
}

// neverReach lists the kinds of person in a row for whom none of the triggers
// comes and no other period of the row is made.
func (v *view) neverReach(k kept) (list []code) {
	triggers := k.term.AllTriggers()
	for i := range v.SubjectTypes {
		t := v.SubjectTypes[i].ID
		never := !slices.ContainsFunc(triggers, func(tr catalogue.Trigger) bool {
			m, ok := v.Milestone(tr.Code)
			return !ok || !slices.ContainsFunc(m.NeverFor, func(n code) bool { return v.IsA(t, n) })
		})
		second := !k.second && slices.ContainsFunc(k.a.Retention.ByType, func(b catalogue.TypeRetention) bool { return v.covers(b.Applies, t) })
		narrow := slices.ContainsFunc(v.SubjectTypes, func(s catalogue.SubjectType) bool {
			return s.ID != t && v.IsA(t, s.ID) && slices.Contains(list, s.ID)
		})
		except := slices.ContainsFunc(k.a.ExceptTypes, func(e code) bool { return v.IsA(t, e) })
		if never && v.covers(k.applies, t) && !second && !narrow && !except {
			list = append(list, t)
		}
	}
	return list
}

// mayNever speaks once of every rule or row whose clock only the person can
// start: whoever does nothing is kept for ever.
func (v *view) mayNever(add adder) {
	mine := func(t *catalogue.Term) bool {
		triggers := t.AllTriggers()
		return t.Period.Given() && !t.Period.Immediate() && len(triggers) > 0 && !slices.ContainsFunc(triggers, func(tr catalogue.Trigger) bool {
			m, ok := v.Milestone(tr.Code)
			// What comes again and again has come already, and what is of an item
			// came with it.
			return !ok || m.BroughtBy != catalogue.BySubject || m.Moving || m.Scope != catalogue.ScopePerson
		})
	}
	for i := range v.RetentionRules {
		if r := &v.RetentionRules[i]; mine(&r.Term) {
			add(Error, place{Retention: r.ID, Lines: r.Lines}, "the clock starts with this alone: %s; it may never come, and until then data is kept without end", v.triggerWords(&r.Term))
		}
	}
	for _, k := range v.all() {
		if k.term != nil && (k.rule == nil || k.term != &k.rule.Term) && mine(k.term) && !v.hasSameRule(k.term) {
			add(Error, k.at(), "%s: the clock starts with this alone: %s; it may never come", k.a.Printed(), v.triggerWords(k.term))
		}
	}
}

// hasSameRule reports whether a general rule says the same as a row.
func (v *view) hasSameRule(t *catalogue.Term) bool {
	return slices.ContainsFunc(v.RetentionRules, func(r catalogue.RetentionRule) bool {
		return r.Period == t.Period && slices.Equal(r.AllTriggers(), t.AllTriggers())
	})
}

func (v *view) triggerWords(t *catalogue.Term) string {
	var out []string
	for _, tr := range t.AllTriggers() {
		if m, ok := v.Milestone(tr.Code); ok {
			out = append(out, m.When)
		} else {
			out = append(out, words([]code{tr.Code}))
		}
	}
	return strings.Join(out, " or ")
}

func retTriggerMissing(v *view, add adder) {
	for _, k := range v.all() {
		if k.term.Period.Given() && k.term.PeriodFrom != catalogue.PlaceProse && (len(k.term.AllTriggers()) == 0 && k.term.Round == "" || k.term.TriggerFrom == catalogue.PlaceProse) {
			add(Gap, k.at(), "%s: a period is printed and not what it is counted from", k.a.Printed())
		}
	}
	for i := range v.RetentionRules {
		if r := &v.RetentionRules[i]; r.Period.Given() && len(r.AllTriggers()) == 0 && r.Round == "" {
			add(Gap, place{Retention: r.ID, Lines: r.Lines}, "a period is stated and not what it is counted from")
		}
	}
}

// retAmbiguousOr is an error for a general rule on which everything depends, a
// warning for a row.
func retAmbiguousOr(v *view, add adder) {
	for i := range v.RetentionRules {
		if r := &v.RetentionRules[i]; len(r.Triggers) > 1 && r.Unresolved() {
			verdict := Warn
			if len(r.Applies) == 0 && len(r.Categories) == 0 {
				verdict = Error
			}
			add(verdict, place{Retention: r.ID, Lines: r.Lines}, "%s: whether the earlier or the later counts is not said", v.triggerWords(&r.Term))
		}
	}
	for _, k := range v.all() {
		if (k.rule == nil || k.term != &k.rule.Term) && k.term.Unresolved() && !v.hasSameRule(k.term) {
			add(Warn, k.at(), "%s: %s: whether the earlier or the later counts is not said", k.a.Printed(), v.triggerWords(k.term))
		}
	}
}

func retSelfExtending(v *view, add adder) {
	for i := range v.Milestones {
		m := &v.Milestones[i]
		if !m.Moving {
			continue
		}
		counts := func(t *catalogue.Term) bool {
			return slices.ContainsFunc(t.AllTriggers(), func(tr catalogue.Trigger) bool { return tr.Code == m.ID })
		}
		for j := range v.RetentionRules {
			if r := &v.RetentionRules[j]; counts(&r.Term) {
				add(Warn, place{Retention: r.ID, Lines: r.Lines}, "the clock moves with %s; a request, an export or an audit must not move it", m.Name)
			}
		}
		for _, k := range v.all() {
			if (k.rule == nil || k.term != &k.rule.Term) && counts(k.term) && !v.hasSameRule(k.term) {
				add(Warn, k.at(), "%s: the clock moves with %s; a request, an export or an audit must not move it", k.a.Printed(), m.Name)
			}
		}
	}
}

func retEmbedded(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutRetention, "kept_with") {
		for _, id := range s.Activities {
			host, _ := v.Activity(id)
			byRow := slices.ContainsFunc(v.rows, func(a *activity) bool {
				return slices.Contains(a.StoredIn, id) && v.meet(s.SubjectTypes, a.SubjectTypes)
			})
			if !byRow && !v.meet(s.SubjectTypes, host.SubjectTypes) {
				add(Conflict, at(host).with(s.Lines), "data of %s sits in the records of %s: one copy, two clocks, two people", words(s.SubjectTypes), host.Printed())
			}
		}
	}
	for _, a := range v.rows {
		for _, id := range a.StoredIn {
			if host, ok := v.Activity(id); ok && !v.meet(a.SubjectTypes, host.SubjectTypes) {
				add(Conflict, at(a).with(host.Lines), "data of %s sits in the records of %s: one copy, two clocks, two people", a.Printed(), host.Printed())
			}
		}
	}
}

func retParameter(v *view, add adder) {
	if !v.Organisation.YearEnd.IsZero() {
		return
	}
	for _, k := range v.all() {
		if k.term.Round == catalogue.RoundFinancialYear {
			add(Gap, k.at(), "%s: counted from the end of the financial year, and the day on which that is, is not given", k.a.Printed())
		}
	}
}

func retTwoInCell(v *view, add adder) {
	for _, k := range v.all() {
		if k.second {
			add(Warn, k.at(), "%s: one cell holds periods for two kinds of people", k.a.Printed())
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutText, "two_in_cell") {
		split := slices.ContainsFunc(v.rowsOf(s), func(a *activity) bool { return len(s.Activities) > 0 && len(a.Retention.ByType) > 0 })
		if !split {
			add(Warn, said(s), "one cell holds two periods")
		}
	}
}

// retExternalCode: the code of practice on certificates of the Disclosure and
// Barring Service asks that they are not kept longer than six months after the
// decision.
func retExternalCode(v *view, add adder) {
	for _, k := range v.all() {
		p := k.term.Period
		if p.Years == 0 && p.Months <= 6 {
			continue
		}
		for _, id := range k.a.Categories {
			c := v.cat(id)
			dbs := slices.ContainsFunc(c.Items, func(e catalogue.Element) bool { return strings.Contains(string(e.ID), "dbs") })
			if c.Criminal && dbs {
				add(Warn, k.at().category(id), "%s keeps results of criminal record checks for %s; the code of practice says 6 months after the decision", k.a.Printed(), p.Plain())
			}
		}
	}
}

func retEndEvent(v *view, add adder) {
	var ends []kept
	for _, k := range v.all() {
		withdrawn := slices.ContainsFunc(k.term.AllTriggers(), func(t catalogue.Trigger) bool { return t.Code == "consent_withdrawn" })
		if only(k.a, consent) && (k.a.DirectMarketing || k.a.OptIn) && withdrawn {
			ends = append(ends, k)
		}
	}
	for _, m := range v.Milestones {
		if m.BroughtBy != catalogue.ByNature {
			continue
		}
		has := func(k kept) bool {
			return slices.ContainsFunc(k.term.AllTriggers(), func(t catalogue.Trigger) bool { return t.Code == m.ID })
		}
		i := slices.IndexFunc(ends, has)
		for _, k := range ends {
			if i >= 0 && !has(k) {
				add(Gap, k.at().with(ends[i].lines), "%s does not end when %s; %s does", k.a.Printed(), m.When, ends[i].a.Printed())
			}
		}
	}
}
