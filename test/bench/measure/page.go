package measure

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
	"text/template"
)

//go:embed page.md.tmpl
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"table": func(t Table) (string, error) {
		var b strings.Builder
		err := t.Markdown(&b)
		return b.String(), err
	},
}).Parse(pageText))

// Page writes docs/performance.md.
func (r *Report) Page(w io.Writer) error {
	tables := r.Tables()
	err := pageTemplate.Execute(w, struct {
		*Report
		GoalTable, Side, Raw Table
		Missed               []string
		Both                 bool // PostgreSQL was measured beside
	}{r, tables[0], tables[1], tables[2], r.missed(), r.With["PostgreSQL"] != ""})
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// missed says in words what did not reach its goal.
func (r *Report) missed() []string {
	var out []string
	for _, v := range r.Goals {
		if v.Result == "missed" {
			out = append(out, fmt.Sprintf("%s: %s, must be %s", v.Goal, show(*v.Measured, v.Unit), number(v.Must)))
		}
	}
	return out
}
