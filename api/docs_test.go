package api_test

import (
	"os"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api/caseview"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
)

// The page about cases explains each code that a case can refuse with, and each
// status; the page about tasks each state and each outcome of a report.
func TestDocsAreWhole(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile("../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	page, tasks := read("cases.md"), read("tasks.md")
	for _, x := range desk.Refusals() {
		if !strings.Contains(page, "| `"+string(x.Code)+"` | "+x.Says+" |") {
			t.Errorf("docs/cases.md lacks | `%s` | %s |", x.Code, x.Says)
		}
	}
	for _, s := range caseview.Statuses() {
		if !strings.Contains(page, "`"+s+"`") {
			t.Errorf("docs/cases.md does not say what the status %s means", s)
		}
	}
	for _, s := range cases.TaskStates() {
		if !strings.Contains(tasks, "`"+string(s.State)+"`") {
			t.Errorf("docs/tasks.md does not say what the state %s means", s.State)
		}
	}
	for _, o := range events.WorkOutcomes() {
		if !strings.Contains(tasks, "`"+string(o)+"`") {
			t.Errorf("docs/tasks.md does not say what the outcome %s means", o)
		}
	}
	for _, v := range cases.Verbs() {
		if !strings.Contains(tasks, "`"+string(v)+"`") {
			t.Errorf("docs/tasks.md does not say what the verb %s asks for", v)
		}
	}
}

// Nobody but a system takes tasks: a claim reveals whom it is about.
func TestOnlySystemsAct(t *testing.T) {
	for _, r := range access.Roles() {
		if (access.Caller{Token: "x", Roles: []access.Role{r}}).MayActAs("crm") {
			t.Errorf("the role %s may act for a system", r)
		}
	}
	own := access.Caller{Token: "x", Roles: []access.Role{access.SystemRole("crm")}}
	if !own.MayActAs("crm") || own.MayActAs("hr") || own.MayActAs("") {
		t.Error("a system acts for itself, and for nobody else")
	}
}
