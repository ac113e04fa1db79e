package decide

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
)

// An ExemptionRule is a rule that takes a right away to the extent that it says.
// It never applies by itself: a named person finds that it does.
type ExemptionRule struct {
	Code   string // Sch2.P1.2: schedule, part, paragraph
	Law    string
	Text   string
	Rights []catalogue.RightKind // those it can take away
	UK     bool                  // of the Data Protection Act 2018
	// Secret is set where saying that it applies can defeat it.
	Secret bool
}

// Exemptions lists the rules under which something may be withheld or kept.
func Exemptions() []ExemptionRule {
	const act = "Data Protection Act 2018, Schedule "
	access := []catalogue.RightKind{catalogue.RightAccess}
	all := []catalogue.RightKind{catalogue.RightAccess, catalogue.RightRectification, catalogue.RightErasure,
		catalogue.RightRestriction, catalogue.RightPortability, catalogue.RightObjection}
	return []ExemptionRule{
		{Code: "Sch2.P1.2", Law: act + "2 paragraph 2", Text: "it would prejudice the prevention of crime or the collection of tax", Rights: all, UK: true, Secret: true},
		{Code: "Sch2.P1.5", Law: act + "2 paragraph 5", Text: "a law or a court requires the disclosure, or legal proceedings need it", Rights: all, UK: true},
		{Code: "Sch2.P2.7", Law: act + "2 paragraph 7", Text: "it would prejudice a function that protects the public", Rights: all, UK: true, Secret: true},
		{Code: "Sch2.P3.16", Law: act + "2 paragraph 16", Text: "it is also about somebody else", Rights: access, UK: true},
		{Code: "Sch2.P4.19", Law: act + "2 paragraph 19", Text: "it is covered by legal professional privilege", Rights: access, UK: true},
		{Code: "Sch2.P4.20", Law: act + "2 paragraph 20", Text: "giving it would expose us to proceedings for an offence", Rights: access, UK: true},
		{Code: "Sch2.P4.21", Law: act + "2 paragraph 21", Text: "it would prejudice corporate finance", Rights: access, UK: true},
		{Code: "Sch2.P4.22", Law: act + "2 paragraph 22", Text: "it would prejudice planning", Rights: access, UK: true},
		{Code: "Sch2.P4.23", Law: act + "2 paragraph 23", Text: "it would prejudice negotiations with the person", Rights: access, UK: true},
		{Code: "Sch2.P4.24", Law: act + "2 paragraph 24", Text: "it is a reference given in confidence", Rights: access, UK: true},
		{Code: "Sch2.P4.25", Law: act + "2 paragraph 25", Text: "it is in an examination script", Rights: access, UK: true},
		{Code: "Sch2.P5.26", Law: act + "2 paragraph 26", Text: "it is held for journalism, the arts or an academic purpose", Rights: all, UK: true},
		{Code: "Sch2.P6.27", Law: act + "2 paragraph 27", Text: "it is held for research or statistics", UK: true,
			Rights: []catalogue.RightKind{catalogue.RightAccess, catalogue.RightRectification, catalogue.RightRestriction, catalogue.RightObjection}},
		{Code: "Sch3.P2", Law: act + "3 Part 2", Text: "telling it would be likely to cause serious harm to health", Rights: access, UK: true},
		{Code: "Sch3.P3", Law: act + "3 Part 3", Text: "telling it would prejudice social work", Rights: access, UK: true},
		{Code: "Sch3.P4", Law: act + "3 Part 4", Text: "telling it would be likely to cause serious harm (education)", Rights: access, UK: true},
		{Code: "Sch3.P5", Law: act + "3 Part 5", Text: "it is child abuse data", Rights: access, UK: true, Secret: true},
		{Code: "15.4", Law: "Article 15(4)", Text: "giving it would adversely affect the rights of others", Rights: access},
		{Code: "20.4", Law: "Article 20(4)", Text: "giving it would adversely affect the rights of others", Rights: []catalogue.RightKind{catalogue.RightPortability}},
		{Code: "23", Law: "Article 23", Text: "national law restricts the right", Rights: all, Secret: true},
		{Code: "not_to_be_told", Law: "Data Protection Act 2018, Schedules 2 to 4; Article 23", Text: "saying it would defeat the reason for withholding it", Rights: access, Secret: true},
	}
}

var exemptions = Exemptions()

// Article cites the rule.
func (x *ExemptionRule) Article() string { return x.Law }

// Withholds is the code under which the rule withholds.
func (x *ExemptionRule) Withholds() Code { return WithholdPrefix + Code(word(x.Code)) }

// word is the exemption as it stands in a code: SCH2_P4_24.
func word(code string) string { return strings.ToUpper(strings.ReplaceAll(code, ".", "_")) }

func exemption(code string) (ExemptionRule, bool) {
	return find(func(x *ExemptionRule) bool { return strings.EqualFold(x.Code, code) })
}

func exemptionWord(w string) (ExemptionRule, bool) {
	return find(func(x *ExemptionRule) bool { return word(x.Code) == w })
}

func find(is func(*ExemptionRule) bool) (ExemptionRule, bool) {
	i := slices.IndexFunc(exemptions, func(x ExemptionRule) bool { return is(&x) })
	if i < 0 {
		return ExemptionRule{}, false
	}
	return exemptions[i], true
}
