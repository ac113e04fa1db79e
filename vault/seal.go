package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/ggm"
	"github.com/habeas-data/habeas/vault/index"
)

const (
	nonceSize = 12
	tagSize   = 16
)

// An entry is what is sealed for one (identifier, system) pair.
type entry struct {
	handle    events.Handle
	allocated events.Instant
	// erased is when this identifier was erased in this system before, or zero.
	erased   events.Instant
	rule     uint8 // version of the normalisation
	kind     events.Code
	system   events.Code
	form     string // normalised
	original string // as sent, if it differs
}

const plainVersion = 1

func (e *entry) append(b []byte) []byte {
	b = append(append(b, plainVersion), e.handle[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.allocated))
	b = binary.BigEndian.AppendUint64(b, uint64(e.erased))
	b = append(b, e.rule)
	for _, s := range []string{string(e.kind), string(e.system), e.form, e.original} {
		b = appendText(b, s)
	}
	return b
}

func decodeEntry(b []byte) (*entry, error) {
	c := cursor{b: b}
	if v := c.byte(); v != plainVersion && c.err == nil {
		return nil, fmt.Errorf("entry of version %d is not known here; want %d", v, plainVersion)
	}
	e := new(entry)
	copy(e.handle[:], c.raw(len(e.handle)))
	e.allocated, e.erased = events.Instant(c.fixed64()), events.Instant(c.fixed64())
	e.rule = c.byte()
	e.kind, e.system = events.Code(c.text()), events.Code(c.text())
	e.form, e.original = c.text(), c.text()
	if err := c.end(); err != nil {
		return nil, fmt.Errorf("entry: %w", err)
	}
	return e, nil
}

// value is the identifier as the system sent it.
func (e *entry) value() events.Identifier {
	v := e.form
	if e.original != "" {
		v = e.original
	}
	return events.Identifier{Kind: e.kind, Value: events.NewPlaintext(v)}
}

// sealAAD binds purpose, slot, part and version into every seal of an entry.
func sealAAD(p index.Purpose, slot uint64, part, parts uint16) []byte {
	b := append(make([]byte, 0, 24), "hbs"...)
	b = append(b, plainVersion, byte(p))
	b = binary.BigEndian.AppendUint64(b, slot)
	b = binary.BigEndian.AppendUint16(b, part)
	return binary.BigEndian.AppendUint16(b, parts)
}

// seal seals plain under the key of the slot. The nonce is random: a slot is
// sealed again when its frame was refused, and both forms may have been seen.
func (v *Vault) seal(p index.Purpose, slot uint64, part, parts uint16, plain []byte) ([]byte, error) {
	k, ok := v.table.Entries.Derive(slot)
	if !ok {
		return nil, fmt.Errorf("seal slot %d: it was forgotten", slot)
	}
	return v.appendSeal(nil, k, sealAAD(p, slot, part, parts), plain)
}

// appendSeal seals plain with a nonce of its own and appends nonce and seal to dst.
func (v *Vault) appendSeal(dst []byte, k ggm.Key, aad, plain []byte) ([]byte, error) {
	a, err := gcm(k)
	if err != nil {
		return dst, err
	}
	from := len(dst)
	dst = slices.Grow(dst, nonceSize+len(plain)+tagSize)[:from+nonceSize]
	nonce := dst[from:]
	if err := v.random.fill(nonce); err != nil {
		return dst, fmt.Errorf("draw a nonce: %w", err)
	}
	return a.Seal(dst, nonce, plain, aad), nil
}

// errGone says that the key of a slot was punctured.
var errGone = fmt.Errorf("its key was destroyed: %w", ErrUnknown)

func (v *Vault) unseal(p index.Purpose, slot uint64, part, parts uint16, sealed []byte) ([]byte, error) {
	k, ok := v.table.Entries.Derive(slot)
	if !ok {
		return nil, errGone
	}
	a, err := gcm(k)
	if err != nil {
		return nil, err
	}
	plain, err := openWith(a, sealAAD(p, slot, part, parts), sealed)
	if err != nil {
		return nil, fmt.Errorf("open slot %d: %w", slot, err)
	}
	return plain, nil
}

func openWith(a cipher.AEAD, aad, sealed []byte) ([]byte, error) {
	if len(sealed) < nonceSize+tagSize {
		return nil, fmt.Errorf("sealed bytes end too early")
	}
	plain, err := a.Open(nil, sealed[:nonceSize], sealed[nonceSize:], aad)
	if err != nil {
		return nil, fmt.Errorf("sealed bytes do not open: damaged, or of another vault")
	}
	return plain, nil
}

func (v *Vault) openEntry(slot uint64, sealed []byte) (*entry, error) {
	plain, err := v.unseal(index.Entry, slot, 0, 1, sealed)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	e, err := decodeEntry(plain)
	if err != nil {
		return nil, fmt.Errorf("open slot %d: %w", slot, err)
	}
	return e, nil
}

// openHandle opens the entry of a handle. The index may be damaged; what is
// sealed tells whose it is.
func (v *Vault) openHandle(h events.Handle, slot uint64, sealed []byte) (*entry, error) {
	e, err := v.openEntry(slot, sealed)
	if err == nil && e.handle != h {
		return nil, fmt.Errorf("open slot %d: it belongs to another handle: the index is damaged; rebuild it", slot)
	}
	return e, err
}

func gcm(k ggm.Key) (cipher.AEAD, error) {
	b, err := aes.NewCipher(k[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}
