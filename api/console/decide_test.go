package console_test

import (
	"context"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// mailbox has two members of the platform share an address.
func mailbox(b *browser) {
	for _, m := range []string{"M-1", "M-2"} {
		b.world.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=" + m, "email=desk@example.org"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	}
}

func acts(t *testing.T, b *browser) map[events.Code]int {
	t.Helper()
	p, err := b.world.Audit.List(audit.Filter{}, -1, 0)
	if err != nil {
		t.Fatal(err)
	}
	m := map[events.Code]int{}
	for _, n := range p.Entries {
		m[n.Entry.Act+" "+n.Entry.Outcome]++
	}
	return m
}

// options are the values of one list of a page.
func options(t *testing.T, page, id string) []string {
	t.Helper()
	m := regexp.MustCompile(`(?s)<select id="` + id + `".*?</select>`).FindString(page)
	var out []string
	for _, o := range regexp.MustCompile(`<option value="([^"]+)"`).FindAllStringSubmatch(m, -1) {
		out = append(out, html.UnescapeString(o[1]))
	}
	return out
}

// B1: a contested join stays suspended until a person decides, and the console
// is where that person sits. Marking, joining and separating each need a
// reason, are recorded, and show at once.
func TestDecideAtTheConsole(t *testing.T) {
	b := open(t)
	mailbox(b)
	b.signIn("jo", access.DPO)
	page := b.post("/search", find("desk@example.org", "auto"), 200)
	contains(t, page, "two members of Booking platform (M-1 and M-2) share this e-mail address", "Decide who is who", "1 record; known as Locum")
	person := b.path()
	page = b.get(person+"/decide", 200)
	people := options(t, page, "merge-a")
	if len(people) != 2 || !strings.HasPrefix(people[0], "ref:") || len(options(t, page, "mark-id")) != 1 {
		t.Fatalf("offered: %v, %v", people, options(t, page, "mark-id"))
	}

	contains(t, b.post(person+"/decide", url.Values{"act": {"merge"}, "a": {people[0]}, "b": {people[1]}}, 422), "Say why", `selected>`)
	contains(t, b.post(person+"/decide", url.Values{"act": {"merge"}, "a": {people[0]}, "b": {people[0]}, "reason": {"twice"}}, 422), "not the same")
	contains(t, b.post(person+"/decide", url.Values{"act": {"merge"}, "reason": {"twice"}}, 422), "Choose the first", "Choose the second")
	contains(t, b.post(person+"/decide", url.Values{"act": {"erase"}, "reason": {"twice"}}, 422), "Choose what to decide")
	if n := acts(t, b)["identity.merge done"]; n != 0 {
		t.Fatalf("%d merges are recorded before one was made", n)
	}

	page = b.post(person+"/decide", url.Values{"act": {"mark"}, "id": {"id:email=desk@example.org"}, "shared": {"yes"}, "reason": {"a reception's mailbox"}}, 200)
	contains(t, page, "Recorded: the identifier is shared", "Decided by hand", "somebody here marked it as shared")
	if strings.Contains(page, "The evidence conflicts") {
		t.Error("what was decided still waits for a decision")
	}
	person = b.path()
	page = b.post(person+"/decide", url.Values{"act": {"merge"}, "a": {people[0]}, "b": {people[1]}, "reason": {"she registered twice"}}, 200)
	contains(t, page, "Recorded: the two are one person.", "What is held about this person", "M-1", "M-2", "a person decided it")
	person = b.path()
	page = b.get(person+"/decide", 200)
	contains(t, page, `value="id:platform.member=M-1"`)
	page = b.post(person+"/decide", url.Values{"act": {"split"}, "a": {"id:platform.member=M-1"}, "b": {"id:platform.member=M-2"}, "reason": {"they are sisters"}}, 200)
	contains(t, page, "Recorded: the two are different people.")
	for act, want := range map[events.Code]int{"identity.mark done": 1, "identity.merge done": 1, "identity.split done": 1} {
		if got := acts(t, b)[act]; got != want {
			t.Errorf("%s is recorded %d times, want %d", act, got, want)
		}
	}
	for _, plain := range []string{"desk@", "M-1", "M-2", "sisters", "mailbox"} {
		for _, u := range b.urls {
			if strings.Contains(u, plain) {
				t.Errorf("a URL holds %q", plain)
			}
		}
		if strings.Contains(b.lines.String(), plain) {
			t.Errorf("the log holds %q", plain)
		}
	}
}

// A merge may name somebody who is not on the page, by an identifier typed in.
func TestMergeWithATypedIdentifier(t *testing.T) {
	b := open(t)
	b.world.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=M-1"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	b.world.Report(events.RecordStored, "finance", "2024-01-02", []string{"finance.customer=F-1"}, desktest.Codes("ic-a04", "locum", desktest.Cat("financial")))
	b.signIn("jo", access.DPO)
	b.post("/search", find("M-1", "platform.member"), 200)
	person := b.path()
	form := func(other, kind string) url.Values {
		return url.Values{"act": {"merge"}, "a": {"id:platform.member=M-1"}, "b": {""}, "other": {other}, "kind": {kind}, "reason": {"a letter from her"}}
	}
	contains(t, b.post(person+"/decide", form("F-1", "auto"), 422), "does not show from what you typed", `value="F-1"`)
	contains(t, b.post(person+"/decide", form("F-2", "finance.customer"), 422), "Nothing was recorded: no system has reported one of the two")
	contains(t, b.post(person+"/decide", form("F-1", "finance.customer"), 200), "Recorded: the two are one person.", "F-1")
}

// Who may look and not decide is told what conflicts by kind and system, not who
// the others are, and is offered no form.
func TestDecidingNeedsThePermission(t *testing.T) {
	b := open(t)
	mailbox(b)
	b.signIn("jo", access.Viewer)
	page := b.post("/search", find("M-1", "platform.member"), 200)
	contains(t, page, "two members of Booking platform share this e-mail address", "Your token may not decide this")
	if strings.Contains(page, "M-2") || strings.Contains(page, "/decide") {
		t.Error("a viewer is shown the other person, or a door they may not use")
	}
	person := b.path()
	b.get(person+"/decide", 403)
	b.post(person+"/decide", url.Values{"act": {"mark"}, "id": {"id:email=desk@example.org"}, "reason": {"why"}}, 403)
	b.signIn("sam", access.DPO)
	b.post("/search", find("M-1", "platform.member"), 200)
	b.site = "cross-site"
	b.post(b.path()+"/decide", url.Values{"act": {"mark"}, "id": {"id:email=desk@example.org"}, "reason": {"why"}}, 403)
	b.site = "same-origin"
	if n := acts(t, b)["identity.mark done"]; n != 0 {
		t.Errorf("%d marks were recorded", n)
	}
}

// The record names who did what by the name of the token, and reading it is
// recorded like anything else.
func TestAuditPage(t *testing.T) {
	b := open(t)
	b.world.Priya()
	b.signIn("jo", access.DPO)
	b.post("/search", find("priya@example.org", "auto"), 200)
	page := b.get("/audit", 200)
	contains(t, page, "jo<br>", "Looked up what is held about somebody", "One person was found", "token "+string(b.store.List(context.Background())[0].ID))
	if strings.Contains(page, "priya") || acts(t, b)["audit.read done"] != 1 {
		t.Errorf("the record names somebody, or its reading is not in it: %v", acts(t, b))
	}
	b.get("/audit/0", 200)
	b.get("/audit/x", 404)
	b.signIn("eve", access.Viewer)
	b.get("/audit", 403)
}
