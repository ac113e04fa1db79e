package vault_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/vaulttest"
)

// A damaged index is made anew from the log: never a second handle for a pair,
// never another person's identifier.
func TestDamagedIndex(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	ids := make([]string, 3000)
	for i := range ids {
		ids[i] = fmt.Sprintf("crm.contact=c-%d", i)
	}
	given := resolve(t, v, "crm", ids...)
	last := v.Last()
	_ = v.Close()
	for seed := range uint64(4) {
		q := place.Backup(t)
		rng := rand.New(rand.NewPCG(seed, 9))
		flip(t, rng, q.Config().Dir)
		v := q.Open(t, func(c *vault.Config) { c.Create = false })
		for i, id := range ids {
			if out := resolve(t, v, "crm", id)[0]; out.Fresh || out.Ref != given[i].Ref {
				t.Fatalf("seed %d: %s: %+v, given %+v", seed, id, out, given[i])
			}
		}
		if v.Last() != last {
			t.Errorf("seed %d: at %d, want %d", seed, v.Last(), last)
		}
		sound(t, v)
		_ = v.Close()
	}
}

// flip changes some bytes in the middle of a file of the index.
func flip(t *testing.T, rng *rand.Rand, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "run-*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	name := names[rng.IntN(len(names))]
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		b[rng.IntN(len(b))] ^= byte(1 + rng.IntN(255))
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
