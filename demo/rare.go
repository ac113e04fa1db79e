package demo

import (
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A disclosure is sharing that happens to few people.
type disclosure struct {
	to        events.Code
	from      events.Code
	activity  string
	category  string
	condition events.Code
	// seldom: a court's order or the sale of a business is nothing that happens
	// every few weeks.
	seldom bool
}

// rare has every recipient of the notice that daily life does not reach.
var rare = []disclosure{
	{"cqc", platform, "ic-a06", "worker_profile", "regulator_asks", true},
	{"other_regulators", platform, "ic-a19", "services/complaints", "legal_process", true},
	{"law_enforcement", platform, "ic-a19", "technical/ip_address", "court_order", true},
	{"government_agencies", finance, "ic-a19", "financial", "tax_audit", true},
	{"protective_disclosees", platform, "ic-a20", "technical/usage", "spam_attack", true},
	{"deal_counterparty", finance, "ic-a21", "services/service_use", "due_diligence", true},
	{"prospective_employer", platform, "ic-a22", "career_education", "subject_request", false},
	{"subject_advisers", platform, "ic-a22", "services/correspondence", "subject_request", false},
	{"internal_staff_agents", platform, "ic-a04", "worker_profile", "need_to_know", false},
	{"port_target", platform, "ic-a25", "contact", "portability_request", false},
	{"any_third_party_anonymous", web, "ic-a18", "anonymous_stats/usage_counts", "aggregate", false},
	{"ico", platform, "ic-a25", "rights_evidence/clarification", "complaint", true},
	{"other_members", platform, "ic-a04/member_messaging", "community/member_messages", "member_sends", false},
	{"marketing_provider", marketing, "ic-a12", "services/service_use", "instructions", false},
	{"facebook_custom_audiences", marketing, "ic-a16", "contact/email", "matched_audience", false},
	{"dbs_update_service", platform, "ic-a09", "criminal_offences/dbs_update_service_number", "locum_grants_access", false},
	{"customer_support_provider", platform, "ic-a29", "contact", "outsourced_support", false},
	{"dental_practice", platform, "ic-a05/assess_against_client_standards", "worker_profile", "application", false},
}

// rareDisclosures plays each at least once, and once more for every forty
// people, or for every thousand where it is seldom. Nobody's data goes anywhere
// before they came or after they left.
func (s *script) rareDisclosures(all []*person) {
	var members []*person
	for _, p := range all {
		if p.role == "locum" {
			members = append(members, p)
		}
	}
	for round := range 1 + len(all)/40 {
		for i, d := range rare {
			if d.seldom && round > len(all)/1000 {
				continue
			}
			p := pick(s.r, members)
			from := max(0.3, p.joined+0.05)
			to := min(0.95, p.ends)
			if d.from == marketing {
				to = min(to, p.quiet)
			}
			if from >= to {
				p = members[0] // Priya is there from the beginning, and takes promotion for long
				from, to = 0.3, 0.8
			}
			f := from + (to-from)*s.r.Float64()
			st := s.shared(d.from, d.to, s.at(f), p.on(d.from)...).as("locum", d.activity).in("", d.category).because(d.condition)
			s.defaultDataset(st)
			switch {
			case d.to == "law_enforcement":
				st.set(func(e *events.Event) {
					e.WithheldOn, e.WithheldUntil = "crime_prevention", events.DateOf(s.until.AddDate(0, 3, 0))
				})
			case d.to == "deal_counterparty":
				st.set(func(e *events.Event) { e.Consideration = events.ConsiderationMoney })
			case d.to == "port_target":
				st.set(func(e *events.Event) { e.ActingAs = events.ActingAsController })
			case i%5 == 0:
				st.set(func(e *events.Event) { e.Consideration = events.ConsiderationNone })
			}
		}
	}
}

// defaultDataset leaves the dataset out, as many sources do.
func (s *script) defaultDataset(st *step) {
	st.set(func(e *events.Event) {
		e.Dataset = e.Activity.Code
		e.Flags |= events.DatasetDefaulted
	})
}

// on is the names by which a system knows the person.
func (p *person) on(system events.Code) []events.Identifier {
	switch system {
	case finance:
		return p.onFinance()
	case support:
		return p.onSupport()
	case marketing:
		return p.onMarketing()
	case web:
		return p.signedIn()
	}
	return p.onPlatform()
}

// messages are written by one member to another: one item, two people, and so
// two events.
func (s *script) messages(all []*person) {
	var members []*person
	for _, p := range all {
		if p.role == "locum" || p.role == "dental_practice" {
			members = append(members, p)
		}
	}
	if len(members) < 2 {
		return
	}
	for i := range len(members) / 2 {
		from, to := members[i], members[len(members)-1-i]
		if from == to {
			continue
		}
		if f := max(from.joined, to.joined) + 0.1 + 0.1*s.r.Float64(); from.active(f) && to.active(f) {
			s.message(from, to, f, fmt.Sprint("msg-", 1+i))
		}
	}
}

func (s *script) message(from, to *person, f float64, key string) {
	at := s.at(f)
	for _, p := range []*person{from, to} {
		s.stored(platform, at, p.onPlatform()...).as(p.role, memberMessaging(p)).in("messages", "community/member_messages", "identity/community_username").
			item("platform.message", key).set(func(e *events.Event) { e.Marks = events.MarkThirdPartyContent })
	}
	st := s.shared(platform, "", at.Add(time.Second), from.onPlatform()...).as(from.role, memberMessaging(from)).
		in("messages", "community/member_messages", "identity/community_username").item("platform.message", key).because("member_sends")
	if st != nil {
		st.o.RecipientPerson = to.member()
	}
}

func memberMessaging(p *person) string {
	if p.role == "locum" {
		return "ic-a04/member_messaging"
	}
	return "ic-a02/member_messaging"
}
