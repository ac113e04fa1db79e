package decide

import (
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

type consent = retention.Consent

// A Verdict is what the law says of one automated decision. The zero Verdict is
// "nothing": a person took part, or the effect is small.
type Verdict struct {
	Code    Code
	Article string
	Why     string
}

func (v *Verdict) rank() int {
	switch v.Code {
	case AutomatedBar:
		return 2
	case AutomatedCheck:
		return 1
	}
	return 0
}

// JudgeDecision judges one decision by the law of its day. The exceptions are
// tested on the decision and not on what was held for it.
//
// By Article 22 it is forbidden unless it rests on a contract, a law or explicit
// consent (22(2)), and with special data unless on explicit consent or
// substantial public interest (22(4)). By Articles 22A to 22D it is allowed with
// safeguards, but for special data (22B) and never on a recognised legitimate
// interest (22B(4)).
func JudgeDecision(d *AutomatedDecision, bases, conditions []events.Code, special bool, j Jurisdiction) Verdict {
	if !d.Alone || !d.Weighty {
		return Verdict{}
	}
	has := func(c events.Code) bool { return slices.Contains(bases, c) }
	given := func(c events.Code) bool { return slices.Contains(conditions, c) }
	if InForce(AutomatedSafeguard, j, d.On) {
		switch byLaw := has("6.1.b") || has("6.1.c"); {
		case has("6.1.ea"):
			return Verdict{AutomatedBar, "22B(4)", "A decision without a person may never rest on a recognised legitimate interest."}
		case special && !given("9.2.a") && !(byLaw && given("9.2.g")):
			return Verdict{AutomatedBar, "22B", "A decision without a person on special category data needs explicit consent, or a contract or law and substantial public interest."}
		}
		return Verdict{AutomatedCheck, "22C", "The person is told of the decision, may say what they think and contest it, and a person looks at it again."}
	}
	excepted := has("6.1.b") || has("6.1.c") || has("6.1.e") || given("9.2.a")
	switch {
	case special && !given("9.2.a") && !given("9.2.g"):
		return Verdict{AutomatedBar, "22(4)", "A decision without a person on special category data needs explicit consent or substantial public interest."}
	case !excepted && !has("6.1.a"):
		return Verdict{AutomatedBar, "22(1), 22(2)", "A decision without a person may rest on a contract, a law or explicit consent only."}
	}
	return Verdict{AutomatedCheck, "22(3)", "The person may say what they think and contest it, and a person looks at it again."}
}
