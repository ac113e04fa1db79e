package retention_test

import (
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// The worked cases of the real notices, by the shipped catalogues and the
// decisions that come with them.
func TestShipped(t *testing.T) {
	m := func(system, code, on string, items ...events.Ref) retention.Milestone {
		x := retention.Milestone{System: events.Code(system), Code: events.Code(code), Date: day(on)}
		if len(items) > 0 {
			x.Item = items[0]
		}
		return x
	}
	maria := retention.Person{Milestones: []retention.Milestone{m("hr", "employment_end", "2019-08-31"), m("care-records", "last_contact", "2020-02-10")},
		Consents: []retention.Consent{word("mkt-03", "", "2017-03-14", false)},
		Requests: []retention.Request{{Right: "access", Received: day("2020-12-20"), Answered: day("2021-01-11")}, {Right: "erasure", Received: day("2022-10-03")}}}
	daniel := retention.Person{Milestones: []retention.Milestone{m("recruitment", "application_rejected", "2021-08-31", item(1)), m("recruitment", "recruitment_closed", "2021-10-15", item(1)),
		m("recruitment", "application_rejected", "2021-12-20", item(2)), m("recruitment", "recruitment_closed", "2022-01-10", item(2))}}
	priya := retention.Person{Milestones: []retention.Milestone{m("volunteers", "volunteering_end", "2020-03-16")},
		Consents: []retention.Consent{word("vol-01", "", "2020-03-16", true), word("mkt-02", "", "2020-03-16", true)}}
	helen := retention.Person{Milestones: []retention.Milestone{m("care-records", "last_contact", "2021-03-30"), m("enquiries", "enquiry_received", "2020-11-02", item(3))},
		Consents: []retention.Consent{word("mkt-01", "email", "2021-02-11", true), word("mkt-01", "post", "2019-09-01", false), word("mkt-02", "", "2021-04-06", true)},
		Requests: []retention.Request{{Right: "erasure", Received: day("2021-04-06")}}}
	locum := retention.Person{Milestones: []retention.Milestone{m("platform", "account_deleted", "2025-03-14")}}
	idle := retention.Person{Requests: []retention.Request{{Right: "erasure", Received: day("2025-03-20")}}}
	tom := retention.Person{Milestones: []retention.Milestone{m("contact-centre", "last_contact", "2021-05-04"), m("website", "last_access", "2021-06-30")},
		Requests: []retention.Request{{Right: "access", Received: day("2023-06-12"), Answered: day("2023-07-05")}, {Right: "erasure", Received: day("2023-07-20")}}}
	engines := map[string]*retention.Engine{}
	for _, c := range []struct {
		notice, activity, role string
		p                      retention.Person
		change                 func(*retention.Holding)
		on                     string
		state                  retention.State
		due                    string
	}{
		{"osjct", "emp-01", "employee", maria, nil, "2022-10-03", retention.Running, "2025-08-31"},
		{"osjct", "emp-02", "employee", maria, nil, "2022-10-03", retention.Overdue, "2022-08-31"},
		{"osjct", "emp-03", "employee", maria, nil, "2022-10-03", retention.Running, "2025-08-31"},
		{"osjct", "emp-04", "employee", maria, nil, "2022-10-03", retention.Overdue, "2022-08-31"},
		{"osjct", "emp-05", "employee", maria, dated("2015-03-31"), "2022-10-03", retention.Overdue, "2021-03-31"},
		{"osjct", "emp-05", "employee", maria, dated("2015-04-01"), "2022-10-03", retention.Overdue, "2022-03-31"},
		{"osjct", "emp-05", "employee", maria, dated("2016-12-31"), "2022-10-03", retention.Running, "2023-03-31"},
		{"osjct", "emp-05", "employee", maria, dated("2019-08-31"), "2022-10-03", retention.Running, "2026-03-31"},
		{"osjct", "emp-06", "employee", maria, nil, "2022-10-03", retention.Overdue, "2022-08-31"},
		{"osjct", "emp-08", "care_site_employee", maria, nil, "2022-10-03", retention.Overdue, "2022-08-31"},
		{"osjct", "emp-12", "care_site_employee", maria, nil, "2022-10-03", retention.NoneStated, ""},
		{"osjct", "mkt-03", "employee", maria, nil, "2022-10-03", retention.Overdue, "2019-08-31"},
		{"osjct", "undeclared", "employee", maria, nil, "2022-10-03", retention.Undetermined, ""},
		{"osjct", "rel-01", "relative", maria, nil, "2022-10-03", retention.Running, "2026-02-10"},
		{"osjct", "res-01", "resident", retention.Person{Milestones: []retention.Milestone{m("care-records", "discharge", "2020-01-15")}}, nil, "2022-10-03", retention.Running, "2028-01-15"},

		{"osjct", "emp-02", "applicant", daniel, on(1), "2022-01-20", retention.Running, "2022-02-28"},
		{"osjct", "emp-06", "applicant", daniel, on(1), "2022-01-20", retention.Running, "2022-04-15"},
		{"osjct", "emp-08", "applicant", daniel, on(1), "2022-01-20", retention.Running, "2022-04-15"},
		{"osjct", "emp-09", "applicant", daniel, on(1), "2022-01-20", retention.Running, "2022-04-15"},
		{"osjct", "undeclared", "applicant", daniel, on(1), "2022-01-20", retention.Running, "2022-04-15"},
		{"osjct", "emp-02", "applicant", daniel, on(2), "2022-01-20", retention.Running, "2022-06-20"},
		{"osjct", "emp-06", "applicant", daniel, on(2), "2022-01-20", retention.Running, "2022-07-10"},

		{"osjct", "vol-01", "volunteer", priya, nil, "2020-04-02", retention.Running, "2023-03-16"},
		{"osjct", "vol-03", "volunteer", priya, nil, "2023-03-16", retention.Due, "2023-03-16"},
		{"osjct", "vol-04", "volunteer", priya, nil, "2020-04-02", retention.Running, "2023-03-16"},
		{"osjct", "mkt-02", "pictured_person", priya, nil, "2020-03-16", retention.Due, "2020-03-16"},
		{"osjct", "rel-01", "relative", retention.Person{Milestones: []retention.Milestone{m("volunteers", "last_contact", "2019-03-01")}}, nil, "2020-04-02", retention.Running, "2025-03-01"},

		{"osjct", "mkt-01", "marketing_contact", helen, nil, "2021-04-05", retention.WaitingForTrigger, ""},
		{"osjct", "mkt-02", "pictured_person", helen, nil, "2021-04-06", retention.Due, "2021-04-06"},
		{"osjct", "rel-01", "relative", helen, nil, "2021-04-06", retention.Running, "2027-03-30"},
		{"osjct", "enq-01", "enquirer_vacancy", helen, on(3), "2021-04-06", retention.Running, "2021-05-02"},
		{"osjct", "enq-01", "enquirer_vacancy", helen, on(3), "2021-05-02", retention.Due, "2021-05-02"},

		{"instant-connect", "ic-a03", "locum", locum, nil, "2025-03-24", retention.Running, "2032-03-14"},
		{"instant-connect", "ic-a04", "locum", locum, nil, "2032-03-14", retention.Due, "2032-03-14"},
		{"instant-connect", "ic-a04", "locum", idle, nil, "2025-03-24", retention.Running, "2032-03-20"},
		{"instant-connect", "ic-a04", "locum", retention.Person{}, nil, "2025-03-24", retention.WaitingForTrigger, ""},

		{"health-careers", "hc-a03", "subscriber", tom, nil, "2023-06-12", retention.Running, "2023-06-30"},
		{"health-careers", "hc-a03", "subscriber", tom, nil, "2023-06-30", retention.Paused, "2023-06-30"},
		{"health-careers", "hc-a03", "subscriber", tom, nil, "2023-07-05", retention.Overdue, "2023-06-30"},
	} {
		e := engines[c.notice]
		if e == nil {
			cat, err := catalogue.LoadShipped(c.notice)
			if err != nil {
				t.Fatal(err)
			}
			e = retention.New(cat, nil)
			engines[c.notice] = e
		}
		h := of(c.activity, c.role)
		if c.change != nil {
			c.change(&h)
		}
		if s := e.Of(&c.p, &h, day(c.on)); s.State != c.state || s.Due != day(c.due) {
			t.Errorf("%s %s as %s on %s: %s due %q by %s (%s), want %s due %q", c.notice, c.activity, c.role, c.on, s.State, s.Due, s.Rule, s.Why, c.state, c.due)
		}
	}
}
