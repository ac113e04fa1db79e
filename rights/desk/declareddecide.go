package desk

import (
	"context"
	"fmt"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/observed"
)

// A FindingOrder decides about one finding.
type FindingOrder struct {
	Caller  access.Caller
	ID      string
	Outcome events.Code // accepted, resolved or reopened
	Review  events.Date // of what is accepted: until then
	Reason  events.Plaintext
}

// FindingView is one finding by itself.
type FindingView struct {
	Finding FindingLine     `json:"finding"`
	AsOf    events.AsOf     `json:"as_of"`
	Words   events.Glossary `json:"words"` // the codes in plain words
}

// maxReview is how far off a review may be: what nobody looks at again is not
// accepted but forgotten.
const maxReview = 366 // days

// Finding shows one finding with the reasons of what was decided about it. The
// look is recorded. Errors: ErrForbidden, ErrGone, ErrQuestion, ErrNotRecorded.
func (d *Desk) Finding(ctx context.Context, who access.Caller, id string) (*FindingView, error) {
	l, f, about, err := d.findFinding(ctx, who, id)
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, l.view)
	if err := d.record(ctx, who, events.Code(access.FindingsRead), about, events.Plaintext{}, audit.Found, l.view.Position()); err != nil {
		return nil, err
	}
	l.reasons(ctx, f)
	return &FindingView{Finding: *f, AsOf: l.page.AsOf, Words: l.words(f)}, nil
}

// reasons opens why people decided as they did, for who may decide themselves.
func (l *findingLook) reasons(ctx context.Context, f *FindingLine) {
	if who := l.q.Caller; !who.May(access.FindingsDecide) && !who.May(access.AuditOpen) {
		return
	}
	for i := range f.Decisions {
		x := &f.Decisions[i]
		x.Reason = "(no longer kept)"
		if b, err := l.desk.d.Revealer.OpenNote(ctx, x.note); err == nil {
			if n, err := decodeNote(b); err == nil {
				x.Reason = n.Reason
			}
		}
	}
}

// words says the codes of a finding in plain words.
func (l *findingLook) words(f *FindingLine) events.Glossary {
	w := newWords(l.cat)
	for name, field := range map[string]catalogue.Field{observed.OnSystem: catalogue.FieldSystem, observed.OnRecipient: catalogue.FieldRecipient,
		observed.OnSubjectType: catalogue.FieldSubjectType, observed.OnSource: catalogue.FieldSource, observed.OnMilestone: catalogue.FieldMilestone} {
		w.code(field, f.About[name])
	}
	if code := f.About[observed.OnActivity]; code != "" {
		w.code(catalogue.FieldActivity, code)
	}
	if code := f.About[observed.OnCategory]; code != "" {
		w.category(code)
	}
	return w.m
}

// findFinding looks a finding up by its id, and says whose it is if it is about
// a person. The view of the look must be shut.
func (d *Desk) findFinding(ctx context.Context, who access.Caller, id string) (*findingLook, *FindingLine, []events.Handle, error) {
	name, ref, single := strings.Cut(id, "-")
	digest, err := events.ParseEventID(name)
	var h events.Handle
	if err == nil && single {
		h, err = events.ParseHandle(ref)
	}
	if err != nil {
		return nil, nil, nil, &Fault{Part: "id", Text: "want the id of a finding, as habeas findings prints it"}
	}
	if single && !who.May(access.FindingsPeople) {
		return nil, nil, nil, fmt.Errorf("%w: this needs the permission %s", ErrForbidden, access.FindingsPeople)
	}
	l, err := d.findingLook(ctx, FindingQuery{Caller: who, Status: "all"})
	if err != nil {
		return nil, nil, nil, err
	}
	l.only = digest
	var list []FindingLine
	var about []events.Handle
	if single {
		list, about, err = l.ofPerson(ctx, h)
	} else {
		list, err = l.codes(ctx)
	}
	if err != nil {
		d.shut(ctx, l.view)
		return nil, nil, nil, err
	}
	for i := range list {
		if list[i].is(digest) {
			return l, &list[i], about, nil
		}
	}
	d.shut(ctx, l.view)
	return nil, nil, nil, fmt.Errorf("%w: no finding of that id shows now; what was mended and is a state of today goes away by itself", ErrGone)
}

// ofPerson lists every finding about one person.
func (l *findingLook) ofPerson(ctx context.Context, h events.Handle) ([]FindingLine, []events.Handle, error) {
	p, err := l.person(ctx, h)
	if err != nil {
		return nil, nil, err
	}
	out := p.history()
	for _, x := range p.folded.Holdings {
		if x.State != inventory.Removed && p.answer.overdue(x) {
			out = append(out, l.late(p.dueItem(x, h.String())))
		}
	}
	return out, p.handles, nil
}

// DecideFinding records what a person decided about a finding: that it is known
// and left until a day, that it is mended, or that an earlier word is taken
// back. It changes nothing else. Errors: ErrForbidden, ErrGone, ErrQuestion,
// ErrNotRecorded.
func (d *Desk) DecideFinding(ctx context.Context, o FindingOrder) (*FindingView, error) {
	if err := permit(o.Caller, access.FindingsDecide); err != nil {
		return nil, err
	}
	if err := d.checkOrder(&o); err != nil {
		return nil, err
	}
	l, f, about, err := d.findFinding(ctx, o.Caller, o.ID)
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, l.view)
	if o.Outcome == events.FindingReopened && len(f.Decisions) == 0 {
		return nil, &Fault{Part: "outcome", Text: "nothing was decided about this finding that could be taken back"}
	}
	name, _, _ := strings.Cut(f.ID, "-")
	digest, err := events.ParseEventID(name)
	if err != nil {
		return nil, fmt.Errorf("read the id of a finding: %w", err)
	}
	note, err := d.recordNote(ctx, o.Caller, events.Code(access.FindingsDecide), about, nil, o.Reason, audit.Done, l.view.Position())
	if err != nil {
		return nil, err
	}
	// The codes of what it is about stand in the event, so that a decision can be
	// read when the finding shows no more; a person does not.
	e := events.Event{Kind: events.FindingDecided, Digest: digest, Why: o.Outcome, Review: o.Review, Note: note,
		Ground: events.Code(strings.ToLower(f.Rule)), ScopeSystem: events.Code(f.About[observed.OnSystem])}
	// A crash here leaves a record of a decision that was not made; it is made by
	// asking again.
	at, err := d.order(ctx, &e, 0)
	if err != nil {
		return nil, err
	}
	if err := d.reach(ctx, at); err != nil {
		// The decision is durable; only the map has not come so far yet.
		f.Status = string(o.Outcome)
		if o.Outcome == events.FindingReopened {
			f.Status = string(observed.Open)
		}
		f.Decisions = append(f.Decisions, FindingDecision{Outcome: string(o.Outcome), At: e.Time, Position: at.String(), Review: o.Review})
		return &FindingView{Finding: *f, AsOf: l.page.AsOf, Words: l.words(f)}, nil
	}
	after, g, _, err := d.findFinding(ctx, o.Caller, o.ID)
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, after.view)
	after.reasons(ctx, g)
	return &FindingView{Finding: *g, AsOf: after.page.AsOf, Words: after.words(g)}, nil
}

func (d *Desk) checkOrder(o *FindingOrder) error {
	today := d.today()
	switch {
	case o.Reason.IsZero():
		return &Fault{Part: "reason", Text: "want a reason; it is kept sealed"}
	case o.Outcome != events.FindingAccepted && o.Outcome != events.FindingResolved && o.Outcome != events.FindingReopened:
		return &Fault{Part: "outcome", Text: "want accepted, resolved or reopened"}
	case o.Outcome != events.FindingAccepted && !o.Review.IsZero():
		return &Fault{Part: "review", Text: "only what is accepted has a day of review"}
	case o.Outcome == events.FindingAccepted && o.Review.IsZero():
		o.Review = today + maxReview - 1
	case o.Outcome == events.FindingAccepted && o.Review <= today:
		return &Fault{Part: "review", Text: "want a day after today"}
	case o.Outcome == events.FindingAccepted && o.Review > today+maxReview:
		return &Fault{Part: "review", Text: "want a day within a year: what nobody looks at again is not accepted but forgotten"}
	}
	return nil
}
