package console_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
)

// A finding is read in plain words, opened by a button and decided about with a
// reason. No id of one stands in a URL: it may hold the reference of a person.
func TestFindingsAtTheConsole(t *testing.T) {
	b := open(t)
	b.world.Priya()
	b.world.Report(events.ObjectionMade, "marketing", "2024-03-01", []string{"marketing.contact=M1"}, func(e *events.Event) { e.Activity.Code = "ic-a11" })
	b.signIn("jo", access.DPO)
	page := b.get("/findings", 200)
	contains(t, page, "Data went to a recipient that the catalogue does not name", "Booking platform; to not declared in the catalogue", "Look at it", "RECIPIENT_UNNAMED", "one person")
	form := regexp.MustCompile(`name="id" value="([0-9a-f]{32})"><button type="submit" class="quiet">Open<span class="unseen"> the finding: Booking platform; to not declared`).FindStringSubmatch(page)
	if form == nil {
		t.Fatal("no button opens the undeclared recipient")
	}
	id := form[1]
	page = b.post("/finding", url.Values{"id": {id}}, 200)
	contains(t, page, "Stop the sharing, or add the recipient to the notice", "Articles 13(1)(e)", "4 July 2023", "Decide")

	page = b.post("/finding/decide", url.Values{"id": {id}, "outcome": {"accepted"}, "reason": {" "}, "review": {"soon"}}, 422)
	contains(t, page, "Say why.", "Give the day as 2027-01-31.")
	page = b.post("/finding/decide", url.Values{"id": {id}, "outcome": {"accepted"}, "reason": {"it is signed"}, "review": {"2025-03-24"}}, 422)
	contains(t, page, "Nothing was recorded: want a day after today")
	if !strings.Contains(page, `value="it is signed"`) {
		t.Error("what was typed is lost")
	}
	page = b.post("/finding/decide", url.Values{"id": {id}, "outcome": {"accepted"}, "reason": {"it is signed"}, "review": {"2025-06-01"}}, 200)
	contains(t, page, "Recorded.", "Accepted until 1 June 2025", "it is signed", "Open it again")
	if n := acts(t, b)["findings.decide done"]; n != 1 {
		t.Errorf("%d decisions are in the record", n)
	}
	contains(t, b.get("/findings/accepted", 200), "Accepted until 1 June 2025")
	if strings.Contains(b.get("/findings", 200), id) {
		t.Error("what was accepted stands among the open")
	}
	contains(t, b.get("/findings/resolved", 200), "There are none")
	b.get("/findings/other", 404)
	b.post("/finding", url.Values{"id": {strings.Repeat("0", 32)}}, 404)
	for _, u := range b.urls {
		if strings.Contains(u, id) {
			t.Errorf("the id of a finding is in %s", u)
		}
	}
}

// An engineer mends systems and sees codes and counts: not whom a finding is
// about, and nothing to decide with.
func TestFindingsForAnEngineer(t *testing.T) {
	b := open(t)
	b.world.Priya()
	b.signIn("sam", access.Engineer)
	page := b.get("/findings", 200)
	contains(t, page, "Not looked at", "findings.people")
	id := regexp.MustCompile(`name="id" value="([0-9a-f]{32})"`).FindStringSubmatch(page)[1]
	page = b.post("/finding", url.Values{"id": {id}}, 200)
	if strings.Contains(page, "/finding/decide") || strings.Contains(b.get("/findings/all", 200), "one person") {
		t.Error("an engineer is offered more than codes")
	}
	b.post("/finding/decide", url.Values{"id": {id}, "outcome": {"resolved"}, "reason": {"x"}}, 403)
}
