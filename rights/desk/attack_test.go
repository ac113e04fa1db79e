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

// I10: a hold that is on the journal before a claim keeps what the claim is about,
// also where the claim was looked at before.
func TestHoldBetweenLookAndClaim(t *testing.T) {
	w := speaking(t)
	v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
	task := taskOf(t, v, "marketing", "erase")
	w.Before = func(e *events.Event) {
		if e.Kind != events.TaskRecorded {
			return
		}
		w.Before = nil
		if _, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: worker, System: "marketing", Ground: "claims", Owner: events.NewPlaintext("legal"), Review: day(t, "2025-12-01")}); err != nil {
			t.Error(err)
		}
	}
	w.Revealed = 0
	x, err := claim(w, task.Task, "marketing")
	if cases.RefusalCode(err) != cases.TaskNotClaimable || x != nil || w.Revealed > 0 {
		t.Errorf("a hold placed meanwhile: %v, %v, revealed %d times", x, err, w.Revealed)
	}
}

// B3: what a named person took out of the person's records is not erased, also where
// its task was made before.
func TestTakenOutIsNotErased(t *testing.T) {
	w := speaking(t)
	id := approvedFor(t, w, catalogue.RightErasure)
	v := run(t, w, id)
	task := taskOf(t, v, "marketing", "erase")
	var refs []string
	for _, m := range plans(t, w, id).Members {
		if m.System != "marketing" {
			refs = append(refs, m.Ref)
		}
	}
	if _, err := w.Desk.ConfirmCase(ctx, desk.CaseConfirmOrder{CaseStep: act(id, worker, "the marketing record is her sister's"), Refs: refs}); err != nil {
		t.Fatal(err)
	}
	w.Revealed = 0
	if x, err := claim(w, task.Task, "marketing"); cases.RefusalCode(err) != cases.TaskNotClaimable || x != nil || w.Revealed > 0 {
		t.Errorf("taken out of the case: %v, %v, revealed %d times", x, err, w.Revealed)
	}
}

// A later decision to keep something keeps it, although its task was made before.
func TestDecidedAgainIsNotErased(t *testing.T) {
	w := speaking(t)
	id := approvedFor(t, w, catalogue.RightErasure)
	v := run(t, w, id)
	task := taskOf(t, v, "marketing", "erase")
	s, err := w.Desk.ShowTask(ctx, worker, task.Task)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Parts {
		o := desk.CaseDecideOrder{CaseStep: act(id, boss, "a claim came in"), Items: []string{p.Holding}, Right: catalogue.RightErasure, Outcome: law.Retain, Code: law.KeepNoGround, WaitsFor: "review"}
		if _, err := w.Desk.DecideCase(ctx, o); err != nil {
			t.Fatalf("decide again: %v", err)
		}
	}
	w.Revealed = 0
	if x, err := claim(w, task.Task, "marketing"); cases.RefusalCode(err) != cases.TaskNotClaimable || x != nil || w.Revealed > 0 {
		t.Errorf("decided to keep: %v, %v, revealed %d times", x, err, w.Revealed)
	}
	third := access.Caller{Token: "cthird00001", Name: "joe", Roles: []access.Role{access.Approver}}
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(id, third, "")}); err != nil {
		t.Fatal(err)
	}
	if x, err := claim(w, task.Task, "marketing"); cases.RefusalCode(err) != cases.TaskNotClaimable || x != nil || w.Revealed > 0 {
		t.Errorf("approved to be kept: %v, %v, revealed %d times", x, err, w.Revealed)
	}
}

// B3, B4: whoever said that two records are of different people said it after they
// were confirmed: they have to be confirmed anew.
func TestSplitAfterConfirm(t *testing.T) {
	w := speaking(t)
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	settles(t, w, c.Case)
	if _, err := w.Desk.Split(ctx, desk.Decision{Caller: boss, IdentifierA: desktest.ID("marketing.contact=M1"), IdentifierB: desktest.ID("platform.member=IC-4471"), Reason: events.NewPlaintext("two people")}); err != nil {
		t.Fatal(err)
	}
	_, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")})
	refused(t, err, cases.JoinsContested)
	// Whoever confirms them again has seen it.
	settles(t, w, c.Case)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")}); err != nil {
		t.Errorf("confirmed again: %v", err)
	}
}

// I1, A1: no word on the journal carries a value that leads from a handle of one
// system to one of another.
func TestNoWordLinksHandles(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	speaks(w)
	heard := listen(w)
	tasks := map[events.EventID]bool{}
	collect := w.Appended
	w.Appended = func(e *events.Event) {
		collect(e)
		if e.Kind == events.TaskRecorded {
			tasks[e.Digest] = true
		}
	}
	id := opens(t, w, "email=priya@example.org", catalogue.RightErasure).Case
	settles(t, w, id)
	lands(t, w, id)
	of, err := events.ParseEventID(id)
	if err != nil {
		t.Fatal(err)
	}
	n, by := 0, map[events.EventID]events.Handle{}
	for i := range *heard {
		e := &(*heard)[i]
		if len(e.Subject) == 0 || e.Of.IsZero() {
			continue
		}
		n++
		if h, seen := by[e.Of]; e.Of == of || tasks[e.Of] || seen && h != e.Subject[0].Handle {
			t.Errorf("%s of a handle says what it follows from: whoever reads the journal sees whose other handles followed from it", e.Kind)
		}
		by[e.Of] = e.Subject[0].Handle
	}
	if n < 2 {
		t.Errorf("%d words were said", n)
	}
}

// I8: a copy that was named and never came proves nothing.
func TestCopyThatNeverCame(t *testing.T) {
	w, _ := packs(t)
	v := run(t, w, approved(t, w, catalogue.RightAccess))
	i := slices.IndexFunc(v.Tasks, func(x desk.TaskView) bool { return x.Verb == "export" })
	x := takes(t, w, v.Tasks[i].Task, events.Code(v.Tasks[i].System))
	r, err := w.Desk.ReportTask(ctx, asSystem(events.Code(x.System)), events.Code(x.System), x.Task, &events.WorkReport{Attempt: x.Attempt, Outcome: events.WorkDone, Copies: []string{"nowhere.csv"}})
	if refused(t, err, cases.ReportDoesNotFit); r != nil {
		t.Errorf("a copy that never came makes the task %s", r.State)
	}
	// Nor does a name that no clock would ever destroy.
	if _, err := w.Desk.CopyTask(ctx, asSystem(events.Code(x.System)), events.Code(x.System), x.Task, "a\x00b", "text/csv", strings.NewReader("x")); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("a name with a zero byte: %v", err)
	}
}

// The names of copies are a system's own words: they are shown to whoever may see
// the case, and to nobody else.
func TestNamesOfCopies(t *testing.T) {
	w := speaking(t)
	v := run(t, w, approvedFor(t, w, catalogue.RightAccess))
	i := slices.IndexFunc(v.Tasks, func(x desk.TaskView) bool { return x.Verb == "export" })
	x := takes(t, w, v.Tasks[i].Task, events.Code(v.Tasks[i].System))
	if _, err := w.Desk.ReportTask(ctx, asSystem(events.Code(x.System)), events.Code(x.System), x.Task, &events.WorkReport{Attempt: x.Attempt, Outcome: events.WorkPartly, Copies: []string{"priya nair.csv"}}); err != nil {
		t.Fatal(err)
	}
	for _, role := range []access.Role{access.Engineer, access.Auditor, access.Caseworker} {
		s, err := w.Desk.ShowTask(ctx, desktest.Caller(role), x.Task)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.History[len(s.History)-1].Receipt; (len(got.Copies) > 0) != (role == access.Caseworker) {
			t.Errorf("%s is shown %q", role, got.Copies)
		}
	}
}

// Four eyes: an approval that says nothing of a digest is of the plan as it was when
// it was given, and of no other that somebody makes meanwhile.
func TestApproveWhileSomebodyDecides(t *testing.T) {
	w := speaking(t)
	id := opens(t, w, "email=priya@example.org", catalogue.RightErasure).Case
	settles(t, w, id)
	p := plans(t, w, id)
	j := slices.IndexFunc(p.Items, func(x desk.CaseItem) bool { return x.Outcome == string(law.Retain) })
	if j < 0 {
		t.Fatal("nothing is kept")
	}
	w.Before = func(e *events.Event) {
		if e.Kind != events.CaseRecorded || e.Why != cases.Approved {
			return
		}
		w.Before = nil
		o := desk.CaseDecideOrder{CaseStep: act(id, worker, "quickly"), Items: []string{p.Items[j].Holding}, Right: catalogue.RightErasure, Outcome: law.Erase, Code: law.EraseUnlawful}
		if _, err := w.Desk.DecideCase(ctx, o); err != nil {
			t.Error(err)
		}
	}
	_, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(id, boss, "")})
	refused(t, err, cases.PlanStale)
}

// A6: the copies that systems sent for a case go with its file, whatever the report
// called them.
func TestCopiesGoWithTheFile(t *testing.T) {
	w, _ := packs(t)
	id := approved(t, w, catalogue.RightAccess)
	exports(t, w, id, "platform")
	var copied events.EventID
	for _, x := range tasksOf(t, w, id) {
		if x.System == "platform" {
			of, err := events.ParseEventID(x.Task)
			if err != nil {
				t.Fatal(err)
			}
			copied = w.EventID(desk.CopyKey(of, "../export of priya@example.org.json"))
		}
		if !x.Ended {
			o := desk.SettleOrder{TaskOrder: desk.TaskOrder{Caller: worker, Task: x.Task, Reason: events.NewPlaintext("it cannot")}, Choice: "impossible"}
			if _, err := w.Desk.SettleTask(ctx, o); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.Answers.Files.Stat(ctx, copied); err != nil {
		t.Fatalf("the copy: %v", err)
	}
	if _, err := w.Desk.AnswerCase(ctx, desk.CaseAnswerOrder{CaseStep: act(id, worker, "")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.CloseCase(ctx, act(id, worker, "")); err != nil {
		t.Fatal(err)
	}
	w.Now = w.Now.AddDate(2, 0, 0)
	if n, err := w.Desk.ShredCases(ctx, 365*24*time.Hour, 90*24*time.Hour); err != nil || n != 1 {
		t.Fatalf("shredded %d, %v", n, err)
	}
	if !slices.Contains(w.ShreddedFiles(), copied) {
		t.Error("the copy that a system sent outlives the file of its case")
	}
}

// I8: nobody proves by hand what a system that speaks for itself was told to do.
func TestNobodySpeaksForAConnectedSystem(t *testing.T) {
	w := speaking(t)
	v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
	task := taskOf(t, v, "marketing", "erase").Task
	o := desk.HandReport{TaskOrder: desk.TaskOrder{Caller: worker, Task: task}, Report: events.WorkReport{Outcome: events.WorkDone, Text: events.NewPlaintext("they said so")}}
	_, err := w.Desk.ReportByHand(ctx, o)
	refused(t, err, cases.ReportDoesNotFit)
	reports(t, w, takes(t, w, task, "marketing"), events.WorkDone)
	o.Look, o.Report.Outcome = true, events.WorkFoundNothing
	_, err = w.Desk.ReportByHand(ctx, o)
	refused(t, err, cases.ReportDoesNotFit)
}

// I10: a hold on a person by any of their names stands, also after the name was taken
// out of look-ups because its erasure was approved.
func TestHoldOnARetiredName(t *testing.T) {
	for _, name := range []string{"email=priya@example.org", "marketing.contact=M1", "platform.member=IC-4471"} {
		w := speaking(t)
		v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
		task := taskOf(t, v, "marketing", "erase")
		h, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: worker, Identifier: desktest.ID(name), Ground: "claims", Owner: events.NewPlaintext("legal"), Review: day(t, "2025-12-01")})
		if err != nil {
			t.Fatal(err)
		}
		w.Revealed = 0
		if x, err := claim(w, task.Task, "marketing"); cases.RefusalCode(err) != cases.TaskNotClaimable || x != nil || w.Revealed > 0 {
			t.Errorf("a hold on %s (not reported %v): %v, %v, revealed %d times", name, h.Unheard, x, err, w.Revealed)
		}
	}
}

// C8: so does a request for a copy that came by such a name.
func TestCopyAskedByARetiredName(t *testing.T) {
	w := speaking(t)
	v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
	task := taskOf(t, v, "marketing", "erase")
	opens(t, w, "marketing.contact=M1", catalogue.RightAccess)
	w.Revealed = 0
	if x, err := claim(w, task.Task, "marketing"); cases.RefusalCode(err) != cases.TaskNotClaimable || x != nil || w.Revealed > 0 {
		t.Errorf("a copy is owed: %v, %v, revealed %d times", x, err, w.Revealed)
	}
}

// D9: two tokens of one person are one person, also where two people have to decide
// the same and one of them made the other's token.
func TestNobodyIsTheirOwnSecond(t *testing.T) {
	w := desktest.New(t)
	w.SamePerson = func(a, b events.Code) bool {
		return a == "cmade000001" && b == worker.Token || b == "cmade000001" && a == worker.Token
	}
	w.Open()
	w.Priya()
	c := opens(t, w, "email=priya@example.org", catalogue.RightAccess)
	settles(t, w, c.Case)
	a := desk.CaseAssessOrder{CaseStep: act(c.Case, worker, ""), Kind: law.Exemption, Code: "Sch2.P1.2", Holds: true, Review: day(t, "2026-01-01"),
		Ref: events.NewPlaintext("inquiry 7"), Scope: desk.CaseScope{Activity: "ic-a09"}}
	if _, err := w.Desk.AssessCase(ctx, a); err != nil {
		t.Fatal(err)
	}
	items := plans(t, w, c.Case).Items
	i := slices.IndexFunc(items, func(x desk.CaseItem) bool { return x.Silent })
	if i < 0 {
		t.Fatal("nothing is left out without a word")
	}
	made := access.Caller{Token: "cmade000001", Name: "another", Roles: []access.Role{access.Caseworker}}
	o := desk.CaseDecideOrder{CaseStep: act(c.Case, worker, "the police asked"), Items: []string{items[i].Holding}, AcceptProposed: true}
	if _, err := w.Desk.DecideCase(ctx, o); err != nil {
		t.Fatal(err)
	}
	o.CaseStep = act(c.Case, made, "I agree with myself")
	_, err := w.Desk.DecideCase(ctx, o)
	refused(t, err, cases.TwoPersons)
}
