package decide

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// objection judges an objection to processing on grounds of the person's own
// situation (Articles 21(1), 21(6)). Against direct marketing it is absolute.
func (j *judged) objection() Item {
	if j.isMarketing() {
		return j.marketing()
	}
	_, cell := j.gives(catalogue.RightObjection)
	if j.act == nil && len(j.bases) == 0 {
		x := j.item(Restrict, RestrictPendingObjection, "objection", "No activity of the record of processing covers it; use is restricted until somebody has looked at the objection.")
		x.WaitsFor = "objection_assessed"
		x.find("RET_NO_ROW")
		x.person("objection")
		return x
	}
	if !cell.Exists {
		x := j.item(None, NotAffected, "objection", "There is a right to object where data is held for a public task or legitimate interests; this rests on "+j.restsOn()+".")
		x.Article = cell.Article
		return x
	}
	if x, ok := j.exempt(catalogue.RightObjection); ok {
		return x
	}
	found, override, _ := j.balance()
	var x Item
	switch {
	case found && override:
		x = j.stay(j.item(Retain, KeepOverridingGrounds, "objection", "Compelling grounds were found to override."), "review")
	case found:
		x = j.item(Stop, StopObjection, "objection", "No compelling grounds were found, so this use stops.")
	case j.late():
		x = j.item(Stop, StopObjection, "objection", "Nobody showed compelling grounds by the due date, so this use stops.")
	default:
		x = j.item(Restrict, RestrictPendingObjection, "objection", "Use is restricted until somebody has weighed whether compelling grounds override.")
		x.WaitsFor = "objection_assessed"
	}
	x.person("objection")
	return x
}

// marketing stops direct marketing, profiling for it included (Articles
// 21(2)-(3)). Nothing overrides it and no approval is waited for: it binds from
// receipt, for what comes later as well.
func (j *judged) marketing() Item {
	if !j.isMarketing() {
		return j.item(None, NotAffected, "objection to marketing", "It does not serve direct marketing.")
	}
	if j.only("6.1.c") {
		x := j.item(None, NotAffected, "objection to marketing", "It rests on a legal obligation, which is no marketing.")
		x.Article = "21(2)"
		return x
	}
	if !j.channelled() {
		return j.item(None, NotAffected, "objection to marketing", "It does not use the channels that were named.")
	}
	x := j.item(Stop, StopObjectionMarketing, "objection to marketing", "Direct marketing stops. What is needed so that it does not start again is kept.")
	x.Binding, x.Channels = true, j.c.Channels
	x.also(Suppress)
	return x
}

// channelled reports whether the activity uses a channel that was named.
func (j *judged) channelled() bool {
	if len(j.c.Channels) == 0 || len(j.act.Channels) == 0 {
		return true
	}
	return slices.ContainsFunc(j.c.Channels, func(c events.Code) bool { return slices.Contains(j.act.Channels, c) })
}

// withdrawalDays is how long a person has to decide what becomes of data whose
// last consent has ended.
const withdrawalDays = 30

// withdrawal ends a use that rests on consent, for the channels named (Article
// 7(3)). It does not reach back and does not erase by itself. When no consent is
// left the holding is restricted, and a person decides what becomes of it.
func (j *judged) withdrawal() Item {
	basis, cell := j.gives(catalogue.RightWithdrawConsent)
	if j.basis == unmapped && cell.Exists && len(j.bases) > 1 && !j.consents() && !j.isMarketing() {
		x := j.item(Review, BasisUnmapped, "withdrawal", "Several lawful bases are stated together, and nobody has said whether consent is meant here.")
		x.Proposal = &Proposal{Stop, StopConsentWithdrawn}
		return x
	}
	if !cell.Exists {
		x := j.item(None, NotAffected, "withdrawal", "It does not rest on consent but on "+j.restsOn()+".")
		x.Article = "7(3)"
		return x
	}
	x := j.item(Stop, StopConsentWithdrawn, "withdrawal", "Consent was withdrawn, so this use ends. What was done before stays lawful.")
	x.Binding, x.Channels = true, j.c.Channels
	if j.isMarketing() {
		x.also(Suppress)
	}
	left := j.left()
	switch {
	case len(left) > 0:
		x.Reason += " Consent for other channels stands."
	case j.basis == severalStated && basis != "" && len(j.bases) > 1:
		x.Reason += " What rests on another basis goes on."
	default:
		x.Restricted, x.DecideBy = true, j.c.Received+withdrawalDays
		if j.on >= x.DecideBy {
			x.find("CONSENT_ENDED_STILL_STORED")
		}
		x.Reason += " Nothing is left that it could be used for; by " + catalogue.PlainDate(x.DecideBy) + " a person decides what becomes of it."
	}
	return x
}

// consents reports whether consent for the activity was ever recorded.
func (j *judged) consents() bool {
	for i := range j.p.Consents {
		if c := &j.p.Consents[i]; c.Activity.Code == j.h.Activity.Code {
			return true
		}
	}
	return false
}

// left lists the channels for which consent stands beside those that end.
func (j *judged) left() (out []events.Code) {
	if len(j.c.Channels) == 0 {
		return nil
	}
	for i := range j.p.Consents {
		c := &j.p.Consents[i]
		if c.Withdrawn || c.Activity.Code != j.h.Activity.Code || (!c.Item.IsZero() && c.Item.Handle != j.h.Item.Handle) || slices.Contains(j.c.Channels, c.Channel) {
			continue
		}
		ended := slices.ContainsFunc(j.p.Consents, func(w consent) bool {
			return w.Withdrawn && w.At > c.At && w.Activity.Code == c.Activity.Code && (w.Channel == "" || w.Channel == c.Channel)
		})
		if !ended && !slices.Contains(out, c.Channel) {
			out = append(out, c.Channel)
		}
	}
	slices.Sort(out)
	return out
}

// restriction judges a request to restrict (Article 18(1)). Which ground applies
// is what the person says; where they say none, they are asked.
func (j *judged) restriction() Item {
	if x, ok := j.exempt(catalogue.RightRestriction); ok {
		return x
	}
	keep := func(code Code, waits, why string) Item {
		x := j.item(Restrict, code, "restriction", why)
		x.WaitsFor = waits
		return x
	}
	_, words, bad := j.lawless()
	switch {
	case j.c.says(ContestsAccuracy), slices.Contains(j.c.Rights, catalogue.RightRectification):
		return keep(RestrictAccuracy, "accuracy_checked", "The person says that it is wrong; use is restricted while that is checked.")
	case j.c.says(PrefersRestriction) && bad:
		return keep(RestrictUnlawful, "restriction_lifted", words+" The person asked for restriction instead of erasure.")
	case j.objecting():
		return keep(RestrictPendingObjection, "objection_assessed", "The person objected; use is restricted while that is weighed.")
	case j.c.says(OwnClaim) && j.ended():
		return keep(RestrictSubjectClaim, "claim_closed", "We no longer need it; the person needs it for a legal claim.")
	case len(j.c.States) == 0:
		x := j.item(Review, WaitClarify, "restriction", "The request does not say on which ground of Article 18(1) it rests.")
		x.WaitsFor = "clarification"
		return x
	}
	x := j.item(None, NotAffected, "restriction", "None of the grounds of Article 18(1) that the person gave applies to it.")
	x.Article = "18(1)"
	return x
}

// rectification judges a request to correct (Articles 16, 18(1)(a)). Until
// somebody has checked, use is restricted. What is found right stays, and the
// person may add a statement.
func (j *judged) rectification() Item {
	if x, ok := j.exempt(catalogue.RightRectification); ok {
		return x
	}
	switch a := j.p.assessment(Accuracy, j.h, j.on); {
	case a == nil:
		x := j.item(Restrict, RestrictAccuracy, "rectification", "The person says that it is wrong; use is restricted while that is checked.")
		x.WaitsFor, x.Proposal = "accuracy_checked", &Proposal{Rectify, RectifyWrong}
		x.person("accuracy")
		return x
	case a.Holds:
		x := j.item(Rectify, RectifyWrong, "rectification", "It was found wrong and is corrected.")
		if j.secrecy() || slices.Contains(j.conditions, "9.2.h") {
			x.Reason += " The old value stays in the professional record, marked as wrong."
		}
		x.person("accuracy")
		return x
	}
	x := j.item(Retain, KeepAccurate, "rectification", "It was checked and found correct. The person may add a statement.")
	x = j.stay(x, "review")
	x.person("accuracy")
	return x
}

// automated asks for a person to look at a decision that a machine took alone
// (Article 22; in the United Kingdom from 5 February 2026 Articles 22A to 22D).
func (j *judged) automated() Item {
	var worst Verdict
	for i := range j.p.Automated {
		d := &j.p.Automated[i]
		if d.Activity != j.h.Activity.Code || d.On > j.on {
			continue
		}
		v := JudgeDecision(d, j.bases, j.conditions, j.special, j.e.law)
		if v.rank() > worst.rank() {
			worst = v
		}
	}
	if worst.Code == "" {
		return j.item(None, NotAffected, "automated decision", "No decision with legal or similar effect was taken on it by a machine alone.")
	}
	x := j.item(Review, worst.Code, "automated decision", worst.Why)
	x.Article = worst.Article
	x.Proposal = &Proposal{None, AutomatedCheck}
	if worst.Code == AutomatedBar {
		x.Proposal = &Proposal{Stop, AutomatedBar}
	}
	x.person("automated decision")
	return x
}

// complaint touches no holding: it is answered as a whole. In the United Kingdom
// the controller itself owes an answer from 19 June 2026 (Data Protection Act
// 2018, section 164A).
func (j *judged) complaint() Item {
	x := j.item(None, NotAffected, "complaint", "The complaint is answered as a whole.")
	x.Article = "77"
	if InForce(ComplaintToUs, j.e.law, j.c.Received) {
		x.Article = "DPA 2018, section 164A"
	}
	return x
}

// exempt refuses a right that an exemption takes away. A named person found that
// it does.
func (j *judged) exempt(right catalogue.RightKind) (Item, bool) {
	rule, a, ok := j.exemption(right)
	if !ok {
		return Item{}, false
	}
	x := j.item(Retain, KeepUKExemption+":"+Code(rule.Code), "exemption "+rule.Code, "An exemption applies: "+rule.Text+".")
	x.Article, x.Until, x.Silent = rule.Law, a.Until, rule.Secret
	if x.Until.IsZero() {
		x.WaitsFor = "review"
	}
	x.person("exemption")
	return x, true
}
