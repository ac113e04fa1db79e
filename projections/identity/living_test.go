package identity_test

import (
	"testing"

	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// A5: an address lives as long as the number beside it; forgetting it would cut
// the person off from their own data.
func TestLivingByLink(t *testing.T) {
	d := draw(t, "crm sees crm#1 ann@")
	for id, want := range map[string]bool{"crm#1": true, "ann@": true, "zoe@": false} {
		got, err := identity.Living(d.mem, d.w.Now(), projectionstest.HandleOf("crm", id))
		if err != nil || got != want {
			t.Errorf("%s: living %v %v, want %v", id, got, err, want)
		}
	}
}
