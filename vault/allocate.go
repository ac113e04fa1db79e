package vault

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
)

// allocate gives handles to the identifiers of a group of callers, in one frame
// where it fits: look again, append with the expected sequence,
// then commit the index. It goes on when one of them gives up: life is the
// writer's.
func (v *Vault) allocate(life context.Context, group []*job) {
	group = v.willing(group)
	var wants []*want
	for _, j := range group {
		wants = append(wants, j.wants...)
	}
	err := v.allocateAll(life, wants)
	for _, j := range group {
		j.done <- err
	}
}

// allocateAll settles wants in groups that fit one transaction of the index.
func (v *Vault) allocateAll(life context.Context, wants []*want) error {
	for part := range slices.Chunk(wants, groupSize) {
		if err := v.allocateSome(life, part); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) allocateSome(life context.Context, wants []*want) error {
	for _, w := range wants {
		if w.text != "" {
			continue
		}
		f, err := v.rules.Forms(w.id)
		if err != nil {
			return err // it had forms a moment ago
		}
		w.text = f[0].Text
	}
	touched := make(changes, len(wants))
	err := v.write(life, func(b *index.Batch) ([][]byte, error) {
		clear(touched) // nothing of an attempt before was committed
		records := make([][]byte, 0, len(wants))
		for _, w := range wants {
			rec, err := v.settle(b, w, touched)
			if err != nil {
				return nil, err
			}
			if rec != nil {
				records = append(records, rec)
			}
		}
		return records, nil
	}, nil)
	for d, r := range touched {
		if err != nil || r == nil {
			v.dropRow(d)
		} else {
			v.keepRow(r)
		}
	}
	return err
}

// changes are the rows that a batch has changed, as they are in it; nil for one
// that is to be read again.
type changes map[digest]*row

// settle looks for the pair again, under every version of the rule, and else
// makes it. It returns the record to append, if there is one.
func (v *Vault) settle(b *index.Batch, w *want, touched changes) ([]byte, error) {
	var erased events.Instant
	var newest *row
	for i := range w.forms {
		r, err := v.lookAgain(b, w, i, touched)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			newest = r
		}
		if r != nil {
			v.dropGone(r)
			if p := r.found(w.system); p != nil {
				*w.out = Resolved{Ref: events.Ref{Handle: p.handle, Kind: w.id.Kind}, Erased: p.erased}
				if p.state == index.Swept {
					touched[r.digest] = nil
					return v.revive(b, p.slot)
				}
				return nil, nil
			}
			erased = max(erased, r.retired(w.system))
		}
		at, err := v.erasedBefore(b, w.forms[i].suppressed, w.system)
		if err != nil {
			return nil, err
		}
		erased = max(erased, at)
	}
	return v.allocateOne(b, w, newest, erased, touched)
}

// lookAgain returns the row of a form as it is in the batch; it may be changed.
// What its caller has read is not read again while nothing of its kind has
// changed: the writer knows of every change.
func (v *Vault) lookAgain(b *index.Batch, w *want, i int, touched changes) (*row, error) {
	d := w.forms[i].digest
	r, changed := touched[d]
	switch {
	case r != nil:
		return r.clone(), nil
	case i == 0 && !changed && v.versionAt(d).Load() == w.version:
		return w.row.clone(), nil
	}
	return v.readRow(&b.Reader, d)
}

func (v *Vault) allocateOne(b *index.Batch, w *want, r *row, erased events.Instant, touched changes) ([]byte, error) {
	slot, err := v.nextSlot(b)
	if err != nil {
		return nil, err
	}
	e := &entry{allocated: v.now(), erased: erased, rule: w.forms[0].rule, kind: w.id.Kind, system: w.system, form: w.text}
	if _, err := io.ReadFull(v.random, e.handle[:]); err != nil {
		return nil, fmt.Errorf("draw a handle: %w", err)
	}
	if raw := w.id.Value.Expose(); raw != w.text {
		e.original = raw
	}
	plain := e.append(nil)
	sealed, err := v.seal(index.Entry, slot, 0, 1, plain)
	clear(plain)
	if err != nil {
		return nil, err
	}
	v.putSlot(b, slot, e, sealed)
	d, was := w.forms[0].digest, r != nil
	if !was {
		r = &row{digest: d}
	}
	r.set(e.pair(slot))
	if err := v.writeRow(b, v.route(d), r, was); err != nil {
		return nil, err
	}
	touched[d] = r
	*w.out = Resolved{Ref: events.Ref{Handle: e.handle, Kind: w.id.Kind}, Fresh: true, Erased: erased}
	rec := record{kind: recSealed, purpose: index.Entry, slot: slot, parts: 1, sealed: sealed}
	return rec.append(make([]byte, 0, len(sealed)+16)), nil
}

// putEntry writes the index of one entry that the log has.
func (v *Vault) putEntry(b *index.Batch, slot uint64, e *entry, d digest, sealed []byte) error {
	v.putSlot(b, slot, e, sealed)
	return v.change(b, d, func(r *row) { r.set(e.pair(slot)) })
}

func (v *Vault) putSlot(b *index.Batch, slot uint64, e *entry, sealed []byte) {
	b.SetSlot(slot, &index.Slot{Purpose: index.Entry, Parts: 1, Allocated: e.allocated, Changed: e.allocated,
		ID: e.handle, System: e.system, Kind: e.kind, Sealed: sealed})
	b.Meta.Counts.Entries++
}

func (e *entry) pair(slot uint64) pair {
	return pair{slot: slot, changed: e.allocated, erased: e.erased, handle: e.handle, system: e.system}
}

// nextSlot takes the next slot that has a key.
func (v *Vault) nextSlot(b *index.Batch) (uint64, error) {
	for b.Meta.NextSlot < 1<<keys.SlotBits {
		slot := b.Meta.NextSlot
		b.Meta.NextSlot++
		if !v.table.Entries.Punctured(slot) {
			return slot, nil
		}
	}
	return 0, fmt.Errorf("all %d slots of the vault are used", uint64(1)<<keys.SlotBits)
}

// digestOf is the digest of an entry under the rule it was made with.
func (v *Vault) digestOf(e *entry) digest { return v.lookup.sum(e.kind, e.rule, e.form) }
