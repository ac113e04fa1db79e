package desk

import (
	"context"
	"fmt"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/certificate"
)

// A CommitmentOrder asks what stands behind one commitment of a case: content is
// its digits, or at least the first eight of them.
type CommitmentOrder struct {
	Caller  access.Caller
	Case    string
	Content string
	Reason  events.Plaintext
}

// An OpeningView is what a third party checks against the certificate. It may hold
// personal data.
type OpeningView = certificate.Opening

// leastDigits is how much of a commitment must be given.
const leastDigits = 8

// OpenCommitment shows the sealed body behind one commitment of a case, with what a
// third party needs to see that the audit log committed to it. It may hold personal
// data: the look is recorded first (I7). Errors: ErrForbidden, ErrGone (also where
// the case file was destroyed), *Fault, ErrNotRecorded.
func (d *Desk) OpenCommitment(ctx context.Context, o CommitmentOrder) (*certificate.Opening, error) {
	if err := permit(o.Caller, access.CasesRead); err != nil {
		return nil, err
	}
	want := strings.ToLower(o.Content)
	if len(want) < leastDigits || len(want) > 2*len(audit.Commitment{}) || strings.Trim(want, "0123456789abcdef") != "" {
		return nil, &Fault{Part: "content", Text: fmt.Sprintf("want a commitment as the certificate has it, or its first %d digits", leastDigits)}
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	f, err := d.caseFile(ctx, view, o.Case)
	if err != nil {
		return nil, err
	}
	e := audit.Entry{Act: "case.commitment", Case: f.id, Outcome: audit.Done, Position: f.position}
	if _, err := d.recordEntry(ctx, o.Caller, e, f.about(), nil, o.Reason); err != nil {
		return nil, err
	}
	notes, err := sealedNotes(view, f.id)
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		sealed, err := d.d.Revealer.OpenNote(ctx, note)
		if err != nil {
			continue // destroyed: it opens to nobody
		}
		salt, body, err := DecodeCaseNote(sealed)
		if err != nil {
			return nil, fmt.Errorf("open a commitment: %w", err)
		}
		if content, _ := salt.Commit(body).MarshalText(); strings.HasPrefix(string(content), want) {
			return certificate.NewOpening(f.id.String(), salt, body), nil
		}
	}
	return nil, fmt.Errorf("%w: nothing that is still kept of the case stands behind this commitment", ErrGone)
}

// sealedNotes lists the sealed bodies of a case and of its tasks.
func sealedNotes(view View, id events.EventID) (out []events.EventID, err error) {
	add := func(list []casebook.Fact, err error) error {
		for i := range list {
			if n := list[i].Event.Note; !n.IsZero() {
				out = append(out, n)
			}
		}
		return err
	}
	if err := add(casebook.Facts(view, id)); err != nil {
		return nil, fmt.Errorf("read the facts of a case: %w", err)
	}
	tasks, err := casebook.TasksOf(view, id)
	if err != nil {
		return nil, fmt.Errorf("read the tasks of a case: %w", err)
	}
	for i := range tasks {
		if err := add(casebook.TaskFacts(view, tasks[i].ID)); err != nil {
			return nil, fmt.Errorf("read the facts of a task: %w", err)
		}
	}
	return out, nil
}
