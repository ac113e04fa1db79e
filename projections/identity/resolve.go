package identity

import (
	"context"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A Query says how to resolve.
type Query struct {
	// Known leaves out what was recorded later.
	Known inventory.Known
	// Exact: the start was chosen by a person from candidates, so a weak or
	// contested start is taken at its word.
	Exact bool
	// Limit bounds how many handles are looked at; zero means 4096. Beyond it
	// the person is contested and only unique joins are followed.
	Limit int
}

// A Person is what the evidence says about a start.
type Person struct {
	// Members are the handles of the person; empty if the start leads to no
	// one person, and Candidates then says whom it may mean.
	Members []Member
	// Also are weak identifiers (name, address) that events gave the person.
	Also []Member
	// Joins lead from the start to each other member, one join each.
	Joins []Join
	// Contests are joins that evidence forbids. While there is one, nothing
	// about the person may leave until somebody has decided.
	Contests   []Contest
	Candidates []Candidate
}

// By says on what a join rests.
type By string

const (
	ByUnique         By = "unique"
	ByShareable      By = "shareable"
	ByHand           By = "hand"
	BySameIdentifier By = "same_identifier"
)

// A Join is one link of the chain.
type Join struct {
	From, To Member
	By       By
	// Evidence is the event behind it; zero for the same identifier in two
	// systems, which the vault vouches for.
	Evidence Evidence
}

// Why says why a join is contested.
type Why string

const (
	// WhyConflict: it would give one person two values of a unique kind.
	WhyConflict Why = "conflict"
	// WhyChain: with other joins, each harmless alone, it would.
	WhyChain Why = "chain"
	// WhyMarked: a person marked the identifier as shared.
	WhyMarked Why = "marked_shared"
	// WhyCrowded: it has too many neighbours to be one person's.
	WhyCrowded Why = "crowded"
	// WhyCut: a person said that the two differ, unique evidence that they do
	// not.
	WhyCut Why = "cut_by_hand"
	// WhySplit: it would join what a person said are different people.
	WhySplit Why = "split_by_hand"
	// WhyLimit: more handles are joined than were looked at.
	WhyLimit Why = "limit"
)

// A Contest is an identifier whose joins are suspended.
type Contest struct {
	On  Member
	Why Why
	// Between are the primary handles of those it would have joined.
	Between []Member
}

// Confidence says how far a candidate is from being joined.
type Confidence string

const (
	Weak      Confidence = "weak"
	Contested Confidence = "contested"
	Proposed  Confidence = "proposed"
)

// A Candidate is somebody whom the start may mean.
type Candidate struct {
	Primary    Member // start again from it with Query.Exact
	MatchedOn  events.Code
	Confidence Confidence
	Why        Why // of a contested one
}

// MaxCandidates bounds the list of candidates.
const MaxCandidates = 64

// Resolve finds who the start is: usually the handles of one identifier in
// every system that knows it. The outcome depends only on the graph, not on the
// order in which it grew, and two members of one person resolve to the same
// members.
func Resolve(ctx context.Context, start []events.Handle, g Graph, q Query) (*Person, error) {
	if q.Limit == 0 {
		q.Limit = 4096
	}
	e := explorers.Get().(*explorer)
	e.ctx, e.g, e.q = ctx, g, q
	if m, ok := g.(*MapGraph); ok {
		// Its lists live in the explorer's room until this returns.
		e.links.ahead = true
		own := m.links
		m.links = &e.links
		defer func() { m.links = own }()
	}
	p, err := e.resolve(start)
	e.done()
	return p, err
}

func (e *explorer) resolve(start []events.Handle) (*Person, error) {
	starts := e.roomLists.take(len(start))[:0]
	for _, h := range start {
		n, err := e.node(h)
		if err != nil {
			return nil, err
		}
		if n != nil && !slices.Contains(starts, n) {
			starts = append(starts, n)
		}
	}
	starts = withoutOperator(starts)
	slices.SortFunc(starts, compareNodes)
	if len(starts) == 0 {
		return new(Person), nil
	}
	return e.person(starts)
}

// withoutOperator drops habeas' own handles while a system knows the
// identifier: they are leaves that every reading reaches again.
func withoutOperator(ns []*node) []*node {
	own := func(n *node) bool { return n.System == inventory.Operator }
	if !slices.ContainsFunc(ns, func(n *node) bool { return !own(n) }) {
		return ns
	}
	return slices.DeleteFunc(ns, own)
}

// person decides what the starts lead to: one person, or candidates.
func (e *explorer) person(starts []*node) (*Person, error) {
	var parts []*component
	for _, n := range starts {
		if slices.ContainsFunc(parts, func(c *component) bool { return c.has(n) }) {
			continue
		}
		c, err := e.component(n)
		if err != nil {
			return nil, err
		}
		parts = append(parts, c)
	}
	first := starts[0]
	weak := events.StrengthOf(first.Kind) == events.Weak
	blocked := parts[0].blocked(first)
	if len(parts) == 1 && (e.q.Exact || (!weak && blocked == "")) {
		return e.describe(first, parts[0])
	}
	p := new(Person)
	for _, n := range starts {
		if err := e.propose(p, n, blocked, len(parts) > 1); err != nil {
			return nil, err
		}
	}
	if blocked != "" {
		p.Contests = append(p.Contests, Contest{On: first.Member, Why: blocked, Between: around(first.core)})
	}
	return p, nil
}

// blocked says why the start, though it has a component, names no one person.
func (c *component) blocked(n *node) Why {
	switch {
	case n.suspended != "":
		return n.suspended
	case n.core.torn != "":
		return n.core.torn
	case len(n.core.values) > 0:
		return ""
	}
	for _, b := range c.chain {
		if b.from.core == n.core {
			return WhyChain
		}
	}
	return ""
}

// propose lists whom one start may mean, each person once.
func (e *explorer) propose(p *Person, n *node, blocked Why, several bool) error {
	conf := Proposed
	switch {
	case blocked != "":
		conf = Contested
	case events.StrengthOf(n.Kind) == events.Weak:
		conf = Weak
	}
	found := false
	for i := range n.edges {
		x := &n.edges[i]
		if x.state == severed || x.by == BySameIdentifier || (conf == Proposed && x.state == joined) {
			continue // a joined edge leads into the start's own component
		}
		to, err := e.node(x.to.Handle)
		if err != nil {
			return err
		}
		if to == nil || to.System == inventory.Operator {
			continue
		}
		found = true
		if err := e.candidate(p, to, n.Kind, conf, blocked); err != nil {
			return err
		}
	}
	if found && conf != Proposed {
		return nil
	}
	return e.candidate(p, n, n.Kind, conf, blocked)
}

// candidate adds the person that n belongs to, unless it is listed already.
func (e *explorer) candidate(p *Person, n *node, on events.Code, conf Confidence, why Why) error {
	if len(p.Candidates) >= MaxCandidates {
		return nil
	}
	c, err := e.component(n)
	if err != nil {
		return err
	}
	m := c.primary()
	for i := range p.Candidates {
		if p.Candidates[i].Primary == m {
			return nil
		}
	}
	if slices.Contains(p.Members, m) {
		return nil
	}
	p.Candidates = append(p.Candidates, Candidate{m, on, conf, why})
	return nil
}
