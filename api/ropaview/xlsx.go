package ropaview

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/rights/ropa"
)

const (
	sheetTemplate = "Template"
	sheetSides    = "Declared and seen"
	headingRow    = 9 // as in the template; rows 1 to 6 say who keeps the record
)

// XLSX writes the record as a workbook: the template's sheet with its columns in
// the place where it has them, and a second sheet that lists everything that
// only one side has.
func XLSX(w io.Writer, rec *ropa.Record) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.SetSheetName("Sheet1", sheetTemplate); err != nil {
		return fmt.Errorf("write the record of processing as XLSX: %w", err)
	}
	if _, err := f.NewSheet(sheetSides); err != nil {
		return fmt.Errorf("write the record of processing as XLSX: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return fmt.Errorf("write the record of processing as XLSX: %w", err)
	}
	wrap, err := f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return fmt.Errorf("write the record of processing as XLSX: %w", err)
	}
	if err := errors.Join(template(f, rec, bold, wrap), sides(f, rec, bold, wrap)); err != nil {
		return fmt.Errorf("write the record of processing as XLSX: %w", err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write the record of processing as XLSX: %w", err)
	}
	return nil
}

func template(f *excelize.File, rec *ropa.Record, bold, wrap int) error {
	s, err := f.NewStreamWriter(sheetTemplate)
	if err != nil {
		return err
	}
	if err := errors.Join(s.SetColWidth(1, len(Headings), 32),
		s.SetPanes(&excelize.Panes{Freeze: true, YSplit: headingRow, TopLeftCell: fmt.Sprintf("A%d", headingRow+1), ActivePane: "bottomLeft"})); err != nil {
		return err
	}
	o := &rec.Organisation
	for i, line := range [][2]string{
		{"Controller", o.Name},
		{"Contact", joinCodes(o.Contact)},
		{"Data protection officer", officer[o.Officer]},
		{"Representative", ""},
		{"Catalogue", string(rec.Catalogue) + ", version " + rec.Version},
		{"As of", catalogue.PlainDate(rec.AsOf)},
	} {
		if err := s.SetRow(fmt.Sprintf("A%d", i+1), []any{excelize.Cell{StyleID: bold, Value: line[0]}, line[1]}); err != nil {
			return err
		}
	}
	row := headingRow
	if err := write(s, row, bold, Headings[:]); err != nil {
		return err
	}
	for _, r := range rec.Rows() {
		row++
		line := cells(rec, r)
		if err := write(s, row, wrap, line[:]); err != nil {
			return err
		}
	}
	return s.Flush()
}

var officer = map[catalogue.Officer]string{
	catalogue.OfficerNamed: "named in the notice", catalogue.OfficerExists: "exists, not named in the notice",
	catalogue.OfficerOther: "none; somebody else to write to is named", catalogue.OfficerNotStated: "not stated",
}

// sides lists what only one side has, one line each.
func sides(f *excelize.File, rec *ropa.Record, bold, wrap int) error {
	s, err := f.NewStreamWriter(sheetSides)
	if err != nil {
		return err
	}
	if err := s.SetColWidth(1, 5, 36); err != nil {
		return err
	}
	if err := write(s, 1, bold, []string{"Activity", "Purpose of processing", "What", "Name", "Where it stands"}); err != nil {
		return err
	}
	row := 1
	for _, line := range OneSided(rec) {
		row++
		if err := write(s, row, wrap, []string{line.Activity, line.Purpose, line.What, line.Name, strings.ReplaceAll(string(line.Side), "_", " ")}); err != nil {
			return err
		}
	}
	return s.Flush()
}

func write(s *excelize.StreamWriter, row, style int, values []string) error {
	line := make([]any, len(values))
	for i, v := range values {
		line[i] = excelize.Cell{StyleID: style, Value: v}
	}
	return s.SetRow(fmt.Sprintf("A%d", row), line)
}

// A Line is one thing that only one side has.
type Line struct {
	Activity, Purpose, What, Name string
	Side                          ropa.Side
}

// OneSided lists what is declared and was never seen, and what was seen and is
// not declared: the activities themselves, then what stands in their columns.
func OneSided(rec *ropa.Record) (out []Line) {
	for _, r := range rec.Rows() {
		name := r.Ref
		if name == "" {
			name = string(r.Activity)
		}
		if r.Side != ropa.Both {
			out = append(out, Line{name, r.Purpose, "activity", r.Purpose, r.Side})
		}
		if r.Side == ropa.NeverSeen {
			continue // then nothing in it was seen either
		}
		for _, c := range []struct {
			what string
			list []ropa.Entry
		}{{"kind of person", r.Subjects}, {"category of data", r.Categories}, {"recipient", r.Recipients}, {"source", r.Sources}, {"system", r.Systems}} {
			for _, e := range c.list {
				if e.Side != ropa.Both {
					out = append(out, Line{name, r.Purpose, c.what, e.Name, e.Side})
				}
			}
		}
	}
	return out
}
