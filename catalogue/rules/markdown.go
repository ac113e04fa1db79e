package rules

import (
	"fmt"
	"slices"
	"strings"
)

// Markdown writes the page of the rules: every rule with its meaning, its source
// and its remedy, and the findings that are made by reading only.
func Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Findings of a catalogue

This page is generated from the table of rules.

`+"`habeas catalogue check NAME|FILE`"+` holds %d rules against a catalogue and says what it
contradicts and what it leaves out, with the lines of the notice and what to do. It needs no
server. A finding never keeps a catalogue from being loaded and served: a notice that
contradicts itself is still what people were told.

Every rule reads only what the catalogue states. Where the catalogue does not say enough to
tell, the rule is silent. None of them is legal advice: they point to what a person has to
settle.

| verdict | means |
|---|---|
| info | worth showing |
| warn | a person should look |
| review | a person has to decide |
| gap | something the law asks for is missing |
| conflict | two statements disagree |
| error | nothing can be done rightly without a decision; the readers' FAIL |

`+"`--fail-on VERDICT`"+` sets from which verdict on the exit code is 1 (error unless given);
a catalogue that cannot be loaded is exit code 2. `+"`--json`"+` prints each finding with its rule,
verdict, place (activity, category, recipient, subject type, source, right, retention rule),
lines (the first and last of each range), text and remedy. A rule answers to its own name and
to every other name listed with it. Where the decisions file settles what a notice leaves open,
the finding says so beside itself and stays: the notice still says what it says.

`, len(All()))
	for _, g := range groups {
		fmt.Fprintf(&b, "## %s\n\n| rule | means | source | what to do |\n|---|---|---|---|\n", g.title)
		for _, r := range g.rules {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", ruleNames(r), r.Title, r.Source, r.Remedy)
		}
		b.WriteString("\n")
	}
	b.WriteString(`## One verdict for two readers

Two readings of notices gave some rules different names and different verdicts. One rule has
one name and one way to its verdict:

| rule | verdict, and why |
|---|---|
`)
	var merged []string
	for name := range mergedVerdicts {
		merged = append(merged, name)
	}
	slices.Sort(merged)
	for _, name := range merged {
		fmt.Fprintf(&b, "| %s | %s |\n", name, mergedVerdicts[name])
	}
	b.WriteString(`
## Listed by reading, not found by rule

| finding | where | why no rule finds it |
|---|---|---|
`)
	for _, u := range unfound {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", u.name, u.where, u.why)
	}
	b.WriteString(`
## Marked by a reader, shown by rule

Some faults lie in the text itself, which a catalogue does not hold. Whoever writes the
catalogue marks them as a statement, and the rule shows the mark with its lines: a passage that
stands twice, a copied, cut or odd sentence, a replaced word, a missing heading, a term that is
not defined, a reference to what is not there, consent by visit or by proxy, a form without
a control, and a sale written as a purchase. Such a rule finds the mark, not the fault.
`)
	return b.String()
}

var groups = []struct {
	title string
	rules []Rule
}{
	{"Roles and identity", aboutRoles}, {"Lawful basis", aboutBases}, {"Special and criminal data", aboutConditions},
	{"Terms, lists and text", aboutTerms}, {"Recipients", aboutRecipients}, {"Transfers and places", aboutTransfers},
	{"Retention", aboutRetention}, {"Rights and requests", aboutRequests}, {"Marketing, children, cookies, security", aboutPeople},
}

func ruleNames(r Rule) string {
	s := "`" + r.ID + "`"
	for _, a := range r.Aliases {
		s += "<br>also `" + a + "`"
	}
	return s
}
