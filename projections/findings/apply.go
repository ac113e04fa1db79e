package findings

import (
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// An Applier writes the rows of events. One goroutine owns it.
type Applier struct {
	mended events.Position     // of the last word that something is mended; zero: none
	seen   map[uint64]struct{} // bodies seen since then
}

// NewApplier returns an applier that continues from what r holds.
func NewApplier(r inventory.Scanner) (*Applier, error) {
	a := &Applier{seen: map[uint64]struct{}{}}
	err := r.Scan(key(rowMended), nil, func(_, v []byte) (err error) {
		a.mended, err = parsePosition(v)
		return err
	})
	if err == nil {
		err = r.Scan(key(rowSeen), nil, func(k, v []byte) error {
			at, err := parsePosition(v)
			if err != nil || len(k) != 10 {
				return errForm
			}
			if at.Compare(a.mended) > 0 {
				a.seen[binary.BigEndian.Uint64(k[2:])] = struct{}{}
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read the rows of findings: %w", err)
	}
	return a, nil
}

// Apply writes what the event says; it has passed inventory.Check, and noted is
// what the inventory made of it.
func (a *Applier) Apply(b Batch, r *events.Recorded, noted inventory.Noted) error {
	if r.Kind == events.FindingDecided {
		a.decide(b, r)
		return nil
	}
	if !noted.Changed || len(r.Subject) == 0 {
		return nil
	}
	if !a.mended.IsZero() {
		for _, body := range noted.Reported {
			a.see(b, body, r.Position)
		}
	}
	return watch(b, r)
}

// decide keeps a decision. From one that says mended on, bodies are noted again
// when they are seen.
func (a *Applier) decide(b Batch, r *events.Recorded) {
	b.Set(key(rowDecision, r.Digest[:], positionBytes(r.Position)), appendDecision(nil, r, b))
	if r.Why == events.FindingResolved {
		a.mended = r.Position
		clear(a.seen)
		b.Set(key(rowMended), positionBytes(r.Position))
	}
}

// see notes that a body was reported after something was said to be mended: one
// row for each body and word, whatever the number of reports.
func (a *Applier) see(b Batch, body uint64, at events.Position) {
	if _, ok := a.seen[body]; ok {
		return
	}
	a.seen[body] = struct{}{}
	b.Set(key(rowSeen, binary.BigEndian.AppendUint64(nil, body)), positionBytes(at))
}

func watch(b Batch, r *events.Recorded) error {
	w := watchOf(&r.Event)
	if w == 0 {
		return nil
	}
	h := r.Subject[0].Handle
	k := key(rowWatched, h[:])
	v, ok, err := b.Get(k)
	if err != nil {
		return fmt.Errorf("read watched row: %w", err)
	}
	if ok {
		_, old, err := parseWatched(k, v)
		if err != nil {
			return err
		}
		if w |= old; w == old {
			return nil
		}
	}
	b.Set(k, []byte{byte(w)})
	return nil
}

func parseWatched(k, v []byte) (h events.Handle, w Watch, err error) {
	if len(k) != 18 || len(v) != 1 || v[0] == 0 || v[0] > allWatches {
		return h, 0, fmt.Errorf("read watched row of %d bytes: %w", len(v), errForm)
	}
	return events.Handle(k[2:]), Watch(v[0]), nil
}
