package identity

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// UniqueNeighbours lists, in order, the handles of h's own system that unique
// evidence joins to h: an anchored event named both, and both are of unique
// kinds. Neither vault nor catalogue is asked, since one system joins its own
// identifiers. With standing, evidence that was retracted does not count, and
// handles seen together with too many others join nothing.
func UniqueNeighbours(ctx context.Context, r inventory.Reader, h events.Handle, standing bool) ([]events.Handle, error) {
	if !standing {
		return everUnique(r, h)
	}
	g := MapGraph{Reader: r}
	links, err := g.Links(ctx, h, inventory.Known{})
	if err != nil {
		return nil, err
	}
	var out []events.Handle
	for i := range links {
		l := &links[i]
		if _, ok := anchored(l.Evidence); ok && l.Crossing == NotCrossing && events.StrengthOf(l.Other.Kind) == events.Unique {
			out = append(out, l.Other.Handle)
		}
	}
	return out, nil
}

// everUnique lists those that any event ever named beside h, at most most.
func everUnique(r inventory.Reader, h events.Handle) ([]events.Handle, error) {
	const most = 4 * MaxNeighbours
	var out []events.Handle
	err := r.Scan(prefix(FamilyLink, h), nil, func(k, v []byte) error {
		if len(k) != 37 {
			return fmt.Errorf("read link row: key of %d bytes", len(k))
		}
		kind, err := r.Name(uint64(binary.BigEndian.Uint32(k[17:])))
		if err != nil {
			return fmt.Errorf("read link row: %w", err)
		}
		row, err := parseLink(v)
		if err != nil {
			return err
		}
		if row.crossing == NotCrossing && events.StrengthOf(kind) == events.Unique {
			out = append(out, events.Handle(k[21:]))
		}
		if len(out) >= most {
			return inventory.ErrStop
		}
		return nil
	})
	return out, err
}

// Witnesses lists the handles whose links rest on one of some events. It reads
// every link of the map.
func Witnesses(r inventory.Scanner, ids map[inventory.Mark]struct{}) ([]events.Handle, error) {
	var out []events.Handle
	err := r.Scan([]byte{FamilyLink}, nil, func(k, v []byte) error {
		if len(k) != 37 {
			return fmt.Errorf("read link row: key of %d bytes", len(k))
		}
		row, err := parseLink(v)
		if err != nil {
			return err
		}
		for i := range row.n {
			if _, ok := ids[row.seen[i].ID]; ok {
				out = append(out, events.Handle(k[1:17]), events.Handle(k[21:]))
			}
		}
		return nil
	})
	return out, err
}
