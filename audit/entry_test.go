package audit

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/habeas-data/habeas/events"
)

var update = flag.Bool("update", false, "write the goldens anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile("testdata/"+name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed:\n%s", name, got)
	}
}

func fullEntry() Entry {
	at, _ := events.ParseInstant("2025-03-14T09:26:53.589793Z")
	return Entry{At: at, Actor: "bcdfghjkmn", Name: "jo", Roles: []string{"dpo", "auditor"}, Act: "footprint.read",
		About: Opening{Salt: [16]byte{1, 2, 3}, Handles: []events.Handle{{9}}}.Commitment(),
		Note:  events.EventID{4, 5}, Target: "crm", Outcome: Found, Position: events.Position{Generation: 1, Seq: 42, Index: 7}}
}

func TestRecordGolden(t *testing.T) {
	full, err := fullEntry().encode()
	if err != nil {
		t.Fatal(err)
	}
	small, err := Entry{At: fullEntry().At, Actor: "bcdfghjkmn", Act: "token.create", Outcome: Done}.encode()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "records.ndjson", append(append(append(full, '\n'), small...), '\n'))
}

func TestCheckpointGolden(t *testing.T) {
	golden(t, "checkpoint.txt", []byte(Checkpoint{Origin: "habeas-audit", Size: 42, Root: [32]byte{1, 2, 3}}.String()))
}

// Only canonical bytes are taken: what decodes, encodes to the same bytes.
func FuzzEntry(f *testing.F) {
	b, err := fullEntry().encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"v":1,"at":"2025-03-14T09:26:53Z","actor":"a","act":"b","outcome":"c"}`))
	f.Add([]byte(`{"v":2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodeEntry(b)
		if err != nil {
			return
		}
		again, err := e.encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q reads and writes as %q, %v", b, again, err)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	f.Add("habeas-audit\n42\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := parseCheckpoint(s); err == nil && c.String() != s {
			t.Fatalf("%q reads and writes as %q", s, c)
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	f.Add([]byte("habeas-audit\n1\nAQID\n\n— habeas-audit AAAA\n"), "habeas-audit+00000000+AQID")
	f.Fuzz(func(_ *testing.T, b []byte, key string) {
		_, _ = OpenCheckpoint(b, key)
	})
}
