package cases

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
)

// Fold makes the case of its facts, in the order of their versions. A fact that
// cannot follow is ErrFold and names its act and version; what may follow and
// depends on more than the facts was tried by Check before it was recorded.
func Fold(facts []Fact) (*Case, error) {
	if len(facts) == 0 {
		return nil, fmt.Errorf("%w: there are none", ErrFold)
	}
	c := &Case{ID: facts[0].Case, Questions: map[int]events.Date{}, Decisions: map[ItemKey]Ruling{}, Settled: map[events.EventID]events.Code{},
		answered: map[catalogue.RightKind]events.Date{}}
	for i := range facts {
		if err := c.add(&facts[i]); err != nil {
			return nil, err
		}
	}
	c.Facts = slices.Clip(facts)
	return c, nil
}

// With is the case with one fact more. The case itself stays as it is.
func (c *Case) With(f Fact) (*Case, error) {
	next := c.clone()
	if err := next.add(&f); err != nil {
		return nil, err
	}
	next.Facts = append(c.Facts, f)
	next.Facts = slices.Clip(next.Facts)
	return next, nil
}

func (c *Case) clone() *Case {
	n := *c
	n.Questions, n.Decisions, n.Settled, n.answered = maps.Clone(c.Questions), maps.Clone(c.Decisions), maps.Clone(c.Settled), maps.Clone(c.answered)
	n.Tasks, n.Letters, n.Packages = slices.Clip(c.Tasks), slices.Clip(c.Letters), slices.Clip(c.Packages)
	n.Assessments, n.assessors = slices.Clip(c.Assessments), slices.Clip(c.assessors)
	n.ledgers = slices.Clone(c.ledgers)
	for i := range n.ledgers {
		n.ledgers[i].Entries = slices.Clip(n.ledgers[i].Entries)
	}
	return &n
}

func (c *Case) add(f *Fact) error {
	switch {
	case f.Case != c.ID:
		return fmt.Errorf("%w: %s, version %d, is of another case", ErrFold, f.Act, f.Version)
	case f.Version != c.Version+1:
		return fmt.Errorf("%w: %s, version %d, comes after version %d", ErrFold, f.Act, f.Version, c.Version)
	}
	if err := c.follows(f.Act, &f.Body, f.On); err != nil {
		return fmt.Errorf("%w: %s, version %d: %w", ErrFold, f.Act, f.Version, err)
	}
	c.Version, c.Touched = f.Version, f.At
	c.mark(f)
	c.apply(f)
	return nil
}

// mark writes the act into the ledgers of the clocks that it is about.
func (c *Case) mark(f *Fact) {
	m := markOf(f.Act)
	if m == "" || f.Act == Opened {
		return
	}
	for i := range c.ledgers {
		if c.about(&f.Body, c.Opening.Rights[i]) && c.answered[c.Opening.Rights[i]].IsZero() {
			c.ledgers[i].Entries = append(c.ledgers[i].Entries, clock.Entry{Mark: m, On: f.On, Ref: f.Body.Ref})
		}
	}
}

// markOf is the mark that an act leaves on a clock. A refusal that was told ends it
// as an answer does (Article 12(4)).
func markOf(a Act) clock.Mark {
	if a == RefusedRequest {
		return clock.Answered
	}
	if m := clock.Mark(a); slices.Contains(clock.Marks, m) {
		return m
	}
	return ""
}

func (c *Case) about(b *Body, r catalogue.RightKind) bool {
	return len(b.Rights) == 0 || slices.Contains(b.Rights, r)
}

func (c *Case) apply(f *Fact) {
	b := &f.Body
	switch f.Act {
	case Opened:
		c.open(f)
	case IdentityAsked:
		c.Identity = decide.IdentityDoubted
	case IdentityReceived, IdentityChecked:
		c.Identity = decide.IdentityClear
	case IdentityFailed:
		c.Identity = decide.IdentityFailed
	case AuthorityAsked, AuthorityReceived:
		c.AuthorityOpen = f.Act == AuthorityAsked
	case FeeAsked, FeePaid:
		c.FeeOpen = f.Act == FeeAsked
	case ClarificationAsked:
		c.Questions[b.Ref] = f.On
	case ClarificationCame:
		delete(c.Questions, b.Ref)
	case Confirmed, Assessed, Decided:
		c.judge(f)
	case Approved:
		c.Approval, c.ApprovedBy, c.ApprovedOn, c.Redecided = b.Approval, b.By, f.On, false
	case Started, Rerun:
		c.run(f)
	case Settled:
		for _, id := range b.Settle.Tasks.Events() {
			c.Settled[id] = b.Settle.Choice
		}
		c.Completed = 0
	default:
		c.finish(f)
	}
}

// finish applies what is said to the person, and the ends.
func (c *Case) finish(f *Fact) {
	b := &f.Body
	switch f.Act {
	case LetterKept:
		c.Letters = append(c.Letters, *b.Letter)
	case Packaged:
		c.Packages = append(c.Packages, *b.Package)
	case Downloaded:
		c.Downloads++
	case Answered:
		c.answer(b, f.On)
	case RefusedRequest:
		c.Refused, c.RefusalCode, c.refusal = f.On, b.Code, *f
		c.answer(&Body{}, f.On)
		c.Answered = 0
	case Withdrawn:
		c.Withdrawn = f.On
	case Duplicate:
		c.DuplicateOf = events.EventID(b.Of)
	case Completed:
		c.Completed = f.On
	case Certified:
		c.Certified = f.On
	case Closed:
		c.Closed, c.reopened = f.On, false
	}
}

func (c *Case) open(f *Fact) {
	o := f.Body.Opening
	c.Opening, c.OpenedBy, c.Opened = *o, f.Body.By, f.At
	for _, r := range o.Rights {
		c.ledgers = append(c.ledgers, clock.Ledger{Regime: o.Regime, Right: clock.Right(r), Nation: o.Nation,
			Entries: []clock.Entry{{Mark: clock.Received, On: o.Received}}})
	}
	if !o.Historic {
		return
	}
	// A case that was closed before it was recorded is opened closed.
	for i := range c.ledgers {
		c.ledgers[i].Entries = append(c.ledgers[i].Entries, clock.Entry{Mark: clock.Answered, On: o.Answered})
	}
	c.answer(&Body{}, o.Answered)
	c.Closed = o.Answered
}

// judge takes what changes the plan. It takes an approval away, unless tasks have
// started: what runs goes on then, and the rest waits for another approval.
func (c *Case) judge(f *Fact) {
	b := &f.Body
	switch f.Act {
	case Confirmed:
		c.Joins = &Joins{By: b.By, On: f.On, Members: b.Members}
	case Assessed:
		c.Assessments, c.assessors = append(c.Assessments, *b.Assessment), append(c.assessors, b.By)
	case Decided:
		for _, d := range b.Decisions {
			c.decide(d, f)
		}
	}
	c.Completed = 0
	if c.Started.IsZero() {
		c.Approval, c.ApprovedBy, c.ApprovedOn = nil, Person{}, 0
	} else {
		c.Redecided = true
	}
}

// decide takes one decision. One that says the same as that of another person
// agrees with it; any other takes its place.
func (c *Case) decide(d Decision, f *Fact) {
	key := ItemKey{d.Holding, d.Right}
	if e, ok := c.Decisions[key]; ok && e.Decision == d && !SamePerson(e.By, f.Body.By) {
		e.Second = f.Body.By
		c.Decisions[key] = e
		return
	}
	c.Decisions[key] = Ruling{Decision: d, By: f.Body.By, Why: f.Body.Reason, On: f.On}
}

func (c *Case) run(f *Fact) {
	switch {
	case f.Act == Started && f.Body.Code == StartBinding:
		c.Bound = f.On
	case f.Act == Started:
		c.Started = f.On
	}
	for _, id := range f.Body.Tasks.Events() {
		if !slices.Contains(c.Tasks, id) {
			c.Tasks = append(c.Tasks, id)
		}
	}
	if f.Act == Rerun || len(f.Body.Tasks) > 0 {
		c.Completed = 0 // no case is complete with a target that has proven nothing
	}
	if f.Act == Rerun {
		c.reopened = !c.Closed.IsZero()
	}
}

func (c *Case) answer(b *Body, on events.Date) {
	for _, r := range c.Opening.Rights {
		if c.about(b, r) && c.answered[r].IsZero() {
			c.answered[r] = on
		}
	}
	if len(c.Unanswered()) == 0 {
		c.Answered = on
	}
}

func foldName(t Text) string { return strings.ToLower(strings.Join(strings.Fields(string(t)), " ")) }

func comparePersons(a, b Person) int {
	return cmp.Or(cmp.Compare(a.Token, b.Token), cmp.Compare(a.Name, b.Name))
}
