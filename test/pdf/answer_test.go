package pdf

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/rights/answer"
	"github.com/habeas-data/habeas/rights/answer/render"
	"golang.org/x/net/html"
)

// answerSample is the published example.
func answerSample(t *testing.T) *answer.Answer {
	t.Helper()
	b, err := os.ReadFile("../../rights/answer/testdata/answer.json")
	if err != nil {
		t.Fatal(err)
	}
	a := new(answer.Answer)
	if err := json.Unmarshal(b, a); err != nil {
		t.Fatal(err)
	}
	return a
}

func answerPage(t *testing.T, a *answer.Answer) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.HTML(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// words are the words of a text, with nothing said of how they are laid out.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// The PDF says what the page says, in the same order.
func TestPDFSaysTheSame(t *testing.T) {
	a := answerSample(t)
	path := filepath.Join(t.TempDir(), "a.pdf")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := render.PDF(f, a); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	tree := poppler(t, "pdfinfo", "-struct-text", path)
	var pdf strings.Builder
	for l := range strings.Lines(tree) {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, `"`) && l != `"•"` {
			pdf.WriteString(strings.Trim(l, `"`) + " ")
		}
	}
	doc, err := html.Parse(strings.NewReader(answerPage(t, a)))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "style" && n.Parent.Data != "title" {
			text.WriteString(n.Data + " ")
		}
	}
	squeeze := func(s string) string { return strings.ReplaceAll(words(s), " ", "") }
	if got, want := squeeze(pdf.String()), squeeze(text.String()); got != want {
		i := 0
		for i < min(len(got), len(want)) && got[i] == want[i] {
			i++
		}
		t.Errorf("the PDF differs from the page at\n%.80s\n%.80s", got[i:], want[i:])
	}
	if out := poppler(t, "pdfinfo", path); !strings.Contains(out, "Tagged:          yes") {
		t.Errorf("%s", out)
	}
}
