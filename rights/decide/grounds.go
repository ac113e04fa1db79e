package decide

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// legalDuty is row 3: a law that is named requires this category for this
// purpose, and the duty has not ended (Article 17(3)(b)). It is used for that
// only, and looked at again when the duty ends.
func (j *judged) legalDuty() (Item, bool) {
	if j.act == nil && j.h.LegalDuty == "" {
		return Item{}, false
	}
	var best *Item
	if j.act != nil {
		for i := range j.act.LegalDuties {
			d := &j.act.LegalDuties[i]
			if len(d.Categories) > 0 && !slices.Contains(d.Categories, j.h.Category.Code) {
				continue
			}
			until, waits := j.dutyEnds(d)
			if !until.IsZero() && until <= j.on {
				continue
			}
			x := j.duty(d.Law, until, waits)
			if best == nil || longer(&x, best) {
				best = &x
			}
		}
	}
	if best == nil && j.h.LegalDuty != "" && !j.past() {
		x := j.stay(j.duty(j.h.LegalDuty, j.st.Due, ""), "duty_ended")
		best = &x
	}
	if best == nil {
		return Item{}, false
	}
	return *best, true
}

func (j *judged) duty(law events.Code, until events.Date, waits string) Item {
	words := "A law requires us to keep it (" + string(law) + ")"
	if !until.IsZero() {
		words += " until " + catalogue.PlainDate(until)
	}
	x := j.item(Retain, KeepLegalObligation, "", words+".")
	x.Until, x.WaitsFor, x.Restricted = until, waits, true
	return x
}

// dutyEnds is the day on which a duty ends, or what that day waits for.
func (j *judged) dutyEnds(d *catalogue.LegalDuty) (until events.Date, waits string) {
	if !d.Until.IsZero() {
		return d.Until, ""
	}
	if !d.Period.Given() {
		return 0, "duty_ended"
	}
	for _, t := range d.AllTriggers() {
		from := j.reached(t)
		if from.IsZero() {
			return 0, t.String()
		}
		until = max(until, d.Period.AfterDate(from))
	}
	if until.IsZero() {
		return 0, "duty_ended"
	}
	return until, ""
}

// reached is the latest day on which a moment came that a duty counts from.
func (j *judged) reached(t catalogue.Trigger) (on events.Date) {
	switch t.Code {
	case "stored":
		return j.h.Stored
	case "record_date":
		for _, d := range j.h.RecordDates {
			on = max(on, d)
		}
		return on
	}
	for _, m := range j.p.Milestones {
		if m.Code == t.Code && (m.Item.IsZero() || m.Item.Handle == j.h.Item.Handle) && (m.Activity.Code == "" || m.Activity.Code == j.h.Activity.Code) {
			on = max(on, m.Date)
		}
	}
	return on
}

// longer reports whether x keeps longer than y; an event has no day and is longer
// than any.
func longer(x, y *Item) bool {
	if x.Until.IsZero() || y.Until.IsZero() {
		return x.Until.IsZero() && !y.Until.IsZero()
	}
	return x.Until > y.Until
}

func (j *judged) secrecy() bool {
	return j.h.Marks&events.MarkProfessionalSecrecy != 0 || j.act != nil && j.act.Secrecy || j.category != nil && j.category.Secrecy
}

// research is row 6: somebody found that erasing would seriously impair research,
// an archive or statistics (Article 17(3)(d); in the United Kingdom with the
// safeguards of Article 84B).
func (j *judged) research() (Item, bool) {
	return j.found(Research, KeepResearch, "Erasing it would seriously impair research or an archive. It is kept as little tied to the person as possible.")
}

// expression is row 7: freedom of expression and information (Article 17(3)(a)).
// No rule proposes it; a person does.
func (j *judged) expression() (Item, bool) {
	return j.found(Expression, KeepExpression, "Freedom of expression and information needs it.")
}

// found keeps what a person found to be needed.
func (j *judged) found(kind AssessmentKind, code Code, words string) (Item, bool) {
	a := j.p.assessment(kind, j.h, j.on)
	if a == nil || !a.Holds || !stillOn(a, j.on) {
		return Item{}, false
	}
	x := j.item(Retain, code, "", words)
	x.Until, x.Restricted = a.Until, true
	if x.Until.IsZero() {
		x.WaitsFor = "review"
	}
	return x, true
}

// lawErases is row 11: a law asks for the erasure (Article 17(1)(e)).
func (j *judged) lawErases() (Item, bool) {
	a := j.p.assessment(LegalErasure, j.h, j.on)
	if a == nil || !a.Holds {
		return Item{}, false
	}
	return j.item(Erase, EraseLegalDuty, "", "A law requires us to erase it ("+string(a.Code)+")."), true
}

// marketed is row 12: whoever asks to erase what serves direct marketing objects
// to it, and that objection is absolute (Articles 17(1)(c), 21(2)-(3)).
func (j *judged) marketed() (Item, bool) {
	if !j.isMarketing() || j.only("6.1.c") {
		return Item{}, false
	}
	x := j.item(Erase, EraseObjectionMarketing, "", "It serves direct marketing. What is needed so that the person is not contacted again stays.")
	x.also(Suppress)
	return x, true
}

// consented is row 13: consent was the only ground, and the request ends it for
// this purpose (Article 17(1)(b)). Consent of Article 9 ends the same way: the
// condition is gone.
func (j *judged) consented() (Item, bool) {
	explicit := j.special && len(j.conditions) == 1 && j.conditions[0] == "9.2.a" && (j.basis == stated || j.basis == severalStated)
	if !j.only("6.1.a") && !explicit {
		return Item{}, false
	}
	return j.item(Erase, EraseConsentWithdrawn, "", "Consent was the only ground, and the request ends it."), true
}

// objects reports whether the request is an objection (Article 21(1)): it says so,
// it gives reasons of the person's own situation, or one made before stands.
func (j *judged) objects() bool {
	return j.c.says(PersonalReasons) || slices.Contains(j.c.Rights, catalogue.RightObjection) || j.p.objected(j.h, j.on)
}

// objecting reports whether an objection reaches the holding. Where several bases
// are stated, the right exists if any of them gives it.
func (j *judged) objecting() bool {
	_, c := j.gives(catalogue.RightObjection)
	return c.Exists && j.objects()
}

// balance is what a person found about the grounds against an objection.
func (j *judged) balance() (found, override bool, a *Assessment) {
	a = j.p.assessment(Override, j.h, j.on)
	return a != nil, a != nil && a.Holds, a
}

// late reports whether the day of the answer has passed with no balance struck.
func (j *judged) late() bool { return !j.c.Due.IsZero() && j.on > j.c.Due }

// objectionOpen is row 14: use is restricted while the objection is weighed
// (Article 18(1)(d)). Nobody weighed it by the due date: it is upheld, because
// the controller has to demonstrate its grounds.
func (j *judged) objectionOpen() (Item, bool) {
	if found, _, _ := j.balance(); found || !j.objecting() || j.late() {
		return Item{}, false
	}
	x := j.item(Restrict, RestrictPendingObjection, "", "The person objected. Use is restricted until somebody has weighed whether compelling grounds override.")
	x.WaitsFor = "objection_assessed"
	return x, true
}

// objectionRefused is row 15: compelling grounds were shown and recorded (Article
// 21(1)).
func (j *judged) objectionRefused() (Item, bool) {
	found, override, a := j.balance()
	if !found || !override || !j.objecting() {
		return Item{}, false
	}
	x := j.stay(j.item(Retain, KeepOverridingGrounds, "", "The person objected; compelling grounds were found to override."), "review")
	if a.Until > j.on {
		x.Until, x.WaitsFor = a.Until, ""
	}
	return x, true
}

// objectionUpheld is row 16: no compelling grounds were shown (Article 17(1)(c)).
func (j *judged) objectionUpheld() (Item, bool) {
	if !j.objecting() {
		return Item{}, false
	}
	words := "The person objected, and no compelling grounds were found."
	if found, _, _ := j.balance(); !found {
		words = "The person objected, and nobody showed compelling grounds by the due date."
	}
	return j.item(Erase, EraseObjection, "", words), true
}

// childService is row 17: collected when an online service was offered to a child
// (Articles 17(1)(f), 8(1)).
func (j *judged) childService() (Item, bool) {
	if j.h.Marks&events.MarkChildISS == 0 {
		return Item{}, false
	}
	return j.item(Erase, EraseChildISS, "", "It was collected when an online service was offered to a child."), true
}

// malicious is row 18: an allegation that was found malicious (Article 17(1)(g)),
// where and when that is law.
func (j *judged) malicious() (Item, bool) {
	a := j.p.assessment(Malicious, j.h, j.on)
	if a == nil || !a.Holds || !InForce(MaliciousClaim, j.e.law, j.c.Received) {
		return Item{}, false
	}
	return j.item(Erase, EraseMaliciousAllegation, "", "It comes from an allegation that was found to be malicious."), true
}

// ownClaim is row 19: the person needs for a claim what we no longer need
// (Article 18(1)(c)). What we keep anyway is there for the claim as well.
func (j *judged) ownClaim() (Item, bool) {
	if !j.c.says(OwnClaim) {
		return Item{}, false
	}
	n := slices.IndexFunc(j.e.rows, func(r row) bool { return r.name == "row 19" })
	if rest := j.from(n + 1); rest.Outcome == Retain {
		return Item{}, false
	}
	x := j.item(Restrict, RestrictSubjectClaim, "", "We no longer need it; the person needs it for a legal claim.")
	x.WaitsFor = "claim_closed"
	return x, true
}

// promises reports whether the notice says that a request to erase goes before
// the period.
func (j *judged) promises() bool {
	if j.act != nil && j.act.EraseOnAsk {
		return true
	}
	r, ok := j.e.now.RetentionRule(catalogue.RuleID(j.st.Rule))
	return ok && r.ToErasure
}

// promised is row 20 for what the notice promises to erase whenever the person
// asks: by its own word it is not needed then (Article 17(1)(a)). It comes before
// the questions about basis and period, because no answer to them refuses it.
func (j *judged) promised() (Item, bool) {
	a := j.p.assessment(NoLongerNeeded, j.h, j.on)
	switch {
	case a != nil && a.Holds:
		return j.item(Erase, EraseNotNecessary, "", "A person found that it is no longer needed."), true
	case j.promises():
		return j.item(Erase, EraseNotNecessary, "", "The notice says that a request to erase goes before the time for which it is kept."), true
	}
	return Item{}, false
}

// notNecessary is row 20: the purpose has ended and the time with it (Article
// 17(1)(a)). Where the notice asks for something else than erasing at the end, a
// person looks at it; making it anonymous needs a test on record.
func (j *judged) notNecessary() (Item, bool) {
	if !j.past() {
		return Item{}, false
	}
	switch j.st.AtEnd {
	case catalogue.AtEndReview, catalogue.AtEndAnonymise:
		x := j.item(Review, EraseNotNecessary, "", "Its time has ended, and the notice does not simply erase it then ("+string(j.st.AtEnd)+"): "+j.st.ByRule+".")
		x.Proposal = &Proposal{Erase, EraseNotNecessary}
		return x, true
	}
	return j.item(Erase, EraseNotNecessary, "", "It is no longer needed: "+j.st.ByRule+"."), true
}

// noGround is row 21: none of the grounds of Article 17(1) applies. Every state of
// a clock has matched before; the row stands so that a state that is added one day
// keeps data until somebody says what it means.
func (j *judged) noGround() (Item, bool) {
	return j.stay(j.item(Retain, KeepNoGround, "", "It is still needed, and no ground for erasure applies."), "purpose_ended"), true
}
