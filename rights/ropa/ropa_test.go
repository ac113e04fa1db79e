package ropa_test

import (
	"slices"
	"testing"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/ropa"
)

func shipped(t *testing.T, name string) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.LoadShipped(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func day(s string) events.Instant {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return events.InstantOf(t)
}

func date(s string) events.Date { return day(s).Day() }

// seen are the tuples of one activity of the shipped notice, one category that
// its row does not have, one recipient that no row has, and an activity that
// nobody declared.
func seen() []ropa.Seen {
	return []ropa.Seen{
		{System: "platform", Activity: events.Activity{Code: "ic-a03"}, Category: events.Category{Code: "identity"}, SubjectType: "locum", People: 7, First: day("2025-01-01"), Last: day("2025-03-01")},
		{System: "platform", Activity: events.Activity{Code: "ic-a03"}, Category: events.Category{Code: "criminal_offences"}, SubjectType: "locum", People: 2, First: day("2025-02-01"), Last: day("2025-02-01")},
		{System: "platform", Activity: events.Activity{Code: "ic-a03"}, Category: events.Category{Code: "identity"}, SubjectType: "locum", Recipient: "nobody-knows", Country: "us", People: 1, First: day("2025-02-02"), Last: day("2025-02-02")},
		{System: "web", Activity: events.Activity{Code: "undeclared"}, Category: events.Category{Code: "technical"}, SubjectType: "platform_visitor", People: 3, First: day("2025-04-01"), Last: day("2025-04-01")},
	}
}

func entry(t *testing.T, list []ropa.Entry, id events.Code) ropa.Entry {
	t.Helper()
	i := slices.IndexFunc(list, func(e ropa.Entry) bool { return e.ID == id })
	if i < 0 {
		t.Fatalf("no entry %s among %v", id, list)
	}
	return list[i]
}

func rowOf(t *testing.T, rows []ropa.Row, id events.Code) ropa.Row {
	t.Helper()
	i := slices.IndexFunc(rows, func(r ropa.Row) bool { return r.Activity == id })
	if i < 0 {
		t.Fatalf("no row %s", id)
	}
	return rows[i]
}

// Article 30(1)(b) to (d): purposes, people, data and recipients, each with the
// side it stands on; nothing that was declared is left out.
func TestEveryEntrySaysOnWhichSideItStands(t *testing.T) {
	c := shipped(t, "instant-connect")
	r := ropa.Build(c, seen(), date("2025-12-31"))
	if n := len(r.Controller) + len(r.Processor); n != len(c.Activities)+2 {
		t.Fatalf("%d rows, want one for each of %d activities, one for what nobody declared and one for recipients named for no purpose", n, len(c.Activities))
	}
	// 30(1)(d): every recipient that is declared stands somewhere.
	placed := map[events.Code]bool{}
	for _, row := range r.Rows() {
		for _, e := range row.Recipients {
			placed[e.ID], placed[e.Class] = true, true
		}
	}
	for _, x := range c.Recipients {
		if !placed[x.ID] && x.Kind != catalogue.KindNone {
			t.Errorf("recipient %s stands in no row", x.ID)
		}
	}
	x := rowOf(t, r.Controller, "ic-a03")
	if x.Side != ropa.Both || x.People != 7 {
		t.Errorf("ic-a03 stands at %s with %d people", x.Side, x.People)
	}
	for id, want := range map[events.Code]ropa.Side{"identity": ropa.Both, "criminal_offences": ropa.NeverDeclared} {
		if got := entry(t, x.Categories, id).Side; got != want {
			t.Errorf("category %s is %s, want %s", id, got, want)
		}
	}
	if e := entry(t, x.Recipients, "nobody-knows"); e.Side != ropa.NeverDeclared || e.Country != "us" {
		t.Errorf("the recipient nobody declared: %+v", e)
	}
	// 30(1)(e): a transfer to a third country, and that no safeguard is named.
	if len(x.Transfers) != 1 || x.Transfers[0].Recipient != "nobody-knows" || x.Transfers[0].Safeguard != "" {
		t.Errorf("transfers: %+v", x.Transfers)
	}
	if u := rowOf(t, r.Controller, "undeclared"); u.Side != ropa.NeverDeclared || u.BasisStatus != catalogue.BasisNoneStated {
		t.Errorf("the activity nobody declared: %+v", u)
	}
	never := 0
	for _, row := range r.Rows() {
		if row.Side == ropa.NeverSeen {
			never++
		}
	}
	if never != len(c.Activities) { // with the row of recipients named for no purpose
		t.Errorf("%d activities never seen, want all but one of %d", never, len(c.Activities))
	}
}

// Article 30(1)(d): a notice may name its recipients for everything together and
// for no row. Who is named so was declared, and so is a body registered under its
// class; what a notice only mentions outside its list, or an activity that nobody
// declared, was not.
func TestRecipientsNamedForTheWholeNotice(t *testing.T) {
	c := shipped(t, "osjct")
	to := func(activity, recipient events.Code) ropa.Seen {
		return ropa.Seen{System: "hr", Activity: events.Activity{Code: activity}, Category: events.Category{Code: "identity_contact"}, SubjectType: "employee",
			Recipient: recipient, People: 1, First: day("2025-01-01"), Last: day("2025-01-01")}
	}
	r := ropa.Build(c, []ropa.Seen{to("emp-05", "rc_hmrc"), to("emp-05", "rc_law_enforcement_employee"), to("emp-05", "nobody-knows"), to("undeclared", "rc_hmrc")}, date("2025-12-31"))
	x := rowOf(t, r.Controller, "emp-05")
	for id, want := range map[events.Code]ropa.Side{"rc_hmrc": ropa.Both, "rc_law_enforcement_employee": ropa.NeverDeclared, "nobody-knows": ropa.NeverDeclared} {
		if got := entry(t, x.Recipients, id).Side; got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	if got := entry(t, rowOf(t, r.Controller, "undeclared").Recipients, "rc_hmrc").Side; got != ropa.NeverDeclared {
		t.Errorf("of an activity that nobody declared: %s", got)
	}
}

// The record is as of a day: what happened later is not in it.
func TestAsOf(t *testing.T) {
	c := shipped(t, "instant-connect")
	early, late := ropa.Build(c, seen(), date("2025-01-15")), ropa.Build(c, seen(), date("2025-12-31"))
	x := rowOf(t, early.Controller, "ic-a03")
	if slices.ContainsFunc(x.Categories, func(e ropa.Entry) bool { return e.ID == "criminal_offences" }) || len(x.Transfers) != 0 {
		t.Errorf("in January, it knows of February: %+v", x)
	}
	changes := ropa.Diff(early, late)
	want := map[string]bool{"categories": false, "recipients": false, "transfers": false}
	for _, ch := range changes {
		if ch.Activity == "ic-a03" {
			if _, ok := want[ch.Column]; !ok || len(ch.Added) == 0 {
				t.Errorf("a change that did not happen: %+v", ch)
			}
			want[ch.Column] = true
		}
	}
	for col, got := range want {
		if !got {
			t.Errorf("the diff misses that %s changed", col)
		}
	}
	if !slices.ContainsFunc(changes, func(ch ropa.Change) bool { return ch.Activity == "undeclared" && ch.Column == "activity" }) {
		t.Error("the diff misses the activity that nobody declared")
	}
	if d := ropa.Diff(late, late); len(d) != 0 {
		t.Errorf("a record differs from itself: %+v", d)
	}
}

// Article 30(2): what is done for another controller stands apart.
func TestProcessorPart(t *testing.T) {
	c := shipped(t, "instant-connect")
	list := seen()
	list[0].Controller = "dental_practices"
	r := ropa.Build(c, list, date("2025-12-31"))
	x := rowOf(t, r.Processor, "ic-a03")
	if len(x.Controllers) != 1 || x.Controllers[0].ID != "dental_practices" || x.Role != catalogue.Processor {
		t.Errorf("done for others: %+v", x)
	}
	rowOf(t, r.Controller, "ic-a03") // and still our own for the rest
}

// Articles 7(3), 15 to 21: which rights a basis leaves.
func TestRightsOn(t *testing.T) {
	for basis, want := range map[events.Code]struct{ has, hasNot []events.Code }{
		"6.1.a": {[]events.Code{"portability", "withdraw-consent", "erasure"}, []events.Code{"objection"}},
		"6.1.b": {[]events.Code{"portability", "erasure"}, []events.Code{"objection", "withdraw-consent"}},
		"6.1.c": {[]events.Code{"access"}, []events.Code{"erasure", "objection", "portability"}},
		"6.1.e": {[]events.Code{"objection"}, []events.Code{"erasure", "portability"}},
		"6.1.f": {[]events.Code{"objection", "erasure"}, []events.Code{"portability"}},
	} {
		got := ropa.RightsOn(basis)
		for _, r := range want.has {
			if !slices.Contains(got, r) {
				t.Errorf("%s: %s is missing", basis, r)
			}
		}
		for _, r := range want.hasNot {
			if slices.Contains(got, r) {
				t.Errorf("%s gives %s", basis, r)
			}
		}
	}
}

// Article 44: the United Kingdom by itself, the European Economic Area together.
func TestThirdCountry(t *testing.T) {
	for _, c := range []struct {
		from, to events.Code
		want     bool
	}{{"gb", "gb", false}, {"gb", "fr", true}, {"fr", "no", false}, {"fr", "gb", true}, {"gb", "", false}, {"de", "us", true}} {
		if got := ropa.ThirdCountry(c.from, c.to); got != c.want {
			t.Errorf("from %q to %q: %v", c.from, c.to, got)
		}
	}
}
