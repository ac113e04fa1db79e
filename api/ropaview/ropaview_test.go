package ropaview_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/piprate/json-gold/ld"
	"github.com/xuri/excelize/v2"

	"github.com/habeas-data/habeas/api/ropaview"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/ropa"
)

func record(t *testing.T) *ropa.Record {
	t.Helper()
	c, err := catalogue.LoadShipped("instant-connect")
	if err != nil {
		t.Fatal(err)
	}
	at := events.InstantOf(time.Date(2025, 2, 1, 12, 0, 0, 0, time.UTC))
	return ropa.Build(c, []ropa.Seen{
		{System: "platform", Activity: events.Activity{Code: "ic-a03"}, Category: events.Category{Code: "identity"}, SubjectType: "locum", People: 7, First: at, Last: at},
		{System: "platform", Activity: events.Activity{Code: "ic-a03"}, Category: events.Category{Code: "identity"}, SubjectType: "locum", Recipient: "=cmd|x", Country: "us", People: 1, First: at, Last: at},
		{System: "web", Activity: events.Activity{Code: "undeclared"}, Category: events.Category{Code: "technical"}, People: 3, First: at, Last: at},
	}, at.Day())
}

// The columns are those of the template, in its order, and a row each.
func TestCSV(t *testing.T) {
	rec := record(t)
	var b bytes.Buffer
	if err := ropaview.CSV(&b, rec); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 1+len(rec.Rows()) || !slices.Equal(lines[0], ropaview.Headings[:]) || len(lines[0]) != 30 {
		t.Fatalf("%d lines with headings %q", len(lines), lines[0])
	}
	if lines[0][0] != "Business function" || lines[0][29] != "Reasons for not adhering to policy document (if applicable)" {
		t.Errorf("the first and last columns are %q and %q", lines[0][0], lines[0][29])
	}
	all := ""
	for _, l := range lines[1:] {
		all += strings.Join(l, "|") + "\n"
	}
	for _, want := range []string{"[seen, never declared]", "[declared, never seen]", "Article 6(1)(b)", "United States: =cmd|x"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in the record", want)
		}
	}
	for _, l := range lines[1:] {
		for _, cell := range l {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("a cell that a spreadsheet would run: %q", cell)
			}
		}
	}
}

// The workbook has the template's sheet with its headings in row 9, and a sheet
// that lists what only one side has.
func TestXLSX(t *testing.T) {
	rec := record(t)
	var b bytes.Buffer
	if err := ropaview.XLSX(&b, rec); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read from memory
	rows, err := f.GetRows("Template")
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 9+len(rec.Rows()) || !slices.Equal(rows[8], ropaview.Headings[:]) {
		t.Fatalf("%d rows; row 9 is %q", len(rows), rows[8])
	}
	sides, err := f.GetRows("Declared and seen")
	if err != nil {
		t.Fatal(err)
	}
	if len(sides) != 1+len(ropaview.OneSided(rec)) || len(sides) < len(rec.Rows()) {
		t.Errorf("%d lines on what only one side has", len(sides))
	}
}

// A JSON-LD processor drops keys that the context does not have. Expanded, the
// document must still hold every value that was written.
func TestJSONLDExpandsWithoutLoss(t *testing.T) {
	var b bytes.Buffer
	if err := ropaview.JSONLD(&b, record(t), "https://example.org/ropa/2025"); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	expanded, err := ld.NewJsonLdProcessor().Expand(doc, ld.NewJsonLdOptions(""))
	if err != nil {
		t.Fatal(err)
	}
	delete(doc, "@context")
	if a, z := leaves(doc), leaves(expanded); a != z || a < 500 {
		t.Errorf("%d values written, %d after expansion", a, z)
	}
	text, err := json.Marshal(expanded)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"https://w3id.org/dpv#hasLegalBasis", "https://w3id.org/dpv/legal/eu/gdpr#A6-1-b", "https://w3id.org/dpv#hasPersonalData", "https://w3id.org/dpv/2.3"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s after expansion", want)
		}
	}
}

// leaves counts the values at the ends of a document. What a processor adds by
// itself (the type of a value) does not count.
func leaves(v any) int {
	n := 0
	switch x := v.(type) {
	case map[string]any:
		if _, ok := x["@value"]; ok {
			return 1
		}
		for _, y := range x {
			n += leaves(y)
		}
	case []any:
		for _, y := range x {
			n += leaves(y)
		}
	case nil:
	default:
		n = 1
	}
	return n
}
