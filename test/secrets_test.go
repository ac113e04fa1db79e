package test

import (
	"strings"
	"testing"
)

// exposeDoors lists every file that may turn a Plaintext back into a string
// (I1), with the reason. To add a line is to open a door: say why there is no
// other way.
var exposeDoors = map[string]string{}

// TestExposeDoors fails for a door that is not listed, and for a listed door
// that no longer exists.
func TestExposeDoors(t *testing.T) {
	tr := tree(t)
	seen := map[string]bool{}
	for _, p := range tr.Packages {
		if strings.HasPrefix(p.Path, "test") {
			continue // planted data only
		}
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for _, c := range tr.Methods(f, "Expose") {
				seen[f.Path] = true
				if exposeDoors[f.Path] == "" {
					t.Errorf("%s:%d (%s) calls Plaintext.Expose and is not in exposeDoors (test/secrets_test.go)", f.Path, c.Line, c.In)
				}
			}
		}
	}
	for path := range exposeDoors {
		if !seen[path] {
			t.Errorf("exposeDoors names %s, which exposes nothing; take the line out", path)
		}
	}
}
