package vault_test

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/vault"
)

// The cache gives what was put last, or nothing; it keeps its bound; and what
// was read before a drop does not come in after it.
func TestCache(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := vault.NewCache(1)
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
				c.Put(k, -1, before) // read before it was replaced
			case 0:
				v := rapid.IntRange(1, 1000).Draw(t, "value")
				c.Put(k, v, c.Version(k))
				model[k] = v
			case 1:
				stale = c.Version(k)
				c.Drop(k)
				delete(model, k)
				c.Put(k, -1, stale)
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
	})
}
