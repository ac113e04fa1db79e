package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A look is one question on its way: permitted, at a position, about somebody.
// One goroutine owns it, and it must be closed.
type look struct {
	desk   *Desk
	q      Query
	act    events.Code
	view   View
	cat    *catalogue.Catalogue
	now    time.Time
	known  inventory.Known
	start  []events.Handle
	person *identity.Person
	report *reports
	// glimpses keeps what tells people apart, by their primary handle.
	glimpses map[events.Handle]events.Glimpse
}

// begin opens a look: permission, rate, position, then who is meant. The look
// is recorded before it returns, whatever it found (I7).
func (d *Desk) begin(ctx context.Context, q Query, p access.Permission) (*look, error) {
	if err := permit(q.Caller, p); err != nil {
		return nil, err
	}
	if d.d.Limit != nil {
		if wait, ok := d.d.Limit.Take(string(q.Caller.Token)); !ok {
			return nil, &Limited{RetryAfter: int(wait/time.Second) + 1}
		}
	}
	if err := d.reach(ctx, q.Min); err != nil {
		return nil, err
	}
	l := &look{desk: d, q: q, act: events.Code(p), view: d.d.View(), cat: d.d.Catalogue(), now: d.d.Now().In(d.d.Zone),
		known: inventory.Known{Position: q.AsKnown.Position, At: q.AsKnown.Time}}
	err := l.days()
	if err == nil {
		err = l.past()
	}
	if err == nil {
		err = l.resolve(ctx)
	}
	if err != nil {
		l.close(ctx)
		return nil, err
	}
	return l, nil
}

// days turns the days of a question into moments: the end of the day where the
// organisation is. Today has not ended, and so means now.
func (l *look) days() error {
	today := events.DateOf(l.now)
	for _, x := range []struct {
		part string
		day  events.Date
		at   *events.Instant
		now  events.Instant
	}{{"as_of", l.q.AsOfDay, &l.q.AsOf, 0}, {"as_known", l.q.AsKnown.Day, &l.q.AsKnown.Time, events.InstantOf(l.now)}} {
		switch {
		case x.day.IsZero():
		case x.day > today:
			return &Fault{Part: x.part, Text: "a day that has not come"}
		case x.day == today:
			*x.at = x.now
		default:
			y, m, d := x.day.Time().Date()
			*x.at = events.InstantOf(time.Date(y, m, d+1, 0, 0, 0, 0, l.now.Location())) - 1
		}
	}
	l.q.AsKnown.Day = 0
	l.known.At = l.q.AsKnown.Time
	return nil
}

// past refuses a question about what has not happened or been recorded yet: its
// answer would be another tomorrow.
func (l *look) past() error {
	end := l.view.Position()
	if l.desk.d.Last != nil && l.desk.d.Last().Compare(end) > 0 {
		end = l.desk.d.Last()
	}
	now := events.InstantOf(l.now)
	switch {
	case l.q.AsOf > now:
		return &Fault{Part: "as_of", Text: "a time that has not come"}
	case l.q.AsKnown.Time > now:
		return &Fault{Part: "as_known", Text: "a time that has not come"}
	case l.q.AsKnown.Position.Compare(end) > 0:
		return &Fault{Part: "as_known", Text: "the journal has come to " + end.String()}
	}
	return nil
}

// reach waits, for a moment only, until the map has come as far as asked.
func (d *Desk) reach(ctx context.Context, p events.Position) error {
	if p.IsZero() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := d.d.Map.WaitFor(ctx, p)
	if errors.Is(err, context.DeadlineExceeded) {
		return ErrBehind
	}
	if err != nil {
		return fmt.Errorf("wait for position %s: %w", p, err)
	}
	return nil
}

func (l *look) close(ctx context.Context) { l.desk.shut(ctx, l.view) }

// shut closes a view. The answer was read already, so an error is only told.
func (d *Desk) shut(ctx context.Context, v View) {
	if err := v.Close(); err != nil {
		d.d.Log.WarnContext(ctx, "a view of the map did not close", "error", err)
	}
}

func (l *look) resolve(ctx context.Context) error {
	exact, err := l.find(ctx)
	if err != nil {
		return err
	}
	if l.person, err = l.whom(ctx, l.start, exact); err != nil {
		return err
	}
	systems, err := l.desk.systems(l.view)
	if err != nil {
		return err
	}
	l.report = reportsOf(l.cat, l.now, systems)
	l.report.here, l.report.known = l.view.Position(), l.known
	if !l.known.At.IsZero() {
		l.report.now = l.known.At.Time().In(l.now.Location())
	}
	if l.desk.d.Last != nil {
		l.report.last = l.desk.d.Last()
	}
	if err := l.record(ctx); err != nil {
		return err
	}
	if len(l.person.Members) > 0 {
		return nil
	}
	unknown := l.report.unknown(nil)
	if len(l.person.Candidates) > 0 {
		return l.ambiguous(ctx, unknown)
	}
	return &NotFound{AsOf: l.asOf(), Unknown: unknown, Words: l.aside(nil, nil, unknown)}
}

// find turns the question into handles. A reference was chosen by a person and
// is taken at its word; one that leads nowhere is as good as nobody.
func (l *look) find(ctx context.Context) (exact bool, err error) {
	if l.q.Ref != "" {
		h, err := events.ParseHandle(l.q.Ref)
		if err != nil {
			return true, fmt.Errorf("%w: the reference is not one of an earlier answer", ErrQuestion)
		}
		l.start = []events.Handle{h}
		return true, nil
	}
	if l.q.Identifier.IsZero() {
		return false, fmt.Errorf("%w: want an identifier or a reference", ErrQuestion)
	}
	members, err := l.desk.d.Finder.Find(ctx, l.q.Identifier)
	if err != nil {
		return false, fmt.Errorf("find an identifier of kind %s: %w", l.q.Identifier.Kind, faultOf(err, "identifier"))
	}
	for _, m := range members {
		l.start = append(l.start, m.Handle)
	}
	return false, nil
}

// of resolves somebody who was chosen by one handle.
func (l *look) of(ctx context.Context, h events.Handle) (*identity.Person, error) {
	return l.whom(ctx, []events.Handle{h}, true)
}

func (l *look) whom(ctx context.Context, start []events.Handle, exact bool) (*identity.Person, error) {
	g := l.desk.graph(l.view, l.cat)
	p, err := identity.Resolve(ctx, start, g, identity.Query{Known: l.known, Exact: exact})
	if err != nil {
		return nil, fmt.Errorf("resolve a person: %w", err)
	}
	return p, nil
}

// record keeps who looked, by which right, about whom and why. Until it is
// durable nothing of the answer is read.
func (l *look) record(ctx context.Context) error {
	outcome := audit.Found
	var about, others []events.Handle
	switch {
	case len(l.person.Members) > 0:
		for _, m := range l.person.Members {
			about = append(about, m.Handle)
		}
		others = l.others()
	case len(l.person.Candidates) > 0:
		// Any of them may be whom the reason is about.
		outcome = audit.Candidates
		for _, c := range l.person.Candidates {
			about = append(about, c.Primary.Handle)
		}
		about = append(about, l.others()...)
	default:
		outcome = audit.NotFound
	}
	_, err := l.desk.recordNote(ctx, l.q.Caller, l.act, distinct(about, nil), others, l.q.Reason, outcome, l.view.Position())
	return err
}

// asOf names what the answer rests on (I6).
func (l *look) asOf() events.AsOf {
	return events.AsOf{Position: l.view.Position().String(), Time: events.InstantOf(l.moment()), AsKnown: l.q.AsKnown.String(), Zone: l.now.Location().String()}
}

// moment is what the answer speaks of.
func (l *look) moment() time.Time {
	if l.q.AsOf.IsZero() {
		return l.now
	}
	return l.q.AsOf.Time().In(l.now.Location())
}

// rows reads everything the journal says about the person.
func (l *look) rows() ([]inventory.Row, error) {
	handles := make([]events.Handle, len(l.person.Members))
	for i, m := range l.person.Members {
		handles[i] = m.Handle
	}
	rows, err := inventory.Rows(l.view, handles...)
	if err != nil {
		return nil, fmt.Errorf("read the rows of a person: %w", err)
	}
	return rows, nil
}

func (l *look) answer(rows []inventory.Row) *answer {
	q := inventory.Query{AsOf: l.q.AsOf, Known: l.known}
	a := &answer{cat: l.cat, moment: l.moment(), joined: l.joined(), folded: inventory.Fold(rows, q), said: sayings(rows, q), told: told(rows, q)}
	if len(a.said) > 0 {
		a.deeds = deeds(rows, q, a.folded.Holdings)
	}
	return a
}

// joined says, per handle, on what its belonging to the person rests.
func (l *look) joined() map[events.Handle]string {
	m := make(map[events.Handle]string, len(l.person.Members))
	for _, h := range l.start {
		m[h] = "searched"
	}
	for _, j := range l.person.Joins {
		if m[j.To.Handle] == "" {
			m[j.To.Handle] = string(j.By)
		}
	}
	for _, v := range l.person.Members {
		if m[v.Handle] == "" {
			m[v.Handle] = "searched"
		}
	}
	return m
}
