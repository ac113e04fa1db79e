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

// A record of a case holds two fields more. The golden above is from before
// there were cases: it shows that the older records hash as they did.
func TestCaseRecordGolden(t *testing.T) {
	e := fullEntry()
	e.Act, e.Outcome, e.Case = "case.decided", Done, events.EventID{6, 7}
	e.Content, e.Salt = Salt{1, 2, 3}.Commit([]byte("a decision")), Salt{8, 9}
	b, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "case_record.ndjson", append(b, '\n'))
	back, err := decodeEntry(b)
	if err != nil || back.Case != e.Case || back.Content != e.Content {
		t.Fatalf("read back %+v, %v", back, err)
	}
	public, err := leaf(b)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "case_public.ndjson", append(public, '\n'))
	for _, word := range []string{`"jo"`, "bcdfghjkmn", e.Note.String(), "f091d66ccf", "0809"} {
		if !bytes.Contains(b, []byte(word)) || bytes.Contains(public, []byte(word)) {
			t.Errorf("%s: it belongs in the record and not in its public form", word)
		}
	}
	again, err := leaf(public)
	if err != nil || !bytes.Equal(again, public) {
		t.Fatalf("the public form of a public form: %s, %v", again, err)
	}
	e.Name = "anna"
	if other := e.Public(); other.Private == back.Public().Private {
		t.Error("the public form does not commit to who acted")
	}
	e.Salt = Salt{}
	if _, err := e.encode(); err == nil {
		t.Error("a record of a case was written without its salt")
	}
}

func FuzzPublic(f *testing.F) {
	e := fullEntry()
	e.Case, e.Salt = events.EventID{6, 7}, Salt{1}
	b, err := e.Public().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePublic(b)
		if err != nil {
			return
		}
		if again, err := p.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q reads and writes as %q, %v", b, again, err)
		}
	})
}

func TestContentOpensWithItsSaltOnly(t *testing.T) {
	body := []byte("a receipt")
	c, salt, err := CommitContent(bytes.NewReader(make([]byte, 16)), body)
	if err != nil {
		t.Fatal(err)
	}
	if salt.Commit(body) != c || salt.Commit([]byte("b receipt")) == c || (Salt{1}).Commit(body) == c {
		t.Fatal("a commitment opens with something else")
	}
	text, _ := salt.MarshalText()
	var back Salt
	if err := back.UnmarshalText(text); err != nil || back != salt {
		t.Fatalf("salt reads back as %v, %v", back, err)
	}
	if _, _, err := CommitContent(bytes.NewReader(nil), body); err == nil {
		t.Fatal("committed without a salt")
	}
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
	f.Add([]byte(`{"v":1,"at":"2025-03-14T09:26:53Z","actor":"a","act":"b","outcome":"c","case":"06070000000000000000000000000000","salt":"01000000000000000000000000000000"}`))
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
