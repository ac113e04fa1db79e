package demo

import (
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// ispPolaris is a company of a group that takes enquiries about its programme.
// Its notice names no period and no recipient.
var ispPolaris = &Story{
	notice: "isp-polaris",
	about:  "a company of a group that takes enquiries about its programme",
	systems: []post{
		{code: "website", every: day, covers: []events.Code{"visits"}, letter: "W", country: "gb"},
		{code: "enquiries", every: 4 * day, covers: []events.Code{"enquiries", "relations"}, letter: "Q", country: "gb"},
		{code: "marketing", every: 4 * day, covers: []events.Code{"contacts"}, silent: 16 * day, letter: "M", country: "gb"},
	},
	instances: []catalogue.Instance{
		{ID: "polaris-shared-services", Class: "group_companies", Name: "Polaris Shared Services", Country: "gb"},
		{ID: "polaris-insight", Class: "group_companies", Name: "Polaris Insight", Country: "us"},
		{ID: "hostwell", Class: "website_it_providers", Name: "Hostwell", Country: "gb"},
		{ID: "meridian-panels", Class: "partner_organisations", Name: "Meridian Panels", Country: "gb"},
	},
	cast:   ispPolarisCast,
	guests: []string{"finn", "harriet", "piotr"},
	findings: []Expected{
		{"CHILD_NOT_EXPECTED", "finn", ByReport, "a child in a service for adults"},
		{"SUBJECT_NOT_IN_ROW", "finn", ByReport, "no row speaks of children"},
		{"CONSENT_BY_VISIT", "finn", ByReport, "a visit taken for consent"},
		{"CATEGORY_NOT_IN_ROW", "harriet", ByReport, "an illness in an enquiry, with no condition"},
		{"TRANSFER_SAFEGUARD_MISSING", "harriet", ByReport, "to a company of the group in the United States"},
		{"RECIPIENT_NOT_IN_ROW", "harriet", ByReport, "her enquiry to a panel company"},
		{"PROCESSED_AFTER_WITHDRAWAL", "piotr", ByHistory, "promotion after consent ended"},
		{"CONSENT_ENDED_STILL_STORED", "piotr", ByToday, "nobody decided what becomes of his address"},
		{"PROCESSED_AFTER_OBJECTION", "piotr", ByHistory, "reported to the group after he objected"},
		{"PROCESSED_WHILE_RESTRICTED", "piotr", ByHistory, "read while its use was restricted"},
		{"SALE_OR_SWAP", "lena", ByReport, "her profile for a benefit"},
		{"DECISION_UNDECLARED", "lena", ByReport, "a machine alone made her a type of customer"},
		{"RECIPIENT_UNNAMED", "lena", ByReport, "which police force, nobody says"},
		{"SHARED_NOT_STORED", "lena", ByHistory, "what the police got was stored nowhere"},
		{"CHANNEL_NOT_IN_ROW", "mo", ByReport, "promotion by text message"},
		{"BASIS_NOT_IN_ROW", "mo", ByReport, "legitimate interests where the row states consent"},
		{"LEGAL_DUTY_UNKNOWN", "mo", ByReport, "kept for a law that the catalogue does not name"},
		{"SYSTEM_UNDECLARED", "ruby", ByReport, "a webinar system that nobody declared"},
		{"UNDECLARED_CODE", "ruby", ByReport, "a kind of data that the catalogue does not name"},
		{"NO_ROW", "ruby", ByReport, "an export for no declared purpose"},
		{"RECIPIENT_UNDECLARED", "noel", ByReport, "a chat service in nobody's list"},
		{"RECIPIENT_ROLE_DIFFERS", "noel", ByReport, "a company of the group as if on instruction"},
		{"SOURCE_SILENT", "", ByToday, "the marketing system has said nothing for sixteen days"},
	},
	tell: (*script).tabled,
	walks: []walk{
		{as: "site_visitor", weight: 5},
		{as: "enquirer", weight: 5},
		{as: "interest_registrant", weight: 2},
		{as: "customer", weight: 3},
		{as: "marketing_requester", weight: 2},
		{as: "feedback_giver", weight: 1},
	},
	routines: []routine{
		{of: "site_visitor enquirer interest_registrant", as: "site_visitor", row: "isp-a04/data_analysis", at: "website", in: "visits", every: 60, how: events.Observed, from: "src_auto", anon: true,
			what: "technical/ip_address technical/browser usage/site_use", to: []handing{{to: "hostwell", odds: 0.5, ref: "account", because: "instructions"}}},
		{of: "site_visitor enquirer", as: "site_visitor", row: "isp-a17", at: "website", in: "visits", how: events.Observed, from: "src_auto", anon: true, odds: 0.7,
			what: "technical/device technical/browser"},
		{of: "site_visitor", row: "isp-a03", at: "website", in: "visits", after: 3, every: 50, odds: 0.4, how: events.Observed, anon: true},
		{of: "enquirer interest_registrant", row: "isp-a01", at: "enquiries", in: "enquiries", item: "case", ends: ending{at: "enquiries", milestone: "business_need_ended", days: 40},
			pool: "identity_contact/name identity_contact/email identity_contact/mobile profile/enquiry profile/message", to: []handing{
				{to: "hostwell", ref: "account", because: "instructions"}, {to: "polaris-shared-services", odds: 0.3, ref: "contact", because: "group_reporting"}}},
		{of: "enquirer interest_registrant customer", row: "isp-a02", at: "enquiries", in: "relations", after: 10, every: 60, odds: 0.6,
			to: []handing{{to: "polaris-shared-services", odds: 0.4, ref: "contact", because: "group_reporting"}}},
		{of: "enquirer interest_registrant", row: "isp-a08", at: "enquiries", in: "records", after: 12, odds: 0.5},
		{of: "customer", row: "isp-a09", at: "enquiries", in: "relations", after: 20, odds: 0.5, how: events.Inferred, what: "profile/interests usage/service_use"},
		{of: "customer", row: "isp-a10", at: "website", in: "visits", after: 5, every: 45, odds: 0.6, how: events.Observed, what: "usage/service_use"},
		{of: "customer enquirer", row: "isp-a05", at: "enquiries", in: "research", after: 40, odds: 0.2,
			what: "profile/interests usage/service_use", to: []handing{{to: "meridian-panels", odds: 0.3, because: "research"}}},
		{of: "site_visitor customer", row: "isp-a06", at: "website", in: "visits", after: 8, odds: 0.3, how: events.Observed, what: "usage/site_use technical/browser"},
		{of: "customer enquirer", row: "isp-a11", at: "enquiries", in: "research", after: 50, odds: 0.2, how: events.Inferred, what: "profile/interests"},
		{of: "feedback_giver", row: "isp-a18", at: "enquiries", in: "enquiries", what: "identity_contact/name identity_contact/email profile/feedback", item: "case"},
	},
	campaigns: []campaign{
		{of: "marketing_requester customer", as: "marketing_requester", row: "isp-a07", at: "marketing", in: "contacts",
			what: "identity_contact/email marketing_prefs/marketing_preferences", channels: []events.Code{"email"},
			odds: 0.8, every: 30, stops: 0.15, objects: 0.05, to: handing{to: "hostwell", ref: "account", because: "instructions"}},
	},
}

var ispPolarisCast = []part{
	{Persona: Persona{"finn", "email=finn.barlow@example.org", "Fourteen, though the notice is for adults: his visit was taken for consent and he was entered as an enquirer."},
		email: "finn.barlow@example.org", role: "child", scenes: finnBarlow},
	{Persona: Persona{"harriet", "email=harriet.quell@example.net", "Wrote of her illness in an enquiry: health data in a row with no condition. It went to a company of the group in the United States."},
		email: "harriet.quell@example.net", phone: "+447700900121", role: "enquirer", scenes: harrietQuell},
	{Persona: Persona{"piotr", "email=piotr.zielak@example.org", "Took back his consent, objected, and asked for restriction: something went on after each."},
		email: "piotr.zielak@example.org", role: "customer", scenes: piotrZielak},
	{Persona: Persona{"lena", "email=lena.vasey@example.net", "Her profile was swapped with a panel company, and a machine alone made her a type of customer."},
		email: "lena.vasey@example.net", role: "customer", scenes: lenaVasey},
	{Persona: Persona{"mo", "email=mo.farouk@example.org", "Promotion by text message, which the row does not list, on another basis than it states."},
		email: "mo.farouk@example.org", phone: "+447700900124", role: "marketing_requester", scenes: moFarouk},
	{Persona: Persona{"ruby", "enquiries.enquiry=Q1005", "Took part in a webinar whose system nobody declared, with a dataset nobody knows."},
		email: "ruby.aston@example.net", role: "interest_registrant", scenes: rubyAston},
	{Persona: Persona{"noel", "email=noel.crewe@example.org", "Left his details with a chat service that is in no list, and the group used them as if on instruction."},
		email: "noel.crewe@example.org", role: "enquirer", scenes: noelCrewe},
}

var finnBarlow = []scene{
	{ago(150), consents("website", "isp-a07", events.MethodVisit, events.GivenBySelf)},
	{ago(150), stores("enquiries", "enquiries", "identity_contact/name", "identity_contact/email", "profile/message").as("child", "isp-a01").item("enquiries.case", "CASE-301")},
	{ago(120), isNow("enquiries", events.StateMinor)},
	{ago(100), sends("enquiries", "email", "enquiries", "identity_contact/email").as("child", "isp-a01").item("enquiries.case", "CASE-301")},
}

var harrietQuell = []scene{
	{ago(200), stores("enquiries", "enquiries", "identity_contact/name", "identity_contact/email", "identity_contact/mobile", "profile/enquiry", "special_not_knowingly/health").
		as("enquirer", "isp-a01").item("enquiries.case", "CASE-212")},
	{ago(199), shares("enquiries", "hostwell", "enquiries", "identity_contact/name", "profile/enquiry").
		as("enquirer", "isp-a01").item("enquiries.case", "CASE-212").because("instructions").knownAs("hostwell.account", "HW-212")},
	{ago(150), shares("enquiries", "polaris-insight", "enquiries", "profile/enquiry", "special_not_knowingly/health").
		as("enquirer", "isp-a01").item("enquiries.case", "CASE-212").because("group_reporting").abroad("us", "none")},
	{ago(140), reaches("enquiries", "business_need_ended").item("enquiries.case", "CASE-212")},
	{ago(90), shares("enquiries", "meridian-panels", "enquiries", "profile/enquiry").as("enquirer", "isp-a01").item("enquiries.case", "CASE-212").because("research")},
}

var piotrZielak = []scene{
	{ago(240), stores("enquiries", "relations", "identity_contact/name", "identity_contact/email", "profile/preferences").as("customer", "isp-a02")},
	{ago(230), consents("marketing", "isp-a07", events.MethodForm, events.GivenBySelf, "email")},
	{ago(230), stores("marketing", "contacts", "identity_contact/email", "marketing_prefs/marketing_preferences").as("marketing_requester", "isp-a07")},
	{ago(200), sends("marketing", "email", "contacts", "identity_contact/email").as("marketing_requester", "isp-a07")},
	{ago(160), withdraws("marketing", "isp-a07")},
	{ago(130), sends("marketing", "email", "contacts", "identity_contact/email").as("marketing_requester", "isp-a07")},
	{ago(110), objects("enquiries", "isp-a02")},
	{ago(85), shares("enquiries", "polaris-shared-services", "relations", "identity_contact/email").as("customer", "isp-a02").because("group_reporting")},
	{ago(70), restricts("enquiries", "isp-a02", "accuracy_contested")},
	{ago(40), reads("enquiries", "relations", "profile/preferences").as("customer", "isp-a02")},
}

var lenaVasey = []scene{
	{ago(210), stores("enquiries", "relations", "identity_contact/name", "identity_contact/email", "profile/interests").as("customer", "isp-a02")},
	{ago(190), stores("enquiries", "relations", "profile/interests", "usage/service_use").as("customer", "isp-a09").how(events.Inferred)},
	{ago(100), decides("enquiries", "isp-a09", "segment-model-v3")},
	{ago(80), shares("enquiries", "meridian-panels", "relations", "profile/interests").as("customer", "isp-a09").because("research").forGain(events.ConsiderationBenefit)},
	{ago(60), shares("enquiries", "police", "relations", "usage/site_use").as("customer", "isp-a15").because("court_order")},
}

var moFarouk = []scene{
	{ago(180), consents("marketing", "isp-a07", events.MethodForm, events.GivenBySelf, "email")},
	{ago(180), stores("marketing", "contacts", "identity_contact/email", "identity_contact/mobile", "marketing_prefs/marketing_preferences").
		as("marketing_requester", "isp-a07").restsOn("6.1.f")},
	{ago(90), sends("marketing", "sms", "contacts", "identity_contact/mobile").as("marketing_requester", "isp-a07")},
	{ago(70), stores("enquiries", "records", "identity_contact/name").as("enquirer", "isp-a08").byLaw("telecoms_retention_order")},
}

var rubyAston = []scene{
	{ago(120), stores("enquiries", "enquiries", "identity_contact/name", "identity_contact/email").as("interest_registrant", "isp-a01").item("enquiries.case", "CASE-377")},
	{ago(95), stores("webinar", "attendance", "identity_contact/name", "identity_contact/email", "webcam_still").as("interest_registrant", "isp-a01")},
	{ago(94), stores("enquiries", "exports", "identity_contact/email").as("interest_registrant", "undeclared")},
}

var noelCrewe = []scene{
	{ago(160), stores("enquiries", "enquiries", "identity_contact/name", "identity_contact/email", "profile/message").as("enquirer", "isp-a01").item("enquiries.case", "CASE-280")},
	{ago(155), shares("enquiries", "chat-desk", "enquiries", "profile/message").as("enquirer", "isp-a01").item("enquiries.case", "CASE-280").because("none_recorded")},
	{ago(140), shares("enquiries", "polaris-shared-services", "enquiries", "identity_contact/name").
		as("enquirer", "isp-a01").item("enquiries.case", "CASE-280").because("instructions").actingAs(events.ActingAsProcessor)},
}
