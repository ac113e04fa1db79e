package certificate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/habeas-data/habeas/audit"
)

// maxBytes bounds a certificate.
const maxBytes = 32 << 20

// A Certificate is a body and the proof of it.
type Certificate struct {
	Body  Body  `json:"certificate"`
	Proof Proof `json:"proof"`
}

// A Proof shows that the body, and the records it rests on, stand in the audit log
// under a signed checkpoint. The body itself is the content of the last record of
// that checkpoint, so nobody can make one that the log does not know of.
type Proof struct {
	// Key is the name of the public key that checks the checkpoint.
	Key        string `json:"key"`
	Checkpoint string `json:"checkpoint"`
	// Salt opens the content of the last record, which is the body in its compact
	// form.
	Salt    audit.Salt `json:"salt"`
	Own     Included   `json:"own"`
	Records []Included `json:"records"`
	// Earlier leads from the checkpoint of each earlier certificate of the case to
	// this one.
	Earlier []Earlier `json:"earlier"`
}

// An Earlier checkpoint, and the proof that the log only grew since.
type Earlier struct {
	Size int64          `json:"size"`
	Root tlog.Hash      `json:"root"`
	Path tlog.TreeProof `json:"path"`
}

// An Included record is the public form of a record, its place, and its path to
// the root.
type Included struct {
	Index  int64            `json:"index"`
	Record string           `json:"record"`
	Path   tlog.RecordProof `json:"path"`
}

// Content is what the audit log commits to: the body in its compact form.
func (b *Body) Content() ([]byte, error) {
	b.V, b.Kind = version, kind
	b.fill()
	return encode(b, "")
}

// fill makes absent lists empty ones, so that there is one form.
func (b *Body) fill() {
	full(&b.Rights)
	full(&b.Decisions)
	full(&b.Retained)
	full(&b.Targets)
	full(&b.Records)
	full(&b.Keys.Locations)
	for i := range b.Targets {
		full(&b.Targets[i].Receipts)
	}
	for i := range b.Keys.Locations {
		full(&b.Keys.Locations[i].Epochs)
	}
}

func full[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// Encode writes a certificate in its one form: indented, with a line feed at its
// end.
func (c *Certificate) Encode() ([]byte, error) {
	c.Body.fill()
	full(&c.Proof.Records)
	full(&c.Proof.Earlier)
	for _, in := range append([]*Included{&c.Proof.Own}, pointers(c.Proof.Records)...) {
		full((*[]tlog.Hash)(&in.Path))
	}
	for i := range c.Proof.Earlier {
		full((*[]tlog.Hash)(&c.Proof.Earlier[i].Path))
	}
	b, err := encode(c, "  ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

func encode(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write a certificate: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}

// What keeps a file from being read as a certificate.
var (
	// ErrNotCertificate: the file is something else, or damaged beyond reading.
	ErrNotCertificate = errors.New("this is no certificate")
	// ErrVersion: a later version of habeas made it.
	ErrVersion = errors.New("this certificate has a form that is not known here")
)

// Decode reads a certificate. exact reports whether the bytes are those that
// Encode writes; if not, something in the file was altered or moved. Errors:
// ErrNotCertificate, ErrVersion.
func Decode(b []byte) (c *Certificate, exact bool, err error) {
	if len(b) > maxBytes {
		return nil, false, fmt.Errorf("%w: %d bytes, want at most %d", ErrNotCertificate, len(b), maxBytes)
	}
	var form struct {
		Body struct {
			V    int    `json:"v"`
			Kind string `json:"kind"`
		} `json:"certificate"`
	}
	if json.Unmarshal(b, &form) != nil || form.Body.Kind != kind {
		return nil, false, ErrNotCertificate
	}
	if form.Body.V != version {
		return nil, false, fmt.Errorf("%w: version %d; here they go to %d", ErrVersion, form.Body.V, version)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	c = &Certificate{}
	if d.Decode(c) != nil {
		// The decoder's own words could repeat what somebody put there.
		return nil, false, fmt.Errorf("%w: a field of it is not known or not of its kind", ErrNotCertificate)
	}
	again, err := c.Encode()
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrNotCertificate, err)
	}
	return c, bytes.Equal(again, b), nil
}

// Settle fills in what follows from the rest: the result of each target, the
// totals, how far the case is; and orders the lists, so that the same facts give
// the same bytes.
func (b *Body) Settle() {
	b.Holdings, b.Totals = 0, Totals{Targets: len(b.Targets)}
	for _, d := range b.Decisions {
		b.Holdings += d.Holdings
	}
	for i := range b.Targets {
		t := &b.Targets[i]
		t.Result = t.resultOf()
		slices.Sort(t.Receipts)
		b.Totals.count(t)
	}
	b.Standing = Complete
	if b.Completed.IsZero() || b.Totals.Open > 0 {
		b.Standing = Interim
	}
	slices.Sort(b.Rights)
	order(b.Decisions)
	order(b.Retained)
	order(b.Targets)
	slices.SortFunc(b.Records, func(x, y Record) int { return cmp.Compare(x.Index, y.Index) })
}

func (n *Totals) count(t *Target) {
	switch {
	case t.State == "verified":
		n.Verified++
	case t.Result == Open:
		n.Open++
	default:
		n.NotProven++
	}
}

// order sorts by how the entries are written.
func order[T any](list []T) {
	keys := make(map[int]string, len(list))
	at := make([]int, len(list))
	for i, v := range list {
		b, _ := encode(v, "")
		keys[i], at[i] = string(b), i
	}
	slices.SortStableFunc(at, func(i, j int) int { return cmp.Compare(keys[i], keys[j]) })
	old := slices.Clone(list)
	for i, j := range at {
		list[i] = old[j]
	}
}

// DecodeBody reads a body in its compact form, as Content wrote it.
func DecodeBody(content []byte) (*Body, error) {
	var b Body
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if d.Decode(&b) != nil || b.Kind != kind {
		return nil, ErrNotCertificate
	}
	if b.V != version {
		return nil, ErrVersion
	}
	again, err := b.Content()
	if err != nil || !bytes.Equal(again, content) {
		return nil, fmt.Errorf("%w: its body is not in its one form", ErrNotCertificate)
	}
	return &b, nil
}
