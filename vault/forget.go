package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
)

// A ForgetGuard is asked before anything is forgotten. Fence returns once every
// frame that was resolved before the call is in the journal and applied. Living
// reports whether anything still lives under a handle at that position: a
// holding, a hold, an open case, task or recent disclosure. Both are needed.
type ForgetGuard struct {
	Fence  func(ctx context.Context) error
	Living func(ctx context.Context, h events.Handle) (bool, error)
}

// A Forgotten says what Forget did. Living handles were kept, retired: something
// lives under them, and a person must look.
type Forgotten struct {
	Forgotten, Living []events.Handle
}

// Forget removes pairs for good: after it nothing here finds or opens them, and
// after the next rotation nothing anywhere can. The order matters: retire durably
// (I9), fence, look again for anything that still needs it (I10), puncture the key
// table, record it, give the rows fresh keys, purge the index, look (I8). A crash at
// any point is finished by Open, or leaves the pair retired; calling again is
// fine. Handles that are unknown or forgotten count as forgotten.
func (v *Vault) Forget(ctx context.Context, handles []events.Handle, guard ForgetGuard) (Forgotten, error) {
	v.keysMu.Lock()
	defer v.keysMu.Unlock()
	done, err := v.forget(ctx, handles, guard, forErasure)
	if err != nil {
		return done, fmt.Errorf("forget %d handles: %w", len(handles), err)
	}
	return done, nil
}

func (v *Vault) forget(ctx context.Context, handles []events.Handle, guard ForgetGuard, why reason) (Forgotten, error) {
	var done Forgotten
	if guard.Fence == nil || guard.Living == nil {
		return done, errors.New("want a guard with Fence and Living")
	}
	// Retired in log and ledger before anything is destroyed (I9).
	if err := v.retire(ctx, handles, why); err != nil {
		return done, err
	}
	// The fence runs outside the writer: what it waits for may need the writer.
	if err := guard.Fence(ctx); err != nil {
		return done, fmt.Errorf("wait for what was resolved earlier: %w", err)
	}
	var dead []events.Handle
	// Nothing goes while something needs it (I10): asked behind the fence, so
	// that no event on its way to the journal is missed.
	for _, h := range handles {
		living, err := guard.Living(ctx, h)
		if err != nil {
			return done, fmt.Errorf("look for what lives under a handle: %w", err)
		}
		if living {
			done.Living = append(done.Living, h)
		} else {
			dead = append(dead, h)
		}
	}
	return done, v.do(ctx, func() error {
		// A swept pair may have been observed, and so revived, in the meantime.
		slots, err := v.slotsOf(ctx, dead, func(s *index.Slot) bool { return s.State == stateFor(why) })
		if err != nil {
			return err
		}
		if len(slots) > 0 {
			if err := v.forgetSlots(ctx, slots, fromHere); err != nil {
				return err
			}
		}
		return v.divide(ctx, dead, &done)
	})
}

// divide tells the handles that are gone from those that were observed in the
// meantime and so live. Forgotten is what this look did not find (I8), never
// what was merely done.
func (v *Vault) divide(ctx context.Context, handles []events.Handle, done *Forgotten) error {
	for part := range slices.Chunk(handles, atOnce) {
		if err := v.ix.View(func(x *index.Reader) error {
			for _, h := range part {
				_, s, err := slotOf(x, h)
				if err != nil {
					return err
				}
				if s != nil {
					done.Living = append(done.Living, h)
				} else {
					done.Forgotten = append(done.Forgotten, h)
				}
			}
			return nil
		}); err != nil {
			return err
		}
		v.serve(ctx)
	}
	return nil
}

// origin says who decided to forget, and so who has to be told.
type origin uint8

const (
	fromHere   origin = iota // tell log and ledger
	fromLog                  // another process; tell the ledger
	fromLedger               // a restore; tell the log
)

// forgetDue follows what the log says that others forgot. The caller is the
// writer.
func (v *Vault) forgetDue(ctx context.Context) error {
	var slots []uint64
	if err := v.ix.View(func(x *index.Reader) error {
		return x.EachDue(func(slot uint64) error {
			slots = append(slots, slot)
			return nil
		})
	}); err != nil {
		return err
	}
	if len(slots) > 0 {
		if err := v.forgetSlots(ctx, slots, fromLog); err != nil {
			return err
		}
	}
	v.due = false
	return nil
}

// forgetSlots forgets slots of any purpose, ascending. The caller is the
// writer. What fails after the key table has changed stops the vault: Open
// finishes it.
func (v *Vault) forgetSlots(ctx context.Context, slots []uint64, from origin) error {
	v.tableMu.Lock()
	defer v.tableMu.Unlock()
	depth := bucketDepth(v.meta.Counts.Rows)
	prefixes, err := v.bucketsOf(ctx, slots, depth)
	if err != nil {
		return err
	}
	c := &keys.Change{NextSlot: max(v.meta.NextSlot, slots[len(slots)-1]+1), Punctured: slots}
	a := keys.Applied{Change: c}
	for _, p := range prefixes {
		r := keys.Rekey{Depth: depth, Prefix: p}
		if err := v.random.fill(r.Key[:]); err != nil {
			return fmt.Errorf("draw a key: %w", err)
		}
		c.Rekeyed = append(c.Rekeyed, r)
		a.Former = append(a.Former, v.table.Routes.Under(depth, p))
	}
	// From here on the slots are gone. A crash leaves log, ledger and index
	// behind the key table; Open finds the change there and finishes.
	if err := v.dir.Append(c); err != nil {
		if errors.Is(err, keys.ErrDamaged) {
			return v.fail(err)
		}
		return err
	}
	if err := v.recordForgotten(context.WithoutCancel(ctx), slots, from); err != nil {
		return v.fail(err)
	}
	if err := v.moveFor(context.WithoutCancel(ctx), a); err != nil {
		return v.fail(err)
	}
	return v.purge(context.WithoutCancel(ctx), c)
}

// bucketsOf lists the parts of the index in which the slots have rows.
func (v *Vault) bucketsOf(ctx context.Context, slots []uint64, depth uint8) ([]uint64, error) {
	var prefixes []uint64
	for part := range slices.Chunk(slots, atOnce) {
		if len(prefixes) > 0 {
			v.serve(ctx)
		}
		if err := v.ix.View(func(x *index.Reader) error {
			for _, slot := range part {
				d, ok, err := v.digestOfSlot(x, slot)
				if err != nil {
					return err
				}
				if ok {
					prefixes = append(prefixes, routeOf(d)>>(keys.RouteBits-depth))
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	slices.Sort(prefixes)
	return slices.Compact(prefixes), nil
}

// digestOfSlot is the digest of the row that a slot stands in. Notes stand in
// none, and neither does what has no key any more.
func (v *Vault) digestOfSlot(x *index.Reader, slot uint64) (digest, bool, error) {
	s, ok, err := x.Slot(slot)
	if err != nil || !ok {
		return digest{}, false, err
	}
	switch s.Purpose {
	case index.Entry:
		e, err := v.openEntry(slot, s.Sealed)
		if err != nil {
			return digest{}, false, ignoreGone(err)
		}
		return v.digestOf(e), true, nil
	case index.Suppression:
		d, _, err := v.openSuppression(slot, s.Sealed)
		if err != nil {
			return digest{}, false, ignoreGone(err)
		}
		return d, true, nil
	}
	return digest{}, false, nil
}

// recordForgotten tells the ledger and the log, each unless it told us.
func (v *Vault) recordForgotten(ctx context.Context, slots []uint64, from origin) error {
	for part := range slices.Chunk(slots, groupSize) {
		rec := (&record{kind: recForgotten, slots: part}).append(nil)
		if from != fromLedger {
			if err := v.remember(rec); err != nil {
				return err
			}
		}
		if from == fromLog {
			continue
		}
		if err := v.write(ctx, func(*index.Batch) ([][]byte, error) { return [][]byte{rec}, nil }, nil); err != nil {
			return err
		}
		v.serve(ctx)
	}
	return nil
}

// purge removes the slots of a change from the index and takes note that the
// index has seen it.
func (v *Vault) purge(ctx context.Context, c *keys.Change) error {
	if err := v.cfg.Step("vault: purge"); err != nil {
		return v.fail(err)
	}
	b := v.ix.Begin(v.meta)
	for i, slot := range c.Punctured {
		if i > 0 && i%replayBatch == 0 {
			if err := v.commit(b); err != nil {
				return err
			}
			v.serve(ctx)
			b = v.ix.Begin(v.meta)
		}
		if err := v.purgeSlot(b, slot); err != nil {
			b.Discard()
			return v.fail(err)
		}
	}
	b.Meta.Table = max(b.Meta.Table, c.Seq)
	b.Meta.NextSlot = max(b.Meta.NextSlot, c.NextSlot)
	return v.commit(b)
}

func (v *Vault) purgeSlot(b *index.Batch, slot uint64) error {
	known, err := b.Forgotten(slot)
	if err != nil {
		return err
	}
	s, err := b.Forget(slot)
	if err != nil {
		return err
	}
	n := &b.Meta.Counts
	if !known {
		n.Forgotten++
	}
	if s == nil {
		return nil
	}
	switch s.Purpose {
	case index.Entry:
		v.handles.drop(s.ID)
		n.Entries--
		if s.State == index.Retired {
			n.Retired--
		}
	case index.Note:
		n.Notes--
	case index.Suppression:
		n.Suppressions--
	}
	return nil
}

// finishForget tells log and ledger of a change that a crash cut off from them,
// and purges the index.
func (v *Vault) finishForget(ctx context.Context, c *keys.Change) error {
	var untold []uint64
	err := v.ix.View(func(x *index.Reader) error {
		for _, slot := range c.Punctured {
			known, err := x.Forgotten(slot)
			if err != nil {
				return err
			}
			if !known {
				untold = append(untold, slot)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(untold) > 0 {
		if err := v.recordForgotten(ctx, untold, fromHere); err != nil {
			return err
		}
	}
	return v.purge(ctx, c)
}
