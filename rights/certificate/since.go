package certificate

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/audit"
)

// Since checks that the log of an earlier certificate is the beginning of this
// one's, and adds what it saw to the report. more may hold further proofs of
// growth, for a certificate of another case. Both must have been checked under
// the key.
func (r *Report) Since(c, earlier *Certificate, more []audit.Growth, vkey string) {
	from, err1 := audit.OpenCheckpoint([]byte(earlier.Proof.Checkpoint), vkey)
	to, err2 := audit.OpenCheckpoint([]byte(c.Proof.Checkpoint), vkey)
	p := Problem{Code: SignatureBad, At: "/proof/checkpoint", Text: "a checkpoint is not signed under this key"}
	if err1 == nil && err2 == nil {
		p = grown(from, to, c.Proof.Earlier, more)
	}
	r.add("growth", p, "the log only grew since the earlier certificate, and nothing of it was changed")
}

func grown(from, to audit.Checkpoint, own []Earlier, more []audit.Growth) Problem {
	broken := Problem{GrowthBroken, "/proof/earlier", "the log of the earlier certificate is not the beginning of this one's"}
	switch {
	case from == to:
		return Problem{}
	case from.Size >= to.Size:
		return Problem{GrowthBroken, "/proof/checkpoint", "the other certificate is not an earlier one"}
	}
	for _, e := range own {
		if e.Size == from.Size {
			more = append(more, audit.Growth{From: e.Size, To: to.Size, Path: e.Path})
		}
	}
	for _, g := range more {
		if g.From != from.Size || g.To != to.Size {
			continue
		}
		if g.Check(from, to) != nil {
			return broken
		}
		return Problem{}
	}
	return Problem{GrowthMissing, "/proof/earlier", "no proof leads from the earlier certificate to this one"}
}

func (r *Report) add(name string, p Problem, saw string) {
	r.Checked = append(r.Checked, Step{name, p.Code == "", saw})
	if p.Code != "" {
		r.Problems = append(r.Problems, p)
		r.Valid = false
	}
}

// earlier checks the proofs of growth that a certificate carries.
func (k *checker) earlier() {
	for i, e := range k.c.Proof.Earlier {
		from := audit.Checkpoint{Origin: k.root.Origin, Size: e.Size, Root: e.Root}
		if e.Size >= k.root.Size || (audit.Growth{From: e.Size, To: k.root.Size, Path: e.Path}).Check(from, k.root) != nil {
			k.wrong(GrowthBroken, fmt.Sprintf("/proof/earlier/%d", i), "the log of an earlier certificate is not the beginning of this one's")
		}
	}
	k.step("growth", "the log only grew since %d earlier certificates of the case", len(k.c.Proof.Earlier))
}

// openingKind tells an opening from other JSON.
const openingKind = "habeas.opening"

// An Opening shows what stands behind one commitment of a certificate: the sealed
// body as it was written, which holds its own salt. It may hold personal data,
// and only whoever keeps the case file can make one.
type Opening struct {
	V       int        `json:"v"`
	Kind    string     `json:"kind"`
	Case    string     `json:"case"`
	Content string     `json:"content"`
	Salt    audit.Salt `json:"salt"`
	Body    string     `json:"body"`
}

// NewOpening makes an opening of a sealed body.
func NewOpening(id string, salt audit.Salt, body []byte) *Opening {
	content, _ := salt.Commit(body).MarshalText()
	return &Opening{version, openingKind, id, string(content), salt, string(body)}
}

// ErrNotOpening: the file opens nothing.
var ErrNotOpening = errors.New("this is no opening of a commitment")

// DecodeOpening reads an opening. Errors: ErrNotOpening.
func DecodeOpening(b []byte) (*Opening, error) {
	var o Opening
	if len(b) > maxBytes || json.Unmarshal(b, &o) != nil || o.Kind != openingKind || o.V != version {
		return nil, ErrNotOpening
	}
	return &o, nil
}

// Open checks an opening against the certificate and adds what it saw to the
// report: the record of the log that the body stands behind.
func (r *Report) Open(c *Certificate, o *Opening) {
	content, _ := o.Salt.Commit([]byte(o.Body)).MarshalText()
	p := Problem{OpeningOther, "/certificate/records", "the certificate holds no commitment to what was opened"}
	for _, rec := range c.Body.Records {
		if rec.Content == string(content) && o.Case == c.Body.Case && o.Content == rec.Content {
			p = Problem{}
		}
	}
	r.add("opening", p, "what was opened is what the log committed to")
}
