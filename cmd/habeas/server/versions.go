package server

import (
	"os"
	"sync"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// versions reads catalogues that were in force before the present one.
type versions struct {
	shelf *Shelf
	mu    sync.Mutex
	under *catalogue.Decisions            // guarded by mu; those that lie over what was read
	read  map[uint32]*catalogue.Catalogue // guarded by mu; nil for one that is not kept
}

func newVersions(s *Shelf) *versions { return &versions{shelf: s} }

// earlier finds a version by its number, with the decisions that are in force
// now; nil if it is not kept or cannot be read any more.
func (v *versions) earlier(number uint32) *catalogue.Catalogue {
	now := v.shelf.Current()
	if number == now.Version() {
		return now
	}
	if v.shelf.dir == "" || number > now.Version() {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if d := now.Decisions(); v.read == nil || d != v.under {
		// Other decisions were adopted: what was read rests on those before them.
		v.under, v.read = d, map[uint32]*catalogue.Catalogue{}
	}
	c, ok := v.read[number]
	if !ok {
		c = v.load(number, now)
		v.read[number] = c
	}
	return c
}

func (v *versions) load(number uint32, now *catalogue.Catalogue) *catalogue.Catalogue {
	c, err := readKept(v.shelf.dir, number)
	if err != nil {
		return nil // not kept, or a format of before; the present catalogue alone judges then
	}
	if d, err := c.WithDecisions(now.Decisions()); err == nil {
		c = d
	}
	return c
}

// asDecided is a version under the decisions that lay over it at the time.
func (v *versions) asDecided(number uint32) *catalogue.Catalogue {
	c := v.earlier(number)
	if c == nil || number == v.shelf.Current().Version() {
		return c
	}
	if then, err := c.WithDecisions(keptDecisions(v.shelf.dir, number)); err == nil {
		c = then
	}
	return c
}

// first is the first version, under the decisions that lay over it at the time;
// nil if it is not kept.
func (v *versions) first() *catalogue.Catalogue { return v.asDecided(1) }

// inForce finds the version that was in force at a moment; nil if there was none
// yet, as when the server was set up after it.
func (v *versions) inForce(at events.Instant) *catalogue.Catalogue {
	if v.shelf.dir == "" {
		return nil
	}
	for n := v.shelf.Current().Version(); n > 0; n-- {
		if from, ok := v.from(n); ok && from <= at {
			return v.asDecided(n)
		}
	}
	return nil
}

// from is the moment at which a version was adopted, by the server's clock.
func (v *versions) from(number uint32) (events.Instant, bool) {
	path := v.shelf.adopted(number)
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	if at, err := events.ParseInstant(string(b)); err == nil {
		return at, true
	}
	st, err := os.Stat(path) // a mark of before the time was written into it
	if err != nil {
		return 0, false
	}
	return events.InstantOf(st.ModTime()), true
}
