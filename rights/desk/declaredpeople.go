package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/findings"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/observed"
	"github.com/habeas-data/habeas/rights/retention"
)

// byHistory are the rules that only the history of a person shows: those of
// pastSince.
var byHistory = []string{"PROCESSED_AFTER_OBJECTION", "PROCESSED_AFTER_WITHDRAWAL", "PROCESSED_WHILE_RESTRICTED", "CONSENT_ENDED_STILL_STORED",
	"REMOVED_DURING_ACCESS", "RESURRECTION"}

const overdueRule = "RETENTION_OVERDUE"

// A findingCursor is the place of the list where a page ended.
type findingCursor struct {
	phase string // "" (codes come first), watched, overdue
	rest  string
}

const (
	inWatched = "watched"
	inOverdue = "overdue"
)

func (c findingCursor) String() string { return c.phase + ":" + c.rest }

func parseFindingCursor(s string) (c findingCursor, err error) {
	if s == "" {
		return c, nil
	}
	c.phase, c.rest, _ = strings.Cut(s, ":")
	switch c.phase {
	case inWatched:
		_, err = events.ParseHandle(c.rest)
	case inOverdue:
		_, err = parseCursor(c.rest)
	default:
		err = errCursor
	}
	if err != nil || c.String() != s {
		return findingCursor{}, errCursor
	}
	return c, nil
}

// wantsPeople reports whether the question may be answered by findings about
// single people.
func (l *findingLook) wantsPeople() bool {
	return l.rule == nil || l.rule.ID == overdueRule || slices.Contains(byHistory, l.rule.ID)
}

// full ends a page: with as many findings as were asked for, or with so many
// people looked at that whoever waits should hear something.
func (l *findingLook) full() bool {
	return l.q.Limit > 0 && (l.told >= l.q.Limit || l.looked >= peoplePerFinding*l.q.Limit)
}

const peoplePerFinding = 4

// people lists the findings about single people: those of whom something was
// said that forbids or ends, then what is kept too long.
func (l *findingLook) people(ctx context.Context, emit func(*FindingLine) error) error {
	if l.cursor.phase != inOverdue && (l.rule == nil || l.rule.ID != overdueRule) {
		if err := l.watched(ctx, emit); err != nil || l.page.Next != "" {
			return err
		}
	}
	if l.asks(overdueRule) {
		return l.overdue(ctx, emit)
	}
	return nil
}

func (l *findingLook) watched(ctx context.Context, emit func(*FindingLine) error) error {
	var after events.Handle
	if l.cursor.phase == inWatched {
		after, _ = events.ParseHandle(l.cursor.rest)
	}
	err := findings.Watched(l.view, after, func(h events.Handle, _ findings.Watch) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := l.person(ctx, h)
		if err != nil {
			return err
		}
		l.looked++
		if p.first == h { // told once, at the first of the person's watched handles
			for _, f := range p.history() {
				if err := l.tell(&f, emit); err != nil {
					return err
				}
			}
		}
		if l.full() {
			l.page.Next = findingCursor{inWatched, h.String()}.String()
			return inventory.ErrStop
		}
		return nil
	})
	if err != nil && !errors.Is(err, inventory.ErrStop) {
		return fmt.Errorf("list findings about single people: %w", err)
	}
	return nil
}

// A findingPerson is what is known of one person, to be held against the rules.
type findingPerson struct {
	*answer
	look    *findingLook
	handles []events.Handle
	first   events.Handle // of those watched; else of all
}

func (l *findingLook) person(ctx context.Context, h events.Handle) (*findingPerson, error) {
	g := l.desk.graph(l.view, l.cat)
	who, err := identity.Resolve(ctx, []events.Handle{h}, g, identity.Query{Known: l.known, Exact: true})
	if err != nil {
		return nil, fmt.Errorf("resolve a person: %w", err)
	}
	p := &findingPerson{look: l}
	for _, m := range who.Members {
		p.handles = append(p.handles, m.Handle)
	}
	if !slices.Contains(p.handles, h) {
		p.handles = append(p.handles, h) // forgotten by the vault and still in the map
	}
	slices.SortFunc(p.handles, func(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) })
	p.first = p.handles[0]
	for _, x := range p.handles {
		w, err := findings.WatchedHandle(l.view, x)
		if err != nil {
			return nil, fmt.Errorf("read a watched handle: %w", err)
		}
		if w != 0 {
			p.first = x
			break
		}
	}
	rows, err := inventory.Rows(l.view, p.handles...)
	if err != nil {
		return nil, fmt.Errorf("read the rows of a person: %w", err)
	}
	q := inventory.Query{AsOf: l.q.AsOf, Known: l.known}
	p.answer = &answer{cat: l.cat, moment: l.moment, folded: inventory.Fold(rows, q), said: sayings(rows, q)}
	if len(p.said) > 0 {
		p.deeds = deeds(rows, q, p.folded.Holdings)
	}
	return p, l.keeper.standing(ctx, l.view, p.answer, who)
}

// history lists the findings that the person's history shows.
func (p *findingPerson) history() []FindingLine {
	var out []FindingLine
	for _, f := range p.pastSince(events.Position{}) {
		x, ids := p.personal(&f)
		if at := p.look.resolvedAt(ids...); !at.IsZero() && p.again(&f, at) {
			x.Again = p.look.view.Position()
		}
		line := p.look.line(x, ids...)
		line.ID += "-" + p.first.String()
		line.ids = ids
		out = append(out, line)
	}
	return out
}

// personal is a finding about a person, and its ids under every handle of them:
// a decision stays with the person, whichever handle it was made under.
func (p *findingPerson) personal(f *events.Finding) (*observed.Line, []events.EventID) {
	rule, _ := observed.Named(f.Rule)
	x := &observed.Line{First: f.At, Recorded: f.At, Last: p.day(f.At), Finding: observed.Finding{Rule: rule, Verdict: verdictOf(f.Verdict), Text: f.Text, About: observed.About{}}}
	for k, v := range f.About {
		x.About[k] = v
	}
	var ids []events.EventID
	for _, h := range p.handles {
		x.About[observed.OnSubject] = h.String()
		ids = append(ids, x.ID())
	}
	x.About[observed.OnSubject] = p.first.String()
	return x, ids
}

// again reports whether a finding shows in what was reported after a position.
func (p *findingPerson) again(f *events.Finding, after events.Position) bool {
	return slices.ContainsFunc(p.pastSince(after), func(g events.Finding) bool {
		return g.Rule == f.Rule && observed.ID(g.Rule, g.About) == observed.ID(f.Rule, f.About)
	})
}

func verdictOf(word string) observed.Verdict {
	var v observed.Verdict
	_ = v.UnmarshalText([]byte(word)) // the words of this package are among them
	return v
}

// overdue lists what is held beyond its time, what ended first at the top.
func (l *findingLook) overdue(ctx context.Context, emit func(*FindingLine) error) error {
	q := DueQuery{Caller: l.q.Caller, Status: string(retention.Overdue), System: l.q.System}
	if !l.q.AsOf.IsZero() {
		q.On = l.today()
	}
	if l.q.Limit > 0 {
		q.Limit = max(1, l.q.Limit-l.told)
	}
	if l.cursor.phase == inOverdue {
		q.After = l.cursor.rest
	}
	w, err := l.desk.dueWalk(ctx, q)
	if err != nil {
		return err
	}
	defer l.desk.shut(ctx, w.view)
	if len(w.slow) > 0 {
		// To look among everybody is a question of its own: habeas retention due.
		w.slow = nil
		l.page.LeftOut = append(l.page.LeftOut, "what is overdue by a clock for which there is no quick way; habeas retention due lists it")
	}
	next, err := w.run(ctx, func(it *DueItem) error {
		if by := it.of.DecideBy; !by.IsZero() && w.q.On <= by {
			return nil
		}
		f := l.late(it)
		return l.tell(&f, emit)
	})
	if err == nil && next != "" {
		l.page.Next = findingCursor{inOverdue, next}.String()
	}
	return err
}

// late is the finding about one holding that is overdue.
func (l *findingLook) late(it *DueItem) FindingLine {
	rule, _ := observed.Named(overdueRule)
	due := events.InstantOf(it.of.Due.Time())
	x := &observed.Line{First: due, Recorded: due, Last: l.today(), Finding: observed.Finding{Rule: rule, Verdict: observed.Error,
		About: observed.About{observed.OnSystem: it.System, observed.OnHolding: it.Holding}, Text: "the period has ended and the data is still held: " + it.Why}}
	for name, code := range map[string]string{observed.OnActivity: it.Activity, observed.OnCategory: it.Category} {
		if code != "" {
			x.About[name] = code
		}
	}
	line := l.line(x)
	line.ID += "-" + it.Person
	line.About[observed.OnSubject] = it.Person // the person's handles may change, the holding does not
	return line
}
