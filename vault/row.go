package vault

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// A digest stands for an identifier inside the vault: 128 bits of an HMAC over
// kind, version of the rule and form. Its key lives as long as the vault, so a
// digest never leaves memory but inside a sealed row or record.
type digest [16]byte

// A row is all that the index says of one identifier, sealed under the key of
// its route: the pairs it has, or what is suppressed for it.
type row struct {
	digest       digest
	pairs        []pair
	suppressions []suppression
}

// A pair is one handle of the identifier.
type pair struct {
	slot    uint64
	state   index.State
	changed events.Instant
	erased  events.Instant
	handle  events.Handle
	system  events.Code
}

// Limits of a row: an identifier has one live pair per system.
const maxRow = 1 << 16

const (
	rowPairs        = 1
	rowSuppressions = 2
)

func (r *row) empty() bool { return len(r.pairs) == 0 && len(r.suppressions) == 0 }

func (r *row) append(b []byte) []byte {
	b = append(b, plainVersion)
	b = append(b, r.digest[:]...)
	if len(r.suppressions) > 0 {
		b = binary.AppendUvarint(append(b, rowSuppressions), uint64(len(r.suppressions)))
		for i := range r.suppressions {
			s := &r.suppressions[i]
			b = s.append(binary.AppendUvarint(b, s.slot))
		}
		return b
	}
	b = binary.AppendUvarint(append(b, rowPairs), uint64(len(r.pairs)))
	for i := range r.pairs {
		p := &r.pairs[i]
		b = append(binary.AppendUvarint(b, p.slot), byte(p.state))
		b = binary.BigEndian.AppendUint64(b, uint64(p.changed))
		b = binary.BigEndian.AppendUint64(b, uint64(p.erased))
		b = append(b, p.handle[:]...)
		b = appendText(b, string(p.system))
	}
	return b
}

func decodeRow(b []byte) (*row, error) {
	c := cursor{b: b}
	if v := c.byte(); v != plainVersion && c.err == nil {
		return nil, fmt.Errorf("row of version %d is not known here; want %d", v, plainVersion)
	}
	r := new(row)
	copy(r.digest[:], c.raw(len(r.digest)))
	what, n := c.byte(), c.uvarint()
	if c.err == nil && (n == 0 || n > maxRow || n > uint64(len(c.b))) {
		return nil, fmt.Errorf("row: wrong count")
	}
	for range n {
		switch what {
		case rowPairs:
			p := pair{slot: c.uvarint(), state: index.State(c.byte()), changed: events.Instant(c.fixed64()), erased: events.Instant(c.fixed64())}
			copy(p.handle[:], c.raw(len(p.handle)))
			p.system = events.Code(c.text())
			r.pairs = append(r.pairs, p)
		case rowSuppressions:
			slot := c.uvarint()
			s := readSuppression(&c)
			s.slot = slot
			r.suppressions = append(r.suppressions, s)
		default:
			return nil, fmt.Errorf("row of kind %d is not known here", what)
		}
		if c.err != nil {
			break
		}
	}
	if err := c.end(); err != nil {
		return nil, fmt.Errorf("row: %w", err)
	}
	return r, nil
}

// found is the pair that a look-up in the system finds, if there is one.
func (r *row) found(system events.Code) *pair {
	for i := range r.pairs {
		if r.pairs[i].system == system && r.pairs[i].state != index.Retired {
			return &r.pairs[i]
		}
	}
	return nil
}

// retired is when the last erased pair of the system was retired, or zero.
func (r *row) retired(system events.Code) events.Instant {
	var at events.Instant
	for i := range r.pairs {
		if p := &r.pairs[i]; p.system == system && p.state == index.Retired {
			at = max(at, p.changed)
		}
	}
	return at
}

// set puts in a pair or replaces the one of the same slot; rows stay ordered by
// slot, so that replaying a log gives the same bytes.
func (r *row) set(p pair) {
	i, ok := slices.BinarySearchFunc(r.pairs, p.slot, func(q pair, s uint64) int { return cmp.Compare(q.slot, s) })
	if ok {
		r.pairs[i] = p
		return
	}
	r.pairs = slices.Insert(r.pairs, i, p)
}

// dropGone removes what belongs to slots that have no key any more.
func (v *Vault) dropGone(r *row) (dropped bool) {
	n := len(r.pairs) + len(r.suppressions)
	r.pairs = slices.DeleteFunc(r.pairs, func(p pair) bool { return v.table.Entries.Punctured(p.slot) })
	r.suppressions = slices.DeleteFunc(r.suppressions, func(s suppression) bool { return v.table.Entries.Punctured(s.slot) })
	return len(r.pairs)+len(r.suppressions) < n
}

// readRow reads the row of a digest; nil if there is none. The caller holds
// routesMu or is the writer.
func (v *Vault) readRow(r *index.Reader, d digest) (*row, error) {
	at := v.place(d)
	return at.read(r)
}

// A place is where the row of a digest stands while its route has these keys.
type place struct {
	route *routeKey
	key   index.RowKey
}

// place is where a row stands now. The caller holds routesMu or is the writer.
func (v *Vault) place(d digest) place {
	k := v.route(d)
	return place{k, k.row(d)}
}

func (p *place) read(r *index.Reader) (*row, error) {
	sealed, ok, err := r.Row(p.key)
	if err != nil || !ok {
		return nil, err
	}
	return p.route.open(p.key, sealed)
}

// writeRow writes the row of its digest, or removes an empty one. The caller is
// the writer.
func (v *Vault) writeRow(b *index.Batch, k *routeKey, r *row, was bool) error {
	key := k.row(r.digest)
	if r.empty() {
		if was {
			b.DropRow(key)
			b.Meta.Counts.Rows--
		}
		return nil
	}
	sealed, err := k.seal(v, key, r)
	if err != nil {
		return err
	}
	b.SetRow(key, sealed)
	if !was {
		b.Meta.Counts.Rows++
	}
	return nil
}

// dropRow forgets what is in memory of a row that has changed, and of its pairs.
// The pairs go last: whoever sees their new count finds nothing older in memory.
func (v *Vault) dropRow(d digest) {
	v.rows.drop(d)
	v.pairs.lose(d)
}

// change reads a row, lets fn change it and writes it back.
func (v *Vault) change(b *index.Batch, d digest, fn func(*row)) error {
	k := v.route(d)
	key := k.row(d)
	sealed, ok, err := b.Row(key)
	if err != nil {
		return err
	}
	r := &row{digest: d}
	if ok {
		if r, err = k.open(key, sealed); err != nil {
			return err
		}
	}
	fn(r)
	return v.writeRow(b, k, r, ok)
}

// seal seals a row; its name is bound in.
func (k *routeKey) seal(v *Vault, key index.RowKey, r *row) ([]byte, error) {
	return v.appendSeal(nil, k.box, key[:], r.append(make([]byte, 0, 96)))
}

func (k *routeKey) open(key index.RowKey, sealed []byte) (*row, error) {
	a, err := gcm(k.box)
	if err != nil {
		return nil, err
	}
	plain, err := openWith(a, key[:], sealed)
	if err != nil {
		return nil, fmt.Errorf("read a row of the index: %w", err)
	}
	r, err := decodeRow(plain)
	if err != nil {
		return nil, fmt.Errorf("read a row of the index: %w", err)
	}
	if k.row(r.digest) != key {
		return nil, fmt.Errorf("read a row of the index: it stands in the wrong place")
	}
	return r, nil
}
