package vault

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// A Purpose says why an identifier is on a list.
type Purpose uint8

// The two lists that outlive a person's data. Part of the disk form.
const (
	// Marketing: do not approach by this channel, until the person says
	// otherwise.
	Marketing Purpose = 1
	// Erasure: what is reported about this identifier in this system is reported
	// again after its erasure.
	Erasure Purpose = 2
)

func (p Purpose) String() string {
	switch p {
	case Marketing:
		return "marketing"
	case Erasure:
		return "erasure"
	}
	return fmt.Sprintf("purpose(%d)", uint8(p))
}

// A Suppression asks to remember an identifier after its entry is gone. It is
// kept as a keyed hash, sealed in the vault's log and in the restore ledger.
type Suppression struct {
	Identifier events.Identifier
	Purpose    Purpose
	// Scope is the system for Erasure. For Marketing it is the channel, such as
	// email; none means all channels.
	Scope events.Code
	At    events.Instant
	// Until is when the vault forgets the suppression itself; zero: when asked.
	Until events.Instant
}

// suppression is what the vault keeps of it, beside the digest.
type suppression struct {
	slot      uint64
	purpose   Purpose
	at, until events.Instant
	scope     events.Code
}

func (s *suppression) append(b []byte) []byte {
	b = append(b, byte(s.purpose))
	b = binary.BigEndian.AppendUint64(b, uint64(s.at))
	b = binary.BigEndian.AppendUint64(b, uint64(s.until))
	return appendText(b, string(s.scope))
}

func readSuppression(c *cursor) suppression {
	return suppression{purpose: Purpose(c.byte()), at: events.Instant(c.fixed64()), until: events.Instant(c.fixed64()), scope: events.Code(c.text())}
}

// Suppress puts an identifier on a list. It is durable on return, in the log and
// in the ledger. Doing the same twice keeps one.
func (v *Vault) Suppress(ctx context.Context, list ...Suppression) error {
	type one struct {
		digest digest
		kept   suppression
	}
	all := make([]one, len(list))
	for i, s := range list {
		if s.Purpose != Marketing && (s.Purpose != Erasure || s.Scope == "") {
			return fmt.Errorf("suppress: want marketing, or erasure with a system")
		}
		forms, err := v.formsOf(s.Identifier)
		if err != nil {
			return invalid(i, err)
		}
		all[i] = one{v.listed(s.Identifier.Kind, &forms[0]), suppression{purpose: s.Purpose, at: s.At, until: s.Until, scope: s.Scope}}
	}
	for part := range slices.Chunk(all, suppressSome) {
		touched := map[digest]bool{}
		var kept [][]byte
		err := v.take(ctx, &step{size: len(part) * 2 * keptOverhead, build: func(b *index.Batch) (made [][]byte, err error) {
			kept = kept[:0]
			for _, x := range part {
				rec, records, err := v.sealSuppression(b, x.digest, x.kept, touched)
				if err != nil {
					return nil, err
				}
				kept, made = append(kept, rec), append(made, records...)
			}
			return made, nil
		}, kept: func() [][]byte { return kept }, over: func() { v.dropRows(touched) }})
		if err != nil {
			return fmt.Errorf("suppress: %w", err)
		}
	}
	return nil
}

// suppressSome is how many suppressions share a frame.
const suppressSome = 128

// sealSuppression makes the record of a suppression and what of it the log
// still lacks: nothing, if the same is there already.
func (v *Vault) sealSuppression(b *index.Batch, d digest, s suppression, touched map[digest]bool) (rec []byte, records [][]byte, err error) {
	r := &record{kind: recSealed, purpose: index.Suppression, parts: 1}
	have, err := v.readRow(&b.Reader, d)
	if err != nil {
		return nil, nil, err
	}
	for i := 0; have != nil && i < len(have.suppressions); i++ {
		same := have.suppressions[i]
		r.slot, same.slot = same.slot, 0
		if same != s || v.table.Entries.Punctured(r.slot) {
			continue
		}
		saved, ok, err := b.Slot(r.slot)
		if err != nil || !ok {
			return nil, nil, fmt.Errorf("slot %d is not in the index: %w", r.slot, err)
		}
		r.sealed = saved.Sealed
		return r.append(nil), nil, nil
	}
	if r.slot, _, err = v.nextSlot(b); err != nil {
		return nil, nil, err
	}
	plain := s.append(append([]byte{plainVersion}, d[:]...))
	if r.sealed, err = v.seal(index.Suppression, r.slot, 0, 1, plain); err != nil {
		return nil, nil, err
	}
	rec = r.append(nil)
	return rec, [][]byte{rec}, v.putSuppression(b, r, touched)
}

// putSuppression writes the index of a suppression.
func (v *Vault) putSuppression(b *index.Batch, r *record, touched map[digest]bool) error {
	d, s, err := v.openSuppression(r.slot, r.sealed)
	if err != nil {
		return err
	}
	b.SetSlot(r.slot, &index.Slot{Purpose: index.Suppression, Parts: 1, Allocated: s.at, Changed: s.at, Sealed: append([]byte(nil), r.sealed...)})
	b.Meta.Counts.Suppressions++
	touched[d] = true
	return v.change(b, d, func(row *row) {
		for _, have := range row.suppressions {
			if have.slot == s.slot {
				return
			}
		}
		row.suppressions = append(row.suppressions[:len(row.suppressions):len(row.suppressions)], s)
	})
}

func (v *Vault) openSuppression(slot uint64, sealed []byte) (digest, suppression, error) {
	plain, err := v.unseal(index.Suppression, slot, 0, 1, sealed)
	if err != nil {
		return digest{}, suppression{}, err
	}
	c := cursor{b: plain}
	if ver := c.byte(); ver != plainVersion && c.err == nil {
		return digest{}, suppression{}, fmt.Errorf("open slot %d: suppression of version %d is not known here", slot, ver)
	}
	var d digest
	copy(d[:], c.raw(len(d)))
	s := readSuppression(&c)
	s.slot = slot
	if err := c.end(); err != nil {
		return digest{}, suppression{}, fmt.Errorf("open slot %d: suppression: %w", slot, err)
	}
	return d, s, nil
}

// suppressAgain brings back a suppression, or a kept note, that the ledger has and
// the vault has not. One that was lifted, shredded or expired has no key any more.
func (v *Vault) suppressAgain(ctx context.Context, r *record) (int, error) {
	if r.purpose != index.Suppression && r.purpose != index.Note {
		return 0, fmt.Errorf("restore ledger: a sealed record of purpose %d does not belong there", r.purpose)
	}
	if v.table.Entries.Punctured(r.slot) {
		return 0, nil
	}
	if r.purpose == index.Note {
		return v.keepAgain(ctx, r)
	}
	if there, err := v.hasSlot(r.slot); err != nil || there {
		return 0, err
	}
	touched := map[digest]bool{}
	defer v.dropRows(touched)
	return 1, v.write(ctx, func(b *index.Batch) ([][]byte, error) {
		b.Meta.NextSlot = max(b.Meta.NextSlot, r.slot+1)
		return [][]byte{r.append(nil)}, v.putSuppression(b, r, touched)
	}, nil)
}

// erasedBefore is the latest erasure of an identifier in a system that is still
// remembered, or zero.
func (v *Vault) erasedBefore(b *index.Batch, kind events.Code, f *form, system events.Code) (events.Instant, error) {
	if b.Meta.Counts.Suppressions == 0 {
		return 0, nil
	}
	r, err := v.readRow(&b.Reader, v.listed(kind, f))
	if err != nil || r == nil {
		return 0, err
	}
	v.dropGone(r)
	return r.erased(system, v.now()), nil
}

func (r *row) erased(system events.Code, now events.Instant) events.Instant {
	var at events.Instant
	for i := range r.suppressions {
		if s := &r.suppressions[i]; s.purpose == Erasure && s.scope == system && s.holds(now) {
			at = max(at, s.at)
		}
	}
	return at
}

func (s *suppression) holds(now events.Instant) bool { return s.until == 0 || now < s.until }

// Suppressed is when the identifier was erased in the system, as far as the
// vault still remembers, or zero.
func (v *Vault) Suppressed(ctx context.Context, id events.Identifier, system events.Code) (events.Instant, error) {
	var at events.Instant
	err := v.eachSuppression(id, func(r *row) { at = max(at, r.erased(system, v.now())) })
	return at, err
}

// MarketingSuppressed reports whether the identifier must not be approached by
// the channel. A suppression of all channels counts for each.
func (v *Vault) MarketingSuppressed(ctx context.Context, id events.Identifier, channel events.Code) (bool, error) {
	var found bool
	err := v.eachSuppression(id, func(r *row) {
		for i := range r.suppressions {
			s := &r.suppressions[i]
			found = found || s.purpose == Marketing && (s.scope == "" || s.scope == channel) && s.holds(v.now())
		}
	})
	return found, err
}

// eachSuppression reads the rows of an identifier under every version of the
// rule: what was listed under an older one stays listed.
func (v *Vault) eachSuppression(id events.Identifier, fn func(*row)) error {
	forms, err := v.formsOf(id)
	if err != nil {
		return invalid(0, err)
	}
	for i := range forms {
		r, err := v.rowAt(v.listed(id.Kind, &forms[i]))
		if err != nil {
			return err
		}
		if r != nil {
			fn(r)
		}
	}
	return nil
}

// Lift takes an identifier off the marketing list of a channel, or of all
// channels where none is named, because the person asked. What is lifted is
// forgotten like any other entry.
func (v *Vault) Lift(ctx context.Context, id events.Identifier, channel events.Code) error {
	v.keysMu.Lock()
	defer v.keysMu.Unlock()
	var slots []uint64
	err := v.eachSuppression(id, func(r *row) {
		for _, s := range r.suppressions {
			if s.purpose == Marketing && (channel == "" || s.scope == channel) {
				slots = append(slots, s.slot)
			}
		}
	})
	if err != nil {
		return err
	}
	if err := v.forgetNow(ctx, slots); err != nil {
		return fmt.Errorf("lift a suppression: %w", err)
	}
	return nil
}
