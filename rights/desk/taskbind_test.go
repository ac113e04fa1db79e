package desk_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// "Where the data subject objects to processing for direct marketing purposes, the
// personal data shall no longer be processed for such purposes" (Article 21(3)): the
// systems are told when the request comes, without an approval, and once.
func TestBindingIsSentAtOnce(t *testing.T) {
	w := speaking(t)
	w.Rung = 0
	c := opens(t, w, "email=priya@example.org", catalogue.RightMarketing)
	list := tasksOf(t, w, c.Case)
	if len(list) == 0 || w.Rung == 0 {
		t.Fatalf("nothing was sent out: %v, rung %d", list, w.Rung)
	}
	i := slices.IndexFunc(list, func(x desk.TaskView) bool { return x.System == "marketing" && x.Verb == "suppress" })
	if i < 0 {
		t.Fatalf("marketing is not told: %+v", list)
	}
	if err := w.Desk.BindOpen(ctx); err != nil {
		t.Fatal(err)
	}
	if v := run(t, w, c.Case); v.Act != "none" || v.Code != string(cases.NothingToDo) || len(v.Tasks) != len(list) {
		t.Errorf("again: %+v", v)
	}
	if r := reports(t, w, takes(t, w, list[i].Task, "marketing"), events.WorkDone); r.State != "accepted" {
		t.Errorf("done gives %+v", r)
	}
	reports(t, w, takes(t, w, list[i].Task, "marketing"), events.WorkFoundNothing)
	// What waits for four eyes is not sent out with it.
	both := opens(t, w, "email=priya@example.org", catalogue.RightMarketing, catalogue.RightErasure)
	if slices.ContainsFunc(tasksOf(t, w, both.Case), func(x desk.TaskView) bool { return x.Verb == "erase" }) {
		t.Error("an erasure went out without an approval")
	}
	_, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: worker, Case: both.Case})
	refused(t, err, cases.NothingApproved)
}

// TestBindingCrashes stops the opening of an objection at each durable step; the next
// start sends out what binds, each once.
func TestBindingCrashes(t *testing.T) {
	whole := speaking(t)
	want := tasksOf(t, whole, opens(t, whole, "email=priya@example.org", catalogue.RightMarketing).Case)
	for _, lose := range []bool{false, true} {
		for step := 1; ; step++ {
			w := speaking(t)
			n := 0
			w.Before = func(*events.Event) {
				n++
				w.FailAppend, w.LoseAppend = n == step && !lose, n == step && lose
			}
			_, err := w.Desk.OpenCase(ctx, order("email=priya@example.org", catalogue.RightMarketing))
			w.Before, w.FailAppend, w.LoseAppend = nil, false, false
			if err == nil {
				if step < 4 {
					t.Fatalf("only %d steps", step)
				}
				break
			}
			l, lerr := w.Desk.ListCases(ctx, desk.CaseQuery{Caller: worker})
			if lerr != nil {
				t.Fatal(lerr)
			}
			if len(l.Cases) == 0 {
				continue // it was not opened
			}
			if err := errors.Join(w.Desk.BindOpen(ctx), w.Desk.MendTasks(ctx)); err != nil {
				t.Fatalf("step %d (saved %v): %v", step, lose, err)
			}
			got := tasksOf(t, w, "1")
			open := func(list []desk.TaskView) int {
				return len(slices.DeleteFunc(slices.Clone(list), func(x desk.TaskView) bool { return x.Ended }))
			}
			if open(got) != open(want) {
				t.Errorf("step %d (saved %v): %d tasks %+v, want %d", step, lose, open(got), got, open(want))
			}
		}
	}
}

// A token that is made after the tasks is no less a token: the system takes what was
// waiting for a person, and can look.
func TestTokenMadeLate(t *testing.T) {
	w := speaking(t)
	w.Speaks["marketing"] = false
	v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
	task := taskOf(t, v, "marketing", "erase")
	if task.State != "manual_waiting" || !task.Person {
		t.Fatalf("nobody claims it: %+v", task)
	}
	w.Speaks["marketing"] = true
	x := takes(t, w, task.Task, "marketing")
	if r := reports(t, w, x, events.WorkDone); r.State != "accepted" {
		t.Fatalf("done gives %+v", r)
	}
	// The look is a claim of its own and may be taken at once.
	look := takes(t, w, task.Task, "marketing")
	if look.Verb != "verify" || look.Of != "erase" {
		t.Fatalf("the look is %+v", look)
	}
	if r := reports(t, w, look, events.WorkFoundNothing); r.State != "verified" {
		t.Errorf("a look that found nothing gives %+v", r)
	}
}

// What no case asks for is no open work: tasks of a run that broke off, before a
// decision made the plan another.
func TestOrphans(t *testing.T) {
	w := speaking(t)
	c := approvedFor(t, w, catalogue.RightErasure)
	w.Before = func(e *events.Event) { w.FailAppend = e.Kind == events.CaseRecorded }
	_, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: worker, Case: c})
	w.Before, w.FailAppend = nil, false
	made := tasksOf(t, w, c)
	if err == nil || len(made) == 0 {
		t.Fatalf("want tasks without their case: %v, %v", made, err)
	}
	if err := w.Desk.MendTasks(ctx); err != nil {
		t.Fatal(err)
	}
	open := func() int {
		t.Helper()
		p, err := w.Desk.ListTasks(ctx, desk.TaskQuery{Caller: worker, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return len(p.Tasks)
	}
	if n := open(); n != 0 {
		t.Errorf("%d tasks that nobody asked for are open work", n)
	}
	for _, x := range tasksOf(t, w, c) {
		if x.Detail != "abandoned" || !x.Ended || x.Person {
			t.Errorf("%s %s: %+v", x.System, x.Verb, x)
		}
		if _, err := claim(w, x.Task, events.Code(x.System)); cases.RefusalCode(err) == "" {
			t.Errorf("%s takes what nobody asked for: %v", x.System, err)
		}
	}
	if s, err := w.Desk.ShowCase(ctx, worker, c); err != nil || len(s.TaskList) != 0 || len(s.Tasks) != 0 {
		t.Errorf("the case counts them: %+v, %v", s.Tasks, err)
	}
	// Asked for after all, they are given back under their own ids.
	v := run(t, w, c)
	if open() != len(v.Tasks) || len(v.Tasks) != len(made) || v.Tasks[0].Task != made[0].Task {
		t.Errorf("%d open of %d, %d were made before", open(), len(v.Tasks), len(made))
	}
	takes(t, w, taskOf(t, v, "marketing", "erase").Task, "marketing")
}

// Whoever acts for a system takes no word of its own as the end, whatever else the
// token may do; who settled it is on record.
func TestSystemSettlesNothing(t *testing.T) {
	w := speaking(t)
	v := run(t, w, approvedFor(t, w, catalogue.RightErasure))
	task := taskOf(t, v, "marketing", "erase")
	reports(t, w, takes(t, w, task.Task, "marketing"), events.WorkRefused)
	both := access.Caller{Token: "tboth", Name: "both", Roles: []access.Role{access.Caseworker, access.SystemRole("marketing")}}
	o := desk.SettleOrder{TaskOrder: desk.TaskOrder{Caller: both, Task: task.Task, Reason: events.NewPlaintext("we said so")}, Choice: cases.ChooseDisproportionate}
	for _, who := range []access.Caller{both, asSystem("marketing")} {
		o.Caller = who
		if _, err := w.Desk.SettleTask(ctx, o); !errors.Is(err, desk.ErrForbidden) {
			t.Errorf("%v settles: %v", who.Roles, err)
		}
	}
	o.Caller = boss
	if got, err := w.Desk.SettleTask(ctx, o); err != nil || !got.Ended {
		t.Fatalf("%+v, %v", got, err)
	}
	s, err := w.Desk.ShowCase(ctx, worker, v.Case)
	if err != nil {
		t.Fatal(err)
	}
	last := s.Timeline[len(s.Timeline)-1]
	if last.Act != "settled" || last.By != "ada" || last.Reason != "we said so" {
		t.Errorf("on record is %+v", last)
	}
}

// "Erasing then can be an offence" (Data Protection Act 2018, section 173): what is
// asked for as a copy goes after the copy, by itself, and the case is complete no
// earlier. What a hold keeps is said to be so, and nothing else is.
func TestCopyFirstThenErasure(t *testing.T) {
	w := speaking(t)
	c := approvedFor(t, w, catalogue.RightAccess, catalogue.RightErasure)
	v := run(t, w, c)
	if v.Deferred == 0 || v.Deferred != len(v.Waiting) || len(v.Held) > 0 {
		t.Errorf("waiting %v, held %v", v.Waiting, v.Held)
	}
	if slices.ContainsFunc(v.Tasks, func(x desk.TaskView) bool { return x.Verb == "erase" }) {
		t.Fatalf("erased before the copy: %v", lines(v))
	}
	for _, x := range v.Tasks {
		endTask(t, w, x)
	}
	if s := status(t, w, c); s == "complete" {
		t.Fatal("complete before the answer")
	}
	if _, err := w.Desk.AnswerCase(ctx, desk.CaseAnswerOrder{CaseStep: act(c, worker, ""), Rights: []catalogue.RightKind{catalogue.RightAccess}}); err != nil {
		t.Fatal(err)
	}
	erasing := slices.DeleteFunc(tasksOf(t, w, c), func(x desk.TaskView) bool { return x.Ended })
	if !slices.ContainsFunc(erasing, func(x desk.TaskView) bool { return x.Verb == "erase" }) {
		t.Fatalf("the erasure did not go on: %+v", erasing)
	}
	if _, err := w.Desk.AnswerCase(ctx, desk.CaseAnswerOrder{CaseStep: act(c, worker, "")}); err != nil {
		t.Fatal(err)
	}
	if s := status(t, w, c); s == "complete" {
		t.Fatal("complete before anything was erased")
	}
	for _, x := range erasing {
		endTask(t, w, x)
	}
	if s := status(t, w, c); s != "complete" {
		t.Errorf("at the end the case is %s", s)
	}
}

// A request for a copy beside a request for erasure: the same, across two cases.
func TestCopyOfAnotherCase(t *testing.T) {
	w := speaking(t)
	copyCase := approvedFor(t, w, catalogue.RightAccess)
	c := approvedFor(t, w, catalogue.RightErasure)
	v := run(t, w, c)
	if v.Deferred == 0 || len(v.Held) > 0 {
		t.Errorf("waiting %v, held %v", v.Waiting, v.Held)
	}
	for _, x := range v.Tasks {
		endTask(t, w, x)
	}
	if _, err := w.Desk.AnswerCase(ctx, desk.CaseAnswerOrder{CaseStep: act(c, worker, "")}); err != nil {
		t.Fatal(err)
	}
	if s := status(t, w, c); s == "complete" {
		t.Error("complete while what it is about waits for another's copy")
	}
	for _, x := range run(t, w, copyCase).Tasks {
		endTask(t, w, x)
	}
	if _, err := w.Desk.AnswerCase(ctx, desk.CaseAnswerOrder{CaseStep: act(copyCase, worker, "")}); err != nil {
		t.Fatal(err)
	}
	list := slices.DeleteFunc(tasksOf(t, w, c), func(x desk.TaskView) bool { return x.Ended })
	if !slices.ContainsFunc(list, func(x desk.TaskView) bool { return x.Verb == "erase" && x.System == "platform" }) {
		t.Fatalf("the erasure did not go on: %+v", list)
	}
	for _, x := range list {
		endTask(t, w, x)
	}
	if s := status(t, w, c); s != "complete" {
		t.Errorf("at the end the case is %s", s)
	}
}

func status(t *testing.T, w *desktest.World, c string) string {
	t.Helper()
	s, err := w.Desk.ShowCase(ctx, worker, c)
	if err != nil {
		t.Fatal(err)
	}
	return s.Status
}

// endTask brings a task to its end: its system does it and looks, or a person reports
// and takes it as the end.
func endTask(t *testing.T, w *desktest.World, x desk.TaskView) {
	t.Helper()
	if x.Ended {
		return
	}
	if !w.Speaks[events.Code(x.System)] {
		o := desk.HandReport{TaskOrder: desk.TaskOrder{Caller: worker, Task: x.Task}, Report: events.WorkReport{Outcome: events.WorkDone, Text: events.NewPlaintext("their letter")}}
		got, err := w.Desk.ReportByHand(ctx, o)
		if err == nil && !got.Ended {
			_, err = w.Desk.SettleTask(ctx, desk.SettleOrder{TaskOrder: desk.TaskOrder{Caller: worker, Task: x.Task, Reason: events.NewPlaintext("as far as it goes")}, Choice: "accept"})
		}
		if err != nil {
			t.Fatalf("%s %s: %v", x.System, x.Verb, err)
		}
		return
	}
	if x.Verb == "export" {
		reports(t, w, takes(t, w, x.Task, events.Code(x.System)), events.WorkNotFound)
		return
	}
	if r := reports(t, w, takes(t, w, x.Task, events.Code(x.System)), events.WorkDone); r.State == "accepted" {
		reports(t, w, takes(t, w, x.Task, events.Code(x.System)), events.WorkFoundNothing)
	}
}
