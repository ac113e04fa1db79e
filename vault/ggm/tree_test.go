package ggm

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"testing"

	"pgregory.net/rapid"
)

var root = Key(sha256.Sum256([]byte("a root for tests")))

// reference derives a leaf from the root by the definition alone.
func reference(label string, depth uint8, root Key, leaf uint64) Key {
	k := root
	for d := int(depth) - 1; d >= 0; d-- {
		in := make([]byte, 16, 48)
		copy(in, label)
		in[15] = byte(leaf >> d & 1)
		k = sha256.Sum256(append(in, k[:]...))
	}
	return k
}

// After forgetting a set of slots every other slot keeps its key,
// no forgotten one can be derived, and the cost is in proportion.
func TestPunctureIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		depth := rapid.Uint8Range(1, 40).Draw(t, "depth")
		// Leaves close together, so that neighbours share nodes.
		leaf := rapid.Uint64Range(0, min(uint64(1)<<depth-1, 300))
		punctured := rapid.SliceOfNDistinct(leaf, 0, 40, rapid.ID[uint64]).Draw(t, "punctured")
		tree := New("test", depth, root)
		gone := map[uint64]bool{}
		for len(punctured) > 0 {
			n := rapid.IntRange(1, len(punctured)).Draw(t, "at once")
			if got := tree.Puncture(punctured[:n]...); got != n {
				t.Fatalf("punctured %d of %d", got, n)
			}
			for _, p := range punctured[:n] {
				gone[p] = true
			}
			punctured = punctured[n:]
			probe := rapid.SliceOfN(leaf, 0, 20).Draw(t, "probe")
			check(t, tree, depth, gone, probe)
		}
		if most := len(gone)*int(depth) + 1; tree.Len() > most {
			t.Fatalf("%d nodes, want at most %d", tree.Len(), most)
		}
		again, err := FromNodes("test", depth, tree.Nodes())
		if err != nil {
			t.Fatal(err)
		}
		check(t, again, depth, gone, []uint64{0, uint64(1)<<depth - 1})
	})
}

func check(t *rapid.T, tree *Tree, depth uint8, gone map[uint64]bool, probe []uint64) {
	for p := range gone {
		if _, ok := tree.Derive(p); ok || !tree.Punctured(p) {
			t.Fatalf("leaf %d is punctured and has a key", p)
		}
		for d := range depth + 1 {
			if _, ok := tree.nodes[id(d, p>>(depth-d))]; ok {
				t.Fatalf("a held node at depth %d covers punctured leaf %d", d, p)
			}
		}
		probe = append(probe, p^1, p+1, p-1)
	}
	for _, s := range probe {
		if gone[s] || s>>depth != 0 {
			continue
		}
		k, ok := tree.Derive(s)
		if !ok || k != reference("test", depth, root, s) {
			t.Fatalf("leaf %d lost its key or changed it (ok %v)", s, ok)
		}
	}
}

// A route that is keyed anew has nothing to do with its former key; every
// other route keeps its own.
func TestReplaceChangesExactlyTheSubtree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const depth = 8
		tree := New("routes", depth, root)
		want := make([]Key, 1<<depth)
		for i := range want {
			want[i] = reference("routes", depth, root, uint64(i))
		}
		for n := rapid.IntRange(1, 12).Draw(t, "replacements"); n > 0; n-- {
			d := rapid.Uint8Range(0, depth).Draw(t, "depth")
			p := rapid.Uint64Range(0, uint64(1)<<d-1).Draw(t, "prefix")
			k := Key(sha256.Sum256([]byte{byte(n)}))
			former, err := FromNodes("routes", depth, tree.Under(d, p))
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if uint64(i)>>(depth-d) == p {
					if got, ok := former.Derive(uint64(i)); !ok || got != want[i] {
						t.Fatalf("Under lost the key of route %d", i)
					}
					want[i] = reference("routes", depth-d, k, uint64(i)&(1<<(depth-d)-1))
				} else if !former.Punctured(uint64(i)) {
					t.Fatalf("Under gave the key of route %d as well", i)
				}
			}
			tree.Replace(d, p, k)
		}
		for i := range want {
			if got, ok := tree.Derive(uint64(i)); !ok || got != want[i] {
				t.Fatalf("route %d has a wrong key (ok %v)", i, ok)
			}
		}
	})
}

func TestFromNodesRefuses(t *testing.T) {
	for name, nodes := range map[string][]Node{
		"outside": {{Depth: 2, Prefix: 4}},
		"deeper":  {{Depth: 5}},
		"twice":   {{Depth: 1}, {Depth: 1}},
		"below":   {{Depth: 1}, {Depth: 3, Prefix: 1}},
	} {
		if _, err := FromNodes("test", 4, nodes); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// The derivation is part of the disk form: every sealed entry depends on it.
func TestDerivationGolden(t *testing.T) {
	tree := New("habeas entries", 40, root)
	var b bytes.Buffer
	for _, leaf := range []uint64{0, 1, 4095, 4096, 1 << 20, 1<<40 - 1} {
		k, ok := tree.Derive(leaf)
		if !ok {
			t.Fatal(leaf)
		}
		b.WriteString(hex.EncodeToString(binary.BigEndian.AppendUint64(nil, leaf)) + " " + hex.EncodeToString(k[:]) + "\n")
	}
	want, err := os.ReadFile("testdata/derivation.golden")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("derivation changed; got\n%s", b.String())
	}
}

func BenchmarkDeriveNext(b *testing.B) {
	tree := New("habeas entries", 40, root)
	for i := range uint64(b.N) {
		tree.Derive(i)
	}
}

func BenchmarkDeriveAnywhere(b *testing.B) {
	tree := New("habeas entries", 40, root)
	for i := range uint64(b.N) {
		tree.Derive(i * 2654435761 % 1_000_000)
	}
}
