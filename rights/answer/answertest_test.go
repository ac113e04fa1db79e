package answer_test

import (
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/answer"
	"github.com/habeas-data/habeas/rights/decide"
)

func date(s string) events.Date {
	d, err := events.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func at(s string) events.Instant { return events.InstantOf(date(s).Time()) }

func ptr[T any](v T) *T { return &v }

// hidden stands in everything about the holdings that are left out.
const hidden = "zzhidden"

func holding(id, system, activity, category string, d ...events.Disclosure) events.Holding {
	return events.Holding{ID: id, System: system, Dataset: "main", Activity: activity, Category: category, Purpose: "Purpose of " + activity, LawfulBasis: []string{"6.1.b"},
		BasisStatus: "stated", Conditions: []string{}, Provenance: "provided", SubjectType: "locum", Medium: "electronic", FirstSeen: at("2025-01-10"), LastSeen: "2025-02",
		State: "held", Retention: events.RetentionView{Status: "running", Due: ptr("2032-03-14"), Why: "7 years after the account is deleted."}, Disclosures: d}
}

// input is one of everything: given, withheld with a reason, left out silently,
// held for somebody else.
func input(t *testing.T) answer.Input {
	t.Helper()
	cat, err := catalogue.LoadShipped("instant-connect")
	if err != nil {
		t.Fatal(err)
	}
	profile := holding("h1", "platform", "ic-a03", "identity",
		events.Disclosure{Recipient: "verification_provider", Name: "Verify Inc", Kind: "processor", Country: ptr("US"), Safeguard: "idta", First: at("2025-01-11"), Last: "2025-02", Count: 2},
		events.Disclosure{Recipient: "law_enforcement", Name: "Police " + hidden, Kind: "authority", First: at("2025-01-12"), Last: "2025-01", Count: 1, Withheld: true},
		events.Disclosure{Recipient: "person", Name: "someone@example.org", Kind: "individual", First: at("2025-01-12"), Last: "2025-01", Count: 1})
	profile.Item = &events.ItemView{Kind: "platform.profile", Value: "P-1"}
	pay := holding("h2", "finance", "ic-a02", "financial")
	pay.Holds = []string{"crime"}
	pay.Retention = events.RetentionView{Status: "on_hold", Why: "A hold for crime " + hidden}
	check := holding("h3", "platform", "ic-a09", "criminal_offences")
	check.Criminal, check.Provenance, check.ObtainedFrom = true, "third_party", ptr("dbs_check_provider")
	reference := holding("h4", "support", "ic-a05", "referee_data")
	silent := holding("h5", "support", "ic-a06", "services")
	silent.Purpose, silent.SubjectType, silent.ObtainedFrom = "about "+hidden, hidden, ptr(hidden)
	silent.Item = &events.ItemView{Kind: "support.case", Value: hidden}
	gone := holding("h6", "web", "ic-a14", "cookie_data")
	gone.State = "removed"
	fp := &events.Footprint{
		Subject: events.SubjectView{Ref: "x", SubjectTypes: []string{"locum", hidden}, Identifiers: []events.IdentifierView{
			{Kind: "email", Value: "priya@example.org", Systems: []string{"platform", "support"}}, {Kind: "support.case", Value: "id-" + hidden, Systems: []string{"support"}}}},
		AsOf: events.AsOf{Position: "1-20-0", Time: at("2026-07-01")}, Catalogue: "instant-connect 2024",
		Holdings: []events.Holding{profile, pay, check, reference, silent, gone},
		Unknown: []events.Unknown{{System: "marketing", Why: "silent", Since: ptr(at("2026-01-01"))}, {System: "ico", Why: "recipient_silent", Detail: "received data " + hidden},
			{System: "support", Why: "person_unconfirmed", Detail: hidden}},
		DisclosuresWithoutHolding: []events.LooseDisclosure{
			{System: "support", Activity: "ic-a06", Category: "services", Disclosure: events.Disclosure{Recipient: "cqc", Name: "CQC " + hidden, Kind: "authority", First: at("2025-01-12"), Last: "2025-01"}},
			{System: "finance", Activity: "ic-a02", Category: "financial", Disclosure: events.Disclosure{Recipient: "gocardless", Name: "GoCardless", Kind: "processor", Country: ptr("GB"), First: at("2025-01-12"), Last: "2025-01"}}},
		Findings: []events.Finding{{Rule: "X", Text: hidden}},
		Words:    events.Glossary{"system/support": hidden},
	}
	access := catalogue.RightAccess
	return answer.Input{
		Case: "c1", Received: date("2026-06-10"), Made: date("2026-07-01"), Jurisdiction: decide.UK, Catalogue: cat, Footprint: fp,
		Decided: []answer.Decided{
			{Holding: "h1", Right: access, Outcome: decide.Disclose, Code: decide.DiscloseAll}, {Holding: "h2", Right: access, Outcome: decide.Disclose, Code: decide.DiscloseAll},
			{Holding: "h3", Right: access, Outcome: decide.Disclose, Code: decide.DiscloseAll}, {Holding: "h4", Right: access, Outcome: decide.Withhold, Code: "WITHHOLD_SCH2_P4_24"},
			{Holding: "h5", Right: access, Outcome: decide.Withhold, Code: "WITHHOLD_NOT_TO_BE_TOLD", Silent: true},
		},
		Rights: func(id string) []decide.RightOf {
			return []decide.RightOf{{Right: catalogue.RightRectification, Cell: decide.Cell{Exists: true, Article: "16"}},
				{Right: catalogue.RightPortability, Cell: decide.Cell{Exists: id == "h1", Test: "given by the person, and processed by automated means", Article: "20(1)(a)"}}}
		},
		Copies: []answer.Copy{{System: "platform", Name: "copies/platform/profile.json", Bytes: 12, SHA256: strings.Repeat("ab", 32)},
			{System: "support", Name: "copies/support/" + hidden, Bytes: 1, SHA256: strings.Repeat("cd", 32)}},
		NoCopy: map[string]string{"finance": "it was asked, and has not answered yet"},
		Automated: []answer.AutomatedFact{{AutomatedDecision: decide.AutomatedDecision{Activity: "ic-a03", Alone: true, Weighty: true, On: date("2026-03-01")}, Logic: "A score of three checks.",
			Meaning: "A profile below 3 is not shown."},
			{AutomatedDecision: decide.AutomatedDecision{Activity: "ic-a06", Alone: true, On: date("2026-03-01")}, Logic: hidden}},
		Identity: "passport seen on 12 June 2026",
	}
}
