package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/vault/files"
)

// ShredCases destroys the files of cases that were closed long enough ago: after
// identity how a person showed who they are, after files everything that was asked,
// decided, written, sent and received. What is left says that there was a case,
// which rights it was about, its days and its tasks' states: codes on the journal.
// A case whose approval still covers something that is kept until a day stays until
// that has gone (C7). It returns how many files it destroyed; a crash leaves a part,
// and the next run does the rest.
func (d *Desk) ShredCases(ctx context.Context, files, identity time.Duration) (n int, err error) {
	if d.frozen() != nil {
		return 0, nil
	}
	if d.d.Forgetter == nil {
		return 0, errNoForgetter
	}
	if err := d.LoadCases(ctx); err != nil {
		return 0, err
	}
	for _, x := range d.approvedOnce() {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if !x.closed || !d.shreds.due(x.id, x.version, d.today()) {
			continue
		}
		did, next, err := d.shredCase(ctx, x.id, files, identity)
		if err != nil {
			return n, fmt.Errorf("destroy the file of a case: %w", err)
		}
		d.shreds.set(x.id, x.version, next)
		if did {
			n++
		}
	}
	return n, nil
}

// shredCase destroys what of one case is over: all of it where its last act is as
// long ago as files are kept, and what was shown of the person where it is as long
// ago as that is kept. It returns the day on which to look again.
func (d *Desk) shredCase(ctx context.Context, id events.EventID, files, identity time.Duration) (did bool, next events.Date, err error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	list, err := casebook.Facts(view, id)
	if err != nil {
		return false, 0, fmt.Errorf("read the facts of a case: %w", err)
	}
	// Drawing a certificate is no act on the case: it lengthens nothing.
	var last events.Instant
	for i := range list {
		if list[i].Event.Why != cases.Certified {
			last = list[i].Recorded
		}
	}
	now := events.InstantOf(d.d.Now())
	whole, proof := last+events.Instant(files.Microseconds()), last+events.Instant(identity.Microseconds())
	if now < whole && now < proof {
		return false, dayIn(min(whole, proof), d.d.Zone), nil
	}
	f, err := d.caseOf(ctx, view, id)
	if err != nil {
		return false, 0, err
	}
	if f.c != nil {
		if now < whole {
			return false, dayIn(whole, d.d.Zone), d.shredProof(ctx, list)
		}
		if waits, err := keepsOn(view, f); waits || err != nil {
			return false, d.today() + farLook, err
		}
	}
	// One whose bodies are gone in part was begun before a crash.
	if err := d.shredTasks(ctx, view, f); err != nil {
		return false, 0, err
	}
	for i := range list {
		if list[i].Event.Why == cases.Certified {
			continue // names the certificate, and neither names a person
		}
		if err := d.d.Forgetter.ShredNote(ctx, list[i].Event.Note); err != nil {
			return false, 0, err
		}
	}
	d.cases.drop(id)
	return f.c != nil, d.today() + farLook, nil
}

// proofActs are the acts whose bodies hold how a person showed who they are.
var proofActs = []cases.Act{cases.IdentityReceived, cases.IdentityChecked, cases.IdentityFailed, cases.AuthorityReceived}

func (d *Desk) shredProof(ctx context.Context, list []casebook.Fact) error {
	for i := range list {
		if !slices.Contains(proofActs, list[i].Event.Why) {
			continue
		}
		if err := d.d.Forgetter.ShredNote(ctx, list[i].Event.Note); err != nil {
			return err
		}
	}
	return nil
}

// shredTasks destroys what tasks were about and what was reported on them, and the
// files of copies and packages.
func (d *Desk) shredTasks(ctx context.Context, view View, f *caseFile) error {
	for i := range f.facts {
		if p := f.facts[i].Body.Package; p != nil && f.facts[i].Act != cases.Certified {
			if err := d.shredFile(ctx, p.ID); err != nil {
				return err
			}
		}
	}
	tasks, err := casebook.TasksOf(view, f.id)
	if err != nil {
		return fmt.Errorf("read the tasks of a case: %w", err)
	}
	if err := d.shredCopies(ctx, tasks); err != nil {
		return err
	}
	for i := range tasks {
		facts, err := casebook.TaskFacts(view, tasks[i].ID)
		if err != nil {
			return fmt.Errorf("read a task: %w", err)
		}
		for k := range facts {
			if err := d.shredReceipt(ctx, &facts[k].Event); err != nil {
				return err
			}
		}
	}
	return nil
}

// shredCopies destroys what systems sent for tasks, also what no report named: the
// label of a sealed file says whose it is.
func (d *Desk) shredCopies(ctx context.Context, tasks []casebook.Task) error {
	of := map[string]bool{}
	for i := range tasks {
		if tasks[i].Verb == cases.VerbExport {
			of[tasks[i].ID.String()] = true
		}
	}
	if len(of) == 0 || d.d.Answers.Files == nil {
		return nil
	}
	var list []events.EventID
	err := d.d.Answers.Files.List(ctx, func(id events.EventID) error {
		info, err := d.d.Answers.Files.Stat(ctx, id)
		if errors.Is(err, files.ErrGone) {
			return nil
		}
		if l, ok := readLabel(info.Label); err == nil && ok && l.Kind == labelCopy && of[l.Of] {
			list = append(list, id)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("find the copies of a case: %w", err)
	}
	for _, id := range list {
		if err := d.d.Forgetter.ShredFile(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// shredReceipt destroys the sealed part of one fact of a task.
func (d *Desk) shredReceipt(ctx context.Context, e *events.Event) error {
	if e.Note.IsZero() {
		return nil
	}
	return d.d.Forgetter.ShredNote(ctx, e.Note)
}

func (d *Desk) shredFile(ctx context.Context, id string) error {
	of, err := events.ParseEventID(id)
	if err != nil {
		return nil // names no file here
	}
	return d.d.Forgetter.ShredFile(ctx, of)
}

// keepsOn reports whether the approval of a case covers something that is still
// held, to go on a day or at an event to come.
func keepsOn(r inventory.Reader, f *caseFile) (bool, error) {
	if f.c.Approval == nil {
		return false, nil
	}
	held := finders{view: r}
	for i := range f.c.Approval.Finals {
		x := &f.c.Approval.Finals[i]
		if x.Outcome != decide.Retain && x.Outcome != decide.Restrict || x.Until.IsZero() && x.WaitsFor == "" {
			continue
		}
		if h, err := held.find(x.Handle, x.Holding); h != nil || err != nil {
			return true, err
		}
	}
	return false, nil
}
