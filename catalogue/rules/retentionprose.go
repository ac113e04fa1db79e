package rules

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
)

// prose is what the text beside the rows says of how long.
type prose struct {
	types, cats, rows []code
	modality          code // fixed, at_least, within, may_exceed, while_consented
	triggers          []catalogue.Trigger
	period            catalogue.Period
	lines             catalogue.Lines
}

// proses gathers the general rules that stand in prose and the statements.
func (v *view) proses() (list []prose) {
	modality := map[catalogue.Modality]code{catalogue.ModalityMinimum: "at_least", catalogue.ModalityMaximum: "within"}
	for i := range v.RetentionRules {
		r := &v.RetentionRules[i]
		if r.From != catalogue.PlaceProse {
			continue
		}
		m := modality[r.Modality]
		switch {
		case r.Effect == catalogue.EffectAnonymise || r.AtEnd == catalogue.AtEndAnonymise:
			m = "may_exceed"
		case r.Period.Immediate() && len(r.AllTriggers()) == 1 && r.Trigger.Code == "consent_withdrawn":
			m = "while_consented"
		case m == "":
			m = "fixed"
		}
		list = append(list, prose{r.Applies, r.Categories, r.Rows, m, r.AllTriggers(), r.Period, slices.Concat(r.Lines, r.TermLines)})
	}
	for _, s := range v.StatementsAbout(catalogue.AboutRetention, "fixed", "at_least", "within", "may_exceed", "while_consented") {
		list = append(list, prose{s.SubjectTypes, s.Categories, s.Activities, s.Claim, s.AllTriggers(), s.Period, s.Lines})
	}
	return list
}

// beside lists the periods of the rows that a prose sentence is about: in each
// row the one for the people of the sentence.
func (v *view) beside(p prose) (list []kept) {
	for _, a := range v.rows {
		named := slices.Contains(p.rows, a.ID)
		if len(p.rows) > 0 && !named || !named && !(v.meet(p.types, a.SubjectTypes) && share(p.cats, a.Categories)) {
			continue
		}
		all := v.terms(a)
		mine := all[0]
		for _, k := range all[1:] {
			if len(p.types) > 0 && !slices.ContainsFunc(p.types, func(t code) bool { return !v.covers(k.applies, t) }) {
				mine = k
			}
		}
		if mine.rule == nil || mine.rule.From != catalogue.PlaceProse {
			list = append(list, mine)
		}
	}
	return list
}

// proseTablePeriod compares with what the row itself prints.
func proseTablePeriod(v *view, add adder) {
	for _, p := range v.proses() {
		if !p.period.Given() || p.modality == "may_exceed" || p.modality == "while_consented" {
			continue
		}
		for _, k := range v.beside(p) {
			if k.term.Period.Given() && k.term.PeriodFrom != catalogue.PlaceProse && k.term.Period != p.period {
				add(Conflict, k.at().with(p.lines), "%s: %s%s in prose, %s in the row", k.a.Printed(), atLeast[p.modality], p.period.Plain(), k.term.Period.Plain())
			}
		}
	}
}

var atLeast = map[code]string{"at_least": "at least ", "within": "at most "}

func proseTableTrigger(v *view, add adder) {
	for _, p := range v.proses() {
		if len(p.triggers) == 0 || p.modality == "may_exceed" || p.modality == "while_consented" {
			continue
		}
		for _, k := range v.beside(p) {
			printed := k.term.AllTriggers()
			if len(printed) == 0 || k.term.TriggerFrom == catalogue.PlaceProse || k.term.Round != "" {
				continue
			}
			if !sameTriggers(printed, p.triggers) {
				t := catalogue.Term{Triggers: p.triggers}
				add(Conflict, k.at().with(p.lines), "%s: counted from this in prose: %s; from this in the row: %s", k.a.Printed(), v.triggerWords(&t), v.triggerWords(k.term))
			}
		}
	}
}

func sameTriggers(a, b []catalogue.Trigger) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(t catalogue.Trigger) bool { return !slices.Contains(b, t) })
}

func retModality(v *view, add adder) {
	for _, p := range v.proses() {
		if p.modality != "at_least" && p.modality != "within" {
			continue
		}
		for _, k := range v.beside(p) {
			if k.term.Period.Given() && (k.term.Modality == "" || k.term.Modality == catalogue.ModalityFixed) {
				add(Conflict, k.at().with(p.lines), "%s: the prose gives a %s, the row a fixed period", k.a.Printed(), map[code]string{"at_least": "least time and no greatest", "within": "greatest time"}[p.modality])
			}
		}
	}
}

// anonymisedGeneral: a longer time for anonymised data hints at another general
// period than the one stated.
func anonymisedGeneral(v *view, add adder) {
	for _, p := range v.proses() {
		for _, q := range v.proses() {
			if p.modality == "may_exceed" && q.modality != "may_exceed" && p.period.Given() && q.period.Given() &&
				slices.Equal(p.types, q.types) && p.period != q.period && len(q.types) > 0 {
				add(Warn, place{}.with(p.lines, q.lines), "anonymised data of %s may be kept beyond %s, and the general period is %s", words(p.types), p.period.Plain(), q.period.Plain())
			}
		}
	}
}

// identityShorter: data without a name on it cannot be used or found, so the
// name has to last as long as the rest.
func identityShorter(v *view, add adder) {
	for _, k := range v.all() {
		if !slices.ContainsFunc(k.a.Categories, func(id code) bool { return identity(v.cat(id)) }) || !k.term.Period.Given() {
			continue
		}
		p, longer := k.at(), []string{}
		for _, other := range v.all() {
			if other.a != k.a && v.meet(k.applies, other.applies) && sameTriggers(k.term.AllTriggers(), other.term.AllTriggers()) &&
				less(k.term.Period, other.term.Period) && !only(other.a, vital) && !v.identityLasts(other) {
				longer = append(longer, other.a.Printed())
				p = p.with(other.lines)
			}
		}
		if len(longer) > 0 {
			add(Conflict, p, "%s keeps the name for %s; %s last longer and need it", k.a.Printed(), k.term.Period.Plain(), strings.Join(longer, ", "))
		}
	}
}

func identity(c *category) bool {
	return slices.ContainsFunc(c.Items, func(e catalogue.Element) bool {
		return e.ID == "name" || e.ID == "full_name" || e.ID == "last_name"
	})
}

// identityLasts reports whether another row keeps a name as long.
func (v *view) identityLasts(k kept) bool {
	for _, o := range v.all() {
		if slices.ContainsFunc(o.a.Categories, func(id code) bool { return identity(v.cat(id)) }) && v.meet(o.applies, k.applies) &&
			sameTriggers(o.term.AllTriggers(), k.term.AllTriggers()) && !less(o.term.Period, k.term.Period) {
			return true
		}
	}
	return false
}

// less compares two lengths of time by their days, months of 30 and a half.
func less(a, b catalogue.Period) bool {
	days := func(p catalogue.Period) float64 {
		return float64(p.Years)*365.25 + float64(p.Months)*30.5 + float64(p.Days) + float64(p.Hours)/24
	}
	return a.Given() && b.Given() && days(a) < days(b)
}

// twoPeriods: the same data of the same people under two clocks. Where one of
// them is consent the two bases contradict each other; else the purpose has to
// stand on every holding.
func twoPeriods(v *view, add adder) {
	for i := range v.Categories {
		c := &v.Categories[i]
		var seen []kept
		for _, k := range v.all() {
			if !k.a.HasCategory(c.ID) || !k.term.Period.Given() || k.second {
				continue
			}
			j := slices.IndexFunc(seen, func(o kept) bool {
				return v.meetRows(o, k) && (o.term.Period != k.term.Period || !sameTriggers(o.term.AllTriggers(), k.term.AllTriggers()))
			})
			if j >= 0 {
				verdict := Warn
				if only(k.a, consent) != only(seen[j].a, consent) {
					verdict = Conflict
				}
				add(verdict, k.at().category(c.ID).with(seen[j].a.Lines, seen[j].lines), "%s: kept %s under %s and %s under %s", c.Name,
					v.howLong(seen[j].term), seen[j].a.Printed(), v.howLong(k.term), k.a.Printed())
			}
			seen = append(seen, k)
		}
	}
}

// meetRows reports whether two periods can be about the same person.
func (v *view) meetRows(a, b kept) bool {
	out := func(except, types []code) bool {
		return len(except) > 0 && !slices.ContainsFunc(types, func(t code) bool { return !v.covers(except, t) })
	}
	return v.meet(a.applies, b.applies) && !out(a.a.ExceptTypes, b.applies) && !out(b.a.ExceptTypes, a.applies)
}

func (v *view) howLong(t *catalogue.Term) string {
	switch {
	case t.Period.Immediate() && len(t.AllTriggers()) > 0:
		return "until " + v.triggerWords(t)
	case t.Period.Given():
		return "for " + t.Period.Plain()
	case t.Indefinite:
		return "without end"
	case t.Pointer != "":
		return "as " + t.Pointer + " says"
	}
	return "without a stated period"
}

func beyondConsent(v *view, add adder) {
	for _, k := range v.all() {
		ends := slices.ContainsFunc(k.term.AllTriggers(), func(t catalogue.Trigger) bool { return t.Code == "consent_withdrawn" })
		if only(k.a, consent) && k.a.BasisStatus == catalogue.BasisStated && k.term.Period.Given() && len(k.term.AllTriggers()) > 0 && !ends {
			add(Conflict, k.at(), "%s rests on consent, and stays for %s after %s even if it is withdrawn", k.a.Printed(), k.term.Period.Plain(), v.triggerWords(k.term))
		}
	}
}

func actionUnclear(v *view, add adder) {
	for _, k := range v.all() {
		if k.term.AtEnd != catalogue.AtEndStop {
			continue
		}
		p := k.at()
		for _, q := range v.proses() {
			if q.modality == "while_consented" && slices.ContainsFunc(v.beside(q), func(o kept) bool { return o.a == k.a }) {
				p = p.with(q.lines)
			}
		}
		add(Warn, p, "%s: at the end the use stops; whether the data is erased is not said", k.a.Printed())
	}
}

func minorRule(v *view, add adder) {
	for i := range v.SubjectTypes {
		t := &v.SubjectTypes[i]
		if !t.Child || no(t.Expected) {
			continue
		}
		own := func(list []code) bool { return slices.Contains(list, t.ID) }
		has := slices.ContainsFunc(v.RetentionRules, func(r catalogue.RetentionRule) bool { return own(r.Applies) }) ||
			slices.ContainsFunc(v.all(), func(k kept) bool { return own(k.applies) && says(k.term) })
		if !has {
			add(Info, place{SubjectType: t.ID, Lines: t.Lines}, "%s: under age, and no period is made for them", t.Name)
		}
	}
}

// coverage speaks of people whom no stated period reaches, where others have
// one. Where no period stands at all, that is another finding.
func coverage(v *view, add adder) {
	if !slices.ContainsFunc(v.RetentionRules, func(r catalogue.RetentionRule) bool { return r.Period.Given() && !r.Period.Immediate() }) {
		return
	}
	for i := range v.SubjectTypes {
		t := &v.SubjectTypes[i]
		p, rows, ends := place{SubjectType: t.ID}, 0, false
		for _, k := range v.all() {
			if slices.Contains(k.applies, t.ID) {
				rows++
				p = p.with(k.a.Lines)
				ends = ends || k.term.Period.Given() || k.term.Indefinite
			}
		}
		for _, r := range v.RetentionRules {
			ends = ends || r.Period.Given() && v.covers(r.Applies, t.ID) && len(r.Categories) == 0 && (len(r.Applies) > 0 || !r.Period.Immediate())
		}
		if rows > 0 && !ends {
			p.Lines = t.Lines
			verdict := Error
			if no(t.Declared) {
				verdict = Warn
			}
			add(verdict, p, "no period reaches people of the kind %s, and %s their data", words([]code{t.ID}), counted(rows, "activity holds", "activities hold"))
		}
	}
}

func oneSize(v *view, add adder) {
	periods, cats, special := map[catalogue.Period]bool{}, map[code]bool{}, false
	p := place{}
	for _, k := range v.all() {
		if k.term.Period.Given() && !k.term.Period.Immediate() {
			periods[k.term.Period] = true
			p = p.with(k.lines)
			for _, id := range k.a.Categories {
				cats[id] = true
				special = special || sensitive(v.cat(id))
			}
		}
	}
	for _, r := range v.RetentionRules {
		if r.Period.Given() && !r.Period.Immediate() {
			periods[r.Period] = true
			p = p.with(r.Lines)
			if len(r.Categories) == 0 {
				special = special || slices.ContainsFunc(v.Categories, func(c category) bool { return sensitive(&c) })
			}
		}
	}
	if len(periods) == 1 && len(cats) > 3 && special {
		add(Warn, p, "one period serves %s, plain and sensitive alike", counted(len(cats), "kind of data", "kinds of data"))
	}
}

func openEnded(v *view, add adder) {
	for i := range v.RetentionRules {
		r := &v.RetentionRules[i]
		if isOpen(r) {
			add(Warn, place{Retention: r.ID, Lines: r.Lines}, "kept for as long as it takes: %s", r.Text)
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutRetention, "extends", "while_needed") {
		told := slices.ContainsFunc(v.RetentionRules, func(r catalogue.RetentionRule) bool { return isOpen(&r) && crosses(r.Lines, s.Lines) })
		if !told {
			add(Warn, said(s), "kept for as long as it takes: %s", orWords(s.Text, "for as long as it is needed"))
		}
	}
}

// isOpen reports whether a general rule sets no end: no period, no document that
// has one, or a longer time than the others.
func isOpen(r *catalogue.RetentionRule) bool {
	return r.Effect == catalogue.EffectExtend || !r.Period.Given() && r.Pointer == "" && !r.Indefinite && r.From != catalogue.PlaceProse
}

// crosses reports whether two places in the notice have a line in common.
func crosses(a, b catalogue.Lines) bool {
	return slices.ContainsFunc(a, func(x catalogue.LineRange) bool {
		return slices.ContainsFunc(b, func(y catalogue.LineRange) bool { return x.From <= y.To && y.From <= x.To })
	})
}

func orWords(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func retVsErasure(v *view, add adder) {
	var marked catalogue.Lines
	for i := range v.RetentionRules {
		if r := &v.RetentionRules[i]; r.ToErasure {
			marked = append(marked, r.Lines...)
			add(Info, place{Retention: r.ID, Lines: r.Lines}, "the period yields to a request to erase")
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutRetention, "subject_to_erasure") {
		if crosses(marked, s.Lines) {
			continue
		}
		add(Info, said(s), "the period yields to a request to erase")
	}
}

func cookieLifetime(v *view, add adder) {
	p, some := place{}, false
	for _, s := range v.StatementsAbout(catalogue.AboutCookies) {
		if s.Period.Given() {
			return
		}
		p, some = p.with(s.Lines), true
	}
	if some {
		add(Info, p, "cookies are used and how long they last is not said")
	}
}
