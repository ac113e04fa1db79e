package desk_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// I9: whatever is cut off after the tasks of an erasure are durable is finished by
// the next run, and nothing is done twice.
func TestWhatACrashCutOffAfterTheStart(t *testing.T) {
	run := func(failAt int) (*desktest.World, string, error) {
		w := desktest.New(t)
		w.Priya()
		id := opens(t, w, "email=priya@example.org", catalogue.RightErasure).Case
		settles(t, w, id)
		if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(id, boss, "")}); err != nil {
			t.Fatal(err)
		}
		w.FailForgetter(failAt)
		_, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: boss, Case: id})
		return w, id, err
	}
	whole, _, err := run(0)
	if err != nil {
		t.Fatal(err)
	}
	want, lists := whole.Retired(), len(whole.Lists())
	for at := 1; ; at++ {
		w, id, err := run(at)
		if err == nil {
			if at < 3 {
				t.Errorf("only %d steps", at-1)
			}
			return
		}
		if !errors.Is(err, desktest.ErrForgetter) {
			t.Fatal(err)
		}
		w.FailForgetter(0)
		var words []events.Event
		w.Appended = func(e *events.Event) { words = append(words, *e) }
		before := len(tasksOf(t, w, id))
		w.Open() // what a start knows
		if n, err := w.Desk.ResumeCases(ctx); n != 0 || err != nil {
			t.Errorf("step %d: took up %d, %v", at, n, err)
		}
		if got := w.Retired(); !slices.Equal(got, want) || len(w.Lists()) < lists {
			t.Errorf("step %d: retired %v, want %v", at, got, want)
		}
		if n := len(tasksOf(t, w, id)); n != before {
			t.Errorf("step %d: %d tasks, want %d", at, n, before)
		}
		said := len(words)
		if _, err := w.Desk.ResumeCases(ctx); err != nil || len(words) != said {
			t.Errorf("step %d: said again: %v", at, err)
		}
	}
}

// A hold that is placed between approval and run overtakes the plan (I10): nothing
// is sent out and no name is retired.
func TestHoldBeforeTheRun(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	id := opens(t, w, "email=priya@example.org", catalogue.RightErasure).Case
	settles(t, w, id)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(id, boss, "")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.PlaceHold(ctx, desk.HoldOrder{Caller: dpo, System: "marketing", Ground: "claims", Review: day(t, "2040-01-01"), Owner: events.NewPlaintext("sam")}); err != nil {
		t.Fatal(err)
	}
	_, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: boss, Case: id})
	refused(t, err, cases.PlanStale)
	if got := w.Retired(); len(got) != 0 {
		t.Errorf("retired %v", got)
	}
}
