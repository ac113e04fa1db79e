package retention

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// An Order is what a person ordered about keeping or erasing, as an event.
type Order struct {
	Event    events.Event
	Position events.Position
	Recorded events.Instant
}

// The second byte of a row of an order.
const (
	placed   = 'h' // O h id16
	lifted   = 'l' // O l of16
	proposed = 'p' // O p id16
	approved = 'a' // O a of16
	intended = 'i' // O i handle16 of16 id16
)

func isOrder(k events.Kind) bool { return k >= events.HoldPlaced && k <= events.DisposalIntended }

func orderKey(e *events.Event) []byte {
	k := []byte{FamilyOrder}
	switch e.Kind {
	case events.HoldPlaced:
		return append(append(k, placed), e.ID[:]...)
	case events.HoldLifted:
		return append(append(k, lifted), e.Of[:]...)
	case events.DisposalProposed:
		return append(append(k, proposed), e.ID[:]...)
	case events.DisposalApproved:
		return append(append(k, approved), e.Of[:]...)
	case events.DisposalIntended:
		if len(e.Subject) > 0 {
			k = append(append(k, intended), e.Subject[0].Handle[:]...)
			return append(append(k, e.Of[:]...), e.ID[:]...)
		}
	}
	return nil
}

// order keeps the event. Of two that say the same of one thing, as when a hold
// is lifted twice, the first in the journal stands.
func order(b inventory.Batch, r *events.Recorded) error {
	key := orderKey(&r.Event)
	if key == nil {
		return nil
	}
	_, ok, err := b.Get(key)
	if err != nil {
		return fmt.Errorf("read order row: %w", err)
	}
	if ok {
		return nil
	}
	b.Set(key, events.AppendEvent(appendHead(nil, r.Position, r.At), &r.Event, b))
	return nil
}

// appendHead writes when and where the order was recorded.
func appendHead(b []byte, p events.Position, at events.Instant) []byte {
	b = binary.AppendUvarint(b, uint64(p.Generation))
	b = binary.AppendUvarint(b, p.Seq)
	b = binary.AppendUvarint(b, uint64(p.Index))
	return binary.AppendVarint(b, int64(at))
}

func parseOrder(n events.Names, k, v []byte) (Order, error) {
	bad := func(why error) (Order, error) {
		return Order{}, fmt.Errorf("read order row of %d bytes: %w", len(v), why)
	}
	var nums [3]uint64
	whole := v
	for i := range nums {
		x, used := binary.Uvarint(v)
		if used <= 0 || (i != 1 && x > 1<<32-1) {
			return bad(errors.New("its form is broken"))
		}
		nums[i], v = x, v[used:]
	}
	at, used := binary.Varint(v)
	if used <= 0 {
		return bad(errors.New("its form is broken"))
	}
	o := Order{Position: events.Position{Generation: uint32(nums[0]), Seq: nums[1], Index: uint32(nums[2])}, Recorded: events.Instant(at)}
	if head := appendHead(nil, o.Position, o.Recorded); !bytes.HasPrefix(whole, head) || len(head) != len(whole)-len(v)+used {
		return bad(errors.New("its form is broken")) // a number not in its shortest form
	}
	if err := events.DecodeEvent(v[used:], &o.Event, n); err != nil {
		return bad(err)
	}
	if own := orderKey(&o.Event); own == nil || !bytes.Equal(own, k) {
		return bad(errors.New("it does not stand under its key"))
	}
	return o, nil
}

// A Hold is a hold as it was placed, and its end if it has one.
type Hold struct {
	Order
	Lifted *Order
}

// Holds lists every hold that was ever placed, in the order of their ids.
func Holds(r inventory.Reader) ([]Hold, error) {
	ends, err := byOf(r, lifted)
	if err != nil {
		return nil, err
	}
	list, err := orders(r, []byte{FamilyOrder, placed})
	if err != nil {
		return nil, err
	}
	out := make([]Hold, len(list))
	for i, o := range list {
		out[i] = Hold{Order: o, Lifted: ends[o.Event.ID]}
	}
	return out, nil
}

// Named reports whether a hold that stands names the handle: without it the hold
// would reach nobody.
func Named(r inventory.Reader, h events.Handle) (bool, error) {
	list, err := Holds(r)
	if err != nil {
		return false, err
	}
	for i := range list {
		e := &list[i].Event
		if list[i].Lifted == nil && (e.Item.Handle == h || len(e.Subject) > 0 && e.Subject[0].Handle == h) {
			return true, nil
		}
	}
	return false, nil
}

// A Disposal is a batch that was proposed, and how far it came.
type Disposal struct {
	Order
	Approved *Order
}

// Disposals lists every batch that was ever proposed, in the order of their ids.
func Disposals(r inventory.Reader) ([]Disposal, error) {
	agreed, err := byOf(r, approved)
	if err != nil {
		return nil, err
	}
	list, err := orders(r, []byte{FamilyOrder, proposed})
	if err != nil {
		return nil, err
	}
	out := make([]Disposal, len(list))
	for i, o := range list {
		out[i] = Disposal{Order: o, Approved: agreed[o.Event.ID]}
	}
	return out, nil
}

// Intents lists the erasures that were decided on for a handle.
func Intents(r inventory.Reader, h events.Handle) ([]Order, error) {
	return orders(r, append([]byte{FamilyOrder, intended}, h[:]...))
}

func byOf(r inventory.Reader, kind byte) (map[events.EventID]*Order, error) {
	list, err := orders(r, []byte{FamilyOrder, kind})
	out := make(map[events.EventID]*Order, len(list))
	for i := range list {
		out[list[i].Event.Of] = &list[i]
	}
	return out, err
}

func orders(r inventory.Reader, prefix []byte) (out []Order, err error) {
	err = r.Scan(prefix, nil, func(k, v []byte) error {
		o, err := parseOrder(r, k, v)
		if err == nil {
			out = append(out, o)
		}
		return err
	})
	return out, err
}
