package files

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

var sample = note{Key: "AGE-SECRET-KEY-1EXAMPLE", Size: 12, SHA256: strings.Repeat("ab", 32)}

// The form of the note is what a later release must still read.
func TestNoteGolden(t *testing.T) {
	want, err := os.ReadFile("testdata/note_v1.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := encodeNote(sample); !bytes.Equal(got, bytes.TrimSpace(want)) {
		t.Errorf("the note is %s", got)
	}
	n, err := decodeNote(want)
	if err != nil || n.Key != sample.Key || n.Size != sample.Size || n.SHA256 != sample.SHA256 {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestNoteRefuses(t *testing.T) {
	for _, s := range []string{"", "{}", `{"v":2,"kind":"file","key":"k","size":1,"sha256":"` + strings.Repeat("ab", 32) + `"}`,
		`{"v":1,"kind":"file","key":"k","size":1,"sha256":"ab"}`, `{"v":1,"kind":"file","key":"k","size":-1,"sha256":"` + strings.Repeat("ab", 32) + `"}`,
		`{"v":1,"kind":"look","key":"k","size":1,"sha256":"` + strings.Repeat("ab", 32) + `"}`,
		`{"v":1,"kind":"file","secret":"k"}`} {
		if _, err := decodeNote([]byte(s)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func FuzzDecodeNote(f *testing.F) {
	f.Add(encodeNote(sample))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := decodeNote(b)
		if err != nil {
			return
		}
		again, err := decodeNote(encodeNote(n))
		if err != nil || again != n {
			t.Fatalf("%+v becomes %+v, %v", n, again, err)
		}
	})
}
