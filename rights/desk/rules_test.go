package desk

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

const rulesYAML = `
catalogue: rules
title: Rules
version: "1"
organisation: {name: Example, jurisdiction: gb}
systems:
  - {id: shop, name: Shop, primary: shop.customer, silent_after: P2D}
  - {id: archive, name: Archive, primary: archive.person, medium: paper}
  - {id: files, name: Shared files, primary: files.person, structured: "no"}
subject_types:
  - {id: customer, name: Customer}
  - {id: vip, name: Loyal customer, parent: customer}
  - {id: staff, name: Member of staff}
  - {id: guest, name: Guest}
categories:
  - {id: contact, name: Contact}
milestones:
  - {id: account_closed, scope: person, name: Account closed, when: the account is closed}
  - {id: last_used, scope: activity, name: Last used, when: the service was last used}
  - {id: contract_end, scope: item, name: Contract ended, when: the contract ends}
circumstances:
  - {id: purpose_ended, when: the purpose has ended}
retention_rules:
  - {id: R1, text: as long as needed, trigger: purpose_ended}
  - {id: R2, text: a month, applies: [customer], trigger: account_closed, period: P1M}
  - {id: R3, text: two, applies: [staff], trigger: account_closed, period: P2Y}
activities:
  - {id: person, purpose: Person, subject_types: [customer], retention: {trigger: account_closed, period: P1M}}
  - {id: activity, purpose: Activity, subject_types: [customer], retention: {trigger: last_used, period: P1Y}}
  - {id: item, purpose: Item, subject_types: [customer], retention: {trigger: contract_end, period: P6Y}}
  - {id: record, purpose: Record, subject_types: [customer], retention: {trigger: record_date, period: P1Y}}
  - {id: stored, purpose: Stored, subject_types: [customer], retention: {trigger: stored, period: P30D}}
  - {id: later, purpose: Later, subject_types: [customer], retention: {triggers: [account_closed, last_used], join: later, period: P1Y}}
  - {id: earlier, purpose: Earlier, subject_types: [customer], retention: {triggers: [account_closed, last_used], join: earlier, period: P1Y}}
  - {id: consent, purpose: Consent, subject_types: [customer], retention: {trigger: consent_withdrawn, period: P0D}}
  - {id: request, purpose: Request, subject_types: [customer], retention: {trigger: "request_received:erasure", period: P0D}}
  - {id: circumstance, purpose: Circumstance, subject_types: [customer], retention: {trigger: purpose_ended, period: P1Y}}
  - {id: fromnothing, purpose: From nothing, subject_types: [customer], retention: {period: P1Y}}
  - {id: endless, purpose: Endless, subject_types: [customer], retention: {rule: R1, trigger: purpose_ended}}
  - {id: nothing, purpose: Nothing, subject_types: [customer]}
  - {id: role, purpose: Role, subject_types: [customer, staff], retention: {rule: R2, trigger: account_closed, period: P1M}}
`

func rulesCatalogue(t testing.TB) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load("rules.yaml", strings.NewReader(rulesYAML))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func day(s string) events.Date {
	d, err := events.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func noon(s string) events.Instant { return events.InstantOf(day(s).Time().Add(12 * time.Hour)) }

func TestRetention(t *testing.T) {
	item := events.Ref{Handle: events.Handle{1}, Kind: "shop.contract"}
	closed := inventory.Milestone{System: "shop", Code: "account_closed", Date: day("2024-01-31")}
	used := inventory.Milestone{System: "shop", Code: "last_used", Date: day("2024-06-15")}
	ended := inventory.Milestone{System: "shop", Code: "contract_end", Date: day("2020-02-29"), Item: item}
	for _, c := range []struct {
		name, activity, today  string
		subjectType            events.Code
		milestones             []inventory.Milestone
		change                 func(*inventory.Holding, *inventory.Folded)
		status, due, rule, why string
	}{
		{name: "31 January and a month is 29 February in a leap year", activity: "person", milestones: []inventory.Milestone{closed},
			today: "2024-02-28", status: "running", due: "2024-02-29", rule: "person", why: "1 month after the account is closed, which was on 31 January 2024"},
		{name: "due on the day", activity: "person", milestones: []inventory.Milestone{closed}, today: "2024-02-29", status: "due", due: "2024-02-29", rule: "person"},
		{name: "overdue the day after", activity: "person", milestones: []inventory.Milestone{closed}, today: "2024-03-01", status: "overdue", due: "2024-02-29", rule: "person"},
		{name: "not reached", activity: "person", today: "2024-03-01", status: "waiting_for_trigger", rule: "person",
			why: "kept for 1 month after the account is closed; that has not been reported"},
		{name: "the latest date counts", activity: "activity", milestones: []inventory.Milestone{used, {System: "shop", Code: "last_used", Date: day("2024-07-01")}},
			today: "2024-08-01", status: "running", due: "2025-07-01", rule: "activity"},
		{name: "another system's activity milestone is not ours", activity: "activity", milestones: []inventory.Milestone{{System: "other", Code: "last_used", Date: day("2024-07-01")}},
			today: "2024-08-01", status: "waiting_for_trigger", rule: "activity"},
		{name: "one that names our activity is ours, whoever reports it", activity: "activity", milestones: []inventory.Milestone{{System: "other", Activity: events.Activity{Code: "activity"}, Date: day("2024-07-01"), Code: "last_used"}},
			today: "2024-08-01", status: "running", due: "2025-07-01", rule: "activity"},
		{name: "another activity's milestone is not ours", activity: "activity", milestones: []inventory.Milestone{{System: "shop", Code: "last_used", Activity: events.Activity{Code: "later"}, Date: day("2024-07-01")}},
			today: "2024-08-01", status: "waiting_for_trigger", rule: "activity"},
		{name: "an item's milestone reaches the item", activity: "item", milestones: []inventory.Milestone{ended}, today: "2024-08-01", status: "running", due: "2026-02-28", rule: "item",
			change: func(h *inventory.Holding, _ *inventory.Folded) { h.Item = item }},
		{name: "and no other item", activity: "item", milestones: []inventory.Milestone{ended}, today: "2024-08-01", status: "waiting_for_trigger", rule: "item"},
		{name: "the date of the record", activity: "record", today: "2024-08-01", status: "running", due: "2025-05-01", rule: "record",
			change: func(h *inventory.Holding, _ *inventory.Folded) {
				h.RecordDates = []events.Date{day("2023-01-01"), day("2024-05-01")}
			}},
		{name: "no date of the record", activity: "record", today: "2024-08-01", status: "waiting_for_trigger", rule: "record"},
		{name: "stored", activity: "stored", today: "2024-01-15", status: "running", due: "2024-02-01", rule: "stored"},
		{name: "the later of two", activity: "later", milestones: []inventory.Milestone{closed, used}, today: "2024-08-01", status: "running", due: "2025-06-15", rule: "later"},
		{name: "the later of those that happened", activity: "later", milestones: []inventory.Milestone{closed}, today: "2024-08-01", status: "running", due: "2025-01-31", rule: "later"},
		{name: "the earlier of two", activity: "earlier", milestones: []inventory.Milestone{closed, used}, today: "2024-08-01", status: "running", due: "2025-01-31", rule: "earlier"},
		{name: "the earlier takes one", activity: "earlier", milestones: []inventory.Milestone{used}, today: "2024-08-01", status: "running", due: "2025-06-15", rule: "earlier"},
		{name: "consent withdrawn", activity: "consent", today: "2024-08-01", status: "overdue", due: "2024-07-01", rule: "consent", why: "until consent is withdrawn, which was on 1 July 2024",
			change: func(_ *inventory.Holding, f *inventory.Folded) {
				f.Consents = []inventory.Consent{{Activity: events.Activity{Code: "consent"}, State: inventory.Withdrawn, At: noon("2024-07-01")}}
			}},
		{name: "consent stands for another channel", activity: "consent", today: "2024-08-01", status: "waiting_for_trigger", rule: "consent",
			change: func(_ *inventory.Holding, f *inventory.Folded) {
				f.Consents = []inventory.Consent{{Activity: events.Activity{Code: "consent"}, State: inventory.Withdrawn, At: noon("2024-07-01"), Channel: "email"},
					{Activity: events.Activity{Code: "consent"}, State: inventory.Given, At: noon("2024-01-01"), Channel: "phone"}}
			}},
		{name: "on request", activity: "request", today: "2024-08-01", status: "waiting_for_trigger", rule: "request", why: "kept until the request is received; that has not been reported"},
		{name: "a circumstance nobody reports", activity: "circumstance", today: "2024-08-01", status: "undetermined", rule: "circumstance",
			why: "no system reports when the purpose has ended, so the end cannot be computed"},
		{name: "a period from nowhere", activity: "fromnothing", today: "2024-08-01", status: "undetermined", rule: "fromnothing", why: "the notice states 1 year and does not say from when"},
		{name: "no period", activity: "endless", today: "2024-08-01", status: "open_ended", rule: "R1"},
		{name: "nothing said", activity: "nothing", today: "2024-08-01", status: "none_stated", rule: "nothing"},
		{name: "not declared", activity: "undeclared", today: "2024-08-01", status: "undetermined", rule: "undeclared"},
		{name: "a rule for the role beats a generic one", activity: "endless", subjectType: "vip", milestones: []inventory.Milestone{closed}, today: "2024-02-01", status: "running", due: "2024-02-29", rule: "R2"},
		{name: "a rule for others does not reach, the role's own does", activity: "role", subjectType: "staff", milestones: []inventory.Milestone{closed}, today: "2024-02-01", status: "running", due: "2026-01-31", rule: "R3"},
		{name: "a rule for others does not reach", activity: "role", subjectType: "guest", milestones: []inventory.Milestone{closed}, today: "2024-02-01", status: "none_stated", rule: "R2",
			why: "rule R2 is for customer, and the notice states none for guest"},
		{name: "removed", activity: "person", milestones: []inventory.Milestone{closed}, today: "2024-08-01", status: "undetermined", rule: "person",
			change: func(h *inventory.Holding, _ *inventory.Folded) {
				h.State, h.Removal = inventory.Removed, inventory.Removal{At: noon("2024-03-01")}
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &inventory.Folded{Milestones: c.milestones}
			h := &inventory.Holding{Key: inventory.Key{System: "shop", Activity: events.Activity{Code: events.Code(c.activity)}, Category: events.Category{Code: "contact"}},
				SubjectType: c.subjectType, First: noon("2024-01-02")}
			if c.change != nil {
				c.change(h, f)
			}
			a := &answer{cat: rulesCatalogue(t), folded: f, moment: day(c.today).Time().Add(9 * time.Hour)}
			v := a.until(h)
			due := ""
			if v.Due != nil {
				due = *v.Due
			}
			if v.Status != c.status || due != c.due || v.Rule != c.rule || (c.why != "" && v.Why != c.why) || v.Why == "" {
				t.Errorf("got %s, due %q, rule %s: %s", v.Status, due, v.Rule, v.Why)
			}
		})
	}
}

// C12: paper and what cannot be searched stand in every answer.
func TestPaperAndUnstructured(t *testing.T) {
	r := reportsOf(rulesCatalogue(t), day("2024-08-01").Time(), []inventory.System{
		{Code: "shop", Events: 3, First: noon("2024-01-01"), Recorded: noon("2024-07-31")},
		{Code: "archive", Events: 1, First: noon("2024-01-01"), Recorded: noon("2024-01-01")},
	})
	got := map[string]string{}
	for _, u := range r.unknown(nil) {
		got[u.System] += u.Why + " "
	}
	for system, want := range map[string]string{"shop": "before ", "archive": "paper before ", "files": "unstructured never_connected "} {
		if got[system] != want {
			t.Errorf("%s: %q, want %q", system, got[system], want)
		}
	}
	for id, want := range map[events.Code]string{"files": "unstructured", "archive": "reporting"} {
		s, _ := r.cat.System(id)
		if v := r.view(s); v.Status != want {
			t.Errorf("%s is %s", id, v.Status)
		}
	}
}

func TestNoteGolden(t *testing.T) {
	o := audit.Opening{Salt: [16]byte{1, 2, 3}, Handles: []events.Handle{{9}, {10}}}
	got, err := encodeNote(events.NewPlaintext("she asked"), o, o.Handles)
	if err != nil {
		t.Fatal(err)
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile("testdata/note.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/note.json")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("note changed: %s, %v", got, err)
	}
	n, err := decodeNote(got)
	if err != nil || n.Reason != "she asked" || n.Subjects != 2 {
		t.Errorf("read back: %q, %v", n.Reason, err)
	}
	// A6: a note is found by its person, to go with them.
	if about, err := NoteAbout(got); err != nil || !slices.Equal(about, o.Handles) {
		t.Errorf("about %v, %v", about, err)
	}
	// A note of the first form is read as well; it does not say about whom.
	old := []byte(`{"v":1,"reason":"she asked","salt":"01020300000000000000000000000000","subjects":2}`)
	if n, err := decodeNote(old); err != nil || n.Reason != "she asked" || n.Subjects != 2 || n.About != nil {
		t.Errorf("a note of version 1: %+v, %v", n, err)
	}
}

func FuzzNote(f *testing.F) {
	b, err := encodeNote(events.NewPlaintext("why"), audit.Opening{Handles: []events.Handle{{1}}}, []events.Handle{{1}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"v":3}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := decodeNote(b)
		if err != nil {
			return
		}
		about := n.About[:min(len(n.About), 100)]
		again, err := encodeNote(events.NewPlaintext(n.Reason), audit.Opening{Handles: about}, about)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := decodeNote(again); err != nil || m.Reason != n.Reason || !slices.Equal(m.About, about) {
			t.Fatalf("%q reads differently the second time: %v", b, err)
		}
	})
}

func FuzzParseAsKnown(f *testing.F) {
	f.Add("1-42-0")
	f.Add("2024-01-02T03:04:05Z")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAsKnown(s)
		if err != nil {
			return
		}
		if b, err := ParseAsKnown(a.String()); err != nil || b != a {
			t.Fatalf("%q reads as %v, then %v, %v", s, a, b, err)
		}
	})
}
