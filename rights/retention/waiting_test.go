package retention_test

import (
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// Where nothing that starts the clock ever happens to a kind of person, the answer
// says so: data that has no end is to be noticed (Article 5(1)(e)).
func TestWhatNeverComesIsSaid(t *testing.T) {
	cat, err := catalogue.LoadShipped("osjct")
	if err != nil {
		t.Fatal(err)
	}
	e := retention.New(cat, nil)
	for _, c := range []struct{ activity, role, says string }{
		{"sup-01", "prospective_supplier", "never happens to prospective supplier"},
		{"sup-01", "sole_trader", "has not been reported"},
		{"emp-01", "applicant", "never happens to applicant"},
		{"emp-01", "employee", "has not been reported"},
	} {
		h := retention.Holding{System: "hr", Activity: events.Activity{Code: events.Code(c.activity)}, SubjectType: events.Code(c.role), Stored: day("2021-02-10")}
		if s := e.Of(&retention.Person{}, &h, day("2022-01-01")); s.State != retention.WaitingForTrigger || !strings.Contains(s.Why, c.says) {
			t.Errorf("%s of a %s: %s (%s), want it to say %q", c.activity, c.role, s.State, s.Why, c.says)
		}
	}
}
