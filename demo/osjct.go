package demo

import (
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// osjct is a trust with care homes: residents, staff, volunteers and those
// around them. The seven people whose histories are told with their dates began
// years ago.
var osjct = &Story{
	notice: "osjct",
	about:  "a trust that runs care homes",
	since:  time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC),
	systems: []post{
		{code: "care-records", every: day, covers: []events.Code{"residents", "care-notes", "contacts"}, letter: "P", country: "gb"},
		{code: "hr", every: 4 * day, covers: []events.Code{"people", "contracts", "checks"}, letter: "E", country: "gb"},
		{code: "payroll", every: 10 * day, covers: []events.Code{"pay"}, letter: "Y", country: "gb"},
		{code: "rostering", every: day, covers: []events.Code{"clocking", "shifts"}, letter: "R", country: "gb"},
		{code: "recruitment", every: 4 * day, covers: []events.Code{"applications"}, letter: "A", country: "gb"},
		{code: "volunteers", every: 4 * day, covers: []events.Code{"volunteers"}, silent: 20 * day, letter: "V", country: "gb"},
		{code: "finance", every: 4 * day, covers: []events.Code{"accounts"}, letter: "F", country: "gb"},
		{code: "complaints", every: 10 * day, covers: []events.Code{"complaints"}, letter: "K", country: "gb"},
		{code: "marketing", every: 4 * day, covers: []events.Code{"contacts", "pictures"}, letter: "M", country: "gb"},
		{code: "website", every: day, covers: []events.Code{"visits"}, letter: "W", country: "gb"},
		{code: "procurement", every: 10 * day, covers: []events.Code{"suppliers"}, letter: "S"},
		{code: "enquiries", every: 4 * day, covers: []events.Code{"enquiries"}, letter: "Q", country: "gb"},
	},
	instances: []catalogue.Instance{
		{ID: "riverside-infirmary", Class: "rc_emergency_health_staff", Name: "Riverside Infirmary", Country: "gb"},
		{ID: "riverside-infirmary-v", Class: "rc_emergency_health_volunteer", Name: "Riverside Infirmary, for volunteers", Country: "gb"},
		{ID: "orchard-surgery", Class: "rc_healthcare_provider", Name: "Orchard Surgery", Country: "gb"},
		{ID: "hillside-building-society", Class: "rc_mortgage_landlord", Name: "Hillside Building Society", Country: "gb"},
		{ID: "valley-gazette", Class: "rc_republisher", Name: "Valley Gazette", Country: "gb"},
	},
	cast:   osjctCast,
	guests: []string{"maria", "daniel", "helen"},
	findings: []Expected{
		{"RETENTION_OVERDUE", "maria", ByToday, "nearly every clock of hers has run out"},
		{"NO_ROW", "maria", ByReport, "a reference and computer records that no row covers"},
		{"RETENTION_OVERDUE", "daniel", ByToday, "two applications, rejected years ago"},
		{"NO_ROW", "daniel", ByReport, "a reference that no row covers"},
		{"CONSENT_BY_PROXY", "priya", ByReport, "a parent consented for her"},
		{"CONSENT_ENDED_STILL_STORED", "priya", ByToday, "consent ended in 2020"},
		{"RETENTION_OVERDUE", "priya", ByToday, "three years after she left"},
		{"RETENTION_OVERDUE", "anil", ByToday, "six years after he was last heard of"},
		{"CONSENT_ENDED_STILL_STORED", "helen", ByToday, "photograph and address after consent ended"},
		{"SHARED_WITHOUT_CONSENT", "walter", ByReport, "a picture published and health told to a friend"},
		{"SHARED_NOT_STORED", "walter", ByHistory, "an assessment that no system reported as stored"},
		{"UNDECLARED_CODE", "walter", ByReport, "a kind of data that the catalogue does not name"},
		{"RECIPIENT_UNNAMED", "walter", ByReport, "which authority, nobody says"},
		{"RECIPIENT_UNDECLARED", "agnes", ByReport, "her shifts with an app in nobody's list"},
		{"TRANSFER_SAFEGUARD_MISSING", "agnes", ByReport, "to the United States without a safeguard"},
		{"TRANSFER_CONTRADICTION", "agnes", ByReport, "the notice says that nothing leaves"},
		{"LOCATION_FORBIDDEN", "agnes", ByReport, "her fingerprint on a server in the United States"},
		{"DECISION_UNDECLARED", "agnes", ByReport, "a machine alone took her off the rota"},
		{"CATEGORY_NOT_IN_ROW", "agnes", ByReport, "health noted in the row of the contract"},
		{"PROCESSED_AFTER_WITHDRAWAL", "bea", ByHistory, "newsletters after she unsubscribed"},
		{"SUBJECT_NOT_IN_ROW", "ivy", ByReport, "no row speaks of whom a complaint names"},
		{"PROCESSED_WHILE_RESTRICTED", "ivy", ByHistory, "read while its use was restricted"},
		{"CATEGORY_NOT_IN_ROW", "olu", ByReport, "medicines among contact details, with no condition"},
		{"PROCESSED_AFTER_OBJECTION", "olu", ByHistory, "a newsletter after he objected"},
		{"LOCATION_UNKNOWN", "", ByReport, "procurement does not say where its data lies"},
		{"TRANSFER_CONTRADICTION", "", ByReport, "statistics of the website in the United States"},
		{"SOURCE_SILENT", "", ByToday, "the volunteers' system has said nothing for twenty days"},
	},
	tell: (*script).tabled,
	walks: []walk{
		{as: "resident", weight: 5, plain: true, leaves: 0.15, dies: 0.6, exits: []exit{{"care-records", "discharge"}}},
		{as: "care_site_employee", weight: 6, leaves: 0.12, exits: []exit{{"hr", "employment_end"}}},
		{as: "applicant", weight: 2},
		{as: "volunteer", weight: 2, leaves: 0.1, exits: []exit{{"volunteers", "volunteering_end"}}},
		{as: "relative", weight: 4},
		{as: "supplier_contact", weight: 1},
		{as: "enquirer_vacancy", weight: 2},
		{as: "enquirer_other", weight: 1},
		{as: "complainant", weight: 1},
		{as: "website_visitor", weight: 3},
	},
	routines: []routine{
		{of: "resident", row: "res-01", at: "care-records", in: "residents", to: []handing{
			{to: "orchard-surgery", odds: 0.8, what: "identity_contact", ref: "patient", because: "care"}, {to: "rc_local_authority", odds: 0.2, what: "identity_contact", because: "funded_by_authority"}}},
		{of: "resident", row: "res-02", at: "care-records", in: "care-notes",
			pool: "health/notes health/care_needs health/treatment health/allergies health/disability", after: 1, every: 25, how: events.Observed, to: []handing{
				{to: "orchard-surgery", odds: 0.3, ref: "patient", because: "care"}}},
		{of: "resident", row: "res-02", at: "care-records", in: "care-notes", what: "health/medication health/reports", after: 2, from: "src_health_social_care", odds: 0.6},
		{of: "resident", row: "res-03", at: "finance", in: "accounts", after: 5, every: 45, dated: true},
		{of: "resident", row: "res-04", at: "enquiries", in: "enquiries", odds: 0.4, item: "enquiry", ends: ending{at: "enquiries", milestone: "enquiry_received", months: 6}},
		{of: "resident", row: "res-05", at: "care-records", in: "residents", after: 3, odds: 0.5},
		{of: "resident", row: "res-06", at: "care-records", in: "residents", after: 2, odds: 0.3},
		{of: "resident", row: "res-07", at: "care-records", in: "care-notes", after: 60, odds: 0.04, how: events.Observed, from: "src_safeguarding"},
		{of: "resident", row: "res-08", at: "care-records", in: "surveys", after: 90, odds: 0.3, item: "survey", ends: ending{at: "care-records", milestone: "feedback_received"}},
		{of: "resident", row: "res-09", at: "care-records", in: "residents", after: 1},
		{of: "resident", row: "res-10", at: "care-records", in: "residents", after: 3, odds: 0.7},

		{of: "care_site_employee", row: "emp-02", at: "hr", in: "people"},
		{of: "care_site_employee", row: "emp-01", at: "hr", in: "contracts",
			what: "employment_record/contract employment_record/job_role employment_record/payroll_number", to: []handing{{to: "rc_host", ref: "record", because: "hosting"}}},
		{of: "care_site_employee", row: "emp-05", at: "payroll", in: "pay", after: 20, every: 29, dated: true, how: events.Generated, to: []handing{
			{to: "rc_hmrc", what: "finance_employee/national_insurance_number finance_employee/tax_code", because: "pay_as_you_earn"}, {to: "rc_pension", odds: 0.3, what: "finance_employee/pension", because: "enrolment"}}},
		{of: "care_site_employee", row: "emp-05", at: "payroll", in: "pay",
			what: "finance_employee/national_insurance_number finance_employee/tax_code finance_employee/pension finance_employee/bank", after: 19, dated: true},
		{of: "care_site_employee", row: "emp-06", at: "hr", in: "checks", after: 1, odds: 0.7},
		{of: "care_site_employee", row: "emp-07", at: "hr", in: "checks", after: 1},
		{of: "care_site_employee", row: "emp-08", at: "hr", in: "checks", what: "criminal_convictions/dbs_check", after: 6, from: "src_dbs"},
		{of: "care_site_employee", row: "emp-09", at: "hr", in: "monitoring", after: 2, odds: 0.6},
		{of: "care_site_employee", row: "emp-10", at: "hr", in: "badges", after: 3},
		{of: "care_site_employee", row: "emp-11", at: "hr", in: "absence", what: "leave/annual", after: 40, every: 60},
		{of: "care_site_employee", row: "emp-11", at: "hr", in: "absence", pool: "leave/maternity leave/shared_parental leave/adoption", after: 70, odds: 0.1},
		{of: "care_site_employee", row: "emp-03", at: "hr", in: "absence", what: "health/sick_leave", after: 50, every: 90, odds: 0.5},
		{of: "care_site_employee", row: "emp-12", at: "rostering", in: "clocking", after: 2, odds: 0.9},
		{of: "applicant", row: "emp-02", at: "recruitment", in: "applications", item: "application", ends: ending{at: "recruitment", milestone: "application_rejected", days: 15, months: 6}},
		{of: "applicant", row: "emp-06", at: "recruitment", in: "applications", item: "application", ends: ending{at: "recruitment", milestone: "recruitment_closed", days: 20, months: 6}},

		{of: "volunteer", row: "vol-01", at: "volunteers", in: "volunteers", to: []handing{{to: "rc_volunteer_system", ref: "volunteer", because: "hosting"}}},
		{of: "volunteer", row: "vol-02", at: "volunteers", in: "volunteers", after: 1, odds: 0.3, what: "health/disability"},
		{of: "volunteer", row: "vol-04", at: "volunteers", in: "volunteers", after: 5, what: "criminal_convictions/dbs_check", from: "src_dbs"},
		{of: "volunteer", row: "vol-05", at: "volunteers", in: "volunteers", after: 2, odds: 0.5},

		{of: "relative", row: "rel-01", at: "care-records", in: "contacts",
			what: "identity_contact/name identity_contact/phone", from: "src_resident_or_employee", reach: "last_contact"},
		{of: "supplier_contact", row: "sup-01", at: "procurement", in: "suppliers", item: "contract", ends: ending{at: "procurement", milestone: "goods_or_services_delivered", days: 30}},
		{of: "enquirer_vacancy", row: "enq-01", at: "enquiries", in: "enquiries", item: "enquiry", ends: ending{at: "enquiries", milestone: "enquiry_received", months: 6}},
		{of: "enquirer_other", row: "enq-02", at: "enquiries", in: "enquiries", item: "enquiry", ends: ending{at: "enquiries", milestone: "enquiry_received", months: 6}},
		{of: "complainant", row: "enq-03", at: "complaints", in: "complaints", item: "complaint", ends: ending{at: "complaints", milestone: "complaint_closed", days: 30}},
		{of: "website_visitor relative enquirer_vacancy", as: "website_visitor", row: "web-01", at: "website", in: "visits", odds: 0.7, anon: true, how: events.Observed, from: "src_browser"},
		{of: "website_visitor relative enquirer_vacancy", as: "website_visitor", row: "web-02", at: "website", in: "visits", odds: 0.5, anon: true, how: events.Observed,
			what: "cookies/cookie", to: []handing{
				{to: "rc_google_analytics", ref: "client", country: "us"}}},
	},
	campaigns: []campaign{
		{of: "relative volunteer enquirer_other", as: "marketing_contact", row: "mkt-01", at: "marketing", in: "contacts", what: "identity_contact/email identity_contact/name",
			channels: []events.Code{"email", "post"}, odds: 0.5, every: 30, stops: 0.15, objects: 0.05, to: handing{to: "rc_newsletter_tool", ref: "subscriber", because: "newsletter"}},
	},
}
