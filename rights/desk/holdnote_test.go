package desk

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/habeas-data/habeas/events"
)

func TestHoldNoteGolden(t *testing.T) {
	got, err := encodeHoldNote(events.NewPlaintext("Legal"), events.NewPlaintext("C-77"))
	if err != nil {
		t.Fatal(err)
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile("testdata/holdnote.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/holdnote.json")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the note of a hold changed: %s, %v", got, err)
	}
	if owner, ref, err := decodeHoldNote(got); err != nil || owner != "Legal" || ref != "C-77" {
		t.Errorf("read back: %q %q, %v", owner, ref, err)
	}
}

func FuzzHoldNote(f *testing.F) {
	f.Add([]byte(`{"v":1,"owner":"Legal","ref":"C-77"}`))
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		owner, ref, err := decodeHoldNote(b)
		if err != nil {
			return
		}
		again, err := encodeHoldNote(events.NewPlaintext(owner), events.NewPlaintext(ref))
		if err != nil {
			t.Fatal(err)
		}
		if o2, r2, err := decodeHoldNote(again); err != nil || o2 != owner || r2 != ref {
			t.Fatalf("%q reads differently the second time: %v", b, err)
		}
	})
}

// A cursor that is read is written as it was, and nothing else is read.
func FuzzDueCursor(f *testing.F) {
	f.Add("")
	f.Add("all~0102030405060708090a0b0c0d0e0f10")
	f.Add("2032-03-14~account_deleted~P7Y~~2025-03-14~0102030405060708090a0b0c0d0e0f10")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parseCursor(s)
		if err != nil || s == "" {
			return
		}
		if c.String() != s {
			t.Fatalf("%q is written as %q", s, c.String())
		}
	})
}
