package desk_test

import (
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

func batchTasks(t *testing.T, w *desktest.World) []desk.TaskView {
	t.Helper()
	p, err := w.Desk.ListTasks(ctx, desk.TaskQuery{Caller: boss, System: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	return p.Tasks
}

// An approved batch tells the systems that hold what has ended, and those who
// received it (Article 19); a holding counts as erased once a later look found
// nothing (I8). Running it again makes no second task, also when a part is gone.
func TestDisposalTellsSystems(t *testing.T) {
	w := dueWorld(t)
	w.Tasks = desk.TaskDeps{Names: w.Names(), Speaks: func(system events.Code) bool { return system == "shop" }}
	w.Open()
	customer(w, 1)
	customer(w, 2)
	b, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo})
	id := approve(t, w, b, err)
	run, err := w.Desk.RunDisposal(ctx, dpo, id)
	if err != nil || run.Made != 2 || run.Tasks["planned"] != 2 || run.Left != 0 || run.Erased != 0 {
		t.Fatalf("%+v, %v", run, err)
	}
	shop := access.Caller{Token: "systoken001", Name: "shop", Roles: []access.Role{access.SystemRole("shop")}}
	task := batchTasks(t, w)[0].Task
	for range 2 { // it is done, and a day later looked for
		of, _ := events.ParseEventID(task)
		work, err := w.Desk.ClaimTask(ctx, shop, "shop", of, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Desk.ReportTask(ctx, shop, "shop", task, &events.WorkReport{Attempt: work.Attempt, Outcome: events.WorkDone}); err != nil {
			t.Fatal(err)
		}
		w.Now = w.Now.AddDate(0, 0, 2)
	}
	again, err := w.Desk.RunDisposal(ctx, dpo, id)
	if err != nil || again.Erased != 1 || again.Tasks[string(cases.TaskVerified)] != 1 || again.Tasks["planned"] != 1 {
		t.Errorf("%+v, %v", again, err)
	}
	if len(w.Retired()) != 0 {
		t.Errorf("nobody asked for it, and names are retired: %v", w.Retired())
	}
}

// What something keeps when a batch is carried out gets no task (I10).
func TestDisposalLooksAgain(t *testing.T) {
	w := dueWorld(t)
	customer(w, 1)
	customer(w, 2)
	b, err := w.Desk.Propose(ctx, desk.DisposalOrder{Caller: dpo})
	id := approve(t, w, b, err)
	last := 0
	w.Appended = func(e *events.Event) {
		if e.Kind != events.DisposalIntended {
			return
		}
		if last++; last == 2 { // every decision is on record, and no task is made
			if _, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: dpo, System: "shop", Ground: "claims", Review: events.DateOf(w.Now) + 400, Owner: events.NewPlaintext("sam")}); err != nil {
				t.Error(err)
			}
		}
	}
	run, err := w.Desk.RunDisposal(ctx, dpo, id)
	if err != nil || run.Left != 2 || run.Made != 0 || len(run.Tasks) != 0 {
		t.Errorf("%+v, %v", run, err)
	}
	if len(batchTasks(t, w)) != 0 {
		t.Error("a task was made for what a hold keeps")
	}
}
