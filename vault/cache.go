package vault

import "sync"

// A cache keeps the most recently used values of a bounded number of keys. Keys
// are keyed hashes, never plaintext. A value that was read before a drop is not
// put in after it: take the version before reading.
type cache[V any] struct {
	shards [32]cacheShard[V]
}

type cacheShard[V any] struct {
	mu      sync.Mutex
	version uint64 // counts drops
	limit   int
	at      map[digest]int32
	nodes   []cacheNode[V] // 0 is the ring's anchor: next is newest, prev oldest
}

type cacheNode[V any] struct {
	key        digest
	value      V
	prev, next int32
}

func newCache[V any](limit int) *cache[V] {
	c := new(cache[V])
	for i := range c.shards {
		s := &c.shards[i]
		s.limit = max(limit/len(c.shards), 8)
		s.reset()
	}
	return c
}

func (s *cacheShard[V]) reset() {
	s.at = make(map[digest]int32)
	s.nodes = make([]cacheNode[V], 1)
}

func (c *cache[V]) shard(k digest) *cacheShard[V] { return &c.shards[int(k[15])%len(c.shards)] }

func (c *cache[V]) get(k digest) (v V, ok bool) {
	s := c.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.at[k]
	if !ok {
		return v, false
	}
	s.unlink(i)
	s.linkFirst(i)
	return s.nodes[i].value, true
}

// version is to be taken before the value is read that put will get.
func (c *cache[V]) version(k digest) uint64 {
	s := c.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

func (c *cache[V]) put(k digest, v V, version uint64) {
	s := c.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version != version {
		return
	}
	i, ok := s.at[k]
	switch {
	case ok:
		s.unlink(i)
	case len(s.nodes) <= s.limit:
		i = int32(len(s.nodes))
		s.nodes = append(s.nodes, cacheNode[V]{})
	default:
		i = s.nodes[0].prev
		s.unlink(i)
		delete(s.at, s.nodes[i].key)
	}
	s.nodes[i].key, s.nodes[i].value = k, v
	s.at[k] = i
	s.linkFirst(i)
}

// drop forgets a key, and every value of its shard that is being read now.
func (c *cache[V]) drop(k digest) {
	s := c.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	i, ok := s.at[k]
	if !ok {
		return
	}
	s.unlink(i)
	delete(s.at, k)
	// The node stays at the old end, empty, to be used again first.
	s.nodes[i] = cacheNode[V]{}
	s.linkLast(i)
}

// clear forgets everything.
func (c *cache[V]) clear() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.version++
		s.reset()
		s.mu.Unlock()
	}
}

func (s *cacheShard[V]) unlink(i int32) {
	n := &s.nodes[i]
	s.nodes[n.prev].next, s.nodes[n.next].prev = n.next, n.prev
}

func (s *cacheShard[V]) linkFirst(i int32) { s.link(i, 0, s.nodes[0].next) }
func (s *cacheShard[V]) linkLast(i int32)  { s.link(i, s.nodes[0].prev, 0) }

func (s *cacheShard[V]) link(i, prev, next int32) {
	s.nodes[i].prev, s.nodes[i].next = prev, next
	s.nodes[prev].next, s.nodes[next].prev = i, i
}
