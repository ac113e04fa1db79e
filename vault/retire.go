package vault

import (
	"context"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// Retire takes pairs out of look-ups because their erasure was approved: Find
// and Resolve no longer see them, the next observation gets a fresh handle, and
// only Reveal with ForTasks shows them, and only they need to. It is durable on return. A
// pair that is retired or forgotten already is left as it is.
func (v *Vault) Retire(ctx context.Context, handles ...events.Handle) error {
	v.keysMu.Lock()
	defer v.keysMu.Unlock()
	return v.retire(ctx, handles, forErasure)
}

func (v *Vault) retire(ctx context.Context, handles []events.Handle, why reason) error {
	err := v.do(ctx, func() error {
		slots, err := v.slotsOf(ctx, handles, func(s *index.Slot) bool { return s.State == index.Live || why == forErasure && s.State == index.Swept })
		if err != nil || len(slots) == 0 {
			return err
		}
		return v.retireSlots(ctx, slots, why, v.now(), why == forErasure)
	})
	if err != nil {
		return fmt.Errorf("retire %d handles: %w", len(handles), err)
	}
	return nil
}

// slotsOf lists the slots of those handles whose slot passes, ascending. The
// caller is the writer; long lists let allocations pass in between, so only the
// last thousand are sure to pass still.
func (v *Vault) slotsOf(ctx context.Context, handles []events.Handle, pass func(*index.Slot) bool) ([]uint64, error) {
	var slots []uint64
	for part := range slices.Chunk(handles, atOnce) {
		if len(slots) > 0 {
			v.serve(ctx)
		}
		if err := v.ix.View(func(x *index.Reader) error {
			for _, h := range part {
				slot, s, err := slotOf(x, h)
				if err != nil {
					return err
				}
				if s != nil && pass(s) {
					slots = append(slots, slot)
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	slices.Sort(slots)
	return slices.Compact(slots), nil
}

// atOnce is how many slots are looked at before allocations may pass.
const atOnce = 1000

// retireSlots enters the record in the ledger if it must survive a restore,
// appends it to the log and changes the index. The caller is the writer.
func (v *Vault) retireSlots(ctx context.Context, slots []uint64, why reason, at events.Instant, remember bool) error {
	touched := map[digest]bool{}
	defer v.dropRows(touched)
	for part := range slices.Chunk(slots, groupSize) {
		rec := (&record{kind: recRetired, reason: why, at: at, slots: part}).append(nil)
		if remember {
			// A crash between ledger and log is finished by Open, which replays the
			// end of the ledger: the erasure was approved.
			if err := v.remember(rec); err != nil {
				return err
			}
		}
		err := v.write(ctx, func(b *index.Batch) ([][]byte, error) {
			for _, slot := range part {
				if err := v.setState(b, slot, stateFor(why), at, touched); err != nil {
					return nil, err
				}
			}
			return [][]byte{rec}, nil
		}, nil)
		if err != nil {
			return err
		}
		v.dropRows(touched)
		v.serve(ctx)
	}
	return nil
}

func (v *Vault) dropRows(touched map[digest]bool) {
	for d := range touched {
		v.dropRow(d)
	}
}

// remember enters records of the log in the restore ledger. The caller is the
// writer.
func (v *Vault) remember(rec ...[]byte) error {
	if err := v.cfg.Step("vault: ledger"); err != nil {
		return v.fail(err)
	}
	size, err := v.ledger.Append(v.now(), rec...)
	if err != nil {
		return v.fail(err)
	}
	v.meta.Ledger = uint64(size)
	return nil
}

// revive takes a swept pair back because it was observed again.
func (v *Vault) revive(b *index.Batch, slot uint64) ([]byte, error) {
	if err := v.setState(b, slot, index.Live, v.now(), map[digest]bool{}); err != nil {
		return nil, err
	}
	return (&record{kind: recRevived, slots: []uint64{slot}}).append(nil), nil
}

// reviveSlots takes swept pairs back. The caller is the writer.
func (v *Vault) reviveSlots(ctx context.Context, slots []uint64) error {
	touched := map[digest]bool{}
	defer v.dropRows(touched)
	return v.write(ctx, func(b *index.Batch) ([][]byte, error) {
		for _, slot := range slots {
			if err := v.setState(b, slot, index.Live, v.now(), touched); err != nil {
				return nil, err
			}
		}
		return [][]byte{(&record{kind: recRevived, slots: slots}).append(nil)}, nil
	}, nil)
}
