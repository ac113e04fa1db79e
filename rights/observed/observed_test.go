package observed

import (
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/catalogue/rules"
	"github.com/habeas-data/habeas/events"
)

const declaredYAML = `
catalogue: shop
title: Shop
version: "1"
organisation: {name: Shop Ltd, jurisdiction: gb}
systems:
  - {id: crm, name: Customers, primary: crm.contact, place: uk_hosting, country: gb}
  - {id: files, name: Files, primary: files.person}
  - {id: laptop, name: Laptops, primary: laptop.person}
subject_types:
  - {id: customer, name: Customer}
  - {id: vip, name: Loyal customer, parent: customer}
  - {id: staff, name: Staff}
  - {id: pupil, name: Pupil, child: true, expected: false}
  - {id: minor, name: Young customer, child: true}
  - {id: patient, name: Patient, expected: false}
categories:
  - {id: contact, name: Contact, items: [email, {id: password, name: password, never_output: true}]}
  - {id: health, name: Health, special: true, kind: health}
  - {id: convictions, name: Convictions, criminal: true}
  - {id: orders, name: Orders}
sources:
  - {id: register, name: Register, kind: public}
  - {id: referrer, name: Referrer, kind: third_party}
recipients:
  - {id: host, name: Host, kind: processor, named: true, country: us, safeguard: scc, categories: [contact]}
  - {id: printer, name: Printer, kind: processor, named: true, country: us}
  - {id: bank, name: Bank, kind: controller, named: true, country: fr}
  - {id: adnet, name: Ad network, kind: controller, named: true, commercial: true, country: us, safeguard: scc}
  - {id: club, name: Club, kind: controller, named: true, needs_consent: true, country: gb}
  - {id: shops, name: A shop, kind: controller, instances: [{id: corner-shop, name: Corner Shop, country: gb}]}
  - {id: web, name: The public, kind: public, country: us}
milestones:
  - {id: closed, scope: person, name: Closed, when: the account is closed}
activities:
  - {id: sell, purpose: Sell, subject_types: [customer], data_categories: [contact, orders], lawful_basis: ["6.1.b"], recipients: [host, bank, shops], sources: [register], systems: [crm, laptop], legal_duties: [{law: vat, title: VAT}]}
  - {id: care, purpose: Care, subject_types: [customer, staff], except_subject_types: [vip], data_categories: [contact], conditions: [9.2.h]}
  - {id: news, purpose: News, subject_types: [customer], direct_marketing: true, channels: [email], consent_from: [customer]}
  - {id: ads, purpose: Adverts of others, subject_types: [customer], third_party_marketing: true}
  - {id: score, purpose: Score, subject_types: [customer], profiling: solely_automated}
  - {id: sort, purpose: Sort, subject_types: [customer], profiling: denied}
  - {id: open, purpose: Open, subject_types: [customer, pupil, minor, patient]}
location_rules:
  - {id: LR1, categories: [health], places: [nhs_hosting], forbidden: [laptop], text: patient data stays in NHS hosting}
  - {id: LR2, activities: [care], countries: [gb], text: care records stay in the United Kingdom}
`

const promises = `
statements:
  - {about: sharing, claim: no_sale, lines: "1"}
  - {about: transfer, claim: none_outside, area: eea, lines: "1"}
  - {about: children, claim: adults_only, lines: "1"}
  - {about: marketing, claim: never_third_party, lines: "1"}
  - {about: automated, claim: none, lines: "1"}
`

func load(t testing.TB, text string) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load("shop.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func said(kind events.Kind, activity events.Code, change func(*events.Event)) *events.Event {
	e := &events.Event{Kind: kind, Source: "crm", Flags: events.Anchored, Activity: events.Activity{Code: activity}, SubjectType: "customer"}
	if change != nil {
		change(e)
	}
	return e
}

func cats(list ...string) (out []events.Category) {
	for _, s := range list {
		code, element, _ := strings.Cut(s, "/")
		out = append(out, events.Category{Code: events.Code(code), Element: events.Code(element)})
	}
	return out
}

// A trial is one body with the fault and one without.
type trial struct {
	rule       string
	verdict    Verdict
	name       string
	with       *events.Event
	withCats   []events.Category
	without    *events.Event
	withoutCat []events.Category
	promised   bool // read with the statements as well
}

func to(code events.Code, more ...func(*events.Event)) func(*events.Event) {
	return func(e *events.Event) {
		e.Recipient.Code = code
		for _, f := range more {
			f(e)
		}
	}
}

func trials() []trial {
	stored, used, shared := events.RecordStored, events.RecordUsed, events.RecordShared
	abroad := func(c events.Code) func(*events.Event) { return func(e *events.Event) { e.TransferTo = c } }
	cond := func(c events.Code) func(*events.Event) { return func(e *events.Event) { e.Condition = c } }
	gain := func(c events.Consideration) func(*events.Event) { return func(e *events.Event) { e.Consideration = c } }
	typ := func(c events.Code) func(*events.Event) { return func(e *events.Event) { e.SubjectType = c } }
	from := func(c events.Code) func(*events.Event) { return func(e *events.Event) { e.Source = c } }
	flag := func(f events.Flags) func(*events.Event) { return func(e *events.Event) { e.Flags |= f } }
	con, ord := cats("contact"), cats("orders")
	return []trial{
		{rule: "RECIPIENT_UNDECLARED", verdict: Error, with: said(shared, "sell", to("undeclared.0a")), without: said(shared, "sell", to("bank"))},
		{rule: "RECIPIENT_UNDECLARED", verdict: Error, name: "a person is no recipient of the catalogue", with: said(shared, "sell", to("nobody")),
			without: said(shared, "sell", func(e *events.Event) { e.Recipient.Person = events.Ref{Handle: events.Handle{1}, Kind: "email"} })},
		{rule: "RECIPIENT_NOT_IN_ROW", verdict: Warn, with: said(shared, "sell", to("adnet")), without: said(shared, "sell", to("bank"))},
		{rule: "RECIPIENT_NOT_IN_ROW", verdict: Warn, name: "an instance stands for its class", with: said(shared, "sell", to("printer")), without: said(shared, "sell", to("corner-shop"))},
		{rule: "RECIPIENT_UNNAMED", verdict: Warn, with: said(shared, "sell", to("shops")), without: said(shared, "sell", to("corner-shop"))},
		{rule: "RECIPIENT_CATEGORY_UNDECLARED", verdict: Warn, with: said(shared, "sell", to("host")), withCats: ord, without: said(shared, "sell", to("host")), withoutCat: con},
		{rule: "RECIPIENT_CATEGORY_UNDECLARED", verdict: Error, name: "special", with: said(shared, "sell", to("host")), withCats: cats("health"), without: said(shared, "sell", to("bank")), withoutCat: cats("health")},
		{rule: "RECIPIENT_ROLE_DIFFERS", verdict: Review, with: said(shared, "sell", to("host", func(e *events.Event) { e.ActingAs = events.ActingAsController })), without: said(shared, "sell", to("host"))},
		{rule: "RECIPIENT_ROLE_DIFFERS", verdict: Warn, with: said(shared, "sell", to("bank", func(e *events.Event) { e.ActingAs = events.ActingAsProcessor })), without: said(shared, "sell", to("bank", func(e *events.Event) { e.ActingAs = events.ActingAsController }))},
		{rule: "SALE_OR_SWAP", verdict: Review, with: said(shared, "sell", to("bank", gain(events.ConsiderationMoney))), without: said(shared, "sell", to("bank", gain(events.ConsiderationNone)))},
		{rule: "SALE_OR_SWAP", verdict: Error, name: "denied by the notice", promised: true, with: said(shared, "sell", to("bank", gain(events.ConsiderationBenefit))), without: said(shared, "sell", to("bank"))},
		{rule: "THIRD_PARTY_MARKETING_NO_CONSENT", verdict: Error, with: said(shared, "ads", to("bank")), without: said(shared, "ads", to("bank", cond("explicit_consent")))},
		{rule: "THIRD_PARTY_MARKETING_NO_CONSENT", verdict: Error, name: "direct marketing for gain", with: said(shared, "news", to("adnet", cond("consent_withdrawn"))), without: said(shared, "news", to("host"))},
		{rule: "SHARED_WITHOUT_CONSENT", verdict: Error, with: said(shared, "open", to("club", cond("no_consent"))), without: said(shared, "open", to("club", cond("9.2.a")))},
		{rule: "SHARED_WITHOUT_CONSENT", verdict: Warn, name: "no condition is named", with: said(shared, "open", to("club")), without: said(shared, "open", to("bank"))},
		{rule: "NO_ROW", verdict: Review, with: said(stored, "undeclared", nil), without: said(stored, "sell", nil)},
		{rule: "CATEGORY_NOT_IN_ROW", verdict: Error, name: "special without a condition", with: said(stored, "sell", nil), withCats: cats("health"), without: said(stored, "sell", nil), withoutCat: ord},
		{rule: "CATEGORY_NOT_IN_ROW", verdict: Review, name: "special with a condition", with: said(stored, "care", nil), withCats: cats("health"), without: said(stored, "care", nil), withoutCat: cats("contact/email")},
		{rule: "SUBJECT_NOT_IN_ROW", verdict: Warn, with: said(stored, "sell", typ("staff")), without: said(stored, "sell", typ("vip"))},
		{rule: "SUBJECT_NOT_IN_ROW", verdict: Warn, name: "people the row leaves out", with: said(stored, "care", typ("vip")), without: said(stored, "care", typ("staff"))},
		{rule: "SYSTEM_NOT_IN_ROW", verdict: Warn, with: said(stored, "sell", from("files")), without: said(stored, "sell", nil)},
		{rule: "SOURCE_NOT_IN_ROW", verdict: Warn, with: said(stored, "sell", func(e *events.Event) { e.ObtainedFrom.Code = "referrer" }), without: said(stored, "sell", func(e *events.Event) { e.ObtainedFrom.Code = "register" })},
		{rule: "BASIS_NOT_IN_ROW", verdict: Warn, with: said(stored, "sell", func(e *events.Event) { e.Basis = "6.1.f" }), without: said(stored, "sell", func(e *events.Event) { e.Basis = "6.1.b" })},
		{rule: "BASIS_NOT_IN_ROW", verdict: Info, name: "the row states none", with: said(stored, "open", func(e *events.Event) { e.Basis = "6.1.f" }), without: said(stored, "open", nil)},
		{rule: "LEGAL_DUTY_UNKNOWN", verdict: Warn, with: said(stored, "sell", func(e *events.Event) { e.LegalDuty = "aml" }), without: said(stored, "sell", func(e *events.Event) { e.LegalDuty = "vat" })},
		{rule: "CHANNEL_NOT_IN_ROW", verdict: Warn, with: said(used, "news", func(e *events.Event) { e.Action, e.Channel = events.ActionSent, "sms" }), without: said(used, "news", func(e *events.Event) { e.Action, e.Channel = events.ActionSent, "email" })},
		{rule: "LOCATION_FORBIDDEN", verdict: Error, with: said(stored, "care", func(e *events.Event) { e.Place = "us_hosting" }), withCats: cats("health"), without: said(stored, "care", func(e *events.Event) { e.Place = "nhs_hosting" }), withoutCat: cats("health")},
		{rule: "LOCATION_FORBIDDEN", verdict: Error, name: "a system never allowed", with: said(stored, "open", from("laptop")), withCats: cats("health"), without: said(stored, "open", from("laptop")), withoutCat: con},
		{rule: "LOCATION_FORBIDDEN", verdict: Error, name: "a country", with: said(stored, "care", func(e *events.Event) { e.Country = "us" }), without: said(stored, "care", nil)},
		{rule: "LOCATION_UNKNOWN", verdict: Info, with: said(stored, "care", from("files")), without: said(stored, "care", nil)},
		{rule: "TRANSFER_SAFEGUARD_MISSING", verdict: Error, with: said(shared, "sell", to("printer")), without: said(shared, "sell", to("host"))},
		{rule: "TRANSFER_SAFEGUARD_MISSING", verdict: Error, name: "as reported", with: said(shared, "sell", to("bank", abroad("in"))),
			without: said(shared, "sell", to("bank", abroad("in"), func(e *events.Event) { e.Safeguard = "idta" }))},
		{rule: "TRANSFER_SAFEGUARD_MISSING", verdict: Error, name: "an adequate country needs none, and what is public is no transfer", with: said(shared, "sell", to("undeclared.aa", abroad("us"))), without: said(shared, "sell", to("bank", abroad("ch")))},
		{rule: "TRANSFER_CONTRADICTION", verdict: Error, promised: true, with: said(shared, "sell", to("host")), without: said(shared, "sell", to("bank"))},
		{rule: "CONSENT_BY_VISIT", verdict: Error, with: said(events.ConsentGiven, "news", func(e *events.Event) { e.Method = events.MethodVisit }), without: said(events.ConsentGiven, "news", func(e *events.Event) { e.Method = events.MethodForm })},
		{rule: "CONSENT_BY_PROXY", verdict: Warn, with: said(events.ConsentGiven, "sell", func(e *events.Event) { e.GivenBy = events.GivenByParent }), without: said(events.ConsentGiven, "sell", func(e *events.Event) { e.GivenBy = events.GivenBySelf })},
		{rule: "CONSENT_BY_PROXY", verdict: Error, name: "where the person must consent", with: said(events.ConsentGiven, "news", func(e *events.Event) { e.GivenBy = events.GivenByEmployer }), without: said(events.ConsentGiven, "news", nil)},
		{rule: "DECISION_UNDECLARED", verdict: Error, with: decision("sort"), without: decision("score")},
		{rule: "DECISION_UNDECLARED", verdict: Review, with: decision("sell"), without: said(events.DecisionMade, "sell", func(e *events.Event) { e.Automated = true })},
		{rule: "DECISION_UNDECLARED", verdict: Error, name: "denied by the notice", promised: true, with: decision("sell"), without: decision("score")},
		{rule: "RESURRECTION", verdict: Error, with: said(stored, "sell", flag(events.Resurrection)), withCats: con, without: said(stored, "sell", flag(events.Returned)), withoutCat: con},
		{rule: "REPORTED_LATE", verdict: Info, with: said(stored, "sell", flag(events.Late)), without: said(stored, "sell", nil)},
		{rule: "NOT_ANCHORED", verdict: Info, with: said(stored, "sell", func(e *events.Event) { e.Flags = 0 }), without: said(stored, "sell", nil)},
		{rule: "NEVER_OUTPUT_LEFT", verdict: Error, with: said(shared, "sell", to("host")), withCats: cats("contact/password"), without: said(stored, "sell", nil), withoutCat: cats("contact/password")},
		{rule: "NEVER_OUTPUT_LEFT", verdict: Error, name: "marked by the source", with: said(used, "sell", func(e *events.Event) { e.Action, e.Marks = events.ActionPrinted, events.MarkNeverOutput }), withCats: con,
			without: said(used, "sell", func(e *events.Event) { e.Action, e.Marks = events.ActionRead, events.MarkNeverOutput }), withoutCat: con},
		{rule: "CHILD_NOT_EXPECTED", verdict: Error, with: said(stored, "sell", typ("pupil")), without: said(stored, "sell", typ("minor"))},
		{rule: "CHILD_NOT_EXPECTED", verdict: Error, name: "a row made for them", with: said(stored, "care", typ("pupil")), without: said(stored, "open", typ("pupil"))},
		{rule: "CHILD_NOT_EXPECTED", verdict: Error, name: "a notice for adults", promised: true, with: said(stored, "sell", typ("minor")), without: said(stored, "sell", nil)},
		{rule: "CHILD_NOT_EXPECTED", verdict: Error, name: "somebody turns out to be under age", promised: true, with: said(events.PersonState, "", func(e *events.Event) { e.State = events.StateMinor }),
			without: said(events.PersonState, "", func(e *events.Event) { e.State = events.StateDeceased })},
		{rule: "SUBJECT_NOT_EXPECTED", verdict: Review, with: said(stored, "open", typ("patient")), without: said(stored, "open", nil)},
		{rule: "UNDECLARED_CODE", verdict: Warn, name: "activity", with: said(stored, "undeclared.aa", nil), without: said(stored, "sell", nil)},
		{rule: "UNDECLARED_CODE", verdict: Warn, name: "category", with: said(stored, "sell", nil), withCats: cats("undeclared.bb"), without: said(stored, "sell", nil), withoutCat: con},
		{rule: "UNDECLARED_CODE", verdict: Warn, name: "element", with: said(stored, "sell", nil), withCats: cats("contact/fax"), without: said(stored, "sell", nil), withoutCat: cats("contact/email")},
		{rule: "UNDECLARED_CODE", verdict: Warn, name: "subject type", with: said(stored, "sell", typ("undeclared.cc")), without: said(stored, "sell", typ(""))},
		{rule: "UNDECLARED_CODE", verdict: Warn, name: "milestone", with: said(events.MilestoneReached, "", func(e *events.Event) { e.Milestone = "undeclared.dd" }), without: said(events.MilestoneReached, "", func(e *events.Event) { e.Milestone = "closed" })},
		{rule: "SYSTEM_UNDECLARED", verdict: Warn, with: said(stored, "sell", from("shadow")), without: said(stored, "sell", nil)},
	}
}

func decision(activity events.Code) *events.Event {
	return said(events.DecisionMade, activity, func(e *events.Event) { e.Automated, e.Significant = true, true })
}

// Each rule finds its fault where it is, with its verdict, and nothing where it
// is not.
func TestRules(t *testing.T) {
	plain, strict := load(t, declaredYAML), load(t, declaredYAML+promises)
	tried := map[string]bool{}
	for _, x := range trials() {
		tried[x.rule] = true
		c := plain
		if x.promised {
			c = strict
		}
		find := func(e *events.Event, cs []events.Category) (out []Finding) {
			for _, f := range Judge(c, e, cs) {
				if f.Rule.ID == x.rule {
					out = append(out, f)
				}
			}
			return out
		}
		got := find(x.with, x.withCats)
		if len(got) == 0 || got[0].Verdict != x.verdict || got[0].Text == "" || got[0].About[OnSystem] == "" {
			t.Errorf("%s %s: with the fault: %+v, want verdict %s", x.rule, x.name, got, x.verdict)
		}
		if got := find(x.without, x.withoutCat); len(got) > 0 {
			t.Errorf("%s %s: without the fault: %+v", x.rule, x.name, got)
		}
	}
	for _, r := range All() {
		if r.find != nil && !tried[r.ID] {
			t.Errorf("rule %s is not tried", r.ID)
		}
		if r.Title == "" || r.Source == "" || r.Remedy == "" {
			t.Errorf("rule %s: title, source or remedy is missing", r.ID)
		}
		if (r.find == nil) != (len(r.kinds) == 0) {
			t.Errorf("rule %s: a rule over bodies names the kinds it looks at", r.ID)
		}
	}
}

// A name means one rule, here and among the rules over the catalogue alone: an
// alias of one list may not be the name of something else in the other.
func TestNamesAreOne(t *testing.T) {
	seen := map[string]string{}
	for _, r := range All() {
		for _, n := range append([]string{r.ID}, r.Aliases...) {
			if of, ok := seen[n]; ok {
				t.Errorf("%s names %s and %s", n, of, r.ID)
			}
			seen[n] = r.ID
			if got, ok := Named(n); !ok || got.ID != r.ID {
				t.Errorf("Named(%s) is not %s", n, r.ID)
			}
		}
		if other, ok := rules.Named(r.ID); ok && other.ID != r.ID {
			t.Errorf("%s is an alias of %s over the catalogue", r.ID, other.ID)
		}
	}
}

// The published list of names that events raise.
func TestPublishedNames(t *testing.T) {
	for _, n := range strings.Fields(`RECIPIENT_UNDECLARED RECIPIENT_NOT_IN_ROW RECIPIENT_UNNAMED SHARED_NOT_STORED SUBJECT_NOT_IN_ROW
		CATEGORY_NOT_IN_ROW PROCESSED_AFTER_OBJECTION PROCESSED_AFTER_WITHDRAWAL PROCESSED_WHILE_RESTRICTED CONSENT_BY_PROXY
		CONSENT_BY_VISIT CONSENT_ENDED_STILL_STORED LOCATION_FORBIDDEN RESURRECTION REMOVED_DURING_ACCESS RETENTION_OVERDUE SOURCE_SILENT`) {
		if r, ok := Named(n); !ok || r.ID != n {
			t.Errorf("%s is no rule", n)
		}
	}
}

// An id depends on the rule and on what it is about, and on nothing else: an
// order of names, a verdict or a text that changes leaves a decision standing.
func TestIDs(t *testing.T) {
	a := Finding{Rule: &Rule{ID: "X"}, About: About{"system": "crm", "activity": "a"}}
	b := Finding{Rule: &Rule{ID: "X"}, About: About{"activity": "a", "system": "crm"}, Verdict: Error, Text: "other"}
	if a.ID() != b.ID() {
		t.Error("the same finding has two ids")
	}
	if got := a.ID().String(); len(got) != 32 {
		t.Errorf("id %s", got)
	}
	for _, c := range []Finding{{Rule: &Rule{ID: "Y"}, About: a.About}, {Rule: a.Rule, About: About{"system": "crm"}}, {Rule: a.Rule, About: About{"system": "crm", "activity": "b"}},
		{Rule: a.Rule, About: About{"system": "crma", "ctivity": "a"}}} {
		if c.ID() == a.ID() {
			t.Errorf("%v has the id of %v", c.About, a.About)
		}
	}
}

// Bodies that show one finding are one line: the gravest verdict, the earliest
// moment, the latest day. The order of reports does not matter.
func TestGather(t *testing.T) {
	c := load(t, declaredYAML)
	e := said(events.RecordShared, "sell", to("undeclared.0a"))
	other := said(events.RecordShared, "care", to("undeclared.0a"))
	reports := []Report{
		{Event: e, Categories: cats("contact"), Body: 1, First: 20, Recorded: 30, Last: 5},
		{Event: other, Body: 2, First: 10, Recorded: 40, Last: 7, Again: events.Position{Generation: 1, Seq: 9}},
	}
	lines := Gather(c, reports)
	i := slices.IndexFunc(lines, func(l Line) bool { return l.Rule.ID == "RECIPIENT_UNDECLARED" })
	if i != 0 || len(lines[0].Reports) != 2 || lines[0].First != 10 || lines[0].Recorded != 30 || lines[0].Last != 7 || lines[0].Again.Seq != 9 {
		t.Fatalf("line %d of %+v", i, lines)
	}
	slices.Reverse(reports)
	for i, l := range Gather(c, reports) {
		if l.ID() != lines[i].ID() || l.Verdict != lines[i].Verdict {
			t.Errorf("line %d depends on the order of reports", i)
		}
	}
}

// Where a finding stands after the words of people, day by day.
func TestStand(t *testing.T) {
	at := func(n uint64) events.Position { return events.Position{Generation: 1, Seq: n} }
	accepted := Word{Outcome: events.FindingAccepted, Day: 10, Position: at(5), Review: 20}
	mended := Word{Outcome: events.FindingResolved, Day: 10, Position: at(5)}
	back := Word{Outcome: events.FindingReopened, Day: 11, Position: at(6)}
	for _, x := range []struct {
		name   string
		words  []Word
		nature Nature
		again  uint64
		today  events.Date
		want   Standing
	}{
		{"nobody said anything", nil, OfReports, 9, 10, Open},
		{"accepted", []Word{accepted}, OfReports, 9, 19, Accepted},
		{"on the day of review", []Word{accepted}, OfReports, 0, 20, Open},
		{"mended", []Word{mended}, OfReports, 0, 99, Resolved},
		{"seen before the word", []Word{mended}, OfReports, 5, 99, Resolved},
		{"seen after the word", []Word{mended}, OfReports, 6, 10, Open},
		{"a state on the same day", []Word{mended}, OfState, 0, 10, Resolved},
		{"a state on the next day", []Word{mended}, OfState, 0, 11, Open},
		{"taken back", []Word{accepted, back}, OfReports, 0, 12, Open},
		{"the last word counts", []Word{back, accepted}, OfReports, 0, 12, Accepted},
	} {
		if got := Stand(x.words, x.nature, at(x.again), x.today); got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
	}
}

// Whatever a body says, judging it gives the same findings every time and
// changes nothing.
func FuzzJudge(f *testing.F) {
	c := load(f, declaredYAML+promises)
	for _, x := range trials() {
		f.Add(uint8(x.with.Kind), string(x.with.Activity.Code), string(x.with.Recipient.Code), string(x.with.SubjectType), "contact", uint8(x.with.Flags))
	}
	f.Fuzz(func(t *testing.T, kind uint8, activity, recipient, subject, category string, flags uint8) {
		e := &events.Event{Kind: events.Kind(kind), Source: "crm", Flags: events.Flags(flags), Activity: events.Activity{Code: events.Code(activity)},
			SubjectType: events.Code(subject), Recipient: events.Party{Code: events.Code(recipient)}}
		before := *e
		list := []events.Category{{Code: events.Code(category)}}
		a, b := Judge(c, e, list), Judge(c, e, list)
		if len(a) != len(b) {
			t.Fatal("judged twice, found differently")
		}
		for i := range a {
			if a[i].ID() != b[i].ID() || a[i].About[OnSystem] != "crm" {
				t.Fatalf("%+v and %+v", a[i], b[i])
			}
		}
		if before.Activity != e.Activity || before.Recipient != e.Recipient {
			t.Fatal("the body was changed")
		}
	})
}
