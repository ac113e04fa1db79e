package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math/bits"
	"sync"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/ggm"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
	"github.com/habeas-data/habeas/vault/normalise"
)

// bucketRows is how many rows of the index get fresh keys together when one of
// them is forgotten. The route of an identifier can be computed for as long as
// the vault lives, so the key table tells which routes something was forgotten
// from; the bucket is as wide as needed to hide that among this many others. It
// is also the price of forgetting one pair: that many rows are written anew.
const bucketRows = 512

// bucketDepth is the depth of the buckets of an index of so many rows.
func bucketDepth(rows uint64) uint8 {
	if rows < 2*bucketRows {
		return 0
	}
	return uint8(min(bits.Len64(rows/bucketRows)-1, keys.RouteBits))
}

// routeOf is the leaf of the tree of routes that a digest belongs to.
func routeOf(d digest) uint64 { return uint64(binary.BigEndian.Uint16(d[:])) }

// A routeKey is what the key of one route gives: the tag that its rows share,
// the key that hashes digests and the key that seals rows.
type routeKey struct {
	tag       [8]byte
	hash, box ggm.Key
}

// route returns the keys of a digest's route as they are now. The caller holds
// routesMu or is the writer.
func (v *Vault) route(d digest) *routeKey {
	leaf := routeOf(d)
	if k := v.routes[leaf].Load(); k != nil {
		return k
	}
	first := leaf / routesAtOnce * routesAtOnce
	all := make([]routeKey, routesAtOnce)
	for i := range all {
		at := &v.routes[first+uint64(i)]
		if at.Load() != nil {
			continue
		}
		all[i] = deriveRoute(v.table.Routes, first+uint64(i))
		if !at.CompareAndSwap(nil, &all[i]) {
			all[i] = routeKey{} // nobody would wipe it when the route gets another
		}
	}
	return v.routes[leaf].Load()
}

// routesAtOnce is how many neighbours are derived together. Digests ask for routes
// all over the tree, and its way down to one costs 16 hashes, to the next two.
const routesAtOnce = 32

func deriveRoute(t *ggm.Tree, route uint64) routeKey {
	leaf, ok := t.Derive(route)
	if !ok {
		panic("vault: a route has no key") // routes are replaced, never punctured
	}
	return newRouteKey(leaf)
}

// replaceRoutes makes the keys of a bucket those of r. The caller holds routesMu
// for writing.
func (v *Vault) replaceRoutes(r *keys.Rekey) {
	v.table.Routes.Replace(r.Depth, r.Prefix, r.Key)
	width := uint64(1) << (keys.RouteBits - r.Depth)
	for leaf := r.Prefix * width; leaf < (r.Prefix+1)*width; leaf++ {
		if k := v.routes[leaf].Swap(nil); k != nil {
			*k = routeKey{}
		}
	}
}

func newRouteKey(leaf ggm.Key) routeKey {
	return routeKey{tag: rowTag(leaf), hash: subKey("habeas row hash", leaf), box: subKey("habeas row seal", leaf)}
}

func rowTag(leaf ggm.Key) [8]byte {
	tag := subKey("habeas row tag", leaf)
	return [8]byte(tag[:])
}

// subKey keeps the uses of a route's key apart. Label, of at most 16 bytes, and
// key have fixed lengths and fill one block of SHA-256.
func subKey(label string, leaf ggm.Key) ggm.Key {
	var in [16 + ggm.KeySize]byte
	copy(in[:], label)
	copy(in[16:], leaf[:])
	return sha256.Sum256(in[:])
}

// row names the row of a digest. Key and digest have fixed lengths, so SHA-256
// over both is a keyed hash without the cost of HMAC.
func (k *routeKey) row(d digest) index.RowKey {
	var in [ggm.KeySize + len(d)]byte
	copy(in[:], k.hash[:])
	copy(in[ggm.KeySize:], d[:])
	sum := sha256.Sum256(in[:])
	var out index.RowKey
	copy(out[:], k.tag[:])
	copy(out[len(k.tag):], sum[:])
	return out
}

// A mac computes HMAC-SHA256 under one long-lived sub-key without allocating.
type mac struct{ pool sync.Pool }

type macState struct {
	h   hash.Hash
	buf []byte
	out [sha256.Size]byte
}

func newMAC(key []byte) *mac {
	m := new(mac)
	m.pool.New = func() any { return &macState{h: hmac.New(sha256.New, key)} }
	return m
}

// sum returns 128 bits over a and b with their lengths kept apart.
func (m *mac) sum(a events.Code, version uint8, b string) (d digest) {
	s := m.pool.Get().(*macState)
	s.buf = append(append(append(s.buf[:0], a...), 0, version), b...)
	s.h.Reset()
	s.h.Write(s.buf)
	s.h.Sum(s.out[:0])
	copy(d[:], s.out[:])
	clear(s.buf)
	m.pool.Put(s)
	return d
}

// A form is an identifier under one version of its rule.
func (m *mac) form(kind events.Code, f normalise.Form) digest { return m.sum(kind, f.Version, f.Text) }
