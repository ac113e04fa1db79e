package vault

import (
	"encoding/binary"
	"sync"
)

// A cache keeps recently used values of a bounded number of keys. Each key has
// its place in one small set; when that is full, the first value of it that was
// not used since somebody last looked for room goes. Keys are keyed hashes or
// handles, never plaintext, and uniform. A value that was read before a drop is
// not put in after it: take the version before reading.
//
// Sets stand one behind the other without pointers between them: most look-ups
// cost one or two lines of memory, and where values hold no pointers the garbage
// collector has nothing to look into.
type cache[V any] struct {
	shards [64]cacheShard[V]
}

type cacheShard[V any] struct {
	mu      sync.Mutex
	version uint64         // counts drops
	limit   int            // greatest length of nodes
	nodes   []cacheNode[V] // sets of cacheWays; their number is a power of two
}

const cacheWays = 8

type cacheNode[V any] struct {
	key        digest
	value      V
	used, live bool
}

// newCache returns a cache of at most limit keys; but each shard holds a set.
func newCache[V any](limit int) *cache[V] {
	c := new(cache[V])
	for i := range c.shards {
		c.shards[i].limit = shardLimit(limit, len(c.shards))
	}
	return c
}

// shardLimit parts a limit among shards; each has a power of two of sets.
func shardLimit(limit, shards int) int {
	n := cacheWays
	for 2*n*shards <= limit {
		n *= 2
	}
	return n
}

func (c *cache[V]) shard(k *digest) *cacheShard[V] { return &c.shards[int(k[15])%len(c.shards)] }

// set is where the key may be.
func (s *cacheShard[V]) set(k *digest) []cacheNode[V] {
	if len(s.nodes) == 0 {
		return nil
	}
	i := int(binary.LittleEndian.Uint32(k[4:])) & (len(s.nodes)/cacheWays - 1) * cacheWays
	return s.nodes[i : i+cacheWays : i+cacheWays]
}

func (c *cache[V]) get(k digest) (v V, ok bool) {
	s := c.shard(&k)
	s.mu.Lock()
	if n := s.find(&k); n != nil {
		n.used = true
		v, ok = n.value, true
	}
	s.mu.Unlock()
	return v, ok
}

// find is the node of a key; nil if it has none.
func (s *cacheShard[V]) find(k *digest) *cacheNode[V] {
	set := s.set(k)
	for i := range set {
		if n := &set[i]; n.key == *k && n.live {
			return n
		}
	}
	return nil
}

// version is to be taken before the value is read that put will get.
func (c *cache[V]) version(k digest) uint64 {
	s := c.shard(&k)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

func (c *cache[V]) put(k digest, v V, version uint64) {
	s := c.shard(&k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version == version {
		*s.room(&k) = cacheNode[V]{k, v, true, true}
	}
}

// replace puts in a value that is newer than what anybody has read: it is what
// the writer has just written.
func (c *cache[V]) replace(k digest, v V) {
	s := c.shard(&k)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	*s.room(&k) = cacheNode[V]{k, v, true, true}
}

// room returns the node of the key, or one that it may have.
func (s *cacheShard[V]) room(k *digest) *cacheNode[V] {
	for {
		set := s.set(k)
		var free *cacheNode[V]
		for i := range set {
			n := &set[i]
			if n.live && n.key == *k {
				return n
			}
			if !n.live && free == nil {
				free = n
			}
		}
		if free != nil {
			return free
		}
		if len(s.nodes) >= s.limit {
			return unused(set, int(k[14]))
		}
		s.grow()
	}
}

// unused goes round a full set.
func unused[V any](set []cacheNode[V], from int) *cacheNode[V] {
	for i := from; ; i++ {
		n := &set[i%len(set)]
		if !n.used {
			return n
		}
		n.used = false
	}
}

// grow doubles the sets. Each parts into two, so that all it held have room.
func (s *cacheShard[V]) grow() {
	old := s.nodes
	s.nodes = make([]cacheNode[V], max(2*len(old), cacheWays))
	for i := range old {
		if old[i].live {
			*s.room(&old[i].key) = old[i]
		}
	}
}

// drop forgets a key, and every value of its shard that is being read now.
func (c *cache[V]) drop(k digest) {
	s := c.shard(&k)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.forget(&k)
}

func (s *cacheShard[V]) forget(k *digest) {
	if n := s.find(k); n != nil {
		*n = cacheNode[V]{}
	}
}

// clear forgets everything.
func (c *cache[V]) clear() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.version++
		clear(s.nodes)
		s.nodes = nil
		s.mu.Unlock()
	}
}
