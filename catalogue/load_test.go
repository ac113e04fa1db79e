package catalogue_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
)

var update = flag.Bool("update", false, "write the goldens")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", name, got)
	}
}

func small(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.LoadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every key of the format has a place in the canonical form, and the digest of
// that form does not move: adopted catalogues are named by it.
func TestCanonicalForm(t *testing.T) {
	c := small(t)
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "small.json", append(b, '\n'))
	d := c.Digest()
	golden(t, "small.digest", []byte(hex.EncodeToString(d[:])+"\n"))
}

// The canonical form is itself a catalogue file with the same content.
func TestCanonicalFormLoads(t *testing.T) {
	shipped, err := catalogue.LoadShipped("instant-connect")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*catalogue.Catalogue{small(t), shipped} {
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := catalogue.Load("again", bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if again.Digest() != c.Digest() {
			t.Errorf("%s: loading the canonical form changes the digest", c.ID)
		}
	}
}

func TestDigestIgnoresLayoutAndVersion(t *testing.T) {
	src, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	load := func(text string) *catalogue.Catalogue {
		t.Helper()
		c, err := catalogue.Load("x", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := load(string(src))
	if load("# another comment\n"+strings.ReplaceAll(string(src), ", ", ",   ")).Digest() != c.Digest() {
		t.Error("layout changes the digest")
	}
	if load(strings.Replace(string(src), "P6Y", "P7Y", 1)).Digest() == c.Digest() {
		t.Error("another period leaves the digest as it was")
	}
	v := c.WithVersion(7)
	if v.Version() != 7 || v.Number() != 7 || c.Version() != 0 || v.Digest() != c.Digest() {
		t.Error("the adopted version is apart from the content")
	}
}

// All faults are told at once, each with its line and what was expected.
func TestFaults(t *testing.T) {
	_, err := catalogue.LoadFile("testdata/bad/faults.yaml")
	var faults catalogue.Errors
	if !errors.As(err, &faults) {
		t.Fatalf("want Errors, got %T: %v", err, err)
	}
	golden(t, "faults.txt", []byte(err.Error()+"\n"))
	for i, f := range faults {
		if f.Line < 1 || (i > 0 && f.Line < faults[i-1].Line) {
			t.Errorf("fault without its place: %v", f)
		}
	}
}

func TestRefusedWhole(t *testing.T) {
	base := "catalogue: x\ntitle: X\nversion: 1\norganisation: {name: X, jurisdiction: gb}\nsystems: [{id: s, name: S, primary: s.id}]\n"
	if _, err := catalogue.Load("base", strings.NewReader(base)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"empty":        {"", "the file is empty"},
		"only comment": {"# nothing\n", "the file is empty"},
		"not yaml":     {"a: [", "not YAML"},
		"a list":       {"- a\n", "x:1: want keys and values, got a list"},
		"two files":    {base + "---\n" + base, "want one YAML document"},
		"unknown key":  {base + "extra: 1\n", `x:6: unknown key "extra"`},
		"no systems":   {strings.Replace(base, "[{id: s, name: S, primary: s.id}]", "[]", 1), "want at least one of the organisation's own"},
		"duplicate":    {base + "rights: [{id: access, name: A}, {id: access, name: B}]\n", `x:6: right "access" is defined twice`},
		"control":      {base + "rights: [{id: access, name: \"a\\u0007b\"}]\n", "want text of at most"},
		"big":          {base + "# " + strings.Repeat("x", catalogue.MaxSize), "want at most"},
		"type cycle":   {base + "subject_types: [{id: a, name: A, parent: a}]\n", "descends from itself"},
		"one join":     {base + "retention_rules: [{id: R, trigger: stored, join: later, text: t}]\n", "join needs at least two"},
		"both":         {base + "retention_rules: [{id: R, trigger: stored, triggers: [record_date], text: t}]\n", "not both"},
	} {
		got, err := catalogue.Load("x", strings.NewReader(c.text))
		if err == nil || got != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want an error with %q, got %v", name, c.want, err)
		}
	}
}

func TestFind(t *testing.T) {
	if !slices.Contains(catalogue.Shipped(), "instant-connect") {
		t.Fatal("instant-connect is not shipped")
	}
	for _, name := range []string{"instant-connect", "testdata/small.yaml"} {
		if _, err := catalogue.Find(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := catalogue.Find("nothing"); err == nil || !strings.Contains(err.Error(), "instant-connect") {
		t.Errorf("want the list of shipped catalogues, got %v", err)
	}
	if _, err := catalogue.Find("testdata/none.yaml"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("want a missing file, got %v", err)
	}
}

// FuzzLoad: no input makes it panic, and what loads keeps its content through
// the canonical form.
func FuzzLoad(f *testing.F) {
	for _, name := range []string{"small.yaml", "bad/faults.yaml"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("catalogue: x\ntitle: X\nversion: 1\norganisation: {name: X, jurisdiction: gb}\nsystems: [{id: s, name: S, primary: s.id}]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := catalogue.Load("fuzz", bytes.NewReader(b))
		if (c == nil) == (err == nil) {
			t.Fatalf("catalogue %v with error %v", c, err)
		}
		if c == nil {
			return
		}
		canonical, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := catalogue.Load("again", bytes.NewReader(canonical))
		if err != nil {
			t.Fatalf("%v\n%s", err, canonical)
		}
		if again.Digest() != c.Digest() {
			t.Fatalf("the digest moved:\n%s", canonical)
		}
	})
}
