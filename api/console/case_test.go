package console_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
)

// A request from the page of a person to the approval by somebody else. Nothing of
// the person stands in a URL or a title, and no script is needed: the browser of
// these tests checks that of every page.
func TestCaseAtTheConsole(t *testing.T) {
	b := open(t)
	b.world.Priya()
	b.signIn("jo", access.DPO)
	b.post("/search", url.Values{"value": {"priya@example.org"}, "kind": {"auto"}, "reason": {"her letter"}}, 200)
	person := b.path()
	contains(t, b.get(person, 200), "Open a case")
	page := b.get(person+"/case", 200)
	contains(t, page, "About the person who was looked up", "erasure", "What was asked for")

	page = b.post(person+"/case", url.Values{"received": {"soon"}}, 422)
	contains(t, page, "Choose what was asked for.", "Give the day as 2027-01-31.")
	page = b.post(person+"/case", url.Values{"right": {"erasure"}, "received": {"2025-03-20"}, "via": {"letter"}, "text": {"please delete"}}, 200)
	contains(t, page, "Case 1", "Look at the plan and decide what waits for a person.", "Asked for erasure, received on 20 March 2025 by letter", "The last day is", "please delete", "Every step", "Show the plan")
	of := b.path()
	if !regexp.MustCompile(`^/case/[0-9a-f]{32}$`).MatchString(of) {
		t.Fatalf("the case is at %s", of)
	}
	page = b.post(person+"/case", url.Values{"right": {"erasure"}, "received": {"2025-03-20"}}, 409)
	contains(t, page, "There is one already", of)

	contains(t, b.get("/cases", 200), "Case 1", "22 April 2025", "Erasure")
	contains(t, b.get("/cases?status=closed", 200), "There are none")
	contains(t, b.post("/cases", url.Values{"overdue": {"yes"}, "right": {"erasure"}}, 200), "There are none")
	b.get("/cases?status=lost", 400)
	b.get("/case/ffffffffffffffff", 404)

	// The plan: confirmed, decided with a reason, never approved by who decided.
	page = b.get(of+"/plan", 200)
	contains(t, page, "Plan of case 1", "Nobody has confirmed yet", "These are one person", "What we cannot see", "What it leaves")
	contains(t, b.post(of+"/plan", url.Values{"on": {"2025-06-01"}}, 200), "This is a forecast")
	contains(t, b.post(of+"/plan", url.Values{"on": {"soon"}}, 422), "Give the day")
	contains(t, b.post(of+"/confirm", url.Values{"reason": {"member number"}}, 200), "Recorded: the records are this person")
	page = b.get(of+"/plan", 200)
	if strings.Contains(page, "Waits for a person") {
		contains(t, page, "ERASE_NOT_NECESSARY: We no longer need this.", "WITHHOLD_SCH2_P3_16: ", "What is right, where it is corrected")
		contains(t, b.post(of+"/decide", url.Values{"how": {"decide"}}, 422), "Choose what is decided about", "Choose what becomes of it", "Say why")
		page = b.post(of+"/decide", url.Values{"how": {"accept"}, "reason": {"as proposed"}}, 200)
		contains(t, page, "Recorded: decided.")
		for _, m := range regexp.MustCompile(`name="item" type="checkbox" value="([^"]+)"`).FindAllStringSubmatch(page, -1) {
			b.post(of+"/decide", url.Values{"how": {"decide"}, "item": {m[1]}, "outcome": {"erase"}, "code": {"ERASE_NOT_NECESSARY"}, "reason": {"nobody needs it"}}, 200)
		}
		page = b.get(of+"/plan", 200)
	}
	contains(t, page, "Approve this plan", "What somebody found out", "Do compelling grounds")
	contains(t, b.post(of+"/assess", url.Values{"kind": {"accuracy"}}, 422), "Say yes or no.", "Say why.")
	contains(t, b.post(of+"/decide", url.Values{"how": {"decide"}, "item": {"erasure x"}, "outcome": {"rectify"}, "reason": {"wrong"}}, 422), "Say what is right")
	digest := regexp.MustCompile(`name="digest" value="([0-9a-f]+)"`).FindStringSubmatch(page)[1]
	contains(t, b.post(of+"/approve", url.Values{"digest": {digest}}, 403), "Nothing was recorded: whoever decided cannot approve")

	if strings.Contains(b.get(of, 200), "habeas case ") {
		t.Error("a page sends its reader to the command line")
	}

	// Letters are drafts until somebody keeps one.
	page = b.post(of+"/letter", url.Values{"kind": {"acknowledgement"}}, 200)
	contains(t, page, "A draft", "Keep the letter")
	contains(t, b.post(of+"/letter", url.Values{"kind": {"acknowledgement"}, "text": {"Dear Priya"}, "keep": {"yes"}}, 200), "The letter is kept", "Dear Priya")
	contains(t, b.post(of+"/identity", url.Values{"step": {"asked"}, "on": {"2025-03-01"}}, 400), "Nothing was recorded")
	contains(t, b.post(of+"/identity", url.Values{"step": {"checked"}, "on": {"2025-03-24"}}, 200), "Recorded.")

	b.fresh()
	b.signIn("ana", access.Approver)
	contains(t, b.post(of+"/approve", url.Values{"digest": {strings.Repeat("f", 32)}}, 409), "Nothing was recorded")
	contains(t, b.post(of+"/approve", url.Values{"digest": {digest}}, 200), "Recorded: approved.", "Approved by")
	b.post(of+"/decide", url.Values{"how": {"accept"}, "reason": {"x"}}, 403)
	for _, u := range b.urls {
		if strings.Contains(u, "priya") || strings.Contains(u, "example") {
			t.Errorf("the person is in %s", u)
		}
	}
}

// An auditor sees the list and nobody; an engineer sees tasks and no case.
func TestCasesForOthers(t *testing.T) {
	b := open(t)
	b.world.Priya()
	b.signIn("al", access.Auditor)
	if strings.Contains(b.get("/cases", 200), "/cases/new") {
		t.Error("an auditor is offered to record a request")
	}
	b.get("/cases/new", 403)
	b.get("/tasks", 200)
	b.fresh()
	b.signIn("sam", access.Engineer)
	b.get("/cases", 403)
	contains(t, b.get("/tasks", 200), "There are none", "Done")
	b.get("/tasks?state=lost", 400)
	b.get("/task/ffffffffffffffff", 404)
}

// Somebody who was not looked up: the identifier travels in the body of a form.
func TestCaseOfAStranger(t *testing.T) {
	b := open(t)
	b.world.Priya()
	b.signIn("jo", access.Caseworker)
	contains(t, b.get("/cases/new", 200), "Record a request", "E-mail address", "What it is about", "Only by these ways of contact")
	page := b.post("/cases/new", url.Values{"right": {"rectification"}, "received": {"2025-03-20"}, "value": {"priya@example.org"}, "kind": {"auto"}, "only": {"contact"}, "states": {"contests-accuracy"}}, 200)
	contains(t, page, "About", "Contact details")
	contains(t, b.post("/cases/new", url.Values{"right": {"access"}, "received": {"2025-03-20"}, "value": {""}}, 422), "Type an e-mail address")
	contains(t, b.post("/cases/new", url.Values{"right": {"access"}, "received": {"2025-03-20"}, "value": {"priya@example.org"}, "kind": {"auto"}, "as": {"attorney"}, "agent": {"A. Solicitor"}}, 200), "attorney, A. Solicitor", "authority was not shown")
}
