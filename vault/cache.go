package vault

import "sync"

// A cache keeps recently used values of a bounded number of keys: when it is
// full, a hand goes round and the first value that was not used since its last
// round goes. Keys are keyed hashes or handles, never plaintext. A value that
// was read before a drop is not put in after it: take the version before
// reading.
type cache[V any] struct {
	shards [32]cacheShard[V]
}

type cacheShard[V any] struct {
	mu      sync.Mutex
	version uint64 // counts drops
	limit   int
	hand    int
	at      map[digest]int32
	nodes   []cacheNode[V]
}

type cacheNode[V any] struct {
	key        digest
	value      V
	used, live bool
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
	s.nodes, s.hand = nil, 0
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
	n := &s.nodes[i]
	n.used = true
	return n.value, true
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
	if s.version == version {
		s.put(k, v)
	}
}

// replace puts in a value that is newer than what anybody has read: it is what
// the writer has just written.
func (c *cache[V]) replace(k digest, v V) {
	s := c.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.put(k, v)
}

func (s *cacheShard[V]) put(k digest, v V) {
	i, ok := s.at[k]
	if !ok {
		i = s.room()
		s.at[k] = i
	}
	s.nodes[i] = cacheNode[V]{k, v, true, true}
}

// room returns a free node.
func (s *cacheShard[V]) room() int32 {
	if len(s.nodes) < s.limit {
		s.nodes = append(s.nodes, cacheNode[V]{})
		return int32(len(s.nodes) - 1)
	}
	for ; ; s.hand++ {
		if s.hand == len(s.nodes) {
			s.hand = 0
		}
		n := &s.nodes[s.hand]
		if n.used {
			n.used = false
			continue
		}
		if n.live {
			delete(s.at, n.key)
		}
		s.hand++
		return int32(s.hand - 1)
	}
}

// drop forgets a key, and every value of its shard that is being read now.
func (c *cache[V]) drop(k digest) {
	s := c.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	if i, ok := s.at[k]; ok {
		delete(s.at, k)
		s.nodes[i] = cacheNode[V]{} // the hand finds it
	}
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
