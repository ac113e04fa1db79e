package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	kept "github.com/habeas-data/habeas/projections/retention"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/retention"
)

// A DisposalOrder says what a batch is to hold: what ended by a day, perhaps of
// one system or activity.
type DisposalOrder struct {
	Caller   access.Caller
	On       events.Date // zero: today; never later
	System   events.Code
	Activity events.Code
}

// A DisposalView is a batch as people read it.
type DisposalView struct {
	ID       string          `json:"id"`
	On       events.Date     `json:"on"`
	System   string          `json:"system,omitempty"`
	Activity string          `json:"activity,omitempty"`
	Holdings uint32          `json:"holdings"`
	Proposed events.Instant  `json:"proposed"`
	By       string          `json:"by"` // id of the token
	Approved *events.Instant `json:"approved"`
	Approver string          `json:"approver,omitempty"`
	State    string          `json:"state"` // proposed | approved
}

// DisposalList is every batch there was.
type DisposalList struct {
	AsOf      events.AsOf    `json:"as_of"`
	Disposals []DisposalView `json:"disposals"`
}

// A DisposalRun says what carrying out a batch did.
type DisposalRun struct {
	Batch    string `json:"batch"`
	Intended int    `json:"intended"` // holdings whose erasure is decided on
	Position string `json:"position"`
	// Made are the tasks that this run asked for; Tasks are all of the batch, by
	// state.
	Made  int            `json:"made"`
	Tasks map[string]int `json:"tasks"`
	// Left are holdings that something keeps now, or that need more than the two
	// who agreed: no task was made for them.
	Left int `json:"left"`
	// Erased is how many tasks a later look has proven.
	Erased int    `json:"erased"`
	Why    string `json:"why"`
}

// A Fuse stopped a batch: what it would do is out of the ordinary, and a person
// looks again before anything happens.
type Fuse struct {
	Code string // DISPOSAL_FUSE
	Text string
}

func (f *Fuse) Error() string { return f.Code + ": " + f.Text }

const fuseCode = "DISPOSAL_FUSE"

// ErrStale: what a batch would hold has changed since it was proposed.
var ErrStale = errors.New("what is due has changed since the batch was proposed; propose it again")

const (
	// fuseDays is how long a changed rule keeps a batch from being carried out.
	fuseDays = 30
	// fuseShare is the part of everybody beyond which a batch stops, unless the
	// configuration names another; fuseLeast is the number of people up to which
	// no share is looked at.
	fuseShare = 0.1
	fuseLeast = 50
	// mostDisposed bounds a batch, which is held in memory, unless the
	// configuration names another number.
	mostDisposed = 100_000
)

// A batch is what a disposal holds.
type batch struct {
	items  []DueItem
	ids    []events.EventID // of the holdings, in order
	people map[string]bool
}

// digestOf is the id of a holding as an event carries it.
func digestOf(holding string) events.EventID {
	id, err := events.ParseEventID(holding)
	if err != nil {
		return events.EventID{}
	}
	return id
}

func (b *batch) digest() (out events.EventID) {
	h := sha256.New()
	for _, id := range b.ids {
		h.Write(id[:])
	}
	copy(out[:], h.Sum(nil))
	return out
}

// collect gathers what has ended by a day and may go: no hold, no request that
// needs it, nothing whose end only stops the use or asks for a person, nothing
// that a lifted hold let go today, nothing decided on in another batch.
func (d *Desk) collect(ctx context.Context, o DisposalOrder, own events.EventID) (*batch, error) {
	// I10: holds and requests count as they stand now, whatever the day asked about.
	w, err := d.dueWalk(ctx, DueQuery{Caller: o.Caller, System: o.System, Activity: o.Activity})
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, w.view)
	today := d.today()
	b, most := &batch{people: map[string]bool{}}, d.d.DisposalMost
	if most == 0 {
		most = mostDisposed
	}
	_, err = w.run(ctx, func(it *DueItem) error {
		goes := it.of.State == retention.Due || it.of.State == retention.Overdue
		kindly := it.of.AtEnd == catalogue.AtEndErase || it.of.AtEnd == ""
		another := it.Intended != "" && it.Intended != own.String()
		if it.of.Due > o.On || !goes || !kindly || another || it.of.Lengthened || it.of.LiftedOn == today {
			return nil
		}
		if len(b.items) == most {
			return &Fault{Part: "system", Text: fmt.Sprintf("more than %d holdings are due, which is too much for one batch; propose smaller ones, by system, activity or an earlier day", most)}
		}
		b.items, b.people[it.Person] = append(b.items, *it), true
		b.ids = append(b.ids, digestOf(it.Holding))
		return nil
	})
	slices.SortFunc(b.ids, func(x, y events.EventID) int { return bytes.Compare(x[:], y[:]) })
	return b, err
}

// Propose puts a batch together for somebody else to approve. Errors:
// ErrForbidden, ErrQuestion, ErrGone (nothing is due), ErrNotRecorded.
func (d *Desk) Propose(ctx context.Context, o DisposalOrder) (DisposalView, error) {
	if err := permit(o.Caller, access.DisposalPropose); err != nil {
		return DisposalView{}, err
	}
	today := d.today()
	if o.On.IsZero() {
		o.On = today
	}
	if o.On > today {
		return DisposalView{}, &Fault{Part: "on", Text: "a day that has not come: nothing is erased ahead of its time"}
	}
	if err := d.record(ctx, o.Caller, "disposal.propose", nil, events.Plaintext{}, audit.Done, events.Position{}); err != nil {
		return DisposalView{}, err
	}
	b, err := d.collect(ctx, o, events.EventID{})
	if err != nil {
		return DisposalView{}, err
	}
	if len(b.items) == 0 {
		return DisposalView{}, fmt.Errorf("%w: nothing has ended by %s that may go", ErrGone, o.On)
	}
	e := events.Event{Kind: events.DisposalProposed, ScopeSystem: o.System, Activity: events.Activity{Code: o.Activity}, Date: o.On,
		Digest: b.digest(), Count: uint32(len(b.ids)), Evidence: o.Caller.Token}
	at, err := d.order(ctx, &e, 0)
	if err != nil {
		return DisposalView{}, err
	}
	return disposalView(&kept.Disposal{Order: kept.Order{Event: e, Position: at}}), nil
}

// ApproveDisposal agrees to a batch that somebody else proposed. Errors:
// ErrForbidden (also for the proposer), ErrGone, ErrQuestion, ErrNotRecorded.
func (d *Desk) ApproveDisposal(ctx context.Context, who access.Caller, id string) (DisposalView, error) {
	if err := permit(who, access.DisposalApprove); err != nil {
		return DisposalView{}, err
	}
	p, err := d.disposal(ctx, id)
	if err != nil {
		return DisposalView{}, err
	}
	if d.samePerson(p.Event.Evidence, who.Token) {
		return DisposalView{}, fmt.Errorf("%w: somebody else than the proposer approves", ErrForbidden)
	}
	if p.Approved != nil {
		return disposalView(p), nil
	}
	if err := d.record(ctx, who, "disposal.approve", nil, events.Plaintext{}, audit.Done, events.Position{}); err != nil {
		return DisposalView{}, err
	}
	e := events.Event{Kind: events.DisposalApproved, Of: p.Event.ID, Digest: p.Event.Digest, Count: p.Event.Count, Evidence: who.Token}
	at, err := d.order(ctx, &e, 0)
	if err != nil {
		return DisposalView{}, err
	}
	p.Approved = &kept.Order{Event: e, Position: at}
	return disposalView(p), nil
}

// samePerson keeps one person from being their own second, whatever tokens they
// hold.
func (d *Desk) samePerson(a, b events.Code) bool {
	return a == b || d.d.SamePerson != nil && d.d.SamePerson(a, b)
}

func (d *Desk) disposal(ctx context.Context, id string) (*kept.Disposal, error) {
	of, err := events.ParseEventID(id)
	if err != nil {
		return nil, &Fault{Part: "batch", Text: "want the id of a batch, as habeas retention batches prints it"}
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	list, err := kept.Disposals(view)
	if err != nil {
		return nil, fmt.Errorf("read the batches: %w", err)
	}
	i := slices.IndexFunc(list, func(x kept.Disposal) bool { return x.Event.ID == of })
	if i < 0 {
		return nil, fmt.Errorf("%w: no batch of that id was proposed", ErrGone)
	}
	return &list[i], nil
}

// RunDisposal decides on the erasure of every holding of an approved batch, makes
// each decision durable, and then the tasks for the systems that hold it and for
// whoever received it. Running it again makes what is missing. A batch whose content has
// changed since it was proposed is stale; one that is out of the ordinary stops
// with a *Fuse. Errors: also ErrForbidden, ErrGone, ErrNotRecorded.
func (d *Desk) RunDisposal(ctx context.Context, who access.Caller, id string) (DisposalRun, error) {
	if err := permit(who, access.DisposalRun); err != nil {
		return DisposalRun{}, err
	}
	if err := d.frozen(); err != nil {
		return DisposalRun{}, err
	}
	p, err := d.disposal(ctx, id)
	switch {
	case err != nil:
		return DisposalRun{}, err
	case p.Approved == nil:
		return DisposalRun{}, &Fault{Part: "batch", Text: "nobody has approved it yet: habeas retention approve"}
	}
	if err := d.record(ctx, who, "disposal.run", nil, events.Plaintext{}, audit.Done, events.Position{}); err != nil {
		return DisposalRun{}, err
	}
	holds, err := d.standingHolds(ctx)
	if err != nil {
		return DisposalRun{}, err
	}
	e := &p.Event
	b, err := d.collect(ctx, DisposalOrder{Caller: who, On: e.Date, System: e.ScopeSystem, Activity: e.Activity.Code}, e.ID)
	if err != nil {
		return DisposalRun{}, err
	}
	made, err := d.disposed(ctx, e.ID)
	if err != nil {
		return DisposalRun{}, err
	}
	if len(made) > 0 {
		// It was decided on whole, and some may be gone by now: what is left of it.
		b.items = slices.DeleteFunc(b.items, func(it DueItem) bool { return it.Intended != e.ID.String() })
	} else if b.digest() != e.Digest {
		return DisposalRun{}, fmt.Errorf("%w: it held %d holdings and would hold %d", ErrStale, e.Count, len(b.ids))
	}
	if err := d.fuse(ctx, b); err != nil {
		return DisposalRun{}, err
	}
	out := DisposalRun{Batch: id, Why: "systems and recipients are told; a holding counts as erased once a later look found nothing"}
	for i := range b.items {
		if i%lookAgain == 0 {
			// A large batch takes minutes. What a hold of meanwhile covers stays.
			switch now, err := d.standingHolds(ctx); {
			case err != nil:
				return out, err
			case !slices.Equal(now, holds):
				return out, fmt.Errorf("%w: a hold was placed or lifted meanwhile; %d of %d holdings were decided on", ErrStale, out.Intended, len(b.ids))
			}
		}
		// I9: the intent is durable before anything acts on it. A crash here
		// leaves a part of the batch decided on; running it again decides on the
		// rest, and the same decision twice is one.
		at, err := d.intend(ctx, e.ID, &b.items[i])
		if err != nil {
			return out, err
		}
		out.Intended++
		out.Position = at.String()
	}
	if err := d.dispose(ctx, who, p, b, &out); err != nil {
		return out, err
	}
	out.Tasks, err = d.disposed(ctx, e.ID)
	out.Erased = out.Tasks[string(cases.TaskVerified)]
	return out, err
}

// lookAgain is after how many decisions of a batch the holds are read again.
const lookAgain = 64

// standingHolds lists the holds that nobody has lifted.
func (d *Desk) standingHolds(ctx context.Context) (out []events.EventID, err error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	list, err := kept.Holds(view)
	if err != nil {
		return nil, fmt.Errorf("read the holds: %w", err)
	}
	for i := range list {
		if list[i].Lifted == nil {
			out = append(out, list[i].Event.ID)
		}
	}
	return out, nil
}

// intend records the decision on one holding. Its id follows from batch and
// holding, so that it can be said again.
func (d *Desk) intend(ctx context.Context, batch events.EventID, it *DueItem) (events.Position, error) {
	h := it.h
	e := events.Event{Kind: events.DisposalIntended, Of: batch, Digest: digestOf(it.Holding), Subject: []events.Ref{{Handle: h.Handle, Kind: it.kind}},
		ScopeSystem: h.System, Activity: h.Activity, Dataset: h.Dataset, Item: h.Item, Controller: h.Controller, Date: it.of.Due}
	if h.Category.Code != "" {
		e.Categories = []events.Category{h.Category}
	}
	e.ID = d.d.Allocator.EventID(inventory.Operator, events.NewPlaintext("intend "+batch.String()+" "+it.Holding))
	return d.order(ctx, &e, 0)
}

// fuse stops a batch that a mistake could have made: the rule was changed
// lately, or much of everybody would go at once.
func (d *Desk) fuse(ctx context.Context, b *batch) error {
	if rule := d.changed(b); rule != "" {
		return &Fuse{fuseCode, fmt.Sprintf("rule %s was changed less than %d days ago; run the batch after that", rule, fuseDays)}
	}
	share := d.d.DisposalShare
	if share == 0 {
		share = fuseShare
	}
	if len(b.people) <= fuseLeast {
		return nil
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	all := 0
	if err := inventory.Handles(view, func(events.Handle) error { all++; return ctx.Err() }); err != nil {
		return fmt.Errorf("count everybody: %w", err)
	}
	if float64(len(b.people)) > share*float64(all) {
		return &Fuse{fuseCode, fmt.Sprintf("the batch is about %d people, more than the share of %g that may go at once; propose smaller ones, by system or activity", len(b.people), share)}
	}
	return nil
}

// changed names a rule of the batch that says something else than it said when
// the period of the fuse began.
func (d *Desk) changed(b *batch) string {
	if d.d.InForce == nil {
		return ""
	}
	then := d.d.InForce(events.InstantOf(d.d.Now().AddDate(0, 0, -fuseDays)))
	if then == nil && d.d.First != nil {
		then = d.d.First() // set up since: what it began with, decisions included
	}
	if then == nil {
		return ""
	}
	now := retention.New(d.d.Catalogue(), nil)
	was := retention.New(then, nil)
	for i := range b.items {
		h := retention.Holding{System: b.items[i].h.System, Activity: b.items[i].h.Activity, Category: b.items[i].h.Category, SubjectType: b.items[i].h.SubjectType}
		a, z := now.Of(&retention.Person{}, &h, 0), was.Of(&retention.Person{}, &h, 0)
		if a.Terms() != z.Terms() {
			return b.items[i].Rule
		}
	}
	return ""
}

// Disposals lists the batches, newest first. Errors: ErrForbidden.
func (d *Desk) Disposals(ctx context.Context, who access.Caller) (DisposalList, error) {
	if err := permit(who, access.RetentionRead); err != nil {
		return DisposalList{}, err
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	list, err := kept.Disposals(view)
	if err != nil {
		return DisposalList{}, fmt.Errorf("read the batches: %w", err)
	}
	slices.SortFunc(list, func(a, b kept.Disposal) int { return b.Position.Compare(a.Position) })
	out := DisposalList{AsOf: events.AsOf{Position: view.Position().String(), Time: events.InstantOf(d.d.Now())}, Disposals: []DisposalView{}}
	for i := range list {
		out.Disposals = append(out.Disposals, disposalView(&list[i]))
	}
	return out, nil
}

func disposalView(p *kept.Disposal) DisposalView {
	e := &p.Event
	v := DisposalView{ID: e.ID.String(), On: e.Date, System: string(e.ScopeSystem), Activity: e.Activity.String(), Holdings: e.Count,
		Proposed: e.Time, By: string(e.Evidence), State: "proposed"}
	if p.Approved != nil {
		v.State, v.Approved, v.Approver = "approved", &p.Approved.Event.Time, string(p.Approved.Event.Evidence)
	}
	return v
}
