package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
)

// caseNoteHead begins the sealed body of a fact of a case or a task. A line with
// the salt of its commitment follows, and then the body itself, whose own version
// stands in it.
const caseNoteHead = "habeas case body v1\n"

// errCaseNote is of a sealed body that is not in its form. It says nothing of what
// it holds (I1).
var errCaseNote = errors.New("the sealed body of a case is not in its form")

// EncodeCaseNote puts a body beside the salt that opens the commitment to it, so
// that both are shredded together.
func EncodeCaseNote(salt audit.Salt, body []byte) []byte {
	text, _ := salt.MarshalText()
	out := make([]byte, 0, len(caseNoteHead)+len(text)+1+len(body))
	out = append(append(append(out, caseNoteHead...), text...), '\n')
	return append(out, body...)
}

// DecodeCaseNote reads what EncodeCaseNote wrote.
func DecodeCaseNote(b []byte) (salt audit.Salt, body []byte, err error) {
	rest, ok := bytes.CutPrefix(b, []byte(caseNoteHead))
	if !ok {
		return salt, nil, errCaseNote
	}
	line, body, ok := bytes.Cut(rest, []byte{'\n'})
	if !ok || len(body) == 0 || salt.UnmarshalText(line) != nil || !bytes.HasPrefix(EncodeCaseNote(salt, nil), b[:len(b)-len(body)]) {
		return audit.Salt{}, nil, errCaseNote
	}
	return salt, body, nil
}

// textOf is what a person wrote, on its way into a sealed body.
func textOf(p events.Plaintext) cases.Text { return cases.Text(p.Expose()) }

// sealCase seals a body and commits to it.
func (d *Desk) sealCase(ctx context.Context, body []byte) (events.EventID, audit.Commitment, error) {
	c, salt, err := audit.CommitContent(d.d.Rand, body)
	if err != nil {
		return events.EventID{}, c, err
	}
	note, err := d.d.Sealer.Seal(ctx, EncodeCaseNote(salt, body))
	if err != nil {
		return events.EventID{}, c, fmt.Errorf("seal a fact of a case: %w", err)
	}
	return note, c, nil
}

// openCase opens the sealed body of a fact.
func (d *Desk) openCase(ctx context.Context, note events.EventID) ([]byte, error) {
	b, err := d.d.Revealer.OpenNote(ctx, note)
	if err != nil {
		return nil, fmt.Errorf("open the body of a fact: %w", err)
	}
	_, body, err := DecodeCaseNote(b)
	return body, err
}
