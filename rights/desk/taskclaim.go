package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/retention"
)

// DetailHeld is the detail of a task that a hold, or a request for a copy, keeps
// back now.
const DetailHeld events.Code = "held"

// ClaimTask gives a task to the system that is to do it: it looks again whether the
// case still stands and whether a hold keeps what the task is about, makes the
// claim durable, records it, and only then says whom it is about (I7). Errors:
// ErrForbidden, ErrGone, *cases.Refusal where it cannot be claimed now, cases.ErrRace
// where somebody else was first, ErrNotRecorded.
func (d *Desk) ClaimTask(ctx context.Context, who access.Caller, system events.Code, id events.EventID, lease time.Duration) (*events.Work, error) {
	if !who.MayActAs(system) {
		return nil, fmt.Errorf("%w: a system claims its own tasks and nobody else does", ErrForbidden)
	}
	if d.d.Tasks.Names == nil {
		return nil, errors.New("this desk was made without names for tasks; nothing was claimed")
	}
	if err := d.frozen(); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		w, err := d.claimOnce(ctx, who, system, id, lease)
		if !errors.Is(err, cases.ErrRace) || try == raceTries {
			return w, err
		}
	}
}

func (d *Desk) claimOnce(ctx context.Context, who access.Caller, system events.Code, id events.EventID, lease time.Duration) (*events.Work, error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	t, err := d.taskFile(ctx, view, id)
	if err != nil {
		return nil, err
	}
	if t.task.System != system {
		return nil, fmt.Errorf("%w: no task of that id is this system's", ErrGone)
	}
	if err := t.living(); err != nil {
		return nil, err
	}
	now := events.InstantOf(d.d.Now())
	// A lease that ran out is ended first, so that the attempt counts.
	if t.task.State == cases.TaskSent {
		next, ended := t.task.Tick(t.body, now, d.policy())
		if !ended {
			return nil, &cases.Refusal{Code: cases.TaskLeased, Text: "somebody has the task"}
		}
		if _, err := d.stepTask(ctx, d.self(), t, next, "task.expired", nil); err != nil {
			return nil, err
		}
	}
	next, claim, err := t.task.Take(t.body.Look, lease, now, d.policy())
	if err != nil {
		return nil, err
	}
	p, err := d.taskPerson(ctx, view, t)
	if err != nil {
		return nil, err
	}
	// I10: as things stand now, whatever was approved.
	parts, held := p.mayGo(t.body, claim)
	if len(parts) == 0 && len(held) > 0 {
		return nil, d.keepBack(ctx, t)
	}
	subject := p.namesFor(t.body, parts)
	if len(subject) == 0 {
		return nil, d.handOver(ctx, t)
	}
	var sealed []byte
	if len(held) > 0 {
		if sealed, err = encodeLeft(held); err != nil {
			return nil, err
		}
	}
	// E6: durable before anything is revealed. A crash after it leaves a claim that
	// nobody has: its lease ends and the task is given out again, under the same key.
	if _, err := d.stepTask(ctx, who, t, next, "task.claimed", sealed); err != nil {
		return nil, err
	}
	if err := d.stillFree(ctx, t, claim, parts); err != nil {
		return nil, err
	}
	return d.work(ctx, t, claim, subject, parts)
}

// detailNoName is the detail of a task whose target has no name for the person.
const detailNoName events.Code = "no_name"

// handOver gives a task to people: its target was given no name by which it could
// find whom the task is about.
func (d *Desk) handOver(ctx context.Context, t *taskFile) error {
	next := t.task
	next.Version++
	next.State, next.Detail, next.Lease, next.NotBefore = cases.TaskManual, detailNoName, 0, 0
	if _, err := d.stepTask(ctx, d.self(), t, next, "task.manual", nil); err != nil {
		return err
	}
	return &cases.Refusal{Code: cases.TaskNotClaimable, Text: "the target was given no name for whom the task is about; a person does it"}
}

// keepBack notes, once, that a task is not given out now. Whoever asks for it again
// is refused until nothing keeps it any more.
func (d *Desk) keepBack(ctx context.Context, t *taskFile) error {
	next := t.task
	next.Version++
	next.Detail, next.Lease, next.NotBefore = DetailHeld, 0, 0
	if t.task.State == cases.TaskPlanned && t.task.Detail != DetailHeld {
		if _, err := d.stepTask(ctx, d.self(), t, next, "task.held", nil); err != nil {
			return err
		}
	}
	return &cases.Refusal{Code: cases.TaskNotClaimable, Text: "a hold, a request for a copy or a later decision keeps what the task is about"}
}

// A taskPerson is whom a task is about, as the map says it now.
type taskPerson struct {
	*casePerson
	members []cases.Member
	standing
	// goes are the holdings that tasks of the same case let go.
	goes map[string]bool
}

// taskPerson reads the case of a task and refuses one that no longer stands.
func (d *Desk) taskPerson(ctx context.Context, view View, t *taskFile) (*taskPerson, error) {
	if _, err := casebook.Case(view, t.task.Case); errors.Is(err, casebook.ErrUnknown) {
		return d.batchPerson(ctx, view, t)
	}
	f, err := d.caseOf(ctx, view, t.task.Case)
	if err != nil {
		return nil, err
	}
	if err := f.living(); err != nil {
		return nil, err
	}
	if !slices.Contains(f.c.Tasks, t.task.ID) || !f.c.Withdrawn.IsZero() || !f.c.DuplicateOf.IsZero() {
		return nil, &cases.Refusal{Code: cases.TaskNotClaimable, Text: "its case does not ask for it"}
	}
	p, err := d.casePerson(ctx, view, d.d.Catalogue(), f, max(d.today(), f.opening().Received))
	if err == nil {
		err = d.unfound(ctx, view, p)
	}
	if err != nil {
		return nil, err
	}
	later, err := d.laterWords(ctx, view, f, t.body.Digest)
	if err != nil {
		return nil, err
	}
	made, err := d.madeTasks(ctx, view, f)
	return &taskPerson{p, f.c.Members(), later, letGo(made)}, err
}

// keptNow are the reasons for which a holding may not go today: the holds on it,
// and a request for a copy that was not answered.
func (p *casePerson) keptNow(holding string) []string {
	holds, owed := p.keptBy(holding)
	if owed {
		return append(slices.Clip(holds), "copy owed")
	}
	return holds
}

// keptBy tells the two apart.
func (p *casePerson) keptBy(holding string) (holds []string, owed bool) {
	h := p.holding(holding)
	if h == nil {
		return nil, false
	}
	timed := p.answer.timed(h)
	return p.answer.status(h).Holds, slices.ContainsFunc(p.answer.requests, func(q retention.Request) bool {
		return (q.Right == "access" || q.Right == "portability") && q.Answered.IsZero() && q.Scope.Covers(&timed)
	})
}

// destroying are the verbs after which something is not there any more.
var destroying = []cases.Verb{cases.VerbErase, cases.VerbAnonymise, cases.VerbTakeDown}

// mayGo tells what of a task is given out, and what is kept back.
func (p *taskPerson) mayGo(b *cases.TaskBody, claim cases.Claim) (parts []cases.Part, held []string) {
	for _, x := range b.Scope {
		if slices.Contains(destroying, claim.Verb) && (len(p.keptNow(x.Holding)) > 0 || b.Recipient == "" && claim.Verb != cases.VerbTakeDown && p.needed(x.Holding, b)) || p.takenBack(&x, claim) {
			held = append(held, x.Holding)
			continue
		}
		parts = append(parts, x)
	}
	return parts, held
}

// work says what to do and about whom.
func (d *Desk) work(ctx context.Context, t *taskFile, claim cases.Claim, subject []events.Handle, parts []cases.Part) (*events.Work, error) {
	w := &events.Work{Task: t.task.ID.String(), System: string(t.task.System), Attempt: t.task.Attempts, Key: t.task.ID.String(), Verb: claim.Verb, Of: claim.Of,
		ActBefore: t.task.ActBefore, LeaseUntil: t.task.Lease, Channels: t.body.Channels, Simulated: d.d.Simulated || t.row.Simulated,
		Subject: []events.WorkIdentifier{}, Scope: make([]events.WorkScope, 0, len(parts))}
	if claim.Verb == cases.VerbNotify {
		w.Of = t.body.Of
	}
	all := slices.Clone(subject)
	for _, x := range parts {
		if x.Item != nil {
			all = append(all, x.Item.Handle)
		}
	}
	names, err := d.d.Tasks.Names.RevealForTasks(ctx, all)
	if err != nil {
		return nil, fmt.Errorf("reveal whom a task is about: %w", err)
	}
	for _, h := range subject {
		if id, ok := names[h]; ok {
			w.Subject = append(w.Subject, workIdentifier(id))
		}
	}
	if len(w.Subject) == 0 {
		// Forgotten since: the lease ends, and a person looks at what is left.
		return nil, &cases.Refusal{Code: cases.TaskNotClaimable, Text: "whom the task is about has been forgotten"}
	}
	for _, x := range parts {
		w.Scope = append(w.Scope, workScope(&x, names))
		if x.Value != "" && (claim.Verb == cases.VerbRectify || claim.Of == cases.VerbRectify || w.Of == cases.VerbRectify) {
			w.Correction = append(w.Correction, events.WorkCorrection{Holding: x.Holding, Category: x.Category, Value: string(x.Value)})
		}
	}
	return w, nil
}

func workScope(x *cases.Part, names map[events.Handle]events.Identifier) events.WorkScope {
	s := events.WorkScope{Holding: x.Holding, Dataset: x.Dataset, Activity: x.Activity, Category: x.Category, RecordDate: x.RecordDate}
	if x.Item != nil {
		if id, ok := names[x.Item.Handle]; ok {
			v := workIdentifier(id)
			s.Item = &v
		}
	}
	if x.Keep != nil {
		s.Keep, s.KeepUntil = x.Keep.Elements, x.Keep.Until
	}
	return s
}

// workIdentifier is the one place where a name leaves for a system: the claim of it
// is durable and recorded.
func workIdentifier(id events.Identifier) events.WorkIdentifier {
	return events.WorkIdentifier{Kind: id.Kind, Value: id.Value.Expose()}
}
