package desk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
	"github.com/habeas-data/habeas/rights/retention"
)

const dueYAML = `
catalogue: due
title: Due
version: "1"
organisation: {name: Example, jurisdiction: gb, financial_year_end: 03-31}
systems:
  - {id: shop, name: Shop, primary: shop.customer, joins: [email]}
  - {id: post, name: Post, primary: post.contact, joins: [email]}
subject_types:
  - {id: customer, name: Customer}
categories:
  - {id: contact, name: Contact}
  - {id: orders, name: Orders}
milestones:
  - {id: closed, scope: person, name: Closed, when: the account is closed}
  - {id: used, scope: activity, name: Used, when: it was last used, moving: true}
  - {id: ended, scope: item, name: Ended, when: the contract ends}
activities:
  - {id: account, purpose: Account, subject_types: [customer], retention: {trigger: closed, period: P1M}}
  - {id: both, purpose: Both, subject_types: [customer], retention: {triggers: [closed, used], join: later, period: P1Y}}
  - {id: either, purpose: Either, subject_types: [customer], retention: {triggers: [closed, used], join: earlier, period: P2Y}}
  - {id: contract, purpose: Contract, subject_types: [customer], retention: {trigger: ended, period: P6M}}
  - {id: books, purpose: Books, subject_types: [customer], retention: {trigger: record_date, round: financial_year_end, period: P1Y}}
  - {id: news, purpose: News, subject_types: [customer], retention: {trigger: consent_withdrawn, period: P0D, at_end: stop}}
  - {id: log, purpose: Log, subject_types: [customer], retention: {trigger: stored, period: P30D}}
  - {id: nothing, purpose: Nothing, subject_types: [customer]}
`

func dueCatalogue(t testing.TB, text string) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load("due.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func dueWorld(t *testing.T) *desktest.World {
	w := desktest.New(t)
	w.Cat = dueCatalogue(t, dueYAML)
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	w.Zone = london
	w.Now = time.Date(2025, 3, 24, 9, 0, 0, 0, time.UTC)
	w.Open()
	return w
}

// crowd reports years of some people, drawn from a seed.
func crowd(w *desktest.World, seed uint64, people int) {
	r := rand.New(rand.NewPCG(seed, 1))
	day := func() string {
		return time.Date(2020, 1, 1, r.IntN(24), 30, 0, 0, time.UTC).AddDate(0, 0, r.IntN(1900)).Format(time.RFC3339)
	}
	date := func() events.Date {
		d, _ := events.ParseDate(day()[:10])
		return d
	}
	acts := []events.Code{"account", "both", "either", "contract", "books", "news", "log", "nothing"}
	for i := range people {
		mail := fmt.Sprintf("email=p%d@example.org", i)
		for _, system := range []events.Code{"shop", "post"} {
			ids := []string{fmt.Sprintf("%s.%s=%d", system, map[events.Code]string{"shop": "customer", "post": "contact"}[system], i), mail}
			item := w.Item(system, fmt.Sprintf("shop.contract=%d-%d", i, r.IntN(2)))
			for range r.IntN(4) {
				act := acts[r.IntN(len(acts))]
				w.Report(events.RecordStored, system, day(), ids, func(e *events.Event) {
					e.Activity.Code, e.SubjectType, e.Categories, e.Provenance = act, "customer", []events.Category{{Code: []events.Code{"contact", "orders"}[r.IntN(2)]}}, events.Provided
					if act == "contract" {
						e.Item = item
					}
					if act == "books" {
						e.RecordDate = date()
					}
				})
			}
			for range r.IntN(3) {
				code := []events.Code{"closed", "used", "ended"}[r.IntN(3)]
				kind := events.MilestoneReached
				if r.IntN(8) == 0 {
					kind = events.MilestoneRetracted
				}
				w.Report(kind, system, day(), ids, func(e *events.Event) {
					e.Milestone = code
					if kind == events.MilestoneReached {
						e.Date = date()
					}
					if code == "ended" {
						e.Item = item
					}
				})
			}
			if r.IntN(3) == 0 {
				w.Report([]events.Kind{events.ConsentGiven, events.ConsentWithdrawn}[r.IntN(2)], system, day(), ids, func(e *events.Event) {
					e.Activity.Code, e.Method, e.GivenBy = "news", events.MethodForm, events.GivenBySelf
				})
			}
			if r.IntN(5) == 0 {
				w.Report(events.RecordRemoved, system, day(), ids, func(e *events.Event) {
					e.Activity.Code, e.SubjectType, e.Removal = acts[r.IntN(len(acts))], "customer", events.RemovalDeleted
				})
			}
		}
	}
}

func onDay(s string) events.Date {
	d, err := events.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// walk asks page by page.
func walk(t *testing.T, w *desktest.World, q desk.DueQuery) (items []desk.DueItem, pages int) {
	t.Helper()
	q.Caller = dpo
	for {
		page, err := w.Desk.Due(ctx, q, func(it *desk.DueItem) error { items = append(items, *it); return nil })
		if err != nil {
			t.Fatal(err)
		}
		pages++
		if page.AsOf.Position == "" || len(page.Left) == 0 {
			t.Error("a page names no position, or nothing that it does not know (I6)")
		}
		if page.Next == "" {
			return items, pages
		}
		q.After = page.Next
	}
}

// I10: nothing outlives its due date unseen. The due list is what one finds by
// looking at everybody, whatever the size of a page; no holding stands in it
// twice, and on a later day nothing is missing that was there before.
func TestDueListIsWhole(t *testing.T) {
	for seed := range uint64(2) {
		w := dueWorld(t)
		crowd(w, seed, 25)
		for i, o := range []desk.HoldOrder{{System: "shop", Activity: "both"}, {System: "post"}, {Identifier: desktest.ID("email=p3@example.org")}} {
			o.Caller, o.Ground, o.Review, o.Owner = dpo, "audit", onDay("2026-01-01"), owner
			h, err := w.Desk.PlaceHold(ctx, o)
			if err == nil && i == 0 {
				w.Now = w.Now.AddDate(0, 0, 10)
				_, err = w.Desk.LiftHold(ctx, dpo, h.ID, reason)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		people := map[string]*events.Footprint{}
		for i := range 25 {
			f, err := w.Desk.Footprint(ctx, ask(fmt.Sprintf("email=p%d@example.org", i)))
			if err == nil {
				people[f.Subject.Ref] = f
			}
		}
		today := onDay("2025-04-03")
		for _, until := range []string{"", "2025-04-04", "2030-01-01"} {
			want := map[string]string{}
			for ref, f := range people {
				for _, h := range f.Holdings {
					if h.Retention.Due == nil || h.State == "removed" {
						continue
					}
					due := onDay(*h.Retention.Due)
					if due <= today || (until != "" && due <= onDay(until)) {
						want[h.ID] = fmt.Sprint(ref, h.Retention.Status, *h.Retention.Due, h.Retention.Rule)
					}
				}
			}
			q := desk.DueQuery{}
			if until != "" {
				q.Until = onDay(until)
			}
			for _, limit := range []int{0, 1, 7} {
				q.Limit, q.After = limit, ""
				items, pages := walk(t, w, q)
				got := map[string]string{}
				for _, it := range items {
					if got[it.Holding] != "" {
						t.Errorf("until %s, pages of %d: %s is told twice", until, limit, it.Holding)
					}
					got[it.Holding] = fmt.Sprint(it.Person, it.Status, *it.Due, it.Rule)
				}
				if len(got) != len(want) {
					t.Errorf("seed %d until %s, pages of %d: %d holdings, want %d", seed, until, limit, len(got), len(want))
				}
				for id, s := range want {
					if got[id] != s {
						t.Errorf("until %s: %s is %q, want %q", until, id, got[id], s)
					}
				}
				if limit > 0 && pages < 2 {
					t.Errorf("one page of %d for %d holdings", limit, len(want))
				}
			}
		}
	}
}

// A period that was changed counts with the next question: nothing was kept that
// would have to be worked out again.
func TestChangedPeriodCountsAtOnce(t *testing.T) {
	w := dueWorld(t)
	ids := []string{"shop.customer=1", "email=a@example.org"}
	w.Report(events.RecordStored, "shop", "2025-01-02", ids, desktest.Codes("account", "customer", desktest.Cat("contact")))
	w.Report(events.MilestoneReached, "shop", "2025-03-01", ids, func(e *events.Event) { e.Milestone, e.Date = "closed", onDay("2025-03-01") })
	if items, _ := walk(t, w, desk.DueQuery{}); len(items) != 0 {
		t.Fatalf("due already: %+v", items)
	}
	w.Cat = dueCatalogue(t, strings.Replace(dueYAML, "trigger: closed, period: P1M", "trigger: closed, period: P7D", 1))
	if items, _ := walk(t, w, desk.DueQuery{}); len(items) != 1 || *items[0].Due != "2025-03-08" || items[0].Status != "overdue" {
		t.Errorf("%+v", items)
	}
}

// A day that is over is answered as things stood then; a day to come with what is
// known now.
func TestDueOnAnotherDay(t *testing.T) {
	w := dueWorld(t)
	ids := []string{"shop.customer=1", "email=a@example.org"}
	w.Report(events.RecordStored, "shop", "2024-01-02", ids, desktest.Codes("account", "customer", desktest.Cat("contact")))
	w.Report(events.MilestoneReached, "shop", "2024-03-01", ids, func(e *events.Event) { e.Milestone, e.Date = "closed", onDay("2024-03-01") })
	w.Report(events.RecordRemoved, "shop", "2024-06-01", ids, func(e *events.Event) {
		desktest.Codes("account", "customer")(e)
		e.Removal = events.RemovalDeleted
	})
	w.Report(events.RecordStored, "shop", "2025-03-20", ids, desktest.Codes("log", "customer", desktest.Cat("contact")))
	for on, want := range map[string]string{"2024-03-31": "", "2024-04-01": "due", "2024-05-01": "overdue", "2024-06-02": "", "2025-04-18": "", "2025-04-19": "due"} {
		items, _ := walk(t, w, desk.DueQuery{On: onDay(on)})
		got := ""
		for _, it := range items {
			got += it.Status
		}
		if got != want {
			t.Errorf("on %s: %q, want %q", on, got, want)
		}
	}
}

// What an open request needs waits; it goes on once the answer is sent.
func TestOpenRequestPauses(t *testing.T) {
	w := dueWorld(t)
	ids := []string{"shop.customer=1", "email=a@example.org"}
	w.Report(events.RecordStored, "shop", "2025-01-02", ids, desktest.Codes("account", "customer", desktest.Cat("contact")))
	w.Report(events.MilestoneReached, "shop", "2025-01-31", ids, func(e *events.Event) { e.Milestone, e.Date = "closed", onDay("2025-01-31") })
	w.Requests = []retention.Request{{Right: "access", Received: onDay("2025-02-20"), Answered: onDay("2025-03-10")}}
	for on, want := range map[string]string{"2025-02-28": "paused", "2025-03-09": "paused", "2025-03-10": "overdue"} {
		items, _ := walk(t, w, desk.DueQuery{On: onDay(on)})
		if len(items) != 1 || items[0].Status != want || *items[0].Due != "2025-02-28" {
			t.Errorf("on %s: %+v, want %s", on, items, want)
		}
	}
}

// Only who may read the list gets it, and not before the look is recorded (I7).
func TestDueIsRecordedFirst(t *testing.T) {
	w := dueWorld(t)
	crowd(w, 1, 5)
	q := desk.DueQuery{Caller: desktest.Caller(access.Engineer)}
	if _, err := w.Desk.Due(ctx, q, func(*desk.DueItem) error { t.Error("told"); return nil }); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("an engineer: %v", err)
	}
	q.Caller = dpo
	if _, err := w.Desk.Due(ctx, q, func(*desk.DueItem) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if p, err := w.Audit.List(audit.Filter{}, -1, 0); err != nil || len(p.Entries) != 1 || p.Entries[0].Entry.Act != "retention.due" {
		t.Errorf("recorded: %+v, %v", p, err)
	}
	w.Journal.Refuse = true
	if _, err := w.Desk.Due(ctx, q, func(*desk.DueItem) error { t.Error("told without a record"); return nil }); !errors.Is(err, desk.ErrNotRecorded) {
		t.Errorf("without a record: %v", err)
	}
	if _, err := w.Desk.Due(ctx, desk.DueQuery{Caller: dpo, After: "x"}, nil); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("a broken cursor: %v", err)
	}
}

// The forecast counts what the list tells.
func TestForecast(t *testing.T) {
	w := dueWorld(t)
	crowd(w, 2, 30)
	f, err := w.Desk.Forecast(ctx, dpo, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	items, _ := walk(t, w, desk.DueQuery{Until: onDay("2026-02-28")})
	for _, it := range items {
		month := (*it.Due)[:7]
		if it.Status == "overdue" {
			month = it.Status
		}
		want[month+it.Rule+it.System]++
	}
	got := 0
	for _, r := range f.Rows {
		if want[r.Month+r.Rule+r.System] != r.Holdings {
			t.Errorf("%+v, want %d", r, want[r.Month+r.Rule+r.System])
		}
		got += r.Holdings
	}
	if got != len(items) || f.Until != onDay("2026-02-28") || !slices.IsSortedFunc(f.Rows[1:], func(a, b desk.ForecastRow) int { return strings.Compare(a.Month, b.Month) }) && f.Rows[0].Month != "overdue" {
		t.Errorf("%d counted of %d, until %s", got, len(items), f.Until)
	}
}

// TRIGGER_MAY_NEVER_FIRE: what waits for a moment that nobody has reported.
func TestWaiting(t *testing.T) {
	w := dueWorld(t)
	for i := range 3 {
		ids := []string{fmt.Sprintf("shop.customer=%d", i), fmt.Sprintf("email=a%d@example.org", i)}
		w.Report(events.RecordStored, "shop", fmt.Sprintf("2024-01-0%d", i+2), ids, desktest.Codes("account", "customer", desktest.Cat("contact")))
		w.Report(events.RecordStored, "shop", "2024-01-02", ids, desktest.Codes("contract", "customer", desktest.Cat("orders")))
	}
	w.Report(events.MilestoneReached, "shop", "2025-01-31", []string{"shop.customer=0"}, func(e *events.Event) { e.Milestone, e.Date = "closed", onDay("2025-01-31") })
	list, err := w.Desk.Waiting(ctx, dpo)
	if err != nil {
		t.Fatal(err)
	}
	want := []desk.Waiting{{Rule: "contract", Trigger: "ended", Words: "the contract ends", System: "shop", Holdings: 3, Oldest: onDay("2024-01-02"), Never: true},
		{Rule: "account", Trigger: "closed", Words: "the account is closed", System: "shop", Holdings: 2, Oldest: onDay("2024-01-03")}}
	if !slices.Equal(list.Waiting, want) {
		t.Errorf("%+v", list.Waiting)
	}
}

// A misspelt code is no empty list: nothing would look due that is.
func TestDueRefusesWhatNobodyDeclared(t *testing.T) {
	w := dueWorld(t)
	for part, q := range map[string]desk.DueQuery{
		"system":   {Caller: dpo, System: "shpo"},
		"activity": {Caller: dpo, Activity: "acount"},
		"status":   {Caller: dpo, Status: "late"},
		"until":    {Caller: dpo, On: onDay("2025-03-14"), Until: onDay("2025-03-13")},
	} {
		var f *desk.Fault
		if _, err := w.Desk.Due(ctx, q, func(*desk.DueItem) error { return nil }); !errors.As(err, &f) || f.Part != part {
			t.Errorf("%s: %v", part, err)
		}
	}
	for _, s := range []events.Code{"", "shop", events.Undeclared} {
		if _, err := w.Desk.Due(ctx, desk.DueQuery{Caller: dpo, System: s}, func(*desk.DueItem) error { return nil }); err != nil {
			t.Errorf("system %q: %v", s, err)
		}
	}
}

// A newsletter that leaves is no contact, unless a person decided that it is.
func TestOutboundMailIsNoContact(t *testing.T) {
	w := dueWorld(t)
	ids := []string{"shop.customer=1", "email=a@example.org"}
	w.Report(events.RecordStored, "shop", "2023-01-02", ids, desktest.Codes("both", "customer", desktest.Cat("contact")))
	w.Report(events.MilestoneReached, "shop", "2023-06-01", ids, func(e *events.Event) { e.Milestone, e.Date = "used", onDay("2023-06-01") })
	for _, c := range []events.Code{"", "contact"} { // with and without naming the data
		w.Report(events.RecordUsed, "shop", "2024-12-0"+fmt.Sprint(len(c)+1), ids, func(e *events.Event) {
			e.Activity.Code, e.SubjectType, e.Action = "both", "customer", events.ActionSent
			if c != "" {
				e.Categories = []events.Category{{Code: c}}
			}
		})
	}
	due := func() string {
		h := footprint(t, w, ask("email=a@example.org")).Holdings[0]
		return *h.Retention.Due
	}
	if got := due(); got != "2024-06-01" {
		t.Errorf("due %s", got)
	}
	d, err := catalogue.LoadDecisions("d.yaml", strings.NewReader("counts_as.used: {value: outbound_mail, by: dpo, on: 2026-01-01}"))
	if err != nil {
		t.Fatal(err)
	}
	if w.Cat, err = w.Cat.WithDecisions(d); err != nil {
		t.Fatal(err)
	}
	if got := due(); got != "2025-12-08" {
		t.Errorf("with the decision: due %s", got)
	}
	f := footprint(t, w, ask("email=a@example.org"))
	if r := f.Holdings[0].Retention.RestsOn; len(r) != 1 || r[0].Key != "counts_as.used" || r[0].By != "dpo" || r[0].Assumed {
		t.Errorf("rests on %+v", r)
	}
}

// The list names nobody. An item is named to those who may see footprints.
func TestDueNamesItemsOnly(t *testing.T) {
	w := dueWorld(t)
	ids := []string{"shop.customer=planted-1", "email=planted@example.org"}
	w.Report(events.RecordStored, "shop", "2023-01-02", ids, func(e *events.Event) {
		desktest.Codes("contract", "customer", desktest.Cat("orders"))(e)
		e.Item = w.Item("shop", "shop.contract=77")
	})
	w.Report(events.MilestoneReached, "shop", "2024-01-02", ids, func(e *events.Event) {
		e.Milestone, e.Date, e.Item = "ended", onDay("2024-01-02"), w.Item("shop", "shop.contract=77")
	})
	for role, want := range map[access.Role]string{access.DPO: "77", access.Auditor: ""} {
		n := 0
		_, err := w.Desk.Due(ctx, desk.DueQuery{Caller: desktest.Caller(role)}, func(it *desk.DueItem) error {
			n++
			b, err := json.Marshal(it)
			if it.Item.Value != want || it.Item.Kind != "shop.contract" || (want == "") != (it.Item.Ref != "") || strings.Contains(string(b), "planted") {
				t.Errorf("%s sees %s", role, b)
			}
			return err
		})
		if err != nil || n != 1 {
			t.Errorf("%s: %d items, %v", role, n, err)
		}
	}
}
