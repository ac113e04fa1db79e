package ropaview

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/habeas-data/habeas/rights/ropa"
)

// CSV writes the record under the headings of the template.
func CSV(w io.Writer, rec *ropa.Record) error {
	c := csv.NewWriter(w)
	if err := c.Write(Headings[:]); err != nil {
		return fmt.Errorf("write the record of processing as CSV: %w", err)
	}
	for _, r := range rec.Rows() {
		line := cells(rec, r)
		for i := range line {
			line[i] = inert(line[i])
		}
		if err := c.Write(line[:]); err != nil {
			return fmt.Errorf("write the record of processing as CSV: %w", err)
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("write the record of processing as CSV: %w", err)
	}
	return nil
}

// inert keeps a spreadsheet from reading a text as a formula: codes that
// sources chose may begin with anything.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
