package demo

import (
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// healthCareers is a public body that tells people, many of them young, about
// careers in health. Tom's and Aisha's histories are told with their dates.
var healthCareers = &Story{
	notice: "health-careers",
	about:  "a public body that advises on careers in health",
	since:  time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC),
	systems: []post{
		{code: "website", every: day, covers: []events.Code{"accounts", "visits", "contributions"}, letter: "W", country: "gb"},
		{code: "contact-centre", every: 4 * day, covers: []events.Code{"calls"}, silent: 18 * day, letter: "C", country: "gb"},
		{code: "registrations", every: 4 * day, covers: []events.Code{"entries"}, letter: "G", country: "gb"},
		{code: "events", every: 20 * day, covers: []events.Code{"attendance"}, letter: "E", country: "gb"},
		{code: "marketing", every: 4 * day, covers: []events.Code{"subscribers", "mailings"}, letter: "M", country: "gb"},
	},
	instances: []catalogue.Instance{
		{ID: "brightpath-courses", Class: "selected_third_parties", Name: "Brightpath Courses", Country: "gb"},
		{ID: "northgate-calls", Class: "contact_centre_agency", Name: "Northgate Calls", Country: "gb"},
		{ID: "lantern-media", Class: "marketing_agency", Name: "Lantern Media", Country: "gb"},
		{ID: "parcelworks", Class: "distribution_centre", Name: "Parcelworks", Country: "gb"},
	},
	cast:   healthCareersCast,
	guests: []string{"tom", "aisha", "jade"},
	findings: []Expected{
		{"RETENTION_OVERDUE", "tom", ByToday, "two years after his last word, and still held"},
		{"TRANSFER_SAFEGUARD_MISSING", "tom", ByReport, "his address abroad without a safeguard"},
		{"RETENTION_OVERDUE", "aisha", ByToday, "two years after her last visit, and still held"},
		{"CONSENT_BY_VISIT", "jade", ByReport, "a visit taken for consent"},
		{"CONSENT_BY_PROXY", "jade", ByReport, "a parent consented for her"},
		{"SUBJECT_NOT_IN_ROW", "jade", ByReport, "promotion for subscribers sent to a young person"},
		{"SALE_OR_SWAP", "marek", ByReport, "his address for money"},
		{"THIRD_PARTY_MARKETING_NO_CONSENT", "marek", ByReport, "a course provider markets its own"},
		{"SHARED_WITHOUT_CONSENT", "marek", ByReport, "shared without the consent that the notice promises"},
		{"RECIPIENT_NOT_IN_ROW", "marek", ByReport, "an agency that the row does not name"},
		{"RECIPIENT_UNNAMED", "marek", ByReport, "which partner, nobody says"},
		{"SHARED_NOT_STORED", "marek", ByHistory, "a survey answer that no system reported as stored"},
		{"PROCESSED_AFTER_WITHDRAWAL", "lottie", ByHistory, "the list went on after consent ended"},
		{"PROCESSED_AFTER_OBJECTION", "lottie", ByHistory, "promotion after she objected"},
		{"CONSENT_ENDED_STILL_STORED", "lottie", ByToday, "nobody decided what becomes of her address"},
		{"CATEGORY_NOT_IN_ROW", "samir", ByReport, "an illness in a row for events, with no condition"},
		{"DECISION_UNDECLARED", "samir", ByReport, "a machine alone refused him; the notice says that none does"},
		{"PROCESSED_WHILE_RESTRICTED", "samir", ByHistory, "his call read while its use was restricted"},
		{"NEVER_OUTPUT_LEFT", "greta", ByReport, "a password by e-mail"},
		{"RECIPIENT_UNDECLARED", "greta", ByReport, "a test service in nobody's list"},
		{"UNDECLARED_CODE", "greta", ByReport, "a kind of data that the catalogue does not name"},
		{"NO_ROW", "greta", ByReport, "an export for no declared purpose"},
		{"RECIPIENT_ROLE_DIFFERS", "owen", ByReport, "an agency on instruction acting for itself"},
		{"SOURCE_SILENT", "", ByToday, "the contact centre has said nothing for eighteen days"},
	},
	tell: (*script).tabled,
	walks: []walk{
		{as: "registrant", weight: 5},
		{as: "subscriber", weight: 4},
		{as: "enquirer", weight: 3},
		{as: "event_attendee", weight: 2},
		{as: "entrant", weight: 1},
		{as: "contributor", weight: 1},
		{as: "young_person", weight: 2},
		{as: "site_visitor", weight: 4},
	},
	routines: []routine{
		{of: "site_visitor registrant subscriber enquirer young_person", as: "site_visitor", row: "hc-a08/data_analysis", at: "website", in: "visits", how: events.Observed, from: "src_auto", anon: true, odds: 0.8,
			what: "technical/ip_address technical/browser visit/clickstream visit/timestamps"},
		{of: "site_visitor registrant enquirer", as: "site_visitor", row: "hc-a29", at: "website", in: "visits", how: events.Observed, from: "src_auto", anon: true, odds: 0.6,
			to: []handing{{to: "google_analytics", ref: "client", because: "contract"}}},
		{of: "site_visitor registrant", as: "site_visitor", row: "hc-a15", at: "website", in: "visits", how: events.Observed, anon: true, odds: 0.4,
			to: []handing{{to: "google_analytics", ref: "client", because: "contract"}}},
		{of: "registrant contributor", as: "registrant", row: "hc-a28", at: "website", in: "accounts",
			what: "credentials/login_information credentials/password given/name given/email",
			to:   []handing{{to: "website_developers", odds: 0.1, what: "given/email", ref: "account", because: "contract"}}},
		{of: "registrant", row: "hc-a07", at: "website", in: "accounts", after: 2, every: 40, odds: 0.6, reach: "last_access"},
		{of: "registrant", row: "hc-a06", at: "marketing", in: "mailings", after: 60, odds: 0.5,
			what: "given/email", used: "email", to: []handing{{to: "mailchimp", ref: "subscriber", because: "contract", country: "us"}}},
		{of: "registrant", row: "hc-a01", at: "website", in: "accounts", after: 30, odds: 0.2, what: "given/name interaction/form_answers"},
		{of: "registrant", row: "hc-a12", at: "website", in: "suggestions", after: 6, every: 50, odds: 0.5, how: events.Derived, what: "recommendations/suggested_careers"},
		{of: "registrant", row: "hc-a13", at: "website", in: "combined", after: 20, odds: 0.2,
			what: "third_party_info/name third_party_info/email", from: "advertising_networks"},
		{of: "registrant", row: "hc-a11", at: "website", in: "visits", after: 3, odds: 0.5, how: events.Observed, what: "technical/ip_address"},
		{of: "registrant enquirer", row: "hc-a27", at: "contact-centre", in: "calls", after: 4, odds: 0.3,
			what: "given/name given/address", to: []handing{{to: "parcelworks", ref: "addressee", because: "contract"}}},
		{of: "subscriber", row: "hc-a02", at: "marketing", in: "subscribers", what: "given/email given/name preferences/interests"},
		{of: "enquirer", row: "hc-a24", at: "contact-centre", in: "calls", every: 80,
			what: "given/name given/phone interaction/correspondence visit/calling_number", item: "call", reach: "last_contact",
			to: []handing{{to: "northgate-calls", ref: "caller", because: "contract"}}},
		{of: "event_attendee", row: "hc-a26", at: "events", in: "attendance", what: "event_info/attendance_details given/name given/email", reach: "last_contact"},
		{of: "entrant", row: "hc-a23", at: "registrations", in: "entries", what: "given/name given/email interaction/competition_entry", item: "entry"},
		{of: "contributor", row: "hc-a31", at: "website", in: "contributions", every: 30,
			pool: "interaction/uploads interaction/feedback interaction/problem_report interaction/social_activity", item: "post", reach: "last_access"},
		{of: "contributor", row: "hc-a10", at: "website", in: "contributions", after: 1, what: "interaction/social_activity"},
		{of: "young_person", row: "hc-a25", at: "registrations", in: "entries",
			what: "given/name given/email preferences/interests", more: func(e *events.Event) { e.Marks |= events.MarkChildISS }},
	},
	campaigns: []campaign{
		{of: "subscriber", as: "subscriber", row: "hc-a22", at: "marketing", in: "subscribers",
			what: "given/email given/name preferences/subscriptions", channels: []events.Code{"email"},
			odds: 0.95, every: 28, stops: 0.12, objects: 0.05, to: handing{to: "mailchimp", ref: "subscriber", because: "subscription", country: "us"}},
		{of: "registrant", as: "registrant", row: "hc-a04", at: "marketing", in: "subscribers",
			what: "given/email preferences/marketing_opt_in", channels: []events.Code{"email"},
			odds: 0.4, every: 45, stops: 0.1, objects: 0.05, to: handing{to: "lantern-media", ref: "contact", because: "contract"}},
	},
}

var healthCareersCast = []part{
	{Persona: Persona{"tom", "email=tom.ridley@example.org", "Subscribed in 2021 and was last heard of that summer: two years on the data should have gone, and the copy abroad has no safeguard."},
		email: "tom.ridley@example.org", phone: "+447700900110", role: "subscriber", scenes: tomRidley},
	{Persona: Persona{"aisha", "email=aisha.demir@example.net", "Five roles and eight kinds of data, some given, some derived, some on paper: what may be taken elsewhere is a question of each basis."},
		email: "aisha.demir@example.net", phone: "+447700900111", role: "registrant", scenes: aishaDemir},
	{Persona: Persona{"jade", "email=jade.whitlow@example.org", "Fifteen; her visit was taken for consent, a parent consented for her, and she is sent promotion meant for subscribers."},
		email: "jade.whitlow@example.org", role: "young_person", scenes: jadeWhitlow},
	{Persona: Persona{"marek", "email=marek.polanski@example.net", "His address was sold to a course provider for its own marketing; the notice says that nothing is shared for gain."},
		email: "marek.polanski@example.net", role: "subscriber", scenes: marekPolanski},
	{Persona: Persona{"lottie", "email=lottie.fane@example.org", "Unsubscribed from one list and objected to the rest; both went on."},
		email: "lottie.fane@example.org", role: "subscriber", scenes: lottieFane},
	{Persona: Persona{"samir", "email=samir.noor@example.net", "Told an adviser of an illness; it went into a row for events, and a machine refused him a place on a scheme."},
		email: "samir.noor@example.net", phone: "+447700900115", role: "enquirer", scenes: samirNoor},
	{Persona: Persona{"greta", "email=greta.holm@example.org", "Her new password went out by e-mail; her account was copied to a test service that nobody declared."},
		email: "greta.holm@example.org", role: "registrant", scenes: gretaHolm},
	{Persona: Persona{"owen", "email=owen.tarrant@example.net", "Entered a competition; the agency used the entries for itself, and credit data was asked of nobody knows where."},
		email: "owen.tarrant@example.net", role: "entrant", scenes: owenTarrant},
}

var tomRidley = []scene{
	{on(2021, 2, 10), consents("marketing", "hc-a22", events.MethodForm, events.GivenBySelf, "email")},
	{on(2021, 2, 10), stores("marketing", "subscribers", "given/name", "given/email", "preferences/subscriptions").as("subscriber", "hc-a21")},
	{on(2021, 2, 10), shares("marketing", "mailchimp", "subscribers", "given/name", "given/email").
		as("subscriber", "hc-a21").because("subscription").abroad("us", "none").knownAs("mailchimp.subscriber", "MC-3301")},
	{on(2021, 5, 4), stores("contact-centre", "calls", "given/phone", "interaction/correspondence").as("enquirer", "hc-a24").item("contact-centre.call", "CALL-118")},
	{on(2021, 5, 4), shares("contact-centre", "northgate-calls", "calls", "interaction/correspondence").
		as("enquirer", "hc-a24").item("contact-centre.call", "CALL-118").because("contract").knownAs("northgate-calls.caller", "NC-77")},
	{on(2021, 5, 4), reaches("contact-centre", "last_contact")},
	{on(2021, 6, 30), stores("website", "accounts", "credentials/login_information").as("registrant", "hc-a28").how(events.Observed)},
	{on(2021, 6, 30), reaches("website", "last_access")},
	{on(2022, 3, 1), sends("marketing", "email", "subscribers", "given/email").as("subscriber", "hc-a21")},
	{on(2022, 9, 1), sends("marketing", "email", "subscribers", "given/email").as("subscriber", "hc-a21")},
	{on(2023, 3, 1), sends("marketing", "email", "subscribers", "given/email").as("subscriber", "hc-a21")},
}

var aishaDemir = []scene{
	{on(2022, 3, 1), stores("website", "accounts", "given/name", "given/email", "given/date_of_birth", "given/gender", "given/job_title").as("registrant", "hc-a28")},
	{on(2022, 3, 1), stores("website", "accounts", "credentials/login_information", "credentials/password").as("registrant", "hc-a28")},
	{on(2022, 3, 1), consents("marketing", "hc-a22", events.MethodForm, events.GivenBySelf, "email")},
	{on(2022, 3, 1), stores("marketing", "subscribers", "preferences/marketing_opt_in", "preferences/interests").as("subscriber", "hc-a22")},
	{on(2022, 5, 10), stores("website", "contributions", "interaction/uploads").as("contributor", "hc-a31").item("website.post", "PROFILE-TEXT")},
	{on(2022, 6, 18), stores("events", "attendance", "event_info/attendance_details").as("event_attendee", "hc-a26").onPaper("archive-room")},
	{on(2022, 7, 1), stores("contact-centre", "calls", "interaction/correspondence").as("enquirer", "hc-a24").item("contact-centre.call", "CALL-231")},
	{on(2022, 7, 1), reaches("contact-centre", "last_contact")},
	{on(2022, 9, 5), stores("website", "visits", "visit/clickstream", "technical/ip_address").as("registrant", "hc-a08").how(events.Observed)},
	{on(2022, 9, 6), stores("website", "suggestions", "recommendations/suggested_careers").as("registrant", "hc-a12").how(events.Derived)},
	{on(2022, 10, 3), stores("website", "combined", "third_party_info/name", "third_party_info/email").as("registrant", "hc-a13").from("advertising_networks")},
	{on(2023, 1, 20), reaches("website", "last_access")},
}

var jadeWhitlow = []scene{
	{ago(180), consents("website", "hc-a25", events.MethodVisit, events.GivenBySelf)},
	{ago(180), stores("registrations", "entries", "given/name", "given/email", "given/date_of_birth").as("young_person", "hc-a25").mark(events.MarkChildISS)},
	{ago(180), isNow("registrations", events.StateMinor)},
	{ago(170), consents("marketing", "hc-a25", events.MethodPaper, events.GivenByParent)},
	{ago(165), stores("marketing", "subscribers", "given/email", "preferences/interests").as("young_person", "hc-a22")},
	{ago(164), shares("marketing", "mailchimp", "subscribers", "given/email").
		as("young_person", "hc-a22").because("subscription").abroad("us", "none").knownAs("mailchimp.subscriber", "MC-4410")},
	{ago(60), sends("marketing", "email", "subscribers", "given/email").as("young_person", "hc-a22")},
}

var marekPolanski = []scene{
	{ago(220), consents("marketing", "hc-a22", events.MethodForm, events.GivenBySelf, "email")},
	{ago(220), stores("marketing", "subscribers", "given/name", "given/email", "preferences/interests").as("subscriber", "hc-a22")},
	{ago(110), shares("marketing", "brightpath-courses", "subscribers", "given/name", "given/email").as("subscriber", "hc-a05").because("partnership").forGain(events.ConsiderationMoney)},
	{ago(90), shares("marketing", "lantern-media", "subscribers", "given/email").as("subscriber", "hc-a21").because("contract")},
	{ago(70), shares("marketing", "business_partners", "prospects", "interaction/survey_answer").as("subscriber", "hc-a14").because("partnership")},
}

var lottieFane = []scene{
	{ago(260), consents("marketing", "hc-a22", events.MethodForm, events.GivenBySelf, "email")},
	{ago(260), stores("marketing", "subscribers", "given/email", "preferences/subscriptions").as("subscriber", "hc-a22")},
	{ago(230), sends("marketing", "email", "subscribers", "given/email").as("subscriber", "hc-a22")},
	{ago(170), withdraws("marketing", "hc-a22")},
	{ago(140), sends("marketing", "email", "subscribers", "given/email").as("subscriber", "hc-a22")},
	{ago(100), objects("marketing", "")},
	{ago(50), sends("marketing", "email", "subscribers", "given/email").as("subscriber", "hc-a03")},
}

var samirNoor = []scene{
	{ago(150), stores("contact-centre", "calls", "given/name", "given/phone", "interaction/correspondence").as("enquirer", "hc-a24").item("contact-centre.call", "CALL-902")},
	{ago(150), shares("contact-centre", "northgate-calls", "calls", "interaction/correspondence").as("enquirer", "hc-a24").item("contact-centre.call", "CALL-902").because("contract")},
	{ago(120), stores("events", "attendance", "event_info/attendance_details", "special_unspecified").as("event_attendee", "hc-a26")},
	{ago(75), stores("registrations", "entries", "given/name", "given/email").as("registrant", "hc-a01")},
	{ago(70), decides("registrations", "hc-a01", "scheme-score-v1")},
	{ago(40), restricts("contact-centre", "hc-a24", "accuracy_contested")},
	{ago(30), reads("contact-centre", "calls", "interaction/correspondence").as("enquirer", "hc-a24").item("contact-centre.call", "CALL-902")},
}

var gretaHolm = []scene{
	{ago(200), stores("website", "accounts", "given/name", "given/email", "credentials/login_information", "credentials/password").as("registrant", "hc-a28")},
	{ago(90), sends("website", "email", "accounts", "credentials/password").as("registrant", "hc-a28")},
	{ago(60), shares("website", "staging-sandbox", "accounts", "given/name", "given/email").as("registrant", "hc-a28").because("none_recorded").abroad("in", "none")},
	{ago(45), stores("website", "accounts", "nhs_staff_grade").as("registrant", "hc-a28")},
	{ago(44), stores("website", "exports", "given/email").as("registrant", "undeclared")},
}

var owenTarrant = []scene{
	{ago(190), stores("registrations", "entries", "given/name", "given/email", "interaction/competition_entry").as("entrant", "hc-a23").item("registrations.entry", "ENTRY-40")},
	{ago(185), shares("registrations", "lantern-media", "entries", "given/email").
		as("entrant", "hc-a23").item("registrations.entry", "ENTRY-40").because("contract").actingAs(events.ActingAsController)},
	{ago(100), shares("registrations", "fraud_credit_exchanges", "entries", "given/name").as("entrant", "hc-a20").because("fraud_check")},
}
