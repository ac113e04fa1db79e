package identity

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A linkReader reads rows of links, a stretch at a time, and remembers the first
// stretch of each handle that it read: the evidence of a link stands under one
// of its ends only, and who asks about one end mostly asks about the other too.
type linkReader struct {
	ahead bool // whoever asks goes on to the other ends of what binds
	rows  []linkAt
	read  byHandle[stretch]
	rest  []linkAt // what came after the first stretch, of one handle

	prefix, key []byte
	into        []linkAt // rows being read
	most        int      // of into
	more        bool
	add         func(key, v []byte) error // x.row, made once

	links    arena[Link]
	evidence arena[Evidence]
}

// A linkAt is a row with what its key says.
type linkAt struct {
	kind  uint32 // number of the other's kind
	other events.Handle
	linkRow
}

// A stretch is a part of the rows read.
type stretch struct {
	from, to int
	more     bool // the handle has more rows
}

const (
	atOnce   = 2 * MaxNeighbours // rows of one stretch
	linkRows = 8 * atOnce        // rows, and handles, remembered from one question to the next
)

// first returns the first rows of a handle, and whether there are more.
func (x *linkReader) first(r inventory.Reader, h events.Handle) (rows []linkAt, more bool, err error) {
	s, ok := x.read.get(h)
	if !ok {
		s.from = len(x.rows)
		if x.rows, err = x.scan(r, x.rows, h, nil); err != nil {
			return nil, false, err
		}
		s.to, s.more = len(x.rows), x.more
		x.read.put(h, s)
	}
	return x.rows[s.from:s.to], s.more, nil
}

// scan adds at most atOnce rows of h to rows, from the key start on or from the
// first; x.more tells whether there are others.
func (x *linkReader) scan(r inventory.Reader, rows []linkAt, h events.Handle, start []byte) ([]linkAt, error) {
	x.prefix = append(append(x.prefix[:0], FamilyLink), h[:]...)
	x.into, x.most, x.more = rows, len(rows)+atOnce, false
	if x.add == nil {
		x.add = x.row
	}
	err := r.Scan(x.prefix, start, x.add)
	return x.into, err
}

func (x *linkReader) row(key, v []byte) error {
	if len(key) != 37 {
		return fmt.Errorf("read link row: key of %d bytes", len(key))
	}
	if x.more = len(x.into) == x.most; x.more {
		return inventory.ErrStop
	}
	row, err := parseLink(v)
	x.into = append(x.into, linkAt{binary.BigEndian.Uint32(key[17:]), events.Handle(key[21:]), row})
	return err
}

// forget forgets the rows, not what was made of them.
func (x *linkReader) forget() {
	x.rows = x.rows[:0]
	x.read.reset()
}

// reset forgets all and keeps some room.
func (x *linkReader) reset() {
	x.forget()
	if x.into, x.ahead = nil, false; cap(x.rows) > 2*linkRows {
		x.rows = nil
	}
	x.links.reset()
	x.evidence.reset()
}

// Links reads the links of h kind by kind, and skips the rest of a kind of
// which there are too many. Called by Resolve, the list lasts until it returns.
func (g *MapGraph) Links(_ context.Context, h events.Handle, k inventory.Known) ([]Link, error) {
	if g.links == nil {
		g.links = new(linkReader)
	}
	x := g.links
	if len(x.rows) > linkRows || x.read.len() > linkRows {
		x.forget()
	}
	rows, more, err := x.first(g.Reader, h)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	out := x.links.take(len(rows))[:0]
	kind := rows[0].kind
	n, across := 0, 0
	for {
		for i := range rows {
			row := &rows[i]
			if row.kind != kind {
				kind, n, across = row.kind, 0, 0
			} else if n > MaxNeighbours {
				continue
			}
			l, seen, err := g.link(h, row, k)
			if err != nil {
				return nil, err
			}
			switch {
			case !seen.any || (l.Crossing != NotCrossing && across > MaxNeighbours):
				continue
			case l.Crossing != NotCrossing:
				// Any source may name another's identifier: such links do not
				// take the place of the system's own.
				across++
			default:
				n++
			}
			l.Evidence = seen.list(&x.evidence)
			out = append(out, l)
		}
		if !more {
			return out, nil
		}
		last := &rows[len(rows)-1]
		if n > MaxNeighbours {
			x.key = binary.BigEndian.AppendUint32(append(append(x.key[:0], FamilyLink), h[:]...), kind+1)
		} else {
			x.key = append(linkKey(x.key, h, last.kind, last.other), 0)
		}
		if x.rest, err = x.scan(g.Reader, x.rest[:0], h, x.key); err != nil || len(x.rest) == 0 {
			return out, err
		}
		rows, more = x.rest, x.more
	}
}

// link reads one row, all but its evidence, and what evidence stands.
func (g *MapGraph) link(h events.Handle, row *linkAt, k inventory.Known) (l Link, seen firsts, err error) {
	l = Link{Other: Member{Handle: row.other}, Crossing: row.crossing}
	if l.Other.Kind, err = g.Reader.Name(uint64(row.kind)); err != nil {
		return l, seen, fmt.Errorf("read link row: %w", err)
	}
	if l.Other.System, err = g.Reader.Name(row.system); err != nil {
		return l, seen, fmt.Errorf("read link row: %w", err)
	}
	lost := g.standing(&seen, &row.linkRow, k)
	if row.mirror != 0 {
		var back linkRow
		if err := g.mirror(&back, h, uint32(row.mirror), &l.Other); err != nil {
			return l, seen, err
		}
		if back.crossing == OtherCrosses {
			l.Crossing = SelfCrosses
		}
		lost = g.standing(&seen, &back, k) || lost
	}
	if lost {
		// The rows keep only the first evidence. If that was taken back, the
		// event rows still tell which other events named the two together.
		seen = firsts{}
		err = g.evidence(&seen, h, row.other, k)
	}
	return l, seen, err
}

// standing adds the evidence of a row that was known and not taken back, and
// reports whether some was taken back.
func (g *MapGraph) standing(seen *firsts, row *linkRow, k inventory.Known) (lost bool) {
	for i := range row.n {
		if x := &row.seen[i]; k.Sees(x.Position, x.Recorded) {
			if inventory.Taken(g.Reader.Retracted(x.ID), k) {
				lost = true
			} else {
				seen.see(x)
			}
		}
	}
	return lost
}

// mirror reads the row that holds the evidence of which the other end was the
// primary.
func (g *MapGraph) mirror(to *linkRow, h events.Handle, kind uint32, o *Member) error {
	x := g.links
	_, read := x.read.find(o.Handle)
	if read || (x.ahead && events.StrengthOf(o.Kind) != events.Weak) {
		rows, more, err := x.first(g.Reader, o.Handle)
		if err != nil {
			return err
		}
		for i := range rows {
			if rows[i].kind == kind && rows[i].other == h {
				*to = rows[i].linkRow
				return nil
			}
		}
		if !more {
			return errMirror
		}
	}
	x.key = linkKey(x.key, o.Handle, kind, h)
	v, ok, err := g.Reader.Get(x.key)
	if err != nil {
		return err
	}
	if !ok {
		return errMirror
	}
	*to, err = parseLink(v)
	return err
}

var errMirror = errors.New("read link row: the row it mirrors is missing")

// firsts keeps the first event recorded and the first anchored one.
type firsts struct {
	any, anchored bool
	first, sure   Evidence
}

func (f *firsts) see(e *Evidence) {
	if !f.any || e.Position.Compare(f.first.Position) < 0 {
		f.any, f.first = true, *e
	}
	if e.Anchored && (!f.anchored || e.Position.Compare(f.sure.Position) < 0) {
		f.anchored, f.sure = true, *e
	}
}

// list lists the one or two of them.
func (f *firsts) list(room *arena[Evidence]) []Evidence {
	if f.anchored && f.sure.Position != f.first.Position {
		out := room.take(2)
		out[0], out[1] = f.first, f.sure
		return out
	}
	out := room.take(1)
	out[0] = f.first
	return out
}

// evidence finds the standing evidence of a link in the event rows of both
// ends.
func (g *MapGraph) evidence(seen *firsts, h, other events.Handle, k inventory.Known) error {
	for _, d := range [2][2]events.Handle{{h, other}, {other, h}} {
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
				seen.see(&Evidence{x.Time, x.Recorded, x.Position, x.ID, r.Event.Flags&events.Anchored != 0})
			}
		}
	}
	return nil
}
