package journal

import "sync"

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// A bell wakes everybody who waits for the log to grow, and remembers how far
// it is known to reach.
type bell struct {
	mu  sync.Mutex
	c   chan struct{} // guarded by mu: closed and replaced by ring
	seq uint64        // guarded by mu
}

// wait returns how far the log is known to reach and a channel that the next
// ring closes.
func (b *bell) wait() (uint64, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.c == nil {
		b.c = make(chan struct{})
	}
	return b.seq, b.c
}

func (b *bell) ring(seq uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seq = max(b.seq, seq)
	if b.c != nil {
		close(b.c)
		b.c = nil
	}
}
