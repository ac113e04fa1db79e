package demo

import (
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A role in the story: who it is and what happens to them.
type part struct {
	Persona
	email string
	phone string
	role  events.Code
	play  func(s *script, p *person)
	end   func(p *person) // when they leave or want no promotion; nil: never
	// scenes are what happens to them, in stories told by tables.
	scenes []scene
}

// personas stand first in the cast; their place is their number, which their
// local identifiers are made from.
var personas = []part{
	{Persona: Persona{"priya", "email=priya@example.org", "A locum with everything: documents, health and criminal data, bookings, payments, advertising, a deleted account."},
		email: "priya@example.org", phone: "+447700900101", role: "locum", play: (*script).priya, end: func(p *person) { p.ends, p.quiet = 0.95, 0.8 }},
	{Persona: Persona{"tomas", "platform.member=M1001", "Shares reception@harbour-practice.example with Bryony: that address is contested."},
		email: "reception@harbour-practice.example", role: "locum", play: (*script).quietLocum},
	{Persona: Persona{"bryony", "platform.member=M1002", "The other locum behind reception@harbour-practice.example."},
		email: "reception@harbour-practice.example", role: "locum", play: (*script).quietLocum},
	{Persona: Persona{"daniel", "email=daniel@example.net", "Registered twice; the two accounts were joined by hand."},
		email: "daniel@example.net", phone: "+447700900104", role: "locum", play: (*script).daniel},
	{Persona: Persona{"marta", "email=marta@example.org", "Runs Seaview Dental Care and works as a locum: two roles. Her account was closed by mistake and reopened."},
		email: "marta@example.org", phone: "+447700900105", role: "dental_practice", play: (*script).marta},
	{Persona: Persona{"gwen", "email=gwen@example.net", "Priya's referee; a confidential reference is about both."},
		email: "gwen@example.net", role: "referee", play: (*script).gwen},
	{Persona: Persona{"ali", "email=ali@example.org", "Complained, asked for restriction, and the dispute was closed."},
		email: "ali@example.org", phone: "+447700900107", role: "enquirer", play: (*script).ali},
	{Persona: Persona{"jonas", "email=jonas@example.net", "Objected to direct marketing and still received a promotion."},
		email: "jonas@example.net", role: "locum", play: (*script).jonas},
	{Persona: Persona{"leila", "email=leila@example.org", "Gave consent on paper, withdrew it for e-mail, and lifted an objection."},
		email: "leila@example.org", phone: "+441632960109", role: "locum", play: (*script).leila},
	{Persona: Persona{"sam", "email=sam@example.net", "Turned out to be under 18: a report was received and the data removed."},
		email: "sam@example.net", role: "child", play: (*script).sam},
	{Persona: Persona{"kofi", "email=kofi@example.org", "Data went to a recipient nobody declared, with a category nobody knows."},
		email: "kofi@example.org", role: "locum", play: (*script).kofi},
	{Persona: Persona{"wren", "finance.customer=C70011", "Known to the platform and to finance; an e-mail address joins the two. A wrong event about her was taken back."},
		email: "wren@example.org", role: "locum", play: (*script).wren},
	{Persona: Persona{"edith", "email=edith@example.net", "Died; the systems were told."},
		email: "edith@example.net", role: "locum", play: (*script).edith, end: func(p *person) { p.ends = edithDied }},
	{Persona: Persona{"nia", "email=nia@example.org", "Shares a telephone with her husband Rhys; a wrong join was cut by hand."},
		email: "nia@example.org", phone: "+447700900114", role: "locum", play: (*script).nia},
	{Persona: Persona{"rhys", "email=rhys@example.org", "Nia's husband; the same telephone number."},
		email: "rhys@example.org", phone: "+447700900114", role: "locum", play: (*script).quietLocum},
}

// personas plays the named people and returns them.
func (s *script) personas() []*person {
	cast := make([]*person, len(personas))
	for i, part := range personas {
		p := s.newPerson(i, part.role)
		p.email, p.phone, p.joined = part.email, part.phone, 0.02+0.01*float64(i)
		if part.end != nil {
			part.end(p)
		}
		cast[i] = p
		part.play(s, p)
	}
	return cast
}

func (s *script) priya(p *person) {
	s.live(p)
	s.booking(p, 0.45, "harbour-practice", "B-HARBOUR-7")
	s.booking(p, 0.62, "seaview-dental", "B-SEAVIEW-2")
	s.stored(platform, s.at(0.3), p.onPlatform()...).as("locum", "ic-a03").in("profiles", "identity", "career_education").from("linkedin")
	s.stored(platform, s.at(0.31), p.onPlatform()...).as("locum", "ic-a03").in("profiles", "career_education/qualifications").from("nmc_register")
	s.shared(platform, "dbs_update_service", s.at(0.4), p.onPlatform()...).as("locum", "ic-a09").
		in("documents", "criminal_offences/dbs_update_service_number").because("locum_grants_access")
	s.shared(marketing, "facebook_custom_audiences", s.at(0.5), p.onMarketing()...).as("locum", "ic-a16").
		in("audiences", "contact/email", "identity/last_name").knownAs("facebook_custom_audiences.entry", "ca-priya").abroad("us", "none_stated")
	s.shared(platform, "cqc", s.at(0.55), p.onPlatform()...).as("locum", "ic-a06").in("profiles", "identity", "worker_profile").because("regulator_asks")
	s.enquiryOfMember(p, 0.6)
	// GoCardless tells of itself what it holds.
	s.stored("gocardless", s.at(0.5), id("gocardless.customer", p.goCardless())).as("locum", "ic-a17").in("mandates", "financial/direct_debit_mandate")
	s.say(platform, events.DecisionMade, s.at(0.58), p.onPlatform()...).set(func(e *events.Event) {
		e.Activity, e.Automated, e.Significant, e.Logic = activityOf("ic-a04"), true, true, "shift-ranking-v1"
	})
	s.stored(platform, s.at(0.59), p.onPlatform()...).how(events.Derived).as("locum", "ic-a04/run_platform").in("rankings", "worker_profile/ratings")
	s.say(marketing, events.ConsentWithdrawn, s.at(p.quiet), p.onMarketing()...).set(func(e *events.Event) {
		e.Activity, e.Method, e.GivenBy = activityOf("ic-a11"), events.MethodForm, events.GivenBySelf
	})
	s.milestone(platform, "account_deleted", s.before(12), p.onPlatform()...)
}

// enquiryOfMember is a ticket of somebody the platform knows too.
func (s *script) enquiryOfMember(p *person, f float64) {
	s.stored(support, s.at(f), p.contact(), p.mail()).as("locum", "ic-a23").in("tickets", "services/correspondence", "contact/email").item("support.ticket", fmt.Sprint("T-M", 1000+p.n))
}

// quietLocum registers, uploads papers and works once.
func (s *script) quietLocum(p *person) {
	s.registerLocum(p)
	s.documents(p)
	s.booking(p, p.joined+0.1, "harbour-practice", fmt.Sprint("B-M", 1000+p.n))
}

func (s *script) daniel(p *person) {
	s.quietLocum(p)
	second := []events.Identifier{id("platform.member", "M1903"), id("email", "d.hart@example.org")}
	s.stored(platform, s.at(0.3), second...).as("locum", "ic-a03").in("profiles", "identity", "contact", "career_education")
	s.stored(platform, s.at(0.32), second...).as("locum", "ic-a04/accept_invitations").how(events.Observed).
		in("bookings", "services/shifts_accepted").item("platform.booking", "B-M1903")
	s.say(platform, events.SubjectLinked, s.at(0.5), p.member(), id("platform.member", "M1903")).
		set(func(e *events.Event) { e.Evidence = "same-dbs-certificate" })
}

func (s *script) marta(p *person) {
	s.live(p)
	s.stored(platform, s.at(0.2), p.member(), id("email", "desk@seaview-dental.example")).as("employer_contact", "ic-a01").in("profiles", "identity", "contact")
	s.stored(platform, s.at(0.25), p.onPlatform()...).as("locum", "ic-a03").in("profiles", "identity", "contact", "career_education", "employment_status", "worker_profile")
	s.booking(p, 0.4, "castle-lane-dental", "B-CASTLE-3")
	s.milestone(platform, "account_deleted", s.at(0.7), p.onPlatform()...)
	s.say(platform, events.MilestoneRetracted, s.at(0.72), p.onPlatform()...).
		set(func(e *events.Event) { e.Milestone, e.Date = "account_deleted", events.DateOf(s.at(0.7)) })
}

func (s *script) gwen(p *person) {
	s.visits(p)
	s.reference(p, &person{n: 0}, 0.2) // Priya
	s.used(platform, s.at(0.22), p.onPlatform()...).as("referee", "ic-a05/assess_against_client_standards").in("references", "contact/email").
		set(func(e *events.Event) { e.Action, e.Channel = events.ActionSent, "email" })
}

func (s *script) ali(p *person) {
	s.enquiry(p, 0.25)
	s.stored(support, s.at(0.3), p.contact(), p.mail(), p.tel()).as("enquirer", "ic-a23").in("tickets", "services/complaints").item("support.ticket", "T-ALI-1")
	s.say(support, events.RestrictionSet, s.at(0.32), p.contact(), p.mail()).set(func(e *events.Event) {
		e.Activity, e.Ground = activityOf("ic-a23"), "accuracy_contested"
		e.Categories = []events.Category{{Code: "services"}}
	})
	s.stored(support, s.at(0.49), p.contact(), p.mail()).as("enquirer", "ic-a25").in("tickets", "rights_evidence", "contact").item("support.ticket", "T-ALI-1")
	s.shared(support, "ico", s.at(0.5), p.contact(), p.mail()).as("enquirer", "ic-a25").in("tickets", "rights_evidence", "contact").item("support.ticket", "T-ALI-1").because("complaint")
	s.say(support, events.RestrictionLifted, s.at(0.55), p.contact(), p.mail()).
		set(func(e *events.Event) { e.Activity, e.Ground = activityOf("ic-a23"), "accuracy_confirmed" })
	s.milestone(support, "dispute_closed", s.at(0.6), p.contact(), p.mail()).item("support.ticket", "T-ALI-1")
}

func (s *script) jonas(p *person) {
	s.registerLocum(p)
	s.stored(marketing, s.at(0.2), p.onMarketing()...).as("locum", "ic-a11").in("contacts", "contact/email", "marketing_prefs")
	s.say(marketing, events.ObjectionMade, s.at(0.5), p.onMarketing()...).set(func(e *events.Event) { e.Flags |= events.DirectMarketing })
	s.used(marketing, s.at(0.7), p.onMarketing()...).as("locum", "ic-a11").in("campaigns", "contact/email").
		set(func(e *events.Event) { e.Action, e.Channel = events.ActionSent, "email" })
}

func (s *script) leila(p *person) {
	s.registerLocum(p)
	who := p.onMarketing()
	s.say(marketing, events.ConsentGiven, s.at(0.2), who...).item("marketing.form", "FORM-88").set(func(e *events.Event) {
		e.Activity, e.Channels = activityOf("ic-a11"), []events.Code{"email", "post"}
		e.Method, e.GivenBy, e.Wording = events.MethodPaper, events.GivenBySelf, "fair-stand-card-v1"
	})
	s.stored(marketing, s.at(0.2), who...).as("locum", "ic-a11").in("consent-cards", "marketing_prefs").item("marketing.form", "FORM-88").
		set(func(e *events.Event) { e.Medium, e.Place, e.Country = events.MediumPaper, "archive-room", "gb" })
	s.say(marketing, events.ConsentWithdrawn, s.at(0.6), who...).set(func(e *events.Event) {
		e.Activity, e.Channels = activityOf("ic-a11"), []events.Code{"email"}
		e.Method, e.GivenBy = events.MethodForm, events.GivenBySelf
	})
	objection := func(e *events.Event) { e.Activity, e.Channels = activityOf("ic-a12"), []events.Code{"email"} }
	s.say(marketing, events.ObjectionMade, s.at(0.4), who...).set(objection)
	s.say(marketing, events.ObjectionLifted, s.at(0.5), who...).set(objection)
}

func (s *script) sam(p *person) {
	s.visits(p)
	s.stored(platform, s.at(0.4), p.onPlatform()...).as("child", "ic-a03").in("profiles", "identity", "contact").
		set(func(e *events.Event) { e.Marks = events.MarkChildISS })
	s.say(platform, events.PersonState, s.at(0.45), p.onPlatform()...).
		set(func(e *events.Event) { e.State, e.Date = events.StateMinor, events.DateOf(s.at(0.45)) })
	s.milestone(platform, "report_received", s.at(0.45), p.onPlatform()...)
	s.removed(platform, s.at(0.46), events.RemovalDeleted, p.onPlatform()...).as("child", "ic-a03").in("profiles")
}

func (s *script) kofi(p *person) {
	s.registerLocum(p)
	s.shared(platform, "bright-smiles-crm", s.at(0.5), p.onPlatform()...).as("locum", "ic-a04").in("profiles", "contact", "identity").
		knownAs("bright-smiles-crm.lead", "BS-17").because("none_recorded").abroad("us", "none_stated")
	s.stored(platform, s.at(0.55), p.onPlatform()...).as("locum", "ic-a04").in("profiles", "glove_size")
	s.stored(platform, s.at(0.56), p.onPlatform()...).as("locum", "undeclared").in("exports", "contact")
}

func (s *script) wren(p *person) {
	s.registerLocum(p)
	s.mandate(p, 0.2, "locum")
	wrong := s.stored(platform, s.at(0.5), p.onPlatform()...).as("locum", "ic-a09").in("documents", "criminal_offences/convictions")
	wrong.retract(s.at(0.52), "wrong_person")
	s.stored(platform, s.at(0.3), p.onPlatform()...).as("locum", "ic-a04/amend_profile").in("profiles", "identity/maiden_name").late(60 * 24 * time.Hour)
	s.removed(finance, s.at(0.8), events.RemovalAnonymised, p.onFinance()...).as("locum", "ic-a17").in("mandates", "financial/direct_debit_mandate")
}

// edithDied is when Edith died; the platform hears of it some days later.
const edithDied = 0.58

func (s *script) edith(p *person) {
	s.quietLocum(p)
	s.say(platform, events.PersonState, s.at(0.6), p.onPlatform()...).
		set(func(e *events.Event) { e.State, e.Date = events.StateDeceased, events.DateOf(s.at(edithDied)) })
	s.milestone(platform, "account_deleted", s.at(0.62), p.onPlatform()...)
}

// nia and rhys share a telephone; the platform joined them, and a person cut
// that again.
func (s *script) nia(p *person) {
	s.quietLocum(p)
	rhys := id("platform.member", "M1014")
	s.say(platform, events.SubjectLinked, s.at(0.4), p.member(), rhys).set(func(e *events.Event) { e.Evidence = "same-telephone" })
	s.say(platform, events.SubjectUnlinked, s.at(0.45), p.member(), rhys).set(func(e *events.Event) { e.Evidence = "two-people-at-one-address" })
}
