package catalogue_test

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// listedNotices are the shipped catalogues whose ids and rows are kept apart in
// testdata/notices, as they were listed when the notice was read.
var listedNotices = []string{"bjm-ig", "health-careers", "instant-connect", "isp-polaris"}

// A listing is one file of testdata/notices.
type listing struct {
	ids  map[string]string
	rows []string
}

func listed(t *testing.T, name string) listing {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "notices", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l := listing{ids: map[string]string{}}
	in := bufio.NewScanner(f)
	for in.Scan() {
		line := in.Text()
		switch key, ids, keyed := strings.Cut(line, ":"); {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.Contains(line, " | "):
			l.rows = append(l.rows, line)
		case keyed:
			l.ids[key] = strings.TrimSpace(ids)
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return l
}

func shipped(t *testing.T, name string) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.LoadShipped(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// No kind of person, category, item, source, recipient, rule or right of a
// notice is dropped, and none is invented.
func TestShippedHasEveryID(t *testing.T) {
	for _, name := range listedNotices {
		c, want := shipped(t, name), listed(t, name).ids
		got := map[string]string{
			"subject_types":   ids(c.SubjectTypes, func(v catalogue.SubjectType) string { return string(v.ID) }),
			"categories":      ids(c.Categories, func(v catalogue.Category) string { return string(v.ID) }),
			"sources":         ids(c.Sources, func(v catalogue.Source) string { return string(v.ID) }),
			"recipients":      ids(c.Recipients, func(v catalogue.Recipient) string { return string(v.ID) }),
			"retention_rules": ids(c.RetentionRules, func(v catalogue.RetentionRule) string { return string(v.ID) }),
			"rights":          ids(c.Rights, func(v catalogue.Right) string { return string(v.ID) }),
		}
		var special, criminal, items []string
		for _, cat := range c.Categories {
			if cat.Special {
				special = append(special, string(cat.ID))
			}
			if cat.Criminal {
				criminal = append(criminal, string(cat.ID))
			}
			for _, e := range cat.Items {
				items = append(items, string(cat.ID)+"/"+string(e.ID))
			}
		}
		got["special"], got["criminal"], got["items"] = strings.Join(special, " "), strings.Join(criminal, " "), strings.Join(items, " ")
		for key, w := range want {
			g := got[key]
			if name == "instant-connect" && key == "retention_rules" {
				g = strings.TrimSuffix(g, " cookie_lifetime") // a rule that one row names and the list leaves out
			}
			if g != w {
				t.Errorf("%s: %s:\n got %s\nwant %s", name, key, g, w)
			}
		}
		if len(want) != len(got) {
			t.Errorf("%s: %d lists of ids, want %d", name, len(want), len(got))
		}
	}
}

// Every row says what the notice says: the people, the data, the basis and how
// sure it is, the retention, the recipients, the lines.
func TestShippedHasEveryRow(t *testing.T) {
	for _, name := range listedNotices {
		c, want := shipped(t, name), listed(t, name).rows
		if len(c.Activities) != len(want) {
			t.Errorf("%s: %d activities, want %d", name, len(c.Activities), len(want))
			continue
		}
		for i, a := range c.Activities {
			if got := row(c, &a); got != want[i] {
				t.Errorf("%s:\n got %s\nwant %s", name, got, want[i])
			}
		}
	}
}

func row(c *catalogue.Catalogue, a *catalogue.Activity) string {
	join := func(list []events.Code) string { return ids(list, func(v events.Code) string { return string(v) }) }
	r := &a.Retention
	triggers := ids(r.AllTriggers(), func(v catalogue.Trigger) string { return v.String() })
	period := ""
	if r.Period.Given() {
		period = r.Period.String()
	}
	return strings.Join([]string{a.Printed(), join(a.SubjectTypes), join(a.Categories), join(a.LawfulBasis), string(a.BasisStatus),
		string(r.Rule), triggers, period, join(a.Recipients), a.Lines.String()}, " | ")
}

// Every fact of a shipped catalogue points at lines of its notice. Facts of the
// organisation's own systems do not: the notices say nothing of them.
func TestShippedFactsHaveLines(t *testing.T) {
	for _, name := range listedNotices {
		c := shipped(t, name)
		check := func(what string, id any, l catalogue.Lines) {
			if len(l) == 0 || c.Notice.Length == 0 || l[len(l)-1].To > c.Notice.Length {
				t.Errorf("%s: %s %v: lines %q; want some of the %d lines of the notice", name, what, id, l, c.Notice.Length)
			}
		}
		for _, v := range c.SubjectTypes {
			check("subject type", v.ID, v.Lines)
		}
		for _, v := range c.Categories {
			check("category", v.ID, v.Lines)
		}
		for _, v := range c.Sources {
			check("source", v.ID, v.Lines)
		}
		for _, v := range c.Recipients {
			check("recipient", v.ID, v.Lines)
		}
		for _, v := range c.RetentionRules {
			check("rule", v.ID, v.Lines)
		}
		for _, v := range c.LocationRules {
			check("location rule", v.ID, v.Lines)
		}
		for _, v := range c.Activities {
			check("activity", v.ID, v.Lines)
		}
		for _, v := range c.Rights {
			check("right", v.ID, v.Lines)
		}
		for i, v := range c.Statements {
			check("statement", i, v.Lines)
		}
	}
}

// The systems and milestones that sources rely on: the organisation's own
// systems, each with a kind of its own, and every recipient as a system.
func TestShippedSystemsAndMilestones(t *testing.T) {
	for name, want := range map[string][2]string{
		"instant-connect": {"platform finance support marketing web", "account_deleted:person report_received:person purpose_ended:activity dispute_closed:item"},
		"health-careers":  {"website contact-centre registrations events marketing", "last_contact:person last_access:person"},
		"isp-polaris":     {"website enquiries marketing", "business_need_ended:item limitation_period_ended:item legal_requirement_ended:item"},
		"bjm-ig":          {"crm training finance mail files website", "purpose_ended:item contract_end:item"},
	} {
		c := shipped(t, name)
		if got := ids(c.Systems, func(v catalogue.System) string { return string(v.ID) }); got != want[0] {
			t.Errorf("%s: systems %s, want %s", name, got, want[0])
		}
		if got := ids(c.Milestones, func(v catalogue.Milestone) string { return string(v.ID) + ":" + string(v.Scope) }); got != want[1] {
			t.Errorf("%s: milestones %s, want %s", name, got, want[1])
		}
		for _, s := range c.Systems {
			if s.Primary.System() != s.ID || !slices.Contains(s.Joins, "email") {
				t.Errorf("%s: system %s: primary %q, joins %v; want a kind of its own, and joining by e-mail", name, s.ID, s.Primary, s.Joins)
			}
		}
		for _, r := range c.Recipients {
			if !c.Declared(catalogue.FieldSystem, r.ID) {
				t.Errorf("%s: recipient %s is not a system", name, r.ID)
			}
		}
	}
}

// What the program ships as decided is a default until a named person adopts
// it, and says where the notice leaves the question open.
func TestShippedDecisionsAreDefaults(t *testing.T) {
	for _, name := range listedNotices {
		list := shipped(t, name).Decisions().All()
		if len(list) == 0 {
			t.Errorf("%s: no decisions", name)
		}
		for _, d := range list {
			if !d.Assumed() || d.Ref == "" || d.On.IsZero() {
				t.Errorf("%s: %s: want a shipped default with its day and reference, got %+v", name, d.Key, d)
			}
		}
	}
}

// A row that states no lawful basis is never kept after its trigger by default:
// a period alone is no ground to refuse an erasure (Article 17(3)).
func TestShippedKeepsNothingWithoutABasis(t *testing.T) {
	for _, name := range listedNotices {
		c := shipped(t, name)
		for _, d := range c.Decisions().All() {
			if d.Kind() != catalogue.DecideAfter {
				continue
			}
			a, ok := c.Activity(events.Code(d.Of()))
			if !ok || a.BasisStatus != catalogue.BasisStated {
				t.Errorf("%s: %s keeps data of a row whose basis is not stated", name, d.Key)
			}
		}
	}
}

// No file that is shipped, decisions included, holds a way to reach a person.
func TestShippedFilesHoldNoContactDetails(t *testing.T) {
	files, err := filepath.Glob("notices/*.yaml")
	if err != nil || len(files) < 2*len(listedNotices) {
		t.Fatalf("%d files in notices, %v; want a catalogue and its decisions for each notice", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if hit := contactDetail.Find(b); hit != nil {
			t.Errorf("%s holds a contact detail: %s", f, hit)
		}
	}
}

// How much each notice says, counted when it was read: what is not stated must
// not become stated on the way into the program.
func TestShippedCounts(t *testing.T) {
	type counts struct {
		stated, pooled, unsure, none int // lawful basis of the activities
		periods, countries, named    int // activities with a number; recipients without a country; recipients named
	}
	for name, want := range map[string]counts{
		"instant-connect": {10, 0, 2, 18, 12, 22, 8},
		"health-careers":  {1, 28, 0, 2, 24, 16, 2},
		"isp-polaris":     {6, 8, 1, 5, 0, 10, 0},
		"bjm-ig":          {18, 0, 1, 6, 0, 12, 4}, // of the 12, one is said to be outside the EU
	} {
		c, got := shipped(t, name), counts{}
		for _, a := range c.Activities {
			switch a.BasisStatus {
			case catalogue.BasisStated:
				got.stated++
			case catalogue.BasisPooled:
				got.pooled++
			case catalogue.BasisConditional, catalogue.BasisInferred:
				got.unsure++
			case catalogue.BasisNoneStated:
				got.none++
			}
			if a.Retention.Period.Given() {
				got.periods++
			}
		}
		for _, r := range c.Recipients {
			if r.Country == "" {
				got.countries++
			}
			if r.Named && r.ID != "ico" {
				got.named++
			}
		}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

// Patient data may be in the environment of the health service and nowhere else;
// data of a client's officer service is in the firm's cloud in the country.
func TestShippedPlaces(t *testing.T) {
	c := shipped(t, "bjm-ig")
	for _, x := range []struct {
		activity, category events.Code
		at                 catalogue.Whereabouts
		want               catalogue.LocationVerdict
	}{
		{"bjm-a12", "patient_data", catalogue.Whereabouts{System: "files"}, catalogue.LocationForbidden},
		{"bjm-a12", "patient_data", catalogue.Whereabouts{System: "mail"}, catalogue.LocationForbidden},
		{"bjm-a12", "patient_data", catalogue.Whereabouts{System: "crm"}, catalogue.LocationForbidden},
		{"bjm-a12", "patient_data", catalogue.Whereabouts{System: "website"}, catalogue.LocationForbidden},
		{"bjm-a12", "patient_data", catalogue.Whereabouts{System: "microsoft_365"}, catalogue.LocationForbidden},
		{"bjm-a12", "patient_data", catalogue.Whereabouts{System: "mail", Place: "nhs_hosting"}, catalogue.LocationAllowed},
		{"bjm-a12", "patient_data", catalogue.Whereabouts{System: "nhs_net"}, catalogue.LocationAllowed},
		{"bjm-a13", "dpo_service_data", catalogue.Whereabouts{System: "files"}, catalogue.LocationAllowed},
		{"bjm-a13", "dpo_service_data", catalogue.Whereabouts{System: "files", Country: "us"}, catalogue.LocationForbidden},
		{"bjm-a13", "dpo_service_data", catalogue.Whereabouts{System: "website"}, catalogue.LocationForbidden},
		{"bjm-a05", "trainee_basic", catalogue.Whereabouts{System: "website"}, catalogue.LocationAllowed},
	} {
		if got, _ := c.Location(x.activity, x.category, x.at); got != x.want {
			t.Errorf("%s at %+v: %s, want %s", x.category, x.at, got, x.want)
		}
	}
}

// The page that sources are connected by names every system and milestone of
// every shipped notice.
func TestShippedInTheDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/notices.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range catalogue.Shipped() {
		_, row, _ := strings.Cut(string(page), "\n| `"+name+"` |")
		row, _, _ = strings.Cut(row, "\n")
		c := shipped(t, name)
		for _, s := range c.Systems {
			if !strings.Contains(row, "`"+string(s.Primary)+"`") {
				t.Errorf("docs/notices.md: %s: no system with the kind %s", name, s.Primary)
			}
		}
		for _, m := range c.Milestones {
			if !strings.Contains(row, "`"+string(m.ID)+"`") {
				t.Errorf("docs/notices.md: %s: no milestone %s", name, m.ID)
			}
		}
	}
}
