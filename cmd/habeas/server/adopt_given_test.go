package server_test

import (
	"testing"

	"github.com/habeas-data/habeas/access"
)

// A server that was given its catalogue, as the demo is, has no file to read again
// and must not take up that of the configuration.
func TestAdoptRefusedWithoutAFile(t *testing.T) {
	s := start(t, configure(t, t.TempDir()))
	for _, dry := range []bool{true, false} {
		if out, err := s.Adopt(t.Context(), access.Caller{Token: "bcdfghjkmn", Name: "jo", Roles: []access.Role{access.DPO}}, dry); err == nil || out.Changed {
			t.Errorf("dry %v: %+v %v", dry, out, err)
		}
	}
}
