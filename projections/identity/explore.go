package identity

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A node is one handle with everything that speaks for or against its joins.
type node struct {
	Member
	same      []*node // the identifier's handles in every system, in order, itself included
	links     []Link
	asked     bool // links are complete
	suspended Why  // shared by several people: nothing joins through it
	edges     []edge
	opened    bool // edges are complete
	core      *core
	differs   []events.Handle // identifiers that a person said are somebody else's
}

// identifier is the smallest handle of the node's identifier.
func (n *node) identifier() events.Handle { return n.same[0].Handle }

// What an edge may do.
type state uint8

const (
	proposed state = iota // shown as a candidate
	joined                // joins, as strong as strength says
	attached              // weak: says how the person is called
	severed               // a word says no
)

type edge struct {
	to       Member
	by       By
	state    state
	strength events.Strength
	// binding edges hold cores together; the others may be contested.
	binding  bool
	evidence Evidence
}

type explorer struct {
	ctx   context.Context
	g     Graph
	q     Query
	nodes byHandle[*node] // nil where the identifier is gone
	over  bool            // the limit was reached

	// Room for what is explored, used again and again: nothing of it is in the
	// answer.
	roomNodes arena[node]
	roomLists arena[*node]
	roomEdges arena[edge]
	roomCores arena[core]
	links     linkReader
}

var explorers = sync.Pool{New: func() any { return new(explorer) }}

// done gives the room back.
func (e *explorer) done() {
	e.ctx, e.g, e.over = nil, nil, false
	e.nodes.reset()
	e.roomNodes.reset()
	e.roomLists.reset()
	e.roomEdges.reset()
	e.roomCores.reset()
	e.links.reset()
	explorers.Put(e)
}

// node returns the node of a handle, or nil if its identifier is gone.
func (e *explorer) node(h events.Handle) (*node, error) {
	if n, ok := e.nodes.get(h); ok {
		return n, nil
	}
	sib, err := e.g.Siblings(e.ctx, h)
	if err != nil {
		return nil, fmt.Errorf("find siblings of a handle: %w", err)
	}
	// One answer serves all handles of the identifier.
	same, all := e.roomLists.take(len(sib)), e.roomNodes.take(len(sib))
	for i, s := range sib {
		n, _ := e.nodes.get(s.Handle)
		if n == nil {
			n = &all[i]
			n.Member, n.same = s, same
			e.nodes.put(s.Handle, n)
		}
		same[i] = n
	}
	slices.SortFunc(same, func(a, b *node) int { return compareHandles(a.Handle, b.Handle) })
	n, ok := e.nodes.get(h)
	if !ok {
		e.nodes.put(h, nil)
	}
	return n, nil
}

func compareHandles(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) }

func compareMembers(a, b *Member) int {
	if c := strings.Compare(string(a.System), string(b.System)); c != 0 {
		return c
	}
	if c := strings.Compare(string(a.Kind), string(b.Kind)); c != 0 {
		return c
	}
	return compareHandles(a.Handle, b.Handle)
}

func compareNodes(a, b *node) int { return compareMembers(&a.Member, &b.Member) }

// open completes the edges of a node.
func (e *explorer) open(n *node) error {
	if n.opened {
		return nil
	}
	n.opened = true
	if err := e.suspend(n); err != nil {
		return err
	}
	links, err := e.linksOf(n)
	if err != nil {
		return err
	}
	n.edges = e.roomEdges.take(len(links) + len(n.same) - 1)[:0]
	for i := range links {
		e.link(n, &links[i])
	}
	for _, s := range n.same {
		if s != n && s.System != inventory.Operator && n.System != inventory.Operator {
			e.sibling(n, s)
		}
	}
	if err := e.words(n); err != nil {
		return err
	}
	slices.SortStableFunc(n.edges, func(a, b edge) int { return compareMembers(&a.to, &b.to) })
	return nil
}

// suspend decides whether the identifier counts as shared: a person marked it,
// or it has too many neighbours of one kind in some system.
func (e *explorer) suspend(n *node) error {
	var few [8]*node
	count := few[:0]
	for _, s := range n.same {
		if e.counts(n, s) {
			count = append(count, s)
		}
	}
	for _, s := range count {
		marked, err := e.g.Marked(e.ctx, s.Handle, e.q.Known)
		if err != nil {
			return fmt.Errorf("read marks of a handle: %w", err)
		}
		if marked {
			n.suspended = WhyMarked
			return nil
		}
	}
	for _, s := range count {
		links, err := e.linksOf(s)
		if err != nil {
			return err
		}
		if e.crowded(&s.Member, links) {
			n.suspended = WhyCrowded
			return nil
		}
	}
	return nil
}

// counts reports whether what another system says of the identifier counts for
// this one's: a system that may not join by the kind cannot spoil it either. A
// person's own word always counts.
func (e *explorer) counts(n, s *node) bool {
	return s.System == n.System || s.System == inventory.Operator || e.g.MayJoin(n.Kind, n.System, s.System)
}

// linksOf asks once for the links of each handle.
func (e *explorer) linksOf(n *node) ([]Link, error) {
	if n.asked {
		return n.links, nil
	}
	l, err := e.g.Links(e.ctx, n.Handle, e.q.Known)
	if err != nil {
		return nil, fmt.Errorf("read links of a handle: %w", err)
	}
	n.links, n.asked = l, true
	return l, nil
}

// crowded reports whether a handle has too many neighbours of one kind. Those
// that may not join it do not count.
func (e *explorer) crowded(of *Member, links []Link) bool {
	if len(links) <= MaxNeighbours {
		return false
	}
	count := make(map[events.Code]int)
	for i := range links {
		if _, ok := anchored(links[i].Evidence); ok && e.permitted(of, &links[i]) {
			k := links[i].Other.Kind
			count[k]++
			if count[k] > MaxNeighbours {
				return true
			}
		}
	}
	return false
}

func anchored(es []Evidence) (Evidence, bool) {
	for _, x := range es {
		if x.Anchored {
			return x, true
		}
	}
	return Evidence{}, false
}

// permitted reports whether a link may join at all: where one end is the
// identifier of another system, only if the two may be joined by its kind.
func (e *explorer) permitted(of *Member, l *Link) bool {
	switch l.Crossing {
	case OtherCrosses:
		return e.g.MayJoin(l.Other.Kind, of.System, l.Other.System)
	case SelfCrosses:
		return e.g.MayJoin(of.Kind, of.System, l.Other.System)
	}
	return true
}

// link turns being seen together into an edge.
func (e *explorer) link(n *node, l *Link) {
	s := min(events.StrengthOf(n.Kind), events.StrengthOf(l.Other.Kind))
	x := edge{to: l.Other, strength: s, by: byStrength(s), evidence: l.Evidence[0]}
	ev, ok := anchored(l.Evidence)
	if ok {
		x.evidence = ev
	}
	switch {
	case !ok, !e.permitted(&n.Member, l):
		x.state = proposed
	case s == events.Weak:
		x.state = attached
	default:
		x.state, x.binding = joined, s == events.Unique
	}
	n.edges = append(n.edges, x)
}

func byStrength(s events.Strength) By {
	if s == events.Unique {
		return ByUnique
	}
	return ByShareable
}

// sibling turns the same identifier in another system into an edge. It binds:
// an identifier is contested in all its systems or in none.
func (e *explorer) sibling(n, s *node) {
	x := edge{to: s.Member, by: BySameIdentifier, strength: events.StrengthOf(n.Kind)}
	if x.strength != events.Weak && e.g.MayJoin(n.Kind, n.System, s.System) {
		x.state, x.binding = joined, true
	}
	n.edges = append(n.edges, x)
}

// words applies what was said outright: by a source about two of its handles,
// by a person about two identifiers.
func (e *explorer) words(n *node) error {
	own, err := e.g.Words(e.ctx, n.Handle, e.q.Known)
	if err != nil {
		return fmt.Errorf("read words about a handle: %w", err)
	}
	hub := false
	for _, w := range own {
		if w.ByHand {
			hub = hub || w.Linked
		}
		if err := e.word(n, &w, own); err != nil {
			return err
		}
	}
	if n.System == inventory.Operator {
		if hub {
			e.hub(n)
		}
		return nil
	}
	for _, s := range n.same {
		if s.System != inventory.Operator {
			continue
		}
		said, err := e.g.Words(e.ctx, s.Handle, e.q.Known)
		if err != nil {
			return fmt.Errorf("read words about a handle: %w", err)
		}
		linked := slices.ContainsFunc(said, func(w Word) bool { return w.ByHand && w.Linked })
		if linked {
			n.edges = append(n.edges, edge{to: s.Member, by: ByHand, state: joined, strength: events.Unique, binding: true})
		}
		for _, w := range said {
			if w.ByHand && !w.Linked {
				if err := e.cut(n, w.Other.Handle); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// hub joins an identifier that a person spoke of to its handles everywhere: the
// word was about the identifier, not about one system.
func (e *explorer) hub(n *node) {
	for _, s := range n.same {
		if s != n {
			n.edges = append(n.edges, edge{to: s.Member, by: ByHand, state: joined, strength: events.Unique, binding: true})
		}
	}
}

// word applies one word about n itself. A person's word outranks a source's.
func (e *explorer) word(n *node, w *Word, all []Word) error {
	if !w.ByHand && slices.ContainsFunc(all, func(o Word) bool {
		return o.ByHand && o.Other.Handle == w.Other.Handle
	}) {
		return nil
	}
	if !w.Linked {
		if w.ByHand {
			return e.cut(n, w.Other.Handle)
		}
		n.sever(func(x *edge) bool { return x.to.Handle == w.Other.Handle })
		return nil
	}
	x := edge{to: Member{w.Other.Handle, w.System, w.Other.Kind}, evidence: w.Evidence, state: joined}
	x.strength = min(events.StrengthOf(n.Kind), events.StrengthOf(w.Other.Kind))
	x.by, x.binding = byStrength(x.strength), x.strength == events.Unique
	switch {
	case w.ByHand:
		x.by, x.binding, x.strength = ByHand, true, events.Unique
	case !w.Anchored:
		x.state = proposed
	case x.strength == events.Weak:
		x.state = attached
	}
	n.edges = append(n.edges, x)
	return nil
}

// cut removes the direct edges between two identifiers and notes that they are
// of different people, which no other join may overrule.
func (e *explorer) cut(n *node, other events.Handle) error {
	sib, err := e.g.Siblings(e.ctx, other)
	if err != nil {
		return fmt.Errorf("find siblings of a handle: %w", err)
	}
	ids := []events.Handle{other}
	for _, s := range sib {
		ids = append(ids, s.Handle)
	}
	n.differs = append(n.differs, slices.MinFunc(ids, compareHandles))
	n.sever(func(x *edge) bool { return slices.Contains(ids, x.to.Handle) })
	return nil
}

func (n *node) sever(is func(*edge) bool) {
	for i := range n.edges {
		if is(&n.edges[i]) {
			n.edges[i].state = severed
		}
	}
}
