package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Limits of a report.
const (
	MaxWorkReport = 256 << 10 // bytes of its JSON
	maxWorkText   = 64 << 10
	maxWorkNames  = 1000
)

// DecodeWorkReport reads a report strictly: an unknown field, outcome or code is
// an error, and none repeats a value of the report.
func DecodeWorkReport(b []byte) (*WorkReport, error) {
	var w struct {
		WorkReport
		Text      string `json:"text"`
		Reference string `json:"reference"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return nil, errors.New("decode a report: want a JSON object with the fields of a report and no others")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("decode a report: more follows the object")
	}
	r := w.WorkReport
	r.Text, r.Reference = NewPlaintext(w.Text), NewPlaintext(w.Reference)
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("decode a report: %w", err)
	}
	return &r, nil
}

func (r *WorkReport) check() error {
	for name, c := range map[string]*Code{"outcome": &r.Outcome, "ground": &r.Ground, "detail": &r.Detail} {
		if *c == "" {
			continue
		}
		parsed, err := ParseCode(string(*c))
		if err != nil {
			return fmt.Errorf("%s: want a code, such as no_such_account", name)
		}
		*c = parsed
	}
	switch {
	case !slices.Contains(WorkOutcomes(), r.Outcome):
		return fmt.Errorf("outcome: want one of %v", WorkOutcomes())
	case r.Attempt == 0:
		return errors.New("attempt: want the number that the claim gave")
	case r.Text.Len() > maxWorkText || r.Reference.Len() > maxWorkText:
		return fmt.Errorf("text and reference: want at most %d bytes", maxWorkText)
	case len(r.Left) > maxWorkNames || len(r.Copies) > maxWorkNames:
		return fmt.Errorf("left and copies: want at most %d names", maxWorkNames)
	case r.RetryAfterSeconds < 0:
		return errors.New("retry_after_seconds: want a number from 0")
	case r.Found != nil && r.Removed != nil && *r.Removed > *r.Found:
		return errors.New("removed: want at most as many as were found")
	}
	return nil
}

// Encode writes the report as a system sends it, with its texts: the one way out
// for a report that a person made by hand or a system sends.
func (r *WorkReport) Encode() ([]byte, error) {
	b, err := json.Marshal(struct {
		*WorkReport
		Text      string `json:"text,omitempty"`
		Reference string `json:"reference,omitempty"`
	}{r, r.Text.Expose(), r.Reference.Expose()})
	if err != nil {
		return nil, errors.New("encode a report: it does not fit its form")
	}
	return b, nil
}
