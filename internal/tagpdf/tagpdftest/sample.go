// Package tagpdftest has a document with everything that a tagged PDF of ours can
// have, for the tests of the writer and for those that judge it with other
// programs. It owns that document and may never be part of the program.
package tagpdftest

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/habeas-data/habeas/internal/tagpdf"
)

// Sample writes a document with everything in it.
func Sample(w io.Writer) error {
	d := tagpdf.New(w, tagpdf.Meta{Title: "What we hold about you", Subject: "An answer", Author: "Example Ltd", Created: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)})
	d.Heading(1, "What we hold about you")
	d.Paragraph(tagpdf.Span{Text: "This is "}, tagpdf.Span{Text: "all of it", Bold: true}, tagpdf.Span{Text: ". Complain at "},
		tagpdf.Span{Text: "example.org", Link: "https://example.org/complain/"}, tagpdf.Span{Text: "."})
	d.Heading(2, "Names")
	d.List(tagpdf.Plain("Nguyễn Łukasz Ωμέγα"), tagpdf.Plain("王小明 (in signs that the font lacks)"))
	d.Heading(2, "Rows")
	t := d.Table([]tagpdf.Column{{Title: "What", Header: true, Share: 2}, {Title: "Until"}, {Title: "Hash", Share: 2}})
	for i := range 90 {
		t.Row(fmt.Sprintf("Row %d", i), "2032-03-14", strings.Repeat("0123456789abcdef", 4))
	}
	t.Close()
	d.Heading(3, "The end")
	d.Paragraph(tagpdf.Plain("Control\x00 characters \x1b[31m go.\r\nLines flow.")...)
	return d.Close()
}
