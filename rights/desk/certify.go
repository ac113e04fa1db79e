package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/certificate"
)

// A Prover is the audit log as far as certificates need it.
type Prover interface {
	certificate.Log
	// Each calls fn for every record that the filter takes, oldest first.
	Each(ctx context.Context, f audit.Filter, fn func(audit.Numbered) error) error
}

// KeyFacts say how the vault stands to some handles.
type KeyFacts struct {
	Epoch uint32
	Began events.Instant // of the epoch
	// Rotates is when the next rotation is due; zero: none is planned.
	Rotates events.Instant
	// Forgotten is how many of the handles asked about the vault has forgotten.
	Forgotten int
	// Fresh is set where something, of whomever, was forgotten in this epoch:
	// it is readable with an old copy until the next rotation.
	Fresh     bool
	Locations []certificate.Location
}

// A CertificateView is a certificate as it is handed out. It names nobody.
type CertificateView struct {
	Case      string          `json:"case"`
	Number    int             `json:"number"`
	Simulated bool            `json:"simulated,omitempty"`
	JSON      json.RawMessage `json:"certificate"`
	// File is the certificate byte for byte: what is stored, sent and verified.
	File []byte `json:"-"`
	Text string `json:"text"`
	PDF  []byte `json:"-"`
}

// A CertificateQuery asks for a certificate that was drawn. Number zero is the
// last.
type CertificateQuery struct {
	Caller access.Caller
	Case   string
	Number int
}

// errNoProofs: this desk was made without an audit log that proves.
var errNoProofs = errors.New("this desk was made without an audit log that proves; nothing was drawn")

// kindCertificate marks the package that names a certificate's sealed body.
const kindCertificate events.Code = "certificate"

// CertifyCase draws the certificate of a case that is complete. It may be drawn
// again: later, or after a rotation, it says more. Errors: those of every act on a
// case.
func (d *Desk) CertifyCase(ctx context.Context, s CaseStep) (*CertificateView, error) {
	if d.d.Proofs == nil || d.d.Keys == nil {
		return nil, errNoProofs
	}
	// The certificate outlives the case file, so nobody's words go with it.
	s.Reason = events.Plaintext{}
	var drawn *certificate.Certificate
	f, _, err := d.step(ctx, s, access.CasesClose, func(ctx context.Context, view View, f *caseFile) (cases.Act, cases.Body, error) {
		var body cases.Body
		if f.c.Completed.IsZero() {
			return cases.Certified, body, nil // refused by the rules
		}
		var err error
		drawn, body.Package, err = d.draw(ctx, s.Caller, view, f)
		return cases.Certified, body, err
	})
	if err != nil {
		return nil, err
	}
	return viewCertificate(f.id, drawn)
}

// draw makes the certificate. Its body is sealed under a note of its own, and
// committed to in the audit log, before it is proved.
func (d *Desk) draw(ctx context.Context, who access.Caller, view View, f *caseFile) (*certificate.Certificate, *cases.Package, error) {
	trail, err := d.trail(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	body, err := d.certificateBody(ctx, view, f, trail)
	if err != nil {
		return nil, nil, fmt.Errorf("draw a certificate: %w", err)
	}
	body.Settle()
	content, err := body.Content()
	if err != nil {
		return nil, nil, err
	}
	// A crash from here to the fact leaves a sealed body that nothing names, and a
	// record of a certificate that nobody was given: it is drawn again.
	note, commitment, err := d.sealCase(ctx, content)
	if err != nil {
		return nil, nil, err
	}
	_, own, err := d.recordNumbered(ctx, who, audit.Entry{Act: certificate.ActDrawn, Case: f.id, Content: commitment, Outcome: audit.Done, Position: f.position}, nil, nil, events.Plaintext{})
	if err != nil {
		return nil, nil, err
	}
	c, file, err := d.proveCertificate(ctx, note, own, trail)
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(file)
	return c, &cases.Package{ID: note.String(), Kind: kindCertificate, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(file))}, nil
}

// proveCertificate opens a sealed body and proves it. The same body gives the same
// file for ever: its checkpoint ends with its own record.
func (d *Desk) proveCertificate(ctx context.Context, note events.EventID, own int64, t *trail) (*certificate.Certificate, []byte, error) {
	sealed, err := d.d.Revealer.OpenNote(ctx, note)
	if err != nil {
		return nil, nil, fmt.Errorf("open a certificate: %w", err)
	}
	salt, content, err := DecodeCaseNote(sealed)
	if err != nil {
		return nil, nil, fmt.Errorf("open a certificate: %w", err)
	}
	body, err := certificate.DecodeBody(content)
	if err != nil {
		return nil, nil, err
	}
	var earlier []int64
	for _, n := range t.drawn {
		if n < own {
			earlier = append(earlier, n+1)
		}
	}
	c, err := certificate.Prove(d.d.Proofs, *body, salt, own, earlier)
	if err != nil {
		return nil, nil, err
	}
	file, err := c.Encode()
	return c, file, err
}

// Certificate returns a certificate that was drawn, also of a case whose file has
// been destroyed. The look is recorded. Errors: ErrForbidden, ErrGone,
// ErrNotRecorded.
func (d *Desk) Certificate(ctx context.Context, q CertificateQuery) (*CertificateView, error) {
	if err := permit(q.Caller, access.CertificateRead); err != nil {
		return nil, err
	}
	if d.d.Proofs == nil {
		return nil, errNoProofs
	}
	view := d.d.View()
	f, err := d.caseFile(ctx, view, q.Case)
	d.shut(ctx, view)
	if err != nil {
		return nil, err
	}
	if _, err := d.recordEntry(ctx, q.Caller, audit.Entry{Act: events.Code(access.CertificateRead), Case: f.id, Outcome: audit.Done, Position: f.position}, nil, nil, events.Plaintext{}); err != nil {
		return nil, err
	}
	note, err := f.certificate(q.Number)
	if err != nil {
		return nil, err
	}
	t, err := d.trail(ctx, f)
	if err != nil {
		return nil, err
	}
	own, err := d.ownRecord(ctx, note, t)
	if err != nil {
		return nil, err
	}
	c, _, err := d.proveCertificate(ctx, note, own, t)
	if err != nil {
		return nil, err
	}
	return viewCertificate(f.id, c)
}

// certificate names the sealed body of the nth certificate; zero: the last.
func (f *caseFile) certificate(number int) (events.EventID, error) {
	var notes []events.EventID
	for i := range f.facts {
		p := f.facts[i].Body.Package
		if f.facts[i].Act != cases.Certified || p == nil || p.Kind != kindCertificate {
			continue
		}
		id, err := events.ParseEventID(p.ID)
		if err != nil {
			return id, fmt.Errorf("read which certificate was drawn: %w", err)
		}
		notes = append(notes, id)
	}
	if number == 0 {
		number = len(notes)
	}
	if number < 1 || number > len(notes) {
		return events.EventID{}, fmt.Errorf("%w: no certificate of that number was drawn for the case; there are %d", ErrGone, len(notes))
	}
	return notes[number-1], nil
}

// ownRecord finds the record that commits to a sealed body.
func (d *Desk) ownRecord(ctx context.Context, note events.EventID, t *trail) (int64, error) {
	sealed, err := d.d.Revealer.OpenNote(ctx, note)
	if err != nil {
		return 0, fmt.Errorf("open a certificate: %w", err)
	}
	salt, content, err := DecodeCaseNote(sealed)
	if err != nil {
		return 0, fmt.Errorf("open a certificate: %w", err)
	}
	n, ok := t.of[salt.Commit(content)]
	if !ok || !slices.Contains(t.drawn, n.Index) {
		return 0, fmt.Errorf("%w: the audit log holds no record of this certificate", ErrGone)
	}
	return n.Index, nil
}

func viewCertificate(id events.EventID, c *certificate.Certificate) (*CertificateView, error) {
	file, err := c.Encode()
	if err != nil {
		return nil, err
	}
	var text, pdf bytes.Buffer
	if err := errors.Join(c.WriteText(&text), c.WritePDF(&pdf)); err != nil {
		return nil, err
	}
	return &CertificateView{Case: id.String(), Number: c.Body.Number, Simulated: c.Body.Simulated, JSON: file, File: file, Text: text.String(), PDF: pdf.Bytes()}, nil
}

// A trail is what the audit log holds of a case.
type trail struct {
	of    map[audit.Commitment]audit.Numbered // by content
	drawn []int64                             // records of certificates
}

// trail reads the records of a case. There is none from before it was opened; the
// log's times are never earlier than those of what they record, but for the moment
// between a record and its fact.
func (d *Desk) trail(ctx context.Context, f *caseFile) (*trail, error) {
	t := &trail{of: map[audit.Commitment]audit.Numbered{}}
	from := events.InstantOf(f.facts[0].At.Time().Add(-time.Hour))
	err := d.d.Proofs.Each(ctx, audit.Filter{Case: f.id, From: from}, func(n audit.Numbered) error {
		if !n.Entry.Content.IsZero() {
			t.of[n.Entry.Content] = n
		}
		if n.Entry.Act == certificate.ActDrawn {
			t.drawn = append(t.drawn, n.Index)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the audit records of a case: %w", err)
	}
	return t, nil
}
