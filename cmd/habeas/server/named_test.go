package server

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// golden compares with a released form, which nobody edits. HABEAS_GOLDEN=write
// writes a file that is not there yet.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if _, err := os.Stat(file); err != nil && os.Getenv("HABEAS_GOLDEN") == "write" {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", name, got, want)
	}
}

var harbour = Named{Instance: catalogue.Instance{ID: "harbour-practice", Class: "dental_practice", Kind: catalogue.KindController,
	Name: "Harbour Dental Practice", Country: "gb"}, Contact: events.NewPlaintext("privacy@harbour-practice.example")}

func same(a, b Named) bool {
	return a.Instance == b.Instance && a.Contact.Expose() == b.Contact.Expose()
}

// The sealed form of a registered recipient is read for as long as the journal
// exists.
func TestNamedGolden(t *testing.T) {
	b, err := harbour.encode()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "named_v1.json", append(b, '\n'))
	n, err := decodeNamed(b)
	if err != nil || !same(n, harbour) {
		t.Errorf("read back: %+v %v", n.Instance, err)
	}
}

// What is not in its form is refused, and the refusal repeats nothing of it (I1).
func TestNamedRefusals(t *testing.T) {
	for _, bad := range []string{
		``, `{}`, `{"v":2,"id":"a","class":"b","name":"c"}`, `{"v":1,"id":"a","class":"b"}`, `{"v":1,"id":"","class":"b","name":"c"}`,
		`{"v":1,"id":"a","class":"b","name":"c","kind":"planted@example.org"}`, `{"v":1,"id":"a","class":"b","name":"c","more":1}`,
		`{"v":1,"id":"planted@example.org","class":"b","name":"c"}`, `{"v":1,"id":"a","class":"b","name":"c","country":"planted@example.org"}`,
	} {
		if _, err := decodeNamed([]byte(bad)); err == nil {
			t.Errorf("%s was read", bad)
		} else if strings.Contains(err.Error(), "planted") {
			t.Errorf("the refusal of %s repeats it: %v", bad, err)
		}
	}
}

func FuzzNamed(f *testing.F) {
	b, err := harbour.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"v":1,"id":"a","class":"undeclared","name":"c"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := decodeNamed(b)
		if err != nil {
			return
		}
		once, err := n.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeNamed(once)
		if err != nil || !same(again, n) {
			t.Fatalf("read back as %+v: %v", again.Instance, err)
		}
	})
}

// The list of what a backup holds is a released form too: a later build restores
// what this one wrote.
func TestManifestGolden(t *testing.T) {
	m := manifest{Version: manifestVersion, Logs: map[string]uint64{"events": 3, "vault": 2, "audit": 1},
		Files: map[string]string{snapshotName: strings.Repeat("0a", 32)}}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "manifest_v2.json", append(text, '\n'))
	golden(t, "manifest_v2.mac", append(sign([]byte("a key of the test"), text), '\n'))
}

// Whatever stands in a manifest, reading it never panics, and it is taken only
// where it agrees with the files.
func FuzzManifest(f *testing.F) {
	sums := map[string]string{snapshotName: "aa"}
	f.Add([]byte(`{"version":2,"files":{"journal.snap":"aa"}}`))
	f.Add([]byte(`{"version":1,"files":{"journal.snap":"ab"}}`))
	f.Add([]byte(`{"version":1,"files":{"other":""}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := compare(b, sums); err == nil && (len(m.Files) != 1 || m.Files[snapshotName] != "aa") {
			t.Fatalf("a manifest of other files was taken: %q", b)
		}
	})
}
