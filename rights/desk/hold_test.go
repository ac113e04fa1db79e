package desk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

var (
	owner  = events.NewPlaintext("Legal, Ada Okafor")
	reason = events.NewPlaintext("the claim was settled")
)

// customer reports somebody whose account was closed on 31 January.
func customer(w *desktest.World, n int) []string {
	ids := []string{fmt.Sprintf("shop.customer=%d", n), fmt.Sprintf("email=c%d@example.org", n)}
	w.Report(events.RecordStored, "shop", "2024-01-02", ids, desktest.Codes("account", "customer", desktest.Cat("contact")))
	w.Report(events.MilestoneReached, "shop", "2025-01-31", ids, func(e *events.Event) { e.Milestone, e.Date = "closed", onDay("2025-01-31") })
	return ids
}

func states(t *testing.T, w *desktest.World, on string) string {
	items, _ := walk(t, w, desk.DueQuery{On: onDay(on)})
	out := []string{}
	for _, it := range items {
		out = append(out, it.Status)
	}
	return strings.Join(out, " ")
}

// A hold on a person keeps what is held of them and what comes later, in every
// system, and nothing of anybody else. What it outlasted ends when it is lifted,
// and is told then; nothing goes that day.
func TestHoldOnAPerson(t *testing.T) {
	w := dueWorld(t)
	customer(w, 1)
	customer(w, 2)
	h, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: dpo, Identifier: desktest.ID("email=c1@example.org"), Ground: "claims", Review: onDay("2025-09-01"), Owner: owner})
	if err != nil {
		t.Fatal(err)
	}
	if got := states(t, w, "2025-03-24"); got != "on_hold overdue" && got != "overdue on_hold" {
		t.Errorf("after placing: %s", got)
	}
	w.Report(events.RecordStored, "post", "2025-03-24T08:00:00Z", []string{"post.contact=9", "email=c1@example.org"}, desktest.Codes("account", "customer", desktest.Cat("orders")))
	if got := states(t, w, "2025-03-24"); strings.Count(got, "on_hold") != 2 {
		t.Errorf("what is stored later: %s", got)
	}
	f := footprint(t, w, ask("email=c1@example.org"))
	if v := f.Holdings[0]; v.Retention.Status != "on_hold" || len(v.Holds) != 1 || v.Holds[0] != h.ID || !strings.Contains(v.Retention.Why, "legal claims") {
		t.Errorf("footprint: %+v", v)
	}
	list, err := w.Desk.Holds(ctx, dpo)
	if err != nil || len(list.Holds) != 1 || list.Holds[0].Owner != owner.Expose() || list.Holds[0].Lifted != nil || list.Holds[0].Review != onDay("2025-09-01") {
		t.Errorf("list: %+v, %v", list, err)
	}
	out, err := w.Desk.LiftHold(ctx, dpo, h.ID, reason)
	if err != nil || len(out.Due) != 2 || *out.Due[0].Due != "2025-03-24" || out.More {
		t.Errorf("lifted: %+v, %v", out, err)
	}
	if got := states(t, w, "2025-03-24"); strings.Count(got, "due") != 3 || strings.Contains(got, "hold") {
		t.Errorf("after lifting: %s", got)
	}
	if _, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo, System: "post"}); !errors.Is(err, desk.ErrGone) {
		t.Errorf("what was let go today is in a batch today: %v", err)
	}
	if _, err := w.Desk.LiftHold(ctx, dpo, h.ID, reason); !errors.Is(err, desk.ErrGone) {
		t.Errorf("lifted twice: %v", err)
	}
	if items, _ := walk(t, w, desk.DueQuery{On: onDay("2025-03-23")}); len(items) != 2 || items[0].Status == "on_hold" {
		t.Errorf("the day before the hold: %+v", items)
	}
}

// A hold may be a rule: a system, an activity, a category, some days, one item.
func TestHoldAsARule(t *testing.T) {
	for name, c := range map[string]struct {
		o    desk.HoldOrder
		want int
	}{
		"system":         {desk.HoldOrder{System: "shop"}, 2},
		"another system": {desk.HoldOrder{System: "post"}, 0},
		"activity":       {desk.HoldOrder{Activity: "account"}, 2},
		"category":       {desk.HoldOrder{Category: events.Category{Code: "orders"}}, 0},
		"days":           {desk.HoldOrder{System: "shop", From: onDay("2024-01-01"), To: onDay("2024-01-31")}, 2},
		"other days":     {desk.HoldOrder{System: "shop", From: onDay("2024-01-03")}, 0},
	} {
		w := dueWorld(t)
		customer(w, 1)
		customer(w, 2)
		c.o.Caller, c.o.Ground, c.o.Review, c.o.Owner = dpo, "audit", onDay("2026-01-01"), owner
		if _, err := w.Desk.PlaceHold(ctx, c.o); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(states(t, w, "2025-03-24"), "on_hold"); got != c.want {
			t.Errorf("%s: %d on hold, want %d", name, got, c.want)
		}
	}
	// An item is known by its number in every system of ours.
	w := dueWorld(t)
	for _, system := range []events.Code{"shop", "post"} {
		w.Report(events.RecordStored, system, "2024-01-02", []string{string(system) + ".customer=1", "email=a@example.org"}, func(e *events.Event) {
			desktest.Codes("contract", "customer", desktest.Cat("orders"))(e)
			e.Item = w.Item(system, "shop.contract=77")
		})
	}
	w.Report(events.MilestoneReached, "shop", "2024-06-01", []string{"shop.customer=1", "email=a@example.org"}, func(e *events.Event) {
		e.Milestone, e.Date, e.Item = "ended", onDay("2024-06-01"), w.Item("shop", "shop.contract=77")
	})
	if got := states(t, w, "2025-03-24"); got != "overdue overdue" {
		t.Errorf("a milestone on an item reaches what carries it: %s", got)
	}
	if _, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: dpo, Item: desktest.ID("shop.contract=77"), Ground: "law", Review: onDay("2026-01-01"), Owner: owner}); err != nil {
		t.Fatal(err)
	}
	if got := states(t, w, "2025-03-24"); got != "on_hold on_hold" {
		t.Errorf("a hold on an item: %s", got)
	}
}

// A hold has a ground, an owner and a day of review, and reaches something.
func TestHoldIsRefused(t *testing.T) {
	w := dueWorld(t)
	good := desk.HoldOrder{Caller: dpo, System: "shop", Ground: "claims", Review: onDay("2026-01-01"), Owner: owner}
	for part, change := range map[string]func(*desk.HoldOrder){
		"":         func(o *desk.HoldOrder) { o.System = "" },
		"system":   func(o *desk.HoldOrder) { o.System = "cellar" },
		"activity": func(o *desk.HoldOrder) { o.Activity = "gossip" },
		"category": func(o *desk.HoldOrder) { o.Category.Code = "shoes" },
		"ground":   func(o *desk.HoldOrder) { o.Ground = "spite" },
		"owner":    func(o *desk.HoldOrder) { o.Owner = events.Plaintext{} },
		"review":   func(o *desk.HoldOrder) { o.Review = onDay("2025-03-24") },
		"period":   func(o *desk.HoldOrder) { o.From, o.To = onDay("2025-02-01"), onDay("2025-01-01") },
	} {
		o := good
		change(&o)
		var f *desk.Fault
		if _, err := w.Desk.PlaceHold(ctx, o); !errors.As(err, &f) || f.Part != part {
			t.Errorf("%s: %v", part, err)
		}
	}
	o := good
	o.Caller = desktest.Caller(access.Viewer)
	if _, err := w.Desk.PlaceHold(ctx, o); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("a viewer: %v", err)
	}
	if _, err := w.Desk.LiftHold(ctx, dpo, "x", reason); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("no id: %v", err)
	}
}

// A batch is proposed by one, approved by another, and carried out as it was
// approved or not at all. Each decision is durable; nothing is erased.
func TestDisposal(t *testing.T) {
	w := dueWorld(t)
	for n := range 3 {
		customer(w, n)
	}
	other := dpo
	other.Token = "zzzzzzzzzz"
	if _, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo, On: onDay("2025-03-25")}); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("a day to come: %v", err)
	}
	b, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo})
	if err != nil || b.Holdings != 3 || b.State != "proposed" {
		t.Fatalf("%+v, %v", b, err)
	}
	if _, err := w.Desk.RunDisposal(ctx, dpo, b.ID); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("run before it was approved: %v", err)
	}
	if _, err := w.Desk.ApproveDisposal(ctx, dpo, b.ID); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("approved by the proposer: %v", err)
	}
	if v, err := w.Desk.ApproveDisposal(ctx, other, b.ID); err != nil || v.State != "approved" || v.Approver != string(other.Token) {
		t.Fatalf("%+v, %v", v, err)
	}
	run, err := w.Desk.RunDisposal(ctx, dpo, b.ID)
	if err != nil || run.Intended != 3 || run.Erased != 0 {
		t.Fatalf("%+v, %v", run, err)
	}
	if again, err := w.Desk.RunDisposal(ctx, dpo, b.ID); err != nil || again.Intended != 3 {
		t.Errorf("the same decision twice is one: %+v, %v", again, err)
	}
	items, _ := walk(t, w, desk.DueQuery{})
	for _, it := range items {
		if it.Intended != b.ID || it.Status != "overdue" {
			t.Errorf("%+v", it)
		}
	}
	if _, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo}); !errors.Is(err, desk.ErrGone) {
		t.Errorf("decided on already: %v", err)
	}
	if h, err := w.Desk.History(ctx, ask("email=c1@example.org")); err != nil || !strings.Contains(h.Entries[len(h.Entries)-1].Text, "decided") {
		t.Errorf("the history does not tell: %+v, %v", h, err)
	}
}

// What changed since a batch was proposed makes it stale: nobody approved that.
func TestDisposalGoesStale(t *testing.T) {
	w := dueWorld(t)
	ids := customer(w, 1)
	customer(w, 2)
	other := dpo
	other.Token = "zzzzzzzzzz"
	b, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.ApproveDisposal(ctx, other, b.ID); err != nil {
		t.Fatal(err)
	}
	w.Report(events.MilestoneRetracted, "shop", "2025-03-24T08:00:00Z", ids[:1], func(e *events.Event) { e.Milestone = "closed" })
	if _, err := w.Desk.RunDisposal(ctx, dpo, b.ID); !errors.Is(err, desk.ErrStale) {
		t.Errorf("%v", err)
	}
}

// A rule that was changed lately stops the batch, and so does a batch about many.
func TestDisposalFuse(t *testing.T) {
	w := dueWorld(t)
	for n := range 60 {
		customer(w, n)
	}
	other := dpo
	other.Token = "zzzzzzzzzz"
	approved := func() string {
		b, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo})
		if err == nil {
			_, err = w.Desk.ApproveDisposal(ctx, other, b.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.ID
	}
	var fuse *desk.Fuse
	if _, err := w.Desk.RunDisposal(ctx, dpo, approved()); !errors.As(err, &fuse) || fuse.Code != "DISPOSAL_FUSE" || !strings.Contains(fuse.Text, "60 people") {
		t.Errorf("everybody at once: %v", err)
	}
	w = dueWorld(t)
	customer(w, 1)
	w.InForce = func(events.Instant) *catalogue.Catalogue {
		return dueCatalogue(t, strings.Replace(dueYAML, "trigger: closed, period: P1M", "trigger: closed, period: P2M", 1))
	}
	if _, err := w.Desk.RunDisposal(ctx, dpo, approved()); !errors.As(err, &fuse) || !strings.Contains(fuse.Text, "rule account was changed") {
		t.Errorf("a changed rule: %v", err)
	}
}

// Whatever the identifier, a hold finds its person: a number of one system, an
// address in use by one, an address that several people use.
func TestHoldFindsItsPerson(t *testing.T) {
	for name, c := range map[string]struct {
		on     string
		shared bool
		want   int
	}{
		"a local number":    {"shop.customer=1", false, 1},
		"an address":        {"email=c1@example.org", false, 1},
		"a shared address":  {"email=office@example.org", true, 2},
		"nobody's, for now": {"email=new@example.org", false, 0},
	} {
		w := dueWorld(t)
		for n := range 3 {
			ids := customer(w, n)
			if n > 0 {
				w.Report(events.RecordStored, "shop", "2024-01-02", []string{ids[0], "email=office@example.org"}, desktest.Codes("account", "customer", desktest.Cat("contact")))
			}
		}
		if c.shared {
			if _, err := w.Desk.Mark(ctx, desk.Decision{Caller: dpo, Identifier: desktest.ID(c.on), Shared: true, Reason: reason}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: dpo, Identifier: desktest.ID(c.on), Ground: "claims", Review: onDay("2026-01-01"), Owner: owner}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(states(t, w, "2025-03-24"), "on_hold"); got != c.want {
			t.Errorf("%s: %d on hold, want %d", name, got, c.want)
		}
	}
}
