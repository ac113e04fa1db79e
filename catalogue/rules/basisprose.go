package rules

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
)

func basisTextArticle(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutBasisText) {
		for _, a := range v.rowsOf(s) {
			if len(s.LawfulBasis) > 0 && len(a.LawfulBasis) > 0 && !overlap(s.LawfulBasis, a.LawfulBasis) {
				add(Error, at(a).with(s.Lines), "%s: the words describe %s, the article printed is %s", a.Printed(), plainBases(s.LawfulBasis), words(a.LawfulBasis))
			}
		}
	}
}

func basisExtra(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutBasisText) {
		for _, a := range v.rowsOf(s) {
			if overlap(s.LawfulBasis, a.LawfulBasis) && !within(a.LawfulBasis, s.LawfulBasis) {
				add(Warn, at(a).with(s.Lines), "%s prints %s; its words support %s only", a.Printed(), words(a.LawfulBasis), words(s.LawfulBasis))
			}
		}
	}
}

func basisProseTable(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutBasis, "") {
		for _, a := range v.rowsOf(s) {
			specific := len(s.Activities) > 0 || len(s.Categories) > 0
			if specific && len(s.LawfulBasis) > 0 && a.BasisStatus == catalogue.BasisStated && !overlap(s.LawfulBasis, a.LawfulBasis) {
				add(Conflict, at(a).with(s.Lines), "%s: the prose rests it on %s, the row on %s", a.Printed(), plainBases(s.LawfulBasis), plainBases(a.LawfulBasis))
			}
		}
	}
}

func basisProseProse(v *view, add adder) {
	list := v.StatementsAbout(catalogue.AboutBasis, "")
	for i, s := range list {
		for _, t := range list[:i] {
			same := slices.Equal(s.SubjectTypes, t.SubjectTypes) && slices.Equal(s.Categories, t.Categories)
			if same && len(s.LawfulBasis) > 0 && len(t.LawfulBasis) > 0 && !overlap(s.LawfulBasis, t.LawfulBasis) {
				add(Conflict, said(t).with(s.Lines), "the same data of %s rests on %s in one place and on %s in another", words(s.SubjectTypes), plainBases(t.LawfulBasis), plainBases(s.LawfulBasis))
			}
		}
	}
}

func purposeNoRow(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutPurpose) {
		if len(s.Activities) == 0 {
			add(Warn, said(s), "a purpose is told in prose and has no row: %s", s.Text)
		}
	}
}

// knownActs are statutes of the United Kingdom that privacy notices cite, in
// lower case, with the year they carry. A title that is alike and not here is
// reported as unknown, never as wrong.
var knownActs = []string{
	"access to health records act 1990", "asylum and immigration act 1996", "care act 2014", "children act 1989", "children act 2004", "care standards act 2000",
	"companies act 2006", "data (use and access) act 2025", "data protection act 1998", "data protection act 2018", "employment rights act 1996",
	"equality act 2006", "equality act 2010", "european union (withdrawal) act 2018", "european union (withdrawal agreement) act 2020", "freedom of information act 2000", "finance act 2004",
	"health act 2006", "health and safety at work etc. act 1974", "health and social care act 2008", "health and social care act 2012", "human rights act 1998",
	"immigration act 1971", "immigration act 1988", "immigration act 2014", "immigration act 2016", "immigration and asylum act 1999", "immigration, asylum and nationality act 2006",
	"income tax (earnings and pensions) act 2003", "limitation act 1980", "local government act 1972", "mental capacity act 2005", "mental health act 1983",
	"modern slavery act 2015", "national health service act 2006", "pensions act 2008", "police act 1997", "proceeds of crime act 2002",
	"rehabilitation of offenders act 1974", "safeguarding vulnerable groups act 2006", "social security administration act 1992", "taxes management act 1970",
	"value added tax act 1994", "bribery act 2010", "housing act 1996",
}

// repealed are laws that no longer apply, and what came in their place.
var repealed = map[string]string{
	"data protection act 1998": "the Data Protection Act 2018",
	"data protection act 1984": "the Data Protection Act 2018",
	"directive 95/46/ec":       "the UK GDPR",
	"privacy shield":           "the UK extension to the EU-US Data Privacy Framework",
	"safe harbor":              "the UK extension to the EU-US Data Privacy Framework",
}

func lawName(s string) string {
	return strings.TrimPrefix(strings.ToLower(strings.Join(strings.Fields(s), " ")), "the ")
}

func dataProtectionLaw(s string) bool {
	s = strings.NewReplacer("_", " ", "-", " ").Replace(lawName(s))
	return strings.Contains(s, "gdpr") || strings.Contains(s, "general data protection regulation") || strings.Contains(s, "data protection act") || s == "dpa 2018"
}

// statutes calls f for every law named, with where it is named.
func (v *view) statutes(f func(name string, p place)) {
	for _, s := range v.StatementsAbout(catalogue.AboutStatute) {
		for _, n := range s.Names {
			f(n, said(s))
		}
	}
	for _, a := range v.rows {
		for _, d := range a.LegalDuties {
			if d.Title != "" {
				f(d.Title, at(a).with(d.Lines))
			}
		}
	}
}

// statuteUnknown looks at Acts only; regulations and codes are too many.
func statuteUnknown(v *view, add adder) {
	v.statutes(func(name string, p place) {
		n := lawName(name)
		words := strings.Fields(n)
		isAct := len(words) > 2 && words[len(words)-2] == "act" && len(words[len(words)-1]) == 4
		if isAct && !slices.Contains(knownActs, n) && repealed[n] == "" {
			add(Warn, p, "%q is not the title of an Act on the list of those that notices cite", name)
		}
	})
}

func lawOutdated(v *view, add adder) {
	v.statutes(func(name string, p place) {
		if now := repealed[lawName(name)]; now != "" {
			add(Warn, p, "%q no longer applies; it gave way to %s", name, now)
		}
	})
	if v.Organisation.Jurisdiction != "gb" || v.Notice.Law != nil && !slices.ContainsFunc(v.Notice.Law, func(c code) bool { return strings.HasPrefix(string(c), "uk") || strings.HasPrefix(string(c), "dpa") }) {
		return
	}
	for _, s := range v.StatementsAbout(catalogue.AboutTransfer) {
		if (s.Area == "eu" || s.Area == "eea") && s.Claim == "may" {
			add(Warn, said(s), "an organisation in the United Kingdom measures transfers by the %s", strings.ToUpper(string(s.Area)))
		}
	}
}

func preambleStale(v *view, add adder) {
	v.statutes(func(name string, p place) {
		if n := lawName(name); strings.HasSuffix(n, " bill") || strings.Contains(n, " bill ") {
			add(Info, p, "%q is cited as a bill; what became of it is the law", name)
		}
	})
}
