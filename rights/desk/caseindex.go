package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/retention"
)

// A caseIndex knows whose cases there are: by the handles of the identifiers as
// they were given, and by those that a person confirmed. The journal carries no
// handle of a case (A6), so it is read from what is sealed, at start, and kept up
// by every fact. It is held in memory only.
type caseIndex struct {
	mu     sync.RWMutex
	loaded bool
	number uint32 // of the last case that was read
	// doubted are cases of which a fact may stand that was not read back.
	doubted map[events.EventID]bool
	by      map[events.EventID]*indexed
	handle  map[events.Handle][]events.EventID
}

// An indexed case is what others need of it while nobody looks at it. It is never
// changed: a later fact puts another in its place.
type indexed struct {
	id       events.EventID
	version  uint32
	number   uint32
	handles  []events.Handle
	rights   []catalogue.RightKind
	scope    []cases.Scope
	received events.Date
	answered events.Date // or refused, withdrawn, marked as a duplicate
	// parts are the days of the rights that were answered before the others.
	parts  map[catalogue.RightKind]events.Date
	closed bool
}

// indexOf reads it from the facts of a case.
func indexOf(id events.EventID, facts []cases.Fact) *indexed {
	x := &indexed{id: id, version: uint32(len(facts))}
	end := func(on events.Date) {
		if x.answered.IsZero() {
			x.answered = on
		}
	}
	for i := range facts {
		switch b := &facts[i].Body; facts[i].Act {
		case cases.Opened:
			if b.Opening == nil {
				continue
			}
			o := b.Opening
			x.rights, x.scope, x.received = o.Rights, o.Scope, o.Received
			for _, s := range o.Subject {
				x.handles = append(x.handles, s.Handle)
			}
			if o.Historic {
				end(o.Answered)
				x.closed = true
			}
		case cases.Confirmed:
			for _, m := range b.Members {
				if !slices.Contains(x.handles, m.Handle) {
					x.handles = append(x.handles, m.Handle)
				}
			}
		case cases.Answered:
			x.partly(b.Rights, facts[i].On)
			if len(b.Rights) == 0 || len(x.parts) == len(x.rights) {
				end(facts[i].On)
			}
		case cases.RefusedRequest:
			end(facts[i].On)
		case cases.Withdrawn, cases.Duplicate, cases.Closed:
			end(facts[i].On)
			x.closed = true
		}
	}
	return x
}

// partly notes an answer to some of the rights: the copy may be given first, or owed
// still.
func (x *indexed) partly(rights []catalogue.RightKind, on events.Date) {
	for _, r := range rights {
		if x.parts == nil {
			x.parts = map[catalogue.RightKind]events.Date{}
		}
		if x.parts[r].IsZero() {
			x.parts[r] = on
		}
	}
}

// requests are what the case asks, as the rules of keeping read it.
func (x *indexed) requests() (out []retention.Request) {
	scopes := []retention.Scope{{}}
	if len(x.scope) > 0 {
		scopes = scopes[:0]
		for _, s := range x.scope {
			scopes = append(scopes, s.Retention())
		}
	}
	for _, r := range x.rights {
		for _, s := range scopes {
			out = append(out, retention.Request{Right: events.Code(r), Received: x.received, Answered: cmp.Or(x.parts[r], x.answered), Scope: s})
		}
	}
	return out
}

// put takes in a case as it is now, unless a later state is known.
func (c *caseIndex) put(f *caseFile) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := indexOf(f.id, f.facts)
	x.number = f.number()
	c.set(x)
}

// set is put while the lock is held.
func (c *caseIndex) set(x *indexed) {
	if c.by == nil {
		c.by, c.handle = map[events.EventID]*indexed{}, map[events.Handle][]events.EventID{}
	}
	if old := c.by[x.id]; old != nil && old.version >= x.version {
		return
	}
	c.by[x.id] = x
	for _, h := range x.handles {
		if !slices.Contains(c.handle[h], x.id) {
			c.handle[h] = append(c.handle[h], x.id)
		}
	}
}

// doubt has a case read again before anybody relies on it.
func (c *caseIndex) doubt(id events.EventID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.doubted == nil {
		c.doubted = map[events.EventID]bool{}
	}
	c.doubted[id] = true
}

// drop forgets a case whose bodies are shredded: nobody can say any more whose it
// was.
func (c *caseIndex) drop(id events.EventID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.by[id]
	if x == nil {
		return
	}
	delete(c.by, id)
	for _, h := range x.handles {
		if c.handle[h] = slices.DeleteFunc(c.handle[h], func(e events.EventID) bool { return e == id }); len(c.handle[h]) == 0 {
			delete(c.handle, h)
		}
	}
}

// of lists the cases of somebody who has one of the handles, in the order of
// receipt.
func (c *caseIndex) of(handles []events.Handle) (out []*indexed) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, h := range handles {
		for _, id := range c.handle[h] {
			if x := c.by[id]; !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	slices.SortFunc(out, func(a, b *indexed) int {
		if a.received != b.received {
			return int(a.received) - int(b.received)
		}
		return slices.Compare(a.id[:], b.id[:])
	})
	return out
}

// people lists the handles that have cases.
func (c *caseIndex) people() (out []events.Handle) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for h := range c.handle {
		out = append(out, h)
	}
	return out
}

// askers are the handles of everybody who has a case.
func (d *Desk) askers(ctx context.Context, view View) (out []events.Handle, err error) {
	cat := d.d.Catalogue()
	for _, h := range d.cases.people() {
		who, err := identity.Resolve(ctx, []events.Handle{h}, d.graph(view, cat), identity.Query{Exact: true})
		if err != nil {
			return nil, fmt.Errorf("resolve a person: %w", err)
		}
		out = append(out, h)
		for _, m := range who.Members {
			out = append(out, m.Handle)
		}
	}
	return out, nil
}

// LoadCases reads whose cases there are. A server calls it before anything is
// purged: until then nobody knows what an open request needs.
func (d *Desk) LoadCases(ctx context.Context) error {
	view := d.d.View()
	defer d.shut(ctx, view)
	return d.loadCases(ctx, view)
}

// loadCases reads the cases that came since the last time.
func (d *Desk) loadCases(ctx context.Context, view View) error {
	totals, err := casebook.Counts(view)
	if err != nil {
		return fmt.Errorf("count the cases: %w", err)
	}
	d.cases.mu.Lock()
	defer d.cases.mu.Unlock()
	if err := d.readAgain(ctx, view); err != nil {
		return err
	}
	if d.cases.loaded && d.cases.number >= totals.Cases {
		return nil
	}
	for from := ""; ; {
		page, err := casebook.List(view, casebook.Filter{}, casebook.Newest, from, casePage)
		if err != nil {
			return err
		}
		more, err := d.loadPage(ctx, view, page.Cases)
		if err != nil {
			return err
		}
		if from = page.Next; from == "" || !more {
			break
		}
	}
	d.cases.loaded, d.cases.number = true, totals.Cases
	return nil
}

// readAgain reads the cases that are in doubt, while the lock is held.
func (d *Desk) readAgain(ctx context.Context, view View) error {
	for id := range d.cases.doubted {
		h, err := casebook.Case(view, id)
		if errors.Is(err, casebook.ErrUnknown) {
			continue // the map has not come so far
		}
		var facts []cases.Fact
		if err == nil {
			facts, err = d.caseFacts(ctx, view, id)
		}
		if err != nil {
			return fmt.Errorf("read a case again: %w", err)
		}
		x := indexOf(id, facts)
		x.number = h.Number
		d.cases.set(x)
		if view.Position().Compare(d.lastPosition(view)) >= 0 {
			delete(d.cases.doubted, id)
		}
	}
	return nil
}

// lastPosition is the journal's last position, or where the view stands.
func (d *Desk) lastPosition(view View) events.Position {
	if d.d.Last == nil {
		return view.Position()
	}
	return d.d.Last()
}

// loadPage reads cases, the newest first, until one that was read before.
func (d *Desk) loadPage(ctx context.Context, view View, page []casebook.Head) (more bool, err error) {
	for i := range page {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		h := &page[i]
		if d.cases.loaded && h.Number <= d.cases.number {
			return false, nil
		}
		if x := d.cases.by[h.ID]; x != nil && x.version >= h.Version {
			continue // every fact of it was made here
		}
		facts, err := d.caseFacts(ctx, view, h.ID)
		if err != nil {
			return false, fmt.Errorf("load a case: %w", err)
		}
		x := indexOf(h.ID, facts)
		x.number = h.Number
		d.cases.set(x)
	}
	return true, nil
}

// casePage is how many cases are read at a time.
const casePage = 256

// requests finds what a person asked: from the cases, and from whatever else the
// server knows.
func (d *Desk) requests(ctx context.Context, view View, who *identity.Person) (out []retention.Request, err error) {
	if err := d.loadCases(ctx, view); err != nil {
		return nil, err
	}
	handles := make([]events.Handle, len(who.Members))
	for i, m := range who.Members {
		handles[i] = m.Handle
	}
	if d.d.Requests != nil {
		if out, err = d.d.Requests(ctx, view, handles); err != nil {
			return nil, fmt.Errorf("read the requests of a person: %w", err)
		}
		out = slices.Clone(out)
	}
	for _, x := range d.cases.of(handles) {
		out = append(out, x.requests()...)
	}
	more, err := d.contestedRequests(ctx, who)
	return append(out, more...), err
}

// contestedRequests are those for a copy by whoever else may be meant: until
// somebody has decided whose the records are, they err on the side of keeping
// (C8).
func (d *Desk) contestedRequests(ctx context.Context, who *identity.Person) (out []retention.Request, err error) {
	for _, c := range who.Contests {
		same, err := d.d.Finder.Siblings(ctx, c.On.Handle)
		if err != nil {
			return nil, fmt.Errorf("find a contested identifier: %w", err)
		}
		var handles []events.Handle
		for _, m := range same {
			if !slices.ContainsFunc(who.Members, func(x identity.Member) bool { return x.Handle == m.Handle }) {
				handles = append(handles, m.Handle)
			}
		}
		for _, x := range d.cases.of(handles) {
			for _, q := range x.requests() {
				if r := catalogue.RightKind(q.Right); (r == catalogue.RightAccess || r == catalogue.RightPortability) && q.Answered.IsZero() {
					out = append(out, q)
				}
			}
		}
	}
	return out, nil
}

// asked reports whether anybody asked anything here.
func (d *Desk) asked() bool {
	d.cases.mu.RLock()
	defer d.cases.mu.RUnlock()
	return d.d.Requests != nil || len(d.cases.by) > 0
}
