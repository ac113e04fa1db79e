package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// An agenda says when a case is looked at again for what it kept. It is held in
// memory; a start looks at every case once.
type agenda struct {
	mu   sync.Mutex
	next map[events.EventID]seenCase // guarded by mu
}

type seenCase struct {
	version uint32
	on      events.Date
}

// due reports whether a case is to be looked at today: never before, changed since,
// or its day has come.
func (a *agenda) due(id events.EventID, version uint32, today events.Date) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	x, ok := a.next[id]
	return !ok || x.version != version || x.on <= today
}

func (a *agenda) set(id events.EventID, version uint32, on events.Date) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.next == nil {
		a.next = map[events.EventID]seenCase{}
	}
	a.next[id] = seenCase{version, on}
}

// farLook is the longest time between two looks at what a case kept: a rule may
// have become shorter meanwhile.
const farLook = 30

// ResumeCases carries out what approved cases kept until a day or an event that has
// come: the approval of then covers it, nobody has to ask again (C7). It makes the
// tasks that are missing, of data that was kept, of what waited for a copy that was
// given since, and of what a hold kept that was lifted before today. What a hold or
// a request keeps now stays. It returns how many cases it took up again; a crash
// leaves tasks that nobody can claim, and the next run goes on.
func (d *Desk) ResumeCases(ctx context.Context) (n int, err error) {
	if d.frozen() != nil {
		return 0, nil
	}
	if err := d.LoadCases(ctx); err != nil {
		return 0, err
	}
	var errs []error
	for _, x := range d.approvedOnce() {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if !d.agenda.due(x.id, x.version, d.today()) {
			continue
		}
		did, err := d.resumeCase(ctx, x.id)
		switch {
		case errors.Is(err, cases.ErrRace):
			continue // somebody is at it; the next run looks again
		case err != nil:
			errs = append(errs, fmt.Errorf("take up case %s again: %w", x.id, err))
		case did:
			n++
		}
	}
	return n, errors.Join(errs...)
}

// approvedOnce lists the cases that may have kept something: those about erasure,
// objection or withdrawal that nobody ended otherwise.
func (d *Desk) approvedOnce() (out []*indexed) {
	d.cases.mu.RLock()
	defer d.cases.mu.RUnlock()
	for _, x := range d.cases.by {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b *indexed) int { return int(a.number) - int(b.number) })
	return out
}

// resumeCase does it for one case.
func (d *Desk) resumeCase(ctx context.Context, id events.EventID) (did bool, err error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	f, err := d.caseOf(ctx, view, id)
	if err != nil {
		return false, err
	}
	today := d.today()
	if !resumable(f) {
		d.agenda.set(id, f.version(), today+farLook)
		return false, nil
	}
	p, err := d.casePlan(ctx, view, f, today)
	if err != nil {
		return false, err
	}
	finals, grown := p.matured(today)
	made, err := d.madeTasks(ctx, view, f)
	if err != nil {
		return false, err
	}
	bodies, _ := cases.Fanout(&cases.Order{Digest: f.c.Approval.Digest, On: today, Finals: finals, OwesCopy: f.c.OwesCopy(), Knows: d.ability, Made: made})
	if len(bodies) == 0 {
		// What follows from the approval may have been cut off by a crash.
		if err := d.afterStart(ctx, f); err != nil {
			return false, err
		}
		d.agenda.set(id, f.version(), p.nextLook(today))
		return false, nil
	}
	ids := make([]events.EventID, len(bodies))
	for i := range bodies {
		ids[i] = d.taskID(f.id, &bodies[i])
	}
	body := cases.Body{Code: cases.RerunDue, Tasks: cases.IDsOf(ids...), Reason: "the day has come until which it was kept"}
	if err := d.mayAct(ctx, d.self(), f, cases.Rerun, body); err != nil {
		return false, err
	}
	// I9: the tasks are durable, then the fact that the case asks for them; only
	// then can anybody claim one.
	if _, err := d.planTasks(ctx, d.self(), f.id, bodies); err != nil {
		return false, err
	}
	if _, err := d.appendCase(ctx, d.self(), f, cases.Rerun, today, body); err != nil {
		return false, err
	}
	// A task that a crash had left without a word of the case is asked for now.
	if err := d.sortTasks(ctx, f.id); err != nil {
		return true, err
	}
	d.ring()
	at := f.facts[len(f.facts)-1].At
	if err := d.bindApproved(ctx, f.id, at, grown); err != nil {
		return true, err
	}
	return true, d.retireApproved(ctx, at, f.c.Members(), finals)
}

func (f *caseFile) version() uint32 { return uint32(len(f.facts)) }

// resumable: it was approved and started, it stands, and nobody decided otherwise
// since.
func resumable(f *caseFile) bool {
	return f.c != nil && f.c.Approval != nil && !f.c.Started.IsZero() && !f.c.Redecided && f.c.Withdrawn.IsZero() && f.c.DuplicateOf.IsZero() && f.c.Refused.IsZero()
}

// matured are the approved items that may be carried out today, and among them those
// that have grown out of being kept.
func (p *casePlan) matured(today events.Date) (all, grown []cases.Final) {
	approval := p.file.c.Approval
	late := p.overdueKept(approval.Finals, today)
	grown = slices.Concat(cases.Matured(approval.Finals, p.judged), late)
	p.person.detach(grown)
	again := map[cases.ItemKey]bool{}
	for i := range grown {
		again[cases.ItemKey{Holding: grown[i].Holding, Right: grown[i].Right}] = true
	}
	free := func(f cases.Final) bool { return !destroys(&f) || !p.person.staysToday(f.Holding, today) }
	for _, f := range approval.Finals {
		if !again[cases.ItemKey{Holding: f.Holding, Right: f.Right}] && free(f) {
			all = append(all, f)
		}
	}
	grown = slices.DeleteFunc(grown, func(f cases.Final) bool { return !free(f) })
	return append(all, grown...), grown
}

// overdueKept are items that were kept until a day, whose day has come, and which
// would now wait for a person only because of whose data or what kind of data it
// is: a person approved that they go then (C7).
func (p *casePlan) overdueKept(approved []cases.Final, today events.Date) (out []cases.Final) {
	kept := map[cases.ItemKey]bool{}
	for i := range approved {
		f := &approved[i]
		until := f.Until
		if f.Keep != nil {
			until = f.Keep.Until
		}
		if f.Ripens(decide.Erase, false) && !until.IsZero() && until <= today {
			kept[cases.ItemKey{Holding: f.Holding, Right: f.Right}] = true
		}
	}
	if len(kept) == 0 {
		return nil
	}
	by := string(p.file.c.ApprovedBy.Token)
	for i := range p.judged.Items {
		x := &p.judged.Items[i]
		if !kept[cases.ItemKey{Holding: x.Holding.ID, Right: x.Right}] || x.Outcome != decide.Erase || x.Keep != nil || !x.NeedsPerson || p.settled(x) {
			continue
		}
		f, err := x.Decide(decide.Decision{By: by, Why: "approved with the request to go on that day", On: today, Accept: true})
		if err == nil {
			out = append(out, cases.FinalOf(&f))
		}
	}
	return out
}

// settled reports whether an item is final without this word.
func (p *casePlan) settled(x *decide.Item) bool {
	return slices.ContainsFunc(p.judged.Finals, func(f cases.Final) bool { return f.Holding == x.Holding.ID && f.Right == x.Right })
}

// nextLook is the day on which what was kept is looked at again: the first day until
// which something is kept, tomorrow where an event is waited for, and in a month at
// the latest.
func (p *casePlan) nextLook(today events.Date) events.Date {
	next := today + farLook
	for i := range p.file.c.Approval.Finals {
		f := &p.file.c.Approval.Finals[i]
		h := p.person.holding(f.Holding)
		if h == nil || f.Outcome != decide.Retain && f.Outcome != decide.Restrict && f.Outcome != decide.Erase {
			continue
		}
		s := p.person.answer.status(h)
		switch {
		case s.State == retention.OnHold || s.State == retention.Paused || f.WaitsFor != "" || len(f.BlockedBy) > 0:
			next = min(next, today+1)
		case f.Until > today:
			next = min(next, f.Until)
		case f.Keep != nil && f.Keep.Until > today:
			next = min(next, f.Keep.Until)
		}
	}
	return next
}
