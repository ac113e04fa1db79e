package rules

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
)

// basisMissing is an error where the law asks for most: special and criminal
// data, marketing, profiling.
func basisMissing(v *view, add adder) {
	for _, a := range v.rows {
		if a.BasisStatus != catalogue.BasisNoneStated {
			continue
		}
		verdict, why := Warn, ""
		switch {
		case v.hasSensitive(a):
			verdict, why = Error, "; it holds special or criminal data"
		case a.DirectMarketing || a.ThirdPartyAds:
			verdict, why = Error, "; it is marketing"
		case a.Profiling != "" && a.Profiling != catalogue.ProfilingDenied:
			verdict, why = Error, "; it is profiling"
		}
		add(verdict, at(a), "%s: no lawful basis is stated%s", a.Printed(), why)
	}
}

// basisPooled speaks once of every pool: the rights that depend on the basis
// (Articles 17, 20 and 21) cannot be decided for any row in it.
func basisPooled(v *view, add adder) {
	pools := map[string][]*activity{}
	var order []string
	for _, a := range v.rows {
		if a.BasisStatus == catalogue.BasisPooled {
			key := words(a.LawfulBasis)
			if pools[key] == nil {
				order = append(order, key)
			}
			pools[key] = append(pools[key], a)
		}
	}
	for _, key := range order {
		if slices.ContainsFunc(order, func(o string) bool {
			return o != key && within(pools[key][0].LawfulBasis, pools[o][0].LawfulBasis)
		}) {
			continue // a part of another pool
		}
		p := place{}
		for _, s := range v.StatementsAbout(catalogue.AboutBasis, "pooled") {
			if words(s.LawfulBasis) == key || len(s.LawfulBasis) == 0 {
				p = p.with(s.Lines)
			}
		}
		if len(p.Lines) == 0 {
			p = p.with(pools[key][0].BasisLines)
		}
		add(Error, p, "%s one list of %d lawful bases, and which belongs to which is not said; first %s",
			counted(len(pools[key]), "activity rests on", "activities share"), len(pools[key][0].LawfulBasis), pools[key][0].Printed())
	}
}

func basisConditional(v *view, add adder) {
	for _, a := range v.rows {
		if a.BasisStatus == catalogue.BasisConditional {
			add(Review, at(a), "%s rests on %s, and when on which is not said", a.Printed(), plainBases(a.LawfulBasis))
		}
	}
}

// basisInterestAuthority: the last sentence of Article 6(1) closes legitimate
// interests to public authorities in the performance of their tasks.
func basisInterestAuthority(v *view, add adder) {
	if !v.Organisation.PublicAuthority {
		return
	}
	p, n := place{}, 0
	for _, a := range v.rows {
		if slices.Contains(a.LawfulBasis, interest) {
			if n++; n == 1 {
				p = p.with(a.BasisLines)
			}
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutBasis) {
		if slices.Contains(s.LawfulBasis, interest) {
			n++
			p = p.with(s.Lines)
		}
	}
	if n > 0 {
		add(Warn, p, "a public authority names legitimate interests, which are not open to its public tasks")
	}
}

// contractNonParty: Article 6(1)(b) speaks of a contract to which the data
// subject is party.
func contractNonParty(v *view, add adder) {
	never := v.StatementsAbout(catalogue.AboutRelation, "other_signs")
	for _, a := range v.rows {
		if !rests(a, contract) {
			continue
		}
		if len(a.ContractParty) > 0 && !v.meet(a.ContractParty, a.SubjectTypes) {
			add(v.nonParty(a), at(a), "%s rests on a contract that its people do not sign; %s does", a.Printed(), words(a.ContractParty))
			continue
		}
		for _, t := range a.SubjectTypes {
			if s := about(never, v, t, a); s != nil {
				add(v.nonParty(a), at(a).subjectType(t).with(s.Lines), "%s rests on a contract to which people of the kind %s are no party", a.Printed(), words([]code{t}))
			}
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutRelation, "may_sign") {
		var on []string
		for _, a := range v.rows {
			if rests(a, contract) && slices.ContainsFunc(a.SubjectTypes, func(t code) bool { return about([]*catalogue.Statement{s}, v, t, a) != nil }) {
				on = append(on, a.Printed())
			}
		}
		if len(on) > 0 {
			add(Warn, said(s), "a contract is the basis of %s, and somebody else may have signed it for people of the kind %s", strings.Join(on, ", "), words(s.SubjectTypes))
		}
	}
}

// nonParty is an error where the row rests on that contract alone and holds
// special or criminal data for sure.
func (v *view) nonParty(a *activity) Verdict {
	if only(a, contract) && slices.ContainsFunc(a.Categories, func(id code) bool { return surelySpecial(v.cat(id)) || v.cat(id).Criminal }) {
		return Error
	}
	return Review
}

// about finds a statement about this kind of person that is not about other
// rows. A statement about a narrower kind than the row's counts too.
func about(list []*catalogue.Statement, v *view, kind code, a *activity) *catalogue.Statement {
	for _, s := range list {
		if (len(s.Activities) == 0 || slices.Contains(s.Activities, a.ID)) &&
			slices.ContainsFunc(s.SubjectTypes, func(t code) bool { return v.related(t, kind) }) {
			return s
		}
	}
	return nil
}

// consentImbalance: recital 43, and the regulator's guidance on employment.
func consentImbalance(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutRelation, "employment") {
		for _, a := range v.rows {
			if !rests(a, consent) {
				continue
			}
			for _, t := range a.SubjectTypes {
				if slices.ContainsFunc(s.SubjectTypes, func(e code) bool { return v.related(t, e) }) {
					add(Warn, at(a).subjectType(t).with(s.Lines), "%s rests on consent given to an employer or the like; whether it is free has to be shown", a.Printed())
				}
			}
		}
	}
}

func consentByVisit(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutConsent, "by_visit") {
		add(Error, said(s), "a visit is taken for consent; it is no act of consent and none may be recorded from it")
	}
}

func consentByProxy(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutConsent, "by_proxy") {
		add(Warn, said(s), "somebody else supplies data that rests on consent; the consent has to come from the person")
	}
	for _, a := range v.rows {
		if len(a.ConsentFrom) > 0 && slices.ContainsFunc(a.Sources, func(id code) bool {
			s, ok := v.Source(id)
			return ok && indirect(s)
		}) {
			add(Warn, at(a), "%s: the data comes from others, the consent has to come from the %s", a.Printed(), words(a.ConsentFrom))
		}
	}
}

// indirect reports whether a source is somebody other than the person.
func indirect(s *catalogue.Source) bool {
	switch s.Kind {
	case "subject", "automatic", "self":
		return false
	}
	return true
}

func legalDutyUnnamed(v *view, add adder) {
	for _, a := range v.rows {
		if rests(a, legalDuty) && !yes(a.LegalDutyNamed) && len(a.LegalDuties) == 0 {
			add(Warn, at(a), "%s rests on a legal obligation and names no law", a.Printed())
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutBasis, "pooled") {
		if slices.Contains(s.LawfulBasis, legalDuty) && len(s.Names) == 0 {
			add(Warn, said(s), "legal obligation is one of the bases listed and no law is named")
		}
	}
}

// legalDutyWrongLaw: data protection law says how data is handled; it obliges
// nobody to do the thing for which the data is wanted.
func legalDutyWrongLaw(v *view, add adder) {
	for _, a := range v.rows {
		for _, d := range a.LegalDuties {
			if dataProtectionLaw(string(d.Law)) || dataProtectionLaw(d.Title) {
				add(Review, at(a).with(d.Lines), "%s: the duty is tied to data protection law, which does not impose it", a.Printed())
			}
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutStatute) {
		if len(s.Activities) > 0 && slices.ContainsFunc(s.Names, dataProtectionLaw) {
			add(Review, said(s), "the duty is tied to %s, which does not impose it", strings.Join(s.Names, ", "))
		}
	}
}

func interestUnnamed(v *view, add adder) {
	for _, a := range v.rows {
		if rests(a, interest) && len(a.Interests) == 0 && a.Interest == "" {
			add(Warn, at(a), "%s rests on legitimate interests and does not say which", a.Printed())
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutBasis, "pooled") {
		if slices.Contains(s.LawfulBasis, interest) && len(s.Terms) == 0 {
			add(Warn, said(s), "legitimate interests are one of the bases listed and no interest is described")
		}
	}
}

// asking are sub-purposes in which the organisation asks people for something;
// so are those that begin with "ask_".
var asking = []code{"review", "leave_review", "survey", "feedback_request"}

func rowBasisStretch(v *view, add adder) {
	for _, a := range v.rows {
		if !rests(a, contract) && !rests(a, legalDuty) {
			continue
		}
		for _, e := range a.SubPurposes {
			if slices.Contains(asking, e.ID) || strings.HasPrefix(string(e.ID), "ask_") {
				add(Info, at(a), "%s: asking for a review or an answer rests on %s", a.Printed(), plainBases(a.LawfulBasis))
			}
		}
	}
}

// basisDiverges compares the same category across kinds of people.
func basisDiverges(v *view, add adder) {
	for i := range v.Categories {
		c := &v.Categories[i]
		if !sensitive(c) {
			continue
		}
		seen := map[string]*activity{}
		p := place{Category: c.ID}
		var all []string
		for _, a := range v.rows {
			if a.HasCategory(c.ID) && a.BasisStatus == catalogue.BasisStated {
				key := plainBases(a.LawfulBasis)
				if seen[key] == nil && (len(seen) == 0 || !v.sameTypes(seen, a)) {
					all = append(all, a.Printed()+" "+words(a.LawfulBasis))
				}
				p = p.with(a.BasisLines, a.Lines)
				if seen[key] == nil {
					seen[key] = a
				}
			}
		}
		if len(all) > 1 {
			add(Info, p, "%s: different bases for different people: %s", c.Name, strings.Join(all, "; "))
		}
	}
}

func (v *view) sameTypes(seen map[string]*activity, a *activity) bool {
	for _, b := range seen {
		if v.meet(a.SubjectTypes, b.SubjectTypes) {
			return true
		}
	}
	return false
}

// needed lists items that a contract can seldom be said to need.
var seldomNeeded = []code{"photograph", "photo", "image", "survey_answers", "feedback", "fingerprint_template", "fingerprint"}

func basisNecessity(v *view, add adder) {
	for _, a := range v.rows {
		if !only(a, contract) || a.BasisStatus != catalogue.BasisStated {
			continue
		}
		for _, id := range a.Categories {
			c := v.cat(id)
			if c.Criminal || c.Kind == "biometric" || slices.ContainsFunc(c.Items, func(e catalogue.Element) bool { return slices.Contains(seldomNeeded, e.ID) }) {
				add(Warn, at(a).category(id), "%s: is this needed for the contract it rests on: %s?", a.Printed(), c.Name)
			}
		}
	}
}

func dualBasisSameTool(v *view, add adder) {
	for i := range v.Recipients {
		r := &v.Recipients[i]
		var byConsent, byInterest *activity
		for _, a := range v.rows {
			if !slices.Contains(a.Recipients, r.ID) && !slices.Contains(r.Purposes, a.ID) {
				continue
			}
			if only(a, consent) {
				byConsent = a
			} else if only(a, interest) {
				byInterest = a
			}
		}
		if byConsent != nil && byInterest != nil {
			add(Warn, place{Recipient: r.ID}.with(r.Lines, byConsent.Lines, byInterest.Lines),
				"%s serves %s on consent and %s on legitimate interests; a withdrawal does not clearly stop it", r.Name, byConsent.Printed(), byInterest.Printed())
		}
	}
}

// vitalInterestRow compares the groups of people whose health is held.
func vitalInterestRow(v *view, add adder) {
	var has []*activity
	for _, a := range v.rows {
		if only(a, vital) {
			has = append(has, a)
		}
	}
	if len(has) == 0 {
		return
	}
	done := map[code]bool{}
	for _, a := range v.rows {
		for _, t := range a.SubjectTypes {
			health := slices.ContainsFunc(a.Categories, func(id code) bool { return v.cat(id).Kind == "health" })
			if !health || done[t] || slices.ContainsFunc(has, func(b *activity) bool { return v.meet([]code{t}, b.SubjectTypes) }) {
				continue
			}
			done[t] = true
			add(Info, place{SubjectType: t}.with(a.Lines, has[0].Lines), "%s has a row for emergencies and %s has none, though health data is held", has[0].Printed(), words([]code{t}))
		}
	}
}
