package tagpdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/internal/tagpdf"
	"github.com/habeas-data/habeas/internal/tagpdf/tagpdftest"
)

// Without the tools the tree is still in the file, object by object.
func TestTreeIsInTheFile(t *testing.T) {
	var b bytes.Buffer
	if err := tagpdftest.Sample(&b); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	for what, n := range map[string]int{"/S /Document": 1, "/S /H1": 1, "/S /H2": 2, "/S /H3": 1, "/S /Table ": 1, "/S /THead": 1, "/S /TBody": 1, "/S /TR ": 91,
		"/S /TH ": 93, "/S /TD ": 180, "/Scope /Column": 3, "/Scope /Row": 90, "/S /L ": 1, "/S /LI ": 2, "/S /LBody": 2, "/S /Link": 1, "/Type /OBJR": 1,
		"/MarkInfo << /Marked true >>": 1, "/DisplayDocTitle true": 1, "/Type /Outlines": 1, "/ToUnicode": 2} {
		if got := strings.Count(s, what); got != n {
			t.Errorf("%q stands %d times in the file, want %d", what, got, n)
		}
	}
}

func TestSameCallsSameBytes(t *testing.T) {
	var a, b bytes.Buffer
	if err := errors.Join(tagpdftest.Sample(&a), tagpdftest.Sample(&b)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same document came out in two ways")
	}
}

type failing struct{ left int }

var errFull = errors.New("full")

func (f *failing) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestWriterFails(t *testing.T) {
	for _, n := range []int{0, 100, 5000, 40000} {
		if err := tagpdftest.Sample(&failing{n}); !errors.Is(err, errFull) {
			t.Errorf("a writer that takes %d bytes: %v, want its error", n, err)
		}
	}
}

func TestRowOfTooManyCells(t *testing.T) {
	d := tagpdf.New(io.Discard, tagpdf.Meta{Title: "x"})
	d.Table([]tagpdf.Column{{Title: "A"}}).Row("one", "two")
	if err := d.Close(); err == nil {
		t.Error("a row of more cells than columns was taken")
	}
}

// A long table is not kept: what grows is a few numbers for each cell.
func TestMemoryOfALongTable(t *testing.T) {
	d := tagpdf.New(io.Discard, tagpdf.Meta{Title: "long"})
	tab := d.Table([]tagpdf.Column{{Title: "A", Header: true}, {Title: "B"}, {Title: "C"}})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const rows = 10_000
	for i := range rows {
		tab.Row(fmt.Sprint(i), strings.Repeat("text ", 60), strings.Repeat("more ", 60))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	tab.Close()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if grew := int64(after.HeapAlloc) - int64(before.HeapAlloc); grew > rows*300 {
		t.Errorf("%d rows keep %d bytes", rows, grew)
	}
}

// Any text makes a file that can be read; nothing in it ends a string early.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", ") Tj ET (", "> endobj", "\xff\xfe", "\U0001F600", "a\u0301", "\u202e\u05d0", strings.Repeat("x", 500)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var b bytes.Buffer
		d := tagpdf.New(&b, tagpdf.Meta{Title: s, Author: s})
		d.Heading(2, s)
		d.Paragraph(tagpdf.Span{Text: s, Link: "https://example.org/" + s})
		tab := d.Table([]tagpdf.Column{{Title: s, Header: true}})
		tab.Row(s)
		tab.Close()
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(b.Bytes(), []byte("\nendobj\n")); n != bytes.Count(b.Bytes(), []byte(" 0 obj\n")) {
			t.Fatalf("%d ends of objects do not pair with their beginnings", n)
		}
	})
}
