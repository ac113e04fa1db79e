package ggm

// Puncture takes away the keys of these leaves and of no other. It returns how
// many of them still had one. The cost is at most depth nodes each; leaves
// beside each other share most of theirs.
func (t *Tree) Puncture(leaves ...uint64) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forgetDerived()
	n := 0
	for _, leaf := range leaves {
		if leaf>>t.depth == 0 && t.puncture(leaf) {
			n++
		}
	}
	return n
}

func (t *Tree) puncture(leaf uint64) bool {
	d, k, ok := t.covering(leaf)
	if !ok {
		return false
	}
	t.split(d, k, t.depth, leaf)
	return true
}

// split replaces the held node at depth d above (to, prefix) by the siblings
// along the way down to it, and holds nothing at (to, prefix) itself.
func (t *Tree) split(d uint8, k Key, to uint8, prefix uint64) {
	t.drop(d, prefix>>(to-d))
	for ; d < to; d++ {
		down := prefix >> (to - d - 1)
		t.put(d+1, down^1, t.child(&k, down&1^1))
		k = t.child(&k, down&1)
	}
	clear(k[:])
}

// Replace puts a fresh key at (depth, prefix): every leaf below it gets a new
// key that has nothing to do with its former one. All others keep theirs.
func (t *Tree) Replace(depth uint8, prefix uint64, k Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forgetDerived()
	if d, held, ok := t.above(depth, prefix); ok {
		t.split(d, held, depth, prefix)
	} else {
		for _, n := range t.below(depth, prefix) {
			t.drop(n.Depth, n.Prefix)
		}
	}
	t.put(depth, prefix, k)
}

// Under returns nodes from which exactly the leaves below (depth, prefix) that
// are not punctured can be derived: what Replace would make useless.
func (t *Tree) Under(depth uint8, prefix uint64) []Node {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d, k, ok := t.above(depth, prefix); ok {
		for ; d < depth; d++ {
			k = t.child(&k, prefix>>(depth-d-1)&1)
		}
		return []Node{{depth, prefix, k}}
	}
	return t.below(depth, prefix)
}

// above finds the held node at or above (depth, prefix). The caller holds mu.
func (t *Tree) above(depth uint8, prefix uint64) (uint8, Key, bool) {
	for d := range depth + 1 {
		if k, ok := t.nodes[id(d, prefix>>(depth-d))]; ok {
			return d, k, true
		}
	}
	return 0, Key{}, false
}

// below lists the held nodes strictly below (depth, prefix), level by level:
// by place where the level could hold few below it, else by walking the nodes.
// It serves the tree of routes, which never holds more than its 65,536 leaves.
func (t *Tree) below(depth uint8, prefix uint64) []Node {
	var found []Node
	for d := depth + 1; d <= t.depth; d++ {
		if t.counts[d] == 0 {
			continue
		}
		if width := d - depth; width < 63 && uint64(t.counts[d]) > 1<<width {
			for p := prefix << width; p < (prefix+1)<<width; p++ {
				if k, ok := t.nodes[id(d, p)]; ok {
					found = append(found, Node{d, p, k})
				}
			}
			continue
		}
		for i, k := range t.nodes {
			if uint8(i>>56) == d && i<<8>>8>>(d-depth) == prefix {
				found = append(found, Node{d, i << 8 >> 8, k})
			}
		}
	}
	return found
}
