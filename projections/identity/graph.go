package identity

import (
	"context"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A Graph is what Resolve may ask. Every list is in a fixed order.
type Graph interface {
	// Links lists the handles seen together with h, as known by k. Of one kind
	// it lists at most MaxNeighbours+1 of its own system and as many that cross
	// systems: enough to know that there are too many.
	Links(ctx context.Context, h events.Handle, k inventory.Known) ([]Link, error)
	// Words lists what was said about h by hand, or by a source in so many
	// words; the latest standing word of each pair and speaker.
	Words(ctx context.Context, h events.Handle, k inventory.Known) ([]Word, error)
	// Marked reports whether h was marked as shared by several people.
	Marked(ctx context.Context, h events.Handle, k inventory.Known) (bool, error)
	// Siblings lists the handles of h's identifier in every system, h included.
	// An empty list means that the identifier was retired or forgotten.
	Siblings(ctx context.Context, h events.Handle) ([]Member, error)
	// MayJoin reports whether the catalogue permits that one identifier of this
	// kind joins these two systems. A system that the catalogue does not know,
	// or that does not list the kind, may not be joined to any other (B3).
	MayJoin(kind, a, b events.Code) bool
}

// A MapGraph answers from a map and two functions of others: the vault's
// siblings and the catalogue's permission.
// One goroutine may use it at a time, as long as its reader.
type MapGraph struct {
	Reader         inventory.Reader
	SiblingsOf     func(ctx context.Context, h events.Handle) ([]Member, error)
	MayJoinSystems func(kind, a, b events.Code) bool

	words, marks rarely
	links        *linkReader
}

// rarely remembers whether there is any row of a family. Words and marks are
// rare, and looking for those of each handle would cost more than all the rest.
type rarely struct{ asked, none bool }

func (x *rarely) empty(r inventory.Reader, family byte) (bool, error) {
	if x.asked {
		return x.none, nil
	}
	if u, ok := r.(interface{ Unused(family byte) bool }); ok && u.Unused(family) {
		x.asked, x.none = true, true
		return true, nil
	}
	none := true
	err := r.Scan([]byte{family}, nil, func(_, _ []byte) error {
		none = false
		return inventory.ErrStop
	})
	if err == nil {
		x.asked, x.none = true, none
	}
	return none, err
}

// Siblings asks the vault.
func (g *MapGraph) Siblings(ctx context.Context, h events.Handle) ([]Member, error) {
	return g.SiblingsOf(ctx, h)
}

// MayJoin asks the catalogue.
func (g *MapGraph) MayJoin(kind, a, b events.Code) bool {
	return a == b || g.MayJoinSystems(kind, a, b)
}

// Words reads the words about h and keeps, for each pair, the latest by event
// time, then position, of each kind of speaker.
func (g *MapGraph) Words(_ context.Context, h events.Handle, k inventory.Known) ([]Word, error) {
	if none, err := g.words.empty(g.Reader, FamilyHand); none || err != nil {
		return nil, err
	}
	var out []Word
	err := g.Reader.Scan(prefix(FamilyHand, h), nil, func(key, v []byte) error {
		w, err := parseWord(key, v)
		if err != nil {
			return err
		}
		if !k.Sees(w.Evidence.Position, w.Evidence.Recorded) || inventory.Taken(g.Reader.Retracted(w.Evidence.ID), k) {
			return nil
		}
		for i := range out {
			if out[i].Other.Handle == w.Other.Handle && out[i].ByHand == w.ByHand {
				if out[i].Evidence.before(&w.Evidence) {
					out[i] = w
				}
				return nil
			}
		}
		out = append(out, w)
		return nil
	})
	return out, err
}

func (e *Evidence) before(o *Evidence) bool {
	if e.Time != o.Time {
		return e.Time < o.Time
	}
	return e.Position.Compare(o.Position) < 0
}

// Marked reads the marks of h; the latest by event time, then position, counts.
func (g *MapGraph) Marked(_ context.Context, h events.Handle, k inventory.Known) (bool, error) {
	if none, err := g.marks.empty(g.Reader, FamilyMark); none || err != nil {
		return false, err
	}
	shared := false
	var last Evidence
	err := g.Reader.Scan(prefix(FamilyMark, h), nil, func(_, v []byte) error {
		flag, e, err := parseMark(v)
		if err != nil {
			return err
		}
		if k.Sees(e.Position, e.Recorded) && !inventory.Taken(g.Reader.Retracted(e.ID), k) &&
			(last.Time == 0 || last.before(&e)) {
			shared, last = flag, e
		}
		return nil
	})
	return shared, err
}
