package certificate

import (
	"strings"
	"text/tabwriter"

	"github.com/habeas-data/habeas/internal/tagpdf"
)

type textDocument struct{ b strings.Builder }

func (t *textDocument) heading(level int, text string) {
	if t.b.Len() > 0 {
		t.b.WriteString("\n")
	}
	line := "-"
	if level == 1 {
		line = "="
	}
	t.b.WriteString(text + "\n" + strings.Repeat(line, len(text)) + "\n\n")
}

func (t *textDocument) paragraph(text string) { t.b.WriteString(wrap(text, 78, "") + "\n\n") }

func (t *textDocument) list(items []string) {
	for _, s := range items {
		t.b.WriteString("- " + wrap(s, 76, "  ") + "\n")
	}
}

func (t *textDocument) table(heads []string, rows [][]string) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	if heads != nil {
		_, _ = w.Write([]byte(strings.ToUpper(strings.Join(heads, "\t")) + "\n"))
	}
	for _, r := range rows {
		_, _ = w.Write([]byte(strings.Join(r, "\t") + "\n"))
	}
	_ = w.Flush() // a strings.Builder takes everything
	for line := range strings.Lines(b.String()) {
		t.b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
}

// wrap breaks a text at spaces.
func wrap(text string, width int, indent string) string {
	var b strings.Builder
	n := 0
	for i, w := range strings.Fields(text) {
		switch {
		case i == 0:
		case n+1+len(w) > width:
			b.WriteString("\n" + indent)
			n = 0
		default:
			b.WriteString(" ")
			n++
		}
		b.WriteString(w)
		n += len(w)
	}
	return b.String()
}

type pdfDocument struct{ d *tagpdf.Doc }

func (p *pdfDocument) heading(level int, text string) { p.d.Heading(level, text) }

func (p *pdfDocument) paragraph(text string) { p.d.Paragraph(tagpdf.Plain(text)...) }

func (p *pdfDocument) list(items []string) {
	var spans [][]tagpdf.Span
	for _, s := range items {
		spans = append(spans, tagpdf.Plain(s))
	}
	p.d.List(spans...)
}

func (p *pdfDocument) table(heads []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	cols := make([]tagpdf.Column, len(rows[0]))
	for i := range cols {
		cols[i] = tagpdf.Column{Share: 1, Header: i == 0}
		if heads != nil {
			cols[i].Title = heads[i]
		} else if i == len(cols)-1 {
			cols[i].Share = 2
		}
	}
	t := p.d.Table(cols)
	for _, r := range rows {
		t.Row(r...)
	}
	t.Close()
}
