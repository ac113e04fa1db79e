package demo

import (
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// crowd makes up n further people and plays the life of each.
func (s *script) crowd(n int) []*person {
	roles := []events.Code{"locum", "locum", "locum", "locum", "locum", "locum", "dental_practice",
		"dental_practice", "employer_contact", "platform_visitor", "enquirer", "referee"}
	var all []*person
	for i := range n {
		p := s.newPerson(len(personas)+i, roles[i%len(roles)])
		if p.role == "referee" {
			about := all[i-11] // the first locum of the same dozen
			p.joined = about.joined + 0.01
			s.reference(p, about, p.joined)
		} else {
			s.leave(p)
			s.live(p)
			s.endings(p)
		}
		all = append(all, p)
	}
	return all
}

// leave decides who closes the account and who objects to promotion, before
// anything of theirs is told.
func (s *script) leave(p *person) {
	if p.n%13 == 0 {
		p.ends = p.joined + 0.25
	}
	if p.n%10 == 7 {
		p.quiet = p.joined + 0.22
	}
}

// live plays what a person of some role usually does.
func (s *script) live(p *person) {
	switch p.role {
	case "locum":
		s.visits(p)
		s.registerLocum(p)
		s.documents(p)
		s.work(p, 1+p.r.IntN(4))
		s.marketingLife(p)
	case "dental_practice", "employer_contact":
		s.visits(p)
		s.registerPractice(p)
		s.marketingLife(p)
	case "platform_visitor":
		s.visits(p)
	case "enquirer":
		s.visits(p)
		s.enquiry(p, p.joined)
	}
}

// visits is browsing before anybody has signed in, and what the website's
// third parties learn of it.
func (s *script) visits(p *person) {
	at := s.at(p.joined - 0.01)
	s.stored(web, at, p.onWeb()...).how(events.Observed).as("platform_visitor", "ic-a08/data_analysis").
		in("sessions", "technical/ip_address", "technical/browser_type", "technical/page_views")
	s.stored(web, at.Add(time.Second), p.onWeb()...).how(events.Observed).as("platform_visitor", "ic-a26").
		in("cookies", "cookie_data/cookie_id", "cookie_data/preferences", "cookie_data/content_viewed").from("src_cookies")
	s.shared(web, "google_analytics", at.Add(2*time.Second), p.onWeb()...).as("platform_visitor", "ic-a14").
		in("cookies", "cookie_data/cookie_id").
		knownAs("google_analytics.client", fmt.Sprint("GA1.1.", 900+p.n)).abroad("us", "none_stated")
	if p.n%3 == 0 {
		s.shared(web, "facebook_pixel", at.Add(3*time.Second), p.onWeb()...).as("platform_visitor", "ic-a15").
			in("cookies", "cookie_data/content_viewed").
			knownAs("facebook_pixel.browser", fmt.Sprint("fb.1.", 300+p.n)).abroad("us", "none_stated")
	}
}

// signIn is the visit by which the website learns who the browser belongs to.
func (s *script) signIn(p *person, f float64, as events.Code) {
	s.stored(web, s.at(f), p.signedIn()...).how(events.Observed).as(as, "ic-a08/hosting").
		in("sessions", "technical/username", "technical/session_dates", "technical/operating_system")
}

func (s *script) registerLocum(p *person) {
	f := p.joined
	who := p.onPlatform()
	if p.phone != "" {
		who = append(who, p.tel())
	}
	s.stored(platform, s.at(f), who...).as("locum", "ic-a03").
		in("profiles", "identity", "contact", "career_education", "employment_status", "worker_profile").
		from("src_subject").how(events.Provided)
	s.stored(platform, s.at(f), p.onPlatform()...).as("locum", "ic-a08/hosting").in("accounts", "technical/username", "technical/password").
		set(func(e *events.Event) { e.Marks = events.MarkNeverOutput })
	s.say(platform, events.NoticeGiven, s.at(f), p.onPlatform()...).
		set(func(e *events.Event) { e.NoticeVersion, e.Activity = "2024-08-21", activityOf("ic-a03") })
	s.shared(platform, "gohighlevel", s.at(f+0.001), p.onPlatform()...).as("locum", "ic-a03").in("profiles", "identity", "contact").
		knownAs("gohighlevel.contact", fmt.Sprint("ghl-", 800+p.n)).because("written_contract")
	s.shared(platform, "verification_provider", s.at(f+0.004), p.onPlatform()...).as("locum", "ic-a03").
		in("profiles", "identity", "contact", "career_education", "employment_status", "worker_profile").
		knownAs("verification_provider.check", fmt.Sprint("VP-", 2200+p.n)).because("locum_registration")
	s.signIn(p, f+0.002, "locum")
	s.profileUpdates(p, "locum", "ic-a04/amend_profile", "contact/address", "contact/phone", "services/settings")
}

// profileUpdates are the same fields stored again and again: most of what a
// source sends changes nothing.
func (s *script) profileUpdates(p *person, as events.Code, activity string, categories ...string) {
	first := s.stored(platform, s.at(p.joined+0.05), p.onPlatform()...).as(as, activity).
		in("profiles", categories...)
	for f := p.joined + 0.1; f < min(1, p.ends) && p.n%2 == 0; f += 0.12 {
		first.repeat(s.at(f))
	}
	if p.n%7 == 0 {
		first.again(36 * time.Hour)
	}
}

// documents are the papers a locum uploads: photo ID, DBS certificate,
// indemnity, vaccination. Special and criminal data are among them.
func (s *script) documents(p *person) {
	f := p.joined + 0.01
	photo := fmt.Sprint("doc-", 10000+p.n)
	s.stored(platform, s.at(f), p.onPlatform()...).as("locum", "ic-a03").in("documents", "identity/photo_id_copy").item("platform.document", photo)
	s.stored(platform, s.at(f), p.onPlatform()...).how(events.Inferred).as("locum", "ic-a10").in("documents", "id_inference/ethnicity_inferred").item("platform.document", photo)
	s.stored(platform, s.at(f+0.002), p.onPlatform()...).as("locum", "ic-a10").in("documents", "trade_union/indemnity_insurer_identity")
	s.stored(platform, s.at(f+0.003), p.onPlatform()...).as("locum", "ic-a10").in("documents", "occupational_health/vaccination_status")
	if p.n%5 == 0 {
		s.stored(platform, s.at(f+0.004), p.onPlatform()...).as("locum", "ic-a10").in("documents", "cdc_registration/registration_proof")
	}
	s.shared(platform, "dbs_check_provider", s.at(f+0.002), p.onPlatform()...).as("locum", "ic-a09").in("documents", "criminal_offences/dbs_certificate_number", "identity").
		knownAs("dbs_check_provider.application", fmt.Sprint("F", 5500+p.n)).because("locum_opts_in")
	check := s.stored(platform, s.at(f+0.006), p.onPlatform()...).as("locum", "ic-a09").
		in("documents", "criminal_offences/dbs_certificate_copy", "criminal_offences/dbs_certificate_number").from("dbs_check_provider")
	if p.n%4 == 0 {
		s.stored(platform, s.at(f+0.199), p.onPlatform()...).as("locum", "ic-a09").in("documents", "criminal_offences/dbs_update_service_number")
		s.shared(platform, "dbs_update_service", s.at(f+0.2), p.onPlatform()...).as("locum", "ic-a09").
			in("documents", "criminal_offences/dbs_update_service_number").because("locum_grants_access")
		s.stored(platform, s.at(f+0.2), p.onPlatform()...).as("locum", "ic-a09").
			in("documents", "criminal_offences/dbs_enquiry_result").from("dbs_update_service")
	}
	if p.n%11 == 0 {
		check.late(40 * 24 * time.Hour) // found in a mail box weeks later
	}
	if p.n%6 == 0 {
		s.removed(platform, s.at(f+0.15), events.RemovalDeleted, p.onPlatform()...).as("locum", "ic-a03").
			in("documents", "identity/photo_id_copy").item("platform.document", photo)
	}
}

// work is applications and bookings at practices, and the money for them.
func (s *script) work(p *person, bookings int) {
	s.mandate(p, p.joined+0.03, "locum")
	for i := range bookings {
		f := p.joined + 0.05 + float64(i)*0.07
		if !p.active(f + 0.03) {
			return
		}
		practice := pick(p.r, practices).ID
		s.booking(p, f, practice, fmt.Sprintf("B-%d-%d", p.n, i))
	}
}

func (s *script) booking(p *person, f float64, practice events.Code, booking string) {
	application := "A-" + booking
	who := p.onPlatform()
	s.stored(platform, s.at(f-0.002), who...).as("locum", "ic-a05/assess_against_client_standards").
		in("applications", "identity", "contact", "worker_profile").item("platform.application", application)
	to := practice
	if p.n%9 == 0 {
		to = "dental_practice" // the platform did not record which
	}
	s.shared(platform, to, s.at(f), who...).as("locum", "ic-a05/assess_against_client_standards").
		in("applications", "identity", "contact", "worker_profile").
		item("platform.application", application).knownAs(to+".worker", fmt.Sprint("W", 40+p.n)).because("application")
	s.stored(platform, s.at(f+0.005), who...).how(events.Observed).as("locum", "ic-a04/accept_invitations").
		in("bookings", "services/shifts_accepted").item("platform.booking", booking).within("platform.application", application)
	s.stored(platform, s.at(f+0.006), who...).how(events.Observed).as("locum", "ic-a05/keep_records_of_engaged_workers").
		in("bookings", "worker_profile/job_role").item("platform.booking", booking).
		set(func(e *events.Event) { e.Controller = practice })
	s.stored(platform, s.at(f+0.02), who...).as("locum", "ic-a24").in("ratings", "worker_profile/ratings", "worker_profile/feedback").
		item("platform.booking", booking).from("src_other_members").set(func(e *events.Event) { e.Marks = events.MarkThirdPartyContent })
	day := s.at(f + 0.01)
	s.stored(finance, day, p.onFinance()...).how(events.Generated).as("locum", "ic-a17").in("invoices", "financial/bank_account", "identity/last_name").
		item("finance.invoice", "INV-"+booking).set(func(e *events.Event) { e.RecordDate = events.DateOf(day) })
	s.shared(finance, "gocardless", day.Add(time.Minute), p.onFinance()...).as("locum", "ic-a17").in("invoices", "financial/bank_account").
		item("finance.invoice", "INV-"+booking).knownAs("gocardless.customer", p.goCardless())
}

func (p *person) goCardless() string { return fmt.Sprintf("CU%05X", 0xA1000+p.n) }

func (s *script) mandate(p *person, f float64, as events.Code) {
	s.stored(finance, s.at(f), p.onFinance()...).as(as, "ic-a17").in("mandates", "financial/direct_debit_mandate", "financial/bank_account", "contact/address")
	s.shared(finance, "gocardless", s.at(f), p.onFinance()...).as(as, "ic-a17").in("mandates", "financial/direct_debit_mandate", "financial/bank_account").
		knownAs("gocardless.customer", p.goCardless()).because("payment_processor")
}

func (s *script) registerPractice(p *person) {
	f := p.joined
	s.stored(platform, s.at(f), p.onPlatform()...).as(p.role, "ic-a01").in("profiles", "identity", "contact")
	if p.role == "dental_practice" {
		s.stored(platform, s.at(f+0.003), p.onPlatform()...).as(p.role, "ic-a01").in("profiles", "identity", "contact").from("companies_house")
		s.stored(platform, s.at(f+0.004), p.onPlatform()...).as(p.role, "ic-a01").in("profiles", "identity").from("cqc_register")
	}
	s.shared(platform, "gohighlevel", s.at(f+0.001), p.onPlatform()...).as(p.role, "ic-a01").in("profiles", "contact").
		knownAs("gohighlevel.contact", fmt.Sprint("ghl-", 800+p.n))
	s.stored(platform, s.at(f+0.03), p.onPlatform()...).how(events.Observed).as("dental_practice", "ic-a02/request_work").in("bookings", "community")
	s.mandate(p, f+0.02, "dental_practice")
	s.signIn(p, f+0.002, p.role)
	s.profileUpdates(p, p.role, "ic-a02/run_platform", "contact/address", "contact/phone")
}

// enquiry is a question or complaint to support, which keeps it as a ticket.
func (s *script) enquiry(p *person, f float64) {
	ticket := fmt.Sprint("T-", 600+p.n)
	s.stored(support, s.at(f), p.onSupport()...).as("enquirer", "ic-a23").in("tickets", "services/enquiries", "services/correspondence", "contact/email").item("support.ticket", ticket)
	s.shared(support, "customer_support_provider", s.at(f+0.001), p.onSupport()...).as("enquirer", "ic-a23").in("tickets", "services/correspondence").
		item("support.ticket", ticket).knownAs("customer_support_provider.ticket", "Z"+ticket)
	s.used(support, s.at(f+0.01), p.onSupport()...).as("enquirer", "ic-a23").in("tickets", "services/correspondence").
		item("support.ticket", ticket).set(func(e *events.Event) { e.Action, e.Channel = events.ActionSent, "email" })
	if p.n%2 == 0 {
		s.milestone(support, "dispute_closed", s.at(f+0.05), p.onSupport()...).item("support.ticket", ticket)
	}
}

// reference is what a referee writes about a locum: data of both.
func (s *script) reference(p, about *person, f float64) {
	item := fmt.Sprint("ref-", 100+p.n)
	s.stored(platform, s.at(f), p.onPlatform()...).as("referee", "ic-a05/assess_against_client_standards").in("references", "referee_data/referee_identity", "contact/email").
		item("platform.reference", item)
	s.stored(platform, s.at(f+0.001), about.member()).as("locum", "ic-a05/assess_against_client_standards").in("references", "referee_data/reference").
		item("platform.reference", item).from("src_referee").set(func(e *events.Event) { e.Marks = events.MarkConfidentialReference })
}

// marketingLife is consent, promotion, and its end for some.
func (s *script) marketingLife(p *person) {
	f := p.joined + 0.02
	who := p.onMarketing()
	s.say(marketing, events.ConsentGiven, s.at(f), who...).set(func(e *events.Event) {
		e.Activity, e.Channels = activityOf("ic-a11"), []events.Code{"email", "telephone"}
		e.Method, e.GivenBy, e.Wording = events.MethodForm, events.GivenBySelf, "signup-form-v3"
	})
	s.stored(marketing, s.at(f), who...).as(p.role, "ic-a11").in("contacts", "contact/email", "marketing_prefs")
	s.shared(marketing, "cape_marketing_agency", s.at(f+0.01), who...).as(p.role, "ic-a11").in("contacts", "contact/email").
		knownAs("cape_marketing_agency.contact", fmt.Sprint("cma-", p.n))
	for f := p.joined + 0.1; f < min(0.95, p.ends, p.quiet); f += 0.25 {
		s.used(marketing, s.at(f), who...).as(p.role, "ic-a11").in("campaigns", "contact/email").
			set(func(e *events.Event) { e.Action, e.Channel = events.ActionSent, "email" })
	}
	switch p.n % 10 {
	case 1:
		s.shared(marketing, "marketing_provider", s.at(f+0.02), who...).as(p.role, "ic-a12").in("segments", "services/service_use").
			knownAs("marketing_provider.contact", fmt.Sprint("mp-", p.n))
	case 3:
		s.shared(marketing, "facebook_custom_audiences", s.at(f+0.03), who...).as(p.role, "ic-a16").in("audiences", "contact/email", "identity/last_name").
			knownAs("facebook_custom_audiences.entry", fmt.Sprint("ca-", p.n)).abroad("us", "none_stated")
	case 5:
		s.say(marketing, events.ConsentWithdrawn, s.at(f+0.2), who...).set(func(e *events.Event) {
			e.Activity, e.Channels = activityOf("ic-a11"), []events.Code{"telephone"}
			e.Method, e.GivenBy = events.MethodVerbal, events.GivenBySelf
		})
	case 7:
		s.say(marketing, events.ObjectionMade, s.at(p.quiet), who...).set(func(e *events.Event) { e.Flags |= events.DirectMarketing })
	}
}

// endings are account closures and purposes that end.
func (s *script) endings(p *person) {
	if p.role != "locum" && p.role != "dental_practice" && p.role != "employer_contact" {
		return
	}
	switch {
	case p.ends < never:
		s.milestone(platform, "account_deleted", s.at(p.ends), p.onPlatform()...)
	case p.n%17 == 0:
		s.milestone(marketing, "purpose_ended", s.at(p.joined+0.25), p.onMarketing()...).set(func(e *events.Event) { e.Activity = activityOf("ic-a12") })
	}
}
