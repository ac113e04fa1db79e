package test

import (
	"strings"
	"testing"
)

// exposeDoors lists every file that may turn a Plaintext back into a string
// (I1), with the reason. To add a line is to open a door: say why there is no
// other way.
var exposeDoors = map[string]string{
	// The type's own package.
	"events/plaintext.go":               "compares and measures without giving the text away",
	"events/member_text.go":             "checks the form of what was just read from the wire",
	"events/encode.go":                  "writes an event for a source system to send; the server never calls it with stored data",
	"events/eventstest/generate.go":     "makes handles out of invented identifiers, for tests",
	"rights/desk/desktest/vault.go":     "a vault of invented people, for tests",
	"rights/desk/desktest/forgetter.go": "lists of invented people, for tests",

	// The vault, whose work it is.
	"vault/normalise/normalise.go": "brings an identifier into the form under which it is found",
	"vault/allocate.go":            "seals a new entry",
	"vault/forms.go":               "hashes an identifier under a key of this process, to look it up in memory",
	"vault/resolver.go":            "digests the id that a source chose for its event",

	// Live replies, each after its look was recorded (I7).
	"rights/desk/impact.go":            "puts the question beside the reason, which are sealed together",
	"rights/desk/impactlist.go":        "names people in a live list, under its own permission",
	"rights/desk/answer.go":            "names items and persons in the reply",
	"rights/desk/footprint.go":         "names the person in the reply",
	"cmd/habeas/server/afterledger.go": "seals who said what must outlive a restore",
	"cmd/habeas/server/named.go":       "seals whom to write to at a recipient into a note of the vault",
	"cmd/habeas/server/send.go":        "looks up where a copy for another controller goes",
	"cmd/habeas/server/recipients.go":  "shows whom to write to at a recipient, recorded first",
	"rights/desk/casenote.go":          "puts what a person wrote about a case into a sealed body",
	"rights/desk/holdnote.go":          "seals who answers for a hold, and why, into a note of the vault",
	"rights/answer/pack/lock.go":       "encrypts a package to the passphrase that somebody gave",
	"rights/desk/package.go":           "shows a passphrase that was drawn, once, and puts a reason into a sealed body",
	"rights/desk/packagesend.go":       "puts the reason of a transmission into a sealed body",
	"rights/desk/record.go":            "seals the reason of a look into a note of the vault",
	"api/console/search.go":            "gives the reader their own reason back, to ask again about one of several people",

	"events/workdecode.go":      "writes a report as a system sends it",
	"rights/desk/taskclaim.go":  "names whom a task is about, in the live reply to a claim that is durable and recorded",
	"rights/desk/taskreport.go": "seals what a system reported into a note of the vault",
	"rights/desk/taskrun.go":    "seals the reason of a run into the body of its fact",
	"rights/desk/taskchoose.go": "seals the reason of a choice into the body of its fact",

	// Secrets of access: no personal data, but they hide in the same type.
	"access/file.go":             "writes the operator's token to its file, mode 0600",
	"access/link.go":             "hashes the secret of a one-time link",
	"access/store.go":            "hashes a token to compare it",
	"demo/standin/standin.go":    "presents the token of a stand-in to the server",
	"api/manage.go":              "shows a new token, once",
	"api/console/signin.go":      "shows the first token, once",
	"cmd/habeas/server/links.go": "prints a one-time link",
}

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
