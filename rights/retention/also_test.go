package retention_test

import (
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// A row that names several criteria keeps data as long as one of them asks for it:
// it ends with the last that was reached, and a decision for the activity itself
// settles it.
func TestSeveralCriteria(t *testing.T) {
	shipped, err := catalogue.LoadShipped("isp-polaris")
	if err != nil {
		t.Fatal(err)
	}
	const three = `
period.pr1: {value: P1Y, by: F. Officer, on: 2024-01-02}
period.pr2: {value: P6Y, by: F. Officer, on: 2024-01-02}
period.pr3: {value: P0D, by: F. Officer, on: 2024-01-02}
`
	reached := func(code, on string) retention.Milestone {
		return retention.Milestone{Code: events.Code(code), System: "hr", Item: item(1), Date: day(on)}
	}
	need, claim, law := reached("business_need_ended", "2020-06-30"), reached("limitation_period_ended", "2022-02-28"), reached("legal_requirement_ended", "2023-05-31")
	for _, c := range []struct {
		name, decisions string
		happened        []retention.Milestone
		state           retention.State
		due, rule, says string
	}{
		{"the last of three", three, []retention.Milestone{need, claim, law}, retention.Running, "2028-02-28", "PR2", "rule PR1 alone would have ended it on 30 June 2021"},
		{"the last of two", three, []retention.Milestone{need, law}, retention.Overdue, "2023-05-31", "PR3", ""},
		{"one that was never reported", three, []retention.Milestone{need}, retention.Overdue, "2021-06-30", "PR1", "not reported, by rule PR2"},
		{"the need itself goes on", three, []retention.Milestone{claim, law}, retention.WaitingForTrigger, "", "PR1", ""},
		{"a criterion without a figure moves no day", "period.pr1: {value: P1Y, by: F. Officer, on: 2024-01-02}", []retention.Milestone{need, claim, law}, retention.Overdue, "2021-06-30", "PR1", ""},
		{"no figure at all", "{}", []retention.Milestone{need, claim, law}, retention.OpenEnded, "", "PR1", ""},
		{"decided for the activity", three + "period.isp-a01: {value: P2Y, by: F. Officer, on: 2024-01-02}", []retention.Milestone{need, claim, law}, retention.Overdue, "2022-06-30", "PR1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			cat, err := shipped.Decide("decisions.yaml", strings.NewReader(c.decisions))
			if err != nil {
				t.Fatal(err)
			}
			e := retention.New(cat, nil)
			h := with(of("isp-a01", "enquirer"), on(1))
			s := e.Of(&retention.Person{Milestones: c.happened}, &h, day("2024-07-10"))
			if s.State != c.state || s.Due != day(c.due) || s.Rule != c.rule || !strings.Contains(s.Why, c.says) {
				t.Errorf("got %s due %q by %s (%s), want %s due %q by %s saying %q", s.State, s.Due, s.Rule, s.Why, c.state, c.due, c.rule, c.says)
			}
			if s.Due.IsZero() {
				return
			}
			for _, l := range e.Lanes() {
				if l.Counts(&s) && l.End(s.From) == s.Due {
					return
				}
			}
			t.Error("no lane leads to it: a due list would miss it")
		})
	}
}

// Where a row says that data goes when the person asks, asking ends it, whatever
// else the row waits for.
func TestGoesWhenAskedFor(t *testing.T) {
	cat, err := catalogue.LoadShipped("bjm-ig")
	if err != nil {
		t.Fatal(err)
	}
	e := retention.New(cat, nil)
	h := retention.Holding{System: "crm", SubjectType: "enquirer", Stored: day("2023-01-10")}
	h.Activity.Code, h.Category.Code = "bjm-a01", "enquiry"
	p := retention.Person{}
	if s := e.Of(&p, &h, day("2024-01-10")); s.State != retention.OpenEnded {
		t.Errorf("nobody asked: %s (%s)", s.State, s.Why)
	}
	p.Requests = []retention.Request{{Right: "access", Received: day("2023-05-01"), Answered: day("2023-05-20")}}
	if s := e.Of(&p, &h, day("2024-01-10")); s.State != retention.OpenEnded {
		t.Errorf("asked for a copy: %s (%s)", s.State, s.Why)
	}
	p.Requests = append(p.Requests, retention.Request{Right: "erasure", Received: day("2024-01-10")})
	if s := e.Of(&p, &h, day("2024-01-10")); s.State != retention.Due || s.Rule != "BR2" {
		t.Errorf("asked for erasure: %s by %s (%s)", s.State, s.Rule, s.Why)
	}
}
