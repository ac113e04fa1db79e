package desk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/inventory"
	answers "github.com/habeas-data/habeas/rights/answer"
	"github.com/habeas-data/habeas/rights/answer/pack"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/vault/files"
)

// brought is what the tasks of a case brought.
type brought struct {
	files []pack.File
	tasks []events.EventID
	why   map[string]string // by system: why there is no copy
}

// copiesOf finds the copies that systems sent for a case. A copy is given only
// where everything that it was asked for is given: one that was made before a
// later decision took something out is not.
func (d *Desk) copiesOf(ctx context.Context, view View, f *caseFile, p *casePlan, kind catalogue.RightKind) (*brought, error) {
	list, err := casebook.TasksOf(view, f.id)
	if err != nil {
		return nil, fmt.Errorf("read the tasks of a case: %w", err)
	}
	out, shown, names := &brought{why: map[string]string{}}, p.shownHoldings(kind), copyNames{}
	for i := range list {
		if list[i].Verb != cases.VerbExport {
			continue
		}
		t, err := d.taskFile(ctx, view, list[i].ID)
		if err != nil {
			return nil, err
		}
		if t.body == nil || slices.ContainsFunc(t.body.Scope, func(x cases.Part) bool { return !shown[x.Holding] }) {
			out.why[string(t.task.System)] = "its copy was asked for in another scope than this answer"
			continue
		}
		sent, err := d.sentBy(ctx, view, t, names)
		if err != nil {
			return nil, err
		}
		if len(sent) == 0 {
			out.why[string(t.task.System)] = noCopy(t.task.State)
			continue
		}
		out.files, out.tasks = append(out.files, sent...), append(out.tasks, t.task.ID)
	}
	return out, nil
}

// sentBy are the copies that the last good report on an export names.
func (d *Desk) sentBy(ctx context.Context, view View, t *taskFile, names copyNames) ([]pack.File, error) {
	receipt, err := d.lastReceipt(ctx, view, t.task.ID)
	if err != nil || receipt == nil {
		return nil, err
	}
	var out []pack.File
	for _, name := range receipt.Copies {
		id := d.d.Allocator.EventID(inventory.Operator, CopyKey(t.task.ID, name))
		info, err := d.d.Answers.Files.Stat(ctx, id)
		if errors.Is(err, files.ErrGone) {
			continue // destroyed, or never sent: the package says that there is none
		}
		if err != nil {
			return nil, fmt.Errorf("read a copy of an export: %w", err)
		}
		l, _ := readLabel(info.Label)
		out = append(out, pack.File{
			Copy: answers.Copy{System: string(t.task.System), Name: names.of(string(t.task.System), name), Type: l.Media, Bytes: info.Size, SHA256: hex.EncodeToString(info.SHA256[:])},
			Open: func(ctx context.Context) (io.ReadCloser, error) { return d.d.Answers.Files.Open(ctx, id) },
		})
	}
	return out, nil
}

// lastReceipt is the last report that named copies.
func (d *Desk) lastReceipt(ctx context.Context, view View, task events.EventID) (*cases.Receipt, error) {
	facts, err := casebook.TaskFacts(view, task)
	if err != nil {
		return nil, fmt.Errorf("read the facts of a task: %w", err)
	}
	for i := len(facts) - 1; i > 0; i-- {
		e := &facts[i].Event
		if e.Note.IsZero() || e.Why == events.Code(cases.TaskSent) {
			continue
		}
		b, err := d.openCase(ctx, e.Note)
		if errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r, err := cases.DecodeReceipt(b)
		if err != nil {
			return nil, fmt.Errorf("read a receipt: %w", err)
		}
		if len(r.Copies) > 0 {
			return r, nil
		}
	}
	return nil, nil
}
