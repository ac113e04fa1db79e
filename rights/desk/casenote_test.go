package desk_test

import (
	"bytes"
	"testing"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/rights/desk"
)

// The form in which the body of a fact is sealed, which nobody may change.
func TestCaseNoteGolden(t *testing.T) {
	salt := audit.Salt{0: 0x01, 15: 0xff}
	const want = "habeas case body v1\n010000000000000000000000000000ff\nthe body\n"
	if got := string(desk.EncodeCaseNote(salt, []byte("the body\n"))); got != want {
		t.Errorf("sealed as %q", got)
	}
	s, body, err := desk.DecodeCaseNote([]byte(want))
	if err != nil || s != salt || string(body) != "the body\n" {
		t.Errorf("read %v %q, %v", s, body, err)
	}
}

func FuzzCaseNote(f *testing.F) {
	f.Add([]byte("habeas case body v1\n010000000000000000000000000000ff\nx"))
	f.Add([]byte("habeas case body v1\n010000000000000000000000000000FF\nx"))
	f.Add([]byte("habeas case body v2\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		salt, body, err := desk.DecodeCaseNote(b)
		if err == nil && !bytes.Equal(desk.EncodeCaseNote(salt, body), b) {
			t.Errorf("%q reads and is written otherwise", b)
		}
	})
}
