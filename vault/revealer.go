package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// A Revealer gives identifiers back. Few may hold one, and they record each
// look before they take it (I7).
type Revealer struct{ v *Vault }

// Revealer returns the half of the vault that shows.
func (v *Vault) Revealer() *Revealer { return &Revealer{v} }

// A RevealOption widens what Reveal shows.
type RevealOption func(*revealing)

type revealing struct{ retired bool }

// ForTasks reveals retired pairs too: the tasks of an erasure under way must
// tell a system whom to erase, and nobody else needs them.
func ForTasks() RevealOption { return func(r *revealing) { r.retired = true } }

// Reveal returns the identifiers behind handles, as the systems sent them. A
// handle that is unknown, forgotten or (without ForTasks) retired is not in the
// answer.
func (r *Revealer) Reveal(ctx context.Context, handles []events.Handle, options ...RevealOption) (map[events.Handle]events.Identifier, error) {
	var opt revealing
	for _, o := range options {
		o(&opt)
	}
	out := make(map[events.Handle]events.Identifier, len(handles))
	err := r.v.view(func(x *index.Reader) error {
		for _, h := range handles {
			if err := ctx.Err(); err != nil {
				return err
			}
			slot, s, err := r.v.slotAt(x, h)
			if err != nil {
				return err
			}
			if s == nil || s.State == index.Retired && !opt.retired {
				continue
			}
			e, err := r.v.openHandle(h, slot, s.Sealed)
			if err := ignoreGone(err); err != nil {
				return err
			}
			if e != nil {
				out[h] = e.value()
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reveal handles: %w", err)
	}
	return out, nil
}

// slotAt is slotOf with the help of what is in memory. Slots are never reused, so
// one that names the handle is its slot.
func (v *Vault) slotAt(x *index.Reader, h events.Handle) (uint64, *index.Slot, error) {
	if who, ok := v.handles.get(digest(h)); ok {
		s, ok, err := x.Slot(who.slot)
		if err != nil || ok && s.ID == h {
			return who.slot, s, err
		}
	}
	return slotOf(x, h)
}

// slotOf finds the slot of a handle; nil if it has none.
func slotOf(x *index.Reader, h events.Handle) (uint64, *index.Slot, error) {
	slot, ok, err := x.Handle(h)
	if err != nil || !ok {
		return 0, nil, err
	}
	s, ok, err := x.Slot(slot)
	if err != nil || !ok {
		return 0, nil, err
	}
	return slot, s, nil
}

// ignoreGone treats an entry whose key was punctured a moment ago as forgotten.
func ignoreGone(err error) error {
	if errors.Is(err, errGone) {
		return nil
	}
	return err
}
