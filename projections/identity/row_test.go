package identity

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

func samples() (linkRow, Word) {
	e := Evidence{
		Time: 1_741_000_000_000_000, Recorded: 1_741_000_000_123_456, Anchored: true,
		Position: events.Position{Generation: 1, Seq: 300, Index: 7}, ID: inventory.Mark{1, 2, 3, 4, 5, 6, 7, 8},
	}
	f := Evidence{Time: 5, Recorded: 4, Position: events.Position{Generation: 1, Seq: 9}, ID: inventory.Mark{8}}
	return linkRow{system: 300, crossing: OtherCrosses, n: 2, seen: [2]Evidence{f, e}},
		Word{Other: events.Ref{Kind: "email"}, Linked: true, ByHand: true, System: "habeas", Evidence: e, Reason: "letter"}
}

// The disk forms that earlier versions wrote stay readable, byte for byte, or
// Version is raised.
func TestGoldenRows(t *testing.T) {
	l, w := samples()
	h, o := events.Handle{0: 0xaa}, events.Handle{0: 0xbb}
	for name, b := range map[string][]byte{
		"link":     appendLink(nil, &l),
		"mirror":   appendLink(nil, &linkRow{system: 3, mirror: 4}),
		"link_key": linkKey(nil, h, 258, o),
		"word":     appendWord(nil, &w),
		"word_key": handKey(nil, h, o, w.Evidence.Position),
	} {
		golden(t, name, b)
	}
}

func golden(t *testing.T, name string, b []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".hex")
	got := hex.EncodeToString(b) + "\n"
	if os.Getenv("HABEAS_WRITE_GOLDEN") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: %swant %s", name, got, want)
	}
}

// FuzzRows: whatever stands in a row, reading it never panics, and what is read
// is written back as it was.
func FuzzRows(f *testing.F) {
	l, w := samples()
	f.Add(appendLink(nil, &l))
	f.Add(appendLink(nil, &linkRow{system: 3, mirror: 4}))
	f.Add(appendWord(nil, &w))
	f.Add(appendEvidence([]byte{1}, &w.Evidence))
	key := handKey(nil, events.Handle{1}, events.Handle{2}, w.Evidence.Position)
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := parseLink(b); err == nil && !bytes.Equal(appendLink(nil, &l), b) {
			t.Errorf("link %x is written as %x", b, appendLink(nil, &l))
		}
		if w, err := parseWord(key, b); err == nil && !bytes.Equal(appendWord(nil, &w), b) {
			t.Errorf("word %x is written as %x", b, appendWord(nil, &w))
		}
		if shared, e, err := parseMark(b); err == nil {
			flag := byte(0)
			if shared {
				flag = 1
			}
			if w := appendEvidence([]byte{flag}, &e); !bytes.Equal(w, b) {
				t.Errorf("mark %x is written as %x", b, w)
			}
		}
	})
}
