package desk

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	kept "github.com/habeas-data/habeas/projections/retention"
	"github.com/habeas-data/habeas/rights/retention"
)

// A dueWalk finds what ends by a day. It follows the lanes of the catalogue
// through the moments that happened, what ends soonest first, and works out the
// holdings of each person it comes upon. A holding is told at one place of the
// walk only, so that pages neither repeat nor miss one.
type dueWalk struct {
	desk   *Desk
	q      DueQuery
	cat    *catalogue.Catalogue
	view   View
	keeper *keeper
	rules  *retention.Engine
	moment time.Time
	asOf   events.Instant // zero: everything known
	last   events.Date    // the latest end that is asked for
	page   DuePage

	lanes  []*laneWalk
	slow   []retention.Lane // lanes without moments
	cursor dueCursor
	told   int
	named  bool // items are shown by name; the look is recorded before run
}

// laneChunk is how many moments of a lane are read ahead.
const laneChunk = 256

// A laneWalk is a lane and how far the walk has come in it.
type laneWalk struct {
	retention.Lane
	last  events.Date // the last day that is looked at
	after kept.Moment
	ahead []kept.Moment
	done  bool
}

// indexed reports whether the map knows where a trigger fired.
func (w *dueWalk) indexed(code events.Code) bool {
	_, ok := w.cat.Milestone(code)
	return ok || code == kept.ConsentWithdrawn || code == kept.RecordDate
}

// begin sets the lanes to where an earlier page ended.
func (w *dueWalk) begin(after string) error {
	var err error
	if w.cursor, err = parseCursor(after); err != nil {
		return &Fault{Part: "after", Text: err.Error()}
	}
	w.rules = retention.New(w.cat, w.desk.d.Earlier)
	for _, l := range w.rules.Lanes() {
		if !w.indexed(l.Code) {
			if w.mayFire(l.Code) {
				w.slow = append(w.slow, l)
			}
			continue
		}
		// A day where the organisation is may be the one after the day in UTC,
		// so one more is looked at.
		x := &laneWalk{Lane: l, last: l.Last(w.last) + 1}
		w.cursor.resume(x)
		w.lanes = append(w.lanes, x)
	}
	if w.desk.asked() && w.requestsCount() {
		w.slow = append(w.slow, retention.Lane{Code: catalogue.RequestReceived})
	}
	return nil
}

// requestsCount reports whether a person decided that a request starts a clock:
// the map keeps no moments of requests.
func (w *dueWalk) requestsCount() bool {
	for _, d := range w.cat.Decisions().All() {
		if d.Kind() == catalogue.DecideFires || (d.Kind() == catalogue.DecideCountsAs && !slices.Contains(d.Value.Words, catalogue.CountsNothing)) {
			return true
		}
	}
	return false
}

// mayFire reports whether a trigger of which the map keeps no moments can have
// fired for anybody. A circumstance never does: no system reports it.
func (w *dueWalk) mayFire(code events.Code) bool {
	switch code {
	case "stored":
		return true
	case catalogue.RequestReceived, onRequestClosed:
		return w.desk.asked()
	case "hold_lifted":
		return slices.ContainsFunc(w.keeper.holds, func(h kept.Hold) bool { return h.Lifted != nil })
	}
	return false
}

// run walks until the page is full or nothing is left, and says where the next
// page begins.
func (w *dueWalk) run(ctx context.Context, emit func(*DueItem) error) (next string, err error) {
	for !w.cursor.scan {
		l, m, err := w.nearest()
		if err != nil {
			return "", err
		}
		if l == nil {
			w.cursor = dueCursor{scan: true}
			break
		}
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if err := w.visit(ctx, l, m, emit); err != nil {
			return "", err
		}
		w.cursor = dueCursor{end: l.End(m.Day), code: l.Code, period: l.Period.String(), round: string(l.Round), at: m}
		if w.full() {
			return w.cursor.String(), nil
		}
	}
	if len(w.slow) == 0 {
		return "", nil
	}
	return w.search(ctx, emit)
}

func (w *dueWalk) full() bool { return w.q.Limit > 0 && w.told >= w.q.Limit }

// nearest takes the moment whose lane ends it soonest; of equal ones that of the
// first lane.
func (w *dueWalk) nearest() (best *laneWalk, m kept.Moment, err error) {
	for _, l := range w.lanes {
		if err := l.fill(w.view); err != nil {
			return nil, m, err
		}
		if len(l.ahead) > 0 && (best == nil || l.End(l.ahead[0].Day) < best.End(best.ahead[0].Day)) {
			best = l
		}
	}
	if best != nil {
		m, best.ahead = best.ahead[0], best.ahead[1:]
	}
	return best, m, nil
}

func (l *laneWalk) fill(view View) error {
	if len(l.ahead) > 0 || l.done {
		return nil
	}
	l.ahead = l.ahead[:0:0]
	err := kept.Moments(view, l.Code, l.after, l.last, func(m kept.Moment) error {
		l.ahead = append(l.ahead, m)
		if len(l.ahead) == laneChunk {
			return inventory.ErrStop
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the moments of %s: %w", l.Code, err)
	}
	if l.done = len(l.ahead) < laneChunk; len(l.ahead) > 0 {
		l.after = l.ahead[len(l.ahead)-1]
	}
	return nil
}

// visit tells the holdings of a person that belong to this place of the walk.
func (w *dueWalk) visit(ctx context.Context, l *laneWalk, m kept.Moment, emit func(*DueItem) error) error {
	p, err := w.person(ctx, m.Handle)
	if err != nil {
		return err
	}
	for _, h := range p.folded.Holdings {
		s := p.status(h)
		if !w.wanted(p.answer, h, &s) || !l.Counts(&s) || !p.owner(w, &s).is(l, m) {
			continue
		}
		if err := w.tell(ctx, p, h, emit); err != nil {
			return err
		}
	}
	return nil
}

func (w *dueWalk) tell(ctx context.Context, p *duePerson, h *inventory.Holding, emit func(*DueItem) error) error {
	if err := w.nameItems(ctx, p); err != nil {
		return err
	}
	it := p.dueItem(h, p.ref)
	it.kind = events.Undeclared
	for _, m := range p.members {
		if m.Handle == h.Handle {
			it.kind = m.Kind
		}
	}
	for _, o := range p.intents {
		if o.Event.Digest == digestOf(it.Holding) {
			it.Intended = o.Event.Of.String()
		}
	}
	w.told++
	return emit(it)
}

// nameItems opens the names of the items that the walk will tell, for those who
// may see them. The look was recorded before the first.
func (w *dueWalk) nameItems(ctx context.Context, p *duePerson) error {
	if p.names != nil || !w.named || !w.q.Caller.May(access.FootprintRead) {
		return nil
	}
	var items []events.Handle
	for _, h := range p.folded.Holdings {
		if !h.Item.IsZero() && !slices.Contains(items, h.Item.Handle) {
			items = append(items, h.Item.Handle)
		}
	}
	if len(items) == 0 {
		return nil
	}
	names, err := w.desk.d.Revealer.Reveal(ctx, items)
	if err != nil {
		return fmt.Errorf("reveal the items of a list: %w", err)
	}
	p.names = names
	return nil
}

// A duePerson is everything that the walk knows of one person.
type duePerson struct {
	*answer
	ref     string
	members []identity.Member
	moments map[events.Code][]kept.Moment
	intents []kept.Order
	first   events.Handle // of those with records
}

// person works out whose handle it is and what is known of them.
func (w *dueWalk) person(ctx context.Context, h events.Handle) (*duePerson, error) {
	g := w.desk.graph(w.view, w.cat)
	who, err := identity.Resolve(ctx, []events.Handle{h}, g, identity.Query{Exact: true})
	if err != nil {
		return nil, fmt.Errorf("resolve a person: %w", err)
	}
	handles := make([]events.Handle, 0, len(who.Members)+1)
	for _, m := range who.Members {
		handles = append(handles, m.Handle)
	}
	if !slices.Contains(handles, h) {
		handles = append(handles, h) // forgotten by the vault and still in the map
	}
	rows, err := inventory.Rows(w.view, handles...)
	if err != nil {
		return nil, fmt.Errorf("read the rows of a person: %w", err)
	}
	p := &duePerson{members: who.Members, ref: (&look{person: who}).refOr(h), moments: map[events.Code][]kept.Moment{}}
	p.answer = &answer{cat: w.cat, rules: w.rules, moment: w.moment, folded: inventory.Fold(rows, inventory.Query{AsOf: w.asOf})}
	if err := w.keeper.standing(ctx, w.view, p.answer, who); err != nil {
		return nil, err
	}
	for i := range rows {
		p.note(&rows[i])
	}
	for _, x := range handles {
		list, err := kept.Intents(w.view, x)
		if err != nil {
			return nil, fmt.Errorf("read what was decided on: %w", err)
		}
		p.intents = append(p.intents, list...)
	}
	return p, nil
}

// note gathers the places of the walk at which the person may be met.
func (p *duePerson) note(r *inventory.Row) {
	if r.Event.Kind == events.RecordStored && (p.first.IsZero() || bytes.Compare(r.Handle[:], p.first[:]) < 0) {
		p.first = r.Handle
	}
	e := *r.Event
	for _, o := range r.Obs {
		e.Time = o.Time
		if code, day, ok := kept.MomentOf(&e); ok {
			p.moments[code] = append(p.moments[code], kept.Moment{Day: day, Handle: r.Handle})
		}
	}
}

// A place is where of the walk a holding is told.
type place struct {
	code events.Code
	at   kept.Moment
	ok   bool
}

func (x place) is(l *laneWalk, m kept.Moment) bool { return x.ok && x.code == l.Code && x.at == m }

// owner is the one place where a holding is told: the latest moment from which it
// may have been counted. It is found from what is known of the person alone, so
// every page agrees on it.
func (p *duePerson) owner(w *dueWalk, s *retention.Status) (best place) {
	for _, t := range s.Triggers {
		if !w.indexed(t.Code) {
			continue
		}
		for _, m := range p.moments[t.Code] {
			if m.Day > s.From+1 {
				continue
			}
			x := place{t.Code, m, true}
			if !best.ok || cmp.Or(-cmp.Compare(x.at.Day, best.at.Day), cmp.Compare(x.code, best.code), bytes.Compare(x.at.Handle[:], best.at.Handle[:])) < 0 {
				best = x
			}
		}
	}
	return best
}

// search looks for what was counted from a moment that the map keeps no place of:
// under the handles where something began to be held early enough, or else under
// every handle. A holding is told under its own handle.
func (w *dueWalk) search(ctx context.Context, emit func(*DueItem) error) (next string, err error) {
	after := w.cursor.at.Handle
	stopped := errors.New("the page is full")
	visit := func(h events.Handle) error {
		if !after.IsZero() && bytes.Compare(h[:], after[:]) <= 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := w.person(ctx, h)
		if err != nil {
			return err
		}
		for _, x := range p.folded.Holdings {
			s := p.status(x)
			if x.Handle != h || !w.wanted(p.answer, x, &s) || p.owner(w, &s).ok {
				continue
			}
			if err := w.tell(ctx, p, x, emit); err != nil {
				return err
			}
		}
		if w.full() {
			w.cursor = dueCursor{scan: true, at: kept.Moment{Handle: h}}
			return stopped
		}
		return nil
	}
	list, ok, err := w.short(ctx)
	if err != nil {
		return "", err
	}
	if ok {
		for _, h := range list {
			if err = visit(h); err != nil {
				break
			}
		}
	} else {
		err = inventory.Handles(w.view, visit)
	}
	if errors.Is(err, stopped) {
		return w.cursor.String(), nil
	}
	return "", err
}
