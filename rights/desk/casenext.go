package desk

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
)

// waitSteps say how each wait for the person ends.
var waitSteps = map[events.Code]string{
	"identity":      "wait for the proof of who asks, or record that it came or did not: habeas case identity",
	"authority":     "wait for what shows that they may ask for the person, or record that it came: habeas case authority",
	"fee":           "wait for the fee, or record that it was paid: habeas case fee",
	"clarification": "wait to hear what is meant, or record what was said: habeas case clarify",
}

// nextSteps says what a case waits for, first things first; behind the colon
// stands the command.
func nextSteps(f *caseFile) []string {
	c, out := f.c, []string{}
	add := func(is bool, s string) {
		if is {
			out = append(out, s)
		}
	}
	add(!c.Refused.IsZero() && !f.sent(LetterRefusal), "write to the person why it was refused and where they can turn: habeas case letter --kind refusal")
	if c.Over() {
		return out
	}
	for _, w := range c.Waits() {
		add(true, waitSteps[w])
	}
	plan := c.NeedsApproval()
	ready := !plan || c.Approval != nil && !c.Redecided
	add(!plan && c.Binds() && c.Bound.IsZero() && c.Started.IsZero(), "tell systems and recipients what binds from the day of receipt: habeas case run")
	add(plan && c.Joins == nil, "look which records are this person's, and confirm them; where none was found, confirm that: habeas case confirm")
	add(plan && c.Approval == nil, "look at the plan and decide what waits for a person: habeas case plan, habeas case decide")
	add(plan && c.Approval == nil, "have another person approve it: habeas case approve")
	add(plan && c.Approval != nil && c.Redecided, "have the plan approved again, since something was decided after: habeas case approve")
	add(plan && ready && c.Started.IsZero(), "carry out what was approved: habeas case run")
	left := c.Unanswered()
	copied := slices.Contains(left, catalogue.RightAccess) || slices.Contains(left, catalogue.RightPortability)
	add(ready && copied, "make the copy of the data and send it; what is to be erased waits for that: habeas case package")
	add(ready && len(left) > 0, "write to the person, and record the day on which it was sent: habeas case letter, habeas case answer")
	add(len(left) == 0 && c.Completed.IsZero(), "see that every system and recipient does its part: habeas tasks list")
	add(len(left) == 0 && !c.Completed.IsZero(), "draw the certificate, and close the case: habeas case certify, habeas case close")
	return out
}

// sent reports whether a letter of a kind was kept as it was sent.
func (f *caseFile) sent(kind events.Code) bool {
	return slices.ContainsFunc(f.facts, func(x cases.Fact) bool {
		return x.Act == cases.LetterKept && x.Body.Letter != nil && x.Body.Letter.Kind == kind
	})
}
