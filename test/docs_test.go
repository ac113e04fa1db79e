package test

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

var invariant = regexp.MustCompile(`\bI(10|[1-9])\b`)

// TestInvariantsCited: each of I1..I10 is named at the line that upholds it,
// so that a reader of the law finds the code and a reader of the code the law.
func TestInvariantsCited(t *testing.T) {
	cited := map[string][]string{}
	tr := tree(t)
	for _, p := range tr.Packages {
		if strings.HasPrefix(p.Path, "test") {
			continue
		}
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for _, group := range f.AST.Comments {
				for _, m := range invariant.FindAllString(group.Text(), -1) {
					cited[m] = append(cited[m], f.Path)
				}
			}
		}
	}
	law := read(t, "docs/invariants.md")
	for _, name := range []string{"I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10"} {
		if len(cited[name]) == 0 {
			t.Errorf("%s: cited nowhere in the code", name)
		}
		if !strings.Contains(law, "## "+name+" ") {
			t.Errorf("docs/invariants.md: no section for %s", name)
		}
	}
}

var (
	codeSpan = regexp.MustCompile("`([^`\n]+)`")
	testName = regexp.MustCompile(`^(Test|Fuzz)[A-Z]\w*$`)
	goPath   = regexp.MustCompile(`^[a-z][\w./-]*/?$`)
)

// TestDocsName: a page that names a test or a file of ours must name one that
// exists, or the page has begun to lie.
func TestDocsName(t *testing.T) {
	tr := tree(t)
	funcs := map[string]bool{}
	for _, p := range tr.Packages {
		for _, f := range p.Files {
			for _, d := range f.AST.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					funcs[fn.Name.Name] = true
				}
			}
		}
	}
	for _, page := range pages(t) {
		for _, m := range codeSpan.FindAllStringSubmatch(read(t, page), -1) {
			word := m[1]
			if testName.MatchString(word) && !funcs[word] {
				t.Errorf("%s: names %s, which is no test of ours", page, word)
			}
			if goPath.MatchString(word) && strings.Contains(word, "/") && isOurs(tr.Files, word) && !exists(tr.Root, word) {
				t.Errorf("%s: names %s, which does not exist", page, word)
			}
		}
	}
}

var mdLink = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"`)

// TestDocsLinks: relative links lead to files, and their anchors to headings.
func TestDocsLinks(t *testing.T) {
	root := tree(t).Root
	for _, page := range pages(t) {
		for _, m := range mdLink.FindAllStringSubmatch(read(t, page), -1) {
			link := m[1] + m[2]
			if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
				continue
			}
			file, anchor, _ := strings.Cut(link, "#")
			target := page
			if file != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(page), file))
			}
			if !exists(root, target) {
				t.Errorf("%s: links to %s, which does not exist", page, link)
				continue
			}
			if anchor != "" && strings.HasSuffix(target, ".md") && !slices.Contains(anchors(read(t, target)), anchor) {
				t.Errorf("%s: links to %s, which has no such heading", page, link)
			}
		}
	}
}

// TestDocsIndex: every page can be reached from docs/README.md.
func TestDocsIndex(t *testing.T) {
	index := read(t, "docs/README.md")
	adrs := read(t, "docs/adr/README.md")
	for _, page := range pages(t) {
		name, inDocs := strings.CutPrefix(page, "docs/")
		if !inDocs || name == "README.md" || name == "adr/README.md" || name == "plan.md" { // the plan goes when its work is done
			continue
		}
		if adr, ok := strings.CutPrefix(name, "adr/"); ok {
			if !strings.Contains(adrs, "("+adr+")") {
				t.Errorf("docs/adr/README.md does not list %s", adr)
			}
			continue
		}
		if !strings.Contains(index, "("+name+")") {
			t.Errorf("docs/README.md does not list %s", name)
		}
	}
}

// TestChangelog: what a user would notice is written down before it ships.
func TestChangelog(t *testing.T) {
	log := read(t, "CHANGELOG.md")
	if !regexp.MustCompile(`(?m)^## (Unreleased|\[?\d+\.\d+\.\d+\]?)`).MatchString(log) {
		t.Error("CHANGELOG.md: no section Unreleased and none of a version")
	}
}

// TestProjectFiles: what a stranger looks for at the root is there.
func TestProjectFiles(t *testing.T) {
	for _, f := range []string{
		"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "Makefile", "Dockerfile",
		"docker-compose.yml", "go.mod", "go.sum", ".ci/run", "test.sh",
	} {
		if !exists(tree(t).Root, f) {
			t.Errorf("%s is missing", f)
		}
	}
	for _, f := range []string{"test.sh", ".ci/run"} {
		fi, err := os.Stat(filepath.Join(tree(t).Root, f))
		if err == nil && fi.Mode()&0o111 == 0 {
			t.Errorf("%s cannot be run", f)
		}
	}
}

func read(t *testing.T, rel string) string {
	t.Helper()
	text, err := tree(t).Text(rel)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func pages(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, f := range tree(t).Files {
		if strings.HasSuffix(f, ".md") && !strings.Contains(f, "testdata/") {
			out = append(out, f)
		}
	}
	sort.Strings(out)
	return out
}

func exists(root, rel string) bool {
	_, err := os.Stat(filepath.Join(root, rel))
	return err == nil
}

// isOurs reports whether the first element of a path is a folder of ours.
func isOurs(files []string, path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return slices.ContainsFunc(files, func(f string) bool { return strings.HasPrefix(f, first+"/") })
}

// anchors lists the anchors that the usual Markdown renderers give to headings.
func anchors(text string) []string {
	var out []string
	fenced := false
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if fenced || !strings.HasPrefix(line, "#") {
			continue
		}
		h := strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#")))
		h = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(h, "")
		out = append(out, strings.ReplaceAll(h, " ", "-"))
	}
	return out
}
