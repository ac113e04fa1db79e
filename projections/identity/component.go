package identity

import (
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A component is a set of cores that nothing keeps apart: one person.
type component struct {
	cores []*core
	// chain lists bonds suspended because a longer chain of joins would have
	// put two people together.
	chain []bond

	few [2]*core // room for the first cores: most people have no more
}

func (c *component) has(n *node) bool { return n.core != nil && slices.Contains(c.cores, n.core) }

// component finds the person of a node: everything reachable over bonds that
// hold, unless that holds two people; then all bonds between those are
// suspended too.
func (e *explorer) component(n *node) (*component, error) {
	first, err := e.coreOf(n)
	if err != nil {
		return nil, err
	}
	c := new(component)
	reach := append(c.few[:0], first)
	for i := 0; i < len(reach); i++ {
		if e.over {
			return &component{cores: []*core{first}}, nil
		}
		if err := e.bonds(reach[i]); err != nil {
			return nil, err
		}
		for _, b := range reach[i].out {
			ok, err := e.holds(reach[i], b)
			if err != nil {
				return nil, err
			}
			if ok && !slices.Contains(reach, b.to) {
				reach = append(reach, b.to)
			}
		}
	}
	bad := conflicts(reach)
	if len(bad) == 0 {
		c.cores = reach
		return c, nil
	}
	return e.divide(first, reach, bad)
}

// divide splits what a chain of joins wrongly put together. It strips what
// merely hangs on, leaf by leaf; the bonds between the cores left lie between
// people in conflict, and all of them are suspended. What hangs on stays with
// the core it hangs on.
func (e *explorer) divide(first *core, reach, bad []*core) (*component, error) {
	kept := slices.Clone(reach)
	for changed := true; changed; {
		changed = false
		for i, c := range kept {
			if slices.Contains(bad, c) {
				continue
			}
			n, err := e.degree(c, kept)
			if err != nil {
				return nil, err
			}
			if n <= 1 {
				kept = slices.Delete(kept, i, i+1)
				changed = true
				break
			}
		}
	}
	out := &component{cores: []*core{first}}
	for i := 0; i < len(out.cores); i++ {
		c := out.cores[i]
		for _, b := range c.out {
			ok, err := e.holds(c, b)
			if err != nil {
				return nil, err
			}
			switch {
			case !ok || slices.Contains(out.cores, b.to):
			case slices.Contains(kept, c) && slices.Contains(kept, b.to):
				out.chain = append(out.chain, b)
			default:
				out.cores = append(out.cores, b.to)
			}
		}
	}
	return out, nil
}

// degree counts the distinct cores of a set that a core is bound to.
func (e *explorer) degree(c *core, set []*core) (int, error) {
	var seen []*core
	for _, b := range c.out {
		ok, err := e.holds(c, b)
		if err != nil {
			return 0, err
		}
		if ok && slices.Contains(set, b.to) && !slices.Contains(seen, b.to) {
			seen = append(seen, b.to)
		}
	}
	return len(seen), nil
}

// primary names the component by one handle: the smallest unique one, else the
// smallest.
func (c *component) primary() Member { return primary(c.cores...) }

func primary(cores ...*core) Member {
	var best *node
	for _, k := range cores {
		for _, n := range k.nodes {
			if best == nil || better(n, best) {
				best = n
			}
		}
	}
	return best.Member
}

func better(a, b *node) bool {
	ua, ub := rank(a), rank(b)
	if ua != ub {
		return ua > ub
	}
	return compareNodes(a, b) < 0
}

func rank(n *node) int {
	if n.System == inventory.Operator {
		return -1
	}
	if n.Kind.System() == n.System {
		return 3
	}
	return int(events.StrengthOf(n.Kind))
}
