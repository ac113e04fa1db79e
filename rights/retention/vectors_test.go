package retention_test

import (
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// A small declared side with the shapes of two real notices: rows with one
// trigger, with two, with a second period for other people, rounded to the
// financial year, without a period, and rules in prose that name a role.
const trustYAML = `
catalogue: trust
title: Trust
version: "1"
organisation: {name: Trust, jurisdiction: gb, financial_year_end: 03-31}
systems:
  - {id: hr, name: HR, primary: hr.person}
  - {id: payroll, name: Payroll, primary: payroll.person}
  - {id: marketing, name: Marketing, primary: marketing.person}
subject_types:
  - {id: employee, name: Employee}
  - {id: applicant, name: Applicant, parent: employee}
  - {id: resident, name: Resident}
  - {id: ech_client, name: Client, parent: resident}
  - {id: relative, name: Relative}
  - {id: enquirer, name: Enquirer}
  - {id: pictured, name: Pictured person}
  - {id: locum, name: Locum}
  - {id: subscriber, name: Subscriber}
categories:
  - {id: identity, name: Identity, items: [name, number, address]}
  - {id: pay, name: Pay}
  - {id: health, name: Health}
  - {id: image, name: Image}
milestones:
  - {id: discharge, scope: person, name: Discharge, when: the person leaves care}
  - {id: record_last_used, scope: activity, name: Last use, when: the record was last used, moving: true}
  - {id: employment_end, scope: person, name: Employment ended, when: the employment ends, never_for: [applicant]}
  - {id: application_rejected, scope: item, name: Rejected, when: the application is rejected}
  - {id: recruitment_closed, scope: item, name: Closed, when: recruitment closes}
  - {id: last_contact, scope: person, name: Last contact, when: the person was last in contact, moving: true}
  - {id: last_access, scope: person, name: Last access, when: the data was last accessed, moving: true}
  - {id: enquiry_received, scope: item, name: Enquiry, when: the enquiry is received}
  - {id: death, scope: person, name: Death, when: the person dies}
  - {id: account_deleted, scope: person, name: Account deleted, when: the account is deleted}
retention_rules:
  - {id: P-STAFF, applies: [employee], trigger: employment_end, period: P3Y, modality: minimum, text: at least three years}
  - {id: P-APPLICANT, applies: [applicant], trigger: recruitment_closed, period: P6M, modality: maximum, text: within six months}
  - {id: P-ENQUIRY, applies: [enquirer], trigger: enquiry_received, period: P1Y, text: one year}
  - {id: R2, applies: [locum], trigger: account_deleted, period: P7Y, text: seven years}
activities:
  - {id: care, purpose: Care, subject_types: [resident], retention: {triggers: [discharge, record_last_used], join: later, period: P8Y}}
  - {id: contract, purpose: Contract, subject_types: [employee], retention: {trigger: employment_end, period: P6Y}}
  - id: ident
    purpose: Identify
    subject_types: [employee]
    retention: {trigger: employment_end, period: P3Y, by_subject: [{applies: [applicant], trigger: application_rejected, period: P6M}]}
  - {id: skills, purpose: Skills, subject_types: [employee], retention: {trigger: employment_end, period: P3Y}}
  - {id: payslips, purpose: Pay, subject_types: [employee], retention: {trigger: record_date, round: financial_year_end, period: P6Y}}
  - {id: fingerprint, purpose: Time clock, subject_types: [employee]}
  - {id: family, purpose: Contact, subject_types: [relative], retention: {trigger: last_contact, period: P6Y}}
  - {id: enquiry, purpose: Enquiry, subject_types: [enquirer], retention: {trigger: enquiry_received, period: P6M}}
  - {id: news, purpose: News, subject_types: [pictured, subscriber], direct_marketing: true, retention: {trigger: consent_withdrawn, period: P0D, at_end: stop}}
  - {id: photo, purpose: Photo, subject_types: [pictured], retention: {triggers: [consent_withdrawn, death], join: earlier, period: P0D, at_end: stop}}
  - {id: photostaff, purpose: Photo of staff, subject_types: [employee], retention: {triggers: [consent_withdrawn, employment_end], join: earlier, period: P0D, at_end: stop}}
  - {id: work, purpose: Work, subject_types: [locum], retention: {rule: R2, trigger: account_deleted, period: P7Y}}
  - {id: careers, purpose: Careers, subject_types: [subscriber], retention: {triggers: [last_contact, last_access], join: none_stated, period: P2Y}}
  - {id: careerslater, purpose: Careers, subject_types: [subscriber], retention: {triggers: [last_contact, last_access], join: later, period: P2Y}}
  - {id: careersearlier, purpose: Careers, subject_types: [subscriber], retention: {triggers: [last_contact, last_access], join: earlier, period: P2Y}}
  - {id: cookies, purpose: Web, subject_types: [subscriber], retention: {indefinite: true}}
  - {id: pointer, purpose: Web, subject_types: [subscriber], retention: {pointer: the cookie policy}}
`

func load(t testing.TB, text string) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load("test.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func day(s string) events.Date {
	if s == "" {
		return 0
	}
	d, err := events.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func item(n byte) events.Ref { return events.Ref{Handle: events.Handle{n}, Kind: "hr.application"} }

func reached(code, on string) retention.Milestone {
	return retention.Milestone{Code: events.Code(code), System: "hr", Date: day(on)}
}

func word(activity, channel, on string, withdrawn bool) retention.Consent {
	return retention.Consent{Activity: events.Activity{Code: events.Code(activity)}, Channel: events.Code(channel), Withdrawn: withdrawn, On: day(on), At: events.InstantOf(day(on).Time())}
}

func of(activity, role string) retention.Holding {
	return retention.Holding{System: "hr", Activity: events.Activity{Code: events.Code(activity)}, SubjectType: events.Code(role),
		Category: events.Category{Code: "identity"}, Stored: day("2015-02-02")}
}

func with(h retention.Holding, change func(*retention.Holding)) retention.Holding {
	change(&h)
	return h
}

func on(n byte) func(*retention.Holding) { return func(h *retention.Holding) { h.Item = item(n) } }

func dated(s string) func(*retention.Holding) {
	return func(h *retention.Holding) { h.RecordDates = []events.Date{day(s)} }
}

// The worked cases of five notices, each told in its own words.
func TestVectors(t *testing.T) {
	e := retention.New(load(t, trustYAML), nil)
	maria := retention.Person{Milestones: []retention.Milestone{reached("employment_end", "2019-08-31"), reached("last_contact", "2020-02-10")},
		Requests: []retention.Request{{Right: "access", Received: day("2020-12-20"), Answered: day("2021-01-11")}, {Right: "erasure", Received: day("2022-10-03")}}}
	rejectedA := retention.Milestone{Code: "application_rejected", System: "hr", Item: item(1), Date: day("2021-08-31")}
	closedA := retention.Milestone{Code: "recruitment_closed", System: "hr", Item: item(1), Date: day("2021-10-15")}
	rejectedB := retention.Milestone{Code: "application_rejected", System: "hr", Item: item(2), Date: day("2021-12-20")}
	closedB := retention.Milestone{Code: "recruitment_closed", System: "hr", Item: item(2), Date: day("2022-01-10")}
	daniel := retention.Person{Milestones: []retention.Milestone{rejectedA, closedA, rejectedB, closedB}}
	enquiry := retention.Milestone{Code: "enquiry_received", System: "hr", Item: item(3), Date: day("2020-11-02")}
	tom := retention.Person{Milestones: []retention.Milestone{reached("last_contact", "2021-05-04"), reached("last_access", "2021-06-30")},
		Requests: []retention.Request{{Right: "access", Received: day("2023-06-12"), Answered: day("2023-07-05")}}}
	priya := retention.Person{Milestones: []retention.Milestone{reached("account_deleted", "2025-03-14")}}
	for _, c := range []struct {
		name  string
		p     retention.Person
		h     retention.Holding
		on    string
		state retention.State
		due   string
		rule  string
	}{
		// A care assistant who left on 31 August 2019 asks on 3 October 2022.
		{"employment contract: 6 years after leaving", maria, of("contract", "employee"), "2022-10-03", retention.Running, "2025-08-31", "contract"},
		{"identity: 3 years after leaving is over", maria, of("ident", "employee"), "2022-10-03", retention.Overdue, "2022-08-31", "ident"},
		{"pay of the year to March 2016", maria, with(of("payslips", "employee"), dated("2015-06-30")), "2022-10-03", retention.Overdue, "2022-03-31", "payslips"},
		{"pay of the year to March 2015, first month", maria, with(of("payslips", "employee"), dated("2015-02-28")), "2022-10-03", retention.Overdue, "2021-03-31", "payslips"},
		{"pay of the last day of a year", maria, with(of("payslips", "employee"), dated("2017-03-31")), "2022-10-03", retention.Running, "2023-03-31", "payslips"},
		{"pay of the first day of a year", maria, with(of("payslips", "employee"), dated("2019-04-01")), "2022-10-03", retention.Running, "2026-03-31", "payslips"},
		{"fingerprint: the row ends before a period; a minimum in prose is no end", maria, of("fingerprint", "employee"), "2022-10-03", retention.Undetermined, "", "P-STAFF"},
		{"staff photo: leaving ends it though consent was never withdrawn", maria, of("photostaff", "employee"), "2022-10-03", retention.Overdue, "2019-08-31", "photostaff"},
		{"relative: the request is no contact", maria, of("family", "relative"), "2022-10-03", retention.Running, "2026-02-10", "family"},
		{"data in no row: the minimum has passed and there is no end", maria, of("undeclared", "employee"), "2022-10-03", retention.Undetermined, "", "P-STAFF"},
		{"resident: discharge alone, 8 years", retention.Person{Milestones: []retention.Milestone{reached("discharge", "2020-01-15")}}, of("care", "resident"),
			"2022-10-03", retention.Running, "2028-01-15", "care"},
		{"a child role is judged as its parent", retention.Person{Milestones: []retention.Milestone{reached("discharge", "2020-01-15")}}, of("care", "ech_client"),
			"2022-10-03", retention.Running, "2028-01-15", "care"},
		{"resident: the record was used again after discharge", retention.Person{Milestones: []retention.Milestone{reached("discharge", "2020-01-15"), reached("record_last_used", "2020-06-01"), reached("record_last_used", "2021-03-02")}},
			of("care", "resident"), "2022-10-03", retention.Running, "2029-03-02", "care"},

		// An applicant, rejected twice.
		{"identity A: 31 August and six months is the end of February", daniel, with(of("ident", "applicant"), on(1)), "2022-01-20", retention.Running, "2022-02-28", "ident"},
		{"identity A on the day", daniel, with(of("ident", "applicant"), on(1)), "2022-02-28", retention.Due, "2022-02-28", "ident"},
		{"skills A: leaving never happens to an applicant; the rule for applicants does", daniel, with(of("skills", "applicant"), on(1)), "2022-01-20", retention.Running, "2022-04-15", "P-APPLICANT"},
		{"reference A: in no row; the rule for applicants", daniel, with(of("undeclared", "applicant"), on(1)), "2022-01-20", retention.Running, "2022-04-15", "P-APPLICANT"},
		{"identity B keeps its own date", daniel, with(of("ident", "applicant"), on(2)), "2022-01-20", retention.Running, "2022-06-20", "ident"},
		{"skills B keeps its own date", daniel, with(of("skills", "applicant"), on(2)), "2022-01-20", retention.Running, "2022-07-10", "P-APPLICANT"},
		{"an application without a date", daniel, with(of("ident", "applicant"), on(9)), "2022-01-20", retention.WaitingForTrigger, "", "ident"},

		// Consent for photographs and a newsletter; an enquiry.
		{"newsletter: e-mail withdrawn, post stands", retention.Person{Consents: []retention.Consent{word("news", "email", "2021-02-11", true), word("news", "post", "2019-09-01", false)}},
			of("news", "pictured"), "2021-03-01", retention.WaitingForTrigger, "", "news"},
		{"newsletter: both withdrawn", retention.Person{Consents: []retention.Consent{word("news", "email", "2021-02-11", true), word("news", "post", "2021-04-06", true)}},
			of("news", "pictured"), "2021-04-06", retention.Due, "2021-04-06", "news"},
		{"newsletter: all withdrawn, then given again", retention.Person{Consents: []retention.Consent{word("news", "", "2021-02-11", true), word("news", "post", "2021-04-06", false)}},
			of("news", "pictured"), "2021-04-06", retention.WaitingForTrigger, "", "news"},
		{"photo: death first", retention.Person{Milestones: []retention.Milestone{reached("death", "2020-03-03")}, Consents: []retention.Consent{word("photo", "", "2021-04-06", true)}},
			of("photo", "pictured"), "2021-04-06", retention.Overdue, "2020-03-03", "photo"},
		{"enquiry: six months in the table, a year in prose; the table counts", retention.Person{Milestones: []retention.Milestone{enquiry}}, with(of("enquiry", "enquirer"), on(3)),
			"2021-04-06", retention.Running, "2021-05-02", "enquiry"},

		// A locum whose account is deleted.
		{"7 years after the account is deleted", priya, of("work", "locum"), "2025-03-24", retention.Running, "2032-03-14", "R2"},
		{"no deletion, no end", retention.Person{}, of("work", "locum"), "2025-03-24", retention.WaitingForTrigger, "", "R2"},

		// A subscriber: contact or access.
		{"two moments, and the notice does not say which", tom, of("careers", "subscriber"), "2023-06-12", retention.Undetermined, "", "careers"},
		{"the later of contact and access", tom, of("careerslater", "subscriber"), "2023-06-12", retention.Running, "2023-06-30", "careerslater"},
		{"the earlier was over", tom, of("careersearlier", "subscriber"), "2023-05-05", retention.Overdue, "2023-05-04", "careersearlier"},
		{"an open access request pauses the end", tom, of("careerslater", "subscriber"), "2023-06-30", retention.Paused, "2023-06-30", "careerslater"},
		{"it runs once the answer is sent", tom, of("careerslater", "subscriber"), "2023-07-05", retention.Overdue, "2023-06-30", "careerslater"},

		{"kept without end", tom, of("cookies", "subscriber"), "2023-07-05", retention.OpenEnded, "", "cookies"},
		{"another document", tom, of("pointer", "subscriber"), "2023-07-05", retention.OpenEnded, "", "pointer"},
		{"no row and no rule", retention.Person{}, of("undeclared", "resident"), "2023-07-05", retention.Undetermined, "", "undeclared"},
		{"removed", priya, with(of("work", "locum"), func(h *retention.Holding) { h.Removed = true }), "2025-03-24", retention.Undetermined, "", "work"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := e.Of(&c.p, &c.h, day(c.on))
			if s.State != c.state || s.Due != day(c.due) || s.Rule != c.rule || s.Why == "" {
				t.Errorf("got %s due %q by %s (%s), want %s due %q by %s", s.State, s.Due, s.Rule, s.Why, c.state, c.due, c.rule)
			}
		})
	}
}
