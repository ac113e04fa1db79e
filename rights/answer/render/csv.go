package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/habeas-data/habeas/rights/answer"
)

var answerHead = []string{"part", "system", "what", "purpose", "lawful_basis", "condition", "special", "item", "record_date", "source", "provenance",
	"first_seen", "last_seen", "state", "kept_until", "kept_why", "recipients", "rights", "withheld_code", "withheld_law", "withheld_reason"}

// CSV writes the holdings of an answer, and what was withheld, as RFC 4180 has
// it: lines end in CRLF, quotes are doubled. No cell is one that a spreadsheet
// would take for a formula.
func CSV(w io.Writer, a *answer.Answer) error {
	t := newTable(w, answerHead)
	for _, s := range a.Systems {
		for i := range s.Holdings {
			h := &s.Holdings[i]
			special := h.Special
			if h.Criminal {
				special = "criminal convictions or offences"
			}
			var can []string
			for _, r := range h.Rights {
				if r.Exists {
					can = append(can, r.Right)
				}
			}
			t.row("held", s.Name, h.What, h.Purpose, strings.Join(h.Basis, "; "), strings.Join(h.Conditions, "; "), special, h.Item, h.RecordDate, h.Source, h.Provenance,
				h.FirstSeen.String(), h.LastSeen, h.State, h.Until.Day, h.Until.Why, strings.Join(h.Recipients, "; "), strings.Join(can, "; "), "", "", "")
		}
	}
	for _, x := range a.Withheld {
		t.row("withheld", x.System, x.What, x.Activity, "", "", "", "", "", "", "", "", "", "", "", "", "", "", x.Code, x.Law, x.Reason)
	}
	return t.close()
}

// PortableCSV writes the records of a copy for portability.
func PortableCSV(w io.Writer, p *answer.Portable) error {
	t := newTable(w, []string{"id", "system", "category", "what", "purpose", "provenance", "item", "record_date", "collected_at", "last_seen"})
	for _, r := range p.Records {
		t.row(r.ID, r.Name, r.Category, r.What, r.Purpose, r.Provenance, r.Item, r.RecordDate, r.Collected.String(), r.LastSeen)
	}
	return t.close()
}

// A table writes rows; the first error sticks.
type table struct {
	w   *csv.Writer
	err error
}

func newTable(w io.Writer, head []string) *table {
	t := &table{w: csv.NewWriter(w)}
	t.w.UseCRLF = true
	t.err = t.w.Write(head)
	return t
}

func (t *table) row(cells ...string) {
	for i, c := range cells {
		cells[i] = harmless(c)
	}
	if t.err == nil {
		t.err = t.w.Write(cells)
	}
}

func (t *table) close() error {
	t.w.Flush()
	if t.err == nil {
		t.err = t.w.Error()
	}
	if t.err != nil {
		return fmt.Errorf("write a table of an answer: %w", t.err)
	}
	return nil
}

// harmless puts a quote before a cell that a spreadsheet would compute.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
