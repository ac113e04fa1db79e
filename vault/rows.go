package vault

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// rowCache keeps recently used rows of pairs by their digest. It works as cache
// does, but what it holds has no pointers: hundreds of thousands of rows that the
// garbage collector looked into at each round cost more than all look-ups of
// them. Rows are copied in and out, so whoever gets one may change it.
//
// The pairs of a shard stand in a ring, in the order in which their rows were put
// in; the oldest are written over.
type rowCache struct {
	systems numbers
	shards  [64]rowShard
}

type rowShard struct {
	cacheShard[rowSpan]
	ring  []keptPair // guarded by mu
	most  int        // greatest length of ring
	wrote uint64     // pairs so far, and room left empty at its end
}

// A rowSpan is where the pairs of a row stand, counted as wrote is.
type rowSpan struct {
	at uint64
	n  uint16
}

// A keptPair is a pair, with a number for its system.
type keptPair struct {
	slot            uint64
	changed, erased events.Instant
	handle          events.Handle
	system          uint16
	state           index.State
}

const (
	rowNodeBytes  = 40 // of a row, beside its pairs
	keptPairBytes = 48
	pairsPerRow   = 3   // room in the ring for each row, on average
	mostKept      = 255 // pairs of a row that is kept
)

func newRowCache(limit int) *rowCache {
	c := new(rowCache)
	for i := range c.shards {
		s := &c.shards[i]
		s.limit = shardLimit(limit, len(c.shards))
		s.most = pairsPerRow * s.limit
	}
	return c
}

func (c *rowCache) shard(d *digest) *rowShard { return &c.shards[int(d[15])%len(c.shards)] }

// get returns a copy of a row, with room for one pair more.
func (c *rowCache) get(d digest) (*row, bool) {
	s := c.shard(&d)
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.find(&d)
	if n == nil || n.value.at+uint64(len(s.ring)) < s.wrote {
		return nil, false
	}
	n.used = true
	r := &row{digest: d, pairs: make([]pair, n.value.n, n.value.n+1)}
	names := c.systems.names()
	from := int(n.value.at) % len(s.ring)
	for i := range r.pairs {
		k := &s.ring[from+i]
		r.pairs[i] = pair{k.slot, k.state, k.changed, k.erased, k.handle, names[k.system]}
	}
	return r, true
}

// version is to be taken before the row is read that put will get.
func (c *rowCache) version(d digest) uint64 {
	s := c.shard(&d)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// put puts in a row that was read, unless something of its shard has changed since.
func (c *rowCache) put(r *row, version uint64) {
	s := c.shard(&r.digest)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version == version {
		s.keep(r, &c.systems)
	}
}

// replace puts in a row as it has just been committed.
func (c *rowCache) replace(r *row) {
	s := c.shard(&r.digest)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.keep(r, &c.systems)
}

// keep leaves out what it cannot hold: lists of suppressions, and rows of so many
// pairs that few others would have room.
func (s *rowShard) keep(r *row, systems *numbers) {
	n := len(r.pairs)
	if len(r.suppressions) > 0 || n == 0 || n > min(s.most/2, mostKept) {
		s.forget(&r.digest)
		return
	}
	from := s.fit(n)
	for i := range r.pairs {
		p := &r.pairs[i]
		number, ok := systems.of(p.system)
		if !ok {
			s.forget(&r.digest)
			return
		}
		s.ring[from+i] = keptPair{p.slot, p.changed, p.erased, p.handle, number, p.state}
	}
	*s.room(&r.digest) = cacheNode[rowSpan]{r.digest, rowSpan{s.wrote, uint16(n)}, true, true}
	s.wrote += uint64(n)
}

// fit returns where in the ring n pairs may stand, side by side, and counts what is left
// empty for that.
func (s *rowShard) fit(n int) int {
	for int(s.wrote)+n > len(s.ring) && len(s.ring) < s.most {
		// Nothing was written over yet, so all stays where it is.
		s.ring = slices.Grow(s.ring, max(len(s.ring), n))
		s.ring = s.ring[:min(cap(s.ring), s.most)]
	}
	from := int(s.wrote % uint64(len(s.ring)))
	if from+n > len(s.ring) {
		s.wrote += uint64(len(s.ring) - from)
		from = 0
	}
	return from
}

// drop forgets a row, and every row of its shard that is being read now.
func (c *rowCache) drop(d digest) {
	s := c.shard(&d)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.forget(&d)
}

// clear forgets everything.
func (c *rowCache) clear() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.version++
		clear(s.nodes)
		clear(s.ring)
		s.nodes, s.ring, s.wrote = nil, nil, 0
		s.mu.Unlock()
	}
}

// numbers gives systems small numbers, for this process only.
type numbers struct {
	mu   sync.RWMutex
	by   map[events.Code]uint16        // guarded by mu
	list atomic.Pointer[[]events.Code] // by number; only ever longer
}

// of is the number of a system; there is none if 65536 others were first.
func (n *numbers) of(system events.Code) (uint16, bool) {
	n.mu.RLock()
	i, ok := n.by[system]
	n.mu.RUnlock()
	if ok {
		return i, true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if i, ok := n.by[system]; ok {
		return i, true
	}
	list := n.names()
	if len(list) == 1<<16 {
		return 0, false
	}
	if n.by == nil {
		n.by = make(map[events.Code]uint16)
	}
	system = events.Code(strings.Clone(string(system))) // it may be part of a whole request
	n.by[system] = uint16(len(list))
	list = append(list[:len(list):len(list)], system)
	n.list.Store(&list)
	return uint16(len(list) - 1), true
}

func (n *numbers) names() []events.Code {
	if list := n.list.Load(); list != nil {
		return *list
	}
	return nil
}
