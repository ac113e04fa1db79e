package cases_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
)

// constants are the values of the constants in a file whose type has a name.
func constants(t *testing.T, file, ofType string) (out []events.Code) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			name := ""
			switch x := v.Type.(type) {
			case *ast.Ident:
				name = x.Name
			case *ast.SelectorExpr:
				name = x.Sel.Name
			}
			if name != ofType {
				continue
			}
			text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, events.Code(text))
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s has no constants of type %s", file, ofType)
	}
	return out
}

func same(t *testing.T, what string, table, want []events.Code) {
	t.Helper()
	for _, c := range want {
		if n := len(slices.DeleteFunc(slices.Clone(table), func(x events.Code) bool { return x != c })); n != 1 {
			t.Errorf("%s: %s stands %d times in the table", what, c, n)
		}
	}
	if len(table) != len(want) {
		t.Errorf("%s: %d rows, %d constants", what, len(table), len(want))
	}
}

func column[R any, C ~string](rows []R, of func(R) C) (out []events.Code) {
	for _, r := range rows {
		out = append(out, events.Code(of(r)))
	}
	return out
}

// TestTables: the tables that documents and schemas are made from are those that the
// code uses, and say each word once.
func TestTables(t *testing.T) {
	same(t, "acts", column(cases.Acts(), func(r cases.ActRow) events.Code { return r.Act }), constants(t, "act.go", "Act"))
	same(t, "refusals", column(cases.Refusals(), func(r cases.RefusalRow) events.Code { return r.Code }), constants(t, "refusal.go", "Code"))
	same(t, "states", column(cases.TaskStates(), func(r cases.StateRow) cases.TaskState { return r.State }), constants(t, "task.go", "TaskState"))
	same(t, "details", cases.Details(), constants(t, "task.go", "Code"))
	same(t, "verbs", cases.Verbs(), constants(t, "task.go", "Verb"))
	same(t, "statuses", column(cases.Statuses(), func(s cases.Status) cases.Status { return s }), constants(t, "case.go", "Status"))
	for _, r := range cases.Acts() {
		if r.Says == "" || r.Source == "" || !slices.Contains(r.Needs, "by") || slices.Contains(r.Needs, "reason") != (r.NoReason != "") {
			t.Errorf("act %s: %+v", r.Act, r)
		}
	}
	for _, r := range cases.Refusals() {
		if r.Says == "" || r.Source == "" {
			t.Errorf("refusal %s: says %q by %q", r.Code, r.Says, r.Source)
		}
	}
	proven := 0
	for _, r := range cases.TaskStates() {
		if r.Says == "" || r.Proven && (r.Settles || len(r.Next) > 0) {
			t.Errorf("state %s: %+v", r.State, r)
		}
		if r.Proven {
			proven++
		}
	}
	if proven != 1 {
		t.Errorf("%d states are proof; verified alone is", proven)
	}
}
