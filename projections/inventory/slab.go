package inventory

// A slab hands out bytes that are never freed one by one: the values of one batch
// go together, so they are allocated together.
type slab struct{ free []byte }

const slabBytes = 64 << 10

// take returns an empty slice with room for n bytes; keep, given what became of it,
// hands it out for good.
func (s *slab) take(n int) []byte {
	if cap(s.free) < n {
		s.free = make([]byte, 0, max(n, slabBytes))
	}
	return s.free[:0:n]
}

func (s *slab) keep(b []byte) []byte {
	s.free = s.free[len(b):len(b):cap(s.free)]
	return b[:len(b):len(b)]
}

// renew begins anew, so that no batch keeps the bytes of another alive.
func (s *slab) renew() { s.free = nil }
