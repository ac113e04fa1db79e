package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/habeas-data/habeas/events"
)

// knownPairs remembers of identifiers, as systems spell them, which live handle
// they have, so that a pair that is known costs neither normalising nor a row.
// What it holds are keyed hashes under a key of this process, handles and
// counters: no plaintext, and no pointer that the garbage collector would follow.
//
// It only holds pairs that are live and were never erased before. One is believed
// while the row that it was read from has lost nothing: see stamp.
//
// One lock serves a whole batch of look-ups. Nothing but loads stands between
// them, so that the processor waits for the memory of several at once; with a
// lock for each they cost three times as much.
type knownPairs struct {
	hash   cipher.Block
	losses [1 << rowBits]atomic.Uint32 // by digest of the row; never 0 under versionMask
	mu     sync.Mutex
	parts  [64]pairPart // guarded by mu; parts, so that no one growth is long
}

type pairPart struct {
	limit int         // greatest length of pairs
	pairs []knownPair // sets of pairWays; their number is a power of two
}

// A knownPair fills half a line of memory, and a set four of them.
type knownPair struct {
	name   pairName
	stamp  uint32 // and whether it was asked for of late; 0: nothing is here
	handle events.Handle
}

const (
	knownPairBytes = 32
	pairWays       = 8
)

// A pairName stands for (system, kind, value as sent) within this process. That
// one of 2^40 names falls together with one of those in memory, and two people
// are taken for one, has a chance of 2^-34.
type pairName [12]byte

// A stamp is rowBits of the digest of a row, and how often rows whose digests
// have the same bits had lost something. pairUsed lies between.
const (
	rowBits     = 12
	pairUsed    = 1 << 19
	versionMask = pairUsed - 1
	rowShift    = 20
)

// newKnownPairs returns room for at most limit pairs; but each part holds a set.
func newKnownPairs(limit int, random io.Reader) (*knownPairs, error) {
	var key [16]byte
	if _, err := io.ReadFull(random, key[:]); err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	hash, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	p := &knownPairs{hash: hash}
	for i := range p.losses {
		p.losses[i].Store(1)
	}
	for i := range p.parts {
		for s := &p.parts[i]; s.limit == 0 || 2*s.limit*len(p.parts) <= limit; {
			s.limit = max(2*s.limit, pairWays)
		}
	}
	return p, nil
}

// stamp is to be taken before the row of the digest is read. What is put in
// under it is believed until the next loss of that row, or of one that shares
// its counter.
func (p *knownPairs) stamp(row digest) uint32 {
	i := rowOfStamp(row)
	return i<<rowShift | p.losses[i].Load()&versionMask
}

func rowOfStamp(d digest) uint32 { return uint32(binary.BigEndian.Uint16(d[2:])) % (1 << rowBits) }

func (p *knownPairs) holds(stamp uint32) bool {
	return stamp&versionMask == p.losses[stamp>>rowShift].Load()&versionMask
}

// lose says that a row has changed in another way than by a pair more.
func (p *knownPairs) lose(row digest) { p.loseAt(rowOfStamp(row)) }

func (p *knownPairs) loseAt(i uint32) {
	for {
		old := p.losses[i].Load()
		next := old + 1
		if next&versionMask == 0 {
			p.empty() // stamps repeat from here on; nobody may find what has them
			next++
		}
		if p.losses[i].CompareAndSwap(old, next) {
			return
		}
	}
}

// clear forgets everything, and what others are about to put in.
func (p *knownPairs) clear() {
	for i := range uint32(len(p.losses)) {
		p.loseAt(i)
	}
	p.empty()
}

func (p *knownPairs) empty() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.parts {
		clear(p.parts[i].pairs)
		p.parts[i].pairs = nil
	}
}

// find puts the handles of those that are known into out.
func (p *knownPairs) find(names []pairName, out []Resolved) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range names {
		n := &names[i]
		set, first := p.part(n).set(n), n.first()
		for k := range set {
			e := &set[(first+k)%pairWays]
			if e.name != *n {
				continue
			}
			if p.holds(e.stamp) {
				if e.stamp&pairUsed == 0 {
					e.stamp |= pairUsed
				}
				out[i].Ref.Handle = e.handle
			}
			break
		}
	}
}

// put puts pairs in.
func (p *knownPairs) put(pairs []knownPair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range pairs {
		n := &pairs[i].name
		*p.room(n) = pairs[i]
	}
}

// room returns the place of a name: its own, one that nobody believes, a fresh one,
// or that of a pair of its set which was not asked for since somebody last
// looked for room.
func (p *knownPairs) room(n *pairName) *knownPair {
	for s, first := p.part(n), n.first(); ; {
		set := s.set(n)
		var free *knownPair
		for k := range set {
			e := &set[(first+k)%pairWays]
			if e.name == *n {
				return e
			}
			if free == nil && !p.holds(e.stamp) {
				free = e
			}
		}
		if free != nil {
			return free
		}
		if len(s.pairs) < s.limit {
			s.grow()
			continue
		}
		for k := first; ; k++ {
			e := &set[k%pairWays]
			if e.stamp&pairUsed == 0 {
				return e
			}
			e.stamp &^= pairUsed
		}
	}
}

func (n *pairName) first() int { return int(n[0]) % pairWays }

func (p *knownPairs) part(n *pairName) *pairPart { return &p.parts[int(n[1])%len(p.parts)] }

func (s *pairPart) set(n *pairName) []knownPair {
	if len(s.pairs) == 0 {
		return nil
	}
	i := int(binary.LittleEndian.Uint32(n[2:])) & (len(s.pairs)/pairWays - 1) * pairWays
	return s.pairs[i : i+pairWays : i+pairWays]
}

// grow doubles the sets. Each parts into two, so that all it held have room.
func (s *pairPart) grow() {
	old := s.pairs
	s.pairs = make([]knownPair, max(2*len(old), pairWays))
	for i := range old {
		n := &old[i].name
		set := s.set(n)
		for k := n.first(); old[i].stamp != 0; k++ {
			if e := &set[k%pairWays]; e.stamp == 0 {
				*e = old[i]
				break
			}
		}
	}
}

// A namer computes names for one goroutine.
type namer struct {
	hash cipher.Block
	in   []byte
	out  [aes.BlockSize]byte
}

// name is the CBC-MAC of system, kind and value under AES. Their lengths go
// first, without which it would be no pseudo-random function (Bellare, Kilian,
// Rogaway, "The security of the cipher block chaining message authentication
// code", JCSS 2000). It costs a third of HMAC-SHA256. A hash made for hash tables
// would be cheaper still, and is no proof that two names are two people.
func (h *namer) name(system, kind events.Code, value string) pairName {
	b := binary.LittleEndian.AppendUint32(h.in[:0], uint32(len(system)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(kind)))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(value)))
	b = append(append(append(b, system...), kind...), value...)
	for len(b)%aes.BlockSize != 0 {
		b = append(b, 0)
	}
	x := h.out[:]
	clear(x)
	for at := 0; at < len(b); at += aes.BlockSize {
		in := b[at : at+aes.BlockSize]
		binary.LittleEndian.PutUint64(x, binary.LittleEndian.Uint64(x)^binary.LittleEndian.Uint64(in))
		binary.LittleEndian.PutUint64(x[8:], binary.LittleEndian.Uint64(x[8:])^binary.LittleEndian.Uint64(in[8:]))
		h.hash.Encrypt(x, x)
	}
	clear(b)
	h.in = b
	return pairName(x)
}
