package identity

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

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

	none map[byte]bool // families known to be empty, or known not to be
}

// empty reports whether there is no row of a family at all. Words and marks are
// rare, and looking for those of each handle would cost more than all the rest.
func (g *MapGraph) empty(family byte) (bool, error) {
	if none, ok := g.none[family]; ok {
		return none, nil
	}
	if r, ok := g.Reader.(interface{ Unused(family byte) bool }); ok && r.Unused(family) {
		return true, nil
	}
	none := true
	err := g.Reader.Scan([]byte{family}, nil, func(_, _ []byte) error {
		none = false
		return inventory.ErrStop
	})
	if g.none == nil {
		g.none = make(map[byte]bool)
	}
	g.none[family] = none
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

// Links reads the links of h kind by kind, and skips the rest of a kind of
// which there are too many.
func (g *MapGraph) Links(_ context.Context, h events.Handle, k inventory.Known) ([]Link, error) {
	var out []Link
	var kind uint32
	n, across := 0, 0
	start := prefix(FamilyLink, h)
	for start != nil {
		from := start
		start = nil
		err := g.Reader.Scan(prefix(FamilyLink, h), from, func(key, v []byte) error {
			if len(key) != 37 {
				return fmt.Errorf("read link row: key of %d bytes", len(key))
			}
			if s := binary.BigEndian.Uint32(key[17:]); s != kind {
				kind, n, across = s, 0, 0
			} else if n > MaxNeighbours {
				start = binary.BigEndian.AppendUint32(prefix(FamilyLink, h), kind+1)
				return inventory.ErrStop
			}
			l, ok, err := g.link(h, kind, key, v, k)
			switch {
			case !ok || (l.Crossing != NotCrossing && across > MaxNeighbours):
			case l.Crossing != NotCrossing:
				// Any source may name another's identifier: such links do not
				// take the place of the system's own.
				out, across = append(out, l), across+1
			default:
				out, n = append(out, l), n+1
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (g *MapGraph) link(h events.Handle, kind uint32, key, v []byte, k inventory.Known) (Link, bool, error) {
	row, err := parseLink(v)
	if err != nil {
		return Link{}, false, err
	}
	l := Link{Other: Member{Handle: events.Handle(key[21:])}, Crossing: row.crossing}
	if l.Other.Kind, err = g.Reader.Name(uint64(kind)); err != nil {
		return Link{}, false, fmt.Errorf("read link row: %w", err)
	}
	if l.Other.System, err = g.Reader.Name(row.system); err != nil {
		return Link{}, false, fmt.Errorf("read link row: %w", err)
	}
	all := row.evidence
	if row.mirror != 0 {
		back, err := g.mirror(h, row.mirror, l.Other.Handle)
		if err != nil {
			return Link{}, false, err
		}
		all = append(all, back.evidence...)
		if back.crossing == OtherCrosses {
			l.Crossing = SelfCrosses
		}
	}
	lost := false
	for i := range all {
		if x := &all[i]; k.Sees(x.Position, x.Recorded) {
			taken := inventory.Taken(g.Reader.Retracted(x.ID), k)
			lost = lost || taken
			if !taken {
				l.see(x)
			}
		}
	}
	if lost {
		// The rows keep only the first evidence. If that was taken back, the
		// event rows still tell which other events named the two together.
		l.Evidence = nil
		err = g.evidence(&l, h, k)
	}
	return l, len(l.Evidence) > 0, err
}

// mirror reads the row that holds the evidence of which the other end was the
// primary.
func (g *MapGraph) mirror(h events.Handle, kind uint64, o events.Handle) (linkRow, error) {
	v, ok, err := g.Reader.Get(linkKey(nil, o, uint32(kind), h))
	if err != nil {
		return linkRow{}, err
	}
	if !ok {
		return linkRow{}, errors.New("read link row: the row it mirrors is missing")
	}
	return parseLink(v)
}

// see keeps the first event recorded and the first anchored one.
func (l *Link) see(e *Evidence) {
	var first, sure *Evidence
	for i := range l.Evidence {
		x := l.Evidence[i]
		if first = earlier(first, &x); x.Anchored {
			sure = earlier(sure, &x)
		}
	}
	if first = earlier(first, e); e.Anchored {
		sure = earlier(sure, e)
	}
	l.Evidence = []Evidence{*first}
	if sure != nil && sure.Position != first.Position {
		l.Evidence = append(l.Evidence, *sure)
	}
}

// evidence finds the standing evidence of a link in the event rows of both
// ends.
func (g *MapGraph) evidence(l *Link, h events.Handle, k inventory.Known) error {
	for _, d := range [2][2]events.Handle{{h, l.Other.Handle}, {l.Other.Handle, h}} {
		rows, err := inventory.Rows(g.Reader, d[0])
		if err != nil {
			return err
		}
		for i := range rows {
			r := &rows[i]
			if !r.Names(d[1]) {
				continue
			}
			for _, x := range r.Standing(k) {
				l.see(&Evidence{x.Time, x.Recorded, x.Position, x.ID, r.Event.Flags&events.Anchored != 0})
			}
		}
	}
	return nil
}

func earlier(a, b *Evidence) *Evidence {
	if a == nil || b.Position.Compare(a.Position) < 0 {
		return b
	}
	return a
}

// Words reads the words about h and keeps, for each pair, the latest by event
// time, then position, of each kind of speaker.
func (g *MapGraph) Words(_ context.Context, h events.Handle, k inventory.Known) ([]Word, error) {
	if none, err := g.empty(FamilyHand); none || err != nil {
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
	if none, err := g.empty(FamilyMark); none || err != nil {
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
