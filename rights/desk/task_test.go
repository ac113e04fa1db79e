package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// speaking makes a world in which our systems and one processor claim their tasks.
func speaking(t *testing.T) *desktest.World {
	t.Helper()
	w := desktest.New(t)
	w.Speaks = map[events.Code]bool{"platform": true, "finance": true, "marketing": true, "gocardless": true}
	w.Open()
	w.Priya()
	return w
}

// approvedFor opens a case of Priya's, decides it, and has somebody else approve it.
func approvedFor(t *testing.T, w *desktest.World, rights ...catalogue.RightKind) string {
	t.Helper()
	c := opens(t, w, "email=priya@example.org", rights...)
	settles(t, w, c.Case)
	p := plans(t, w, c.Case)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, ""), Digest: p.Digest, Totals: p.Counts}); err != nil {
		t.Fatal(err)
	}
	return c.Case
}

func run(t *testing.T, w *desktest.World, c string) *desk.RunView {
	t.Helper()
	v, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: worker, Case: c})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func asSystem(id events.Code) access.Caller {
	return access.Caller{Token: "t" + id, Name: id, Roles: []access.Role{access.SystemRole(id)}}
}

func claim(w *desktest.World, task string, as events.Code) (*events.Work, error) {
	id, err := events.ParseEventID(task)
	if err != nil {
		return nil, err
	}
	return w.Desk.ClaimTask(ctx, asSystem(as), as, id, 0)
}

func takes(t *testing.T, w *desktest.World, task string, as events.Code) *events.Work {
	t.Helper()
	x, err := claim(w, task, as)
	if err != nil {
		t.Fatalf("claim %s for %s: %v", task, as, err)
	}
	return x
}

func reports(t *testing.T, w *desktest.World, x *events.Work, outcome events.Code) *events.WorkReported {
	t.Helper()
	r, err := w.Desk.ReportTask(ctx, asSystem(events.Code(x.System)), events.Code(x.System), x.Task, &events.WorkReport{Attempt: x.Attempt, Outcome: outcome, Ground: "law"})
	if err != nil {
		t.Fatalf("report %s: %v", outcome, err)
	}
	return r
}

// taskOf is the task of a system with a verb.
func taskOf(t *testing.T, v *desk.RunView, system, verb string) desk.TaskView {
	t.Helper()
	i := slices.IndexFunc(v.Tasks, func(x desk.TaskView) bool { return x.System == system && x.Verb == verb })
	if i < 0 {
		t.Fatalf("no task to %s for %s among %v", verb, system, lines(v))
	}
	return v.Tasks[i]
}

func lines(v *desk.RunView) (out []string) {
	for _, x := range v.Tasks {
		out = append(out, fmt.Sprintf("%s %s %s %s", x.System, x.Verb, x.State, x.Detail))
	}
	return out
}

// A change to data is erased by whoever has it: a task for each system that holds
// something and for each recipient, durable before the first doorbell (I9).
func TestRunMakesTasksFirst(t *testing.T) {
	w := speaking(t)
	c := approvedFor(t, w, catalogue.RightErasure)
	var kinds []string
	w.Appended = func(e *events.Event) {
		kinds = append(kinds, e.Kind.String())
		if strings.Contains(fmt.Sprintf("%+v", *e), "priya") {
			t.Errorf("%s names somebody", e.Kind)
		}
		if w.Rung > 0 && e.Kind == events.TaskRecorded {
			t.Error("the doorbell rang before every task was durable")
		}
	}
	v := run(t, w, c)
	if v.Act != "started" || v.Made == 0 || v.Made != len(v.Tasks) || w.Rung == 0 {
		t.Fatalf("run %+v, rung %d", v, w.Rung)
	}
	started := slices.Index(kinds, "case.recorded")
	if n := slices.Index(kinds[started:], "task.recorded"); started != v.Made || n >= 0 {
		t.Errorf("facts in the order %v; want %d tasks, then the case", kinds, v.Made)
	}
	if twice := run(t, w, c); twice.Act != "none" || twice.Code != string(cases.NothingToDo) || twice.Made != 0 || len(twice.Tasks) != v.Made {
		t.Errorf("running again: %+v", twice)
	}
	again, err := w.Desk.ListTasks(ctx, desk.TaskQuery{Caller: worker, Case: c})
	if err != nil || len(again.Tasks) != v.Made {
		t.Errorf("running again left %d tasks, %v; want %d", len(again.Tasks), err, v.Made)
	}
}

func TestRunIsRefused(t *testing.T) {
	w := speaking(t)
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	_, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: worker, Case: c.Case})
	refused(t, err, cases.NothingApproved)
	_, err = w.Desk.RunCase(ctx, desk.RunOrder{Caller: asSystem("platform"), Case: c.Case})
	if !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("a system runs a case: %v", err)
	}
	w = speaking(t)
	id := approvedFor(t, w, catalogue.RightErasure)
	if _, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: worker, System: "platform", Ground: "claims", Owner: events.NewPlaintext("legal"), Review: day(t, "2025-12-01")}); err != nil {
		t.Fatal(err)
	}
	_, err = w.Desk.RunCase(ctx, desk.RunOrder{Caller: worker, Case: id})
	refused(t, err, cases.PlanStale)
	if w.Rung > 0 {
		t.Error("the doorbell rang for a plan that is stale")
	}
}

// TestRunCrashes stops a run at each of its durable steps, failed and failed after
// it was saved; running again then makes each task once and starts once.
func TestRunCrashes(t *testing.T) {
	for _, lose := range []bool{false, true} {
		for step := 1; ; step++ {
			w := speaking(t)
			c := approvedFor(t, w, catalogue.RightErasure)
			n := 0
			w.Before = func(*events.Event) {
				n++
				w.FailAppend, w.LoseAppend = n == step && !lose, n == step && lose
			}
			_, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: worker, Case: c})
			w.Before, w.FailAppend, w.LoseAppend = nil, false, false
			if err == nil {
				if step < 5 {
					t.Fatalf("only %d steps", step)
				}
				break
			}
			_, err = w.Desk.RunCase(ctx, desk.RunOrder{Caller: worker, Case: c})
			if err != nil {
				t.Fatalf("step %d (saved %v): run again: %v", step, lose, err)
			}
			list, err := w.Desk.ListTasks(ctx, desk.TaskQuery{Caller: worker, Case: c})
			if err != nil {
				t.Fatal(err)
			}
			other := twin(t)
			if want := run(t, other, "1"); len(list.Tasks) != len(want.Tasks) || !slices.Equal(w.Retired(), other.Retired()) {
				t.Errorf("step %d (saved %v): %d tasks and %v retired; want %d and %v", step, lose, len(list.Tasks), w.Retired(), len(want.Tasks), other.Retired())
			}
			for _, x := range list.Tasks {
				if x.State == "planned" {
					takes(t, w, x.Task, events.Code(x.System))
				}
			}
		}
	}
}

// twin is the same world, where nothing went wrong.
func twin(t *testing.T) *desktest.World {
	w := speaking(t)
	approvedFor(t, w, catalogue.RightErasure)
	return w
}

// A claim is durable and on record before anybody is named, and names the person as
// this system knows them and in no other way.
func TestClaimRevealsLast(t *testing.T) {
	w := speaking(t)
	v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
	task := taskOf(t, v, "platform", "erase")
	w.Revealed = 0
	w.Journal.Refuse = true
	if x, err := claim(w, task.Task, "platform"); !errors.Is(err, desk.ErrNotRecorded) || x != nil || w.Revealed > 0 {
		t.Errorf("without a record: %v, %v, revealed %d times", x, err, w.Revealed)
	}
	w.Journal.Refuse = false
	w.Before = func(*events.Event) { w.FailAppend = true }
	if x, err := claim(w, task.Task, "platform"); err == nil || x != nil || w.Revealed > 0 {
		t.Errorf("without a durable claim: %v, %v, revealed %d times", x, err, w.Revealed)
	}
	w.Before, w.FailAppend = nil, false
	x := takes(t, w, task.Task, "platform")
	if x.Attempt != 1 || x.Key != task.Task || x.Verb != "erase" || x.LeaseUntil.IsZero() || len(x.Scope) == 0 {
		t.Errorf("work %+v", x)
	}
	for _, s := range x.Subject {
		if s.Kind.System() != "" && s.Kind.System() != "platform" || s.Value == "F-90" || s.Value == "M1" {
			t.Errorf("platform is told %s", s.Kind)
		}
	}
	if !slices.ContainsFunc(x.Subject, func(s events.WorkIdentifier) bool { return s.Value == "IC-4471" }) {
		t.Errorf("platform is not told whom it knows: %v", x.Subject)
	}
	if _, err := claim(w, task.Task, "platform"); cases.RefusalCode(err) != cases.TaskLeased {
		t.Errorf("a second claim: %v", err)
	}
	for _, as := range []events.Code{"finance", "gocardless"} {
		if x, err := claim(w, task.Task, as); !errors.Is(err, desk.ErrGone) || x != nil {
			t.Errorf("%s claims a task of platform: %v, %v", as, x, err)
		}
	}
	id, _ := events.ParseEventID(task.Task)
	for _, who := range []access.Caller{worker, boss, {Token: "op", Roles: []access.Role{access.Operator}}, asSystem("finance")} {
		if x, err := w.Desk.ClaimTask(ctx, who, "platform", id, 0); !errors.Is(err, desk.ErrForbidden) || x != nil {
			t.Errorf("%v claims for platform: %v, %v", who.Roles, x, err)
		}
	}
}

// I10: a hold that came after the approval stops the claim, and the task comes back
// when it is lifted.
func TestHoldStopsAClaim(t *testing.T) {
	w := speaking(t)
	v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
	task := taskOf(t, v, "marketing", "erase")
	h, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: worker, System: "marketing", Ground: "claims", Owner: events.NewPlaintext("legal"), Review: day(t, "2025-12-01")})
	if err != nil {
		t.Fatal(err)
	}
	w.Revealed = 0
	x, err := claim(w, task.Task, "marketing")
	if cases.RefusalCode(err) != cases.TaskNotClaimable || x != nil || w.Revealed > 0 {
		t.Fatalf("under a hold: %v, %v, revealed %d times", x, err, w.Revealed)
	}
	if _, err = claim(w, task.Task, "marketing"); cases.RefusalCode(err) != cases.TaskNotClaimable {
		t.Errorf("asked again: %v", err)
	}
	if s, err := w.Desk.ShowTask(ctx, worker, task.Task); err != nil || s.Detail != "held" || len(s.History) != 2 {
		t.Errorf("shown %+v, %v", s, err)
	}
	if _, err := w.Desk.LiftHold(ctx, worker, h.ID, events.NewPlaintext("settled")); err != nil {
		t.Fatal(err)
	}
	takes(t, w, task.Task, "marketing")
}

// A hold on a part of what a task is about lets the rest go, and what was kept back
// is not done, whatever is reported.
func TestHoldOnAPart(t *testing.T) {
	w := speaking(t)
	v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
	task := taskOf(t, v, "platform", "erase")
	s, err := w.Desk.ShowTask(ctx, worker, task.Task)
	if err != nil || len(s.Parts) < 2 {
		t.Fatalf("want a task about several holdings: %+v, %v", s.Parts, err)
	}
	code, element, _ := strings.Cut(s.Parts[0].Category, "/")
	if _, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: worker, System: "platform", Category: events.Category{Code: events.Code(code), Element: events.Code(element)},
		Ground: "claims", Owner: events.NewPlaintext("legal"), Review: day(t, "2025-12-01")}); err != nil {
		t.Fatal(err)
	}
	x := takes(t, w, task.Task, "platform")
	if slices.ContainsFunc(x.Scope, func(p events.WorkScope) bool { return p.Holding == s.Parts[0].Holding }) || len(x.Scope) != len(s.Parts)-1 {
		t.Errorf("under a hold %d of %d parts were given out", len(x.Scope), len(s.Parts))
	}
	if r := reports(t, w, x, events.WorkDone); r.State != "partly" {
		t.Errorf("done gives %s, though a part was kept back", r.State)
	}
	if s, err = w.Desk.ShowTask(ctx, worker, task.Task); err != nil || !slices.Contains(s.History[len(s.History)-1].Receipt.Left, s.Parts[0].Holding) {
		t.Errorf("the receipt does not say what is left: %+v, %v", s.History, err)
	}
}

// I8: a receipt is a claim. Only a later look that finds nothing makes it verified,
// and only then is the data off the map.
func TestLookAgain(t *testing.T) {
	w := speaking(t)
	v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
	task := taskOf(t, v, "marketing", "erase")
	x := takes(t, w, task.Task, "marketing")
	if r := reports(t, w, x, events.WorkDone); r.State != "accepted" || r.Receipt == "" || r.Known {
		t.Fatalf("done gives %+v", r)
	}
	if r := reports(t, w, x, events.WorkDone); !r.Known {
		t.Errorf("the same again gives %+v", r)
	}
	w.Now = w.Now.Add(time.Minute)
	look := takes(t, w, task.Task, "marketing")
	if look.Verb != "verify" || look.Of != "erase" || look.Key != x.Key {
		t.Fatalf("the look is %+v", look)
	}
	var removed int
	w.Appended = func(e *events.Event) {
		if e.Kind == events.RecordRemoved {
			removed++
		}
	}
	if r := reports(t, w, look, events.WorkFoundNothing); r.State != "verified" {
		t.Errorf("a look that found nothing gives %+v", r)
	}
	if removed == 0 {
		t.Error("the map still holds what a look did not find")
	}
	// A liar: said to be gone, and the look found it.
	task = taskOf(t, v, "platform", "erase")
	x = takes(t, w, task.Task, "platform")
	reports(t, w, x, events.WorkDone)
	w.Now = w.Now.Add(time.Minute)
	if r := reports(t, w, takes(t, w, task.Task, "platform"), events.WorkStillThere); r.State != "failed" {
		t.Errorf("a look that found it gives %+v", r)
	}
	again, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: worker, Case: v.Case, OnlyFailed: true})
	if err != nil || again.Again != 1 {
		t.Fatalf("run what failed: %+v, %v", again, err)
	}
	if y := takes(t, w, task.Task, "platform"); y.Attempt != 3 || y.Key != x.Key || y.Verb != "erase" {
		t.Errorf("again: %+v", y)
	}
}

// TestReportCrashes stops a report at each durable step; saying it again brings the
// task to the same end.
func TestReportCrashes(t *testing.T) {
	for _, lose := range []bool{false, true} {
		for step := 1; step <= 3; step++ {
			w := speaking(t)
			v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
			task := taskOf(t, v, "marketing", "erase")
			reports(t, w, takes(t, w, task.Task, "marketing"), events.WorkDone)
			w.Now = w.Now.Add(time.Minute)
			look := takes(t, w, task.Task, "marketing")
			n, removed := 0, 0
			w.Before = func(*events.Event) {
				n++
				w.FailAppend, w.LoseAppend = n == step && !lose, n == step && lose
			}
			report := &events.WorkReport{Attempt: look.Attempt, Outcome: events.WorkFoundNothing}
			_, err := w.Desk.ReportTask(ctx, asSystem("marketing"), "marketing", task.Task, report)
			w.Before, w.FailAppend, w.LoseAppend = nil, false, false
			if err == nil && n >= step {
				t.Errorf("step %d: no error", step)
			}
			w.Appended = func(e *events.Event) {
				if e.Kind == events.RecordRemoved {
					removed++
				}
			}
			r, err := w.Desk.ReportTask(ctx, asSystem("marketing"), "marketing", task.Task, report)
			if err != nil || r.State != "verified" {
				t.Errorf("step %d (saved %v): again %+v, %v", step, lose, r, err)
			}
		}
	}
}

// A lease that runs out gives the task to the next; what is overdue is chased, and at
// the end of the tail a person chooses.
func TestTimeAlone(t *testing.T) {
	w := speaking(t)
	v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
	task := taskOf(t, v, "marketing", "erase")
	takes(t, w, task.Task, "marketing")
	w.Now = w.Now.Add(11 * time.Minute)
	if n, err := w.Desk.TendTasks(ctx); err != nil || n != 1 {
		t.Fatalf("tended %d, %v", n, err)
	}
	s, err := w.Desk.ShowTask(ctx, worker, task.Task)
	if err != nil || s.State != "planned" || s.Detail != "lease_expired" || s.Attempts != 1 {
		t.Errorf("after the lease %+v, %v", s.TaskView, err)
	}
	w.Now = time.Date(2025, 4, 23, 12, 0, 0, 0, time.UTC)
	if _, err := w.Desk.TendTasks(ctx); err != nil {
		t.Fatal(err)
	}
	if s, _ = w.Desk.ShowTask(ctx, worker, task.Task); s.Detail != "overdue" {
		t.Errorf("overdue: %+v", s.TaskView)
	}
	w.Now = time.Date(2025, 9, 1, 12, 0, 0, 0, time.UTC)
	if _, err := w.Desk.TendTasks(ctx); err != nil {
		t.Fatal(err)
	}
	if s, _ = w.Desk.ShowTask(ctx, worker, task.Task); s.Detail != "choose" || !s.Person {
		t.Errorf("at the end of the tail: %+v", s.TaskView)
	}
	if n, err := w.Desk.TendTasks(ctx); n != 0 || err != nil {
		t.Errorf("tending again changes %d, %v", n, err)
	}
	o := desk.SettleOrder{TaskOrder: desk.TaskOrder{Caller: worker, Task: task.Task}, Choice: "disproportionate"}
	if _, err := w.Desk.SettleTask(ctx, o); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("without a reason: %v", err)
	}
	o.Reason = events.NewPlaintext("the contract ended and nobody answers")
	if got, err := w.Desk.SettleTask(ctx, o); err != nil || got.State != "disproportionate" || !got.Ended {
		t.Errorf("settled %+v, %v", got, err)
	}
}

// What no system claims waits for a person, who reports with what shows it; the
// case is complete once each target has ended, and not before.
func TestByHandToTheEnd(t *testing.T) {
	w := speaking(t)
	w.Speaks = nil
	c := approvedFor(t, w, catalogue.RightErasure)
	v := run(t, w, c)
	for _, x := range v.Tasks {
		if x.State != "manual_waiting" && x.State != "impossible" {
			t.Errorf("%s %s is %s, and nobody claims it", x.System, x.Verb, x.State)
		}
	}
	o := desk.HandReport{TaskOrder: desk.TaskOrder{Caller: worker, Task: v.Tasks[0].Task}, Report: events.WorkReport{Outcome: events.WorkDone}}
	if _, err := w.Desk.ReportByHand(ctx, o); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("without what shows it: %v", err)
	}
	if _, err := w.Desk.AnswerCase(ctx, desk.CaseAnswerOrder{CaseStep: act(c, worker, "")}); err != nil {
		t.Fatal(err)
	}
	for i, x := range v.Tasks {
		if x.State == "impossible" {
			continue
		}
		_, err := w.Desk.CloseCase(ctx, act(c, worker, ""))
		refused(t, err, cases.TargetsUnproven)
		o.Task, o.Report.Text = x.Task, events.NewPlaintext("letter of 1 April")
		if _, err := w.Desk.ReportByHand(ctx, o); err != nil {
			t.Fatal(err)
		}
		settle := desk.SettleOrder{TaskOrder: desk.TaskOrder{Caller: worker, Task: x.Task, Reason: events.NewPlaintext("as far as it goes")}, Choice: "accept"}
		if got, err := w.Desk.SettleTask(ctx, settle); err != nil && cases.RefusalCode(err) != cases.NotSettleable {
			t.Errorf("task %d: %+v, %v", i, got, err)
		}
	}
	s, err := w.Desk.ShowCase(ctx, worker, c)
	if err != nil || s.Status != "complete" {
		t.Errorf("at the end the case is %s, %v", s.Status, err)
	}
}
