package identity

import (
	"cmp"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// describe writes down a component as seen from a start: members and joins in
// the order they are reached, nearest first, and what is contested around them.
func (e *explorer) describe(start *node, c *component) (*Person, error) {
	p, n := new(Person), 1 // habeas' own handle is not in a core
	for _, k := range c.cores {
		n += len(k.nodes)
	}
	order := append(e.roomLists.take(n)[:0], start)
	p.Members = append(make([]Member, 0, n), start.Member)
	p.Joins = slices.Grow(p.Joins, n-1)
	for i := 0; i < len(order); i++ {
		for j := range order[i].edges {
			x := &order[i].edges[j]
			to, err := e.reach(order[i], x, c)
			if err != nil {
				return nil, err
			}
			if to == nil || slices.Contains(order, to) {
				continue
			}
			order = append(order, to)
			p.Members = append(p.Members, to.Member)
			p.Joins = append(p.Joins, Join{order[i].Member, to.Member, x.by, x.evidence})
		}
	}
	e.leaves(p, order)
	for _, n := range order {
		e.also(p, n)
	}
	if err := e.contests(p, c); err != nil {
		return nil, err
	}
	for _, n := range order {
		if err := e.aside(p, c, n); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// reach returns the other end of an edge if it lies in the component and the
// edge holds.
func (e *explorer) reach(n *node, x *edge, c *component) (*node, error) {
	if x.state != joined {
		return nil, nil
	}
	to, err := e.passable(n, x)
	if err != nil || to == nil || !c.has(to) {
		return nil, err
	}
	if x.binding {
		return to, nil
	}
	b := bond{n, x, to.core}
	ok, err := e.holds(n.core, b)
	if err != nil || (!ok && to.core != n.core) {
		return nil, err
	}
	for _, s := range c.chain {
		if s.from == n && s.to == to.core {
			return nil, nil
		}
	}
	return to, nil
}

// leaves adds habeas' own handle of each identifier: what habeas itself wrote
// down about the person stands there.
func (e *explorer) leaves(p *Person, order []*node) {
	for _, n := range order {
		for _, s := range n.same {
			if s.System == inventory.Operator && n.suspended == "" && !slices.Contains(p.Members, s.Member) {
				p.Members = append(p.Members, s.Member)
				p.Joins = append(p.Joins, Join{From: n.Member, To: s.Member, By: BySameIdentifier})
			}
		}
	}
}

func (e *explorer) also(p *Person, n *node) {
	for i := range n.edges {
		x := &n.edges[i]
		if x.state == attached && events.StrengthOf(x.to.Kind) == events.Weak && !slices.Contains(p.Also, x.to) {
			p.Also = append(p.Also, x.to)
		}
	}
}

// contests lists the suspended joins around a component.
func (e *explorer) contests(p *Person, c *component) error {
	if e.over {
		p.Contests = append(p.Contests, Contest{On: p.Members[0], Why: WhyLimit})
	}
	add := func(x Contest) {
		if !slices.ContainsFunc(p.Contests, func(o Contest) bool { return o.On == x.On && o.Why == x.Why }) {
			p.Contests = append(p.Contests, x)
		}
	}
	for _, k := range c.cores {
		if k.cut {
			add(Contest{On: k.nodes[0].Member, Why: WhyCut})
		}
		if k.torn != "" {
			add(Contest{On: k.nodes[0].Member, Why: k.torn, Between: around(k)})
		}
		for _, b := range k.out {
			if b.to.torn != "" {
				add(Contest{On: b.to.nodes[0].Member, Why: b.to.torn, Between: around(b.to)})
			}
			if slices.Contains(b.to.clash, k) || slices.Contains(k.clash, b.to) {
				add(Contest{On: b.shareable(), Why: conflict(k, b.to), Between: primaries(k, b.to)})
			}
		}
		for _, n := range k.nodes {
			e.blocked(n, add)
		}
	}
	for _, b := range c.chain {
		add(Contest{On: b.shareable(), Why: WhyChain, Between: primaries(b.from.core, b.to)})
	}
	slices.SortStableFunc(p.Contests, func(a, b Contest) int { return compareMembers(&a.On, &b.On) })
	return nil
}

// shareable is the end of a bond that others may share.
func (b *bond) shareable() Member {
	if events.StrengthOf(b.edge.to.Kind) == events.Shareable {
		return b.edge.to
	}
	return b.from.Member
}

// blocked reports identifiers next to n through which nothing joins.
func (e *explorer) blocked(n *node, add func(Contest)) {
	if n.suspended != "" {
		add(Contest{On: n.Member, Why: n.suspended})
	}
	for i := range n.edges {
		x := &n.edges[i]
		if to, _ := e.nodes.get(x.to.Handle); to != nil && to.suspended != "" && x.state == joined && to.core != n.core {
			add(Contest{On: to.Member, Why: to.suspended})
		}
	}
}

func sortMembers(list []Member) {
	slices.SortFunc(list, func(a, b Member) int { return compareMembers(&a, &b) })
}

func around(c *core) []Member {
	var out []Member
	for _, b := range c.out {
		m := primary(b.to)
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	sortMembers(out)
	return out
}

func primaries(cs ...*core) []Member {
	var out []Member
	for _, c := range cs {
		out = append(out, primary(c))
	}
	sortMembers(out)
	return out
}

// aside lists who else may be meant: what only proposes, and those on the other
// side of a contested join.
func (e *explorer) aside(p *Person, c *component, n *node) error {
	for i := range n.edges {
		x := &n.edges[i]
		if x.state != proposed && x.state != joined {
			continue
		}
		to, err := e.node(x.to.Handle)
		if err != nil {
			return err
		}
		if to == nil || slices.Contains(p.Members, to.Member) || to.System == inventory.Operator ||
			events.StrengthOf(to.Kind) == events.Weak {
			continue
		}
		if x.state == proposed {
			err = e.candidate(p, to, n.Kind, Proposed, "")
		} else {
			err = e.beyond(p, c, to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// beyond lists the people whom a contested join would have added.
func (e *explorer) beyond(p *Person, c *component, to *node) error {
	if to.suspended != "" {
		return e.candidate(p, to, to.Kind, Contested, to.suspended)
	}
	k, err := e.coreOf(to)
	if err != nil {
		return err
	}
	if len(k.values) > 0 {
		return e.candidate(p, to, to.Kind, Contested, cmp.Or(conflictAmong(append([]*core{k}, c.cores...)), WhyConflict))
	}
	if err := e.bonds(k); err != nil {
		return err
	}
	why := k.torn
	if why == "" {
		why = WhyChain
	}
	for _, b := range k.out {
		if slices.Contains(c.cores, b.to) {
			continue
		}
		if err := e.candidate(p, b.to.nodes[0], to.Kind, Contested, why); err != nil {
			return err
		}
	}
	return nil
}
