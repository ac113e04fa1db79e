package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/findings"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/observed"
)

// A FindingQuery asks where observed and declared disagree. Fields that are set
// narrow it.
type FindingQuery struct {
	Caller  access.Caller
	Rule    string // a rule's name, or an alias of it
	Verdict string
	System  events.Code
	// Status is open (if empty), accepted, resolved or all.
	Status string
	// AsOf: as it was known and decided then, by the catalogue in force then;
	// zero is now.
	AsOf events.Instant
	// AsOfDay is the same for the end of a day; today means now.
	AsOfDay events.Date
	// After is Next of the page before. Limit bounds the findings about single
	// people in a page, and how many people are looked at for them; zero: no end.
	// A page may be empty and not the last.
	After string
	Limit int
}

// A FindingLine is one finding: what, where, since when, of how many, and what
// was decided about it.
type FindingLine struct {
	ID      string            `json:"id"`
	Rule    string            `json:"rule"`
	Aliases []string          `json:"aliases"`
	Verdict string            `json:"verdict"`
	About   map[string]string `json:"about"`
	At      events.Instant    `json:"at"`             // when it happened first
	Last    events.Date       `json:"last,omitempty"` // day on which it was reported last
	Status  string            `json:"status"`         // open | accepted | resolved
	Title   string            `json:"title"`
	Text    string            `json:"text"`
	Source  string            `json:"source"`
	Remedy  string            `json:"remedy"`
	// People counts those it was ever said of, PeopleNow those of whom it is held
	// now; absent where the facets do not tell. AtMost: not all of them may show
	// the finding.
	People    *uint64 `json:"people,omitempty"`
	PeopleNow *uint64 `json:"people_now,omitempty"`
	AtMost    bool    `json:"people_at_most,omitempty"`
	// Decisions are what people decided, oldest first.
	Decisions []FindingDecision `json:"decisions,omitempty"`
	// ReviewDue: it was accepted and the day of review has come.
	ReviewDue bool `json:"review_due,omitempty"`
	// Breach says when a notice to the regulator would be due, if it is a personal
	// data breach that somebody knew of once it was recorded.
	Breach *BreachClock `json:"breach_clock,omitempty"`

	// ids are the names under which the finding may have been told: the handle of
	// a person that it was told under may change.
	ids []events.EventID
}

// is reports whether a digest names the finding.
func (f *FindingLine) is(digest events.EventID) bool {
	return strings.HasPrefix(f.ID, digest.String()) || slices.Contains(f.ids, digest)
}

// A FindingDecision is what a person decided. Who it was stands in the record of
// looks and decisions.
type FindingDecision struct {
	Outcome  string         `json:"outcome"` // accepted | resolved | reopened
	At       events.Instant `json:"at"`
	Position string         `json:"position"`
	Review   events.Date    `json:"review,omitzero"`
	// Reason is shown with one finding, not in lists.
	Reason string `json:"reason,omitempty"`

	note events.EventID
}

// A BreachClock is the 72 hours of Article 33(1), from the moment the server
// knew.
type BreachClock struct {
	From    events.Instant `json:"from"`
	Due     events.Instant `json:"due"`
	Article string         `json:"article"`
}

// A FindingPage is what one question gave.
type FindingPage struct {
	Findings  []FindingLine    `json:"findings"`
	Counts    map[string]int   `json:"counts"`         // by verdict, of what this page told
	Next      string           `json:"next,omitempty"` // the page after this one
	AsOf      events.AsOf      `json:"as_of"`
	Catalogue string           `json:"catalogue"`
	Left      []events.Unknown `json:"unknown"`
	// LeftOut says in words what was not looked at.
	LeftOut []string `json:"left_out"`
}

// Findings lists them: first what bodies of codes, all disclosures together and
// the clock show, the gravest first; then those of single people. Each goes to
// emit as it is found; Findings of the page stays empty. They are worked out
// now, from the catalogue in force, and kept nowhere. A list that may name
// people by reference is recorded first (I7). Errors: ErrForbidden,
// ErrNotRecorded, ErrQuestion, and those of emit.
func (d *Desk) Findings(ctx context.Context, q FindingQuery, emit func(*FindingLine) error) (*FindingPage, error) {
	l, err := d.findingLook(ctx, q)
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, l.view)
	for _, x := range lookedUp {
		if l.asks(x.rule) {
			l.page.LeftOut = append(l.page.LeftOut, x.rule+": "+x.why)
		}
	}
	people := l.wantsPeople()
	if people && !q.Caller.May(access.FindingsPeople) {
		people = false
		l.page.LeftOut = append(l.page.LeftOut, "findings about single people: they need the permission "+string(access.FindingsPeople))
	}
	if people {
		if err := d.record(ctx, q.Caller, events.Code(access.FindingsPeople), nil, events.Plaintext{}, audit.Found, l.view.Position()); err != nil {
			return nil, err
		}
	}
	if l.cursor.phase == "" {
		lines, err := l.codes(ctx)
		if err != nil {
			return nil, err
		}
		for i := range lines {
			if err := l.tell(&lines[i], emit); err != nil {
				return nil, err
			}
		}
	}
	if people {
		if err := l.people(ctx, emit); err != nil {
			return nil, err
		}
	}
	return &l.page, nil
}

// lookedUp are the rules that this list cannot find for everybody.
var lookedUp = []struct{ rule, why string }{
	{"RETENTION_LENGTHENED", "it is told in the map of each person (habeas footprint)"},
	{"REMOVED_DURING_ACCESS", "it is told in the map of each person (habeas footprint), and here of people who also objected, withdrew or had a use restricted"},
}

// A findingLook is one question on its way. One goroutine owns it, and its view
// must be shut.
type findingLook struct {
	desk   *Desk
	q      FindingQuery
	cat    *catalogue.Catalogue
	view   View
	known  inventory.Known
	moment time.Time // what the answer speaks of
	rule   *observed.Rule
	only   events.EventID // the one finding that is asked for; zero: all
	// decided is what people decided, by finding.
	decided map[events.EventID][]findings.Decision
	cursor  findingCursor
	keeper  *keeper
	told    int // of single people
	looked  int // people looked at
	page    FindingPage
}

// findingLook checks a question and opens a view.
func (d *Desk) findingLook(ctx context.Context, q FindingQuery) (*findingLook, error) {
	if err := permit(q.Caller, access.FindingsRead); err != nil {
		return nil, err
	}
	l := &findingLook{desk: d, q: q, cat: d.d.Catalogue(), moment: d.d.Now().In(d.d.Zone)}
	if err := l.check(); err != nil {
		return nil, err
	}
	l.view = d.d.View()
	if err := l.load(ctx); err != nil {
		d.shut(ctx, l.view)
		return nil, err
	}
	return l, nil
}

func (l *findingLook) check() (err error) {
	q := &l.q
	if q.Rule != "" {
		var ok bool
		if l.rule, ok = observed.Named(strings.ToUpper(q.Rule)); !ok {
			return &Fault{Part: "rule", Text: "no rule of this name holds observed against declared"}
		}
	}
	if q.Verdict != "" {
		var v observed.Verdict
		if err := v.UnmarshalText([]byte(q.Verdict)); err != nil {
			return &Fault{Part: "verdict", Text: "want info, warn, review, gap, conflict or error"}
		}
		q.Verdict = v.String()
	}
	if q.Status == "" {
		q.Status = string(observed.Open)
	}
	if !slices.Contains([]string{string(observed.Open), string(observed.Accepted), string(observed.Resolved), "all"}, q.Status) {
		return &Fault{Part: "status", Text: "want open, accepted, resolved or all"}
	}
	if l.cursor, err = parseFindingCursor(q.After); err != nil {
		return &Fault{Part: "after", Text: err.Error()}
	}
	return l.then()
}

// then turns the question to an earlier moment, if it is about one.
func (l *findingLook) then() error {
	q := &l.q
	switch today := l.today(); {
	case q.AsOfDay > today || q.AsOf > events.InstantOf(l.moment):
		return &Fault{Part: "as_of", Text: "a moment that has not come"}
	case !q.AsOfDay.IsZero() && q.AsOfDay < today:
		y, m, d := q.AsOfDay.Time().Date()
		q.AsOf = events.InstantOf(time.Date(y, m, d+1, 0, 0, 0, 0, l.desk.d.Zone)) - 1
	}
	if q.AsOf.IsZero() {
		return nil
	}
	l.moment, l.known = q.AsOf.Time().In(l.desk.d.Zone), inventory.Known{At: q.AsOf}
	if l.desk.d.InForce != nil {
		if c := l.desk.d.InForce(q.AsOf); c != nil {
			l.cat = c
		}
	}
	return nil
}

// load reads what every part of the answer needs.
func (l *findingLook) load(ctx context.Context) (err error) {
	d := l.desk
	if l.decided, err = findings.Decisions(l.view, l.known); err != nil {
		return err
	}
	if l.keeper, err = d.keeper(ctx, l.view); err != nil {
		return err
	}
	r, err := l.reports()
	if err != nil {
		return err
	}
	l.page = FindingPage{Findings: []FindingLine{}, Counts: map[string]int{}, Left: r.unknown(nil), LeftOut: []string{},
		AsOf:      events.AsOf{Position: l.view.Position().String(), Time: events.InstantOf(l.moment), Zone: d.d.Zone.String()},
		Catalogue: string(l.cat.ID) + " " + l.cat.Edition}
	return nil
}

func (l *findingLook) reports() (*reports, error) {
	systems, err := l.desk.systems(l.view)
	if err != nil {
		return nil, err
	}
	r := reportsOf(l.cat, l.moment, systems)
	r.here, r.known = l.view.Position(), l.known
	if l.desk.d.Last != nil {
		r.last = l.desk.d.Last()
	}
	return r, nil
}

func (l *findingLook) today() events.Date { return events.DateOf(l.moment) }

// asks reports whether the question is about findings of a rule.
func (l *findingLook) asks(rule string) bool { return l.rule == nil || l.rule.ID == rule }

// wants reports whether the question asks for a finding.
func (l *findingLook) wants(f *FindingLine) bool {
	return (l.rule == nil || f.Rule == l.rule.ID) &&
		(l.q.Verdict == "" || f.Verdict == l.q.Verdict) &&
		(l.q.System == "" || f.About[observed.OnSystem] == string(l.q.System)) &&
		(l.q.Status == "all" || f.Status == l.q.Status) &&
		(l.only.IsZero() || f.is(l.only))
}

// tell emits a line if the question asks for it.
func (l *findingLook) tell(f *FindingLine, emit func(*FindingLine) error) error {
	if !l.wants(f) {
		return nil
	}
	if f.About[observed.OnSubject] != "" {
		l.told++
	}
	l.page.Counts[f.Verdict]++
	return emit(f)
}

// line is a finding as it is told, with what was decided under any of its ids.
func (l *findingLook) line(x *observed.Line, more ...events.EventID) FindingLine {
	id := x.ID()
	f := FindingLine{ID: id.String(), Rule: x.Rule.ID, Aliases: x.Rule.Aliases, Verdict: x.Verdict.String(), About: x.About, At: x.First, Last: x.Last,
		Title: x.Rule.Title, Text: x.Text, Source: x.Rule.Source, Remedy: x.Rule.Remedy}
	if f.Aliases == nil {
		f.Aliases = []string{}
	}
	if x.Rule.Breach && !x.Recorded.IsZero() {
		f.Breach = &BreachClock{From: x.Recorded, Due: events.InstantOf(x.Recorded.Time().Add(72 * time.Hour)), Article: "33(1)"}
	}
	var list []findings.Decision
	ids := append([]events.EventID{id}, more...)
	slices.SortFunc(ids, func(a, b events.EventID) int { return strings.Compare(a.String(), b.String()) })
	for _, id := range slices.Compact(ids) {
		list = append(list, l.decided[id]...)
	}
	slices.SortFunc(list, func(a, b findings.Decision) int { return a.Position.Compare(b.Position) })
	words := make([]observed.Word, len(list))
	for i := range list {
		e := &list[i].Event
		words[i] = observed.Word{Outcome: e.Why, Day: dayIn(e.Time, l.moment.Location()), Position: list[i].Position, Review: e.Review}
		f.Decisions = append(f.Decisions, FindingDecision{Outcome: string(e.Why), At: e.Time, Position: list[i].Position.String(), Review: e.Review, note: e.Note})
	}
	f.Status = string(observed.Stand(words, x.Rule.Nature, x.Again, l.today()))
	if n := len(words); n > 0 {
		w := &words[n-1]
		f.ReviewDue = w.Outcome == events.FindingAccepted && !w.Review.IsZero() && l.today() >= w.Review
	}
	return f
}

// resolvedAt is the position of the last word that a finding is mended, if it is
// the last word.
func (l *findingLook) resolvedAt(ids ...events.EventID) (at events.Position) {
	var last *findings.Decision
	for _, id := range ids {
		for i := range l.decided[id] {
			if x := &l.decided[id][i]; last == nil || x.Position.Compare(last.Position) > 0 {
				last = x
			}
		}
	}
	if last != nil && last.Event.Why == events.FindingResolved {
		at = last.Position
	}
	return at
}
