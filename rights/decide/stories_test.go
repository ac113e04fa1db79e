package decide_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

func asks(received, due string, rights ...catalogue.RightKind) decide.Case {
	return decide.Case{Rights: rights, Received: day(received), Due: day(due)}
}

func instantConnect(t testing.TB) *catalogue.Catalogue {
	return shipped(t, "instant-connect", catalogue.Instance{ID: "harbour-practice", Class: "dental_practice", Name: "Harbour Practice"})
}

func osjct(t testing.TB) *catalogue.Catalogue {
	return shipped(t, "osjct", catalogue.Instance{ID: "county-gazette", Class: "rc_republisher", Name: "County Gazette"},
		catalogue.Instance{ID: "royal-infirmary", Class: "rc_emergency_health_staff", Name: "Royal Infirmary"},
		catalogue.Instance{ID: "valley-building-society", Class: "rc_mortgage_landlord", Name: "Valley Building Society"})
}

func careers(t testing.TB) *catalogue.Catalogue {
	return shipped(t, "health-careers", catalogue.Instance{ID: "south-west-contact-centre", Class: "contact_centre_agency", Name: "South West Contact Centre"})
}

var locum = []string{"M-2049", "W-90x17", "F-2049", "K-2049", "priya.locum@example.org"}

// A locum deleted her account and asks for erasure. What rests on a stated basis
// is kept for claims until seven years are over; what has no basis or no condition
// goes, although the notice gives it the same seven years: a period is a ceiling
// and no ground to refuse.
func TestPriyaLocum(t *testing.T) {
	s := tell(t, instantConnect(t), "5.1-priya-locum", "2025-03-24", locum...)
	p := s.plan(t, asks("2025-03-20", "2025-04-22", catalogue.RightErasure), "2025-03-24")
	const stays = ": retain KEEP_AFTER_TRIGGER until 2032-03-14, restricted"
	compare(t, p, catalogue.RightErasure,
		"platform ic-a03 identity"+stays+"; verification_provider instruct erase",
		"platform ic-a03 contact"+stays+"; verification_provider instruct erase",
		"platform ic-a03 career_education"+stays+"; verification_provider instruct erase",
		"platform ic-a03 employment_status"+stays+"; verification_provider instruct erase",
		"platform ic-a03 worker_profile"+stays+"; verification_provider instruct erase",
		"platform ic-a04 worker_profile"+stays+", offer_objection; harbour-practice none",
		"platform ic-a04 services"+stays+", offer_objection",
		"platform ic-a08 technical"+stays+", offer_objection",
		"finance ic-a17 financial"+stays+", offer_objection; gocardless instruct cancel",
		"platform ic-a03 identity/photo_id_copy: review ERASE_UNLAWFUL, proposes erase ERASE_UNLAWFUL, person; verification_provider none",
		"platform ic-a09 criminal_offences/dbs_certificate_copy: erase ERASE_UNLAWFUL, person",
		"platform ic-a09 criminal_offences/dbs_certificate_number: erase ERASE_UNLAWFUL, person",
		"platform ic-a10 occupational_health: erase ERASE_UNLAWFUL, person",
		"web ic-a14 technical: erase ERASE_UNLAWFUL, person; google_analytics instruct erase",
		"web ic-a14 cookie_data: erase ERASE_UNLAWFUL, person; google_analytics instruct erase",
		"web ic-a15 technical: erase ERASE_UNLAWFUL, suppress, person; facebook_pixel instruct erase",
		"marketing ic-a16 contact: erase ERASE_UNLAWFUL, suppress, person; facebook_custom_audiences instruct erase",
		"marketing ic-a11 marketing_prefs: erase ERASE_OBJECTION_MARKETING, suppress",
		"platform ic-a08 technical/password: none NOT_AFFECTED", // it went with the account
		"support ic-a25 rights_evidence/identity_proof: none NOT_HELD_AT_RECEIPT waits for request_closed",
	)
	// A password that is still there serves no claim: it went with the account.
	for i := range s.holdings {
		s.holdings[i].Removed = false
	}
	if x := item(t, s.plan(t, asks("2025-03-20", "2025-04-22", catalogue.RightErasure), "2025-03-24"), "ic-a08", "technical"); x.Holding.Category.Element != "password" || x.Code != decide.EraseNotNecessary {
		t.Errorf("the password: %s", said(x))
	}
	dbs := item(t, p, "ic-a09", "criminal_offences")
	if dbs.Article != "17(1)(d)" || dbs.ProposedBy != "row 10" || !slices.Contains(dbs.Findings, "BASIS_MISSING") || dbs.Code != decide.EraseUnlawful {
		t.Errorf("the certificate: %+v", dbs)
	}
	identity := item(t, p, "ic-a03", "identity")
	if identity.Article != "17(3)(e)" || identity.ProposedBy != "row 19d" || !slices.Contains(identity.Findings, "RECIPIENT_RETENTION_MISSING") || len(identity.Assumed) != 1 || identity.Assumed[0].Key != "after_trigger.ic-a03" {
		t.Errorf("the identity: %+v", identity)
	}
}

// Read by its period alone the notice would keep all of it. Without the decisions
// that say on what ground, nothing is kept by the period.
func TestPeriodIsNoGround(t *testing.T) {
	cat, err := instantConnect(t).WithDecisions(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := tell(t, cat, "5.1-priya-locum", "2025-03-24", locum...)
	p := s.plan(t, asks("2025-03-20", "2025-04-22", catalogue.RightErasure), "2025-03-24")
	for i := range p.Items {
		if x := &p.Items[i]; x.Outcome == decide.Retain {
			t.Errorf("kept by a period alone: %s", said(x))
		}
	}
	if x := item(t, p, "ic-a04", "services"); x.Code != decide.NecessityUnstated || x.Outcome != decide.Review {
		t.Errorf("the shift: %s", said(x))
	}
}

// An account that its owner never deleted: the request closes it that day.
func TestAccountNeverDeleted(t *testing.T) {
	s := tell(t, instantConnect(t), "5.1-priya-account-never-deleted", "2025-03-24", locum...)
	p := s.plan(t, asks("2025-03-20", "2025-04-22", catalogue.RightErasure), "2025-03-24")
	if x := item(t, p, "ic-a03", "identity"); x.Until != day("2032-03-20") || x.Code != decide.KeepAfterTrigger {
		t.Errorf("identity: %s", said(x))
	}
}

// A complaint about one shift: a hold keeps that shift and nothing else. While it
// stands nothing of it goes; when it is lifted the shift is due.
func TestHoldOnTheShift(t *testing.T) {
	s := tell(t, instantConnect(t), "5.1-priya-locum", "2032-03-14", locum...)
	shift := events.Handle{}
	for _, h := range s.holdings {
		if h.Category.Code == "services" {
			shift = h.Item.Handle
		}
	}
	s.person.Holds = []retention.Hold{{ID: "complaint", Ground: "claims", Placed: day("2032-02-10"), Review: day("2032-08-01"),
		Scope: retention.Scope{Items: []events.Handle{shift}}}}
	c := asks("2025-03-20", "2025-04-22", catalogue.RightErasure)
	p := s.plan(t, c, "2032-03-14")
	if x := item(t, p, "ic-a04", "services"); x.Code != decide.KeepLegalClaims || x.Outcome != decide.Restrict || x.WaitsFor != "hold_lifted" || !x.NeedsPerson || x.ProposedBy != "row 2" {
		t.Errorf("the shift: %s", said(x))
	}
	if x := item(t, p, "ic-a04", "worker_profile"); x.Code != decide.EraseRetentionExpired {
		t.Errorf("the profile: %s", said(x))
	}
	s.person.Holds[0].Lifted = day("2032-06-30")
	if x := item(t, s.plan(t, c, "2032-06-30"), "ic-a04", "services"); x.Code != decide.EraseRetentionExpired || x.ProposedBy != "row 1" {
		t.Errorf("after the hold: %s", said(x))
	}
}

// A former care assistant who is also a relative of a resident: many clocks, and a
// name that stays for the records that cannot be read without it.
func TestMaria(t *testing.T) {
	s := tell(t, osjct(t), "s1-maria-keane", "2022-10-03", "C-2001", "E-4417", "P-4417", "M-310", "R-4417")
	p := s.plan(t, asks("2022-10-03", "2022-11-03", catalogue.RightErasure), "2022-10-03")
	const ended = ": erase ERASE_RETENTION_EXPIRED"
	compare(t, p, catalogue.RightErasure,
		"hr emp-01 employment_record: retain KEEP_AFTER_TRIGGER until 2025-08-31, restricted; valley-building-society none",
		"hr emp-02 identity_contact"+ended+", keeps [identity_contact/name] until 2025-08-31; royal-infirmary notify erase; valley-building-society notify erase",
		"payroll emp-02 identity_contact"+ended+", keeps [identity_contact/name] until 2026-03-31",
		"hr emp-03 health: retain KEEP_AFTER_TRIGGER until 2025-08-31, restricted, person",
		"hr emp-04 health"+ended+", person; royal-infirmary notify erase",
		"payroll emp-05 finance_employee"+ended,
		"payroll emp-05 finance_employee"+ended,
		"payroll emp-05 finance_employee: retain KEEP_AFTER_TRIGGER until 2023-03-31, restricted",
		"payroll emp-05 finance_employee: retain KEEP_AFTER_TRIGGER until 2024-03-31, restricted",
		"payroll emp-05 finance_employee: retain KEEP_AFTER_TRIGGER until 2025-03-31, restricted",
		"payroll emp-05 finance_employee: retain KEEP_AFTER_TRIGGER until 2026-03-31, restricted",
		"hr emp-06 qualifications"+ended,
		"hr emp-07 residency_immigration"+ended,
		"hr emp-08 criminal_convictions"+ended+", person",
		"hr emp-09 ethnicity_race"+ended+", person",
		"hr emp-10 image"+ended,
		"hr emp-11 leave"+ended,
		"rostering emp-12 fingerprint: review RET_MISSING, proposes erase ERASE_NOT_NECESSARY, person",
		"marketing mkt-03 image: erase ERASE_CONSENT_WITHDRAWN, take_down; county-gazette notify erase; rc_publication_employee none take_down",
		"hr undeclared references: review NO_ROW, proposes erase ERASE_NOT_NECESSARY, person",
		"hr undeclared computer_records: review NO_ROW, proposes erase ERASE_NOT_NECESSARY, person",
		"care-records rel-01 identity_contact: retain KEEP_AFTER_TRIGGER until 2026-02-10, restricted, offer_objection",
	)
}

// Rejected twice, he asks for a copy and for erasure: one answer, two applications
// apart, all but a reference given in confidence, and four days of refusal.
func TestDaniel(t *testing.T) {
	s := tell(t, osjct(t), "s2-daniel-osei", "2022-01-20", "A-812")
	p := s.plan(t, asks("2022-01-20", "2022-02-20", catalogue.RightAccess, catalogue.RightErasure), "2022-01-20")
	compare(t, p, catalogue.RightErasure,
		"recruitment emp-02 identity_contact: retain KEEP_AFTER_TRIGGER until 2022-02-28, restricted",
		"recruitment emp-02 identity_contact: retain KEEP_AFTER_TRIGGER until 2022-06-20, restricted",
		"recruitment emp-06 qualifications: retain KEEP_AFTER_TRIGGER until 2022-04-15, restricted",
		"recruitment emp-06 qualifications: retain KEEP_AFTER_TRIGGER until 2022-07-10, restricted",
		"recruitment emp-08 criminal_convictions: retain KEEP_AFTER_TRIGGER until 2022-04-15, restricted, person",
		"recruitment emp-09 ethnicity_race: retain KEEP_AFTER_TRIGGER until 2022-04-15, restricted, offer_objection, person",
		"recruitment emp-09 ethnicity_race: retain KEEP_AFTER_TRIGGER until 2022-07-10, restricted, offer_objection, person",
		"recruitment undeclared references: retain KEEP_AFTER_TRIGGER until 2022-04-15, restricted",
	)
	compare(t, p, catalogue.RightAccess,
		"recruitment emp-02 identity_contact: disclose DISCLOSE",
		"recruitment emp-02 identity_contact: disclose DISCLOSE",
		"recruitment emp-06 qualifications: disclose DISCLOSE",
		"recruitment emp-06 qualifications: disclose DISCLOSE",
		"recruitment emp-08 criminal_convictions: disclose DISCLOSE, person",
		"recruitment emp-09 ethnicity_race: disclose DISCLOSE, person",
		"recruitment emp-09 ethnicity_race: disclose DISCLOSE, person",
		"recruitment undeclared references: withhold WITHHOLD_SCH2_P4_24, person",
	)
	// On the last day of the first application its identity is due without a new
	// request, and a copy that is still asked for comes before its end.
	p = s.plan(t, asks("2022-01-20", "2022-02-20", catalogue.RightAccess, catalogue.RightErasure), "2022-02-28")
	gone := 0
	for i := range p.Items {
		if x := &p.Items[i]; x.Code == decide.EraseRetentionExpired {
			gone++
			if x.Holding.Activity.Code != "emp-02" || !slices.Equal(x.BlockedBy, []string{"access of 2022-01-20"}) {
				t.Errorf("on the day: %s", said(x))
			}
		}
	}
	if gone != 1 {
		t.Errorf("%d holdings are due on 28 February 2022, want the identity of the first application", gone)
	}
}

// Withdrawal ends the use, and erasing is asked for apart. What was kept on consent
// goes then, although the row prints three years more.
func TestPriyaNair(t *testing.T) {
	w := tell(t, osjct(t), "s3-priya-nair", "2020-03-16", "V-230", "M-411")
	const stops = ": stop STOP_CONSENT_WITHDRAWN, restricted"
	compare(t, w.plan(t, asks("2020-03-16", "2020-04-16", catalogue.RightWithdrawConsent), "2020-03-16"), catalogue.RightWithdrawConsent,
		"volunteers vol-01 identity_contact"+stops+"; rc_volunteer_system instruct suppress",
		"volunteers vol-02 health"+stops+"; rc_volunteer_system instruct suppress",
		"volunteers vol-05 ethnicity_race"+stops+"; rc_volunteer_system instruct suppress",
		"marketing mkt-02 image"+stops+", take_down; rc_publication_volunteer none take_down",
		"volunteers vol-03 health: none NOT_AFFECTED",
		"volunteers vol-04 criminal_convictions: none NOT_AFFECTED",
		"volunteers undeclared finance_volunteer: none NOT_AFFECTED",
		"volunteers undeclared interests: none NOT_AFFECTED",
		"volunteers undeclared references: none NOT_AFFECTED",
	)
	s := tell(t, osjct(t), "s3-priya-nair", "2020-04-02", "V-230", "M-411")
	compare(t, s.plan(t, asks("2020-04-02", "2020-05-02", catalogue.RightErasure), "2020-04-02"), catalogue.RightErasure,
		"volunteers vol-01 identity_contact: erase ERASE_CONSENT_WITHDRAWN, keeps [identity_contact/name] until 2023-03-16, person; rc_volunteer_system instruct erase",
		"volunteers vol-02 health: erase ERASE_CONSENT_WITHDRAWN, person; rc_volunteer_system instruct erase",
		"volunteers vol-05 ethnicity_race: erase ERASE_CONSENT_WITHDRAWN, person; rc_volunteer_system instruct erase",
		"volunteers vol-03 health: retain KEEP_AFTER_TRIGGER until 2023-03-16, restricted, person; royal-infirmary none",
		"volunteers vol-04 criminal_convictions: retain KEEP_AFTER_TRIGGER until 2023-03-16, restricted, offer_objection, person",
		"marketing mkt-02 image: erase ERASE_CONSENT_WITHDRAWN, take_down; rc_publication_volunteer none take_down",
		"volunteers undeclared finance_volunteer: review NO_ROW, proposes erase ERASE_NOT_NECESSARY, person",
		"volunteers undeclared interests: review NO_ROW, proposes erase ERASE_NOT_NECESSARY, person",
		"volunteers undeclared references: review NO_ROW, proposes erase ERASE_NOT_NECESSARY, person",
	)
	// Her guardian is a person of his own.
	g := tell(t, osjct(t), "s3-priya-nair", "2020-04-02", "G-14")
	compare(t, g.plan(t, asks("2020-04-02", "2020-05-02", catalogue.RightErasure), "2020-04-02"), catalogue.RightErasure,
		"volunteers rel-01 identity_contact: retain KEEP_AFTER_TRIGGER until 2025-03-01, restricted, offer_objection")
}

// She withdraws for a picture and asks that it and the marketing data go. The
// picture shows somebody else as well; one copy was printed.
func TestHelen(t *testing.T) {
	s := tell(t, osjct(t), "s5-helen-marsh", "2021-04-06", "C-3005", "M-502", "Q-77")
	for i := range s.holdings {
		if s.holdings[i].Activity.Code == "mkt-02" {
			s.holdings[i].AlsoAbout = 1
		}
	}
	c := asks("2021-04-06", "2021-05-06", catalogue.RightWithdrawConsent, catalogue.RightErasure)
	c.Scope = []retention.Scope{{Activity: "mkt-01"}, {Activity: "mkt-02"}}
	p := s.plan(t, c, "2021-04-06")
	compare(t, p, catalogue.RightErasure,
		"marketing mkt-01 identity_contact: erase ERASE_OBJECTION_MARKETING, suppress; rc_newsletter_tool instruct erase",
		"marketing mkt-02 image: erase ERASE_CONSENT_WITHDRAWN, take_down, person; county-gazette notify erase; rc_publication_relative none take_down impossible",
		"care-records rel-01 identity_contact: none NOT_ASKED until 2027-03-30",
		"enquiries enq-01 identity_contact: none NOT_ASKED until 2021-05-02",
	)
	compare(t, p, catalogue.RightWithdrawConsent,
		"marketing mkt-01 identity_contact: stop STOP_CONSENT_WITHDRAWN, restricted, suppress; rc_newsletter_tool instruct suppress",
		"marketing mkt-02 image: stop STOP_CONSENT_WITHDRAWN, restricted, take_down; county-gazette notify suppress; rc_publication_relative none take_down impossible",
		"care-records rel-01 identity_contact: none NOT_ASKED until 2027-03-30",
		"enquiries enq-01 identity_contact: none NOT_ASKED until 2021-05-02",
	)
	// The unsubscribe of February named e-mail alone: post goes on.
	early := tell(t, osjct(t), "s5-helen-marsh", "2021-02-11", "C-3005", "M-502", "Q-77")
	c = asks("2021-02-11", "2021-03-11", catalogue.RightWithdrawConsent)
	c.Scope, c.Channels = []retention.Scope{{Activity: "mkt-01"}}, []events.Code{"email"}
	x := item(t, early.plan(t, c, "2021-02-11"), "mkt-01", "identity_contact")
	if x.Outcome != decide.Stop || x.Restricted || !x.DecideBy.IsZero() || !slices.Equal(x.Channels, []events.Code{"email"}) {
		t.Errorf("unsubscribed from e-mail: %s", said(x))
	}
}

// A subscriber. Before the answer to his request for a copy nothing goes; after
// the purge nothing is left to decide.
func TestTom(t *testing.T) {
	who := []string{"C-71", "T-1", "W-71"}
	s := tell(t, careers(t), "5.2-tom-subscriber", "2023-06-30", who...)
	s.person.Requests = []retention.Request{{Right: "access", Received: day("2023-06-12")}}
	open := s.plan(t, asks("2023-06-30", "2023-07-31", catalogue.RightErasure), "2023-06-30")
	for i := range open.Items {
		if x := &open.Items[i]; x.Outcome != decide.Erase || !slices.Equal(x.BlockedBy, []string{"access of 2023-06-12"}) {
			t.Errorf("while a copy is asked for: %s", said(x))
		}
	}
	s = tell(t, careers(t), "5.2-tom-subscriber", "2023-07-20", who...)
	after := s.plan(t, asks("2023-07-20", "2023-08-21", catalogue.RightErasure), "2023-07-20")
	for i := range after.Items {
		if x := &after.Items[i]; x.Outcome != decide.None || x.Code != decide.NotAffected {
			t.Errorf("after the purge: %s", said(x))
		}
	}
	// Where a request counts as contact the time runs to 2025. The notice puts
	// erasure first, so all of it goes all the same.
	d, err := catalogue.LoadDecisions("variant.yaml", strings.NewReader("joins.hr1: {value: later, by: dpo, on: 2023-01-01}\ncounts_as.last_contact: {value: request, by: dpo, on: 2023-01-01}\nbasis.hc-a24: {value: 6.1.e, by: dpo, on: 2023-01-01}\n"))
	if err != nil {
		t.Fatal(err)
	}
	cat, err := careers(t).WithDecisions(d)
	if err != nil {
		t.Fatal(err)
	}
	s = tell(t, cat, "5.2-tom-subscriber", "2023-06-30", who...)
	s.person.Requests = []retention.Request{{Right: "access", Received: day("2023-06-12"), Answered: day("2023-07-05")}}
	compare(t, s.plan(t, asks("2023-07-20", "2023-08-21", catalogue.RightErasure), "2023-07-20"), catalogue.RightErasure,
		"contact-centre hc-a24 interaction/correspondence: erase ERASE_NOT_NECESSARY; south-west-contact-centre instruct erase",
		"marketing hc-a21 given/email: erase ERASE_OBJECTION_MARKETING, suppress; mailchimp instruct erase",
		"marketing hc-a21 given/name: erase ERASE_OBJECTION_MARKETING, suppress; mailchimp instruct erase",
		"marketing hc-a22 preferences: erase ERASE_OBJECTION_MARKETING, suppress",
		"website hc-a28 credentials/login_information: erase ERASE_NOT_NECESSARY",
	)
}

var aisha = []string{"AC-300", "CC-88", "EV-12", "MK-300", "+447700900123", "aisha@example.org"}

// What she may take with her: what she gave, on consent or contract, by machine. A
// copy of everything but the password is hers besides.
func TestAisha(t *testing.T) {
	s := tell(t, careers(t), "5.4-aisha-portability", "2023-01-31", aisha...)
	p := s.plan(t, asks("2023-01-31", "2023-02-28", catalogue.RightAccess, catalogue.RightPortability), "2023-01-31")
	var taken, copied []string
	for i := range p.Items {
		x := &p.Items[i]
		line := string(x.Holding.Activity.Code) + " " + x.Holding.Category.String() + " " + x.Article
		switch {
		case x.Right == catalogue.RightPortability && x.Outcome != decide.Disclose:
			taken = append(taken, line)
		case x.Right == catalogue.RightAccess && x.Outcome != decide.Disclose:
			copied = append(copied, line)
		}
	}
	left := []string{
		"hc-a24 interaction/correspondence 20(3)", // a public task
		"hc-a26 event_info 20(1)(b)",              // on paper
		"hc-a13 third_party_info/email 20(1)",     // not given by her
		"hc-a13 third_party_info/name 20(1)",
		"hc-a08 technical 20(1)(a)", // legitimate interests
		"hc-a08 visit 20(1)(a)",
		"hc-a12 recommendations 20(1)", // made from her data
		"hc-a28 credentials/password 32(1)",
	}
	slices.Sort(left)
	slices.Sort(taken)
	if !slices.Equal(taken, left) {
		t.Errorf("left out of what she takes: %q, want %q", taken, left)
	}
	if !slices.Equal(copied, []string{"hc-a28 credentials/password 32(1)"}) {
		t.Errorf("left out of the copy: %q", copied)
	}
}

// A pooled basis is our fault: nothing is exported on it and nothing refused.
func TestAishaUnmapped(t *testing.T) {
	cat, err := careers(t).WithDecisions(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := tell(t, cat, "5.4-aisha-portability", "2023-01-31", aisha...)
	p := s.plan(t, asks("2023-01-31", "2023-02-28", catalogue.RightPortability), "2023-01-31")
	for _, act := range []string{"hc-a28", "hc-a31", "hc-a08"} {
		for i := range p.Items {
			x := &p.Items[i]
			if string(x.Holding.Activity.Code) == act && x.Code != decide.WithholdNeverOutput &&
				(x.Outcome != decide.Review || x.Code != decide.BasisUnmapped || !slices.Contains(x.Findings, "BASIS_POOLED")) {
				t.Errorf("%s", said(x))
			}
		}
	}
	if x := item(t, p, "hc-a22", "preferences"); x.Outcome != decide.Disclose {
		t.Errorf("the one purpose that states its basis: %s", said(x))
	}
}

// item finds one item of a plan about one right; of several the first.
func item(t testing.TB, p *decide.Plan, activity, category string) *decide.Item {
	t.Helper()
	for i := range p.Items {
		if h := p.Items[i].Holding; string(h.Activity.Code) == activity && string(h.Category.Code) == category {
			return &p.Items[i]
		}
	}
	t.Fatalf("no item for %s %s", activity, category)
	return nil
}
