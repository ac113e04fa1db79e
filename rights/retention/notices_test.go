package retention_test

import (
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// Shipped notices with their shipped decisions, on the cases worked out for them:
// a locum who deletes her account and asks for erasure, a subscriber who was in
// touch in May and logged in last in June; and two notices without a figure.
func TestShippedNotices(t *testing.T) {
	priya := retention.Person{Milestones: []retention.Milestone{reached("account_deleted", "2025-03-14")},
		Requests: []retention.Request{{Right: "erasure", Received: day("2025-03-20"), Answered: day("2025-04-22")}}}
	idle := retention.Person{Requests: []retention.Request{{Right: "erasure", Received: day("2025-03-20"), Answered: day("2025-04-22")}}}
	tom := retention.Person{Milestones: []retention.Milestone{reached("last_contact", "2021-05-04"), reached("last_access", "2021-06-30")},
		Requests: []retention.Request{{Right: "access", Received: day("2023-06-12"), Answered: day("2023-07-05")}}}
	for _, c := range []struct {
		notice, activity, role string
		p                      retention.Person
		on                     string
		state                  retention.State
		due                    string
	}{
		{"instant-connect", "ic-a03", "locum", priya, "2025-06-01", retention.Running, "2032-03-14"},
		{"instant-connect", "ic-a04", "locum", priya, "2025-06-01", retention.Running, "2032-03-14"},
		{"instant-connect", "ic-a17", "locum", priya, "2032-03-14", retention.Due, "2032-03-14"},
		// The row for security gives no period; the rule for locums does.
		{"instant-connect", "ic-a08", "locum", priya, "2025-06-01", retention.Running, "2032-03-14"},
		// By its words the rule covers checks and health data too. That is no
		// ground to keep them: the plan decides that, not the clock.
		{"instant-connect", "ic-a09", "locum", priya, "2025-06-01", retention.Running, "2032-03-14"},
		{"instant-connect", "ic-a08", "platform_visitor", priya, "2025-06-01", retention.OpenEnded, ""},
		// Nobody deleted the account: the request is taken as its deletion.
		{"instant-connect", "ic-a03", "locum", idle, "2025-06-01", retention.Running, "2032-03-20"},
		{"instant-connect", "ic-a03", "locum", retention.Person{}, "2025-06-01", retention.WaitingForTrigger, ""},

		// What was asked for one event goes when the event is over.
		{"bjm-ig", "bjm-a06", "trainee", retention.Person{Milestones: []retention.Milestone{reached("purpose_ended", "2024-05-10")}}, "2024-05-10", retention.Due, "2024-05-10"},
		{"bjm-ig", "bjm-a05", "trainee", retention.Person{Milestones: []retention.Milestone{reached("purpose_ended", "2024-05-10")}}, "2024-05-10", retention.OpenEnded, ""},
		{"isp-polaris", "isp-a01", "enquirer", retention.Person{Milestones: []retention.Milestone{reached("business_need_ended", "2022-03-01")}}, "2024-05-10", retention.OpenEnded, ""},

		{"health-careers", "hc-a22", "subscriber", tom, "2023-06-01", retention.Running, "2023-06-30"},
		{"health-careers", "hc-a24", "enquirer", tom, "2023-06-30", retention.Paused, "2023-06-30"},
		{"health-careers", "hc-a24", "enquirer", tom, "2023-07-05", retention.Overdue, "2023-06-30"},
	} {
		cat, err := catalogue.LoadShipped(c.notice)
		if err != nil {
			t.Fatal(err)
		}
		act, ok := cat.Activity(events.Code(c.activity))
		if !ok {
			t.Fatalf("%s has no activity %s", c.notice, c.activity)
		}
		h := retention.Holding{System: "hr", Activity: events.Activity{Code: act.ID}, SubjectType: events.Code(c.role),
			Category: events.Category{Code: act.Categories[0]}, Stored: day("2021-02-10")}
		if s := retention.New(cat, nil).Of(&c.p, &h, day(c.on)); s.State != c.state || s.Due != day(c.due) {
			t.Errorf("%s %s of a %s on %s: got %s due %q (%s), want %s due %q", c.notice, c.activity, c.role, c.on, s.State, s.Due, s.Why, c.state, c.due)
		}
	}
}
