package demo

import "github.com/habeas-data/habeas/events"

// dated are people of instant-connect whose history is told with its dates.
var dated = []part{
	{Persona: Persona{"priya-shah", "email=priya.shah@example.org", "A locum whose account was deleted on 14 March 2025: seven years run for all of it, certificate and vaccination too, though their rows state no basis."},
		email: "priya.shah@example.org", phone: "+447700900190", role: "locum", scenes: priyaShah},
}

var priyaShah = []scene{
	{on(2024, 9, 2), stores(platform, "profiles", "identity", "contact", "career_education", "employment_status", "worker_profile").
		as("locum", "ic-a03").from("src_subject").how(events.Provided)},
	{on(2024, 9, 2), stores(platform, "documents", "identity/photo_id_copy").as("locum", "ic-a03").item("platform.document", "DOC-SHAH")},
	{on(2024, 9, 2), stores(platform, "accounts", "technical/username", "technical/password").as("locum", "ic-a08/hosting").mark(events.MarkNeverOutput)},
	{on(2024, 9, 2), stores(web, "sessions", "technical/username", "technical/session_dates").as("locum", "ic-a08/hosting").how(events.Observed)},
	{on(2024, 9, 2), stores(web, "cookies", "cookie_data/cookie_id").as("platform_visitor", "ic-a26").how(events.Observed)},
	{on(2024, 9, 2), shares(web, "google_analytics", "cookies", "cookie_data/cookie_id").as("platform_visitor", "ic-a14").knownAs("google_analytics.client", "GA1.1.SHAH").abroad("us", "none")},
	{on(2024, 9, 3), shares(platform, "verification_provider", "profiles", "identity", "contact", "career_education", "employment_status", "worker_profile").
		as("locum", "ic-a03").because("locum_registration").knownAs("verification_provider.check", "VP-SHAH")},
	{on(2024, 9, 5), stores(platform, "documents", "criminal_offences/dbs_certificate_copy", "criminal_offences/dbs_certificate_number").as("locum", "ic-a09").from("dbs_check_provider")},
	{on(2024, 9, 6), stores(platform, "documents", "occupational_health/vaccination_status").as("locum", "ic-a10")},
	{on(2024, 9, 9), stores(platform, "applications", "identity", "contact", "worker_profile").as("locum", "ic-a05/assess_against_client_standards").item("platform.application", "APP-SHAH")},
	{on(2024, 9, 10), shares(platform, "harbour-practice", "applications", "identity", "contact", "worker_profile").
		as("locum", "ic-a05/assess_against_client_standards").item("platform.application", "APP-SHAH").because("application").knownAs("harbour-practice.worker", "W-SHAH")},
	{on(2024, 10, 1), stores(finance, "mandates", "financial/direct_debit_mandate", "financial/bank_account").as("locum", "ic-a17")},
	{on(2024, 10, 1), shares(finance, "gocardless", "mandates", "financial/direct_debit_mandate", "financial/bank_account").
		as("locum", "ic-a17").because("payment_processor").knownAs("gocardless.customer", "CU-SHAH")},
	{on(2024, 10, 8), stores(platform, "bookings", "services/shifts_accepted").as("locum", "ic-a04/accept_invitations").how(events.Observed).item("platform.booking", "SHIFT-SHAH")},
	{on(2024, 11, 4), consents(marketing, "ic-a11", events.MethodForm, events.GivenBySelf, "email")},
	{on(2024, 11, 4), stores(marketing, "contacts", "contact/email", "marketing_prefs").as("locum", "ic-a11")},
	{on(2024, 11, 4), shares(marketing, "facebook_custom_audiences", "contacts", "contact/email").
		as("locum", "ic-a16").because("matched_audience").knownAs("facebook_custom_audiences.entry", "CA-SHAH").abroad("us", "none")},
	{on(2025, 3, 14), reaches(platform, "account_deleted")},
}
