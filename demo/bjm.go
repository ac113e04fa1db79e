package demo

import (
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// bjmIG is a small firm that serves others as data protection officer and
// trains their staff. What it holds for clients is theirs; what it holds of
// patients may lie with the health service only.
var bjmIG = &Story{
	notice: "bjm-ig",
	about:  "a small firm of data protection officers and trainers",
	systems: []post{
		{code: "crm", every: 4 * day, covers: []events.Code{"clients", "enquiries", "mailings"}, letter: "C"},
		{code: "training", every: 10 * day, covers: []events.Code{"courses"}, silent: 40 * day, letter: "T"},
		{code: "finance", every: 10 * day, covers: []events.Code{"invoices"}, letter: "F", country: "gb", place: "quickbooks_online"},
		{code: "mail", every: day, covers: []events.Code{"mailboxes"}, letter: "M"},
		{code: "files", every: 4 * day, covers: []events.Code{"cases"}, letter: "D"},
		{code: "website", every: day, covers: []events.Code{"cookies"}, letter: "W"},
		{code: "nhs_net", every: 4 * day, covers: []events.Code{"cases"}, letter: "N", country: "gb", place: "nhs_net"},
	},
	instances: []catalogue.Instance{
		{ID: "westbrook-surgery", Class: "ccg_or_provider", Name: "Westbrook Surgery", Country: "gb"},
		{ID: "harland-council", Class: "client_organisation", Name: "Harland Town Council", Country: "gb"},
		{ID: "postbird", Class: "email_sms_service", Name: "Postbird", Country: "gb"},
	},
	cast:   bjmCast,
	guests: []string{"percy", "nadia", "rhoda"},
	findings: []Expected{
		{"LOCATION_FORBIDDEN", "percy", ByReport, "patient data among the firm's own files and mail"},
		{"LOCATION_FORBIDDEN", "mona", ByReport, "data of an officer service in the United States"},
		{"RECIPIENT_CATEGORY_UNDECLARED", "percy", ByReport, "data of the officer service sent to a surgery that gets patient data"},
		{"CONSENT_BY_PROXY", "nadia", ByReport, "an employer consented for a trainee"},
		{"SHARED_NOT_STORED", "nadia", ByHistory, "results sent to a client that no system reported as stored"},
		{"CONSENT_BY_VISIT", "rhoda", ByReport, "a visit taken for the choice of cookies"},
		{"SALE_OR_SWAP", "rhoda", ByReport, "a discount for advertising cookies"},
		{"SHARED_WITHOUT_CONSENT", "rhoda", ByReport, "cookies shared on a page view"},
		{"THIRD_PARTY_MARKETING_NO_CONSENT", "rhoda", ByReport, "an advertising party aims its own promotion"},
		{"TRANSFER_SAFEGUARD_MISSING", "rhoda", ByReport, "statistics kept in the United States"},
		{"TRANSFER_SAFEGUARD_MISSING", "gareth", ByReport, "accounts kept in the United States"},
		{"RECIPIENT_NOT_IN_ROW", "gareth", ByReport, "a client's content passed to an associate"},
		{"RECIPIENT_UNNAMED", "gareth", ByReport, "which associate, nobody says"},
		{"PROCESSED_AFTER_OBJECTION", "colin", ByHistory, "called after he objected to calls"},
		{"PROCESSED_WHILE_RESTRICTED", "colin", ByHistory, "his enquiry shared while its use was restricted"},
		{"PROCESSED_AFTER_WITHDRAWAL", "della", ByHistory, "a newsletter after consent ended"},
		{"CONSENT_ENDED_STILL_STORED", "della", ByToday, "nobody decided what becomes of her address"},
		{"CHANNEL_NOT_IN_ROW", "della", ByReport, "promotion by telephone in a row of e-mail and text"},
		{"CATEGORY_NOT_IN_ROW", "ines", ByReport, "adjustments noted as suitability, with no condition"},
		{"BASIS_NOT_IN_ROW", "ines", ByReport, "legitimate interests where the row states a contract"},
		{"LEGAL_DUTY_UNKNOWN", "ines", ByReport, "a check that no law of the notice asks for"},
		{"DECISION_UNDECLARED", "ines", ByReport, "a score alone turned her down"},
		{"RECIPIENT_UNDECLARED", "mona", ByReport, "a survey tool in nobody's list"},
		{"UNDECLARED_CODE", "mona", ByReport, "a kind of data that the catalogue does not name"},
		{"NO_ROW", "mona", ByReport, "for no declared purpose"},
		{"SUBJECT_NOT_IN_ROW", "ruth", ByReport, "an emergency contact invited as a trainee"},
		{"SOURCE_SILENT", "", ByToday, "the training system has said nothing for forty days"},
	},
	tell: (*script).tabled,
	walks: []walk{
		{as: "enquirer", weight: 3},
		{as: "client_contact", weight: 3},
		{as: "client_named_contact", weight: 1},
		{as: "trainee", weight: 6},
		{as: "emergency_contact", weight: 1},
		{as: "patient", weight: 3, plain: true},
		{as: "client_data_subject", weight: 2, plain: true},
		{as: "associate", weight: 1},
		{as: "staff", weight: 1},
		{as: "marketing_contact", weight: 2},
		{as: "site_visitor", weight: 4},
	},
	routines: []routine{
		{of: "enquirer", row: "bjm-a01", at: "crm", in: "enquiries",
			what: "enquiry/name enquiry/email enquiry/organisation enquiry/message", item: "enquiry", ends: ending{at: "crm", milestone: "purpose_ended", days: 20, months: 1},
			to: []handing{{to: "microsoft_365", odds: 0.6, ref: "account", because: "supplier"}}},
		{of: "enquirer client_contact", row: "bjm-a17", at: "mail", in: "mailboxes", after: 1, every: 30,
			what: "communications_log/messages_sent communications_log/messages_received"},
		{of: "client_contact client_named_contact", row: "bjm-a02", at: "crm", in: "clients", every: 70,
			what: "client_contact/contact_details client_contact/organisation_details", item: "contract", ends: ending{at: "crm", milestone: "contract_end", days: 60},
			to: []handing{{to: "microsoft_365", odds: 0.4, ref: "account", because: "supplier"}}},
		{of: "client_contact", row: "bjm-a03", at: "files", in: "cases", after: 10, every: 50, odds: 0.5, from: "client_organisation",
			what: "client_content/confidential_information client_content/commercial_information", item: "case",
			more: func(e *events.Event) { e.Controller = "harland-council" }},
		{of: "client_contact", row: "bjm-a04", at: "finance", in: "invoices", after: 20, every: 40, dated: true,
			what: "financial/invoice_details", item: "invoice", to: []handing{{to: "quickbooks_online", ref: "customer", because: "supplier"}}},
		{of: "trainee", row: "bjm-a05/invitations", at: "training", in: "courses", from: "client_organisation", what: "trainee_basic/name trainee_basic/email"},
		{of: "trainee", row: "bjm-a05/certificates", at: "training", in: "courses", after: 15, odds: 0.8, how: events.Generated,
			what: "trainee_basic/attendance_certificate", to: []handing{{to: "harland-council", ref: "employee", because: "training_contract"}}},
		{of: "trainee", row: "bjm-a06", at: "training", in: "courses", after: 5, odds: 0.4, agree: true},
		{of: "trainee", row: "bjm-a07", at: "training", in: "courses", after: 5, odds: 0.15, agree: true},
		{of: "emergency_contact", row: "bjm-a08", at: "training", in: "courses", from: "client_organisation"},
		{of: "associate", row: "bjm-a10", at: "files", in: "associates"},
		{of: "associate", row: "bjm-a11", at: "files", in: "associates", after: 4, odds: 0.3},
		{of: "patient", row: "bjm-a12", at: "nhs_net", in: "cases", every: 60, from: "ccg_or_provider", item: "case", more: func(e *events.Event) { e.Controller = "westbrook-surgery" },
			to: []handing{
				{to: "westbrook-surgery", odds: 0.6, ref: "patient", because: "service_contract"}}},
		{of: "client_data_subject", row: "bjm-a13", at: "files", in: "cases", every: 80, from: "dpo_client", item: "case", more: func(e *events.Event) { e.Controller = "harland-council" }},
		{of: "staff", row: "bjm-a14", at: "files", in: "staff"},
		{of: "site_visitor enquirer", as: "site_visitor", row: "bjm-a18/security", at: "website", in: "cookies", anon: true, how: events.Observed, from: "src_cookies",
			what: "cookie_data/essential"},
		{of: "site_visitor enquirer", as: "site_visitor", row: "bjm-a21", at: "website", in: "cookies", anon: true, agree: true, how: events.Observed, from: "src_cookies", odds: 0.5,
			what: "cookie_data/analytics analytics_stats/website_usage", to: []handing{
				{to: "google_analytics", ref: "client", because: "consent"}}},
		{of: "site_visitor", row: "bjm-a20", at: "website", in: "cookies", anon: true, agree: true, how: events.Observed, odds: 0.3, what: "cookie_data/functional"},
	},
	campaigns: []campaign{
		{of: "marketing_contact client_contact", as: "marketing_contact", row: "bjm-a15", at: "crm", in: "mailings",
			what: "marketing/name marketing/email marketing/communication_preferences", channels: []events.Code{"email", "sms"},
			odds: 0.8, every: 35, stops: 0.15, objects: 0.05, to: handing{to: "postbird", ref: "contact", because: "consent"}},
	},
}

var bjmCast = []part{
	{Persona: Persona{"percy", "email=percy.lathom@example.org", "A patient whose complaint lies among the firm's own files and mail: outside the NHS environment, which the notice forbids."},
		email: "percy.lathom@example.org", role: "patient", scenes: percy},
	{Persona: Persona{"nadia", "email=nadia.sorrel@example.org", "Her employer agreed to her dietary needs being told; the notice says that the trainee consents."},
		email: "nadia.sorrel@example.org", role: "trainee", scenes: nadiaSorrel},
	{Persona: Persona{"rhoda", "email=rhoda.kemp@example.net", "Advertising and analytics cookies without a choice, against a discount: the notice says that data is neither sold nor swapped."},
		email: "rhoda.kemp@example.net", role: "site_visitor", scenes: rhodaKemp},
	{Persona: Persona{"colin", "email=colin.draper@example.org", "Objected to promotion by telephone, and was called; his enquiry was shared while its use was restricted."},
		email: "colin.draper@example.org", phone: "+447700900133", role: "enquirer", scenes: colinDraper},
	{Persona: Persona{"della", "email=della.finch@example.net", "Took back her consent and got the newsletter; the sending service holds her enquiry too."},
		email: "della.finch@example.net", role: "marketing_contact", scenes: dellaFinch},
	{Persona: Persona{"ines", "email=ines.moreau@example.org", "An associate whose adjustments were noted as suitability, in a row with no condition; a score alone turned her down."},
		email: "ines.moreau@example.org", role: "associate", scenes: inesMoreau},
	{Persona: Persona{"gareth", "email=gareth.pugh@example.net", "A client's contact: accounts kept in the United States without a safeguard, content passed to an associate the row does not name."},
		email: "gareth.pugh@example.net", role: "client_contact", scenes: garethPugh},
	{Persona: Persona{"mona", "files.person=D1007", "In a client's data: put on a server in the United States, and into a survey tool that nobody declared."},
		role: "client_data_subject", scenes: mona},
	{Persona: Persona{"ruth", "email=ruth.ellery@example.org", "Nadia's emergency contact, invited to the course as if she were a trainee."},
		email: "ruth.ellery@example.org", role: "emergency_contact", scenes: ruthEllery},
}

var percy = []scene{
	{ago(150), stores("nhs_net", "cases", "patient_data/patient_personal", "patient_data/patient_special").
		as("patient", "bjm-a12").from("ccg_or_provider").held("westbrook-surgery").item("nhs_net.case", "CASE-70").of(id("nhs_net.account", "N1000"))},
	{ago(120), stores("files", "cases", "patient_data/patient_personal", "patient_data/patient_special").
		as("patient", "bjm-a12").from("ccg_or_provider").held("westbrook-surgery").at("microsoft_uk", "gb")},
	{ago(118), stores("mail", "mailboxes", "patient_data/patient_special").as("patient", "bjm-a12").from("ccg_or_provider").held("westbrook-surgery").at("microsoft_uk", "gb")},
	{ago(110), stores("files", "cases", "dpo_service_data/service_special").as("client_data_subject", "bjm-a13").from("dpo_client").held("harland-council").at("microsoft_uk", "gb")},
	{ago(100), shares("files", "westbrook-surgery", "cases", "dpo_service_data/service_special").
		as("client_data_subject", "bjm-a13").held("harland-council").because("service_contract").knownAs("westbrook-surgery.patient", "WS-19")},
}

var nadiaSorrel = []scene{
	{ago(130), stores("training", "courses", "trainee_basic/name", "trainee_basic/email").as("trainee", "bjm-a05/invitations").from("client_organisation")},
	{ago(128), consents("training", "bjm-a06", events.MethodForm, events.GivenByEmployer)},
	{ago(128), stores("training", "courses", "dietary/dietary_requirements").as("trainee", "bjm-a06").from("client_organisation")},
	{ago(100), stores("training", "courses", "trainee_basic/attendance_certificate").as("trainee", "bjm-a05/certificates").how(events.Generated)},
	{ago(99), shares("training", "harland-council", "results", "training_other/open_ended").as("trainee", "bjm-a09").because("training_contract")},
}

var rhodaKemp = []scene{
	{ago(110), consents("website", "bjm-a21", events.MethodVisit, events.GivenBySelf)},
	{ago(110), stores("website", "cookies", "cookie_data/marketing", "cookie_data/analytics").as("site_visitor", "bjm-a19").how(events.Observed).from("src_cookies")},
	{ago(109), shares("website", "advertising_cookies_party", "cookies", "cookie_data/marketing").as("site_visitor", "bjm-a19").because("page_view").forGain(events.ConsiderationBenefit)},
	{ago(109), shares("website", "google_analytics", "cookies", "cookie_data/analytics").
		as("site_visitor", "bjm-a21").because("page_view").knownAs("google_analytics.client", "GA-2").abroad("us", "none")},
}

var colinDraper = []scene{
	{ago(220), stores("crm", "enquiries", "enquiry/name", "enquiry/email", "enquiry/phone", "enquiry/message").as("enquirer", "bjm-a01").item("crm.enquiry", "ENQ-64")},
	{ago(210), stores("crm", "mailings", "marketing/name", "marketing/phone").as("marketing_contact", "bjm-a16")},
	{ago(150), objects("crm", "bjm-a16", "telephone")},
	{ago(90), sends("crm", "telephone", "mailings", "marketing/phone").as("marketing_contact", "bjm-a16")},
	{ago(80), restricts("crm", "bjm-a01", "accuracy_contested")},
	{ago(60), shares("crm", "associates", "enquiries", "enquiry/message").as("enquirer", "bjm-a01").item("crm.enquiry", "ENQ-64").because("work_for_us")},
}

var dellaFinch = []scene{
	{ago(240), consents("crm", "bjm-a15", events.MethodForm, events.GivenBySelf, "email", "sms")},
	{ago(240), stores("crm", "mailings", "marketing/name", "marketing/email", "marketing/phone").as("marketing_contact", "bjm-a15")},
	{ago(239), shares("crm", "postbird", "mailings", "marketing/email").as("marketing_contact", "bjm-a15").because("consent").knownAs("postbird.contact", "PB-12")},
	{ago(200), stores("crm", "enquiries", "enquiry/message").as("enquirer", "bjm-a01").item("crm.enquiry", "ENQ-51")},
	{ago(190), shares("crm", "postbird", "enquiries", "enquiry/message").as("enquirer", "bjm-a01").item("crm.enquiry", "ENQ-51").because("consent").knownAs("postbird.contact", "PB-12")},
	{ago(160), withdraws("crm", "bjm-a15")},
	{ago(120), sends("crm", "email", "mailings", "marketing/email").as("marketing_contact", "bjm-a15")},
	{ago(70), sends("crm", "telephone", "mailings", "marketing/phone").as("marketing_contact", "bjm-a15")},
}

var inesMoreau = []scene{
	{ago(140), stores("files", "associates", "associate_suitability/suitability_information").as("associate", "bjm-a10").restsOn("6.1.f")},
	{ago(138), stores("files", "associates", "adjustments/reasonable_adjustments").as("associate", "bjm-a10")},
	{ago(120), decides("files", "bjm-a10", "suitability-score-v1")},
	{ago(118), stores("files", "associates", "associate_suitability/suitability_information").as("associate", "bjm-a24").byLaw("money_laundering_check")},
}

var garethPugh = []scene{
	{ago(230), stores("crm", "clients", "client_contact/contact_details").as("client_contact", "bjm-a02").item("crm.contract", "AGREEMENT-8")},
	{ago(225), stores("files", "cases", "client_content/confidential_information").as("client_contact", "bjm-a03").held("harland-council").from("client_organisation")},
	{ago(200), stores("finance", "invoices", "financial/invoice_details").as("client_contact", "bjm-a04").item("finance.invoice", "INV-301")},
	{ago(200), shares("finance", "quickbooks_online", "invoices", "financial/invoice_details").
		as("client_contact", "bjm-a04").item("finance.invoice", "INV-301").because("supplier").abroad("us", "none").knownAs("quickbooks_online.customer", "QB-44")},
	{ago(150), shares("files", "associates", "cases", "client_content/confidential_information").as("client_contact", "bjm-a03").because("work_for_us")},
	{ago(90), reaches("crm", "contract_end").item("crm.contract", "AGREEMENT-8")},
}

var mona = []scene{
	{ago(170), stores("files", "cases", "dpo_service_data/service_personal", "dpo_service_data/service_special").
		as("client_data_subject", "bjm-a13").held("harland-council").from("dpo_client").item("files.case", "CASE-91")},
	{ago(130), stores("files", "cases-copy", "dpo_service_data/service_personal").
		as("client_data_subject", "bjm-a13").held("harland-council").from("dpo_client").item("files.case", "CASE-91").at("us_east", "us")},
	{ago(100), shares("files", "quick-survey", "cases", "dpo_service_data/service_personal").as("client_data_subject", "bjm-a13").item("files.case", "CASE-91").because("none_recorded")},
	{ago(60), stores("files", "cases", "handwriting_sample").as("client_data_subject", "undeclared").item("files.case", "CASE-91")},
}

var ruthEllery = []scene{
	{ago(128), stores("training", "courses", "emergency_contact/emergency_contact").as("emergency_contact", "bjm-a08").from("client_organisation")},
	{ago(95), stores("training", "courses", "trainee_basic/name", "trainee_basic/email").as("emergency_contact", "bjm-a05/invitations")},
}
