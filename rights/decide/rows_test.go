package decide_test

import (
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// The order of erasure, row by row: what each row says, and the row that goes
// before it where two match.
func TestErasureRows(t *testing.T) {
	started, live, over := decide.Person{Person: ended("2025-06-01")}, decide.Person{}, decide.Person{Person: ended("2020-06-01")}
	with := func(p decide.Person, a ...decide.Assessment) decide.Person {
		p.Assessments = a
		return p
	}
	onHold := func(p decide.Person, ground events.Code) decide.Person {
		p.Holds = []retention.Hold{{ID: "h", Ground: ground, Placed: day("2025-01-01"), Review: day("2027-01-01")}}
		return p
	}
	objects := func(p decide.Person, activity events.Code) decide.Person {
		p.Objections = []decide.Objection{{Activity: events.Activity{Code: activity}, On: day("2026-02-01")}}
		return p
	}
	refused := func(c *decide.Case) {
		c.Refusal = &decide.Refusal{By: "A. Officer", Why: "asked daily", On: c.Received, Excessive: true}
	}
	late := func(c *decide.Case) {
		c.Received, c.Due = day("2025-12-01"), day("2026-01-01")
	}
	code := func(s events.Code) func(*decide.Assessment) { return func(a *decide.Assessment) { a.Code = s } }
	until := func(s string) func(*decide.Assessment) { return func(a *decide.Assessment) { a.Until = day(s) } }
	for _, c := range []struct {
		rule    string
		p       decide.Person
		h       decide.Holding
		change  []func(*decide.Case)
		want    string
		row     string
		article string
	}{
		{"0a: a request that is manifestly excessive may be refused, and the controller shows that it is (12(5))", live, held("contract", "pay"), []func(*decide.Case){refused},
			"hr contract pay: none REFUSE_EXCESSIVE, person", "row 0a", "12(5)"},
		{"0b: with reasonable doubts information may be asked for (12(6))", live, held("contract", "pay"), []func(*decide.Case){func(c *decide.Case) { c.Identity = decide.IdentityDoubted }},
			"hr contract pay: none WAIT_ID waits for identity", "row 0b", "12(6)"},
		{"0b: after the wait", live, held("contract", "pay"), []func(*decide.Case){func(c *decide.Case) { c.Identity = decide.IdentityFailed }},
			"hr contract pay: none REFUSE_ID, person", "row 0b", "12(6), 11(2)"},
		{"0c: a processor helps the controller to answer and decides nothing (28(3)(e))", live, held("theirs", "pay"), nil,
			"hr theirs pay: refer REFER_CONTROLLER", "row 0c", "28(3)(e)"},
		{"0c: held for somebody else, whatever the row says", live, held("contract", "pay", func(h *decide.Holding) { h.Controller = "partner" }), nil,
			"hr contract pay: refer REFER_CONTROLLER", "row 0c", "28(3)(e)"},
		{"0d: the right reaches what was held when the request came", live, held("contract", "pay", func(h *decide.Holding) { h.Stored = day("2026-03-03") }), nil,
			"hr contract pay: none NOT_HELD_AT_RECEIPT waits for contract_end", "row 0d", "17(1)"},
		{"0d: a copy of it stored later is reached as well", over, held("contract", "pay", func(h *decide.Holding) { h.Stored, h.CopyOfHeld = day("2026-03-03"), true }), nil,
			"hr contract pay: erase ERASE_RETENTION_EXPIRED", "row 1", "5(1)(e)"},

		{"1: no longer than necessary, request or none (5(1)(e))", over, held("interest", "pay"), nil, "hr interest pay: erase ERASE_RETENTION_EXPIRED", "row 1", "5(1)(e)"},
		{"1: not while a law requires it", over, held("duty", "pay"), nil, "hr duty pay: retain KEEP_LEGAL_OBLIGATION until 2026-06-01, restricted", "row 3", "17(3)(b)"},
		{"2: paragraph 1 does not apply as far as legal claims need it (17(3)(e))", onHold(over, "claims"), held("silent", "pay"), nil,
			"hr silent pay: restrict KEEP_LEGAL_CLAIMS waits for hold_lifted, restricted, person", "row 2", "17(3)(e)"},
		{"2: a hold for an inquiry rests on a legal obligation", onHold(live, "inquiry"), held("contract", "pay"), nil,
			"hr contract pay: restrict KEEP_LEGAL_OBLIGATION waits for hold_lifted, restricted, person", "row 2", "17(3)(b)"},
		{"2: one for a crime on paragraph 2 of Schedule 2", onHold(live, "crime"), held("contract", "pay"), nil,
			"hr contract pay: restrict KEEP_UK_EXEMPTION:Sch2.P1.2 waits for hold_lifted, restricted, person", "row 2", "Data Protection Act 2018, Schedule 2 paragraph 2"},
		{"2: a claim that is named keeps until its limitation date", with(live, found(decide.Claims, true, until("2028-01-01"))), held("consent", "pay"), nil,
			"hr consent pay: restrict KEEP_LEGAL_CLAIMS until 2028-01-01, restricted, person", "row 2", "17(3)(e)"},
		{"2: one that nobody names keeps nothing", with(live, found(decide.Claims, true, func(a *decide.Assessment) { a.Ref = "" })), held("consent", "pay"), nil,
			"hr consent pay: erase ERASE_CONSENT_WITHDRAWN", "row 13", "17(1)(b)"},
		{"3: nor as far as a law requires processing (17(3)(b)), for that category", started, held("duty", "pay"), nil,
			"hr duty pay: retain KEEP_LEGAL_OBLIGATION until 2031-06-01, restricted", "row 3", "17(3)(b)"},
		{"3: a duty that has ended keeps nothing", started, held("duty", "identity"), nil,
			"hr duty identity: retain KEEP_AFTER_TRIGGER until 2027-06-01, restricted", "row 19d", "17(3)(b)"},
		{"3: one without a day waits for its end", live, held("dutyopen", "pay"), nil,
			"hr dutyopen pay: retain KEEP_LEGAL_OBLIGATION waits for duty_ended, restricted", "row 3", "17(3)(b)"},
		{"3: counted from the day of the record, and the longest of several counts", live, held("dutydated", "pay", func(h *decide.Holding) { h.RecordDates = []events.Date{day("2024-05-01"), day("2025-05-01")} }), nil,
			"hr dutydated pay: retain KEEP_LEGAL_OBLIGATION until 2031-05-01, restricted", "row 3", "17(3)(b)"},
		{"3: what starts it has not come", live, held("duty", "pay"), nil, "hr duty pay: retain KEEP_LEGAL_OBLIGATION waits for contract_end, restricted", "row 3", "17(3)(b)"},
		{"3: a law that was reported with the record", started, held("interest", "pay", func(h *decide.Holding) { h.LegalDuty = "vat_act" }), nil,
			"hr interest pay: retain KEEP_LEGAL_OBLIGATION until 2027-06-01, restricted, offer_objection", "row 3", "17(3)(b)"},
		{"4: nor for a task in the public interest (17(3)(b))", started, held("task", "pay"), nil,
			"hr task pay: retain KEEP_PUBLIC_TASK until 2027-06-01, restricted, offer_objection, person", "row 4", "17(3)(b)"},
		{"4: somebody found that the task no longer needs it", with(started, found(decide.PublicTask, false)), held("task", "pay"), nil,
			"hr task pay: review NECESSITY_UNSTATED, proposes erase ERASE_NOT_NECESSARY, person", "row 19d", "5(1)(e), 17(1)(a)"},
		{"5: nor for health or social care under professional secrecy (17(3)(c), 9(3))", started, held("medical", "health"), nil,
			"hr medical health: retain KEEP_PUBLIC_HEALTH until 2027-06-01, restricted, person", "row 5", "17(3)(c)"},
		{"5: public health", started, held("public_health", "health"), nil,
			"hr public_health health: retain KEEP_PUBLIC_TASK until 2027-06-01, restricted, offer_objection, person", "row 4", "17(3)(b)"},
		{"6: nor where research would be seriously impaired (17(3)(d))", with(started, found(decide.Research, true)), held("contract", "pay"), nil,
			"hr contract pay: retain KEEP_RESEARCH waits for review, restricted, person", "row 6", "17(3)(d)"},
		{"6: not by a word that comes later, nor by nobody's", with(started, found(decide.Research, true, func(a *decide.Assessment) { a.On = day("2026-03-04") }), found(decide.Expression, true, func(a *decide.Assessment) { a.By = "" })), held("contract", "pay"), nil,
			"hr contract pay: retain KEEP_AFTER_TRIGGER until 2027-06-01, restricted", "row 19d", "17(3)(e)"},
		{"6: a later word counts", with(started, found(decide.Research, true), found(decide.Research, false, func(a *decide.Assessment) { a.On = day("2025-01-01") })), held("contract", "pay"), nil,
			"hr contract pay: retain KEEP_AFTER_TRIGGER until 2027-06-01, restricted", "row 19d", "17(3)(e)"},
		{"7: nor for freedom of expression and information (17(3)(a)), which only a person finds", with(started, found(decide.Expression, true)), held("silent", "pay"), nil,
			"hr silent pay: retain KEEP_EXPRESSION waits for review, restricted, person", "row 7", "17(3)(a)"},
		{"8: an exemption of Schedule 2 that reaches erasure", with(live, found(decide.Exemption, true, code("Sch2.P1.2"))), held("consent", "pay"), nil,
			"hr consent pay: retain KEEP_UK_EXEMPTION:Sch2.P1.2 waits for review, restricted, person", "row 8", "Data Protection Act 2018, Schedule 2 paragraph 2"},
		{"8: one that reaches access only keeps nothing", with(live, found(decide.Exemption, true, code("Sch2.P4.24"))), held("consent", "pay"), nil,
			"hr consent pay: erase ERASE_CONSENT_WITHDRAWN", "row 13", "17(1)(b)"},
		{"9: who opposes the erasure of what is unlawful gets restriction (18(1)(b))", started, held("silent", "pay"), []func(*decide.Case){states(decide.PrefersRestriction)},
			"hr silent pay: restrict RESTRICT_UNLAWFUL_AT_SUBJECT_CHOICE waits for restriction_lifted, person", "row 9", "18(1)(b)"},
		{"9: to keep past the time is unlawful too", over, held("contract", "pay"), []func(*decide.Case){states(decide.PrefersRestriction)},
			"hr contract pay: restrict RESTRICT_UNLAWFUL_AT_SUBJECT_CHOICE waits for restriction_lifted, person", "row 9", "18(1)(b)"},
		{"10: what is unlawful goes (17(1)(d)): no basis", started, held("silent", "pay"), nil, "hr silent pay: erase ERASE_UNLAWFUL, person", "row 10", "17(1)(d)"},
		{"10: special data without a condition of Article 9", started, held("contract", "belief"), nil, "hr contract belief: erase ERASE_UNLAWFUL, person", "row 10", "17(1)(d)"},
		{"10: criminal data without Article 10", started, held("medical", "offences"), nil, "hr medical offences: erase ERASE_UNLAWFUL, person", "row 10", "17(1)(d)"},
		{"10: material of a complaint is looked at first", started, held("claim", "pay"), nil, "hr claim pay: review ERASE_UNLAWFUL, person", "row 10", "17(1)(d)"},
		{"10: plain data that shows special data is looked at", started, held("contract", "identity/id_copy"), nil,
			"hr contract identity/id_copy: review ERASE_UNLAWFUL, proposes erase ERASE_UNLAWFUL, person", "row 10", "17(1)(d)"},
		{"10: a basis reported with the record counts", started, held("silent", "pay", func(h *decide.Holding) { h.Basis = "6.1.a" }), nil,
			"hr silent pay: erase ERASE_CONSENT_WITHDRAWN", "row 13", "17(1)(b)"},
		{"11: a law requires the erasure (17(1)(e))", with(live, found(decide.LegalErasure, true, code("spent_convictions"))), held("contract", "pay"), nil,
			"hr contract pay: erase ERASE_LEGAL_DUTY", "row 11", "17(1)(e)"},
		{"12: an objection to direct marketing is absolute (17(1)(c), 21(3)), and goes before consent", live, held("news", "identity"), nil,
			"hr news identity: erase ERASE_OBJECTION_MARKETING, suppress", "row 12", "17(1)(c), 21(3)"},
		{"12: its suppression is owed whatever else erases", live, held("ads", "identity"), nil,
			"hr ads identity: erase ERASE_UNLAWFUL, suppress, person", "row 10", "17(1)(d)"},
		{"13: consent withdrawn, and no other ground (17(1)(b))", live, held("consent", "pay"), nil, "hr consent pay: erase ERASE_CONSENT_WITHDRAWN", "row 13", "17(1)(b)"},
		{"13: another ground is there", live, held("both", "pay"), nil, "hr both pay: retain KEEP_NO_GROUND waits for contract_end", "row 19c", "17(1)"},
		{"13: explicit consent was the condition", live, held("explicit", "belief"), nil, "hr explicit belief: erase ERASE_CONSENT_WITHDRAWN, person", "row 13", "17(1)(b)"},
		{"14: an objection is weighed, and until then use is restricted (18(1)(d))", live, held("interest", "pay"), []func(*decide.Case){states(decide.PersonalReasons)},
			"hr interest pay: restrict RESTRICT_PENDING_OBJECTION waits for objection_assessed, person", "row 14", "18(1)(d)"},
		{"14: an objection made before", objects(live, "interest"), held("interest", "pay"), nil,
			"hr interest pay: restrict RESTRICT_PENDING_OBJECTION waits for objection_assessed, person", "row 14", "18(1)(d)"},
		{"14: an objection in the same request", live, held("interest", "pay"), []func(*decide.Case){func(c *decide.Case) { c.Rights = append(c.Rights, catalogue.RightObjection) }},
			"hr interest pay: restrict RESTRICT_PENDING_OBJECTION waits for objection_assessed, person", "row 14", "18(1)(d)"},
		{"14: the right exists if any of several bases gives it", live, held("pooled", "pay"), []func(*decide.Case){states(decide.PersonalReasons)},
			"hr pooled pay: restrict RESTRICT_PENDING_OBJECTION waits for objection_assessed, person", "row 14", "18(1)(d)"},
		{"14: against a contract there is no right to object", live, held("contract", "pay"), []func(*decide.Case){states(decide.PersonalReasons)},
			"hr contract pay: retain KEEP_NO_GROUND waits for contract_end", "row 19c", "17(1)"},
		{"15: compelling grounds were demonstrated (21(1))", with(live, found(decide.Override, true)), held("interest", "pay"), []func(*decide.Case){states(decide.PersonalReasons)},
			"hr interest pay: retain KEEP_OVERRIDING_GROUNDS waits for contract_end, person", "row 15", "21(1), 17(1)(c)"},
		{"16: they were not (17(1)(c))", with(live, found(decide.Override, false)), held("interest", "pay"), []func(*decide.Case){states(decide.PersonalReasons)},
			"hr interest pay: erase ERASE_OBJECTION, person", "row 16", "17(1)(c)"},
		{"16: nobody weighed it by the due date", live, held("interest", "pay"), []func(*decide.Case){late, states(decide.PersonalReasons)},
			"hr interest pay: erase ERASE_OBJECTION, person", "row 16", "17(1)(c)"},
		{"17: an online service offered to a child (17(1)(f))", live, held("contract", "pay", marked(events.MarkChildISS)), nil,
			"hr contract pay: erase ERASE_CHILD_ISS, person", "row 17", "17(1)(f)"},
		{"18: malicious allegations: enacted and not yet law", with(live, found(decide.Malicious, true)), held("contract", "pay"), nil,
			"hr contract pay: retain KEEP_NO_GROUND waits for contract_end", "row 19c", "17(1)"},
		{"19: the person needs it for a claim, and we no longer do (18(1)(c))", over, held("contract", "pay"), []func(*decide.Case){states(decide.OwnClaim)},
			"hr contract pay: restrict RESTRICT_SUBJECT_CLAIM waits for claim_closed", "row 19", "18(1)(c)"},
		{"19: what we keep anyway is there for the claim", started, held("contract", "pay"), []func(*decide.Case){states(decide.OwnClaim)},
			"hr contract pay: retain KEEP_AFTER_TRIGGER until 2027-06-01, restricted", "row 19d", "17(3)(e)"},
		{"19a: a pooled basis is our fault and refuses nothing", live, held("pooled", "pay"), nil, "hr pooled pay: review BASIS_UNMAPPED, person", "row 19a", "5(1)(a)"},
		{"19a: data in no row", live, held("unknown_row", "pay"), nil, "hr unknown_row pay: review NO_ROW, proposes erase ERASE_NOT_NECESSARY, person", "row 19a", "5(1)(a)"},
		{"19a: in no row, and of a complaint: nothing is proposed", live, held("unknown_row", "complaint_text"), nil, "hr unknown_row complaint_text: review NO_ROW, person", "row 19a", "5(1)(a)"},
		{"19a: plain data that its row does not list", live, held("medical", "pay"), nil,
			"hr medical pay: review NO_ROW, proposes erase ERASE_NOT_NECESSARY, person", "row 19a", "5(1)(a)"},
		{"19b: no end is stated (5(1)(e))", live, held("endless", "pay"), nil, "hr endless pay: review RET_MISSING, proposes erase ERASE_NOT_NECESSARY, person", "row 19b", "5(1)(e)"},
		{"19c: the purpose goes on", live, held("contract", "pay"), nil, "hr contract pay: retain KEEP_NO_GROUND waits for contract_end", "row 19c", "17(1)"},
		{"19d: it has ended, and a ground is on record", started, held("contract", "pay"), nil, "hr contract pay: retain KEEP_AFTER_TRIGGER until 2027-06-01, restricted", "row 19d", "17(3)(e)"},
		{"19d: it has ended, and none is", started, held("vital", "pay"), nil, "hr vital pay: review NECESSITY_UNSTATED, proposes erase ERASE_NOT_NECESSARY, person", "row 19d", "5(1)(e), 17(1)(a)"},
		{"19d: a password serves no claim", started, held("contract", "identity/secret"), nil, "hr contract identity/secret: erase ERASE_NOT_NECESSARY", "row 19d", "17(1)(a)"},
		{"20: no longer necessary (17(1)(a)): the notice puts a request first", started, held("asked", "pay"), nil, "hr asked pay: erase ERASE_NOT_NECESSARY", "row 20", "17(1)(a)"},
		{"20: the same, for a public task", started, held("onask", "pay"), nil, "hr onask pay: erase ERASE_NOT_NECESSARY", "row 20", "17(1)(a)"},
		{"20: somebody found it so", with(live, found(decide.NoLongerNeeded, true)), held("contract", "pay"), nil, "hr contract pay: erase ERASE_NOT_NECESSARY", "row 20", "17(1)(a)"},
		{"20: the end asks for a look", over, held("look", "pay"), nil, "hr look pay: review ERASE_NOT_NECESSARY, proposes erase ERASE_NOT_NECESSARY, person", "row 20", "17(1)(a)"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			x := one(t, "gb", catalogue.RightErasure, c.h, c.p, c.change...)
			if got := said(x); got != c.want {
				t.Errorf("got\n  %s\nwant\n  %s", got, c.want)
			}
			if x.ProposedBy != c.row || x.Article != c.article || x.Reason == "" {
				t.Errorf("by %s, article %s (%s); want %s, %s", x.ProposedBy, x.Article, x.Reason, c.row, c.article)
			}
		})
	}
}

// In the European Union care is no public health by itself: 17(3)(c) shields
// public health alone, and there are no schedules of the Act of 2018.
func TestErasureInTheUnion(t *testing.T) {
	p := decide.Person{Person: ended("2025-06-01")}
	if x := one(t, "de", catalogue.RightErasure, held("medical", "health"), p); x.Code != decide.NecessityUnstated {
		t.Errorf("care: %s", said(x))
	}
	p.Holds = []retention.Hold{{ID: "h", Ground: "crime", Placed: day("2025-01-01")}}
	x := one(t, "de", catalogue.RightErasure, held("contract", "pay"), p)
	if x.Code != decide.KeepLegalObligation || x.Findings[len(x.Findings)-1] != "HOLD_WITHOUT_REVIEW" {
		t.Errorf("a hold for a crime, with no day of review: %s %v", said(x), x.Findings)
	}
	p = decide.Person{Assessments: []decide.Assessment{found(decide.Exemption, true, func(a *decide.Assessment) { a.Code = "Sch2.P1.2" })}}
	if x := one(t, "de", catalogue.RightErasure, held("consent", "pay"), p); x.Code != decide.EraseConsentWithdrawn {
		t.Errorf("an exemption of the Act: %s", said(x))
	}
}
