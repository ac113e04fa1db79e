package identity

import (
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A core is a set of handles held together by what binds: unique identifiers,
// words by hand, one identifier in several systems. Cores are joined by
// shareable edges, and only while nothing contradicts that.
type core struct {
	nodes  []*node
	values []value // unique kinds it has a value of, each once
	out    []bond
	linked bool // out is complete
	// torn is set while the core's own shareable joins are suspended.
	torn Why
	// clash lists neighbours with which a direct join is suspended.
	clash []*core
	cut   bool // a person said that two of its identifiers differ

	// Room for the first few of each list: most cores have no more.
	fewNodes  [4]*node
	fewValues [2]value
	fewBonds  [2]bond
}

// A value is what a person has at most one of.
type value struct {
	kind, system events.Code
}

// A bond is a shareable edge between two cores.
type bond struct {
	from *node
	edge *edge
	to   *core
}

// onePerPerson are global kinds of which nobody has two, in whatever systems.
func onePerPerson(kind events.Code) bool { return kind == "nhs_number" || kind == "ni_number" }

// coreOf builds the core of a node.
func (e *explorer) coreOf(n *node) (*core, error) {
	if n.core != nil {
		return n.core, nil
	}
	c := &e.roomCores.take(1)[0]
	c.nodes, c.values, c.out = c.fewNodes[:0], c.fewValues[:0], c.fewBonds[:0]
	n.core = c
	c.nodes = append(c.nodes, n)
	for i := 0; i < len(c.nodes); i++ {
		if e.nodes.len() > e.q.Limit {
			e.over = true
			break
		}
		x := c.nodes[i]
		if err := e.open(x); err != nil {
			return nil, err
		}
		c.note(x)
		for j := range x.edges {
			if x.edges[j].state != joined || !x.edges[j].binding {
				continue
			}
			to, err := e.passable(x, &x.edges[j])
			if err != nil {
				return nil, err
			}
			if to != nil && to.core == nil {
				to.core = c
				c.nodes = append(c.nodes, to)
			}
		}
	}
	slices.SortFunc(c.nodes, compareNodes)
	c.findCut()
	return c, nil
}

func (c *core) note(n *node) {
	if events.StrengthOf(n.Kind) != events.Unique || n.System == inventory.Operator || n.suspended != "" {
		return
	}
	c.has(value{n.Kind, n.System})
	if onePerPerson(n.Kind) {
		c.has(value{kind: n.Kind})
	}
}

// has notes that the core has a value of a kind.
func (c *core) has(v value) {
	if !slices.Contains(c.values, v) {
		c.values = append(c.values, v)
	}
}

// passable returns the other end of an edge if the edge may be followed. A word
// by hand may; otherwise nothing leads through a shared identifier, save to the
// same identifier in another system.
func (e *explorer) passable(n *node, x *edge) (*node, error) {
	to, err := e.node(x.to.Handle)
	if err != nil || to == nil {
		return nil, err
	}
	if err := e.open(to); err != nil {
		return nil, err
	}
	if x.by == ByHand && n.suspended != WhyMarked && to.suspended != WhyMarked {
		return to, nil
	}
	if (n.suspended != "" || to.suspended != "") && x.by != BySameIdentifier {
		return nil, nil
	}
	for i := range to.edges {
		if back := &to.edges[i]; back.state == severed && back.to.Handle == n.Handle {
			return nil, nil
		}
	}
	return to, nil
}

func (c *core) findCut() {
	for _, n := range c.nodes {
		for _, d := range n.differs {
			for _, o := range c.nodes {
				c.cut = c.cut || o.identifier() == d
			}
		}
	}
}

// bonds completes the shareable edges of a core.
func (e *explorer) bonds(c *core) error {
	if c.linked {
		return nil
	}
	c.linked = true
	for _, n := range c.nodes {
		for i := range n.edges {
			x := &n.edges[i]
			if x.state != joined || x.binding {
				continue
			}
			to, err := e.passable(n, x)
			if err != nil {
				return err
			}
			if to == nil {
				continue
			}
			oc, err := e.coreOf(to)
			if err != nil {
				return err
			}
			if oc != c {
				c.out = append(c.out, bond{n, x, oc})
			}
		}
	}
	return e.direct(c)
}

// direct suspends what is contradicted at one step: every join of a shareable
// identifier that would join two people, and single joins between two cores
// that differ.
func (e *explorer) direct(c *core) error {
	if len(c.values) == 0 {
		var around []*core
		for _, b := range c.out {
			if !slices.Contains(around, b.to) {
				around = append(around, b.to)
			}
		}
		c.torn = conflictAmong(around)
		return nil
	}
	for _, b := range c.out {
		if conflict(c, b.to) != "" && !slices.Contains(c.clash, b.to) {
			c.clash = append(c.clash, b.to)
		}
	}
	return nil
}

// conflict says why two cores cannot be one person; nothing if they may be. A
// person's word explains more than what the systems know.
func conflict(a, b *core) Why {
	if differ(a, b) || differ(b, a) {
		return WhySplit
	}
	for _, v := range a.values {
		if slices.Contains(b.values, v) && !sameIdentifier(a, b, v) {
			return WhyConflict
		}
	}
	return ""
}

// conflictAmong says why some of the cores cannot be one person: for what the
// systems know, if two of them differ by that alone.
func conflictAmong(cs []*core) (why Why) {
	for i, a := range cs {
		for _, b := range cs[i+1:] {
			switch w := conflict(a, b); w {
			case WhyConflict:
				return w
			case WhySplit:
				why = w
			}
		}
	}
	return why
}

// sameIdentifier reports whether the values of a kind in two cores are one
// identifier, kept apart only for want of permission.
func sameIdentifier(a, b *core, v value) bool {
	if v.system != "" {
		return false
	}
	for _, n := range a.nodes {
		for _, o := range b.nodes {
			if n.Kind == v.kind && o.Kind == v.kind && n.identifier() == o.identifier() {
				return true
			}
		}
	}
	return false
}

func differ(a, b *core) bool {
	for _, n := range a.nodes {
		for _, d := range n.differs {
			for _, o := range b.nodes {
				if o.identifier() == d {
					return true
				}
			}
		}
	}
	return false
}

// conflicts lists the cores that conflict with another of the list.
func conflicts(cs []*core) []*core {
	var out []*core
	for i, a := range cs {
		for j, b := range cs {
			if i != j && conflict(a, b) != "" {
				out = append(out, a)
				break
			}
		}
	}
	return out
}

// open reports whether a bond joins, after what is contradicted at one step
// was suspended.
func (e *explorer) holds(c *core, b bond) (bool, error) {
	if err := e.bonds(b.to); err != nil {
		return false, err
	}
	return c.torn == "" && b.to.torn == "" && !slices.Contains(c.clash, b.to) && !slices.Contains(b.to.clash, c), nil
}
