package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/answer/pack"
	"github.com/habeas-data/habeas/rights/cases"
)

// LetterTransmission is the note in a case that a copy was sent to somebody else.
const LetterTransmission events.Code = "transmission"

// A Sender transmits a copy for portability to another controller (Article 20(2)),
// over a channel that is encrypted and whose other end is who they say they are.
type Sender interface {
	// Send streams what fill writes to the contact on record of a recipient, and
	// returns once it was taken. It never goes anywhere else, whatever the other
	// end answers.
	Send(ctx context.Context, recipient events.Code, name string, fill func(io.Writer) error) error
}

// A SendOrder has the copy for portability sent to another controller, as the
// person asked.
type SendOrder struct {
	CaseStep
	Recipient events.Code // registered by name, with an https address
}

// A SendView says what was sent.
type SendView struct {
	Case      string `json:"case"`
	Recipient string `json:"recipient"`
	Name      string `json:"name"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
	Position  string `json:"position"`
}

// SendPackage sends the copy for portability straight to another controller. It is
// recorded before the first byte leaves (I7), streamed, and kept in no file. The
// case notes it once the other end has taken it; if it fails the record stays and
// says that it was tried. Errors: those of PackageCase, *Fault for a recipient that
// nobody registered, and what the other end answered.
func (d *Desk) SendPackage(ctx context.Context, o SendOrder) (*SendView, error) {
	if err := permit(o.Caller, access.CasesAnswer); err != nil {
		return nil, err
	}
	to, err := d.sendTo(o.Recipient)
	if err != nil {
		return nil, err
	}
	f, view, err := d.lookAt(ctx, o.Caller, o.Case, "cases.send")
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, view)
	if _, err := packageKind(f, events.Code(catalogue.RightPortability)); err != nil {
		return nil, err
	}
	m, err := d.parcel(ctx, view, f, o.Caller, catalogue.RightPortability)
	if err != nil {
		return nil, err
	}
	if _, err := d.recordEntry(ctx, o.Caller, audit.Entry{Act: "case.transmitted", Case: f.id, Target: to.ID, Outcome: audit.Done, Position: view.Position()}, f.about(), nil, o.Reason); err != nil {
		return nil, err
	}
	v := &SendView{Case: f.id.String(), Recipient: string(to.ID), Name: to.Name}
	sum := &summed{hash: sha256.New()}
	err = d.d.Answers.Send.Send(ctx, to.ID, "habeas-"+v.Case[:12]+".zip", func(w io.Writer) error {
		sum.w = w
		_, err := pack.WriteZip(ctx, sum, d.contents(m))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("transmit a copy: %w", parcelRefusal(err))
	}
	v.Bytes, v.SHA256 = sum.n, hex.EncodeToString(sum.hash.Sum(nil))
	text := fmt.Sprintf("The copy for portability was sent to %s over an encrypted connection: %d bytes, SHA-256 %s.", to.Name, v.Bytes, v.SHA256)
	at, err := d.appendCase(ctx, o.Caller, f, cases.LetterKept, d.today(), cases.Body{Reason: cases.Text(o.Reason.Expose()), Letter: &cases.Letter{Kind: LetterTransmission, Text: cases.Text(text), Via: "https"}})
	v.Position = at.String()
	return v, err
}

// sendTo finds who is sent to: one body, registered by name.
func (d *Desk) sendTo(id events.Code) (*catalogue.Recipient, error) {
	if d.d.Answers.Send == nil || d.d.Answers.Files == nil {
		return nil, errors.New("this desk was made without a way to transmit; nothing was sent")
	}
	r, ok := d.d.Catalogue().Recipient(id)
	if !ok || !r.Named && r.Class == "" {
		return nil, &Fault{Part: "recipient", Text: "want a recipient that is registered by name, with an https address; see habeas recipients add"}
	}
	return r, nil
}

// summed counts and hashes what is written.
type summed struct {
	w    io.Writer
	hash hash.Hash
	n    int64
}

func (s *summed) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	s.hash.Write(b[:n])
	s.n += int64(n)
	return n, err
}
