package vault

import (
	"context"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// MaxNote is the greatest length of a sealed note in bytes, so that one fits a
// transaction of the index; notePart is how much of it one record holds.
const (
	MaxNote  = 4 << 20
	notePart = 128 << 10
)

// Seal keeps a body (a case's text, a letter, a quarantined event) under a key
// of its own and returns its id, 128 random bits. It is durable on return.
func (v *Vault) Seal(ctx context.Context, body []byte) (events.EventID, error) {
	var id events.EventID
	if err := v.random.fill(id[:]); err != nil {
		return id, fmt.Errorf("draw a note id: %w", err)
	}
	if err := v.SealAs(ctx, id, body); err != nil {
		return events.EventID{}, err
	}
	return id, nil
}

// SealAs is Seal under an id that the caller chose, 128 bits that nobody can
// guess the body from. A note that is there already stays as it is.
func (v *Vault) SealAs(ctx context.Context, id events.EventID, body []byte) error {
	if len(body) > MaxNote {
		return fmt.Errorf("seal a note of %d bytes, want at most %d: %w", len(body), MaxNote, ErrTooLong)
	}
	err := v.take(ctx, &step{size: len(body) + keptOverhead, build: func(b *index.Batch) ([][]byte, error) { return v.sealNote(b, id, body) }})
	if err != nil {
		return fmt.Errorf("seal a note: %w", err)
	}
	return nil
}

// sealNote makes the records of a note. Each part begins with the id, so that a
// part read from the log says whose it is.
func (v *Vault) sealNote(b *index.Batch, id events.EventID, body []byte) ([][]byte, error) {
	if _, saved, err := b.Note(id); err != nil || saved {
		return nil, err // an attempt whose outcome was not known had been saved
	}
	slot, _, err := v.nextSlot(b)
	if err != nil {
		return nil, err
	}
	parts := uint16(max(1, (len(body)+notePart-1)/notePart))
	records := make([][]byte, 0, parts)
	for part := range parts {
		chunk := body[int(part)*notePart : min(len(body), (int(part)+1)*notePart)]
		plain := append(append([]byte{plainVersion}, id[:]...), chunk...)
		sealed, err := v.seal(index.Note, slot, part, parts, plain)
		clear(plain)
		if err != nil {
			return nil, err
		}
		r := &record{kind: recSealed, purpose: index.Note, slot: slot, part: part, parts: parts, sealed: sealed}
		if err := v.putNotePart(b, r); err != nil {
			return nil, err
		}
		records = append(records, r.append(nil))
	}
	return records, nil
}

// putNotePart writes the index of one part. The way from the id to the slot
// comes with the last, so that a note cut off by a crash is never found.
func (v *Vault) putNotePart(b *index.Batch, r *record) error {
	plain, err := v.openNotePart(r.slot, r.part, r.parts, r.sealed)
	if err != nil {
		return err
	}
	id := events.EventID(plain[:16])
	clear(plain)
	if r.part > 0 {
		b.SetPart(r.slot, r.part, slices.Clone(r.sealed))
	} else {
		b.UpdateSlot(r.slot, &index.Slot{Purpose: index.Note, Parts: r.parts, ID: id, Allocated: v.now(), Sealed: slices.Clone(r.sealed)})
	}
	if r.part < r.parts-1 {
		return nil
	}
	s, ok, err := b.Slot(r.slot)
	if err != nil || !ok {
		return err
	}
	b.Meta.Counts.Notes++
	b.SetSlot(r.slot, s)
	return nil
}

func (v *Vault) openNotePart(slot uint64, part, parts uint16, sealed []byte) ([]byte, error) {
	plain, err := v.unseal(index.Note, slot, part, parts, sealed)
	if err != nil {
		return nil, err
	}
	if len(plain) < 17 || plain[0] != plainVersion {
		return nil, fmt.Errorf("open slot %d: note of a form not known here", slot)
	}
	return plain[1:], nil
}

// OpenNote returns the body of a sealed note. ErrUnknown: there is none, or it
// was shredded.
func (r *Revealer) OpenNote(ctx context.Context, id events.EventID) ([]byte, error) {
	var body []byte
	err := r.v.view(func(x *index.Reader) error {
		slot, ok, err := x.Note(id)
		if err != nil {
			return err
		}
		s, there, err := x.Slot(slot)
		if err != nil {
			return err
		}
		if !ok || !there {
			return ErrUnknown
		}
		sealed := s.Sealed
		for part := uint16(0); part < s.Parts; part++ {
			if part > 0 {
				if sealed, ok, err = x.Part(slot, part); err != nil {
					return err
				} else if !ok {
					return fmt.Errorf("part %d of %d is missing", part+1, s.Parts)
				}
			}
			plain, err := r.v.openNotePart(slot, part, s.Parts, sealed)
			if err != nil {
				return err
			}
			body = append(body, plain[16:]...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open note %s: %w", id, err)
	}
	return body, nil
}

// Shred destroys the key of a note. After the next rotation no copy of it can
// be read by anybody. A note that is not there counts as shredded.
func (v *Vault) Shred(ctx context.Context, id events.EventID) error {
	v.keysMu.Lock()
	defer v.keysMu.Unlock()
	var slots []uint64
	if err := v.view(func(x *index.Reader) error {
		slot, ok, err := x.Note(id)
		if ok {
			slots = append(slots, slot)
		}
		return err
	}); err != nil {
		return fmt.Errorf("shred note %s: %w", id, err)
	}
	if err := v.forgetNow(ctx, slots); err != nil {
		return fmt.Errorf("shred note %s: %w", id, err)
	}
	return nil
}

// forgetNow forgets slots that nothing else can depend on.
func (v *Vault) forgetNow(ctx context.Context, slots []uint64) error {
	if len(slots) == 0 {
		return v.usable()
	}
	slices.Sort(slots)
	return v.do(ctx, func() error { return v.forgetSlots(ctx, slices.Compact(slots), fromHere) })
}
