package rules

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
)

// optIn orders the ways into marketing by how much a person has to do.
var optIn = map[code]string{
	"on_request": "only when asked for", "opt_in": "only when agreed to", "by_default": "by default",
}

// optInConflict: two sentences about the same channel, of which one wants the
// person to act and the other does not (PECR regulation 22).
func optInConflict(v *view, add adder) {
	// A way out is no contradiction of a way in.
	list := v.StatementsAbout(catalogue.AboutMarketing, "on_request", "opt_in", "by_default")
	strict := func(c code) bool { return c == "on_request" || c == "opt_in" }
	for i, s := range list {
		for _, t := range list[:i] {
			if strict(s.Claim) != strict(t.Claim) && share(s.Channels, t.Channels) {
				add(Error, said(t).with(s.Lines), "marketing is sent %s in one place and %s in another", optIn[t.Claim], optIn[s.Claim])
			}
		}
	}
	for _, a := range v.rows {
		if (a.DirectMarketing || a.ThirdPartyAds) && a.BasisStatus == catalogue.BasisConditional {
			add(Review, at(a), "%s: whether marketing needs consent is left open", a.Printed())
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutMarketing, "interest_or_consent") {
		if !slices.ContainsFunc(v.rowsOf(s), func(a *activity) bool { return a.BasisStatus == catalogue.BasisConditional }) {
			add(Review, said(s), "whether marketing needs consent is left open")
		}
	}
}

func optOutGap(v *view, add adder) {
	for _, a := range v.rows {
		if (a.DirectMarketing || a.ThirdPartyAds) && a.BasisStatus == catalogue.BasisNoneStated && len(a.Channels) > 0 {
			add(Warn, at(a), "%s: marketing by %s rests on no basis, so only an opt-out stands", a.Printed(), words(a.Channels))
		}
	}
}

func captureMissing(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutConsent, "form_without_control") {
		add(Error, said(s), "a form takes data for marketing that rests on consent and shows nothing to consent with")
	}
}

// childExposed: recital 38 and Article 12(1); the Age Appropriate Design Code
// for online services.
func childExposed(v *view, add adder) {
	if len(v.StatementsAbout(catalogue.AboutChildren)) > 0 {
		return
	}
	for i := range v.SubjectTypes {
		if t := &v.SubjectTypes[i]; (t.Child || t.Likely) && !no(t.Expected) && (t.Likely || !v.ownRow(t.ID)) {
			add(Error, place{SubjectType: t.ID, Lines: t.Lines}, "the service is for people who may be children (%s), and nothing is said of age or of a parent's consent", words([]code{t.ID}))
		}
	}
}

// ownRow reports whether a kind of person has a row made for it: then the notice
// does speak of it.
func (v *view) ownRow(kind code) bool {
	return slices.ContainsFunc(v.rows, func(a *activity) bool { return len(a.SubjectTypes) == 1 && a.SubjectTypes[0] == kind })
}

func childAction(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutChildren, "adults_only", "not_expected") {
		erases := s.Effect != "" || slices.ContainsFunc(v.RetentionRules, func(r catalogue.RetentionRule) bool {
			return slices.ContainsFunc(r.Applies, func(t code) bool { k, ok := v.SubjectType(t); return ok && k.Child })
		})
		if !erases {
			add(Warn, said(s), "data of children is not wanted, and what is done when some is found is not said")
		}
	}
}

// cookieNoConsent: PECR regulation 6. Only what the service needs is free of it.
func cookieNoConsent(v *view, add adder) {
	if len(v.StatementsAbout(catalogue.AboutCookies, "consent")) > 0 {
		return
	}
	for _, s := range v.StatementsAbout(catalogue.AboutCookies, "used", "browser_only") {
		verdict := Warn
		if slices.Contains(s.Terms, "advertising") || slices.ContainsFunc(s.Recipients, func(id code) bool { r, ok := v.Recipient(id); return ok && r.Commercial }) {
			verdict = Error
		}
		add(verdict, said(s), "cookies for %s are used and no step of consent is told", orSome(s.Terms))
	}
}

func orSome(terms []code) string {
	if len(terms) == 0 {
		return "more than the service needs"
	}
	return words(terms)
}

func breachClock(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutBreach) {
		if !s.Period.Given() {
			add(Info, said(s), "people and the regulator are told of a breach, and by when is not said; the law gives 72 hours for the regulator")
		}
	}
}

func breachSilent(v *view, add adder) {
	if len(v.StatementsAbout(catalogue.AboutBreach)) == 0 {
		add(Warn, place{}, "nothing is said of what happens after a breach")
	}
}

func securityContradiction(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutSecurity, "encrypted") {
		for _, t := range v.StatementsAbout(catalogue.AboutSecurity, "unprotected") {
			if share(s.Channels, t.Channels) {
				add(Conflict, said(s).with(t.Lines), "what is sent is encrypted in one place and unprotected in another")
			}
		}
	}
}

// changesUnannounced: changes that only the page shows reach nobody; Articles
// 13(3) and 14(4) ask that people are told of a new purpose.
func changesUnannounced(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutChanges, "page_only") {
		if len(v.StatementsAbout(catalogue.AboutNewPurpose, "told_first")) == 0 {
			add(Info, said(s), "changes are shown on the page only, and that people are told of a new purpose is not said")
		}
	}
}
