package desk

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	kept "github.com/habeas-data/habeas/projections/retention"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// disposalDays is how long whoever is told to erase by a batch has for it.
const disposalDays = 14

// dispose makes the tasks of a batch, person by person: the systems that hold
// what has ended erase it, and whoever received it is told (Article 19). What the
// batch holds is looked at again for each of them, for the intent of a batch is no
// permission (I10): a hold, a request or a new fact of meanwhile leaves it where it
// is. A crash leaves a part of the tasks made; running again makes the rest.
func (d *Desk) dispose(ctx context.Context, who access.Caller, p *kept.Disposal, b *batch, out *DisposalRun) error {
	people := map[string][]*DueItem{}
	var order []string
	for i := range b.items {
		it := &b.items[i]
		if people[it.Person] == nil {
			order = append(order, it.Person)
		}
		people[it.Person] = append(people[it.Person], it)
	}
	for _, ref := range order {
		finals, err := d.disposalFinals(ctx, p, people[ref])
		if err != nil {
			return err
		}
		out.Left += len(people[ref]) - len(finals)
		ids, err := d.planFinals(ctx, who, p.Event.ID, finals, cases.Digest(p.Event.Digest), d.today()+disposalDays)
		if err != nil {
			return err
		}
		out.Made += len(ids)
	}
	d.ring()
	return nil
}

// disposalFinals are the items of one person that may go today.
func (d *Desk) disposalFinals(ctx context.Context, p *kept.Disposal, items []*DueItem) ([]cases.Final, error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	var starts []events.Handle
	for _, it := range items {
		starts = addHandle(starts, it.h.Handle)
	}
	c, err := d.personOf(ctx, view, starts)
	if err != nil {
		return nil, err
	}
	return c.ended(d, p, items)
}

// ended says of each item of a batch that may go today what becomes of it and who
// is told: as the order of erasure says for data whose time is over (row 1).
func (c *casePerson) ended(d *Desk, p *kept.Disposal, items []*DueItem) ([]cases.Final, error) {
	today, cat := d.today(), d.d.Catalogue()
	ask := &decide.Case{Rights: []catalogue.RightKind{catalogue.RightErasure}, Received: today}
	chosen := map[string]bool{}
	for _, it := range items {
		s := retention.Scope{System: it.h.System, Activity: it.h.Activity.Code, Category: it.h.Category}
		if !it.h.Item.IsZero() {
			s.Items = []events.Handle{it.h.Item.Handle}
		}
		ask.Scope = append(ask.Scope, s)
		chosen[it.Holding] = true
	}
	ask.Scope = scopesOf(ask.Scope, c.answer)
	plan, err := decide.New(decide.Config{AtReceipt: cat, Current: cat, Clocks: retention.New(cat, d.d.Earlier)}).Plan(ask, &c.about, c.held, today)
	if err != nil {
		return nil, fmt.Errorf("plan the disposal of a person's data: %w", err)
	}
	word := decide.Decision{By: string(p.Event.Evidence), Second: string(p.Approved.Event.Evidence), Why: "approved with the batch", On: today, Accept: true}
	var out []cases.Final
	for i := range plan.Items {
		x := &plan.Items[i]
		if !chosen[x.Holding.ID] || x.Outcome != decide.Erase || x.Code != decide.EraseRetentionExpired || len(x.BlockedBy) > 0 || c.staysToday(x.Holding.ID, today) {
			continue
		}
		f, err := finish(x, word, today)
		if err != nil {
			continue // it needs more than the two who agreed to the batch
		}
		out = append(out, cases.FinalOf(&f))
	}
	c.detach(out)
	return out, nil
}

// finish makes an item final: by itself, or by the word of those who approved.
func finish(x *decide.Item, word decide.Decision, on events.Date) (decide.Final, error) {
	if f, err := x.Settle(on); err == nil {
		return f, nil
	}
	return x.Decide(word)
}

// staysToday reports whether something keeps a holding today that a plan need not
// know: a hold, a copy that is owed, or a hold that was lifted today, after which
// nothing goes on the same day (C7).
func (c *casePerson) staysToday(holding string, today events.Date) bool {
	h := c.holding(holding)
	return h == nil || len(c.keptNow(holding)) > 0 || c.answer.status(h).LiftedOn == today
}

// detach marks what shares its bytes with a holding that stays: the purpose ends and
// the bytes are left.
func (c *casePerson) detach(finals []cases.Final) {
	goes := map[string]bool{}
	for i := range finals {
		goes[finals[i].Holding] = true
	}
	for i := range finals {
		h := c.holding(finals[i].Holding)
		finals[i].Detached = finals[i].Detached || slices.ContainsFunc(c.answer.folded.Holdings, func(o *inventory.Holding) bool {
			return o.State != inventory.Removed && !goes[o.ID()] && o.Handle == h.Handle && o.System == h.System && o.Dataset == h.Dataset && o.Item == h.Item &&
				(coversCategory(o.Category, h.Category) || coversCategory(h.Category, o.Category))
		})
	}
}

// personOf reads who stands behind handles now, for what acts without a case.
func (d *Desk) personOf(ctx context.Context, view View, starts []events.Handle) (*casePerson, error) {
	cat, today := d.d.Catalogue(), d.today()
	who, err := identity.Resolve(ctx, starts, d.graph(view, cat), identity.Query{Exact: true})
	if err != nil {
		return nil, fmt.Errorf("resolve a person: %w", err)
	}
	for _, h := range starts {
		addMember(who, identity.Member{Handle: h, Kind: events.Undeclared}) // forgotten by the vault and still in the map
	}
	p := &casePerson{who: who, joined: map[events.Handle]string{}}
	for _, m := range who.Members {
		p.members = append(p.members, m.Handle)
	}
	slices.SortFunc(p.members, func(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) })
	if p.rows, err = inventory.Rows(view, p.members...); err != nil {
		return nil, fmt.Errorf("read the rows of a person: %w", err)
	}
	p.answer = &answer{cat: cat, moment: d.endOf(today), joined: p.joined, folded: inventory.Fold(p.rows, inventory.Query{})}
	if err := d.standing(ctx, view, p.answer, who); err != nil {
		return nil, err
	}
	p.around()
	return p, p.read(view, today)
}

// disposed counts the tasks of a batch by state.
func (d *Desk) disposed(ctx context.Context, batch events.EventID) (map[string]int, error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	tally, err := casebook.TallyOf(view, batch)
	if err != nil {
		return nil, fmt.Errorf("count the tasks of a batch: %w", err)
	}
	out := map[string]int{}
	for _, s := range casebook.States() {
		if n := tally.In(s); n > 0 {
			out[string(s)] = int(n)
		}
	}
	return out, nil
}

// holding finds one by its id; nil: the map has none of it.
func (p *casePerson) holding(id string) *inventory.Holding {
	if p.byID == nil {
		p.byID = make(map[string]*inventory.Holding, len(p.answer.folded.Holdings))
		for _, h := range p.answer.folded.Holdings {
			p.byID[h.ID()] = h
		}
	}
	return p.byID[id]
}
