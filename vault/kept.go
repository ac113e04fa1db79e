package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// maxKept is the greatest length of a kept note, and of all that go into one frame
// of the log.
const maxKept = notePart

// keptOverhead is more than what sealing adds to a note.
const keptOverhead = 128

// Keep seals notes that the restore ledger remembers too: a word of a person that
// must hold although a backup from before it is brought back. Each has a key of its
// own and ends with Shred. They are durable on return, in the log and in the
// ledger.
func (v *Vault) Keep(ctx context.Context, bodies ...[]byte) ([]events.EventID, error) {
	ids := make([]events.EventID, len(bodies))
	for i, b := range bodies {
		if len(b) > maxKept {
			return nil, fmt.Errorf("keep a note of %d bytes, want at most %d: %w", len(b), maxKept, ErrTooLong)
		}
		if err := v.random.fill(ids[i][:]); err != nil {
			return nil, fmt.Errorf("draw a note id: %w", err)
		}
	}
	for from, to := 0, 0; from < len(bodies); from = to {
		size := 0
		for to = from; to < len(bodies) && (to == from || size+len(bodies[to]) <= maxKept); to++ {
			size += len(bodies[to]) + keptOverhead
		}
		if err := v.take(ctx, v.keeping(size, ids[from:to], bodies[from:to])); err != nil {
			return nil, fmt.Errorf("keep notes: %w", err)
		}
	}
	return ids, nil
}

// keeping seals a group.
func (v *Vault) keeping(size int, ids []events.EventID, bodies [][]byte) *step {
	var made [][]byte
	return &step{size: size, build: func(b *index.Batch) ([][]byte, error) {
		var fresh [][]byte
		for i, body := range bodies {
			rec, err := v.sealNote(b, ids[i], body)
			if err != nil {
				return nil, err
			}
			fresh = append(fresh, rec...)
		}
		if len(fresh) > 0 {
			made = fresh // nothing is made where an attempt of unknown outcome was saved
		}
		return fresh, nil
	}, kept: func() [][]byte { return made }}
}

// EachKept calls fn for every kept note that was not shredded, oldest first, as the
// ledger has them.
func (v *Vault) EachKept(ctx context.Context, fn func(id events.EventID, at events.Instant, body []byte) error) error {
	if err := v.enter(); err != nil {
		return err
	}
	defer v.leave()
	err := v.ledger.Each(0, func(at events.Instant, raw []byte) error {
		r, err := decodeRecord(slices.Clone(raw))
		if err != nil || r.kind != recSealed || r.purpose != index.Note {
			return errors.Join(err, ctx.Err())
		}
		plain, err := v.openNotePart(r.slot, r.part, r.parts, r.sealed)
		if err != nil {
			return ignoreGone(err)
		}
		return fn(events.EventID(plain[:16]), at, plain[16:])
	})
	if err != nil {
		return fmt.Errorf("read what the restore ledger keeps: %w", err)
	}
	return nil
}

// keepAgain brings back a kept note that the ledger has and the vault has not, so
// that it can be shredded like any other.
func (v *Vault) keepAgain(ctx context.Context, r *record) (int, error) {
	there, err := v.hasSlot(r.slot)
	if err != nil || there {
		return 0, err
	}
	return 1, v.write(ctx, func(b *index.Batch) ([][]byte, error) {
		b.Meta.NextSlot = max(b.Meta.NextSlot, r.slot+1)
		return [][]byte{r.append(nil)}, v.putNotePart(b, r)
	}, nil)
}

func (v *Vault) hasSlot(slot uint64) (there bool, err error) {
	err = v.ix.View(func(x *index.Reader) (err error) {
		_, there, err = x.Slot(slot)
		return err
	})
	return there, err
}
