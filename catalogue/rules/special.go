package rules

import (
	"regexp"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
)

// conditions lists what a row prints beside its basis: articles and paragraphs.
func conditions(a *activity) []code {
	return slices.Concat(articles(a.Conditions), schedules(a.Conditions))
}

func article9(list []code) bool {
	return slices.ContainsFunc(list, func(c code) bool { return len(c) > 2 && c[:2] == "9." })
}

// specialNoArt9: without a condition of Article 9(2) special data may not be
// processed at all. Where its kind is inferred or unclear a person decides.
func specialNoArt9(v *view, add adder) {
	for _, a := range v.rows {
		if article9(articles(a.Conditions)) && a.ConditionsStatus != catalogue.Pooled {
			continue
		}
		for _, id := range a.Categories {
			c := v.cat(id)
			if !c.Special {
				continue
			}
			verdict := Review
			if surelySpecial(c) {
				verdict = Error
			}
			add(verdict, at(a).category(id), "%s holds %s without a condition of Article 9", a.Printed(), c.Name)
		}
	}
}

func criminalNoArt10(v *view, add adder) {
	for _, a := range v.rows {
		if slices.Contains(articles(a.Conditions), criminalArt) || len(schedules(a.Conditions)) > 0 {
			continue
		}
		for _, id := range a.Categories {
			if c := v.cat(id); c.Criminal {
				add(Error, at(a).category(id), "%s holds %s without authority in law for it", a.Printed(), c.Name)
			}
		}
	}
}

// criminalNoRetention: a period made for everything says nothing of criminal
// data, whose need has to be judged by itself.
func criminalNoRetention(v *view, add adder) {
	for i := range v.Categories {
		c := &v.Categories[i]
		if !c.Criminal {
			continue
		}
		blanket, own := place{Category: c.ID, Lines: c.Lines}, false
		for _, a := range v.rows {
			if !a.HasCategory(c.ID) {
				continue
			}
			r, ok := v.RetentionRule(a.Retention.Rule)
			switch {
			case !ok && a.Retention.Period.Given(), ok && slices.Contains(r.Categories, c.ID):
				own = true
			case ok:
				blanket = blanket.with(r.Lines)
			}
		}
		if _, any := v.inRows(c.ID); any && !own {
			add(Error, blanket, "%s: no period of its own; the general one counts, if there is one", c.Name)
		}
	}
}

// specialInPlain tags items, so that special data is not handled as plain.
func specialInPlain(v *view, add adder) {
	for i := range v.Categories {
		c := &v.Categories[i]
		if sensitive(c) {
			continue
		}
		for _, e := range c.Items {
			if e.Reveals != "" {
				add(Warn, place{Category: c.ID}.with(c.Lines, e.Lines), "%s: plain by itself, but this item can show more: %s (%s)", c.Name, e.Name, words([]code{e.Reveals}))
			}
		}
		if len(c.MayReveal) > 0 {
			add(Warn, place{Category: c.ID, Lines: c.Lines}, "%s: plain by itself, but may hold %s data", c.Name, words(c.MayReveal))
		}
	}
}

func specialWithoutCondition(v *view, add adder) {
	for _, a := range v.rows {
		if len(a.Conditions) > 0 {
			continue
		}
		for _, id := range a.Categories {
			if c := v.cat(id); !sensitive(c) && slices.Contains(c.MayReveal, catalogue.MayBeSpecial) {
				add(Warn, at(a).category(id), "%s: %s may bring special data and the row has no condition for it", a.Printed(), c.Name)
			}
		}
	}
}

func specialConditionUnused(v *view, add adder) {
	held := slices.ContainsFunc(v.Categories, func(c category) bool { return c.Special && len(c.Items) > 0 })
	if held {
		return
	}
	for _, s := range v.StatementsAbout(catalogue.AboutBasis) {
		if article9(s.Conditions) {
			add(Review, said(s), "conditions of Article 9 are listed and no special data is named as collected")
			return
		}
	}
	for _, a := range v.rows {
		if article9(articles(a.Conditions)) {
			add(Review, at(a), "%s prints a condition of Article 9 and no special data is named as collected", a.Printed())
			return
		}
	}
}

func specialConsentIncomplete(v *view, add adder) {
	for _, a := range v.rows {
		printed := slices.DeleteFunc(slices.Clone(a.Conditions), func(c catalogue.Condition) bool {
			return c.Status == catalogue.Inferred || c.Status == catalogue.NotStated
		})
		if rests(a, consent) && !article9(articles(printed)) {
			for _, id := range a.Categories {
				if c := v.cat(id); c.Special {
					add(Warn, at(a).category(id), "%s: consent is named for %s; that it is explicit, and the article, are not", a.Printed(), c.Name)
				}
			}
		}
	}
}

func specialLabelOdd(v *view, add adder) {
	for i := range v.Categories {
		if c := &v.Categories[i]; c.Special && c.Kind == "unclear" && len(c.Items) > 0 {
			add(Review, place{Category: c.ID, Lines: c.Lines}, "%s: listed as special, and the notice does not explain what it is", c.Name)
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutTerm, "unexplained") {
		for _, id := range s.Categories {
			if v.cat(id).Special && v.cat(id).Kind != "unclear" {
				add(Review, said(s).category(id), "%s: a label among the special data is not explained", v.cat(id).Name)
			}
		}
	}
}

// specialNoRow: data that is or may be special, held under no row at all, has
// neither a basis nor a condition.
func specialNoRow(v *view, add adder) {
	for i := range v.Categories {
		c := &v.Categories[i]
		if !sensitive(c) && !v.reveals(c) || c.NotKnowingly {
			continue
		}
		if _, any := v.inRows(c.ID); !any {
			add(Error, place{Category: c.ID, Lines: c.Lines}, "%s: can hold special or criminal data, and no row gives it a basis", c.Name)
		}
	}
}

func scheduleIsExemption(v *view, add adder) {
	for _, a := range v.rows {
		cited := slices.DeleteFunc(schedules(a.Conditions), func(s code) bool {
			part, _ := paragraph(s)
			return part != "2" && part != "3" && part != "4"
		})
		if len(cited) > 0 {
			add(Error, at(a).with(a.CondLines), "%s prints %s, which lifts duties and rights; it is no condition for holding data", a.Printed(), words(cited))
		}
	}
}

var schedulePattern = regexp.MustCompile(`^dpa[-_.]?s(\d+)[-_.]?p(\d+)`)

// paragraph reads a code such as dpa-s1-p2 as schedule and paragraph.
func paragraph(c code) (schedule, para string) {
	if m := schedulePattern.FindStringSubmatch(string(c)); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

func conditionNotNeeded(v *view, add adder) {
	for _, a := range v.rows {
		if len(a.Categories) == 0 || !article9(articles(a.Conditions)) || a.ConditionsStatus == catalogue.Pooled {
			continue
		}
		if !slices.ContainsFunc(a.Categories, func(id code) bool { return v.cat(id).Special || v.reveals(v.cat(id)) }) {
			add(Warn, at(a).with(a.CondLines), "%s prints a condition of Article 9 and holds nothing that needs one", a.Printed())
		}
	}
}

func conditionTextArticle(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutConditions) {
		means := slices.Concat(s.Conditions, s.LawfulBasis)
		for _, a := range v.rowsOf(s) {
			if arts := articles(a.Conditions); len(means) > 0 && len(arts) > 0 && !overlap(means, arts) {
				add(Error, at(a).with(s.Lines), "%s: the words describe %s, the article printed is %s", a.Printed(), words(means), words(arts))
			}
		}
	}
}

// withSchedule are the conditions of Article 9 that UK law opens only through a
// paragraph of Schedule 1 (DPA 2018 section 10).
var withSchedule = []code{"9.2.b", "9.2.g", "9.2.h", "9.2.i", "9.2.j", criminalArt}

func conditionScheduleMissing(v *view, add adder) {
	for _, a := range v.rows {
		for _, c := range a.Conditions {
			if slices.Contains(withSchedule, c.Article) && len(schedules(a.Conditions)) == 0 && a.ConditionsStatus != catalogue.Pooled {
				add(Gap, at(a).with(c.Lines), "%s: %s needs a paragraph of Schedule 1 to the Data Protection Act 2018 and none is printed", a.Printed(), c.Article)
				break
			}
		}
	}
}

// conditionExtra and scheduleIncomplete hold what is printed against the words.
func conditionExtra(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutConditions) {
		for _, a := range v.rowsOf(s) {
			if printed := conditions(a); overlap(articles(a.Conditions), s.Conditions) && !within(printed, s.Conditions) {
				add(Warn, at(a).with(s.Lines), "%s prints %s; its words support %s only", a.Printed(), words(printed), words(s.Conditions))
			}
		}
	}
}

func scheduleIncomplete(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutConditions) {
		for _, a := range v.rowsOf(s) {
			printed := conditions(a)
			for _, c := range s.Conditions {
				if sch, _ := paragraph(c); sch == "1" && len(schedules(a.Conditions)) > 0 && !slices.Contains(printed, c) {
					add(Warn, at(a).with(s.Lines), "%s: its words describe %s too, which is not cited", a.Printed(), c)
				}
			}
		}
	}
}

// policyDocument: conditions in Part 1 (but for health, paragraph 2, and what
// follows it), Part 2 and Part 3 of Schedule 1 call for a document of their own.
func policyDocument(v *view, add adder) {
	if len(v.StatementsAbout(catalogue.AboutPolicyDoc)) > 0 {
		return
	}
	p, first := place{}, ""
	for _, a := range v.rows {
		for _, s := range schedules(a.Conditions) {
			sch, para := paragraph(s)
			if sch == "1" && para != "2" && para != "3" && para != "4" {
				p = p.with(a.CondLines)
				if first == "" {
					first = a.Printed()
					p = p.with(a.Lines)
				}
			}
		}
	}
	if first != "" {
		add(Info, p, "conditions of Schedule 1 are used, first in %s, and the policy document they call for is not mentioned", first)
	}
}

func holdVsReceive(v *view, add adder) {
	for i := range v.LocationRules {
		l := &v.LocationRules[i]
		for _, id := range l.Categories {
			add(Info, place{Category: id, Lines: l.Lines}, "%s: may be received and may not be held everywhere: %s", v.cat(id).Name, l.Text)
		}
	}
}

// locationForbidden looks at what the catalogue itself declares; holdings in a
// forbidden place are found as events arrive.
func locationForbidden(v *view, add adder) {
	for i := range v.LocationRules {
		l := &v.LocationRules[i]
		for j := range v.Systems {
			s := &v.Systems[j]
			bad := slices.Contains(l.Forbidden, s.ID) || s.Place != "" && slices.Contains(l.Forbidden, s.Place) || s.HostedBy != "" && slices.Contains(l.Forbidden, s.HostedBy)
			for _, id := range s.Holds {
				if bad && slices.Contains(l.Categories, id) {
					add(Error, place{Category: id, Lines: l.Lines}, "the system %s is declared to hold %s, which may not be kept there", s.Name, v.cat(id).Name)
				}
			}
		}
	}
}
