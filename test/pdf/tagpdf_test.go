package pdf

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/internal/tagpdf"
	"github.com/habeas-data/habeas/internal/tagpdf/tagpdftest"
)

var update = flag.Bool("update", false, "write the golden")

func write(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := tagpdftest.Sample(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sample.pdf")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// poppler runs a tool of poppler-utils.
func poppler(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no %s on the PATH: the file is not judged by another program here", name)
	}
	var complaints bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s: %v\n%s", name, err, complaints.String())
	}
	return string(out)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as it was:\n%s", name, got)
	}
}

// The structure is what a screen reader follows, in its order.
func TestStructureAsReadersSeeIt(t *testing.T) {
	got := poppler(t, "pdfinfo", "-struct-text", write(t))
	golden(t, "structure.txt", got)
}

func TestDocumentSaysWhatItIs(t *testing.T) {
	got := poppler(t, "pdfinfo", write(t))
	for _, want := range []string{"Title:           What we hold about you", "Tagged:          yes", "Author:          Example Ltd", "Subject:         An answer", "A4"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

func TestTextComesBack(t *testing.T) {
	got := poppler(t, "pdftotext", write(t), "-")
	for _, want := range []string{"Nguyễn Łukasz Ωμέγα", "王小明", "example.org", "Row 89", "Control characters [31m go. Lines flow."} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in the text of the file:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "Until"); n < 3 {
		t.Errorf("the head row is drawn %d times, want once on each page", n)
	}
}

func TestFontsAreEmbedded(t *testing.T) {
	got := poppler(t, "pdffonts", write(t))
	for _, l := range strings.Split(strings.TrimSpace(got), "\n")[2:] {
		if f := strings.Fields(l); len(f) < 7 || f[len(f)-5] != "yes" || f[len(f)-4] != "yes" || f[len(f)-3] != "yes" {
			t.Errorf("a font is not embedded, not a part, or has no way back to Unicode: %s", l)
		}
	}
	if strings.Count(got, "DejaVuSans") != 2 {
		t.Errorf("want two fonts:\n%s", got)
	}
}

// A row that is higher than a page goes over several, and loses nothing.
func TestRowLongerThanAPage(t *testing.T) {
	var b bytes.Buffer
	d := tagpdf.New(&b, tagpdf.Meta{Title: "long"})
	tab := d.Table([]tagpdf.Column{{Title: "A"}, {Title: "B"}})
	var words []string
	for i := range 3000 {
		words = append(words, fmt.Sprintf("w%d", i))
	}
	tab.Row("short", strings.Join(words, " "))
	tab.Close()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "long.pdf")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(poppler(t, "pdftotext", path, "-"))
	seen := map[string]bool{}
	for _, w := range got {
		seen[w] = true
	}
	for _, w := range words {
		if !seen[w] {
			t.Fatalf("%s is lost", w)
		}
	}
}

func TestEmptyDocument(t *testing.T) {
	var b bytes.Buffer
	if err := tagpdf.New(&b, tagpdf.Meta{Title: "nothing"}).Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "empty.pdf")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := poppler(t, "pdfinfo", path); !strings.Contains(got, "Pages:           1") {
		t.Errorf("an empty document has a page:\n%s", got)
	}
}
