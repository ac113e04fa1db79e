package vault

import (
	"context"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// A Restored counts what Restore did.
// Suppressed counts the kept notes as well.
type Restored struct{ Records, Retired, Forgotten, Suppressed int }

// Restore replays the whole restore ledger: what had been retired, forgotten or
// suppressed is so again. It changes nothing in a vault that is up to date, and
// may be called again after a crash.
func (v *Vault) Restore(ctx context.Context) (Restored, error) {
	v.keysMu.Lock()
	defer v.keysMu.Unlock()
	var done Restored
	err := v.do(ctx, func() (err error) {
		done, err = v.replayLedger(ctx, 0)
		return err
	})
	if err != nil {
		return done, fmt.Errorf("restore the vault: %w", err)
	}
	return done, nil
}

// replayLedger applies the records of the ledger that end after so many bytes.
// The caller is the writer.
func (v *Vault) replayLedger(ctx context.Context, after uint64) (Restored, error) {
	var done Restored
	var retire, forget, suppress []*record
	last := v.meta.NextSlot
	err := v.ledger.Each(int64(after), func(_ events.Instant, body []byte) error {
		r, err := decodeRecord(slices.Clone(body))
		if err != nil {
			return fmt.Errorf("restore ledger: %w", err)
		}
		done.Records++
		switch r.kind {
		case recRetired:
			retire = append(retire, r)
		case recForgotten:
			forget = append(forget, r)
		case recSealed:
			suppress = append(suppress, r)
			last = max(last, r.slot+1)
		default:
			return fmt.Errorf("restore ledger: a record of kind %d does not belong there", r.kind)
		}
		return nil
	})
	if err != nil {
		return done, err
	}
	v.meta.NextSlot = last
	// What was forgotten later needs no key now, so suppressions that expired
	// are not brought back first.
	var gone []uint64
	for _, r := range forget {
		gone = append(gone, r.slots...)
	}
	if done.Forgotten, err = v.forgetAgain(ctx, gone); err != nil {
		return done, err
	}
	for _, r := range suppress {
		again, err := v.suppressAgain(ctx, r)
		if err != nil {
			return done, err
		}
		done.Suppressed += again
	}
	for _, r := range retire {
		again, err := v.retireAgain(ctx, r)
		if err != nil {
			return done, err
		}
		done.Retired += again
	}
	if done.Retired+done.Forgotten+done.Suppressed > 0 {
		v.cfg.Logger.Warn("the restore ledger was ahead of the vault and has been replayed",
			"retired", done.Retired, "forgotten", done.Forgotten, "suppressed", done.Suppressed)
	}
	size, _ := v.ledger.Size()
	if v.meta.Ledger == uint64(size) {
		return done, nil
	}
	b := v.ix.Begin(v.meta)
	b.Meta.Ledger = uint64(size)
	return done, v.commit(b)
}

// forgetAgain forgets slots that are not forgotten here. Slots that the log has
// not reached are punctured all the same: they were given, and are gone.
func (v *Vault) forgetAgain(ctx context.Context, slots []uint64) (int, error) {
	var missing []uint64
	err := v.ix.View(func(x *index.Reader) error {
		for _, s := range slots {
			known, err := x.Forgotten(s)
			if err != nil {
				return err
			}
			if !known {
				missing = append(missing, s)
			}
		}
		return nil
	})
	if err != nil || len(missing) == 0 {
		return 0, err
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	return len(missing), v.forgetSlots(ctx, missing, fromLedger)
}

func (v *Vault) retireAgain(ctx context.Context, r *record) (int, error) {
	var open []uint64
	err := v.ix.View(func(x *index.Reader) error {
		for _, slot := range r.slots {
			s, ok, err := x.Slot(slot)
			if err != nil {
				return err
			}
			if ok && s.Purpose == index.Entry && s.State == index.Live && s.Allocated <= r.at {
				open = append(open, slot)
			}
		}
		return nil
	})
	if err != nil || len(open) == 0 {
		return 0, err
	}
	return len(open), v.retireSlots(ctx, open, r.reason, r.at, false)
}

// Rebuild makes the index anew from the log. Callers wait meanwhile.
func (v *Vault) Rebuild(ctx context.Context) error {
	v.keysMu.Lock()
	defer v.keysMu.Unlock()
	err := v.do(ctx, func() error {
		v.routesMu.Lock() // no look-up sees an index that is half there
		defer v.routesMu.Unlock()
		ledger := v.meta.Ledger
		if err := v.clearIndex(); err != nil {
			return v.fail(err)
		}
		v.meta.NextSlot = max(v.meta.NextSlot, v.table.NextSlot)
		v.meta.Ledger = ledger
		if err := v.catchUp(context.WithoutCancel(ctx)); err != nil {
			return v.fail(err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rebuild the vault's index: %w", err)
	}
	return nil
}
