package vault

import (
	"crypto/sha256"
	"fmt"
	"io"
	"sync"

	"github.com/habeas-data/habeas/events"
)

// formsOf returns the digests of an identifier, newest rule first. They are kept
// under a keyed hash of what was sent, so that a known spelling is not
// normalised again. If it had to be, the newest form is returned as well.
func (v *Vault) formsOf(id events.Identifier) (forms []form, text string, err error) {
	k := v.raw.sum(id)
	if f, ok := v.forms.get(k); ok {
		return f, "", nil
	}
	texts, err := v.rules.Forms(id)
	if err != nil {
		return nil, "", err
	}
	out := make([]form, len(texts))
	for i, f := range texts {
		out[i] = form{f.Version, v.lookup.form(id.Kind, f), v.suppress.form(id.Kind, f)}
	}
	v.forms.replace(k, out)
	return out, texts[0].Text, nil
}

// rawHash hashes identifiers as sent under a key that this process drew, for
// look-ups in memory only.
type rawHash struct {
	key  [16]byte // short, so that most identifiers fill one block of SHA-256
	pool sync.Pool
}

func newRawHash(random io.Reader) (*rawHash, error) {
	h := &rawHash{pool: sync.Pool{New: func() any { return new([]byte) }}}
	if _, err := io.ReadFull(random, h.key[:]); err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	return h, nil
}

func (h *rawHash) sum(id events.Identifier) (d digest) {
	p := h.pool.Get().(*[]byte)
	b := append(append((*p)[:0], h.key[:]...), id.Kind...)
	b = append(append(b, 0), id.Value.Expose()...)
	sum := sha256.Sum256(b)
	clear(b)
	*p = b
	h.pool.Put(p)
	copy(d[:], sum[:])
	return d
}
