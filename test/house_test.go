package test

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/habeas-data/habeas/test/house"
)

var loadTree = sync.OnceValues(func() (*house.Tree, error) {
	root, err := house.Root()
	if err != nil {
		return nil, err
	}
	return house.Load(root)
})

func tree(t *testing.T) *house.Tree {
	t.Helper()
	tr, err := loadTree()
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestPackageDocs: a package doc says what the package owns, what it may never
// do and which invariants it upholds; two sentences are the least.
func TestPackageDocs(t *testing.T) {
	for _, p := range tree(t).Packages {
		if onlyTests(p) {
			continue
		}
		doc := strings.TrimSpace(p.Doc)
		start := "Package " + p.Name + " "
		if p.Name == "main" {
			start = "Command "
			if !strings.HasPrefix(doc, start) && strings.HasPrefix(doc, "Program ") {
				start = "Program "
			}
		}
		switch {
		case doc == "":
			t.Errorf("%s: no package doc", p.Path)
		case !strings.HasPrefix(doc, start):
			t.Errorf("%s: the package doc does not start with %q", p.Path, start)
		case len(doc) < 120 || strings.Count(doc, ".") < 2:
			t.Errorf("%s: the package doc says too little: what does it own, what may it never do?", p.Path)
		}
	}
}

// TestSentinels: callers branch on sentinels, so each says when it comes.
func TestSentinels(t *testing.T) {
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for name, doc := range house.Sentinels(f) {
				if len(doc) < 15 {
					t.Errorf("%s: %s: no sentence that says when a caller gets it", f.Path, name)
				}
			}
		}
	}
}

// TestSizes: a file that no longer fits a reader's head is split. A longer
// file or function is named here with its reason.
func TestSizes(t *testing.T) {
	const (
		fileMax, fileWarn = 600, 400
		testMax           = 1000
		funcMax, funcWarn = 120, 80
	)
	tr := tree(t)
	for _, p := range tr.Packages {
		for _, f := range p.Files {
			switch {
			case f.Made:
			case f.Test && f.Lines > testMax:
				t.Errorf("%s: %d lines, a test file has at most %d", f.Path, f.Lines, testMax)
			case !f.Test && f.Lines > fileMax:
				t.Errorf("%s: %d lines, a file has at most %d", f.Path, f.Lines, fileMax)
			case !f.Test && f.Lines > fileWarn:
				t.Logf("worth a second look: %s has %d lines", f.Path, f.Lines)
			}
			if f.Made || f.Test {
				continue
			}
			for _, d := range f.AST.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || fn.Body == nil {
					continue
				}
				n := tr.Fset.Position(fn.End()).Line - tr.Fset.Position(fn.Pos()).Line
				if n > funcMax {
					t.Errorf("%s:%d: %s has %d lines, a function has at most %d", f.Path, tr.Line(fn), fn.Name.Name, n, funcMax)
				} else if n > funcWarn {
					t.Logf("worth a second look: %s:%d: %s has %d lines", f.Path, tr.Line(fn), fn.Name.Name, n)
				}
			}
		}
	}
}

// skipAllowed lists the tests that need something a machine with Go alone does
// not have. ./test.sh provides it or names the group it left out.
var skipAllowed = map[string]string{
	"test/browser/": "needs a browser",
	"test/bench/":   "needs PostgreSQL",
	"test/pdf/":     "needs poppler",
}

// pollers are helpers that sleep between two looks at a condition, as one must
// when the condition is brought about by another process or thread.
var pollers = []string{"await", "eventually", "waitFor"}

// TestNoSkipsNoSleeps: a skipped test is a promise nobody keeps, and a sleeping
// test is slow on good days and wrong on bad ones. Wait for the condition.
func TestNoSkipsNoSleeps(t *testing.T) {
	tr := tree(t)
	for _, p := range tr.Packages {
		for _, f := range p.Files {
			if !f.Test {
				continue
			}
			for _, c := range tr.Functions(f, "time", "Sleep") {
				if slices.Contains(f.Imports, "testing/synctest") {
					continue // time there is virtual
				}
				if slices.Contains(pollers, c.In) {
					continue
				}
				t.Errorf("%s:%d: time.Sleep in a test; wait for the condition instead", f.Path, c.Line)
			}
			for _, name := range []string{"Skip", "Skipf", "SkipNow"} {
				for _, c := range tr.Methods(f, name) {
					if !hasPrefixOf(f.Path, skipAllowed) {
						t.Errorf("%s:%d: %s in a test; a test that cannot run here is a group of ./test.sh", f.Path, c.Line, name)
					}
				}
			}
		}
	}
}

// TestContextAndErrors: an undecided context is an unfinished thought, and an error
// says what was being tried, not that it "failed to".
func TestContextAndErrors(t *testing.T) {
	tr := tree(t)
	failedTo := regexp.MustCompile(`(?i)\bfailed to\b`)
	for _, p := range tr.Packages {
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for _, c := range tr.Functions(f, "context", "TO"+"DO") {
				t.Errorf("%s:%d: an undecided context", f.Path, c.Line)
			}
			ast.Inspect(f.AST, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && failedTo.MatchString(lit.Value) {
					t.Errorf("%s:%d: say what was being tried, not %q", f.Path, tr.Line(lit), "failed to")
				}
				return true
			})
		}
	}
}

func onlyTests(p *house.Package) bool {
	for _, f := range p.Files {
		if !f.Test {
			return false
		}
	}
	return true
}

func hasPrefixOf(path string, prefixes map[string]string) bool {
	for p := range prefixes {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}
