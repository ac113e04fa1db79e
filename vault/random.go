package vault

import (
	"io"
	"sync"
)

// randomness hands out what it draws in large pieces: a handle and its nonces are a
// few bytes each, and a call for each costs more than the bytes.
type randomness struct {
	mu   sync.Mutex
	from io.Reader
	left []byte // guarded by mu: the end of buf
	buf  [4096]byte
}

// fill fills b, which is at most 4096 bytes long.
func (r *randomness) fill(b []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(b) > len(r.left) {
		r.left = nil
		if _, err := io.ReadFull(r.from, r.buf[:]); err != nil {
			return err
		}
		r.left = r.buf[:]
	}
	n := copy(b, r.left)
	clear(r.left[:n]) // nobody finds a key here that was given away
	r.left = r.left[n:]
	return nil
}
