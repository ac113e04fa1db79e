package desk

import "github.com/habeas-data/habeas/rights/cases"

// Refusals lists every code with which an act on a case or a task is refused: those
// of the rules of cases, and those of a decision that cannot stand.
func Refusals() []cases.RefusalRow {
	return append(cases.Refusals(), []cases.RefusalRow{
		{Code: decisionReview, Says: "a review cannot be accepted: say what is decided", Source: "what needs a person is decided by one"},
		{Code: decisionBinding, Says: "this binds from receipt and cannot be refused", Source: "Articles 21(3), 7(3)"},
		{Code: decisionHeld, Says: "a hold keeps it; lift the hold first", Source: "what a hold covers is not erased"},
		{Code: decisionNoEnd, Says: "what is kept or left out needs a last day, or an event at which it is looked at again", Source: "Article 5(1)(e)"},
		{Code: decisionMisfit, Says: "the outcome or its code does not exist, or does not fit the other", Source: "the codes of a plan are fixed"},
		{Code: totalsDiffer, Says: "the plan does not have the totals that were told", Source: "what is done is what was approved"},
	}...)
}
