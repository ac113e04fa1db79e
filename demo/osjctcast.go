package demo

import "github.com/habeas-data/habeas/events"

// The numbers of people by which others' data names them: each stands at its
// place in osjctCast.
var osjctCast = []part{
	{Persona: Persona{"maria", "email=maria.keane@example.org", "Was a care assistant until 2019, and is the daughter of a resident: two roles, twenty clocks, nearly all of them run out."},
		email: "maria.keane@example.org", phone: "+447700900100", role: "care_site_employee", scenes: maria},
	{Persona: Persona{"rose", "care-records.resident=P1001", "Maria's mother, who died in 2020; her care record is kept until 2028."},
		role: "resident", scenes: rose},
	{Persona: Persona{"daniel", "email=daniel.osei@example.net", "Applied twice and was rejected twice: the table gives his convictions no clock that can start; prose has to stand in."},
		email: "daniel.osei@example.net", phone: "+447700900102", role: "applicant", scenes: danielOsei},
	{Persona: Persona{"priya", "email=priya.nair@example.org", "Volunteered at 17, agreed and took it back in 2020; the row keeps what consent carried for three years more, and it is there yet."},
		email: "priya.nair@example.org", role: "volunteer_minor", scenes: priyaNair},
	{Persona: Persona{"anil", "email=anil.nair@example.org", "Priya's guardian, known only because of her: last heard of in 2019."},
		email: "anil.nair@example.org", role: "guardian", scenes: anilNair},
	{Persona: Persona{"helen", "email=helen.marsh@example.net", "A resident's daughter: newsletter, photograph and enquiry, with a consent ended for e-mail, then for all."},
		email: "helen.marsh@example.net", phone: "+447700900105", role: "relative", scenes: helenMarsh},
	{Persona: Persona{"joan", "care-records.resident=P1006", "The resident in Helen's photograph; her own consent stands."},
		email: "joan.pryce@example.org", role: "resident", scenes: joanPryce},
	{Persona: Persona{"walter", "care-records.resident=P1007", "A resident whose picture was published and whose health was told to a friend, without consent; and who was assessed for a local authority in a report that no system holds."},
		email: "walter.hobbs@example.net", role: "resident", scenes: walter},
	{Persona: Persona{"agnes", "email=agnes.thole@example.org", "Her shifts went to an app that nobody declared, her fingerprint to a server in the United States, and a machine alone took her off the rota."},
		email: "agnes.thole@example.org", phone: "+447700900108", role: "care_site_employee", scenes: agnes},
	{Persona: Persona{"bea", "email=bea.lund@example.net", "Unsubscribed, and the newsletter went on."},
		email: "bea.lund@example.net", role: "relative", scenes: bea},
	{Persona: Persona{"ivy", "email=ivy.marlow@example.org", "A care assistant whom a complaint names: no row of the notice speaks of her. She contests the complaint, and it was read again while restricted."},
		email: "ivy.marlow@example.org", role: "care_site_employee", scenes: ivy},
	{Persona: Persona{"olu", "email=olu.adeyemi@example.net", "A volunteer whose medicines are noted among his contact details, in a row with no condition for health data; he objected to newsletters, and got one."},
		email: "olu.adeyemi@example.net", role: "volunteer", scenes: olu},
}

var maria = []scene{
	{on(2015, 2, 2), stores("hr", "contracts", "employment_record/contract", "employment_record/job_role", "employment_record/payroll_number").as("care_site_employee", "emp-01")},
	{on(2015, 2, 2), stores("hr", "people", "identity_contact/name", "identity_contact/date_of_birth", "identity_contact/address", "identity_contact/phone").as("care_site_employee", "emp-02")},
	{on(2015, 2, 2), stores("hr", "checks", "qualifications/qualifications").as("care_site_employee", "emp-06")},
	{on(2015, 2, 2), stores("hr", "checks", "residency_immigration/right_to_live").as("care_site_employee", "emp-07")},
	{on(2015, 2, 2), shares("hr", "rc_dbs_check", "people", "identity_contact/name").as("care_site_employee", "emp-02").because("check_asked")},
	{on(2015, 2, 9), stores("hr", "checks", "criminal_convictions/dbs_check").as("care_site_employee", "emp-08").from("src_dbs")},
	{on(2015, 2, 2), stores("hr", "monitoring", "ethnicity_race/ethnicity", "language/language").as("care_site_employee", "emp-09")},
	{on(2015, 2, 2), stores("hr", "badges", "image/photograph").as("care_site_employee", "emp-10")},
	{on(2015, 2, 3), stores("rostering", "clocking", "fingerprint/fingerprint_template").as("care_site_employee", "emp-12").how(events.Observed)},
	{on(2015, 1, 26), stores("recruitment", "references", "references/confidential_reference").
		as("care_site_employee", "undeclared").from("src_referee").mark(events.MarkConfidentialReference)},
	{on(2015, 6, 1), stores("hr", "computers", "computer_records/email", "computer_records/browser_history").as("care_site_employee", "undeclared").how(events.Observed)},
	{on(2015, 2, 27), pay().dated(2015, 2, 27)},
	{on(2015, 8, 28), pay().dated(2015, 8, 28)},
	{on(2016, 8, 26), pay().dated(2016, 8, 26)},
	{on(2017, 8, 25), pay().dated(2017, 8, 25)},
	{on(2018, 8, 31), pay().dated(2018, 8, 31)},
	{on(2019, 8, 30), pay().dated(2019, 8, 30)},
	{on(2019, 8, 30), shares("payroll", "rc_hmrc", "pay", "finance_employee/national_insurance_number").as("care_site_employee", "emp-05").dated(2019, 8, 30).because("pay_as_you_earn")},
	{on(2016, 5, 10), stores("care-records", "contacts", "identity_contact/name", "identity_contact/phone").
		as("relative", "rel-01").from("src_resident_or_employee").within("care-records.record", "RECORD-ROSE")},
	{on(2017, 3, 14), consents("marketing", "mkt-03", events.MethodForm, events.GivenBySelf)},
	{on(2017, 3, 20), stores("marketing", "pictures", "image/photograph").as("employee", "mkt-03").item("marketing.photo", "PHOTO-31")},
	{on(2017, 3, 20), shares("marketing", "rc_publication_employee", "pictures", "image/photograph").as("employee", "mkt-03").item("marketing.photo", "PHOTO-31").because("consent")},
	{on(2017, 3, 22), shares("marketing", "valley-gazette", "pictures", "image/photograph").as("employee", "mkt-03").item("marketing.photo", "PHOTO-31").because("consent")},
	{on(2018, 1, 8), stores("hr", "absence", "health/sick_leave").as("care_site_employee", "emp-03")},
	{on(2018, 6, 4), stores("hr", "absence", "leave/annual").as("care_site_employee", "emp-11")},
	{on(2018, 11, 2), stores("hr", "emergencies", "health/notes").as("care_site_employee", "emp-04").how(events.Observed)},
	{on(2018, 11, 2), shares("hr", "riverside-infirmary", "emergencies", "health/notes").
		as("care_site_employee", "emp-04").because("emergency").knownAs("riverside-infirmary.patient", "RI-8841")},
	{on(2019, 6, 3), shares("hr", "hillside-building-society", "people", "identity_contact/name").as("care_site_employee", "emp-02").because("subject_asked")},
	{on(2019, 8, 31), reaches("hr", "employment_end")},
	{on(2020, 2, 10), reaches("care-records", "last_contact")},
}

func pay() *step {
	return stores("payroll", "pay", "finance_employee/national_insurance_number", "finance_employee/bank").as("care_site_employee", "emp-05").how(events.Generated)
}

var rose = []scene{
	{on(2016, 5, 10), stores("care-records", "residents", "identity_contact/name", "identity_contact/date_of_birth", "image/photograph").as("resident", "res-01")},
	{on(2016, 5, 11), stores("care-records", "care-notes", "health/care_needs", "health/medication").as("resident", "res-02").from("src_health_social_care")},
	{on(2016, 5, 12), shares("care-records", "orchard-surgery", "care-notes", "health/medication").as("resident", "res-02").because("care").knownAs("orchard-surgery.patient", "OS-204")},
	{on(2019, 12, 2), stores("care-records", "care-notes", "health/notes").as("resident", "res-02").how(events.Observed)},
	{on(2020, 1, 15), isNow("care-records", events.StateDeceased)},
	{on(2020, 1, 15), reaches("care-records", "discharge")},
}

var danielOsei = []scene{
	{on(2021, 8, 9), stores("recruitment", "applications", "identity_contact/name", "identity_contact/address", "identity_contact/phone").
		as("applicant", "emp-02").item("recruitment.application", "ROUND-A")},
	{on(2021, 8, 9), stores("recruitment", "applications", "qualifications/work_history").as("applicant", "emp-06").item("recruitment.application", "ROUND-A")},
	{on(2021, 8, 9), stores("recruitment", "applications", "criminal_convictions/declared_unspent_convictions").as("applicant", "emp-08").item("recruitment.application", "ROUND-A")},
	{on(2021, 8, 9), stores("recruitment", "applications", "ethnicity_race/ethnicity").as("applicant", "emp-09").item("recruitment.application", "ROUND-A")},
	{on(2021, 8, 16), shares("recruitment", "rc_referee_contact", "applications", "identity_contact/name").
		as("applicant", "emp-02").item("recruitment.application", "ROUND-A").because("reference_asked")},
	{on(2021, 8, 20), stores("recruitment", "references", "references/confidential_reference").
		as("applicant", "undeclared").item("recruitment.application", "ROUND-A").from("src_referee").mark(events.MarkConfidentialReference)},
	{on(2021, 8, 23), shares("recruitment", "rc_dbs_check", "applications", "identity_contact/name").
		as("applicant", "emp-02").item("recruitment.application", "ROUND-A").because("check_asked")},
	{on(2021, 8, 24), stores("recruitment", "applications", "criminal_convictions/dbs_check").as("applicant", "emp-08").item("recruitment.application", "ROUND-A").from("src_dbs")},
	{on(2021, 8, 31), reaches("recruitment", "application_rejected").item("recruitment.application", "ROUND-A")},
	{on(2021, 10, 15), reaches("recruitment", "recruitment_closed").item("recruitment.application", "ROUND-A")},
	{on(2021, 12, 1), stores("recruitment", "applications", "identity_contact/name", "identity_contact/address", "identity_contact/phone").
		as("applicant", "emp-02").item("recruitment.application", "ROUND-B")},
	{on(2021, 12, 1), stores("recruitment", "applications", "qualifications/work_history").as("applicant", "emp-06").item("recruitment.application", "ROUND-B")},
	{on(2021, 12, 20), reaches("recruitment", "application_rejected").item("recruitment.application", "ROUND-B")},
	{on(2022, 1, 10), reaches("recruitment", "recruitment_closed").item("recruitment.application", "ROUND-B")},
}

var priyaNair = []scene{
	{on(2018, 9, 3), stores("volunteers", "volunteers", "identity_contact/name", "identity_contact/date_of_birth", "identity_contact/address").as("volunteer_minor", "vol-01")},
	{on(2018, 9, 3), isNow("volunteers", events.StateMinor)},
	{on(2018, 9, 3), consents("volunteers", "vol-01", events.MethodForm, events.GivenBySelf)},
	{on(2018, 9, 3), consents("volunteers", "vol-02", events.MethodForm, events.GivenByParent)},
	{on(2018, 9, 3), consents("volunteers", "vol-05", events.MethodForm, events.GivenBySelf)},
	{on(2018, 9, 3), stores("volunteers", "volunteers", "health/allergies").as("volunteer_minor", "vol-02")},
	{on(2018, 9, 3), stores("volunteers", "volunteers", "ethnicity_race/ethnicity").as("volunteer_minor", "vol-05")},
	{on(2018, 9, 3), stores("volunteers", "volunteers", "interests/interests").as("volunteer_minor", "undeclared")},
	{on(2018, 9, 5), stores("volunteers", "volunteers", "criminal_convictions/dbs_check").as("volunteer_minor", "vol-04").from("src_dbs")},
	{on(2018, 10, 1), stores("volunteers", "volunteers", "finance_volunteer/bank").as("volunteer_minor", "undeclared")},
	{on(2019, 6, 5), stores("volunteers", "emergencies", "health/notes").as("volunteer", "vol-03").how(events.Observed)},
	{on(2019, 6, 5), shares("volunteers", "riverside-infirmary-v", "emergencies", "health/notes").as("volunteer", "vol-03").because("emergency")},
	{on(2019, 7, 10), consents("marketing", "mkt-02", events.MethodForm, events.GivenBySelf)},
	{on(2019, 7, 10), stores("marketing", "pictures", "image/photograph").as("pictured_person", "mkt-02").item("marketing.photo", "PHOTO-58")},
	{on(2019, 7, 12), shares("marketing", "rc_publication_volunteer", "pictures", "image/photograph").as("pictured_person", "mkt-02").item("marketing.photo", "PHOTO-58").because("consent")},
	{on(2020, 3, 16), withdraws("volunteers", "vol-01")},
	{on(2020, 3, 16), withdraws("volunteers", "vol-02")},
	{on(2020, 3, 16), withdraws("volunteers", "vol-05")},
	{on(2020, 3, 16), withdraws("marketing", "mkt-02")},
	{on(2020, 3, 16), reaches("volunteers", "volunteering_end")},
}

var anilNair = []scene{
	{on(2018, 9, 3), stores("volunteers", "guardians", "identity_contact/name", "identity_contact/phone").as("guardian", "rel-01").from("src_resident_or_employee")},
	{on(2019, 3, 1), reaches("volunteers", "last_contact")},
}

var helenMarsh = []scene{
	{on(2019, 9, 1), stores("care-records", "contacts", "identity_contact/name", "identity_contact/phone").as("relative", "rel-01")},
	{on(2019, 9, 1), consents("marketing", "mkt-02", events.MethodForm, events.GivenBySelf)},
	{on(2019, 9, 1), consents("marketing", "mkt-01", events.MethodForm, events.GivenBySelf, "email", "post")},
	{on(2019, 9, 1), stores("marketing", "contacts", "identity_contact/name", "identity_contact/email", "identity_contact/address").as("marketing_contact", "mkt-01")},
	{on(2019, 9, 2), shares("marketing", "rc_newsletter_tool", "contacts", "identity_contact/email").
		as("marketing_contact", "mkt-01").knownAs("rc_newsletter_tool.subscriber", "NL-515").because("newsletter")},
	{on(2019, 9, 20), stores("marketing", "pictures", "image/photograph").as("pictured_person", "mkt-02").item("marketing.photo", "PHOTO-77").mark(events.MarkThirdPartyContent)},
	{on(2019, 9, 20), shares("marketing", "rc_publication_relative", "pictures", "image/photograph").as("pictured_person", "mkt-02").item("marketing.photo", "PHOTO-77").because("consent")},
	{on(2019, 9, 25), shares("marketing", "valley-gazette", "pictures", "image/photograph").as("pictured_person", "mkt-02").item("marketing.photo", "PHOTO-77").because("consent")},
	{on(2019, 10, 10), shares("marketing", "rc_publication_marketing", "pictures", "image/photograph").as("pictured_person", "mkt-02").item("marketing.photo", "PHOTO-77").because("consent")},
	{on(2020, 11, 2), stores("enquiries", "enquiries", "identity_contact/name", "identity_contact/phone").as("enquirer_vacancy", "enq-01").item("enquiries.enquiry", "ENQ-902")},
	{on(2020, 11, 2), reaches("enquiries", "enquiry_received").item("enquiries.enquiry", "ENQ-902")},
	{on(2021, 2, 11), withdraws("marketing", "mkt-01", "email")},
	{on(2021, 3, 15), sends("marketing", "post", "contacts", "identity_contact/address").as("marketing_contact", "mkt-01")},
	{on(2021, 3, 30), reaches("care-records", "last_contact")},
	{on(2021, 4, 6), withdraws("marketing", "mkt-01")},
	{on(2021, 4, 6), withdraws("marketing", "mkt-02")},
}

var joanPryce = []scene{
	{on(2019, 8, 1), stores("care-records", "residents", "identity_contact/name", "image/photograph").as("resident", "res-01")},
	{on(2019, 8, 2), stores("care-records", "care-notes", "health/care_needs").as("resident", "res-02").how(events.Observed)},
	{on(2019, 9, 1), consents("marketing", "mkt-02", events.MethodPaper, events.GivenBySelf)},
	{on(2019, 9, 20), stores("marketing", "pictures", "image/photograph").as("pictured_person", "mkt-02").item("marketing.photo", "PHOTO-77").mark(events.MarkThirdPartyContent)},
	{on(2019, 9, 20), shares("marketing", "rc_publication_resident", "pictures", "image/photograph").as("pictured_person", "mkt-02").item("marketing.photo", "PHOTO-77").because("consent")},
}

var walter = []scene{
	{ago(200), stores("care-records", "residents", "identity_contact/name", "identity_contact/date_of_birth").as("resident", "res-01")},
	{ago(199), stores("care-records", "care-notes", "health/care_needs", "health/medication").as("resident", "res-02").from("src_health_social_care")},
	{ago(90), stores("marketing", "pictures", "image/photograph").as("pictured_person", "mkt-02").item("marketing.photo", "PHOTO-90")},
	{ago(89), shares("marketing", "rc_publication_resident", "pictures", "image/photograph").as("pictured_person", "mkt-02").item("marketing.photo", "PHOTO-90").because("summer_fair")},
	{ago(60), shares("care-records", "rc_friends_family", "care-notes", "health/care_needs").as("resident", "res-02").because("friend_asked")},
	{ago(55), shares("care-records", "rc_local_authority", "assessments", "social_care_safeguarding/assessments").as("resident", "undeclared").because("funded_by_authority")},
	{ago(40), stores("care-records", "residents", "next_of_kin_car").as("resident", "res-01")},
}

var agnes = []scene{
	{ago(220), stores("hr", "people", "identity_contact/name", "identity_contact/phone").as("care_site_employee", "emp-02")},
	{ago(220), stores("hr", "contracts", "employment_record/contract", "employment_record/job_role").as("care_site_employee", "emp-01")},
	{ago(219), stores("rostering", "shifts", "identity_contact/name", "identity_contact/phone").as("care_site_employee", "emp-02")},
	{ago(218), stores("rostering", "clocking", "fingerprint/fingerprint_template").as("care_site_employee", "emp-12").how(events.Observed)},
	{ago(120), shares("rostering", "shift-cover-app", "shifts", "identity_contact/name", "identity_contact/phone").
		as("care_site_employee", "emp-02").because("none_recorded").abroad("us", "none")},
	{ago(80), stores("rostering", "clocking-backup", "fingerprint/fingerprint_template").as("care_site_employee", "emp-12").how(events.Observed).at("cloud_backup", "us")},
	{ago(30), decides("rostering", "emp-01", "shift-scoring-v2")},
	{ago(15), stores("hr", "emergencies", "health/notes").as("care_site_employee", "emp-01").how(events.Observed)},
}

var bea = []scene{
	{ago(250), consents("marketing", "mkt-01", events.MethodForm, events.GivenBySelf, "email")},
	{ago(250), stores("marketing", "contacts", "identity_contact/name", "identity_contact/email").as("marketing_contact", "mkt-01")},
	{ago(249), shares("marketing", "rc_newsletter_tool", "contacts", "identity_contact/email").
		as("marketing_contact", "mkt-01").knownAs("rc_newsletter_tool.subscriber", "NL-688").because("newsletter")},
	{ago(200), sends("marketing", "email", "contacts", "identity_contact/email").as("marketing_contact", "mkt-01")},
	{ago(150), withdraws("marketing", "mkt-01")},
	{ago(100), sends("marketing", "email", "contacts", "identity_contact/email").as("marketing_contact", "mkt-01")},
	{ago(40), sends("marketing", "email", "contacts", "identity_contact/email").as("marketing_contact", "mkt-01")},
}

var ivy = []scene{
	{ago(240), stores("hr", "people", "identity_contact/name", "identity_contact/phone").as("care_site_employee", "emp-02")},
	{ago(100), stores("complaints", "complaints", "complaint_content/complaint", "identity_contact/name").
		as("complained_about_employee", "enq-03").item("complaints.complaint", "COMPLAINT-12").mark(events.MarkThirdPartyContent).from("src_subject")},
	{ago(80), restricts("complaints", "enq-03", "accuracy_contested")},
	{ago(50), reads("complaints", "complaints", "complaint_content/complaint").as("complained_about_employee", "enq-03").item("complaints.complaint", "COMPLAINT-12")},
	{ago(45), shares("complaints", "rc_auditors", "complaints", "complaint_content/complaint").
		as("complained_about_employee", "enq-03").item("complaints.complaint", "COMPLAINT-12").because("audit")},
}

var olu = []scene{
	{ago(210), stores("volunteers", "volunteers", "identity_contact/name", "identity_contact/phone").as("volunteer", "vol-01")},
	{ago(205), stores("volunteers", "volunteers", "health/medication").as("volunteer", "vol-01")},
	{ago(200), consents("marketing", "mkt-01", events.MethodForm, events.GivenBySelf, "email")},
	{ago(200), stores("marketing", "contacts", "identity_contact/email").as("marketing_contact", "mkt-01")},
	{ago(120), objects("marketing", "")},
	{ago(35), sends("marketing", "email", "contacts", "identity_contact/email").as("marketing_contact", "mkt-01")},
}
