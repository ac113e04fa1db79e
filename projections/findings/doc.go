// Package findings keeps what the list of findings cannot be worked out from
// otherwise: what people decided about findings, which bodies of codes were
// reported again after somebody said that a fault is mended, and whose history
// is worth reading because something was said that forbids or ends.
//
// It owns the rows of family W. It says nothing of rules: those run when
// somebody asks, over the bodies observed and the people watched, so a changed
// catalogue needs no other rows (I4: no catalogue and no clock in reach). Every
// row is a function of the events before it and is written in their transaction
// (I3), so the list is the same live, restarted and rebuilt.
package findings

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Family is the first byte of every row this package owns:
//
//	W d finding16 position16 -> recorded, the decision as an event
//	W m                      -> position of the last word that something is mended
//	W s body8                -> position at which the body, one of inventory.Noted.Reported, was
//	                            seen first after such a word
//	W w handle16             -> what was said of the handle that forbids or ends
const Family = 'W'

const (
	rowDecision = 'd'
	rowMended   = 'm'
	rowSeen     = 's'
	rowWatched  = 'w'
)

// Version is raised whenever rows would be written or read differently.
const Version = 2

// A Watch is what was said of a handle: a set.
type Watch uint8

const (
	Objected Watch = 1 << iota
	Withdrawn
	RestrictedUse
	// Erased: something was reported of somebody who had been erased.
	Erased
	allWatches = 1<<iota - 1
)

func watchOf(e *events.Event) (w Watch) {
	switch e.Kind {
	case events.ObjectionMade:
		w = Objected
	case events.ConsentWithdrawn:
		w = Withdrawn
	case events.RestrictionSet:
		w = RestrictedUse
	}
	if e.Flags&(events.Resurrection|events.Late) != 0 {
		w |= Erased
	}
	return w
}

func key(row byte, parts ...[]byte) []byte {
	k := []byte{Family, row}
	for _, p := range parts {
		k = append(k, p...)
	}
	return k
}

func positionBytes(p events.Position) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 16), p.Generation)
	b = binary.BigEndian.AppendUint64(b, p.Seq)
	return binary.BigEndian.AppendUint32(b, p.Index)
}

func parsePosition(b []byte) (events.Position, error) {
	if len(b) != 16 {
		return events.Position{}, errForm
	}
	return events.Position{Generation: binary.BigEndian.Uint32(b), Seq: binary.BigEndian.Uint64(b[4:]), Index: binary.BigEndian.Uint32(b[12:])}, nil
}

var errForm = errors.New("its form is broken")

// CheckRow reads one row of this package and says what is wrong with it.
func CheckRow(n events.Names, k, v []byte) error {
	if len(k) < 2 {
		return errForm
	}
	switch k[1] {
	case rowDecision:
		_, err := parseDecision(n, k, v)
		return err
	case rowMended:
		_, err := parsePosition(v)
		if len(k) != 2 {
			err = errForm
		}
		return err
	case rowSeen:
		_, err := parsePosition(v)
		if len(k) != 10 {
			err = errForm
		}
		return err
	case rowWatched:
		_, _, err := parseWatched(k, v)
		return err
	}
	return fmt.Errorf("no row of findings begins with %d", k[1])
}

// A Batch is the transaction that rows are written in.
type Batch = inventory.Batch
