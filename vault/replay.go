package vault

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// Limits of one transaction of the index while replaying, well below those of
// the store: changes, and bytes of records.
const (
	replayBatch = 512
	replayBytes = 2 << 20
)

// catchUp reads the log from where the index stands to its end. What others
// forgot is marked as due here. The caller is the writer.
func (v *Vault) catchUp(ctx context.Context) error {
	p := &replay{v: v, b: v.ix.Begin(v.meta), touched: map[digest]bool{}}
	defer func() { p.b.Discard() }()
	// The log's mark may be of a frame before the last one applied, if a long
	// replay was cut off: what is read twice is skipped.
	err := v.log.Replay(ctx, Mark{v.meta.StateSeq, v.meta.State}, p.frame)
	if err != nil {
		return fmt.Errorf("read the vault's log: %w", err)
	}
	v.mark(p.b.Meta)
	if p.b.Meta.Seq == v.meta.Seq && bytes.Equal(p.b.Meta.State, v.meta.State) {
		return nil
	}
	return p.flush()
}

// mark takes the log's own mark, if it is of the frame where m stands.
func (v *Vault) mark(m *index.Meta) {
	if l := v.log.Last(); l.Seq == m.Seq {
		m.StateSeq, m.State = l.Seq, l.State
	}
}

// A replay applies frames to the index.
type replay struct {
	v       *Vault
	b       *index.Batch
	n, size int // changes and bytes since the last commit
	touched map[digest]bool
}

func (p *replay) frame(seq uint64, at events.Instant, records [][]byte) error {
	if seq <= p.b.Meta.Seq {
		return nil
	}
	for i, raw := range records {
		r, err := decodeRecord(raw)
		if err == nil {
			p.n += 1 + len(r.slots)
			p.size += len(raw)
			err = p.apply(r)
		}
		if err != nil {
			return fmt.Errorf("frame %d, record %d: %w", seq, i, err)
		}
	}
	p.b.Meta.Seq = seq
	if p.n < replayBatch && p.size < replayBytes {
		return nil
	}
	if err := p.flush(); err != nil {
		return err
	}
	p.b = p.v.ix.Begin(p.v.meta)
	return nil
}

func (p *replay) flush() error {
	p.n, p.size = 0, 0
	if err := p.v.commit(p.b); err != nil {
		return err
	}
	for d := range p.touched {
		p.v.dropRow(d)
	}
	clear(p.touched)
	return nil
}

func (p *replay) apply(r *record) error {
	switch r.kind {
	case recCreated:
		if r.vault != p.v.table.Vault {
			return fmt.Errorf("the log: %w", ErrOtherVault)
		}
		return nil
	case recSealed:
		return p.applySealed(r)
	case recRetired:
		for _, slot := range r.slots {
			if err := p.v.setState(p.b, slot, stateFor(r.reason), r.at, p.touched); err != nil {
				return err
			}
		}
	case recRevived:
		for _, slot := range r.slots {
			if err := p.v.setState(p.b, slot, index.Live, 0, p.touched); err != nil {
				return err
			}
		}
	case recForgotten:
		for _, slot := range r.slots {
			if err := p.applyForgotten(slot); err != nil {
				return err
			}
		}
	case recRotated:
		// The key directory knows its epochs itself.
	default:
		return fmt.Errorf("record of kind %d is not known here", r.kind)
	}
	return nil
}

// applyForgotten purges a slot whose key is punctured already: its rows were
// moved then. Else another process forgot it, and it is forgotten here as soon
// as the writer is free.
func (p *replay) applyForgotten(slot uint64) error {
	if p.v.table.Entries.Punctured(slot) {
		return p.v.purgeSlot(p.b, slot)
	}
	p.b.Due(slot)
	p.v.due = true
	return nil
}

func stateFor(r reason) index.State {
	if r == forSweep {
		return index.Swept
	}
	return index.Retired
}

func (p *replay) applySealed(r *record) error {
	p.b.Meta.NextSlot = max(p.b.Meta.NextSlot, r.slot+1)
	if p.v.table.Entries.Punctured(r.slot) {
		return nil // forgotten; the record that says so follows
	}
	switch r.purpose {
	case index.Entry:
		e, err := p.v.openEntry(r.slot, r.sealed)
		if err != nil {
			return err
		}
		d := p.v.digestOf(e)
		p.touched[d] = true
		return p.v.putEntry(p.b, r.slot, e, d, slices.Clone(r.sealed))
	case index.Note:
		return p.v.putNotePart(p.b, r)
	case index.Suppression:
		return p.v.putSuppression(p.b, r, p.touched)
	}
	return fmt.Errorf("sealed record of purpose %d is not known here", r.purpose)
}

// setState changes the state of an entry, in its slot and in its row. A slot
// that is not there was forgotten.
func (v *Vault) setState(b *index.Batch, slot uint64, state index.State, at events.Instant, touched map[digest]bool) error {
	s, ok, err := b.Slot(slot)
	if err != nil || !ok || s.Purpose != index.Entry || s.State == state {
		return err
	}
	e, err := v.openEntry(slot, s.Sealed)
	if err != nil {
		return ignoreGone(err)
	}
	if s.State == index.Retired {
		b.Meta.Counts.Retired--
	}
	if state == index.Retired {
		b.Meta.Counts.Retired++
	}
	if state == index.Retired {
		v.handles.drop(s.ID)
	}
	s.State, s.Changed = state, at
	b.UpdateSlot(slot, s)
	d := v.digestOf(e)
	touched[d] = true
	return v.change(b, d, func(r *row) {
		for _, p := range r.pairs {
			if p.slot == slot {
				p.state, p.changed = state, at
				r.set(p)
			}
		}
	})
}
