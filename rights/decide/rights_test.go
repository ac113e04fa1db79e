package decide_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// The table of rights by lawful basis (Articles 7(3), 20(1), 20(3), 21(1)-(2)).
func TestBasisTable(t *testing.T) {
	const now = "2026-03-02"
	rights := []catalogue.RightKind{catalogue.RightAccess, catalogue.RightRectification, catalogue.RightRestriction, catalogue.RightPortability,
		catalogue.RightObjection, catalogue.RightMarketing, catalogue.RightWithdrawConsent}
	for _, c := range []struct {
		basis      string
		conditions []events.Code
		law        decide.Jurisdiction
		on         string
		want       string // Y or - for each of the rights
	}{
		{"6.1.a", nil, decide.UK, now, "YYYY-YY"},
		{"6.1.b", nil, decide.UK, now, "YYYY-Y-"},
		{"6.1.c", nil, decide.UK, now, "YYY----"},
		{"6.1.d", nil, decide.UK, now, "YYY--Y-"},
		{"6.1.e", nil, decide.UK, now, "YYY-YY-"},
		{"6.1.ea", nil, decide.UK, now, "YYY-YY-"},
		{"6.1.ea", nil, decide.UK, "2026-02-04", "YYY----"}, // the basis was no law the day before
		{"6.1.ea", nil, decide.EU, now, "YYY----"},          // and is none in the Union
		{"6.1.f", nil, decide.EU, now, "YYY-YY-"},
		{"6.1.c", []events.Code{"9.2.a"}, decide.EU, now, "YYYY--Y"}, // 20(1)(a), 7(3): explicit consent
		{"6.1.e", []events.Code{"9.2.a"}, decide.EU, now, "YYY-YYY"}, // 20(3): not for a public task
		{"6.1.b", []events.Code{"9.2.j"}, decide.EU, now, "YYYYYY-"}, // 21(6): research
		{"6.1.b", []events.Code{"9.2.h"}, decide.EU, now, "YYYY-Y-"},
	} {
		got := ""
		for _, r := range rights {
			if decide.Applies(r, events.Code(c.basis), c.conditions, c.law, day(c.on)).Exists {
				got += "Y"
			} else {
				got += "-"
			}
		}
		if got != c.want {
			t.Errorf("%s %v in the %s on %s: %s, want %s", c.basis, c.conditions, c.law, c.on, got, c.want)
		}
	}
	for _, r := range decide.BasisTable() {
		if len(r.Erasure) == 0 || len(r.Restriction) < 3 || catalogue.PlainBasis(r.Basis) == string(r.Basis) {
			t.Errorf("row %+v", r)
		}
	}
}

// Dated law is a table: a day before its day a rule is not there.
func TestSwitches(t *testing.T) {
	for _, c := range []struct {
		s      decide.Switch
		j      decide.Jurisdiction
		before string
		on     string
	}{
		{decide.ReasonableSearch, decide.UK, "2023-12-31", "2024-01-01"},
		{decide.PeriodsByRegime, decide.UK, "2025-08-19", "2025-08-20"},
		{decide.StopTheClock, decide.UK, "2026-02-04", "2026-02-05"},
		{decide.RecognisedInterest, decide.UK, "2026-02-04", "2026-02-05"},
		{decide.AutomatedSafeguard, decide.UK, "2026-02-04", "2026-02-05"},
		{decide.ComplaintToUs, decide.UK, "2026-06-18", "2026-06-19"},
		{decide.SchedulesOfTheAct, decide.UK, "2018-05-24", "2018-05-25"},
	} {
		if decide.InForce(c.s, c.j, day(c.before)) || !decide.InForce(c.s, c.j, day(c.on)) {
			t.Errorf("%s: on %s %v, on %s %v", c.s, c.before, decide.InForce(c.s, c.j, day(c.before)), c.on, decide.InForce(c.s, c.j, day(c.on)))
		}
	}
	if !decide.InForce(decide.AutomatedBan, decide.UK, day("2026-02-04")) || decide.InForce(decide.AutomatedBan, decide.UK, day("2026-02-05")) || !decide.InForce(decide.AutomatedBan, decide.EU, day("2026-02-05")) {
		t.Error("Article 22 gave way to 22A to 22D in the United Kingdom alone")
	}
	if decide.InForce(decide.MaliciousClaim, decide.UK, day("2099-01-01")) {
		t.Error("Article 17(1)(g) has no day yet")
	}
	for _, x := range decide.LawSwitches() {
		if x.Law == "" || x.Switch == "" {
			t.Errorf("%+v cites nothing", x)
		}
	}
}

// The order printed is the order tested, each row with its article.
func TestRowsCite(t *testing.T) {
	var names []string
	for _, r := range decide.ErasureRows() {
		if r.Law == "" {
			t.Errorf("%s cites nothing", r.Name)
		}
		names = append(names, r.Name)
	}
	before := func(a, b string) bool { return slices.Index(names, a) < slices.Index(names, b) }
	if !before("row 0d", "row 1") || !before("row 8", "row 9") || !before("row 12", "row 13") || !before("row 19", "row 19a") || !before("row 19d", "row 21") {
		t.Errorf("order: %v", names)
	}
	for c, m := range decide.Meanings() {
		if got, ok := c.Meaning(); !ok || got != m || m.Says == "" {
			t.Errorf("%s: %+v", c, m)
		}
	}
	for _, x := range decide.Exemptions() {
		if m, ok := x.Withholds().Meaning(); !ok || m.Article != x.Law || len(x.Rights) == 0 {
			t.Errorf("%s: %+v", x.Code, m)
		}
	}
	if _, ok := decide.Code("WITHHOLD_NOTHING").Meaning(); ok {
		t.Error("an exemption that does not exist has a meaning")
	}
}

// The rights that are not erasure, rule by rule.
func TestRights(t *testing.T) {
	live, started := decide.Person{}, decide.Person{Person: ended("2025-06-01")}
	with := func(p decide.Person, a ...decide.Assessment) decide.Person {
		p.Assessments = a
		return p
	}
	observed := func(p events.Provenance) func(*decide.Holding) { return func(h *decide.Holding) { h.Provenance = p } }
	channels := func(list ...events.Code) func(*decide.Case) { return func(c *decide.Case) { c.Channels = list } }
	automated := decide.Person{Automated: []decide.AutomatedDecision{{Activity: "contract", Alone: true, Weighty: true, On: day("2026-02-10")}}}
	code := func(s events.Code) func(*decide.Assessment) { return func(a *decide.Assessment) { a.Code = s } }
	old := func(a *decide.Assessment) { a.On = day("2025-06-01") }
	fresh := func(a *decide.Assessment) { a.On = day("2026-02-01") }
	for _, c := range []struct {
		rule    string
		right   catalogue.RightKind
		p       decide.Person
		h       decide.Holding
		change  []func(*decide.Case)
		want    string
		article string
	}{
		{"15(3): a copy, whatever the basis", catalogue.RightAccess, live, held("duty", "pay"), nil, "hr duty pay: disclose DISCLOSE", "15(1), 15(3)"},
		{"a password is in no answer", catalogue.RightAccess, live, held("contract", "identity/secret"), nil, "hr contract identity/secret: withhold WITHHOLD_NEVER_OUTPUT", "32(1)"},
		{"what is anonymous is no personal data", catalogue.RightAccess, live, held("contract", "counts"), nil, "hr contract counts: none NOT_AFFECTED", ""},
		{"Schedule 2 paragraph 24: a reference given in confidence", catalogue.RightAccess, live, held("contract", "pay", marked(events.MarkConfidentialReference)), nil,
			"hr contract pay: withhold WITHHOLD_SCH2_P4_24, person", "Data Protection Act 2018, Schedule 2 paragraph 24"},
		{"paragraph 16: others in it, neither given nor cut out by a rule", catalogue.RightAccess, live, held("contract", "letters"), nil,
			"hr contract letters: review WITHHOLD_SCH2_P3_16, proposes withhold WITHHOLD_SCH2_P3_16, person", "Data Protection Act 2018, Schedule 2 paragraph 16"},
		{"paragraph 16: a person found that it may be given", catalogue.RightAccess, with(live, found(decide.ThirdParty, true)), held("contract", "letters"), nil,
			"hr contract letters: disclose DISCLOSE, person", "15(1), 15(3)"},
		{"paragraph 16: or that it may not", catalogue.RightAccess, with(live, found(decide.ThirdParty, false)), held("contract", "letters"), nil,
			"hr contract letters: withhold WITHHOLD_SCH2_P3_16, person", "Data Protection Act 2018, Schedule 2 paragraph 16"},
		{"Schedule 3: health data waits for an opinion", catalogue.RightAccess, live, held("medical", "health", observed(events.Observed)), nil,
			"hr medical health: review WITHHOLD_SCH3_P2 waits for opinion, proposes disclose DISCLOSE, person", "Data Protection Act 2018, Schedule 3 Part 2"},
		{"Schedule 3: known to the person, who gave it", catalogue.RightAccess, live, held("medical", "health"), nil, "hr medical health: disclose DISCLOSE, person", "15(1), 15(3)"},
		{"Schedule 3: the opinion sees no serious harm", catalogue.RightAccess, with(live, found(decide.HealthOpinion, false, fresh)), held("medical", "health", observed(events.Observed)), nil,
			"hr medical health: disclose DISCLOSE, person", "15(1), 15(3)"},
		{"Schedule 3: it does", catalogue.RightAccess, with(live, found(decide.HealthOpinion, true, fresh)), held("medical", "health", observed(events.Observed)), nil,
			"hr medical health: withhold WITHHOLD_SCH3_P2 until 2027-01-01, person", "Data Protection Act 2018, Schedule 3 Part 2"},
		{"Schedule 3: an opinion is worth six months", catalogue.RightAccess, with(live, found(decide.HealthOpinion, false, old)), held("medical", "health", observed(events.Observed)), nil,
			"hr medical health: review WITHHOLD_SCH3_P2 waits for opinion, proposes disclose DISCLOSE, person", "Data Protection Act 2018, Schedule 3 Part 2"},
		{"privilege, as a person found", catalogue.RightAccess, with(live, found(decide.Exemption, true, code("Sch2.P4.19"))), held("contract", "pay"), nil,
			"hr contract pay: withhold WITHHOLD_SCH2_P4_19 until 2027-01-01, person", "Data Protection Act 2018, Schedule 2 paragraph 19"},
		{"silence: two people and a day of review", catalogue.RightAccess, live, held("contract", "pay", func(h *decide.Holding) { h.NotToBeTold = &decide.Silence{Ground: "inquiry", Review: day("2026-09-01")} }), nil,
			"hr contract pay: withhold WITHHOLD_NOT_TO_BE_TOLD until 2026-09-01, person", "Data Protection Act 2018, Schedules 2 to 4; Article 23"},

		{"20(1): given, by machine, on a contract", catalogue.RightPortability, live, held("contract", "pay"), nil, "hr contract pay: disclose DISCLOSE", "20(1)"},
		{"20(1): observed of the person counts as given", catalogue.RightPortability, live, held("consent", "pay", observed(events.Observed)), nil, "hr consent pay: disclose DISCLOSE", "20(1)"},
		{"20(1): made from it does not", catalogue.RightPortability, live, held("consent", "pay", observed(events.Inferred)), nil, "hr consent pay: none NOT_AFFECTED", "20(1)"},
		{"20(1): nor what somebody else gave", catalogue.RightPortability, live, held("consent", "pay", observed(events.ThirdParty)), nil, "hr consent pay: none NOT_AFFECTED", "20(1)"},
		{"20(1)(b): not by machine", catalogue.RightPortability, live, held("consent", "pay", func(h *decide.Holding) { h.Medium = events.MediumPaper }), nil, "hr consent pay: none NOT_AFFECTED", "20(1)(b)"},
		{"20(1)(b): a system on paper", catalogue.RightPortability, live, held("consent", "pay", func(h *decide.Holding) { h.System = "cabinet" }), nil, "cabinet consent pay: none NOT_AFFECTED", "20(1)(b)"},
		{"20(1)(a): legitimate interests do not give it", catalogue.RightPortability, live, held("interest", "pay"), nil, "hr interest pay: none NOT_AFFECTED", "20(1)(a)"},
		{"20(3): nor a public task", catalogue.RightPortability, live, held("task", "pay"), nil, "hr task pay: none NOT_AFFECTED", "20(3)"},
		{"20(1)(a): a pool in which some give it", catalogue.RightPortability, live, held("pooled", "pay"), nil, "hr pooled pay: review BASIS_UNMAPPED, person", "5(1)(a)"},
		{"20(1)(a): a pool in which all do", catalogue.RightPortability, live, held("pooledbc", "pay"), nil, "hr pooledbc pay: disclose DISCLOSE", "20(1)"},
		{"20(1)(a): a pool in which none does", catalogue.RightPortability, live, held("pooledcf", "pay"), nil, "hr pooledcf pay: none NOT_AFFECTED", "20(1)(a)"},
		{"20(1)(a): several stated, and one gives it", catalogue.RightPortability, live, held("both", "pay"), nil, "hr both pay: disclose DISCLOSE", "20(1)"},
		{"20(4): others in it", catalogue.RightPortability, live, held("contract", "letters"), nil,
			"hr contract letters: review WITHHOLD_20_4, proposes withhold WITHHOLD_20_4, person", "Article 20(4)"},
		{"in no row nobody knows", catalogue.RightPortability, live, held("unknown_row", "pay"), nil, "hr unknown_row pay: review NO_ROW, person", "5(1)(a)"},

		{"21(1): use is restricted while it is weighed", catalogue.RightObjection, live, held("interest", "pay", sent("partner", "mailer")), nil,
			"hr interest pay: restrict RESTRICT_PENDING_OBJECTION waits for objection_assessed, person; mailer instruct restrict; partner notify restrict", "18(1)(d)"},
		{"21(1): no compelling grounds", catalogue.RightObjection, with(live, found(decide.Override, false)), held("interest", "pay"), nil, "hr interest pay: stop STOP_OBJECTION, person", "21(1)"},
		{"21(1): compelling grounds", catalogue.RightObjection, with(live, found(decide.Override, true)), held("task", "pay"), nil, "hr task pay: retain KEEP_OVERRIDING_GROUNDS waits for contract_end, person", "21(1), 17(1)(c)"},
		{"21(1): not against a contract", catalogue.RightObjection, live, held("contract", "pay"), nil, "hr contract pay: none NOT_AFFECTED", "21(1)"},
		{"21(6): research on any basis", catalogue.RightObjection, live, held("study", "pay"), nil, "hr study pay: restrict RESTRICT_PENDING_OBJECTION waits for objection_assessed, person", "18(1)(d)"},
		{"21(1): a recognised interest, where it is law", catalogue.RightObjection, live, held("safe", "pay"), nil, "hr safe pay: restrict RESTRICT_PENDING_OBJECTION waits for objection_assessed, person", "18(1)(d)"},
		{"21(3): marketing stops, and nobody decides about it", catalogue.RightMarketing, live, held("news", "identity", sent("mailer", "partner")), nil,
			"hr news identity: stop STOP_OBJECTION_MARKETING, suppress; mailer instruct suppress; partner notify suppress", "21(3)"},
		{"21(3): by the channels that were named", catalogue.RightMarketing, live, held("news", "identity"), []func(*decide.Case){channels("sms")}, "hr news identity: none NOT_AFFECTED", ""},
		{"21(2): what is no marketing is not touched", catalogue.RightMarketing, live, held("interest", "pay"), nil, "hr interest pay: none NOT_AFFECTED", ""},
		{"21(3): what is stored later as well", catalogue.RightMarketing, live, held("news", "identity", func(h *decide.Holding) { h.Stored = day("2026-03-03") }), nil,
			"hr news identity: stop STOP_OBJECTION_MARKETING, suppress", "21(3)"},

		{"7(3): consent ends the use and does not erase", catalogue.RightWithdrawConsent, live, held("consent", "pay"), nil, "hr consent pay: stop STOP_CONSENT_WITHDRAWN, restricted", "7(3)"},
		{"7(3): another basis is not touched", catalogue.RightWithdrawConsent, live, held("contract", "pay"), nil, "hr contract pay: none NOT_AFFECTED", "7(3)"},
		{"7(3): beside a contract the rest goes on", catalogue.RightWithdrawConsent, live, held("both", "pay"), nil, "hr both pay: stop STOP_CONSENT_WITHDRAWN", "7(3)"},
		{"7(3): of marketing it is meant in any case", catalogue.RightWithdrawConsent, live, held("pooledads", "pay"), nil, "hr pooledads pay: stop STOP_CONSENT_WITHDRAWN, restricted, suppress", "7(3)"},
		{"7(3): whether consent is meant, nobody said", catalogue.RightWithdrawConsent, live, held("pooled", "pay"), nil, "hr pooled pay: review BASIS_UNMAPPED, proposes stop STOP_CONSENT_WITHDRAWN, person", "5(1)(a)"},

		{"18(1)(a): while accuracy is checked", catalogue.RightRestriction, live, held("contract", "pay"), []func(*decide.Case){states(decide.ContestsAccuracy)}, "hr contract pay: restrict RESTRICT_ACCURACY waits for accuracy_checked", "18(1)(a)"},
		{"18(1)(b): unlawful, and not erased", catalogue.RightRestriction, live, held("silent", "pay"), []func(*decide.Case){states(decide.PrefersRestriction)}, "hr silent pay: restrict RESTRICT_UNLAWFUL_AT_SUBJECT_CHOICE waits for restriction_lifted", "18(1)(b)"},
		{"18(1)(c): needed for a claim of the person's own", catalogue.RightRestriction, started, held("contract", "pay"), []func(*decide.Case){states(decide.OwnClaim)}, "hr contract pay: restrict RESTRICT_SUBJECT_CLAIM waits for claim_closed", "18(1)(c)"},
		{"18(1)(d): while an objection is weighed", catalogue.RightRestriction, live, held("interest", "pay"), []func(*decide.Case){states(decide.PersonalReasons)}, "hr interest pay: restrict RESTRICT_PENDING_OBJECTION waits for objection_assessed", "18(1)(d)"},
		{"18(1): none of them", catalogue.RightRestriction, live, held("contract", "pay"), []func(*decide.Case){states(decide.PrefersRestriction)}, "hr contract pay: none NOT_AFFECTED", "18(1)"},
		{"12(1): which one is meant is asked", catalogue.RightRestriction, live, held("contract", "pay"), nil, "hr contract pay: review WAIT_CLARIFY waits for clarification, person", "12(1)"},

		{"16, 18(1)(a): restricted until somebody has looked", catalogue.RightRectification, live, held("contract", "pay"), nil, "hr contract pay: restrict RESTRICT_ACCURACY waits for accuracy_checked, proposes rectify RECTIFY, person", "18(1)(a)"},
		{"16, 19: corrected, and everybody is told", catalogue.RightRectification, with(live, found(decide.Accuracy, true)), held("contract", "pay", sent("mailer", "partner", "police")), nil,
			"hr contract pay: rectify RECTIFY, person; mailer instruct rectify; partner notify rectify; police notify rectify", "16"},
		{"16: found correct", catalogue.RightRectification, with(live, found(decide.Accuracy, false)), held("contract", "pay"), nil, "hr contract pay: retain KEEP_ACCURATE waits for contract_end, person", "16"},

		{"22C: safeguards, and a person looks", catalogue.RightAutomated, automated, held("contract", "pay"), nil, "hr contract pay: review AUTOMATED_HUMAN_REVIEW, proposes none AUTOMATED_HUMAN_REVIEW, person", "22C"},
		{"22B: special data without explicit consent", catalogue.RightAutomated, automated, held("contract", "health"), nil, "hr contract health: review AUTOMATED_PROHIBITED, proposes stop AUTOMATED_PROHIBITED, person", "22B"},
		{"22A: no such decision", catalogue.RightAutomated, live, held("contract", "pay"), nil, "hr contract pay: none NOT_AFFECTED", ""},
		{"164A: a complaint is answered as a whole", catalogue.RightComplaint, live, held("contract", "pay"), nil, "hr contract pay: none NOT_AFFECTED", "77"},
		{"164A: by the controller, from its day on", catalogue.RightComplaint, live, held("contract", "pay"), []func(*decide.Case){func(c *decide.Case) { c.Received = day("2026-06-19") }}, "hr contract pay: none NOT_AFFECTED", "DPA 2018, section 164A"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			x := one(t, "gb", c.right, c.h, c.p, c.change...)
			if got := said(x); got != c.want || x.Article != c.article {
				t.Errorf("got\n  %s (%s)\nwant\n  %s (%s)", got, x.Article, c.want, c.article)
			}
		})
	}
}

// What came after the request is in a copy in the Union, where a copy is of the day
// of the answer, and not in the United Kingdom.
func TestCopiesOfWhichDay(t *testing.T) {
	later := held("contract", "pay", func(h *decide.Holding) { h.Stored = day("2026-03-03") })
	if x := one(t, "de", catalogue.RightAccess, later, decide.Person{}); x.Outcome != decide.Disclose {
		t.Errorf("in the Union: %s", said(x))
	}
	if x := one(t, "gb", catalogue.RightAccess, later, decide.Person{}); x.Code != decide.NotHeldAtReceipt {
		t.Errorf("in the United Kingdom: %s", said(x))
	}
	if x := one(t, "de", catalogue.RightErasure, later, decide.Person{}); x.Code != decide.NotHeldAtReceipt {
		t.Errorf("erasure: %s", said(x))
	}
}

// Automated decisions by the law of their day: Article 22 in the Union and before,
// Articles 22A to 22D in the United Kingdom from 5 February 2026.
func TestAutomated(t *testing.T) {
	codes := func(s ...events.Code) []events.Code { return s }
	for _, c := range []struct {
		rule              string
		alone, weighty    bool
		bases, conditions []events.Code
		special           bool
		law               decide.Jurisdiction
		on                string
		code              decide.Code
		article           string
	}{
		{"a person took part", false, true, codes("6.1.f"), nil, false, decide.EU, "2026-03-01", "", ""},
		{"of small effect", true, false, codes("6.1.f"), nil, false, decide.EU, "2026-03-01", "", ""},
		{"22(2)(a): a contract", true, true, codes("6.1.b"), nil, false, decide.EU, "2026-03-01", decide.AutomatedCheck, "22(3)"},
		{"22(2): legitimate interests do not fit", true, true, codes("6.1.f"), nil, false, decide.EU, "2026-03-01", decide.AutomatedBar, "22(1), 22(2)"},
		{"22(2): nor vital interests", true, true, codes("6.1.d"), nil, false, decide.UK, "2026-02-04", decide.AutomatedBar, "22(1), 22(2)"},
		{"22(4): special data on a contract alone", true, true, codes("6.1.b"), codes("9.2.h"), true, decide.EU, "2026-03-01", decide.AutomatedBar, "22(4)"},
		{"22(4): with explicit consent", true, true, codes("6.1.b"), codes("9.2.a"), true, decide.EU, "2026-03-01", decide.AutomatedCheck, "22(3)"},
		{"22C: allowed with safeguards", true, true, codes("6.1.f"), nil, false, decide.UK, "2026-02-05", decide.AutomatedCheck, "22C"},
		{"22B(4): never on a recognised interest", true, true, codes("6.1.ea"), nil, false, decide.UK, "2026-02-05", decide.AutomatedBar, "22B(4)"},
		{"22B: substantial public interest needs a contract or law beside it", true, true, codes("6.1.f"), codes("9.2.g"), true, decide.UK, "2026-02-05", decide.AutomatedBar, "22B"},
		{"22B: with it", true, true, codes("6.1.c"), codes("9.2.g"), true, decide.UK, "2026-02-05", decide.AutomatedCheck, "22C"},
	} {
		v := decide.JudgeDecision(&decide.AutomatedDecision{Alone: c.alone, Weighty: c.weighty, On: day(c.on)}, c.bases, c.conditions, c.special, c.law)
		if v.Code != c.code || v.Article != c.article {
			t.Errorf("%s: %+v, want %s by %s", c.rule, v, c.code, c.article)
		}
	}
}

// Who asks for somebody else shows that they may; a child who can decide decides;
// with death the rights end and nobody else's begin.
func TestAskers(t *testing.T) {
	no := false
	for _, c := range []struct {
		name string
		p    decide.Person
		a    decide.Asker
		want string
	}{
		{"an agent with authority", decide.Person{}, decide.Asker{As: decide.Agent, Evidence: true}, "hr contract pay: disclose DISCLOSE"},
		{"an agent without", decide.Person{}, decide.Asker{As: decide.Agent}, "hr contract pay: none WAIT_AUTHORITY waits for authority"},
		{"a deputy of somebody without capacity", decide.Person{LacksCapacity: true}, decide.Asker{As: decide.Deputy, Evidence: true}, "hr contract pay: disclose DISCLOSE, person"},
		{"a parent in England", decide.Person{Minor: true, Age: 12}, decide.Asker{As: decide.Parent, Evidence: true, Nation: "england-wales"}, "hr contract pay: disclose DISCLOSE, person"},
		{"a parent in Scotland of a child of 12", decide.Person{Minor: true, Age: 12}, decide.Asker{As: decide.Parent, Evidence: true, Nation: "scotland"}, "hr contract pay: none WAIT_AUTHORITY waits for authority, person"},
		{"of a child of 12 found unable to decide", decide.Person{Minor: true, Age: 12}, decide.Asker{As: decide.Parent, Evidence: true, Nation: "scotland", Competent: &no}, "hr contract pay: disclose DISCLOSE, person"},
		{"a relative of somebody who died", decide.Person{Deceased: day("2026-01-01")}, decide.Asker{As: decide.Relative}, "hr contract pay: none NOT_AFFECTED waits for contract_end, person"},
		{"records that cannot be tied to who asks (11(2))", decide.Person{Identifiable: &no}, decide.Asker{}, "hr contract pay: none REFUSE_ID, person"},
	} {
		x := one(t, "gb", catalogue.RightAccess, held("contract", "pay"), c.p, func(q *decide.Case) { q.Asker = c.a })
		if got := said(x); got != c.want {
			t.Errorf("%s:\n  %s, want\n  %s", c.name, got, c.want)
		}
	}
	// Nobody proves who they are in order to end marketing (12(6) names it not).
	doubted := func(q *decide.Case) {
		q.Identity, q.Refusal = decide.IdentityDoubted, &decide.Refusal{By: "A. Officer", Why: "x"}
	}
	for _, right := range []catalogue.RightKind{catalogue.RightMarketing, catalogue.RightWithdrawConsent} {
		if x := one(t, "gb", right, held("news", "identity"), decide.Person{}, doubted); x.Outcome != decide.Stop || x.NeedsPerson {
			t.Errorf("%s: %s", right, said(x))
		}
	}
	// Article 11(2) does not name the right to object.
	if x := one(t, "gb", catalogue.RightObjection, held("interest", "pay"), decide.Person{Identifiable: &no}); x.Code != decide.RestrictPendingObjection {
		t.Errorf("an objection: %s", said(x))
	}
}

// Whose consent for one channel ends keeps the others (7(3)): the holding is
// restricted when none is left, and a person has 30 days.
func TestWithdrawalByChannel(t *testing.T) {
	at := func(s string) events.Instant { return events.InstantOf(day(s).Time()) }
	p := decide.Person{Person: retention.Person{Consents: []retention.Consent{
		{Activity: events.Activity{Code: "news"}, Channel: "email", On: day("2025-01-01"), At: at("2025-01-01")},
		{Activity: events.Activity{Code: "news"}, Channel: "post", On: day("2025-01-01"), At: at("2025-01-01")}}}}
	email := func(c *decide.Case) { c.Channels = []events.Code{"email"} }
	if x := one(t, "gb", catalogue.RightWithdrawConsent, held("news", "identity"), p, email); x.Restricted || !x.DecideBy.IsZero() || !slices.Contains(x.Also, decide.Suppress) {
		t.Errorf("e-mail ends, post stands: %s", said(x))
	}
	p.Consents = append(p.Consents, retention.Consent{Activity: events.Activity{Code: "news"}, Channel: "post", Withdrawn: true, On: day("2025-06-01"), At: at("2025-06-01")})
	x := one(t, "gb", catalogue.RightWithdrawConsent, held("news", "identity"), p, email)
	if !x.Restricted || x.DecideBy != day("2026-04-01") || len(x.Findings) != 0 {
		t.Errorf("none is left: %s, by %s, %v", said(x), x.DecideBy, x.Findings)
	}
}

// An answer to access tells for each holding which rights there are (15(1)(e)).
func TestRightsOfHolding(t *testing.T) {
	e := decide.New(decide.Config{Current: small(t, "gb")})
	told := func(h decide.Holding) (out string) {
		for _, r := range e.RightsOf(&h, day("2026-03-02")) {
			if r.Exists {
				out += string(r.Right) + " "
			}
		}
		return out
	}
	const always = "access rectification erasure restriction automated-decision complaint "
	for _, c := range []struct {
		h    decide.Holding
		want string
	}{
		{held("duty", "pay"), "access rectification erasure restriction automated-decision complaint "},
		{held("interest", "pay"), "access rectification erasure restriction objection automated-decision complaint "},
		{held("news", "identity"), "access portability rectification erasure restriction objection-marketing withdraw-consent automated-decision complaint "},
		{held("unknown_row", "pay"), always},
	} {
		if got := told(c.h); got != c.want {
			t.Errorf("%s: %s, want %s", c.h.ID, got, c.want)
		}
	}
}

// A person with ten thousand holdings is planned well within a second.
func TestManyHoldings(t *testing.T) {
	cat := small(t, "gb")
	list := make([]decide.Holding, 0, 10000)
	acts := []string{"consent", "contract", "interest", "news", "silent"}
	for n := range 10000 {
		h := held(acts[n%len(acts)], []string{"identity", "pay", "letters"}[n%3])
		h.ID, h.Item = string(h.Activity.Code)+strconv.Itoa(n), events.Ref{Handle: events.Handle{byte(n), byte(n >> 8)}, Kind: "hr.item"}
		list = append(list, h)
	}
	c := asks("2026-03-02", "2026-04-02", catalogue.RightErasure)
	p := decide.Person{Person: ended("2025-06-01")}
	plan, err := decide.New(decide.Config{Current: cat}).Plan(&c, &p, list, day("2026-03-03"))
	if err != nil || len(plan.Items) != len(list) {
		t.Fatalf("%d items, %v", len(plan.Items), err)
	}
	if plan.Undecided() == 0 {
		t.Error("what has no basis needs a person")
	}
}

// Each outcome has an effect, and a refusal names its remedies: to the controller
// itself where and since that is law (Article 12(4)).
func TestEffects(t *testing.T) {
	var outcomes []decide.Outcome
	for _, e := range decide.Effects() {
		outcomes = append(outcomes, e.Outcome)
		if e.Tell == "" || e.Article19 && !e.Acts {
			t.Errorf("%+v", e)
		}
	}
	if !slices.Equal(outcomes, decide.Outcomes()) {
		t.Errorf("effects of %v", outcomes)
	}
	for _, c := range []struct {
		law  decide.Jurisdiction
		on   string
		want int
		code events.Code
	}{{decide.UK, "2026-06-18", 2, "commissioner"}, {decide.UK, "2026-06-19", 3, "controller"}, {decide.EU, "2026-06-19", 2, "supervisory_authority"}} {
		if r := decide.Remedies(c.law, day(c.on)); len(r) != c.want || r[0].Code != c.code {
			t.Errorf("%s on %s: %v", c.law, c.on, r)
		}
	}
}
