package vault_test

import (
	"testing"

	"github.com/habeas-data/habeas/vault/vaulttest"
)

// I8: of the key of a route there is one copy in memory, the one that is wiped
// when the route gets another. Neighbours are derived together.
func TestRouteKeysOnce(t *testing.T) {
	t.Parallel()
	v := vaulttest.New(t)
	for _, leaf := range []uint16{5, 6, 31, 32, 5} {
		v.RouteAgain(leaf)
		if n := v.StrayRouteKeys(); n > 0 {
			t.Fatalf("after route %d got another key, %d copies of keys lie about", leaf, n)
		}
	}
}
