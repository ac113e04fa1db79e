package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
)

// appendCase is the one way in which something happens to a case. The file is the
// case as it was read; the act is held against the rules, its body sealed, a record
// of it kept, the fact appended and read back. Errors: a *cases.Refusal, among
// them cases.ErrRace where somebody else was first; ErrNotRecorded; ErrBehind where
// the map did not come so far in time, and then the fact stands and the case must
// be read again.
func (d *Desk) appendCase(ctx context.Context, who access.Caller, f *caseFile, act cases.Act, on events.Date, body cases.Body) (events.Position, error) {
	return d.appendCaseAt(ctx, who, f, act, on, body, 0)
}

// appendCaseAt is appendCase for a body that names handles which the vault has just
// given.
func (d *Desk) appendCaseAt(ctx context.Context, who access.Caller, f *caseFile, act cases.Act, on events.Date, body cases.Body, vault uint64) (events.Position, error) {
	none := events.Position{}
	body.By = cases.Person{Token: who.Token, Name: cases.Text(who.Name)}
	fact, next, err := d.tryFact(ctx, who, f, act, on, &body)
	if err != nil {
		return none, err
	}
	sealed, err := cases.EncodeBody(&body)
	if err != nil {
		return none, fmt.Errorf("encode the body of %s: %w", act, err)
	}
	// A crash from here to the append leaves a sealed body that no fact names, or
	// a record of an act that was not done: it can be done again.
	note, content, err := d.sealCase(ctx, sealed)
	if err != nil {
		return none, fmt.Errorf("%s a case: %w; nothing was changed", act, err)
	}
	if _, err := d.recordEntry(ctx, who, audit.Entry{Act: "case." + act, Case: f.id, Content: content, Outcome: audit.Done, Position: f.position}, nil, nil, events.Plaintext{}); err != nil {
		return none, err
	}
	e := events.Event{Kind: events.CaseRecorded, Of: f.id, Count: fact.Version, Why: act, Date: on, Review: fact.Due, Note: note}
	if act == cases.Opened {
		for _, r := range body.Opening.Rights {
			e.Channels = append(e.Channels, events.Code(r))
		}
		e.From = body.Opening.Received
	}
	e.Condition, e.To = events.Code(next.Status()), next.Answered // lists show what the facts make of it
	at, err := d.order(ctx, &e, vault)
	if err != nil {
		d.cases.doubt(f.id) // it may stand all the same
		return none, err
	}
	// A crash from here on leaves a fact that counts, or one that lost: whoever
	// reads the case next sees which.
	if err := d.reach(ctx, at); err != nil {
		d.cases.doubt(f.id)
		return at, fmt.Errorf("read back %s of a case: %w", act, err)
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	if err := tookCase(view, &e); err != nil {
		return at, d.lost(ctx, note, err)
	}
	fact.Event, fact.Position, fact.At = e.ID, at, e.Time
	if err := f.take(fact); err != nil {
		return at, err
	}
	f.position = at
	if f.head, err = casebook.Case(view, f.id); err != nil {
		return at, fmt.Errorf("read back a case: %w", err)
	}
	d.cases.put(f)
	return at, nil
}

// nextFact tries an act: whether it may follow, and when the case would be due.
func (d *Desk) nextFact(ctx context.Context, who access.Caller, f *caseFile, act cases.Act, on events.Date, body *cases.Body) (cases.Fact, error) {
	fact, _, err := d.tryFact(ctx, who, f, act, on, body)
	return fact, err
}

// tryFact is nextFact with what the case would be.
func (d *Desk) tryFact(ctx context.Context, who access.Caller, f *caseFile, act cases.Act, on events.Date, body *cases.Body) (cases.Fact, *cases.Case, error) {
	fact := cases.Fact{Case: f.id, Version: uint32(len(f.facts)) + 1, Act: act, On: on, At: events.InstantOf(d.d.Now()), Body: *body}
	if f.shredded {
		return fact, nil, f.living()
	}
	w, err := d.world(ctx, f, act, body)
	if err != nil {
		return fact, nil, err
	}
	if f.c == nil {
		err = cases.CheckOpening(body, on, w)
	} else {
		err = f.c.Check(act, body, on, w)
	}
	if err == nil && act == cases.Approved {
		err = d.notOwn(f, who)
	}
	if err == nil && act == cases.Decided {
		err = d.notOwnSecond(f, body)
	}
	if err != nil {
		return fact, nil, err
	}
	next, err := f.with(fact)
	if err != nil {
		return fact, nil, fmt.Errorf("%s a case: %w", act, err)
	}
	due, err := next.Due(d.today(), d.calendars(), d.d.Clocks, nil)
	if err != nil {
		return fact, nil, &Fault{Part: "nation", Text: err.Error()} // speaks of places and days only
	}
	fact.Due = due.Day
	return fact, next, nil
}

// notOwn keeps one person from being their own second, whatever tokens they hold.
func (d *Desk) notOwn(f *caseFile, who access.Caller) error {
	for _, p := range f.c.Deciders() {
		if d.samePerson(p.Token, who.Token) {
			return &cases.Refusal{Code: cases.SelfApproval, Text: "whoever decided or assessed approves nothing of it, with whichever token"}
		}
	}
	return nil
}

// world is what bears on an act and does not stand in the facts of the case.
func (d *Desk) world(ctx context.Context, f *caseFile, act cases.Act, body *cases.Body) (*cases.World, error) {
	w := &cases.World{Today: d.today(), Calendars: d.calendars(), Settings: d.d.Clocks}
	if !slices.Contains([]cases.Act{cases.Approved, cases.Packaged, cases.Started, cases.Rerun, cases.Answered, cases.Settled, cases.Completed, cases.Closed}, act) {
		return w, nil
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	tasks, err := d.tasksOf(ctx, view, f.id)
	if err != nil {
		return nil, err
	}
	w.Tasks = tasks
	if !f.c.Over() && act != cases.Settled {
		p, err := d.casePlan(ctx, view, f, max(d.today(), f.opening().Received))
		if err != nil {
			return nil, err
		}
		w.Joined, w.Contested, w.Judged = p.person.joinedNow(), len(openContests(p.person.who)) > 0, p.judged
		w.OwesCopy = act == cases.Rerun && p.owesCopy(body)
		apart, err := d.divided(ctx, view, f)
		if err != nil {
			return nil, err
		}
		w.Contested = w.Contested || apart
	}
	return w, nil
}

// owesCopy reports whether what is about to be done waits for the copy of a
// request that is not answered.
func (p *casePlan) owesCopy(body *cases.Body) bool {
	return p.judged.Deferred > 0 && len(body.Tasks) > 0 && body.Code != cases.RerunDue
}

// tasksOf are the tasks of a case, as the rules read them.
func (d *Desk) tasksOf(_ context.Context, view View, of events.EventID) ([]cases.Task, error) {
	list, err := casebook.TasksOf(view, of)
	if err != nil {
		return nil, fmt.Errorf("read the tasks of a case: %w", err)
	}
	out := make([]cases.Task, len(list))
	for i := range list {
		t := &list[i]
		out[i] = cases.Task{Case: t.Case, ID: t.ID, Version: t.Version, State: cases.TaskState(t.State), Detail: t.Detail, System: t.System, Verb: t.Verb,
			Recipient: t.Recipient, ActBefore: t.ActBefore, NotBefore: t.NotBefore, Lease: t.Lease, Attempts: t.Attempts}
	}
	return out, nil
}

// tookCase reports whether the fact is the one that counts.
func tookCase(view View, e *events.Event) error {
	got, err := casebook.FactOf(view, e.Of, e.Count)
	return took(got, err, e)
}

// A taskFact is the next fact of a task, as it goes onto the journal.
type taskFact struct {
	Task, Of                        events.EventID
	Version                         uint32
	State                           cases.TaskState
	System, Recipient, Verb, Detail events.Code
	ActBefore                       events.Date
	NotBefore, Lease                events.Instant
	// Body is sealed; nil: there is none.
	Body []byte
	// Act names it in the record of looks and decisions; empty: it is recorded
	// as task and the state.
	Act events.Code
}

// appendTask is the one way in which something happens to a task: like appendCase.
// It returns the sealed body's id as well. cases.ErrRace: somebody else was first.
func (d *Desk) appendTask(ctx context.Context, who access.Caller, x taskFact) (events.Position, events.EventID, error) {
	none := events.Position{}
	e := events.Event{Kind: events.TaskRecorded, Of: x.Of, Digest: x.Task, Count: x.Version, Why: events.Code(x.State), ScopeSystem: x.System, Condition: x.Verb,
		Recipient: events.Party{Code: x.Recipient}, Date: x.ActBefore, Since: x.NotBefore, Through: x.Lease, Evidence: x.Detail}
	entry := audit.Entry{Act: x.Act, Case: x.Of, Target: x.System, Outcome: audit.Done}
	if entry.Act == "" {
		entry.Act = "task." + events.Code(x.State)
	}
	// Crashes leave the same as those of appendCase.
	var err error
	if x.Body != nil {
		if e.Note, entry.Content, err = d.sealCase(ctx, x.Body); err != nil {
			return none, e.Note, err
		}
	}
	if _, err := d.recordEntry(ctx, who, entry, nil, nil, events.Plaintext{}); err != nil {
		return none, e.Note, err
	}
	at, err := d.order(ctx, &e, 0)
	if err != nil {
		return none, e.Note, err
	}
	if err := d.reach(ctx, at); err != nil {
		return at, e.Note, fmt.Errorf("read back a task: %w", err)
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	got, err := casebook.TaskFactOf(view, e.Digest, e.Count)
	return at, e.Note, d.lost(ctx, e.Note, took(got, err, &e))
}

func took(got *casebook.Fact, err error, e *events.Event) error {
	switch {
	case errors.Is(err, casebook.ErrUnknown), err == nil && got.Event.ID != e.ID:
		return cases.ErrRace
	case err != nil:
		return fmt.Errorf("read back %s: %w", e.Kind, err)
	}
	return nil
}

// lost destroys the sealed body of a fact that somebody else was before: it counts
// for nothing, so nobody would find it again to destroy it with the case.
func (d *Desk) lost(ctx context.Context, note events.EventID, err error) error {
	if errors.Is(err, cases.ErrRace) && d.d.Forgetter != nil && !note.IsZero() {
		return errors.Join(err, d.d.Forgetter.ShredNote(ctx, note))
	}
	return err
}
