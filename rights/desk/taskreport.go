package desk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
)

// ReportTask takes what a system says of a task it had, and seals it. Saying the
// same twice changes nothing. Errors: ErrForbidden, ErrGone, *cases.Refusal,
// ErrNotRecorded, ErrBehind.
func (d *Desk) ReportTask(ctx context.Context, who access.Caller, system events.Code, id string, r *events.WorkReport) (*events.WorkReported, error) {
	if !who.MayActAs(system) {
		return nil, fmt.Errorf("%w: a system reports on its own tasks and nobody else does", ErrForbidden)
	}
	of, err := events.ParseEventID(id)
	if err != nil {
		return nil, &Fault{Part: "task", Text: "want the id of a task, as the claim gave it"}
	}
	rep := reportOf(who, r)
	f, known, note, err := d.takeReport(ctx, who, of, system, rep)
	if err != nil {
		return nil, err
	}
	out := &events.WorkReported{Task: id, State: events.Code(f.task.State), Known: known, NotBefore: f.task.NotBefore}
	if !note.IsZero() {
		out.Receipt = note.String()
	}
	return out, nil
}

// ReportByHand takes what a person found out about a task whose target does not
// report by itself. A word that something was done comes with what shows it.
// Errors: those of ReportTask.
func (d *Desk) ReportByHand(ctx context.Context, o HandReport) (*TaskView, error) {
	if err := permit(o.Caller, access.TasksSettle); err != nil {
		return nil, err
	}
	if o.Report.Text.IsZero() && o.Report.Reference.IsZero() {
		return nil, &Fault{Part: "text", Text: "want what shows it: who said so and when, the reference of a letter or of a portal"}
	}
	view := d.d.View()
	id, err := d.findTask(view, o.Task)
	d.shut(ctx, view)
	if err != nil {
		return nil, err
	}
	rep := reportOf(o.Caller, &o.Report)
	rep.Hand, rep.Look, rep.Attempt = true, o.Look, 0
	f, _, _, err := d.takeReport(ctx, o.Caller, id, "", rep)
	if err != nil {
		return nil, err
	}
	v := d.taskView(&f.row)
	return &v, nil
}

func reportOf(who access.Caller, r *events.WorkReport) cases.Report {
	return cases.Report{By: cases.Person{Token: who.Token, Name: cases.Text(who.Name)}, Attempt: r.Attempt, Outcome: r.Outcome, Ground: r.Ground, Until: r.Until,
		Detail: r.Detail, Found: r.Found, Removed: r.Removed, Retry: time.Duration(r.RetryAfterSeconds) * time.Second, Left: r.Left, Copies: r.Copies,
		Text: cases.Text(r.Text.Expose()), Ref: cases.Text(r.Reference.Expose())}
}

// takeReport holds a report against the rules and makes what follows durable. known
// is set where nothing follows.
func (d *Desk) takeReport(ctx context.Context, who access.Caller, id events.EventID, system events.Code, rep cases.Report) (f *taskFile, known bool, note events.EventID, err error) {
	for try := 1; ; try++ {
		f, known, note, err = d.reportOnce(ctx, who, id, system, rep)
		if !errors.Is(err, cases.ErrRace) || try == raceTries {
			return f, known, note, err
		}
	}
}

func (d *Desk) reportOnce(ctx context.Context, who access.Caller, id events.EventID, system events.Code, rep cases.Report) (*taskFile, bool, events.EventID, error) {
	none := events.EventID{}
	view := d.d.View()
	defer d.shut(ctx, view)
	f, err := d.taskFile(ctx, view, id)
	if err != nil {
		return nil, false, none, err
	}
	if system != "" && f.task.System != system {
		return nil, false, none, fmt.Errorf("%w: no task of that id is this system's", ErrGone)
	}
	if err := f.living(); err != nil {
		return nil, false, none, err
	}
	if err := d.addLeft(ctx, view, f, &rep); err != nil {
		return nil, false, none, err
	}
	if rep.Hand && d.ability(f.task.System).Connected && !f.task.WaitsForPerson() && !f.task.Ended() {
		// I8: nobody proves in the place of a system that speaks for itself.
		return nil, false, none, &cases.Refusal{Code: cases.ReportDoesNotFit, Text: "the target reports by itself; a person reports for it once it waits for one"}
	}
	if err := d.copiesCame(ctx, f, &rep); err != nil {
		return nil, false, none, err
	}
	now := events.InstantOf(d.d.Now())
	next, changed, err := f.task.Next(f.body, &rep, now, d.policy())
	if err != nil {
		return nil, false, none, err
	}
	if !changed {
		// What a crash left undone after the report was made durable is done now.
		return f, true, none, d.afterTask(ctx, f)
	}
	receipt := cases.ReceiptOf(&next, &rep, now, f.body.Digest)
	sealed, err := cases.EncodeReceipt(&receipt)
	if err != nil {
		return nil, false, none, fmt.Errorf("seal a receipt: %w", err)
	}
	act := events.Code("task.reported")
	if rep.Look || f.task.State == cases.TaskSent && f.task.Detail == cases.DetailLooking {
		act = "task.looked"
	}
	note, err := d.stepTask(ctx, who, f, next, act, sealed)
	if err != nil {
		return nil, false, note, err
	}
	defer d.ring()
	return f, false, note, d.afterTask(ctx, f)
}

// addLeft adds to a report what the claim left out because it was kept back: what
// was not given out is not done.
func (d *Desk) addLeft(ctx context.Context, view View, f *taskFile, rep *cases.Report) error {
	if rep.Hand || rep.Attempt != f.task.Attempts {
		return nil
	}
	facts, err := casebook.TaskFacts(view, f.task.ID)
	if err != nil {
		return fmt.Errorf("read the claim of a task: %w", err)
	}
	// The claim is the last time that it was sent, also where this report of it has
	// come before: one that comes twice says the same twice.
	last := -1
	for i := range facts {
		if cases.TaskState(facts[i].Event.Why) == cases.TaskSent {
			last = i
		}
	}
	if last < 0 || facts[last].Event.Note.IsZero() {
		return nil
	}
	b, err := d.openCase(ctx, facts[last].Event.Note)
	if err != nil {
		return err
	}
	left, err := decodeLeft(b)
	if err != nil {
		return err
	}
	for _, h := range left {
		if !slices.Contains(rep.Left, h) {
			rep.Left = append(rep.Left, h)
		}
	}
	if rep.Outcome == events.WorkDone || rep.Outcome == events.WorkNotFound {
		rep.Outcome, rep.Detail = events.WorkPartly, DetailHeld
	}
	return nil
}

// afterTask does what follows from a task's state: what a later look did not find
// is off the map (I8), and a case whose last task ended is complete. It may be
// called again.
func (d *Desk) afterTask(ctx context.Context, f *taskFile) error {
	if f.task.Proven() {
		if err := d.afterVerified(ctx, f.task.ID, f.body, f.row.Touched); err != nil {
			return err
		}
	}
	if !f.task.Ended() {
		return nil
	}
	return d.completeCase(ctx, f.task.Case)
}

// goOn makes the tasks of what was approved and waited for a copy that was given
// since, or for a hold; the approval covers them.
func (d *Desk) goOn(ctx context.Context, f *caseFile) (did bool, err error) {
	if !resumable(f) || f.c.OwesCopy() || d.frozen() != nil {
		return false, nil
	}
	return d.resumeCase(ctx, f.id)
}

// completeCase goes on with what was approved and waited, for the copy that came
// first or for a hold, and records that nothing more is expected of any target once
// the person was answered and nothing waits. It is refused while that is not so, and
// nothing follows from the refusal.
func (d *Desk) completeCase(ctx context.Context, of events.EventID) error {
	view := d.d.View()
	defer d.shut(ctx, view)
	if _, err := casebook.Case(view, of); errors.Is(err, casebook.ErrUnknown) {
		return nil // a batch
	}
	f, err := d.caseOf(ctx, view, of)
	if err != nil {
		return err
	}
	if f.c == nil || !f.c.Completed.IsZero() || f.c.Over() || len(f.c.Unanswered()) > 0 {
		return nil
	}
	list, err := d.tasksOf(ctx, view, of)
	if err != nil {
		return err
	}
	if !cases.Complete(list).Done {
		return nil
	}
	if did, err := d.goOn(ctx, f); did || err != nil {
		return err
	}
	if waits, err := d.keepsBack(ctx, f); waits || err != nil {
		return err
	}
	_, err = d.appendCase(ctx, d.self(), f, cases.Completed, d.today(), cases.Body{})
	if cases.RefusalCode(err) != "" {
		return nil
	}
	return err
}

// copyName is the longest name of a copy.
const copyName = 200

// CopyTask takes one file of an export that is under way, sealed as it comes.
// Errors: ErrForbidden, ErrGone, ErrQuestion, *cases.Refusal.
func (d *Desk) CopyTask(ctx context.Context, who access.Caller, system events.Code, id, name, media string, body io.Reader) (*events.WorkCopy, error) {
	if !who.MayActAs(system) {
		return nil, fmt.Errorf("%w: a system sends copies for its own tasks and nobody else does", ErrForbidden)
	}
	of, err := events.ParseEventID(id)
	if err != nil {
		return nil, &Fault{Part: "task", Text: "want the id of a task, as the claim gave it"}
	}
	if name == "" || len(name) > copyName || strings.ContainsFunc(name, unicode.IsControl) {
		return nil, &Fault{Part: "name", Text: fmt.Sprintf("want a name of 1 to %d bytes, without control characters", copyName)}
	}
	view := d.d.View()
	f, err := d.taskFile(ctx, view, of)
	d.shut(ctx, view)
	switch {
	case err != nil:
		return nil, err
	case f.task.System != system:
		return nil, fmt.Errorf("%w: no task of that id is this system's", ErrGone)
	case f.task.Verb != cases.VerbExport || f.task.Ended():
		return nil, &cases.Refusal{Code: cases.ReportDoesNotFit, Text: "copies are sent for an export that is under way"}
	case d.d.Tasks.Copies == nil:
		return nil, errors.New("this desk was made without a place for copies; nothing was kept")
	}
	_, size, sum, err := d.d.Tasks.Copies.Put(ctx, of, name, media, body)
	if err != nil {
		return nil, fmt.Errorf("keep a copy of an export: %w", err)
	}
	return &events.WorkCopy{Task: id, Name: name, Bytes: size, SHA256: hex.EncodeToString(sum[:])}, nil
}
