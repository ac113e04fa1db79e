package render_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/rights/answer"
	"github.com/habeas-data/habeas/rights/answer/render"
	"golang.org/x/net/html"
)

var update = flag.Bool("update", false, "write the goldens")

// sample is the published example.
func sample(t testing.TB) *answer.Answer {
	t.Helper()
	b, err := os.ReadFile("../testdata/answer.json")
	if err != nil {
		t.Fatal(err)
	}
	a := new(answer.Answer)
	if err := json.Unmarshal(b, a); err != nil {
		t.Fatal(err)
	}
	return a
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as it was:\n%s", name, got)
	}
}

func page(t *testing.T, a *answer.Answer) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.HTML(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPage(t *testing.T) { golden(t, "index.html", []byte(page(t, sample(t)))) }

// WCAG 2.2: the page has a language (3.1.1) and a title (2.4.2), headings that
// skip no level (1.3.1), and every cell of a table has a header (1.3.1).
func TestPageCanBeReadByAnybody(t *testing.T) {
	doc, err := html.Parse(strings.NewReader(page(t, sample(t))))
	if err != nil {
		t.Fatal(err)
	}
	level, seen := 0, map[string]int{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		seen[n.Data]++
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") || (a.Key == "src" || a.Key == "href") && (n.Data != "a" || !strings.HasPrefix(a.Val, "https://")) {
				t.Errorf("<%s %s=%q>: the page runs or fetches something", n.Data, a.Key, a.Val)
			}
		}
		switch n.Data {
		case "html":
			if attr["lang"] != "en-GB" {
				t.Errorf("the language is %q", attr["lang"])
			}
		case "script", "img", "iframe", "link", "object", "form", "input", "video", "svg":
			t.Errorf("there is a <%s>", n.Data)
		case "th":
			if attr["scope"] != "row" && attr["scope"] != "col" {
				t.Error("a header cell without scope")
			}
		case "tr":
			if n.FirstChild == nil || n.FirstChild.Data != "th" {
				t.Error("a row without a header cell")
			}
		case "h1", "h2", "h3", "h4", "h5", "h6":
			if at := int(n.Data[1] - '0'); at > level+1 {
				t.Errorf("a heading of level %d follows one of level %d", at, level)
			} else {
				level = at
			}
		}
	}
	if seen["title"] != 1 || seen["h1"] != 1 || seen["main"] != 1 || seen["th"] == 0 {
		t.Errorf("elements %v", seen)
	}
}

// WCAG 1.4.6: text stands on its ground with at least 7 to 1, by day and by night.
func TestContrast(t *testing.T) {
	colours := regexp.MustCompile(`--(ink|ground|link):(#[0-9a-f]{3,6})`).FindAllStringSubmatch(page(t, sample(t)), -1)
	if len(colours) != 6 {
		t.Fatalf("%d colours, want three by day and three by night", len(colours))
	}
	for i := 0; i < 6; i += 3 {
		set := map[string]string{}
		for _, c := range colours[i : i+3] {
			set[c[1]] = c[2]
		}
		for _, on := range []string{"ink", "link"} {
			a, b := luminance(t, set[on]), luminance(t, set["ground"])
			if ratio := (math.Max(a, b) + 0.05) / (math.Min(a, b) + 0.05); ratio < 7 {
				t.Errorf("%s %s on %s: %.1f to 1", on, set[on], set["ground"], ratio)
			}
		}
	}
}

func luminance(t *testing.T, c string) float64 {
	t.Helper()
	if len(c) == 4 {
		c = "#" + strings.Repeat(c[1:2], 2) + strings.Repeat(c[2:3], 2) + strings.Repeat(c[3:4], 2)
	}
	var v [3]uint8
	if _, err := fmt.Sscanf(c, "#%02x%02x%02x", &v[0], &v[1], &v[2]); err != nil {
		t.Fatal(err)
	}
	out := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		x := float64(v[i]) / 255
		if x <= 0.04045 {
			x /= 12.92
		} else {
			x = math.Pow((x+0.055)/1.055, 2.4)
		}
		out += weight * x
	}
	return out
}

// What stands in the data is text and never a part of the page.
func TestPageEscapes(t *testing.T) {
	a := sample(t)
	const bad = `"><script>alert(1)</script><a href='https://evil.example'>`
	a.Systems[0].Name, a.Systems[0].Holdings[0].Purpose, a.Person.Identifiers[0].Value, a.Unknown[0].Name = bad, bad, bad, bad
	a.Copies[0].Name, a.Recipients[0].Name, a.Language, a.Remedies[0].Link = bad, bad, bad, "javascript:alert(1)"
	got := page(t, a)
	if strings.Contains(got, "<script") || strings.Contains(got, "evil.example'>") || strings.Contains(got, "javascript:") {
		t.Error("data became a part of the page")
	}
}

// RFC 4180: lines end in CRLF, and no cell is one that a spreadsheet computes.
func TestCSV(t *testing.T) {
	a := sample(t)
	a.Systems[0].Holdings[0].Item = "=HYPERLINK(\"https://evil.example\")"
	a.Systems[0].Name = "@cmd"
	a.Systems[0].Holdings[0].What = "-1+1, \"quoted\"\nand more"
	a.Withheld[0].What = "+44"
	var b bytes.Buffer
	if err := render.CSV(&b, a); err != nil {
		t.Fatal(err)
	}
	golden(t, "answer.csv", b.Bytes())
	if lines := strings.Count(b.String(), "\r\n"); lines < 5 {
		t.Errorf("%d lines end in CRLF", lines)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 5 {
		t.Errorf("%d rows, want a head, three that are held and one that is withheld", len(rows))
	}
	for _, r := range rows {
		for _, c := range r {
			if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") {
				t.Errorf("%q is a formula", c)
			}
		}
	}
}

func TestPortableCSV(t *testing.T) {
	b, err := os.ReadFile("../testdata/portability.json")
	if err != nil {
		t.Fatal(err)
	}
	p := new(answer.Portable)
	if err := json.Unmarshal(b, p); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := render.PortableCSV(&out, p); err != nil {
		t.Fatal(err)
	}
	golden(t, "portability.csv", out.Bytes())
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWriterFails(t *testing.T) {
	a := sample(t)
	for name, err := range map[string]error{"HTML": render.HTML(full{}, a), "PDF": render.PDF(full{}, a), "CSV": render.CSV(full{}, a)} {
		if err == nil {
			t.Errorf("%s: the error of the writer is lost", name)
		}
	}
}
