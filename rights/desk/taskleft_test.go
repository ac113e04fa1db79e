package desk

import (
	"bytes"
	"testing"
)

const leftGolden = `{"v":1,"left":["0a1b2c3d4e5f60718293a4b5c6d7e8f9"]}`

func TestLeftForm(t *testing.T) {
	b, err := encodeLeft([]string{"0a1b2c3d4e5f60718293a4b5c6d7e8f9"})
	if err != nil || string(b) != leftGolden {
		t.Errorf("got %s, %v; want %s", b, err, leftGolden)
	}
	for _, bad := range []string{``, `{}`, `{"v":2,"left":["a"]}`, `{"v":1,"left":[]}`, `{"v":1,"left":["a"],"x":1}`} {
		if got, err := decodeLeft([]byte(bad)); err == nil {
			t.Errorf("%s was taken: %v", bad, got)
		}
	}
}

// FuzzLeft: no input makes the decoder panic, and what it takes keeps its form.
func FuzzLeft(f *testing.F) {
	f.Add([]byte(leftGolden))
	f.Fuzz(func(t *testing.T, b []byte) {
		left, err := decodeLeft(b)
		if err != nil {
			return
		}
		one, err := encodeLeft(left)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeLeft(one)
		if err != nil {
			t.Fatal(err)
		}
		if two, _ := encodeLeft(again); !bytes.Equal(one, two) {
			t.Errorf("%s became %s", one, two)
		}
	})
}
