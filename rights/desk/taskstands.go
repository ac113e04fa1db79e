package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/retention"
	"github.com/habeas-data/habeas/vault/files"
)

// A standing is what people said about a case since its tasks were made. What runs
// goes on, but for what a later word takes back: nothing of it is given out.
type standing struct {
	c *cases.Case // nil: a batch
	// erased are the holdings that go by the plan of now; nil: nobody said anything,
	// so what was approved stands.
	erased map[string]bool
}

// laterWords reads what was said since the plan of a task was approved. It is refused
// while somebody says that the records of the case are of different people, and nobody
// has confirmed them since (B3).
func (d *Desk) laterWords(ctx context.Context, view View, f *caseFile, plan cases.Digest) (standing, error) {
	s := standing{c: f.c}
	apart, err := d.divided(ctx, view, f)
	if err != nil {
		return s, err
	}
	if apart {
		return s, &cases.Refusal{Code: cases.TaskNotClaimable, Text: "somebody says that the records of its case are of different people; they have to be confirmed again"}
	}
	var finals []cases.Final
	switch {
	case f.c.Redecided:
		p, err := d.casePlan(ctx, view, f, max(d.today(), f.opening().Received))
		if err != nil {
			return s, err
		}
		finals = p.judged.Finals
	case f.c.Approval == nil || f.c.Approval.Digest == plan:
		return s, nil
	default:
		finals = f.c.Approval.Finals // another plan was approved since
	}
	s.erased = map[string]bool{}
	for i := range finals {
		if destroys(&finals[i]) {
			s.erased[finals[i].Holding] = true
		}
	}
	return s, nil
}

// takenBack reports whether a later word keeps a part of a task from being given
// out: that it is somebody else's (B3), or that it stays.
func (s *standing) takenBack(x *cases.Part, claim cases.Claim) bool {
	if s.c == nil || claim.Verb == cases.VerbVerify {
		return false
	}
	if s.c.Joins != nil && slices.ContainsFunc(s.c.Joins.Members, func(m cases.Member) bool { return m.Other && m.Handle == x.Handle }) {
		return true
	}
	return slices.Contains(destroying, claim.Verb) && s.erased != nil && !s.erased[x.Holding]
}

// unfound adds to what stands in the way of erasing the holds and the requests for a
// copy that came by a name which look-ups find no more, since its erasure was approved:
// whoever gave the name does not know that, and they stand all the same (I10, C8).
func (d *Desk) unfound(ctx context.Context, view View, p *casePerson) error {
	if d.d.Tasks.Retired == nil {
		return nil
	}
	k, err := d.keeper(ctx, view)
	if err != nil {
		return err
	}
	for i := range k.holds {
		h := &k.holds[i]
		if len(h.Event.Subject) == 0 || h.Lifted != nil || slices.ContainsFunc(p.answer.holds, func(x retention.Hold) bool { return x.ID == h.Event.ID.String() }) {
			continue
		}
		theirs, err := d.retiredOf(ctx, h.Event.Subject[0].Handle, p)
		if err != nil {
			return err
		}
		if theirs {
			x := k.hold(h)
			x.Scope.Handles = nil
			p.answer.holds, p.answer.person, p.answer.statuses = append(p.answer.holds, x), nil, nil
		}
	}
	for _, x := range d.cases.owing() {
		for _, h := range x.handles {
			theirs, err := d.retiredOf(ctx, h, p)
			if err != nil {
				return err
			}
			if theirs {
				p.answer.requests, p.answer.person, p.answer.statuses = append(p.answer.requests, x.requests()...), nil, nil
				break
			}
		}
	}
	return nil
}

// retiredOf reports whether a name of a person that was retired is the one that a
// handle stands for.
func (d *Desk) retiredOf(ctx context.Context, h events.Handle, p *casePerson) (bool, error) {
	list, err := d.d.Tasks.Retired(ctx, h)
	if err != nil {
		return false, fmt.Errorf("find what was retired: %w", err)
	}
	return slices.ContainsFunc(list, func(r events.Handle) bool {
		return slices.ContainsFunc(p.who.Members, func(m identity.Member) bool { return m.Handle == r })
	}), nil
}

// owing lists the cases that ask for a copy which was not given.
func (c *caseIndex) owing() (out []*indexed) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, x := range c.by {
		if !x.closed && x.answered.IsZero() && slices.ContainsFunc(x.rights, func(r catalogue.RightKind) bool {
			return (r == catalogue.RightAccess || r == catalogue.RightPortability) && x.parts[r].IsZero()
		}) {
			out = append(out, x)
		}
	}
	return out
}

// stillFree looks again once a claim is durable: the journal has one order, and what
// was put on it before the claim, a hold among it, stands before it (E6, I10). What
// is kept by then is given back and nothing is revealed.
func (d *Desk) stillFree(ctx context.Context, t *taskFile, claim cases.Claim, parts []cases.Part) error {
	if claim.Verb == cases.VerbVerify {
		return nil
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	p, err := d.taskPerson(ctx, view, t)
	if err == nil {
		_, held := p.mayGo(t.body, claim)
		if !slices.ContainsFunc(parts, func(x cases.Part) bool { return slices.Contains(held, x.Holding) }) {
			return nil
		}
		err = &cases.Refusal{Code: cases.TaskNotClaimable, Text: "a hold, a request for a copy or a later decision has come between, and keeps what the task is about"}
	}
	if cases.RefusalCode(err) == "" {
		return err // the lease ends by itself
	}
	next := t.task
	next.Version++
	next.State, next.Detail, next.Lease, next.NotBefore = cases.TaskPlanned, DetailHeld, 0, 0
	if _, err := d.stepTask(ctx, d.self(), t, next, "task.held", nil); err != nil {
		return err
	}
	return err
}

// copiesCame refuses a report of copies that are not here: what was named and never
// sent proves nothing (I8).
func (d *Desk) copiesCame(ctx context.Context, t *taskFile, rep *cases.Report) error {
	if t.task.Verb != cases.VerbExport || rep.Hand || t.task.Ended() || d.d.Answers.Files == nil {
		return nil
	}
	for _, name := range rep.Copies {
		_, err := d.d.Answers.Files.Stat(ctx, d.d.Allocator.EventID(inventory.Operator, CopyKey(t.task.ID, name)))
		if errors.Is(err, files.ErrGone) {
			return &cases.Refusal{Code: cases.ReportDoesNotFit, Text: "a copy that is named has not come; send it first, and report then"}
		}
		if err != nil {
			return fmt.Errorf("look for a copy of an export: %w", err)
		}
	}
	return nil
}
