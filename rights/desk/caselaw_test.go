package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	law "github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// The whole life of a request for a copy: proof of who asks holds the clock, more
// time is told of with its reasons, and nothing leaves before four eyes.
func TestLifeOfAnAccess(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	o := order("email=priya@example.org", catalogue.RightAccess)
	o.IdentityAsked = day(t, "2025-03-21")
	c, err := w.Desk.OpenCase(ctx, o)
	if err != nil || c.Due != nil || c.Status != "waiting" {
		t.Fatalf("opened %+v, %v", c, err)
	}
	clock := func(what events.Code, on, reason string) (desk.CaseDone, error) {
		s := act(c.Case, worker, reason)
		s.On = day(t, on)
		if what == cases.ExtensionTold {
			s.Caller = boss
		}
		return w.Desk.ClockCase(ctx, desk.CaseClockOrder{CaseStep: s, Act: what})
	}
	_, err = w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")})
	refused(t, err, cases.IdentityNotProven)
	_, err = clock("identity_received", "2025-03-25", "")
	refused(t, err, cases.DateInFuture)
	// Article 12(6): the month counts from the proof that was asked for in doubt.
	done, err := clock("identity_received", "2025-03-24", "")
	if err != nil || done.Due == nil || *done.Due != "2025-04-24" {
		t.Fatalf("after the proof: %+v, %v", done, err)
	}
	_, err = clock("identity_received", "2025-03-24", "")
	refused(t, err, cases.IdentityNotInDoubt)
	_, err = clock(cases.ExtensionTold, "2025-03-24", "")
	refused(t, err, cases.ExtensionNoReason)
	// Article 12(3): extended by two further months, with the reasons.
	done, err = clock(cases.ExtensionTold, "2025-03-24", "complex: four systems hold something")
	if err != nil || *done.Due != "2025-06-24" {
		t.Fatalf("extended: %+v, %v", done, err)
	}
	l, err := w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: desk.LetterExtension})
	if err != nil || !strings.Contains(l.Text, "complex: four systems") || !strings.Contains(l.Text, "24 June 2025") || !strings.Contains(l.Text, "Information Commissioner") {
		t.Errorf("letter %v: %s", err, l.Text)
	}
	_, err = w.Desk.AnswerCase(ctx, desk.CaseAnswerOrder{CaseStep: act(c.Case, worker, "")})
	refused(t, err, cases.JoinsUnconfirmed)
	settles(t, w, c.Case)
	_, err = w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: desk.LetterAnswer})
	refused(t, err, cases.NothingApproved)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")}); err != nil {
		t.Fatal(err)
	}
	a, err := w.Desk.AnswerCase(ctx, desk.CaseAnswerOrder{CaseStep: act(c.Case, worker, "")})
	if err != nil || !a.InTime || len(a.Remarks) != 1 {
		t.Fatalf("answered %+v, %v", a, err)
	}
	_, err = w.Desk.WithdrawCase(ctx, act(c.Case, worker, ""))
	refused(t, err, cases.AlreadyAnswered)
	if _, err := w.Desk.CloseCase(ctx, act(c.Case, boss, "")); err != nil {
		t.Fatal(err)
	}
	_, err = w.Desk.CloseCase(ctx, act(c.Case, boss, ""))
	refused(t, err, cases.AlreadyClosed)
}

// A request is refused as a whole with its reason, and the person is told where to
// turn (Article 12(4): "the possibility of lodging a complaint ... and seeking a
// judicial remedy").
func TestRefusalNamesRemedies(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	c := opens(t, w, "email=priya@example.org", catalogue.RightAccess)
	_, err := w.Desk.RefuseCase(ctx, desk.CaseRefuseOrder{CaseStep: act(c.Case, boss, ""), Excessive: true})
	refused(t, err, cases.RefusalNeedsReason)
	_, err = w.Desk.RefuseCase(ctx, desk.CaseRefuseOrder{CaseStep: act(c.Case, boss, "x"), Ground: cases.RefusedIdentity})
	refused(t, err, cases.RefusalNotPossible)
	done, err := w.Desk.RefuseCase(ctx, desk.CaseRefuseOrder{CaseStep: act(c.Case, boss, "the same was answered a week ago"), Excessive: true})
	if err != nil || done.Status != "refused" {
		t.Fatalf("refused %+v, %v", done, err)
	}
	l, err := w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: desk.LetterRefusal, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"answered a week ago", "excessive", "Article 77", "Article 79", "12(5)"} {
		if !strings.Contains(l.Text, words) {
			t.Errorf("the letter does not say %q: %s", words, l.Text)
		}
	}
	if strings.Contains(l.Text, "priya") {
		t.Errorf("a draft names somebody: %s", l.Text)
	}
}

// C6: a lawful basis is judged by the catalogue that was in force when the request
// came, so that no later edition defeats a right.
func TestBasisOfTheDayOfReceipt(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	then := w.Cat.WithVersion(1)
	mapped, err := w.Cat.Decide("test", strings.NewReader(`basis.ic-a04: {value: 6.1.b, by: "jo", on: 2025-03-23, ref: "test"}`+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	w.Cat = mapped.WithVersion(2)
	changed := events.InstantOf(time.Date(2025, 3, 23, 0, 0, 0, 0, time.UTC))
	w.InForce = func(at events.Instant) *catalogue.Catalogue {
		if at < changed {
			return then
		}
		return w.Cat
	}
	w.Earlier = func(v uint32) *catalogue.Catalogue {
		if v == 1 {
			return then
		}
		return w.Cat
	}
	w.Open()
	several := func(received string) (out bool) {
		o := order("email=priya@example.org", catalogue.RightErasure)
		o.Received, o.Force = day(t, received), true
		c, err := w.Desk.OpenCase(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		p := plans(t, w, c.Case)
		if old := received < "2025-03-23"; old != (p.AtReceipt != "") {
			t.Errorf("%s: judged by %q", received, p.AtReceipt)
		}
		for _, x := range p.Items {
			out = out || x.Activity == "ic-a04" && slices.Contains(x.Findings, "BASIS_MULTIPLE")
		}
		return out
	}
	// Somebody said later which of several bases is meant.
	if old, now := several("2025-03-20"), several("2025-03-24"); !old || now {
		t.Errorf("several bases: of a request from before %v, of one after it %v", old, now)
	}
}

// What is left out without a word is decided by two people, each in a fact of their
// own (D9), approved by a third, and stands in no letter.
func TestTwoPeopleDecideSilence(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	c := opens(t, w, "email=priya@example.org", catalogue.RightAccess)
	settles(t, w, c.Case)
	a := desk.CaseAssessOrder{CaseStep: act(c.Case, worker, ""), Kind: law.Exemption, Code: "Sch2.P1.2", Holds: true, Review: day(t, "2026-01-01"),
		Ref: events.NewPlaintext("inquiry 7"), Scope: desk.CaseScope{Activity: "ic-a09"}}
	if _, err := w.Desk.AssessCase(ctx, a); err != nil {
		t.Fatal(err)
	}
	silent := func() (out []desk.CaseItem) {
		for _, x := range plans(t, w, c.Case).Items {
			if x.Silent {
				out = append(out, x)
			}
		}
		return out
	}
	x := silent()
	if len(x) != 1 || !x[0].NeedsPerson {
		t.Fatalf("silent %+v", x)
	}
	o := desk.CaseDecideOrder{CaseStep: act(c.Case, worker, "the police asked"), Items: []string{x[0].Holding}, AcceptProposed: true}
	done, err := w.Desk.DecideCase(ctx, o)
	if err != nil || *done.Undecided != 1 || len(done.Remarks) == 0 {
		t.Fatalf("one alone: %+v, %v", done, err)
	}
	_, err = w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")})
	refused(t, err, cases.TwoPersons)
	o.CaseStep = act(c.Case, boss, "I agree")
	if done, err = w.Desk.DecideCase(ctx, o); err != nil || *done.Undecided != 0 {
		t.Fatalf("the second: %+v, %v", done, err)
	}
	if x = silent(); x[0].Second != "ada" || *x[0].DecidedBy != "kim" {
		t.Errorf("decided %+v", x)
	}
	_, err = w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")})
	refused(t, err, cases.SelfApproval)
	third := boss
	third.Token, third.Name = "capprover02", "eve"
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, third, "")}); err != nil {
		t.Fatal(err)
	}
	l, err := w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: desk.LetterAnswer})
	if err != nil || strings.Contains(l.Text, "withhold") || strings.Contains(l.Text, "crime") {
		t.Errorf("the letter %v speaks of what is left out: %s", err, l.Text)
	}
}

// A person's word is tried before it is kept, and every refusal has its code.
func TestWordsThatCannotStand(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	w.Report(events.RecordStored, "platform", "2024-05-02", []string{"platform.member=IC-4471"}, desktest.Codes("undeclared", "locum", desktest.Cat("identity")))
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	p := plans(t, w, c.Case)
	review, other := "", ""
	for _, x := range p.Items {
		if x.Outcome == "review" {
			review = x.Holding
		} else if x.Outcome != "none" {
			other = x.Holding
		}
	}
	if review == "" || other == "" {
		t.Fatalf("the plan has no review or nothing else: %v", p.Counts)
	}
	decide := func(change func(*desk.CaseDecideOrder)) error {
		o := desk.CaseDecideOrder{CaseStep: act(c.Case, worker, "because"), Items: []string{other}, Outcome: law.Retain, Code: law.KeepLegalClaims, Until: day(t, "2030-01-01")}
		change(&o)
		_, err := w.Desk.DecideCase(ctx, o)
		return err
	}
	for name, x := range map[string]struct {
		code   events.Code
		change func(*desk.CaseDecideOrder)
	}{
		"no reason":      {cases.NoReason, func(o *desk.CaseDecideOrder) { o.Reason = events.Plaintext{} }},
		"a review":       {"REVIEW_NOT_ACCEPTED", func(o *desk.CaseDecideOrder) { o.Items, o.AcceptProposed = []string{review}, true }},
		"no end":         {"NO_END", func(o *desk.CaseDecideOrder) { o.Until = 0 }},
		"misfit":         {"OUTCOME_DOES_NOT_FIT", func(o *desk.CaseDecideOrder) { o.Code = law.EraseUnlawful }},
		"unknown code":   {"OUTCOME_DOES_NOT_FIT", func(o *desk.CaseDecideOrder) { o.Code = "SUNG" }},
		"still a review": {"OUTCOME_DOES_NOT_FIT", func(o *desk.CaseDecideOrder) { o.Outcome = law.Review }},
	} {
		if err := decide(x.change); cases.RefusalCode(err) != x.code {
			t.Errorf("%s: want %s, got %v", name, x.code, err)
		}
	}
	if err := decide(func(o *desk.CaseDecideOrder) { o.Items = []string{other[:10]} }); err != nil {
		t.Errorf("a word that stands: %v", err)
	}
	for _, x := range plans(t, w, c.Case).Items {
		if x.Holding == other && (x.Outcome != "retain" || x.DecidedBy == nil || *x.DecidedBy != "kim" || x.DecidedWhy != "because") {
			t.Errorf("decided %+v", x)
		}
	}
	// A hold keeps it, whatever is decided.
	if _, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: dpo, Identifier: desktest.ID("email=priya@example.org"), Ground: "claims", Owner: events.NewPlaintext("legal"), Review: day(t, "2026-01-01")}); err != nil {
		t.Fatal(err)
	}
	err := decide(func(o *desk.CaseDecideOrder) { o.Outcome, o.Code, o.Until = law.Erase, law.EraseNotNecessary, 0 })
	refused(t, err, "ON_HOLD")
}

// I7: every look at a case and every act is on record, under the case.
func TestCasesAreRecorded(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	plans(t, w, c.Case)
	if _, err := w.Desk.ShowCase(ctx, worker, c.Case); err != nil {
		t.Fatal(err)
	}
	id, err := events.ParseEventID(c.Case)
	if err != nil {
		t.Fatal(err)
	}
	page, err := w.Audit.List(audit.Filter{Case: id}, -1, 0)
	if err != nil || len(page.Entries) != 3 {
		t.Fatalf("%d records, %v", len(page.Entries), err)
	}
	for _, e := range page.Entries {
		if e.Entry.Act == "case.opened" && e.Entry.Content.IsZero() || e.Entry.Act != "case.opened" && e.Entry.About.IsZero() {
			t.Errorf("recorded %+v", e.Entry)
		}
	}
	w.Journal.Refuse = true
	if _, err := w.Desk.ShowCase(ctx, worker, c.Case); err == nil {
		t.Error("a case was shown without a record")
	}
	if _, err := w.Desk.PlanCase(ctx, worker, c.Case, 0); err == nil {
		t.Error("a plan was shown without a record")
	}
}

// A case that was shredded keeps its acts and dates.
func TestShreddedCase(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	var notes []events.EventID
	w.Appended = func(e *events.Event) {
		if e.Kind == events.CaseRecorded {
			notes = append(notes, e.Note)
		}
	}
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	for _, n := range notes {
		w.Shred(n)
	}
	w.Open()
	if err := w.Desk.LoadCases(ctx); err != nil {
		t.Fatal(err)
	}
	v, err := w.Desk.ShowCase(ctx, worker, c.Case)
	if err != nil || !v.Shredded || len(v.Timeline) != 1 || v.Timeline[0].By != "" {
		t.Errorf("shown %+v, %v", v, err)
	}
	if _, err := w.Desk.PlanCase(ctx, worker, c.Case, 0); err == nil {
		t.Error("a plan of a case that was shredded")
	}
}

// request_fires: where somebody decided that a request starts a clock, the request
// of a case does.
func TestRequestOfACaseFires(t *testing.T) {
	w := desktest.New(t)
	w.Requests = nil
	cat, err := w.Cat.Decide("test", strings.NewReader(`request_fires.account_deleted: {value: erasure, by: "jo", on: 2025-01-01, ref: "test"}`+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	w.Cat = cat
	w.Open()
	w.Report(events.RecordStored, "platform", "2023-05-02", []string{"platform.member=IC-9"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	trigger := func() string {
		f := footprint(t, w, ask("platform.member=IC-9"))
		if d := f.Holdings[0].Retention.TriggerDate; d != nil {
			return *d
		}
		return ""
	}
	if d := trigger(); d != "" {
		t.Fatalf("fired on %s before anybody asked", d)
	}
	opens(t, w, "platform.member=IC-9", catalogue.RightErasure)
	if d := trigger(); d != "2025-03-20" {
		t.Errorf("fired on %q, want the day of receipt", d)
	}
}

// A fact of which nobody knows whether it stands is read again before anything
// rests on it, without a restart.
func TestDoubtedFactIsReadAgain(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	w.Now = time.Date(2036, 6, 1, 9, 0, 0, 0, time.UTC)
	c, err := w.Desk.OpenCase(ctx, desk.CaseOrder{Caller: worker, Rights: []catalogue.RightKind{catalogue.RightAccess}, Identifiers: []events.Identifier{desktest.ID("platform.member=IC-4471")}})
	if err != nil {
		t.Fatal(err)
	}
	paused := func() (n int) {
		if _, err := w.Desk.Due(ctx, desk.DueQuery{Caller: dpo, Status: "paused"}, func(*desk.DueItem) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if paused() == 0 {
		t.Fatal("nothing waits for the answer, so the test says nothing")
	}
	w.LoseAppend = true
	if _, err := w.Desk.WithdrawCase(ctx, act(c.Case, worker, "")); err == nil {
		t.Fatal("an append that was lost was said to be done")
	}
	w.LoseAppend = false
	if n := paused(); n != 0 {
		t.Errorf("%d still wait for a request that was taken back", n)
	}
}
