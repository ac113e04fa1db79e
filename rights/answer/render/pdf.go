package render

import (
	"fmt"
	"io"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/tagpdf"
	"github.com/habeas-data/habeas/rights/answer"
)

// PDF writes the answer as a tagged PDF that says what the page says.
func PDF(w io.Writer, a *answer.Answer) error {
	m := tagpdf.Meta{Title: title, Lang: a.Language, Author: a.Organisation.Name}
	if d, err := events.ParseDate(a.Made); err == nil {
		m.Created = d.Time()
	}
	p := pdf{tagpdf.New(w, m)}
	lay(a, p)
	if err := p.d.Close(); err != nil {
		return fmt.Errorf("write the PDF of an answer: %w", err)
	}
	return nil
}

// A pdf is a sheet of a tagged PDF.
type pdf struct{ d *tagpdf.Doc }

func (p pdf) heading(level int, text string) { p.d.Heading(level, text) }

func (p pdf) paragraph(text, link string) {
	spans := tagpdf.Plain(text)
	if link != "" {
		spans = append(spans, tagpdf.Span{Text: " "}, tagpdf.Span{Text: link, Link: link})
	}
	p.d.Paragraph(spans...)
}

func (p pdf) list(items []string) {
	spans := make([][]tagpdf.Span, len(items))
	for i, it := range items {
		spans[i] = tagpdf.Plain(it)
	}
	p.d.List(spans...)
}

func (p pdf) pairs(rows [][2]string) {
	t := p.d.Table([]tagpdf.Column{{Share: 1, Header: true}, {Share: 3}})
	for _, r := range rows {
		t.Row(r[0], r[1])
	}
	t.Close()
}

func (p pdf) table(head []string, rows [][]string) {
	cols := make([]tagpdf.Column, len(head))
	for i, h := range head {
		cols[i] = tagpdf.Column{Title: h, Header: i == 0, Share: shares[h]}
	}
	t := p.d.Table(cols)
	for _, r := range rows {
		t.Row(r...)
	}
	t.Close()
}

// shares are the widths of columns that are not 1.
var shares = map[string]float64{"No.": 0.4, "Question": 1.6, "Answer": 4, "Law": 1.3, "How": 2, "SHA-256": 2, "Why not": 2, "Bytes": 0.7, "File": 2}
