// Package ggm owns the puncturable key tree: a binary tree of keys grown from
// one root by a one-way function (Goldreich, Goldwasser, Micali, "How to
// construct random functions", JACM 1986). Whoever holds a node can derive
// every leaf below it and nothing else. To puncture a leaf is to replace the
// one held node above it by the siblings along the way down, so that every
// other leaf keeps its key and this one has none any more.
//
// The package does no I/O and draws no random number. It never gives a key of a
// punctured leaf again (this is what forgetting rests on), and it overwrites
// the memory of keys it drops as far as Go lets it.
package ggm

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"
	"sync"
)

// KeySize is the size of every key of the tree in bytes.
const KeySize = 32

// A Key is the key of one node.
type Key [KeySize]byte

// A Node is a held node: all leaves below it can be derived.
type Node struct {
	Depth  uint8  // 0 is the root
	Prefix uint64 // the first Depth bits of the leaves below
	Key    Key
}

// MaxDepth is the greatest depth of a tree.
const MaxDepth = 48

// anchorHeight is how far above the leaves inner nodes are remembered, so that
// a leaf anywhere costs at most this many hashes; anchorLimit bounds them.
const (
	anchorHeight = 12
	anchorLimit  = 4096
)

// A Tree is the set of held nodes. No held node is below another. It is safe
// for concurrent use.
type Tree struct {
	depth uint8
	label [15]byte

	mu     sync.Mutex
	nodes  map[uint64]Key // by id(depth, prefix)
	counts [MaxDepth + 1]int

	// What follows are derived keys kept to save work; dropped by every change.
	path     [MaxDepth + 1]Key // keys from pathFrom to the leaf pathLeaf
	pathLeaf uint64
	pathFrom uint8
	pathOK   bool
	anchors  map[uint64]Key // by prefix at depth-anchorHeight
}

// New returns a tree of 2^depth leaves that holds its root. The label, at most
// 15 bytes, keeps trees of different purposes apart.
func New(label string, depth uint8, root Key) *Tree {
	t, err := FromNodes(label, depth, []Node{{Key: root}})
	if err != nil {
		panic(err) // only a label or depth fixed in code can be wrong here
	}
	return t
}

// FromNodes returns a tree that holds exactly these nodes. It is an error if
// one lies outside the tree or below another.
func FromNodes(label string, depth uint8, nodes []Node) (*Tree, error) {
	t := &Tree{depth: depth, nodes: make(map[uint64]Key, len(nodes)), anchors: make(map[uint64]Key)}
	if len(label) > len(t.label) || depth == 0 || depth > MaxDepth {
		return nil, fmt.Errorf("key tree: want a label of at most %d bytes and a depth of 1 to %d", len(t.label), MaxDepth)
	}
	copy(t.label[:], label)
	for _, n := range nodes {
		if n.Depth > depth || n.Prefix>>n.Depth != 0 {
			return nil, fmt.Errorf("key tree: a node lies outside the tree")
		}
		if _, ok := t.nodes[id(n.Depth, n.Prefix)]; ok {
			return nil, fmt.Errorf("key tree: a node is there twice")
		}
		t.put(n.Depth, n.Prefix, n.Key)
	}
	for _, n := range nodes {
		for d := range n.Depth {
			if _, ok := t.nodes[id(d, n.Prefix>>(n.Depth-d))]; ok {
				return nil, fmt.Errorf("key tree: a node lies below another")
			}
		}
	}
	return t, nil
}

func id(depth uint8, prefix uint64) uint64 { return uint64(depth)<<56 | prefix }

func (t *Tree) put(depth uint8, prefix uint64, k Key) {
	t.nodes[id(depth, prefix)] = k
	t.counts[depth]++
}

func (t *Tree) drop(depth uint8, prefix uint64) {
	t.nodes[id(depth, prefix)] = Key{} // overwrite before the map lets go of it
	delete(t.nodes, id(depth, prefix))
	t.counts[depth]--
}

// child derives one child. The input is one block of SHA-256: 15 bytes of
// label, one byte of side, 32 bytes of uniformly random key. Length is fixed,
// so extension does not arise; SHA-256 is taken as a pseudo-random generator
// here, which HMAC would assume of the same function at four times the cost.
func (t *Tree) child(k *Key, side uint64) Key {
	var in [len(t.label) + 1 + KeySize]byte
	copy(in[:], t.label[:])
	in[len(t.label)] = byte(side)
	copy(in[len(t.label)+1:], k[:])
	out := Key(sha256.Sum256(in[:]))
	clear(in[:])
	return out
}

// covering returns the depth of the held node above leaf. The caller holds mu.
func (t *Tree) covering(leaf uint64) (uint8, Key, bool) {
	for d := range t.depth + 1 {
		if t.counts[d] == 0 {
			continue
		}
		if k, ok := t.nodes[id(d, leaf>>(t.depth-d))]; ok {
			return d, k, true
		}
	}
	return 0, Key{}, false
}

// Derive returns the key of a leaf, or false if it was punctured or lies
// outside the tree.
func (t *Tree) Derive(leaf uint64) (Key, bool) {
	if leaf>>t.depth != 0 {
		return Key{}, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	from, ok := t.start(leaf)
	if !ok {
		return Key{}, false
	}
	for d := from; d < t.depth; d++ {
		if t.depth-d == anchorHeight {
			t.anchor(leaf>>anchorHeight, t.path[d])
		}
		t.path[d+1] = t.child(&t.path[d], leaf>>(t.depth-d-1)&1)
	}
	return t.path[t.depth], true
}

// start puts into path the deepest known key above leaf and returns its depth.
func (t *Tree) start(leaf uint64) (uint8, bool) {
	if t.pathOK {
		common := t.depth - uint8(bits.Len64(leaf^t.pathLeaf))
		if common >= t.pathFrom && common+anchorHeight >= t.depth {
			t.pathLeaf = leaf
			return common, true
		}
	}
	d, k, ok := t.covering(leaf)
	if !ok {
		return 0, false
	}
	if d+anchorHeight < t.depth {
		if a, ok := t.anchors[leaf>>anchorHeight]; ok {
			d, k = t.depth-anchorHeight, a
		}
	}
	t.path[d] = k
	t.pathLeaf, t.pathFrom, t.pathOK = leaf, d, true
	return d, true
}

func (t *Tree) anchor(prefix uint64, k Key) {
	if len(t.anchors) >= anchorLimit {
		t.forgetAnchors()
	}
	t.anchors[prefix] = k
}

func (t *Tree) forgetAnchors() {
	for p := range t.anchors {
		t.anchors[p] = Key{}
	}
	clear(t.anchors)
}

// forgetDerived overwrites every derived key that is remembered.
func (t *Tree) forgetDerived() {
	clear(t.path[:])
	t.pathOK = false
	t.forgetAnchors()
}

// Punctured reports whether no key of leaf can be derived any more.
func (t *Tree) Punctured(leaf uint64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _, ok := t.covering(leaf)
	return !ok
}

// Len is the number of held nodes.
func (t *Tree) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.nodes)
}

// Nodes returns a copy of the held nodes, ordered by the leaves they cover.
func (t *Tree) Nodes() []Node {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Node, 0, len(t.nodes))
	for i, k := range t.nodes {
		all = append(all, Node{uint8(i >> 56), i << 8 >> 8, k})
	}
	slices.SortFunc(all, func(a, b Node) int {
		x, y := a.Prefix<<(t.depth-a.Depth), b.Prefix<<(t.depth-b.Depth)
		if x < y {
			return -1
		}
		return 1
	})
	return all
}

// Wipe overwrites all keys. The tree derives nothing afterwards.
func (t *Tree) Wipe() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forgetDerived()
	for i := range t.nodes {
		t.nodes[i] = Key{}
	}
	clear(t.nodes)
	clear(t.counts[:])
}
