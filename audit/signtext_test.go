package audit_test

import (
	"testing"

	"github.com/habeas-data/habeas/audit/audittest"
	"golang.org/x/mod/sumdb/note"
)

// A text that is signed can be checked with the public key alone, and none can be
// taken for a checkpoint.
func TestSignText(t *testing.T) {
	l, _ := audittest.New(t)
	signed, err := l.SignText("a-thing/v1\nits contents\n")
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(l.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := note.Open(signed, note.VerifierList(v)); err != nil || n.Text != "a-thing/v1\nits contents\n" {
		t.Errorf("%v, %v", n, err)
	}
	for _, text := range []string{"", "one line", "\nno first line\n", v.Name() + "\n5\nroot\n", "a-thing/v1\nno end"} {
		if _, err := l.SignText(text); err == nil {
			t.Errorf("%q was signed", text)
		}
	}
}
