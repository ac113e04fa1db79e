package house

import (
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const sample = `package sample

import (
	"time"
	clock "time"
)

// ErrGone: nobody is there any more.
var ErrGone = error(nil)

var (
	ErrBare = error(nil)
)

func wait(p secret) string {
	time.Sleep(1)
	clock.Sleep(2)
	var time other
	_ = time
	return p.Expose()
}
`

// TestFinders: a finder that finds nothing makes every rule pass.
func TestFinders(t *testing.T) {
	tr := &Tree{Root: t.TempDir(), Fset: token.NewFileSet()}
	if err := os.WriteFile(filepath.Join(tr.Root, "sample.go"), []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	byDir := map[string]*Package{}
	if err := tr.add(byDir, "sample.go"); err != nil {
		t.Fatal(err)
	}
	f := byDir["."].Files[0]
	if got := tr.Functions(f, "time", "Sleep"); len(got) != 2 || got[0].In != "wait" {
		t.Errorf("found %d calls of time.Sleep, want 2 (one by another name)", len(got))
	}
	if got := tr.Methods(f, "Expose"); len(got) != 1 {
		t.Errorf("found %d calls of Expose, want 1", len(got))
	}
	docs := Sentinels(f)
	if docs["ErrGone"] == "" || docs["ErrBare"] != "" || len(docs) != 2 {
		t.Errorf("sentinels %v", docs)
	}
}

func TestInternal(t *testing.T) {
	for path, want := range map[string]string{Module + "/events": "events", Module: ".", "events": "", "github.com/other/habeas": ""} {
		if got, ok := Internal(path); got != want && ok {
			t.Errorf("Internal(%q) = %q, want %q", path, got, want)
		}
	}
	if !IsStandard("net/http") || IsStandard("go.yaml.in/yaml/v3") {
		t.Error("IsStandard mistakes one for the other")
	}
}

// TestLoad reads the real tree: a folder that is not seen is not judged.
func TestLoad(t *testing.T) {
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, p := range tr.Packages {
		paths = append(paths, p.Path)
	}
	for _, want := range []string{"events", "events/journal", "cmd/habeas", "test/house", "test/browser"} {
		if !slices.Contains(paths, want) {
			t.Errorf("the tree has no package %s", want)
		}
	}
}
