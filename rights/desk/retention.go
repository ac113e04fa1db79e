package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	kept "github.com/habeas-data/habeas/projections/retention"
	"github.com/habeas-data/habeas/rights/retention"
)

// until says until when a holding is kept, by which rule, and why.
func (a *answer) until(h *inventory.Holding) events.RetentionView {
	s := a.status(h)
	v := events.RetentionView{Rule: s.Rule, Status: string(s.State), Why: s.Why, TriggerDate: dateOrNull(s.TriggerDate),
		Due: dateOrNull(s.Due), DecideBy: dateOrNull(s.DecideBy), AtLeast: dateOrNull(s.AtLeast)}
	if h.State == inventory.Removed {
		v.Why = "the system reported it as removed on " + catalogue.PlainDate(h.Removal.At.Day()) + ", so nothing is left to time"
		return v
	}
	if len(s.Triggers) > 0 {
		names := triggerNames(s.Triggers, s.Join)
		v.Trigger = &names
	}
	if s.AtEnd != "" && s.AtEnd != catalogue.AtEndErase {
		v.AtEnd = string(s.AtEnd)
	}
	if s.Lengthened {
		to := s.LengthenedTo.String()
		v.LengthenedTo = &to
	}
	if s.Keep != nil {
		v.Keep = &events.KeepView{Elements: []string{}, Until: dateOrNull(s.Keep.Until)}
		for _, c := range s.Keep.Elements {
			v.Keep.Elements = append(v.Keep.Elements, c.String())
		}
	}
	for _, key := range s.Decisions {
		if d, ok := a.cat.Decision(key); ok {
			v.RestsOn = append(v.RestsOn, events.DecisionView{Key: d.Key, Value: d.Value.String(), By: d.By, Assumed: d.Assumed()})
		}
	}
	return v
}

// status is what the rules say of a holding, worked out for all of the person's
// together and once.
func (a *answer) status(h *inventory.Holding) retention.Status {
	if a.statuses == nil {
		a.statuses = make(map[*inventory.Holding]retention.Status, len(a.folded.Holdings))
		list := make([]retention.Holding, len(a.folded.Holdings))
		for i, x := range a.folded.Holdings {
			list[i] = a.timed(x)
		}
		for i, s := range a.engine().All(a.around(), list, a.today()) {
			a.statuses[a.folded.Holdings[i]] = s
		}
	}
	s, ok := a.statuses[h]
	if !ok {
		one := a.timed(h)
		s = a.engine().Of(a.around(), &one, a.today())
	}
	return s
}

// engine is that of the walk the answer is part of, or its own.
func (a *answer) engine() *retention.Engine {
	if a.rules == nil {
		a.rules = retention.New(a.cat, a.earlier)
	}
	return a.rules
}

// day is the day of a moment where the organisation is.
func (a *answer) day(t events.Instant) events.Date { return dayIn(t, a.moment.Location()) }

func dayIn(t events.Instant, zone *time.Location) events.Date {
	if t.IsZero() {
		return 0
	}
	return events.DateOf(t.Time().In(zone))
}

// timed is what the rules read of a holding.
func (a *answer) timed(h *inventory.Holding) retention.Holding {
	return retention.Holding{
		Handle: h.Handle, System: h.System, Dataset: h.Dataset, Activity: h.Activity, Category: h.Category, Item: a.sameItem(h.Item),
		SubjectType: h.SubjectType, Stored: a.day(h.First), RecordDates: h.RecordDates, LastSent: a.day(h.LastSent), Collected: h.Collected,
		Removed: h.State == inventory.Removed,
	}
}

// around is what happened around the person's holdings.
func (a *answer) around() *retention.Person {
	if a.person != nil {
		return a.person
	}
	p := &retention.Person{Holds: a.holds, Requests: a.requests}
	for _, m := range a.folded.Milestones {
		p.Milestones = append(p.Milestones, retention.Milestone{Code: m.Code, System: m.System, Activity: m.Activity, Item: a.sameItem(m.Item), Date: m.Date})
	}
	for _, f := range a.folded.Facts {
		if f.State == events.StateDeceased {
			p.Milestones = append(p.Milestones, retention.Milestone{Code: kept.Death, System: f.System, Date: f.Date})
		}
	}
	for _, c := range a.folded.Consents {
		if c.State == inventory.Given || c.State == inventory.Withdrawn {
			p.Consents = append(p.Consents, retention.Consent{Activity: c.Activity, Item: a.sameItem(c.Item), Channel: c.Channel,
				Withdrawn: c.State == inventory.Withdrawn, At: c.At, On: a.day(c.At)})
		}
	}
	a.person = p
	return p
}

// sameItem gives an item that several systems know the same handle.
func (a *answer) sameItem(r events.Ref) events.Ref {
	if h, ok := a.items[r.Handle]; ok {
		r.Handle = h
	}
	return r
}

// overdue reports whether a holding should have gone. Where the end only stops
// the use, a person has some days to decide what becomes of the rest.
func (a *answer) overdue(h *inventory.Holding) bool {
	s := a.status(h)
	return s.State == retention.Overdue && (s.DecideBy.IsZero() || a.today() > s.DecideBy)
}

func text(d events.Date) *string {
	s := d.String()
	return &s
}

func triggerNames(list []catalogue.Trigger, join catalogue.Join) string {
	sep := " "
	if join != "" {
		sep = " " + string(join) + " "
	}
	out := ""
	for i, t := range list {
		if i > 0 {
			out += sep
		}
		out += t.String()
	}
	return out
}

// A keeper reads what stands in the way of erasing: holds and open requests.
type keeper struct {
	d     *Desk
	holds []kept.Hold
	// items holds, per hold, the names of its item in every system.
	items map[events.EventID][]events.Handle
	zone  *time.Location
}

// keeper reads the holds at one position of the map.
func (d *Desk) keeper(ctx context.Context, view View) (*keeper, error) {
	if err := d.loadCases(ctx, view); err != nil {
		return nil, err
	}
	holds, err := kept.Holds(view)
	if err != nil {
		return nil, fmt.Errorf("read the holds: %w", err)
	}
	k := &keeper{d: d, holds: holds, items: map[events.EventID][]events.Handle{}, zone: d.d.Zone}
	for i := range holds {
		e := &holds[i].Event
		if e.Item.IsZero() {
			continue
		}
		list := []events.Handle{e.Item.Handle}
		same, err := d.d.Finder.Siblings(ctx, e.Item.Handle)
		if err != nil {
			return nil, fmt.Errorf("find the item of a hold: %w", err)
		}
		for _, m := range same {
			list = append(list, m.Handle)
		}
		k.items[e.ID] = list
	}
	return k, nil
}

// standing adds to an answer what stands in the way of erasing.
func (d *Desk) standing(ctx context.Context, view View, a *answer, who *identity.Person) error {
	k, err := d.keeper(ctx, view)
	if err != nil {
		return err
	}
	return k.standing(ctx, view, a, who)
}

func (k *keeper) standing(ctx context.Context, view View, a *answer, who *identity.Person) (err error) {
	a.earlier = k.d.d.Earlier
	if a.holds, err = k.of(ctx, who); err != nil {
		return err
	}
	if a.items, err = k.d.itemsOf(ctx, a.folded); err != nil {
		return err
	}
	a.requests, err = k.d.requests(ctx, view, who)
	return err
}

// of lists the holds that may reach a person: those on them, and those that are
// rules. A hold on an identifier that is contested reaches everybody who may be
// meant: it errs on the side of keeping.
func (k *keeper) of(ctx context.Context, who *identity.Person) ([]retention.Hold, error) {
	named := map[events.Handle]bool{}
	for _, m := range who.Members {
		named[m.Handle] = true
	}
	for _, c := range who.Contests {
		if !slices.ContainsFunc(k.holds, func(h kept.Hold) bool { return len(h.Event.Subject) > 0 }) {
			break
		}
		same, err := k.d.d.Finder.Siblings(ctx, c.On.Handle)
		if err != nil {
			return nil, fmt.Errorf("find a contested identifier: %w", err)
		}
		for _, m := range same {
			named[m.Handle] = true
		}
	}
	out := []retention.Hold{}
	for i := range k.holds {
		e := &k.holds[i].Event
		if len(e.Subject) > 0 && !named[e.Subject[0].Handle] {
			continue
		}
		x := k.hold(&k.holds[i])
		x.Scope.Handles = nil // it is about this person, whatever the system calls them
		out = append(out, x)
	}
	return out, nil
}

func (k *keeper) hold(h *kept.Hold) retention.Hold {
	e := &h.Event
	x := retention.Hold{ID: e.ID.String(), Ground: e.Ground, Placed: dayIn(e.Time, k.zone), Review: e.Review,
		Scope: retention.Scope{System: e.ScopeSystem, Activity: e.Activity.Code, Items: k.items[e.ID], From: e.From, To: e.To}}
	if len(e.Categories) > 0 {
		x.Scope.Category = e.Categories[0]
	}
	for _, s := range e.Subject {
		x.Scope.Handles = append(x.Scope.Handles, s.Handle)
	}
	if h.Lifted != nil {
		x.Lifted = dayIn(h.Lifted.Event.Time, k.zone)
	}
	return x
}

// itemsOf finds one name for each item that several systems know. Only a number
// of one of our systems is known to others as well.
func (d *Desk) itemsOf(ctx context.Context, f *inventory.Folded) (map[events.Handle]events.Handle, error) {
	same := map[events.Handle]events.Handle{}
	for _, h := range itemHandles(f) {
		if _, known := same[h]; known {
			continue
		}
		list, err := d.d.Finder.Siblings(ctx, h)
		if err != nil {
			return nil, fmt.Errorf("find the systems that know an item: %w", err)
		}
		for _, m := range list {
			same[m.Handle] = h
		}
	}
	return same, nil
}

func itemHandles(f *inventory.Folded) (out []events.Handle) {
	add := func(r events.Ref) {
		if r.Kind.System() != "" {
			out = append(out, r.Handle)
		}
	}
	for _, m := range f.Milestones {
		add(m.Item) // without one, the items of holdings start no clock
	}
	for _, c := range f.Consents {
		add(c.Item)
	}
	return out
}
