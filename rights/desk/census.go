package desk

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A census remembers which handles are one person, so that people can be
// counted. It is a cache of what identity says: a handle is asked about once,
// and again when there was new evidence about anything it hangs together with,
// or the catalogue joins others. It names nobody.
type census struct {
	mu    sync.Mutex
	index *facets.Index        // guarded by mu, as all below
	cat   *catalogue.Catalogue // by whose permissions handles were joined
	since uint64               // number of the next evidence to look at
	lead  []uint32             // by ordinal: the person's smallest ordinal plus one; 0 is not known
	next  []uint32             // by ordinal: another ordinal of the person, in a ring
	lost  *facets.Set          // ordinals whose identifier was forgotten: each counts as a person
}

// recount is how much evidence makes beginning anew the cheaper way.
const recount = 20_000

// counting brings a census up to date and answers from it. It holds the lock
// and must be closed.
type counting struct {
	*census
	desk  *Desk
	view  View
	graph *identity.MapGraph
	known inventory.Known
}

// count opens the census as of a position of the facets, which the view has
// reached.
func (d *Desk) count(ctx context.Context, x *facets.Index, view View, at events.Position) (*counting, error) {
	cat := d.d.Catalogue()
	c := &counting{census: &d.census, desk: d, view: view, known: inventory.Known{Position: at},
		graph: d.graph(view, cat)}
	c.mu.Lock()
	var fresh []events.Handle
	var ok bool
	handles, since := 0, c.since
	x.Read(func(r *facets.Reading) {
		fresh, c.since, ok = r.Joined(since)
		handles = r.Handles()
	})
	if c.index != x || !sameJoins(c.cat, cat) || !ok || len(fresh) > recount {
		c.index, c.lead, c.next, c.lost = x, nil, nil, facets.NewSet()
		fresh = nil
	}
	c.cat = cat
	for n := len(c.lead); n < handles; n++ {
		c.lead, c.next = append(c.lead, 0), append(c.next, uint32(n))
	}
	seen := make(map[events.Handle]bool)
	for i, h := range fresh {
		if err := c.doubt(ctx, h, seen); err != nil {
			c.since -= uint64(len(fresh) - i) // asked again next time
			c.mu.Unlock()
			return nil, err
		}
	}
	return c, nil
}

func (c *counting) close() { c.mu.Unlock() }

// sameJoins reports whether two catalogues join identifiers alike. Registering a
// recipient makes another catalogue and nobody another person.
func sameJoins(a, b *catalogue.Catalogue) bool {
	if a == nil || a == b {
		return a == b
	}
	lines := func(c *catalogue.Catalogue) (out []string) {
		for _, s := range c.AllSystems() {
			for _, kind := range s.Joins {
				out = append(out, string(s.ID)+" "+string(kind))
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(lines(a), lines(b))
}

// doubt forgets who is one person among everything that hangs together with a
// handle, however loosely.
func (c *counting) doubt(ctx context.Context, h events.Handle, seen map[events.Handle]bool) error {
	const most = 4096
	walk := []events.Handle{h}
	for i := 0; i < len(walk) && i < most; i++ {
		x := walk[i]
		if seen[x] {
			continue
		}
		seen[x] = true
		if ord, ok := c.ordinal(x); ok {
			c.forget(ord)
		}
		siblings, err := c.graph.Siblings(ctx, x)
		if err != nil {
			return fmt.Errorf("find siblings of a handle: %w", err)
		}
		for _, m := range siblings {
			walk = append(walk, m.Handle)
		}
		links, err := c.graph.Links(ctx, x, inventory.Known{})
		if err != nil {
			return fmt.Errorf("read links of a handle: %w", err)
		}
		for _, l := range links {
			if events.StrengthOf(l.Other.Kind) != events.Weak {
				walk = append(walk, l.Other.Handle)
			}
		}
		words, err := c.graph.Words(ctx, x, inventory.Known{})
		if err != nil {
			return fmt.Errorf("read words about a handle: %w", err)
		}
		for _, w := range words {
			walk = append(walk, w.Other.Handle)
		}
	}
	return nil
}

func (c *counting) ordinal(h events.Handle) (ord uint32, ok bool) {
	c.index.Read(func(r *facets.Reading) { ord, ok = r.Ordinal(h) })
	return ord, ok && int(ord) < len(c.lead)
}

// forget makes every ordinal of a person unknown.
func (c *census) forget(ord uint32) {
	for c.lead[ord] != 0 {
		c.lead[ord] = 0
		ord, c.next[ord] = c.next[ord], ord
	}
}

// person returns what stands for the person of an ordinal.
func (c *counting) person(ctx context.Context, ord uint32) (uint32, error) {
	if c.lead[ord] != 0 {
		return c.lead[ord] - 1, nil
	}
	p, err := c.resolve(ctx, ord)
	if err != nil {
		return 0, err
	}
	c.lost.Remove(ord)
	if len(p.Members) == 0 {
		c.lost.Add(ord)
	}
	c.lead[ord], c.next[ord] = ord+1, ord
	for _, m := range p.Members {
		if o, ok := c.ordinal(m.Handle); ok {
			c.join(ord, o)
		}
	}
	return c.lead[ord] - 1, nil
}

func (c *counting) resolve(ctx context.Context, ord uint32) (*identity.Person, error) {
	var h events.Handle
	c.index.Read(func(r *facets.Reading) { h = r.Handle(ord) })
	p, err := identity.Resolve(ctx, []events.Handle{h}, c.graph, identity.Query{Known: c.known, Exact: true})
	if err != nil {
		return nil, fmt.Errorf("resolve a person to count: %w", err)
	}
	return p, nil
}

// join makes two ordinals one person.
func (c *census) join(a, b uint32) {
	if c.lead[b] == 0 {
		c.lead[b], c.next[b] = b+1, b
	}
	if c.lead[a] == c.lead[b] {
		return
	}
	least := min(c.lead[a], c.lead[b])
	c.next[a], c.next[b] = c.next[b], c.next[a] // two rings become one
	for o, first := a, true; first || o != a; o, first = c.next[o], false {
		c.lead[o] = least
	}
}

// people turns ordinals into people: one bit for each, at their leads.
func (c *counting) people(ctx context.Context, ords *facets.Set) (*facets.Set, error) {
	words := make([]uint64, (len(c.lead)+63)/64)
	// Whoever is not known yet may turn out to be somebody known, so all are
	// found before the first is counted.
	for round := range 2 {
		buf := make([]uint32, 4096)
		it := ords.ManyIterator()
		for n := it.NextMany(buf); n > 0; n = it.NextMany(buf) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for _, ord := range buf[:n] {
				if round == 0 && c.lead[ord] != 0 {
					continue
				}
				p, err := c.person(ctx, ord)
				if err != nil {
					return nil, err
				}
				if round == 1 {
					words[p/64] |= 1 << (p % 64)
				}
			}
		}
	}
	return facets.SetOf(words), nil
}

// CountPeople asks once who each handle belongs to, so that questions find it
// known. It pauses between steps for whoever asks meanwhile.
func (d *Desk) CountPeople(ctx context.Context) error {
	if d.d.Facets == nil {
		return nil
	}
	const step = 512
	for from := uint32(0); ; from += step {
		from = d.unknown(from)
		done, err := d.countStep(ctx, from, step)
		if done || err != nil {
			return err
		}
	}
}

// unknown returns the first ordinal from one on that belongs to nobody known.
func (d *Desk) unknown(from uint32) uint32 {
	d.census.mu.Lock()
	defer d.census.mu.Unlock()
	for int(from) < len(d.census.lead) && d.census.lead[from] != 0 {
		from++
	}
	return from
}

func (d *Desk) countStep(ctx context.Context, from, step uint32) (done bool, err error) {
	x, view, at, err := d.facets(ctx)
	if err != nil {
		return false, err
	}
	defer d.shut(ctx, view)
	c, err := d.count(ctx, x, view, at)
	if err != nil {
		return false, err
	}
	defer c.close()
	if int(from) >= len(c.lead) {
		return true, nil
	}
	todo := facets.NewSet()
	for ord := from; ord < min(from+step, uint32(len(c.lead))); ord++ {
		if c.lead[ord] == 0 {
			todo.Add(ord)
		}
	}
	_, err = c.people(ctx, todo)
	return false, err
}

// facets returns the index and a view that has come as far. The view must be
// closed.
func (d *Desk) facets(ctx context.Context) (*facets.Index, View, events.Position, error) {
	view := d.d.View() // sees everything that was acknowledged before
	x := d.d.Facets()
	var at events.Position
	x.Read(func(r *facets.Reading) { at = r.Position() })
	if view.Position().Compare(at) >= 0 {
		return x, view, at, nil
	}
	d.shut(ctx, view)
	if err := d.reach(ctx, at); err != nil {
		return nil, nil, at, err
	}
	return x, d.d.View(), at, nil
}
