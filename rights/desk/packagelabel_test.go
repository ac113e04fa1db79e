package desk

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
)

// The form of a label is what a later release must still read.
func TestFileLabelGolden(t *testing.T) {
	want, err := os.ReadFile("testdata/filelabel.json")
	if err != nil {
		t.Fatal(err)
	}
	day, err := events.ParseDate("2026-07-31")
	if err != nil {
		t.Fatal(err)
	}
	got := CopyLabel(events.EventID{1}, "profile.json", "application/json", day)
	if got != string(bytes.TrimSpace(want)) {
		t.Errorf("the label is %s", got)
	}
	l, ok := readLabel(got)
	if !ok || l.Kind != labelCopy || l.Name != "profile.json" || l.Expires != day {
		t.Errorf("%+v, %v", l, ok)
	}
	if l, ok := readLabel(fileLabel(labelPackage, events.EventID{2}, day)); !ok || l.Kind != labelPackage {
		t.Errorf("%+v, %v", l, ok)
	}
}

func TestFileLabelRefuses(t *testing.T) {
	for _, s := range []string{"", "{}", `{"v":2,"kind":"copy","of":"01000000000000000000000000000000","expires":"2026-07-31"}`,
		`{"v":1,"kind":"other","of":"01000000000000000000000000000000","expires":"2026-07-31"}`, `{"v":1,"kind":"copy","of":"x","expires":"2026-07-31"}`,
		`{"v":1,"kind":"copy","of":"01000000000000000000000000000000"}`} {
		if _, ok := readLabel(s); ok {
			t.Errorf("%s was taken", s)
		}
	}
}

func FuzzReadLabel(f *testing.F) {
	f.Add(fileLabel(labelPackage, events.EventID{2}, 1))
	f.Fuzz(func(t *testing.T, s string) {
		l, ok := readLabel(s)
		if !ok {
			return
		}
		if again, ok := readLabel(l.String()); !ok || again != l {
			t.Fatalf("%+v becomes %+v", l, again)
		}
	})
}

// Names of copies stay in their folder on every system, and each stands once.
func TestCopyNames(t *testing.T) {
	n := copyNames{}
	seen := map[string]bool{}
	for _, name := range []string{"a.json", "A.json", "a.json", "../../etc/passwd", ".hidden", "", "...", strings.Repeat("é", 300), "a\nb", `c:\d`, "Łukasz.pdf", "\xff"} {
		got := n.of("crm", name)
		rest, ok := strings.CutPrefix(got, "copies/crm/")
		if !ok || rest == "" || strings.HasPrefix(rest, ".") || strings.ContainsAny(rest, "/\\:\n") || len(got) > 200 || seen[strings.ToLower(got)] {
			t.Errorf("%q becomes %q", name, got)
		}
		seen[strings.ToLower(got)] = true
	}
}

func FuzzCopyNames(f *testing.F) {
	f.Add("a", "b")
	f.Fuzz(func(t *testing.T, a, b string) {
		n := copyNames{}
		if x, y := n.of("crm", a), n.of("crm", b); strings.EqualFold(x, y) || strings.Count(x, "/") != 2 || strings.Count(y, "/") != 2 {
			t.Fatalf("%q and %q become %q and %q", a, b, x, y)
		}
	})
}
