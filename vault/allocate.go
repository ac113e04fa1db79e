package vault

import (
	"context"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/ggm"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
)

// allocate gives handles to the identifiers of a group of callers, in one frame
// where it fits: look again, append with the expected sequence,
// then commit the index. It goes on when one of them gives up: life is the
// writer's.
func (v *Vault) allocate(life context.Context, group []*job) {
	group = v.willing(group)
	n := 0
	for _, j := range group {
		n += len(j.wants)
	}
	wants := make([]*want, 0, n)
	for _, j := range group {
		for i := range j.wants {
			wants = append(wants, &j.wants[i])
		}
	}
	err := v.allocateAll(life, wants)
	for _, j := range group {
		j.done <- err
	}
}

// allocateAll settles wants in groups that fit one commit of the index.
func (v *Vault) allocateAll(life context.Context, wants []*want) error {
	for part := range slices.Chunk(wants, commitSize) {
		if err := v.allocateSome(life, part); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) allocateSome(life context.Context, wants []*want) error {
	d := draft{v: v, now: v.now(), touched: make(map[digest]*row, len(wants)), bytes: make([]byte, 0, draftBytes*len(wants))}
	err := v.write(life, func(b *index.Batch) ([][]byte, error) {
		d.b = b
		clear(d.touched) // nothing of an attempt before was committed
		records := make([][]byte, 0, len(wants))
		for _, w := range wants {
			rec, err := d.settle(w)
			if err != nil {
				return nil, err
			}
			if rec != nil {
				records = append(records, rec)
			}
		}
		return records, nil
	}, nil)
	for at, r := range d.touched {
		if err != nil || r == nil {
			v.dropRow(at)
		} else {
			v.rows.replace(r)
		}
	}
	return err
}

// A draft is what one transaction of the index gains by allocation. It is the
// writer's.
type draft struct {
	v   *Vault
	b   *index.Batch
	now events.Instant
	// touched are the rows that the batch has changed, as they are in it; nil for
	// one that is to be read again. Nobody else has them yet.
	touched map[digest]*row
	// bytes holds records and sealed rows, one behind the other, because an
	// allocation for each costs more than writing them. Log and index keep parts
	// of it, so it is not used again.
	bytes []byte
}

// draftBytes is about what one pair takes in a draft: a record and a row.
const draftBytes = 320

// settle looks for the pair again, under every version of the rule, and else
// makes it. It returns the record to append, if there is one.
func (d *draft) settle(w *want) ([]byte, error) {
	v := d.v
	var erased events.Instant
	var newest *row
	for i := range w.forms {
		r, err := d.row(&w.forms[i])
		if err != nil {
			return nil, err
		}
		if i == 0 {
			newest = r
		}
		if r != nil {
			if p := r.found(w.system); p != nil {
				*w.out = Resolved{Ref: events.Ref{Handle: p.handle, Kind: w.id.Kind}, Erased: p.erased}
				if p.state == index.Swept {
					d.touched[r.digest] = nil
					return v.revive(d.b, p.slot)
				}
				return nil, nil
			}
			erased = max(erased, r.retired(w.system))
		}
		at, err := v.erasedBefore(d.b, w.id.Kind, &w.forms[i], w.system)
		if err != nil {
			return nil, err
		}
		erased = max(erased, at)
	}
	return d.allocate(w, newest, erased)
}

// row returns the row of a form as it is in the batch, without what has no key
// any more; nil if there is none. What is in memory is what is committed: the
// writer itself sees to that.
func (d *draft) row(f *form) (*row, error) {
	v := d.v
	if f.row.route == nil || f.row.route != v.route(f.digest) {
		f.row = v.place(f.digest) // the caller did not have to look, or it has moved
	}
	r, changed := d.touched[f.digest]
	if r != nil {
		return r, nil
	}
	known := false
	if !changed {
		r, known = v.rows.get(f.digest)
	}
	if !known {
		var err error
		if r, err = f.row.read(&d.b.Reader); err != nil || r == nil {
			return nil, err
		}
	}
	v.dropGone(r)
	return r, nil
}

// allocate makes a pair in the row r, if there is one.
func (d *draft) allocate(w *want, r *row, erased events.Instant) ([]byte, error) {
	v := d.v
	slot, key, err := v.nextSlot(d.b)
	if err != nil {
		return nil, err
	}
	form := &w.forms[0]
	e := entry{allocated: d.now, erased: erased, rule: form.Version, kind: w.id.Kind, system: w.system, form: form.Text}
	if err := v.random.fill(e.handle[:]); err != nil {
		return nil, fmt.Errorf("draw a handle: %w", err)
	}
	if raw := w.id.Value.Expose(); raw != form.Text {
		e.original = raw
	}
	from := len(d.bytes)
	d.bytes = (&record{kind: recSealed, purpose: index.Entry, slot: slot, parts: 1}).append(d.bytes)
	head := len(d.bytes)
	v.plain = e.append(v.plain[:0])
	d.bytes, err = v.appendSeal(d.bytes, key, sealAAD(index.Entry, slot, 0, 1), v.plain)
	clear(v.plain)
	if err != nil {
		return nil, err
	}
	rec, sealed := d.bytes[from:len(d.bytes):len(d.bytes)], d.bytes[head:len(d.bytes):len(d.bytes)]
	v.putSlot(d.b, slot, &e, sealed)
	if err := d.putRow(form, r, e.pair(slot)); err != nil {
		return nil, err
	}
	*w.out = Resolved{Ref: events.Ref{Handle: e.handle, Kind: w.id.Kind}, Fresh: true, Erased: erased}
	return rec, nil
}

// putRow writes the row of a form with one pair more than r has. The slot of the
// pair is the greatest there is, so it goes to the end.
func (d *draft) putRow(f *form, r *row, p pair) error {
	v, was := d.v, r != nil
	if !was {
		r = &row{digest: f.digest}
	}
	r.pairs = append(r.pairs, p)
	d.touched[f.digest] = r
	v.plain = r.append(v.plain[:0])
	from := len(d.bytes)
	var err error
	d.bytes, err = v.appendSeal(d.bytes, f.row.route.box, f.row.key[:], v.plain)
	clear(v.plain)
	if err != nil {
		return err
	}
	d.b.SetRow(f.row.key, d.bytes[from:len(d.bytes):len(d.bytes)])
	if !was {
		d.b.Meta.Counts.Rows++
	}
	return nil
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

// nextSlot takes the next slot that has a key, and that key.
func (v *Vault) nextSlot(b *index.Batch) (uint64, ggm.Key, error) {
	for b.Meta.NextSlot < 1<<keys.SlotBits {
		slot := b.Meta.NextSlot
		b.Meta.NextSlot++
		if k, ok := v.table.Entries.Derive(slot); ok {
			return slot, k, nil
		}
	}
	return 0, ggm.Key{}, fmt.Errorf("all %d slots of the vault are used", uint64(1)<<keys.SlotBits)
}

// digestOf is the digest of an entry under the rule it was made with.
func (v *Vault) digestOf(e *entry) digest { return v.lookup.sum(e.kind, e.rule, e.form) }
