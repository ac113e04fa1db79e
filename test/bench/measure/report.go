package measure

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// A Report is one run: where, with what, what came out, and whether the goals
// were reached.
type Report struct {
	Made     time.Time         `json:"made"`
	Command  string            `json:"command"`
	Options  Options           `json:"options"`
	Rounds   int               `json:"rounds"`
	Machine  Machine           `json:"machine"`
	With     map[string]string `json:"with,omitempty"` // versions of what was measured beside
	Goals    []Verdict         `json:"goals"`
	Metrics  map[string]Spread `json:"metrics"`
	Measured Rounds            `json:"measured"`
	Took     string            `json:"took"`
}

// Finish computes what follows from the rounds.
func (r *Report) Finish(rounds Rounds, took time.Duration) {
	r.Measured, r.Rounds, r.Took = rounds, len(rounds), took.Round(time.Second).String()
	r.Machine.LoadAfter = loadAverage()
	r.Goals, r.Metrics = Judge(rounds), map[string]Spread{}
	for _, name := range rounds.Names() {
		if s, ok := rounds.Metric(name); ok {
			r.Metrics[name] = s
		}
	}
}

// Tables are the report's, in order.
func (r *Report) Tables() []Table {
	return []Table{GoalTable(r.Goals), SideBySide(r.Measured), Raw(r.Measured)}
}

// Facts are the lines about the run itself.
func (r *Report) Facts() []string {
	lines := []string{
		fmt.Sprintf("%s events, %s people, seed %d, %d round(s), %d look-ups a second beside ingest; took %s",
			apart(fmt.Sprint(r.Options.Events)), apart(fmt.Sprint(r.Options.People)), r.Options.Seed, r.Rounds, r.Options.LookUps, r.Took),
		"machine: " + r.Machine.String() + "; load average at the start " + r.Machine.Load + ", at the end " + r.Machine.LoadAfter,
		"habeas at commit " + r.Machine.Commit,
	}
	var with []string
	for _, m := range shownModules {
		if v := r.Machine.Modules[m]; v != "" {
			with = append(with, m+" "+v)
		}
	}
	for name, v := range r.With {
		with = append(with, name+" "+v)
	}
	return append(lines, "with "+strings.Join(with, ", "))
}

// Text writes the report for a terminal.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	for _, f := range r.Facts() {
		fmt.Fprintln(&b, f)
	}
	for _, t := range r.Tables() {
		if len(t.Rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n", t.Title)
		columns(&b, t)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func columns(b *strings.Builder, t Table) {
	width := make([]int, len(t.Head))
	all := append([][]string{t.Head}, t.Rows...)
	for _, row := range all {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for _, row := range all {
		line := ""
		for i, c := range row {
			line += c + strings.Repeat(" ", width[i]-utf8.RuneCountInString(c)+2)
		}
		fmt.Fprintln(b, "  "+strings.TrimRight(line, " "))
	}
}

// Markdown writes a table as Markdown.
func (t Table) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(t.Head, " | "), strings.Repeat("---|", len(t.Head)))
	for _, row := range t.Rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
