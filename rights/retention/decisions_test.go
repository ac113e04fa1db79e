package retention_test

import (
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

func decided(t testing.TB, text string) *catalogue.Catalogue {
	t.Helper()
	d, err := catalogue.LoadDecisions("decisions.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c, err := load(t, trustYAML).WithDecisions(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Where the notice leaves something open a person decides, and the answer names
// the decision it rests on. A key that is absent has no default.
func TestDecisions(t *testing.T) {
	const by = ", by: shipped default, on: 2026-01-01}"
	tom := retention.Person{Milestones: []retention.Milestone{reached("last_contact", "2021-05-04"), reached("last_access", "2021-06-30")},
		Requests: []retention.Request{{Right: "access", Received: day("2023-06-12"), Answered: day("2023-07-05")}, {Right: "erasure", Received: day("2023-07-20")}}}
	idle := retention.Person{Requests: []retention.Request{{Right: "erasure", Received: day("2025-03-20")}}}
	applicant := retention.Person{Milestones: []retention.Milestone{
		{Code: "application_rejected", System: "hr", Item: item(1), Date: day("2021-08-31")}, {Code: "recruitment_closed", System: "hr", Item: item(1), Date: day("2021-10-15")}}}
	for _, c := range []struct {
		name, decision string
		p              retention.Person
		h              retention.Holding
		on             string
		state          retention.State
		due, key       string
	}{
		{"the later", "joins.careers: {value: later" + by, tom, of("careers", "subscriber"), "2023-06-01", retention.Running, "2023-06-30", "joins.careers"},
		{"the earlier", "joins.careers: {value: earlier" + by, tom, of("careers", "subscriber"), "2023-06-01", retention.Overdue, "2023-05-04", "joins.careers"},
		{"a request counts as contact, and the one to erase does not", "counts_as.last_contact: {value: request" + by, tom, of("careerslater", "subscriber"), "2023-08-01", retention.Running, "2025-06-12", "counts_as.last_contact"},
		{"a request does not count by itself", "financial_year_end: {value: 04-05" + by, tom, of("careerslater", "subscriber"), "2023-08-01", retention.Overdue, "2023-06-30", ""},
		{"a request to erase closes the account that day", "request_fires.account_deleted: {value: erasure" + by, idle, of("work", "locum"), "2025-03-24", retention.Running, "2032-03-20", "request_fires.account_deleted"},
		{"and no other request does", "request_fires.account_deleted: {value: access" + by, idle, of("work", "locum"), "2025-03-24", retention.WaitingForTrigger, "", "request_fires.account_deleted"},
		{"the organisation's own year", "financial_year_end: {value: 12-31" + by, tom, with(of("payslips", "employee"), dated("2015-06-30")), "2020-01-01", retention.Running, "2021-12-31", "financial_year_end"},
		{"a period for a row without one", "period.fingerprint: {value: P1Y" + by, tom, of("fingerprint", "resident"), "2020-01-01", retention.Undetermined, "", "period.fingerprint"},
		{"another period for a rule", "period.R2: {value: P1Y" + by, retention.Person{Milestones: []retention.Milestone{reached("account_deleted", "2025-03-14")}}, of("work", "locum"), "2025-03-24", retention.Running, "2026-03-14", "period.r2"},
		{"the rule of a row", "rule.cookies: {value: R2" + by, retention.Person{Milestones: []retention.Milestone{reached("account_deleted", "2025-03-14")}}, of("cookies", "subscriber"), "2025-03-24", retention.Running, "2032-03-14", "rule.cookies"},
		{"what a rule counts from", "trigger.enquiry: {value: last_contact" + by, tom, of("enquiry", "enquirer"), "2021-06-01", retention.Running, "2021-11-04", "trigger.enquiry"},
		{"prose before the table", "prose_over_table.ident: {value: P-APPLICANT" + by, applicant, with(of("ident", "applicant"), on(1)), "2022-01-20", retention.Running, "2022-04-15", "prose_over_table.ident"},
		{"prose before the table, for those it is about", "prose_over_table.ident: {value: P-APPLICANT" + by, retention.Person{Milestones: []retention.Milestone{reached("employment_end", "2019-08-31")}},
			of("ident", "employee"), "2022-01-20", retention.Running, "2022-08-31", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := retention.New(decided(t, c.decision), nil)
			s := e.Of(&c.p, &c.h, day(c.on))
			if s.State != c.state || s.Due != day(c.due) {
				t.Errorf("got %s due %q (%s), want %s due %q", s.State, s.Due, s.Why, c.state, c.due)
			}
			if c.key != "" && !strings.Contains(strings.ToLower(strings.Join(s.Decisions, " ")), c.key) {
				t.Errorf("rests on %v, want %s among them", s.Decisions, c.key)
			}
		})
	}
}

// What a hold outlasts ends when it is lifted: due is the later of the two days.
func TestHolds(t *testing.T) {
	e := retention.New(load(t, trustYAML), nil)
	hold := retention.Hold{ID: "h1", Ground: "claims", Placed: day("2032-02-10"), Lifted: day("2032-06-30"), Scope: retention.Scope{Activity: "work", Category: events.Category{Code: "pay"}}}
	p := retention.Person{Milestones: []retention.Milestone{reached("account_deleted", "2025-03-14")}, Holds: []retention.Hold{hold}}
	shift := with(of("work", "locum"), func(h *retention.Holding) { h.Category.Code = "pay" })
	other := of("work", "locum")
	for _, c := range []struct {
		h     retention.Holding
		on    string
		state retention.State
		due   string
		holds int
	}{
		{shift, "2032-02-09", retention.Running, "2032-03-14", 0},
		{shift, "2032-03-14", retention.OnHold, "2032-03-14", 1},
		{shift, "2032-06-29", retention.OnHold, "2032-03-14", 1},
		{shift, "2032-06-30", retention.Due, "2032-06-30", 0},
		{shift, "2032-07-01", retention.Overdue, "2032-06-30", 0},
		{other, "2032-03-14", retention.Due, "2032-03-14", 0},
		{other, "2032-07-01", retention.Overdue, "2032-03-14", 0},
	} {
		if s := e.Of(&p, &c.h, day(c.on)); s.State != c.state || s.Due != day(c.due) || len(s.Holds) != c.holds {
			t.Errorf("on %s: %s due %s, holds %v; want %s due %s", c.on, s.State, s.Due, s.Holds, c.state, c.due)
		}
	}
	// Without a day there is nothing to put off; the hold is told all the same.
	idle := retention.Person{Holds: []retention.Hold{hold}}
	if s := e.Of(&idle, &shift, day("2032-03-14")); s.State != retention.WaitingForTrigger || len(s.Holds) != 1 {
		t.Errorf("no trigger: %+v", s)
	}
}

// A hold may be a rule: what is stored later is covered as well. Outside its
// system, activity, category, item or period it covers nothing.
func TestScope(t *testing.T) {
	h := with(of("work", "locum"), func(h *retention.Holding) { h.Handle, h.Item = events.Handle{7}, item(1) })
	for _, c := range []struct {
		s    retention.Scope
		want bool
	}{
		{retention.Scope{}, true},
		{retention.Scope{System: "hr"}, true},
		{retention.Scope{System: "payroll"}, false},
		{retention.Scope{Handles: []events.Handle{{7}}}, true},
		{retention.Scope{Handles: []events.Handle{{8}}}, false},
		{retention.Scope{Activity: "care"}, false},
		{retention.Scope{Category: events.Category{Code: "identity", Element: "name"}}, true}, // it may hold the element
		{retention.Scope{Category: events.Category{Code: "pay"}}, false},
		{retention.Scope{Items: []events.Handle{{1}}}, true},
		{retention.Scope{Items: []events.Handle{{2}}}, false},
		{retention.Scope{From: day("2015-01-01"), To: day("2015-12-31")}, true},
		{retention.Scope{From: day("2016-01-01")}, false},
		{retention.Scope{To: day("2015-02-01")}, false},
	} {
		if got := c.s.Covers(&h); got != c.want {
			t.Errorf("%+v covers: %v", c.s, got)
		}
	}
}

// What one cannot read without a name keeps the name, and nothing else of it.
func TestFloor(t *testing.T) {
	e := retention.New(decided(t, "identity_floor.hr: {value: [identity/name, identity/number], by: dpo, on: 2026-01-01}"), nil)
	p := retention.Person{Milestones: []retention.Milestone{reached("employment_end", "2019-08-31")}}
	pay := with(of("payslips", "employee"), func(h *retention.Holding) {
		h.Category.Code, h.RecordDates = "pay", []events.Date{day("2019-05-01")}
	})
	element := func(c events.Code) retention.Holding {
		return with(of("ident", "employee"), func(h *retention.Holding) { h.Category.Element = c })
	}
	list := []retention.Holding{of("ident", "employee"), element("name"), element("address"), pay,
		with(of("ident", "employee"), func(h *retention.Holding) { h.System = "payroll" })}
	out := e.All(&p, list, day("2022-10-03"))
	if k := out[0].Keep; k == nil || len(k.Elements) != 2 || k.Until != day("2026-03-31") || out[0].State != retention.Overdue || out[0].Due != day("2022-08-31") {
		t.Errorf("the whole category: %+v keep %+v", out[0], k)
	}
	if out[1].State != retention.Running || out[1].Due != day("2026-03-31") {
		t.Errorf("the name: %+v", out[1])
	}
	for _, i := range []int{2, 4} {
		if out[i].State != retention.Overdue || out[i].Keep != nil || out[i].Due != day("2022-08-31") {
			t.Errorf("%d: %+v", i, out[i])
		}
	}
	for i, s := range e.All(&p, list, day("2026-03-31"))[:2] {
		if s.Keep != nil || s.State == retention.Running {
			t.Errorf("%d, once nothing needs it: %+v", i, s)
		}
	}
}

// A hold on everything keeps the name as well, and says so: it is on hold, not
// waiting for records that wait for nothing but the end of the hold.
func TestFloorUnderAHold(t *testing.T) {
	e := retention.New(decided(t, "identity_floor.hr: {value: [identity/name], by: dpo, on: 2026-01-01}"), nil)
	p := retention.Person{Milestones: []retention.Milestone{reached("employment_end", "2019-08-31")},
		Holds: []retention.Hold{{ID: "h1", Ground: "claims", Placed: day("2022-01-10")}}}
	name := with(of("ident", "employee"), func(h *retention.Holding) { h.Category.Element = "name" })
	address := with(of("ident", "employee"), func(h *retention.Holding) { h.Category.Element = "address" })
	for i, s := range e.All(&p, []retention.Holding{name, address}, day("2022-10-03")) {
		if s.State != retention.OnHold || s.Due.IsZero() {
			t.Errorf("%d: %+v", i, s)
		}
	}
}

// The number that stays is of a record whose rest is needed longer than the name:
// that record needs the name as well.
func TestFloorOfShipped(t *testing.T) {
	cat, err := catalogue.LoadShipped("osjct")
	if err != nil {
		t.Fatal(err)
	}
	e := retention.New(cat, nil)
	p := retention.Person{Milestones: []retention.Milestone{reached("employment_end", "2019-08-31")}}
	as := func(act, category string) retention.Holding {
		return with(of(act, "employee"), func(h *retention.Holding) { h.Category.Code = events.Code(category) })
	}
	list := []retention.Holding{as("emp-02", "identity_contact"), as("emp-01", "employment_record"),
		with(as("emp-05", "finance_employee"), dated("2019-05-01"))}
	out := e.All(&p, list, day("2022-10-03"))
	if k := out[0].Keep; k == nil || k.Until != day("2026-03-31") || len(k.Elements) != 1 || k.Elements[0].Element != "name" {
		t.Errorf("identity: %+v", k)
	}
	if out[0].State != retention.Overdue || out[1].Due != day("2025-08-31") || out[2].Due != day("2026-03-31") {
		t.Errorf("%+v", out)
	}
	if k := e.All(&p, list[:2], day("2022-10-03"))[0].Keep; k == nil || k.Until != day("2025-08-31") {
		t.Errorf("with the contract alone: %+v", k)
	}
}

// Whoever was told of a shorter time at collection is held to it until a person
// decides; a time that became shorter counts at once.
func TestVersions(t *testing.T) {
	longer := strings.Replace(trustYAML, "trigger: account_deleted, period: P7Y, text", "trigger: account_deleted, period: P9Y, text", 1)
	longer = strings.Replace(longer, "{rule: R2, trigger: account_deleted, period: P7Y}", "{rule: R2, trigger: account_deleted, period: P9Y}", 1)
	then, now := load(t, trustYAML).WithVersion(1), load(t, longer).WithVersion(2)
	byNumber := func(n uint32) *catalogue.Catalogue { return map[uint32]*catalogue.Catalogue{1: then, 2: now}[n] }
	p := retention.Person{Milestones: []retention.Milestone{reached("account_deleted", "2025-03-14")}}
	h := of("work", "locum")
	for _, c := range []struct {
		collected  uint32
		engine     *retention.Engine
		due        string
		lengthened bool
	}{
		{1, retention.New(now, byNumber), "2032-03-14", true},
		{2, retention.New(now, byNumber), "2034-03-14", false},
		{0, retention.New(now, byNumber), "2034-03-14", false},
		{9, retention.New(now, byNumber), "2034-03-14", false},
		{1, retention.New(now, nil), "2034-03-14", false},
		{2, retention.New(then, byNumber), "2032-03-14", false},
	} {
		h.Collected = c.collected
		if s := c.engine.Of(&p, &h, day("2026-01-01")); s.Due != day(c.due) || s.Lengthened != c.lengthened || (c.lengthened && s.LengthenedTo != day("2034-03-14")) {
			t.Errorf("collected under %d: %+v", c.collected, s)
		}
	}
}

// A hold on one kind of data keeps data of which the source named no kind: nobody
// can say that it is not among it (I10). A kind that was named is told apart.
func TestHoldKeepsWhatHasNoCategory(t *testing.T) {
	hold := retention.Hold{ID: "h1", Ground: "claims", Placed: day("2032-02-10"), Scope: retention.Scope{Category: events.Category{Code: "pay"}}}
	for c, want := range map[events.Category]bool{{Code: "pay"}: true, {Code: "pay", Element: "sum"}: true, {}: true, {Code: "health"}: false} {
		if got := hold.Covers(&retention.Holding{Category: c}); got != want {
			t.Errorf("data of category %q: %v, want %v", c, got, want)
		}
	}
}
