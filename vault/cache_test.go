package vault_test

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/vault"
)

// What caches of the vault have in common.
type anyCache interface {
	Get(k [16]byte) (int, bool)
	Put(k [16]byte, v int, version uint64)
	Version(k [16]byte) uint64
	Replace(k [16]byte, v int)
	Drop(k [16]byte)
	Clear()
}

// A cache gives what was put last, or nothing; it keeps its bound; and what
// was read before a drop does not come in after it.
func TestCache(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func() anyCache{
		"values": func() anyCache { return vault.NewCache(1) },
		"rows":   func() anyCache { return vault.NewRows(1) },
	} {
		t.Run(name, func(t *testing.T) { rapid.Check(t, func(t *rapid.T) { checkCache(t, make()) }) })
	}
}

func checkCache(t *rapid.T, c anyCache) {
	model := map[[16]byte]int{}
	var stale uint64
	for range rapid.IntRange(1, 300).Draw(t, "steps") {
		var k [16]byte
		binary.BigEndian.PutUint64(k[:], rapid.Uint64Range(1, 40).Draw(t, "key"))
		switch rapid.IntRange(0, 5).Draw(t, "do") {
		case 5:
			before := c.Version(k)
			c.Replace(k, 2000)
			model[k] = 2000
			c.Put(k, 7000, before) // read before it was replaced
		case 0:
			v := rapid.IntRange(1, 1000).Draw(t, "value")
			c.Put(k, v, c.Version(k))
			model[k] = v
		case 1:
			stale = c.Version(k)
			c.Drop(k)
			delete(model, k)
			c.Put(k, 7000, stale)
		case 2:
			if rapid.IntRange(0, 20).Draw(t, "clear") == 0 {
				c.Clear()
				clear(model)
			}
		default:
			v, ok := c.Get(k)
			if want, known := model[k]; ok && (!known || v != want) {
				t.Fatalf("got %d, want %d (%v)", v, want, known)
			}
		}
	}
	held := 0
	for i := range uint64(41) {
		var k [16]byte
		binary.BigEndian.PutUint64(k[:], i)
		if v, ok := c.Get(k); ok {
			if held++; v != model[k] {
				t.Fatalf("key %d: got %d, want %d", i, v, model[k])
			}
		}
	}
	if held > 8 || len(model) > 0 && held == 0 {
		t.Fatalf("%d of %d are held, want at most 8", held, len(model))
	}
}

// Rows take what the configuration says, and most of what fits is there.
func TestRowsHold(t *testing.T) {
	t.Parallel()
	const limit = 1 << 14
	c := vault.NewRows(limit)
	key := func(i int) [16]byte {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
		return [16]byte(sum[:])
	}
	held := func(from, to int) (n int) {
		for i := from; i < to; i++ {
			if v, ok := c.Get(key(i)); ok && v == i {
				n++
			}
		}
		return n
	}
	for i := range 3 * limit {
		c.Replace(key(i), i)
	}
	if got := held(2*limit, 3*limit); got < limit*7/10 {
		t.Errorf("%d of the last %d are held", got, limit)
	}
	all, node, pair := c.Bytes()
	if node != 40 || pair != 48 || all > limit*(40+3*48) {
		t.Errorf("%d bytes for %d rows, %d a row and %d a pair; want 40 and 48, and room for 3 pairs a row", all, limit, node, pair)
	}
}

// The configuration says what memory takes.
func TestCacheBytes(t *testing.T) {
	t.Parallel()
	if declared, is := vault.EntryBytes(); declared != is {
		t.Errorf("an entry is declared to take %d bytes and takes %d", declared, is)
	}
	c := vault.Config{CacheEntries: 1 << 17}
	if got := c.CacheBytes() / 1e6; got < 65 || got > 75 {
		t.Errorf("the default takes %d MB; its comment says 69", got)
	}
}
