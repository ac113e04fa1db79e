package desk

import (
	"context"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// A casePlan is what follows for each holding on a day: as the rules propose it,
// and as people decided.
type casePlan struct {
	file     *caseFile
	person   *casePerson
	on       events.Date
	now      *catalogue.Catalogue
	receipt  *catalogue.Catalogue // by which lawful bases are judged
	proposed []decide.Item        // before anybody's word
	judged   *cases.Judged
	open     map[cases.ItemKey]events.Code // what waits for a person, and why
	position events.Position
	unknown  []events.Unknown // what the plan cannot speak for
}

// casePlan computes the plan of a case on a day. It reads and changes nothing.
func (d *Desk) casePlan(ctx context.Context, view View, f *caseFile, on events.Date) (*casePlan, error) {
	if err := f.living(); err != nil {
		return nil, err
	}
	o := f.opening()
	if on < o.Received {
		return nil, &Fault{Part: "on", Text: "the request came on " + o.Received.String() + "; want that day or a later one"}
	}
	p := &casePlan{file: f, on: on, now: d.d.Catalogue(), position: view.Position()}
	p.receipt = d.atReceipt(o, p.now)
	var err error
	if p.person, err = d.casePerson(ctx, view, p.now, f, on); err != nil {
		return nil, err
	}
	c := f.c.Decide(d.dueOf(f.c, d.today()))
	if err := d.expand(ctx, f, c, p.person); err != nil {
		return nil, err
	}
	e := decide.New(decide.Config{AtReceipt: p.receipt, Current: p.now, Clocks: retention.New(p.now, d.d.Earlier)})
	plan, err := e.Plan(c, &p.person.about, p.person.held, on)
	if err != nil {
		return nil, fmt.Errorf("plan a case: %w", err)
	}
	p.proposed, p.judged = plan.Items, cases.Judge(f.c, plan)
	p.open = make(map[cases.ItemKey]events.Code, len(p.judged.Open))
	for _, o := range p.judged.Open {
		p.open[o.ItemKey] = o.Code
	}
	l, err := d.caseLook(view, p)
	if err == nil {
		p.unknown = l.look.unknown(p.person.answer)
	}
	return p, err
}

// expand puts the names of an item in every system beside the one that was asked
// about.
func (d *Desk) expand(ctx context.Context, f *caseFile, c *decide.Case, p *casePerson) error {
	var err error
	for i := range c.Scope {
		if c.Scope[i].Items, err = d.itemNames(ctx, c.Scope[i].Items); err != nil {
			return err
		}
	}
	p.about.Assessments = slices.Clone(f.c.Assessments)
	for i := range p.about.Assessments {
		a := &p.about.Assessments[i]
		if a.Scope.Items, err = d.itemNames(ctx, a.Scope.Items); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) itemNames(ctx context.Context, items []events.Handle) ([]events.Handle, error) {
	out := slices.Clone(items)
	for _, h := range items {
		same, err := d.d.Finder.Siblings(ctx, h)
		if err != nil {
			return nil, fmt.Errorf("find an item of a case: %w", err)
		}
		for _, m := range same {
			if !slices.Contains(out, m.Handle) {
				out = append(out, m.Handle)
			}
		}
	}
	return out, nil
}

// atReceipt is the catalogue that was in force when the request came: a basis is
// not changed after the event to defeat a right (C6).
func (d *Desk) atReceipt(o *cases.Opening, now *catalogue.Catalogue) *catalogue.Catalogue {
	if o.Catalogue == 0 || o.Catalogue == now.Version() || d.d.Earlier == nil {
		return now
	}
	if c := d.d.Earlier(o.Catalogue); c != nil {
		return c
	}
	return now
}

// undecided counts what waits for a person.
func (p *casePlan) undecided() int { return len(p.judged.Open) }

// ruling is the word of a person on which an item rests; nil where it rests on
// none.
func (p *casePlan) ruling(x *decide.Item) *cases.Ruling {
	key := cases.ItemKey{Holding: x.Holding.ID, Right: x.Right}
	r, ok := p.file.c.Decisions[key]
	if waits, open := p.open[key]; !ok || open && waits != cases.TwoPersons {
		return nil
	}
	return &r
}

// joined are the handles that the map joins to the person now, but for our own
// notes of what was asked.
func (p *casePerson) joinedNow() (out []events.Handle) {
	for _, m := range p.who.Members {
		if m.System != inventory.Operator {
			out = append(out, m.Handle)
		}
	}
	return out
}

// confirmed reports whether a named person looked at all the handles that the
// evidence joins.
func (p *casePlan) confirmed() bool {
	return p.file.c.Joins != nil && len(p.file.c.Unconfirmed(p.person.joinedNow())) == 0
}

// contested are the joins that nobody has decided.
func (p *casePlan) contested() []identity.Contest { return openContests(p.person.who) }

// PlanCase shows what is proposed and decided for each holding on a day; the zero
// day is today. It destroys nothing. The look is recorded first (I7). Errors:
// ErrForbidden, ErrGone, ErrQuestion (also a day before the request came),
// ErrNotRecorded.
func (d *Desk) PlanCase(ctx context.Context, who access.Caller, id string, on events.Date) (*CasePlan, error) {
	if err := permit(who, access.CasesRead); err != nil {
		return nil, err
	}
	f, view, err := d.lookAt(ctx, who, id, "cases.plan")
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, view)
	if on.IsZero() {
		on = d.today()
	}
	p, err := d.casePlan(ctx, view, f, on)
	if err != nil {
		return nil, err
	}
	return d.planView(ctx, view, who, p)
}

// lookAt reads a case and records the look before anything of it is shown, with
// those on the other side of contested joins: something of them is shown. The
// caller closes the view.
func (d *Desk) lookAt(ctx context.Context, who access.Caller, id string, act events.Code) (*caseFile, View, error) {
	view := d.d.View()
	f, err := d.caseFile(ctx, view, id)
	var others []events.Handle
	if err == nil && f.c != nil {
		var p *identity.Person
		if p, err = d.casePeople(ctx, view, d.d.Catalogue(), f); err == nil {
			others = (&look{person: p}).others()
		}
	}
	if err == nil {
		_, err = d.recordEntry(ctx, who, audit.Entry{Act: act, Case: f.id, Outcome: audit.Found, Position: view.Position()}, f.about(), others, events.Plaintext{})
	}
	if err != nil {
		d.shut(ctx, view)
		return nil, nil, err
	}
	return f, view, nil
}

func (d *Desk) planView(ctx context.Context, view View, who access.Caller, p *casePlan) (*CasePlan, error) {
	o := p.file.opening()
	l, err := d.caseLook(view, p)
	if err != nil {
		return nil, err
	}
	l.q.Caller = who
	if p.person.answer.names, err = d.caseReveal(ctx, p.shown()); err != nil {
		return nil, err
	}
	v := &CasePlan{Case: p.file.id.String(), Number: p.file.number(), Rights: texts(o.Rights), Received: o.Received,
		Due: dateOrNull(d.dueOf(p.file.c, d.today())), DuePromised: d.promised(o.Rights, o.Received), On: p.on, Forecast: p.on > d.today(),
		Simulated: d.d.Simulated || o.Simulated || p.person.answer.folded.Simulated, Undecided: p.undecided(), AsOf: l.asOf(), Digest: p.judged.Digest.String(),
		Confirmed: p.confirmed(), Members: l.members(p), Items: make([]CaseItem, 0, len(p.judged.Items)), Recipients: p.recipients(),
		NotDeleted: p.notDeleted(), Unknown: p.unknown, Catalogue: string(p.now.ID) + " " + p.now.Edition}
	if p.receipt != p.now {
		v.AtReceipt = string(p.receipt.ID) + " " + p.receipt.Edition
	}
	if v.Contested, err = l.contests(ctx); err != nil {
		return nil, err
	}
	if v.Contested == nil {
		v.Contested = []events.Contest{}
	}
	if v.Candidates, err = l.candidates(ctx); err != nil {
		return nil, err
	}
	for i := range p.judged.Items {
		v.Items = append(v.Items, p.itemView(&p.judged.Items[i]))
	}
	v.Counts, v.ByRight = p.counts()
	if v.Approved = approvalView(p.file.c); v.Approved != nil {
		v.Stale = v.Approved.Digest != v.Digest
	}
	v.Words = p.planWords(p.now, v)
	return v, nil
}

// A caseLook shows whom a case is about, with the words and the care of any look.
type caseLook struct{ *look }

func (d *Desk) caseLook(view View, p *casePlan) (*caseLook, error) {
	l := &look{desk: d, view: view, cat: p.now, now: d.d.Now().In(d.d.Zone), person: p.person.who}
	systems, err := d.systems(view)
	if err != nil {
		return nil, err
	}
	l.report = reportsOf(l.cat, l.now, systems)
	l.report.here = view.Position()
	if d.d.Last != nil {
		l.report.last = d.d.Last()
	}
	return &caseLook{l}, nil
}

// shown are the handles whose names a plan shows.
func (p *casePlan) shown() []events.Handle {
	var out []events.Handle
	for _, m := range p.person.who.Members {
		out = append(out, m.Handle)
	}
	return distinct(p.person.answer.handles(out), nil)
}

// members are the handles that evidence joins, and those that were accepted.
func (l *caseLook) members(p *casePlan) []CaseMember {
	out := []CaseMember{}
	for _, m := range p.person.who.Members {
		if m.System == inventory.Operator {
			continue // our own note of what was asked
		}
		out = append(out, l.member(p, m))
	}
	return out
}

func (l *caseLook) member(p *casePlan, m identity.Member) CaseMember {
	v := CaseMember{Ref: m.Handle.String(), System: string(m.System), Kind: string(m.Kind), JoinedBy: p.person.joined[m.Handle], Accepted: p.file.took(m.Handle)}
	v.Value = p.person.answer.identifier(m).Value
	return v
}
