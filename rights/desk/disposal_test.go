package desk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// approve lets a second person agree to a batch.
func approve(t *testing.T, w *desktest.World, b desk.DisposalView, err error) string {
	t.Helper()
	other := dpo
	other.Token = "zzzzzzzzzz"
	if err == nil {
		_, err = w.Desk.ApproveDisposal(ctx, other, b.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.ID
}

// Two persons means two persons: whoever holds two tokens, as when one was made
// anew, is one, for a batch as for a list of people.
func TestOnePersonIsNotTwo(t *testing.T) {
	w := dueWorld(t)
	w.FourEyes = true
	w.SamePerson = func(a, b events.Code) bool { return a == dpo.Token && b == "zzzzzzzzzz" }
	w.Open()
	customer(w, 1)
	again := dpo
	again.Token = "zzzzzzzzzz"
	b, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.ApproveDisposal(ctx, again, b.ID); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("a batch: approved with a second token of the proposer: %v", err)
	}
	var need *desk.NeedsApproval
	if _, err := list(w, dpo, facets.Filter{System: "shop"}); !errors.As(err, &need) {
		t.Fatal(err)
	}
	if _, err := w.Desk.ApproveList(ctx, again, need.Request.ID); !errors.Is(err, desk.ErrSamePerson) {
		t.Errorf("a list: approved with a second token of who asks: %v", err)
	}
	another := dpo
	another.Token = "yyyyyyyyyy"
	if _, err := w.Desk.ApproveDisposal(ctx, another, b.ID); err != nil {
		t.Errorf("another person: %v", err)
	}
}

// On a server younger than the fuse's days a changed decision stops a batch too,
// and so does another catalogue in the place of the first.
func TestDisposalFuseOfAYoungServer(t *testing.T) {
	var fuse *desk.Fuse
	for name, first := range map[string]string{
		"a changed rule":    strings.Replace(dueYAML, "trigger: closed, period: P1M", "trigger: closed, period: P7Y", 1),
		"another catalogue": strings.Replace(strings.Replace(dueYAML, "trigger: closed, period: P1M", "trigger: closed, period: P7Y", 1), "catalogue: due", "catalogue: before", 1),
	} {
		w := dueWorld(t)
		customer(w, 1)
		w.First = func() *catalogue.Catalogue { return dueCatalogue(t, first) }
		b, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo})
		if _, err := w.Desk.RunDisposal(ctx, dpo, approve(t, w, b, err)); !errors.As(err, &fuse) || !strings.Contains(fuse.Text, "rule account was changed") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A batch is held in memory, so it is bounded; a smaller one passes.
func TestDisposalIsBounded(t *testing.T) {
	w := dueWorld(t)
	w.DisposalMost = 2
	w.Open()
	customer(w, 1)
	customer(w, 2)
	if b, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo}); err != nil || b.Holdings != 2 {
		t.Fatalf("%+v, %v", b, err)
	}
	customer(w, 3)
	if _, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo}); !errors.Is(err, desk.ErrQuestion) || !strings.Contains(err.Error(), "propose smaller ones") {
		t.Errorf("%v", err)
	}
}

// I10: a hold that is placed while a batch is carried out keeps what it covers.
func TestHoldDuringDisposal(t *testing.T) {
	w := dueWorld(t)
	for n := range 40 {
		ids := customer(w, n)
		w.Report(events.RecordStored, "shop", "2024-01-02", ids, desktest.Codes("account", "customer", desktest.Cat("orders")))
	}
	b, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo})
	id := approve(t, w, b, err)
	if b.Holdings != 80 {
		t.Fatalf("%d holdings", b.Holdings)
	}
	held := false
	w.Appended = func(e *events.Event) {
		if e.Kind != events.DisposalIntended || held {
			return
		}
		held = true
		if _, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: dpo, System: "shop", Ground: "claims", Review: onDay("2026-01-01"), Owner: owner}); err != nil {
			t.Error(err)
		}
	}
	if run, err := w.Desk.RunDisposal(ctx, dpo, id); !errors.Is(err, desk.ErrStale) || run.Intended == 0 || run.Intended == 80 {
		t.Errorf("%d decided on, %v", run.Intended, err)
	}
}

// I10: what a batch holds is judged as things stand when it is carried out. A hold
// placed on the day after it was proposed keeps what it covers, and so does a
// request; and a batch about a day gone by looks at the holds of today.
func TestDisposalLooksAtToday(t *testing.T) {
	stop := func(w *desktest.World) {
		if _, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: dpo, Identifier: desktest.ID("email=c1@example.org"), Ground: "claims", Review: onDay("2026-01-01"), Owner: owner}); err != nil {
			t.Fatal(err)
		}
	}
	w := dueWorld(t)
	customer(w, 1)
	customer(w, 2)
	b, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo})
	id := approve(t, w, b, err)
	w.Now = w.Now.AddDate(0, 0, 1)
	stop(w)
	if run, err := w.Desk.RunDisposal(ctx, dpo, id); !errors.Is(err, desk.ErrStale) {
		t.Errorf("a hold of the day after: %+v, %v", run, err)
	}
	if b, err = w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo, On: onDay("2025-03-10")}); err != nil || b.Holdings != 1 || b.On != onDay("2025-03-10") {
		t.Errorf("a day before the hold: %+v, %v", b, err)
	}
	// What ends after the day asked about is not in it.
	if b, err = w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo, On: onDay("2025-02-01")}); !errors.Is(err, desk.ErrGone) {
		t.Errorf("before anything ended: %+v, %v", b, err)
	}
}
