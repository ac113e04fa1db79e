// Package house reads the project's own source tree so that house rules can be
// tests: which package imports which, what each file says, and where a
// function is called. It owns no rule; the rules stand in test/house_test.go
// and its neighbours. It may only read, and it never runs the go command, so a
// tree that does not compile can still be judged. It upholds no invariant
// itself; the rules written on it keep I1..I10 cited and I4 honest.
package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Module is the path of the main module; nested modules stand below it.
const Module = "github.com/habeas-data/habeas"

// A Tree is the source of the project, read once.
type Tree struct {
	Root     string // absolute
	Fset     *token.FileSet
	Packages []*Package // sorted by Path
	Files    []string   // every file kept in the project, relative, slashes, sorted
}

// A Package is one folder with Go files.
type Package struct {
	Path  string // relative to the module root: "events", "cmd/habeas"
	Name  string
	Doc   string // package documentation of the non-test files
	Files []*File
}

// A File is one Go file.
type File struct {
	Path    string // relative to the root
	Test    bool   // *_test.go
	Made    bool   // "Code generated ... DO NOT EDIT."
	Lines   int
	AST     *ast.File
	Imports []string
}

// skipDirs are folders that hold no source of ours.
var skipDirs = map[string]bool{".git": true, "node_modules": true, "vendor": true}

// Root returns the folder of the main module, found upwards from the working
// directory.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the project: %w", err)
	}
	for {
		b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(b), "module "+Module+"\n") {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("find the project: no go.mod of %s at or above the working directory", Module)
		}
		dir = up
	}
}

// Load reads the tree at root. Folders named testdata and folders that
// .gitignore would hide (a leading dot, habeas-data) hold no Go source.
func Load(root string) (*Tree, error) {
	t := &Tree{Root: root, Fset: token.NewFileSet()}
	byDir := map[string]*Package{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if skipDirs[d.Name()] || strings.HasPrefix(d.Name(), "habeas-data") {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		t.Files = append(t.Files, rel)
		if strings.HasSuffix(rel, ".go") && !strings.Contains("/"+rel, "/testdata/") {
			return t.add(byDir, rel)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the source tree: %w", err)
	}
	for _, p := range byDir {
		t.Packages = append(t.Packages, p)
	}
	sort.Slice(t.Packages, func(i, j int) bool { return t.Packages[i].Path < t.Packages[j].Path })
	sort.Strings(t.Files)
	return t, nil
}

func (t *Tree) add(byDir map[string]*Package, rel string) error {
	src, err := os.ReadFile(filepath.Join(t.Root, rel))
	if err != nil {
		return err
	}
	a, err := parser.ParseFile(t.Fset, rel, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	f := &File{
		Path: rel, Test: strings.HasSuffix(rel, "_test.go"), Made: ast.IsGenerated(a),
		Lines: strings.Count(string(src), "\n"), AST: a,
	}
	for _, im := range a.Imports {
		f.Imports = append(f.Imports, strings.Trim(im.Path.Value, `"`))
	}
	dir := "."
	if i := strings.LastIndexByte(rel, '/'); i >= 0 {
		dir = rel[:i]
	}
	p := byDir[dir]
	if p == nil {
		p = &Package{Path: dir}
		byDir[dir] = p
	}
	p.Files = append(p.Files, f)
	if !f.Test || p.Name == "" {
		p.Name = strings.TrimSuffix(a.Name.Name, "_test")
	}
	if !f.Test {
		p.Doc += a.Doc.Text()
	}
	return nil
}

// Text returns the content of a file of the tree.
func (t *Tree) Text(rel string) (string, error) {
	b, err := os.ReadFile(filepath.Join(t.Root, rel))
	return string(b), err
}

// Line returns the line of a node.
func (t *Tree) Line(n ast.Node) int { return t.Fset.Position(n.Pos()).Line }

// Internal returns the path below the module of an import of ours, and false
// for any other import.
func Internal(path string) (string, bool) {
	if path == Module {
		return ".", true
	}
	return strings.CutPrefix(path, Module+"/")
}

// IsStandard reports whether an import is of the standard library: its first
// element has no dot.
func IsStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
