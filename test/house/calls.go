package house

import (
	"go/ast"
	"strings"
)

// A Call is one place where a function or method is named.
type Call struct {
	File *File
	Line int
	In   string // the function around it, "" at package level
}

// Methods finds every x.name selector in the file where x is not an imported
// package. Without types the receiver is unknown, so a rule that uses this
// speaks of a name that nothing else in the project bears.
func (t *Tree) Methods(f *File, name string) []Call {
	imported := importNames(f)
	return t.selectors(f, func(sel *ast.SelectorExpr) bool {
		id, isIdent := sel.X.(*ast.Ident)
		return sel.Sel.Name == name && !(isIdent && imported[id.Name] != "")
	})
}

// Functions finds every use of pkg.name, where pkg is an import path.
func (t *Tree) Functions(f *File, pkg, name string) []Call {
	imported := importNames(f)
	return t.selectors(f, func(sel *ast.SelectorExpr) bool {
		id, isIdent := sel.X.(*ast.Ident)
		return isIdent && sel.Sel.Name == name && imported[id.Name] == pkg
	})
}

func (t *Tree) selectors(f *File, want func(*ast.SelectorExpr) bool) []Call {
	var out []Call
	for _, decl := range f.AST.Decls {
		in := ""
		if fn, ok := decl.(*ast.FuncDecl); ok {
			in = fn.Name.Name
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && want(sel) {
				out = append(out, Call{File: f, Line: t.Line(sel), In: in})
			}
			return true
		})
	}
	return out
}

// importNames maps the name each import has in the file to its path.
func importNames(f *File) map[string]string {
	names := map[string]string{}
	for i, path := range f.Imports {
		name := path[strings.LastIndexByte(path, '/')+1:]
		if n := f.AST.Imports[i].Name; n != nil {
			name = n.Name
		}
		names[name] = path
	}
	return names
}

// Sentinels lists the exported package-level error variables (Err...) of the
// file with their documentation.
func Sentinels(f *File) map[string]string {
	out := map[string]string{}
	for _, decl := range f.AST.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			vs, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			for _, n := range vs.Names {
				if strings.HasPrefix(n.Name, "Err") && n.IsExported() {
					doc := vs.Doc.Text() + vs.Comment.Text()
					if doc == "" && len(gen.Specs) == 1 {
						doc = gen.Doc.Text()
					}
					out[n.Name] = strings.TrimSpace(doc)
				}
			}
		}
	}
	return out
}
