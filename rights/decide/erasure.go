package decide

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// A row is one test of the order of erasure. The first that matches gives the
// outcome.
type row struct {
	name string
	// person is set where the law leaves the outcome to a person.
	person bool
	law    string
	test   func(*judged) (Item, bool)
}

// erasureRows is the order in which erasure is judged after rows 0a to 0d, which
// stand before every right. What keeps data comes before the grounds, because
// Article 17(3) sets aside paragraphs 1 and 2 as a whole, the unlawful included.
// Marketing comes before consent, because it leaves a suppression behind.
func erasureRows() []row {
	return []row{
		{"row 1", false, "5(1)(e)", (*judged).expired},
		{"row 2", true, "17(3)(e), 18(2)", (*judged).claims},
		{"row 3", false, "17(3)(b)", (*judged).legalDuty},
		{"row 4", true, "17(3)(b)", (*judged).publicTask},
		{"row 5", true, "17(3)(c), 9(3)", (*judged).publicHealth},
		{"row 6", true, "17(3)(d)", (*judged).research},
		{"row 7", true, "17(3)(a)", (*judged).expression},
		{"row 8", true, "DPA 2018, Schedules 2 to 4", (*judged).exempted},
		{"row 9", true, "18(1)(b)", (*judged).unlawfulKept},
		{"row 10", true, "17(1)(d)", (*judged).unlawful},
		{"row 11", false, "17(1)(e)", (*judged).lawErases},
		{"row 12", false, "17(1)(c), 21(2)-(3)", (*judged).marketed},
		{"row 13", false, "17(1)(b)", (*judged).consented},
		{"row 14", true, "18(1)(d)", (*judged).objectionOpen},
		{"row 15", true, "21(1)", (*judged).objectionRefused},
		{"row 16", true, "17(1)(c)", (*judged).objectionUpheld},
		{"row 17", false, "17(1)(f)", (*judged).childService},
		{"row 18", true, "17(1)(g)", (*judged).malicious},
		{"row 19", false, "18(1)(c)", (*judged).ownClaim},
		{"row 20", false, "17(1)(a)", (*judged).promised},
		{"row 19a", false, "5(1)(a)", (*judged).unmappedBasis},
		{"row 19b", false, "5(1)(e)", (*judged).noPeriod},
		{"row 19c", false, "17(1)", (*judged).notStarted},
		{"row 19d", false, "17(3)", (*judged).running},
		{"row 20", false, "17(1)(a)", (*judged).notNecessary},
		{"row 21", false, "17(1)", (*judged).noGround},
	}
}

// A RowRef says one row of the order of erasure.
type RowRef struct {
	Name, Law string
	Person    bool
}

// ErasureRows lists the order, as it is tested.
func ErasureRows() []RowRef {
	out := []RowRef{{"row 0a", "12(5)", true}, {"row 0b", "12(6), 11(2)", false}, {"row 0c", "28(3)(e)", false}, {"row 0d", "17(1)", false}}
	for _, r := range erasureRows() {
		out = append(out, RowRef{r.name, r.law, r.person})
	}
	return out
}

// erasure walks the order. After any erasure the marketing row is tested again:
// its suppression is owed whatever else was the reason.
func (j *judged) erasure() Item {
	x := j.from(0)
	if x.Outcome == Erase && j.isMarketing() {
		x.also(Suppress)
		x.Channels = j.c.Channels
	}
	if x.Outcome == Retain && !j.objects() {
		if _, c := j.gives(catalogue.RightObjection); c.Exists {
			x.also(OfferObjection)
		}
	}
	x.BlockedBy = j.blocked(&x)
	return x
}

// from walks the order from a row on.
func (j *judged) from(n int) Item {
	for _, r := range j.e.rows[n:] {
		if x, ok := r.test(j); ok {
			x.ProposedBy = r.name
			if r.person || x.Outcome == Review {
				x.person(r.name)
			}
			return x
		}
	}
	// Row 21 takes everything; this line keeps the compiler content.
	x, _ := j.noGround()
	return x
}

// blocked lists the requests for a copy that come before an erasure: erasing
// what was asked for can be an offence (DPA 2018, section 173).
func (j *judged) blocked(x *Item) (out []string) {
	if x.Outcome != Erase {
		return nil
	}
	for i := range j.p.Requests {
		q := &j.p.Requests[i]
		if (q.Right == "access" || q.Right == "portability") && q.Open(j.on) && q.Scope.Covers(&j.h.Holding) {
			if b := string(q.Right) + " of " + q.Received.String(); !slices.Contains(out, b) {
				out = append(out, b)
			}
		}
	}
	slices.Sort(out)
	return out
}

func (j *judged) isMarketing() bool { return j.act != nil && j.act.DirectMarketing }

// expired is row 1: what is past its time goes, request or none (Article
// 5(1)(e)). A hold or a legal duty comes first, and so does a person who asks for
// restriction instead (18(1)(b)) or needs the data for a claim (18(1)(c)).
func (j *judged) expired() (Item, bool) {
	if !j.past() || !j.erases() || j.c.says(OwnClaim) || j.c.says(PrefersRestriction) {
		return Item{}, false
	}
	if _, ok := j.claims(); ok {
		return Item{}, false
	}
	if _, ok := j.legalDuty(); ok {
		return Item{}, false
	}
	return j.item(Erase, EraseRetentionExpired, "", "Its time has ended: "+j.st.ByRule+"."), true
}

// holdCodes are the reasons that the ground of a hold stands for.
var holdCodes = map[string]Code{
	"claims": KeepLegalClaims, "law": KeepLegalObligation, "inquiry": KeepLegalObligation,
	"regulator": KeepLegalObligation, "audit": KeepLegalObligation,
}

// claims is row 2: a hold, or a named claim or limitation date, keeps the holding
// restricted until it ends (Articles 17(3)(e) and 18(2)); then the order is walked
// again.
func (j *judged) claims() (Item, bool) {
	if len(j.held) > 0 {
		hold := j.held[0]
		code := holdCodes[string(hold.Ground)]
		if hold.Ground == "crime" {
			code = KeepLegalObligation
			if InForce(SchedulesOfTheAct, j.e.law, j.c.Received) {
				code = KeepUKExemption + ":Sch2.P1.2"
			}
		}
		if code == "" {
			code = KeepLegalClaims
		}
		x := j.item(Restrict, code, "", "A hold keeps it ("+string(hold.Ground)+"). It is used for that only, and looked at again when the hold is lifted.")
		x.WaitsFor, x.Restricted = "hold_lifted", true
		if hold.Review.IsZero() {
			x.find("HOLD_WITHOUT_REVIEW")
		}
		return x, true
	}
	a := j.p.assessment(Claims, j.h, j.on)
	if a == nil || !a.Holds || a.Ref == "" || !stillOn(a, j.on) {
		return Item{}, false
	}
	x := j.item(Restrict, KeepLegalClaims, "", "A claim that is named needs it. It is used for that only.")
	x.Until, x.Restricted = a.Until, true
	if x.Until.IsZero() {
		x.WaitsFor = "review"
	}
	return x, true
}

func stillOn(a *Assessment, on events.Date) bool { return a.Until.IsZero() || a.Until > on }

// publicTask is row 4: the holding is needed for a task in the public interest
// (Article 17(3)(b)). Whoever says so says when it is looked at again. A notice
// that promises to erase on request has said that the task does not need it.
func (j *judged) publicTask() (Item, bool) {
	a := j.p.assessment(PublicTask, j.h, j.on)
	task := j.act != nil && !j.outside && (j.act.PublicTask || j.only("6.1.e"))
	if a != nil {
		task = a.Holds && stillOn(a, j.on)
	}
	if !task || j.promises() || (a == nil && j.past()) {
		return Item{}, false
	}
	x := j.stay(j.item(Retain, KeepPublicTask, "", "A task in the public interest needs it."), "review")
	if a != nil && !a.Until.IsZero() {
		x.Until, x.WaitsFor = a.Until, ""
	}
	x.Restricted = true
	return x, true
}

// publicHealth is row 5: records of health or social care under professional
// secrecy, and of public health (Articles 17(3)(c), 9(2)(h)-(i), 9(3)). In the
// European Union care itself is no public health, and its law is found in row 3.
func (j *judged) publicHealth() (Item, bool) {
	care := slices.Contains(j.conditions, "9.2.h") && InForce(CareIsPublicHealth, j.e.law, j.c.Received)
	if !care && !slices.Contains(j.conditions, "9.2.i") || j.outside || !j.secrecy() || j.past() {
		return Item{}, false
	}
	x := j.stay(j.item(Retain, KeepPublicHealth, "", "It is part of a care record kept under professional secrecy."), "review")
	x.Restricted = true
	return x, true
}

// exempted is row 8: a named person found an exemption that reaches erasure
// (Data Protection Act 2018, Schedules 2 to 4).
func (j *judged) exempted() (Item, bool) {
	x, ok := j.exempt(catalogue.RightErasure)
	x.Restricted = ok
	return x, ok
}

// exemption finds what a person put on record against a right.
func (j *judged) exemption(right catalogue.RightKind) (ExemptionRule, *Assessment, bool) {
	a := j.p.assessment(Exemption, j.h, j.on)
	if a == nil || !a.Holds || !stillOn(a, j.on) {
		return ExemptionRule{}, nil, false
	}
	rule, ok := exemption(string(a.Code))
	if !ok || !slices.Contains(rule.Rights, right) || rule.UK && !InForce(SchedulesOfTheAct, j.e.law, j.c.Received) {
		return ExemptionRule{}, nil, false
	}
	return rule, a, true
}

// unlawfulKept is row 9: the person wants what is unlawful restricted instead of
// erased (Article 18(1)(b)). To keep past the time is unlawful too.
func (j *judged) unlawfulKept() (Item, bool) {
	_, words, bad := j.lawless()
	if !bad && j.past() && j.erases() {
		bad, words = true, "Its time has ended."
	}
	if !bad || !j.c.says(PrefersRestriction) {
		return Item{}, false
	}
	x := j.item(Restrict, RestrictUnlawful, "", words+" The person asked for restriction instead of erasure.")
	x.WaitsFor = "restriction_lifted"
	return x, true
}

// unlawful is row 10: nothing allows it (Article 17(1)(d)). What concerns
// safeguarding, care, incidents, complaints or claims is looked at before it
// goes, and so is plain data that can show special data.
func (j *judged) unlawful() (Item, bool) {
	finding, words, bad := j.lawless()
	if !bad {
		if !j.reveals() {
			return Item{}, false
		}
		x := j.item(Review, EraseUnlawful, "", "It can show special category data, and the row has no condition for that. The copy can go, and what it shows plainly can stay.")
		x.Proposal = &Proposal{Erase, EraseUnlawful}
		x.find("SPECIAL_IN_PLAIN_CATEGORY")
		return x, true
	}
	if j.guarded() {
		x := j.item(Review, EraseUnlawful, "", words+" It is about safeguarding, care, an incident, a complaint or a claim, so a person looks at it first.")
		x.find(finding)
		return x, true
	}
	x := j.item(Erase, EraseUnlawful, "", words+" We have decided not to keep it.")
	x.find(finding)
	return x, true
}

// unmappedBasis is row 19a: data in no row, or a row of which nobody has said
// which basis is meant. That is our fault, so no right is refused on it: a person
// decides by the due date (Article 5(1)(a)).
func (j *judged) unmappedBasis() (Item, bool) {
	switch {
	case j.act == nil:
		return j.undeclared()
	case j.outside:
		x := j.item(Review, NoRow, "", "The row does not list this kind of data.")
		x.Proposal = &Proposal{Erase, EraseNotNecessary}
		return x, true
	case j.basis == unmapped:
		return j.item(Review, BasisUnmapped, "", "Several lawful bases are stated together, and nobody has said which is meant here."), true
	}
	return Item{}, false
}

// undeclared is data in no row. A person may have decided which rule it follows
// and on what ground it is kept; else one looks at it. Silence of a notice is a
// fault of the notice and does not make the data unlawful.
func (j *judged) undeclared() (Item, bool) {
	if x, ok := j.kept(); ok {
		x.find("RET_NO_ROW")
		return x, true
	}
	x := j.item(Review, NoRow, "", "No activity of the record of processing covers it.")
	x.find("RET_NO_ROW")
	switch {
	case j.guarded():
	case j.st.State == retention.Running:
		x.Proposal = &Proposal{Retain, KeepAfterTrigger}
		x.Until = j.st.Due
	default:
		x.Proposal = &Proposal{Erase, EraseNotNecessary}
	}
	return x, true
}

// noPeriod is row 19b: no day follows from the notice (Article 5(1)(e)).
func (j *judged) noPeriod() (Item, bool) {
	switch j.st.State {
	case retention.NoneStated, retention.OpenEnded, retention.Undetermined:
	default:
		return Item{}, false
	}
	x := j.item(Review, RetMissing, "", "No time is stated for it: "+j.st.ByRule+".")
	x.Proposal = &Proposal{Erase, EraseNotNecessary}
	x.find("RET_MISSING")
	return x, true
}

// notStarted is row 19c: what the period counts from has not happened, so the
// purpose goes on (Article 17(1) gives no ground).
func (j *judged) notStarted() (Item, bool) {
	if j.st.State != retention.WaitingForTrigger {
		return Item{}, false
	}
	return j.stay(j.item(Retain, KeepNoGround, "", "It is still needed: "+j.st.ByRule+"."), "purpose_ended"), true
}

// running is row 19d: the purpose has ended and the period has not. A period is a
// ceiling and no ground: what is kept for the rest of it needs a ground that
// somebody put on record (Article 17(3)(e) or (b)). A password serves no claim.
func (j *judged) running() (Item, bool) {
	if j.st.State != retention.Running {
		return Item{}, false
	}
	if j.neverOutput() {
		x := j.item(Erase, EraseNotNecessary, "", "It served the use of the account only, and that has ended.")
		return x, true
	}
	if x, ok := j.kept(); ok {
		return x, true
	}
	x := j.item(Review, NecessityUnstated, "", "Its purpose has ended, and nobody has said on what ground it is kept for the rest of the time.")
	x.Proposal = &Proposal{Erase, EraseNotNecessary}
	return x, true
}

// kept is what a decision keeps for the rest of its time.
func (j *judged) kept() (Item, bool) {
	key := string(catalogue.DecideAfter) + "." + string(j.h.Activity.Code)
	d, ok := j.e.now.Decision(key)
	if !ok || j.st.State != retention.Running {
		return Item{}, false
	}
	j.rests(key)
	ground := "legal claims"
	article := "17(3)(e)"
	if d.Value.Ground == "law" {
		ground, article = "a legal obligation", "17(3)(b)"
	}
	x := j.item(Retain, KeepAfterTrigger, "", "It is kept for "+ground+" until "+catalogue.PlainDate(j.st.Due)+": "+j.st.ByRule+".")
	x.Article, x.Until, x.Restricted = article, j.st.Due, true
	return x, true
}
