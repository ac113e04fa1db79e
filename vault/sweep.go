package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// A PairInfo says what a pair is without saying whose.
type PairInfo struct {
	Slot      uint64
	Handle    events.Handle
	System    events.Code
	Kind      events.Code
	State     index.State
	Allocated events.Instant
}

// Each calls fn for every pair in the order of slots. It reads one snapshot. fn
// may return index.ErrStop to end early.
func (v *Vault) Each(ctx context.Context, fn func(PairInfo) error) error {
	return v.each(ctx, 0, fn)
}

func (v *Vault) each(ctx context.Context, from uint64, fn func(PairInfo) error) error {
	return v.view(func(x *index.Reader) error {
		return x.EachSlot(from, func(slot uint64, s *index.Slot) error {
			if s.Purpose != index.Entry {
				return nil
			}
			if slot%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			return fn(PairInfo{slot, s.ID, s.System, s.Kind, s.State, s.Allocated})
		})
	})
}

// sweepBatch is how many pairs are forgotten together. No allocation passes
// between the last look at them and the loss of their keys: it could revive one.
const sweepBatch = atOnce

// A Swept says what Sweep did.
type Swept struct{ Looked, Forgotten, Revived, Expired int }

// Sweep forgets the pairs allocated before olderThan ago under which nothing
// lives, because an identifier that nothing needs must not be kept, and lists and ledger records whose period has ended. A
// pair that is observed while it is swept is kept. Nobody asked for these to be
// erased, so their return is no resurrection. It goes through all pairs: run it
// hourly or less often.
func (v *Vault) Sweep(ctx context.Context, guard ForgetGuard, olderThan time.Duration) (Swept, error) {
	v.keysMu.Lock()
	defer v.keysMu.Unlock()
	var done Swept
	err := v.sweep(ctx, guard, v.now()-events.Instant(olderThan.Microseconds()), &done)
	if err == nil {
		done.Expired, err = v.expire(ctx)
	}
	if err != nil {
		return done, fmt.Errorf("sweep: %w", err)
	}
	return done, nil
}

func (v *Vault) sweep(ctx context.Context, guard ForgetGuard, before events.Instant, done *Swept) error {
	if guard.Fence == nil || guard.Living == nil {
		return errors.New("want a guard with Fence and Living")
	}
	for from, end := uint64(0), false; !end; {
		var dead []events.Handle
		end = true
		// Collected first: what is asked may take long, and a snapshot that is held
		// keeps old rows from being reclaimed.
		candidates := make([]PairInfo, 0, sweepBatch)
		err := v.each(ctx, from, func(p PairInfo) error {
			from = p.Slot + 1
			if p.State == index.Retired || p.Allocated >= before {
				return nil
			}
			if candidates = append(candidates, p); len(candidates) == sweepBatch {
				end = false
				return index.ErrStop
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, p := range candidates {
			living, err := guard.Living(ctx, p.Handle)
			if err != nil {
				return fmt.Errorf("look for what lives under a handle: %w", err)
			}
			if !living || p.State == index.Swept {
				dead = append(dead, p.Handle)
			}
		}
		done.Looked += len(candidates)
		if err := v.sweepOut(ctx, guard, dead, done); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) sweepOut(ctx context.Context, guard ForgetGuard, dead []events.Handle, done *Swept) error {
	if len(dead) == 0 {
		return nil
	}
	f, err := v.forget(ctx, dead, guard, forSweep)
	if err != nil {
		return err
	}
	done.Forgotten += len(f.Forgotten)
	done.Revived += len(f.Living)
	return v.do(ctx, func() error {
		slots, err := v.slotsOf(ctx, f.Living, func(s *index.Slot) bool { return s.State == index.Swept })
		if err != nil || len(slots) == 0 {
			return err
		}
		return v.reviveSlots(ctx, slots)
	})
}

// expire forgets suppressions whose period has ended and notes that a crash cut
// off, and drops from the ledger what no backup that may be restored still needs.
func (v *Vault) expire(ctx context.Context) (int, error) {
	var over []uint64
	now := v.now()
	err := v.view(func(x *index.Reader) error {
		return x.EachSlot(0, func(slot uint64, s *index.Slot) error {
			ended, err := v.ended(x, slot, s, now)
			if ended {
				over = append(over, slot)
			}
			return errors.Join(err, ctx.Err())
		})
	})
	if err != nil {
		return 0, err
	}
	if err := v.forgetNow(ctx, over); err != nil {
		return 0, err
	}
	n := 0
	err = v.do(ctx, func() (err error) {
		n, err = v.compactLedger(now - events.Instant(v.cfg.LedgerPeriod.Microseconds()))
		return err
	})
	return len(over) + n, err
}

// ended reports whether a slot is a suppression whose period has passed, or a
// note that a crash cut off.
func (v *Vault) ended(x *index.Reader, slot uint64, s *index.Slot, now events.Instant) (bool, error) {
	switch s.Purpose {
	case index.Note:
		_, ok, err := x.Note(s.ID)
		return !ok && err == nil, err
	case index.Suppression:
		_, sup, err := v.openSuppression(slot, s.Sealed)
		if err != nil {
			return false, ignoreGone(err)
		}
		return !sup.holds(now), nil
	}
	return false, nil
}

// compactLedger drops what was entered before a time, but for suppressions that
// still hold. The caller is the writer.
func (v *Vault) compactLedger(before events.Instant) (int, error) {
	keep := func(at events.Instant, body []byte) bool {
		r, err := decodeRecord(body)
		if err != nil {
			return true // whoever replays it says what is wrong
		}
		if r.kind == recSealed {
			return !v.table.Entries.Punctured(r.slot)
		}
		return at >= before
	}
	n := 0
	if err := v.ledger.Each(0, func(at events.Instant, body []byte) error {
		if !keep(at, slices.Clone(body)) {
			n++
		}
		return nil
	}); err != nil || n == 0 {
		return 0, err
	}
	// The mark into the ledger goes first: a crash in between makes Open replay
	// all of it, which changes nothing.
	b := v.ix.Begin(v.meta)
	b.Meta.Ledger = 0
	if err := v.commit(b); err != nil {
		return 0, err
	}
	size, n, err := v.ledger.Compact(keep)
	if err != nil {
		return 0, v.fail(err)
	}
	b = v.ix.Begin(v.meta)
	b.Meta.Ledger = uint64(size)
	return n, v.commit(b)
}
