package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	law "github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

var (
	worker = access.Caller{Token: "cworker0001", Name: "kim", Roles: []access.Role{access.Caseworker}}
	boss   = access.Caller{Token: "capprover01", Name: "ada", Roles: []access.Role{access.Approver, access.DPO}}
)

func day(t *testing.T, s string) events.Date {
	t.Helper()
	d, err := events.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// order asks for a case of whoever has an identifier.
func order(id string, rights ...catalogue.RightKind) desk.CaseOrder {
	received, _ := events.ParseDate("2025-03-20")
	return desk.CaseOrder{Caller: worker, Rights: rights, Identifiers: []events.Identifier{desktest.ID(id)}, Received: received, Via: "email",
		Text: events.NewPlaintext("please, says priya@example.org")}
}

func opens(t *testing.T, w *desktest.World, id string, rights ...catalogue.RightKind) desk.CaseOpened {
	t.Helper()
	c, err := w.Desk.OpenCase(ctx, order(id, rights...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func act(c string, who access.Caller, reason string) desk.CaseStep {
	return desk.CaseStep{Caller: who, Case: c, Reason: events.NewPlaintext(reason)}
}

func plans(t *testing.T, w *desktest.World, c string) *desk.CasePlan {
	t.Helper()
	p, err := w.Desk.PlanCase(ctx, worker, c, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// settles decides everything that waits: reviews are kept, and the rest is taken
// as it is proposed.
func settles(t *testing.T, w *desktest.World, c string) {
	t.Helper()
	if _, err := w.Desk.ConfirmCase(ctx, desk.CaseConfirmOrder{CaseStep: act(c, worker, "")}); err != nil {
		t.Fatal(err)
	}
	for _, x := range plans(t, w, c).Items {
		if x.Outcome != string(law.Review) {
			continue
		}
		o := desk.CaseDecideOrder{CaseStep: act(c, worker, "looked at it"), Items: []string{x.Holding}, Right: catalogue.RightKind(x.Right),
			Outcome: law.Retain, Code: law.KeepNoGround, WaitsFor: "review"}
		if x.Right == "access" || x.Right == "portability" {
			o.Outcome, o.Code, o.WaitsFor = law.Disclose, law.DiscloseAll, ""
		}
		if _, err := w.Desk.DecideCase(ctx, o); err != nil {
			t.Fatal(err)
		}
	}
	if plans(t, w, c).Undecided == 0 {
		return
	}
	if _, err := w.Desk.DecideCase(ctx, desk.CaseDecideOrder{CaseStep: act(c, worker, "as proposed"), AcceptProposed: true}); err != nil {
		t.Fatal(err)
	}
	if n := plans(t, w, c).Undecided; n != 0 {
		t.Fatalf("%d items still wait", n)
	}
}

func refused(t *testing.T, err error, code events.Code) {
	t.Helper()
	if cases.RefusalCode(err) != code {
		t.Errorf("want %s, got %v", code, err)
	}
}

// The whole life of a request to erase: opened, planned, decided, approved by
// somebody else, answered; and what is out of order is refused with its code.
func TestLifeOfAnErasure(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	if c.Due == nil || *c.Due != "2025-04-22" || c.Status != "open" || c.Number != 1 {
		t.Errorf("opened %+v", c)
	}
	p := plans(t, w, c.Case)
	if len(p.Items) == 0 || p.Undecided == 0 || p.Confirmed || len(p.NotDeleted) == 0 || len(p.Unknown) == 0 || p.Digest == "" {
		t.Errorf("plan: %d items, %d undecided, confirmed %v, unknown %d", len(p.Items), p.Undecided, p.Confirmed, len(p.Unknown))
	}
	approve := desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")}
	_, err := w.Desk.ApproveCase(ctx, approve)
	refused(t, err, cases.JoinsUnconfirmed)
	if _, err := w.Desk.ConfirmCase(ctx, desk.CaseConfirmOrder{CaseStep: act(c.Case, worker, "")}); err != nil {
		t.Fatal(err)
	}
	_, err = w.Desk.ApproveCase(ctx, approve)
	refused(t, err, cases.Undecided)
	settles(t, w, c.Case)
	// Four eyes: whoever decided approves nothing, with no token of theirs.
	for _, x := range []access.Caller{worker, {Token: "another0001", Name: "kim", Roles: []access.Role{access.DPO}}} {
		own := approve
		own.Caller, own.Caller.Roles = x, []access.Role{access.DPO}
		_, err = w.Desk.ApproveCase(ctx, own)
		refused(t, err, cases.SelfApproval)
	}
	p = plans(t, w, c.Case)
	approve.Digest, approve.Totals = p.Digest, p.Counts
	done, err := w.Desk.ApproveCase(ctx, approve)
	if err != nil || done.Status != "approved" || done.Digest != p.Digest {
		t.Fatalf("approved %+v, %v", done, err)
	}
	if p = plans(t, w, c.Case); p.Approved == nil || p.Stale || p.Approved.By != "ada" {
		t.Errorf("after approval: %+v, stale %v", p.Approved, p.Stale)
	}
	l, err := w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: desk.LetterAnswer, Keep: true})
	if err != nil || !l.Kept || !strings.Contains(l.Text, "erasing your data") || !strings.Contains(l.Text, "Article 17") {
		t.Errorf("letter %v: %s", err, l.Text)
	}
	a, err := w.Desk.AnswerCase(ctx, desk.CaseAnswerOrder{CaseStep: act(c.Case, worker, "")})
	if err != nil || a.Status != "answered" || !a.InTime || len(a.Remarks) != 0 {
		t.Errorf("answered %+v, %v", a, err)
	}
	v, err := w.Desk.ShowCase(ctx, worker, c.Case[:8])
	if err != nil || len(v.Timeline) == 0 || len(v.Clocks) != 1 || len(v.Clocks[0].Answer.Why) == 0 || v.Identifiers[0].Value != "priya@example.org" {
		t.Fatalf("shown %+v, %v", v, err)
	}
	for _, e := range v.Timeline {
		if e.Text == "" || e.By != "kim" && e.By != "ada" {
			t.Errorf("told %+v", e)
		}
	}
	list, err := w.Desk.ListCases(ctx, desk.CaseQuery{Caller: worker})
	if err != nil || len(list.Cases) != 1 || list.Cases[0].Status != "answered" || *list.Cases[0].Answered != "2025-03-24" {
		t.Errorf("listed %+v, %v", list, err)
	}
}

// A plan that the map has outgrown is not approved, and says so.
func TestStalePlan(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	settles(t, w, c.Case)
	p := plans(t, w, c.Case)
	w.Report(events.RecordShared, "platform", "2025-03-21", []string{"platform.member=IC-4471"}, desktest.All(
		desktest.Codes("ic-a03", "locum", desktest.Cat("identity")), func(e *events.Event) { e.Recipient.Code = "gocardless" }))
	_, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, ""), Digest: p.Digest})
	if code := cases.RefusalCode(err); code != cases.PlanStale && code != cases.Undecided {
		t.Errorf("a plan that has changed: %v", err)
	}
	settles(t, w, c.Case)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, ""), Digest: p.Digest}); cases.RefusalCode(err) != cases.PlanStale {
		t.Errorf("the old digest: %v", err)
	}
	wrong := map[string]int{"erase": 1000}
	_, err = w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, ""), Totals: wrong})
	refused(t, err, "TOTALS_DIFFER")
}

// The same person asking the same twice has one case; a second is opened when
// that is wanted, and somebody of whom nothing is known has a case too.
func TestDuplicatesAndStrangers(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	first := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	again := opens(t, w, "platform.member=IC-4471", catalogue.RightErasure)
	if again.Case != "" || again.DuplicateOf != first.Case {
		t.Errorf("a second: %+v", again)
	}
	other := opens(t, w, "platform.member=IC-4471", catalogue.RightAccess)
	if other.Case == "" || other.DuplicateOf != "" {
		t.Errorf("another right: %+v", other)
	}
	forced, err := w.Desk.OpenCase(ctx, desk.CaseOrder{Caller: worker, Rights: []catalogue.RightKind{catalogue.RightErasure}, Force: true,
		Identifiers: []events.Identifier{desktest.ID("email=priya@example.org")}})
	if err != nil || forced.Case == "" || forced.Number != 3 {
		t.Errorf("forced: %+v, %v", forced, err)
	}
	nobody := opens(t, w, "email=stranger@example.org", catalogue.RightAccess)
	if nobody.Case == "" || !nobody.Unheard {
		t.Errorf("a stranger: %+v", nobody)
	}
	if p := plans(t, w, nobody.Case); len(p.Items) != 0 || p.Undecided != 0 || len(p.Unknown) == 0 {
		t.Errorf("the plan of a stranger: %+v", p)
	}
	settles(t, w, nobody.Case)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(nobody.Case, boss, "")}); err != nil {
		t.Error(err)
	}
	a, err := w.Desk.AnswerCase(ctx, desk.CaseAnswerOrder{CaseStep: act(nobody.Case, worker, "")})
	if err != nil || a.Status != "answered" {
		t.Errorf("answered %+v, %v", a, err)
	}
	l, err := w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(nobody.Case, worker, ""), Kind: desk.LetterAnswer})
	if err != nil || !strings.Contains(l.Text, "found nothing") {
		t.Errorf("letter %v: %s", err, l.Text)
	}
}

func TestWhatACaseCannotBe(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	for name, change := range map[string]func(*desk.CaseOrder){
		"no right":      func(o *desk.CaseOrder) { o.Rights = nil },
		"unknown right": func(o *desk.CaseOrder) { o.Rights = []catalogue.RightKind{"informed"} },
		"nobody":        func(o *desk.CaseOrder) { o.Identifiers = nil },
		"tomorrow":      func(o *desk.CaseOrder) { o.Received = day(t, "2025-03-25") },
		"via":           func(o *desk.CaseOrder) { o.Via = "pigeon" },
		"scope":         func(o *desk.CaseOrder) { o.Scope = []desk.CaseScope{{System: "no-such"}} },
		"empty scope":   func(o *desk.CaseOrder) { o.Scope = []desk.CaseScope{{}} },
		"identity":      func(o *desk.CaseOrder) { o.IdentityReceived = day(t, "2025-03-24") },
		"states":        func(o *desk.CaseOrder) { o.States = []law.Statement{"angry"} },
		"agent":         func(o *desk.CaseOrder) { o.Agent = &desk.CaseAgent{As: "friend"} },
		"regime":        func(o *desk.CaseOrder) { o.Regime = "moon" },
		"early answer":  func(o *desk.CaseOrder) { o.Answered = day(t, "2025-03-01") },
	} {
		o := desk.CaseOrder{Caller: worker, Rights: []catalogue.RightKind{catalogue.RightErasure}, Identifiers: []events.Identifier{desktest.ID("email=priya@example.org")},
			Received: day(t, "2025-03-20")}
		change(&o)
		if _, err := w.Desk.OpenCase(ctx, o); !errors.Is(err, desk.ErrQuestion) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	if _, err := w.Desk.PlanCase(ctx, worker, c.Case, day(t, "2025-03-19")); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("a plan of before the request: %v", err)
	}
	if p, err := w.Desk.PlanCase(ctx, worker, c.Case, day(t, "2032-03-15")); err != nil || !p.Forecast {
		t.Errorf("a plan of a day to come: %v", err)
	}
	if _, err := w.Desk.ShowCase(ctx, worker, "ffffffff"); !errors.Is(err, desk.ErrGone) {
		t.Errorf("no such case: %v", err)
	}
	for name, try := range map[string]func(access.Caller) error{
		"open": func(x access.Caller) error { _, err := w.Desk.OpenCase(ctx, desk.CaseOrder{Caller: x}); return err },
		"show": func(x access.Caller) error { _, err := w.Desk.ShowCase(ctx, x, c.Case); return err },
		"plan": func(x access.Caller) error { _, err := w.Desk.PlanCase(ctx, x, c.Case, 0); return err },
		"approve": func(x access.Caller) error {
			_, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, x, "")})
			return err
		},
		"decide": func(x access.Caller) error {
			_, err := w.Desk.DecideCase(ctx, desk.CaseDecideOrder{CaseStep: act(c.Case, x, "")})
			return err
		},
	} {
		if err := try(desktest.Caller(access.Engineer)); !errors.Is(err, desk.ErrForbidden) {
			t.Errorf("an engineer may %s: %v", name, err)
		}
	}
}

// Contested joins: nothing is approved and nothing is written to anybody until a
// person has decided (B1).
func TestContestedJoinsHoldEverything(t *testing.T) {
	w := desktest.New(t)
	shared := "email=family@example.org"
	for _, m := range []string{"platform.member=IC-1", "platform.member=IC-2"} {
		w.Report(events.RecordStored, "platform", "2024-01-02", []string{m, shared}, desktest.Codes("ic-a11", "locum", desktest.Cat("contact", "email")))
	}
	c := opens(t, w, "platform.member=IC-1", catalogue.RightErasure)
	p := plans(t, w, c.Case)
	if len(p.Contested) == 0 || len(p.Items) != 1 {
		t.Fatalf("contested %+v, %d items", p.Contested, len(p.Items))
	}
	settles(t, w, c.Case)
	_, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")})
	refused(t, err, cases.JoinsContested)
	_, err = w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: desk.LetterAnswer})
	refused(t, err, cases.JoinsContested)
	if _, err := w.Desk.Mark(ctx, desk.Decision{Caller: dpo, Identifier: desktest.ID(shared), Shared: true, Reason: events.NewPlaintext("a family")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")}); err != nil {
		t.Errorf("after somebody decided: %v", err)
	}
	// Asked by the shared address alone, the plan shows candidates and no data.
	c = opens(t, w, shared, catalogue.RightErasure)
	if p := plans(t, w, c.Case); len(p.Items) != 0 || len(p.Candidates) == 0 {
		t.Errorf("a shared address: %d items, %d candidates", len(p.Items), len(p.Candidates))
	}
}

// I1: nothing that a person wrote or is known by stands in a fact, a record or an
// error.
func TestNoNamesInFacts(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	var facts []*events.Event
	w.Appended = func(e *events.Event) { facts = append(facts, e) }
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure, catalogue.RightAccess)
	settles(t, w, c.Case)
	_, _ = w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "priya may go")})
	_, err := w.Desk.ClockCase(ctx, desk.CaseClockOrder{CaseStep: act(c.Case, worker, "priya"), Act: "fee_paid"})
	if err == nil || strings.Contains(err.Error(), "priya") {
		t.Errorf("a refusal: %v", err)
	}
	for _, e := range facts {
		if e.Kind != events.CaseRecorded {
			continue
		}
		if err := e.CheckCase(); err != nil {
			t.Errorf("%s: %v", e.Why, err)
		}
		if e.Note.IsZero() || strings.Contains(string(w.Note(e.Note)), "priya@") && e.Why != cases.Opened {
			t.Errorf("%s: a name is sealed where handles stand, or nothing is", e.Why)
		}
	}
	for _, r := range w.Journal.Records() {
		if strings.Contains(strings.ToLower(string(r)), "priya") {
			t.Errorf("the record of decisions names somebody: %s", r)
		}
	}
}

// C8: until its answer is sent, a request for a copy keeps what ends from being
// disposed of, in a server that knows no more than its own cases.
func TestOpenAccessFreezesDisposal(t *testing.T) {
	w := desktest.New(t)
	w.Now = time.Date(2036, 6, 1, 9, 0, 0, 0, time.UTC)
	w.Requests = nil
	w.Priya()
	due := func() (n int, paused int) {
		_, err := w.Desk.Due(ctx, desk.DueQuery{Caller: dpo}, func(it *desk.DueItem) error {
			if it.Status == "paused" {
				paused++
			} else {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n, paused
	}
	before, _ := due()
	if before == 0 {
		t.Fatal("nothing has ended, so the test says nothing")
	}
	o := desk.CaseOrder{Caller: worker, Rights: []catalogue.RightKind{catalogue.RightAccess}, Identifiers: []events.Identifier{desktest.ID("platform.member=IC-4471")}}
	c, err := w.Desk.OpenCase(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if n, paused := due(); n != 0 || paused != before {
		t.Errorf("while it is open: %d due and %d paused, want 0 and %d", n, paused, before)
	}
	if _, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo}); !errors.Is(err, desk.ErrGone) {
		t.Errorf("a batch while a copy is owed: %v", err)
	}
	// A restart in the middle: whose cases there are is read from what is sealed.
	w.Open()
	if err := w.Desk.LoadCases(ctx); err != nil {
		t.Fatal(err)
	}
	if n, _ := due(); n != 0 {
		t.Errorf("after a restart %d are due", n)
	}
	if _, err := w.Desk.WithdrawCase(ctx, act(c.Case, worker, "taken back")); err != nil {
		t.Fatal(err)
	}
	if n, _ := due(); n != before {
		t.Errorf("after it was taken back %d are due, want %d", n, before)
	}
}

// A crash at each durable step of an act is harmless: either nothing happened and
// it is done again, or the fact counts.
func TestCaseSurvivesFaults(t *testing.T) {
	for name, harm := range map[string]func(*desktest.World, bool){
		"vault":         func(w *desktest.World, on bool) { w.BreakVault(on) },
		"audit refused": func(w *desktest.World, on bool) { w.Journal.Refuse = on },
		"append failed": func(w *desktest.World, on bool) { w.FailAppend = on },
		"append lost":   func(w *desktest.World, on bool) { w.LoseAppend = on },
	} {
		t.Run(name, func(t *testing.T) {
			w := desktest.New(t)
			w.Priya()
			c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
			harm(w, true)
			if _, err := w.Desk.ConfirmCase(ctx, desk.CaseConfirmOrder{CaseStep: act(c.Case, worker, "")}); err == nil {
				t.Fatal("an act that failed was said to be done")
			}
			harm(w, false)
			w.Open()
			v, err := w.Desk.ShowCase(ctx, worker, c.Case)
			if err != nil {
				t.Fatal(err)
			}
			if stood := len(v.Timeline) == 2; stood != (name == "append lost") {
				t.Errorf("%d facts", len(v.Timeline))
			}
			settles(t, w, c.Case)
			if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")}); err != nil {
				t.Error(err)
			}
		})
	}
}

// Two at once: one of them counts, and the other is told and makes its own anew.
func TestRace(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	raced := false
	w.Before = func(e *events.Event) {
		if e.Kind != events.CaseRecorded || raced {
			return
		}
		raced = true
		if _, err := w.Desk.ClockCase(ctx, desk.CaseClockOrder{CaseStep: act(c.Case, boss, "x"), Act: cases.IdentityChecked}); err != nil {
			t.Error(err)
		}
	}
	if _, err := w.Desk.ConfirmCase(ctx, desk.CaseConfirmOrder{CaseStep: act(c.Case, worker, "")}); err != nil {
		t.Fatal(err)
	}
	v, err := w.Desk.ShowCase(ctx, worker, c.Case)
	if err != nil || len(v.Timeline) != 3 {
		t.Fatalf("%d facts, %v", len(v.Timeline), err)
	}
	acts := []string{}
	for _, e := range v.Timeline {
		acts = append(acts, e.Act)
	}
	if !slices.Equal(acts, []string{"opened", "identity_checked", "confirmed"}) {
		t.Errorf("facts %v", acts)
	}
	// The same request opened by two people at once is one: the later is marked.
	raced = false
	w.Before = func(e *events.Event) {
		if e.Kind == events.CaseRecorded && e.Why == cases.Opened && !raced {
			raced = true
			opens(t, w, "platform.member=IC-4471", catalogue.RightRestriction)
		}
	}
	late := opens(t, w, "email=priya@example.org", catalogue.RightRestriction)
	if late.Status != "duplicate" || late.DuplicateOf == "" {
		t.Errorf("the later: %+v", late)
	}
}

// The same for opening: a case that was lost on the way is there after all, and
// asking again finds it.
func TestOpeningSurvivesFaults(t *testing.T) {
	for name, x := range map[string]struct {
		harm   func(*desktest.World, bool)
		stands bool
	}{
		"vault":         {func(w *desktest.World, on bool) { w.BreakVault(on) }, false},
		"audit refused": {func(w *desktest.World, on bool) { w.Journal.Refuse = on }, false},
		"append failed": {func(w *desktest.World, on bool) { w.FailAppend = on }, false},
		"append lost":   {func(w *desktest.World, on bool) { w.LoseAppend = on }, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := desktest.New(t)
			w.Priya()
			x.harm(w, true)
			if c, err := w.Desk.OpenCase(ctx, order("email=priya@example.org", catalogue.RightErasure)); err == nil {
				t.Fatalf("an opening that failed was said to be done: %+v", c)
			}
			x.harm(w, false)
			c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
			if (c.DuplicateOf != "") != x.stands {
				t.Errorf("asked again: %+v", c)
			}
			list, err := w.Desk.ListCases(ctx, desk.CaseQuery{Caller: worker})
			if err != nil || len(list.Cases) != 1 {
				t.Errorf("%d cases, %v", len(list.Cases), err)
			}
		})
	}
}
