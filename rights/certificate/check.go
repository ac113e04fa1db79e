package certificate

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
)

// A Code names what is wrong with a certificate. Codes stay.
type Code string

// What can be wrong with a certificate that could be read.
const (
	Altered        Code = "CERT_ALTERED"        // the file is not byte for byte as it was written
	KeyOther       Code = "KEY_OTHER"           // it was signed under another key
	SignatureBad   Code = "SIGNATURE_BAD"       // the signature of the checkpoint does not hold
	ContentOther   Code = "CONTENT_OTHER"       // the log committed to another body
	RecordUnproven Code = "RECORD_UNPROVEN"     // a record does not lead to the signed root
	RecordForeign  Code = "RECORD_FOREIGN"      // a record is not what the certificate says of it
	ReceiptMissing Code = "RECEIPT_MISSING"     // a receipt has no record
	CountWrong     Code = "COUNT_WRONG"         // numbers do not add up
	StateWrong     Code = "STATE_WRONG"         // a state or result that does not exist or does not fit
	ErasedUnproven Code = "ERASED_UNPROVEN"     // said to be done, and nobody looked again
	NotApproved    Code = "UNPROVEN_UNAPPROVED" // ended without proof, and nobody approved that
	DateOrder      Code = "DATE_ORDER"          // a date before one that it must follow
	KeysWrong      Code = "KEYS_WRONG"          // what is said of the keys contradicts itself
	GrowthMissing  Code = "GROWTH_MISSING"      // no proof that leads from the earlier certificate
	GrowthBroken   Code = "GROWTH_BROKEN"       // the log of the earlier certificate is not the beginning of this one
	OpeningOther   Code = "OPENING_OTHER"       // what was opened is not what the certificate commits to
)

// Codes lists them with what each means.
func Codes() map[Code]string {
	return map[Code]string{
		Altered:        "The file is not byte for byte as it was written: something in it was changed or moved",
		KeyOther:       "It was signed under another key than the one given",
		SignatureBad:   "The signature of the checkpoint does not hold under this key",
		ContentOther:   "The audit log does not commit to what this certificate says",
		RecordUnproven: "A record does not lead to the signed root of the audit log",
		RecordForeign:  "A record of the audit log is not what the certificate says of it",
		ReceiptMissing: "A receipt is named that no record of the audit log commits to",
		CountWrong:     "Numbers do not add up",
		StateWrong:     "A state or a result does not exist, or does not fit the rest",
		ErasedUnproven: "Something is said to be done although nobody looked again",
		NotApproved:    "Something ended without proof and nobody approved that",
		DateOrder:      "A date lies before one that it must follow",
		KeysWrong:      "What is said of the keys contradicts itself",
		GrowthMissing:  "There is no proof that leads from the earlier certificate to this one",
		GrowthBroken:   "The audit log of the earlier certificate is not the beginning of this one's",
		OpeningOther:   "What was opened is not what the certificate commits to",
	}
}

// A Problem is one thing that is wrong, and where.
type Problem struct {
	Code Code   `json:"code"`
	At   string `json:"at,omitempty"` // a JSON pointer into the certificate
	Text string `json:"text"`
}

// A Step is one thing that was checked.
type Step struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Saw  string `json:"saw"`
}

// A Report says what was checked and what is wrong.
type Report struct {
	Valid     bool       `json:"valid"`
	Case      string     `json:"case"`
	Number    int        `json:"number"`
	Standing  Standing   `json:"standing"`
	Simulated bool       `json:"simulated"`
	Key       string     `json:"key"`
	Records   int64      `json:"log_records"`
	Checked   []Step     `json:"checked"`
	Problems  []Problem  `json:"problems"`
	NotProven []Sentence `json:"not_proven"`
}

// A Sentence is something a reader must know.
type Sentence string

// Limits are what no certificate proves.
func Limits() []Sentence {
	return []Sentence{
		"that a system or recipient told the truth: a receipt is a claim, and a look again sees what that system shows",
		"that data nobody ever reported to habeas was found: the certificate speaks of the systems and recipients it names",
		"that no other copy exists: backups of the systems themselves are theirs to say",
		"that the decisions were right in law: it proves what was decided, when and in what role",
		"that the clock of the server was right: dates are as it gave them",
	}
}

// checker goes through a certificate once.
type checker struct {
	c      *Certificate
	root   audit.Checkpoint
	public map[int64]audit.Public // proved records, by place
	rep    *Report
	from   int // problems before the present step
}

// Check checks a certificate under the public key, with nothing else. exact is
// what Decode said.
func Check(c *Certificate, exact bool, vkey string) *Report {
	b := &c.Body
	k := &checker{c: c, public: map[int64]audit.Public{}, rep: &Report{Case: b.Case, Number: b.Number, Standing: b.Standing, Simulated: b.Simulated,
		Key: c.Proof.Key, Checked: []Step{}, Problems: []Problem{}, NotProven: Limits()}}
	k.form(exact)
	if k.signature(vkey) {
		k.content()
		k.records()
		k.earlier()
	}
	k.receipts()
	k.arithmetic()
	k.targets()
	k.dates()
	k.keys()
	k.rep.Valid = len(k.rep.Problems) == 0
	return k.rep
}

func (k *checker) wrong(code Code, at, format string, a ...any) {
	k.rep.Problems = append(k.rep.Problems, Problem{code, at, fmt.Sprintf(format, a...)})
}

// step closes a step: it is good if nothing was wrong since the last.
func (k *checker) step(name, format string, a ...any) {
	ok := len(k.rep.Problems) == k.from
	k.from = len(k.rep.Problems)
	k.rep.Checked = append(k.rep.Checked, Step{name, ok, fmt.Sprintf(format, a...)})
}

func (k *checker) form(exact bool) {
	if !exact {
		k.wrong(Altered, "", "the file is not byte for byte as it was written")
	}
	k.step("form", "the file is a certificate, and byte for byte as it was written")
}

func (k *checker) signature(vkey string) bool {
	p := &k.c.Proof
	name, err := audit.KeyName(vkey)
	if err == nil && name != p.Key {
		k.wrong(KeyOther, "/proof/key", "it was signed under the key %s; the key given is %s", p.Key, name)
	} else if k.root, err = audit.OpenCheckpoint([]byte(p.Checkpoint), vkey); err != nil || !oneSignature(p.Checkpoint) {
		k.wrong(SignatureBad, "/proof/checkpoint", "the signature of the checkpoint does not hold")
	}
	ok := len(k.rep.Problems) == k.from
	k.rep.Records = k.root.Size
	k.step("signature", "the audit log's checkpoint of %d records is signed under the key %s", k.root.Size, p.Key)
	return ok
}

// oneSignature reports whether the checkpoint has exactly one signature in its one
// form. Further ones would be believed unread, and base64 has spare bits.
func oneSignature(note string) bool {
	_, line, ok := strings.Cut(note, "\n\n\u2014 ")
	_, sig, two := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	_, err := base64.StdEncoding.Strict().DecodeString(sig)
	return ok && two && err == nil && strings.Count(line, "\n") == 1 && strings.HasSuffix(line, "\n")
}

// prove checks one record's path and reads it.
func (k *checker) prove(in *Included, at string) (audit.Public, bool) {
	p := audit.Proof{Index: in.Index, Size: k.root.Size, Record: []byte(in.Record), Path: in.Path}
	if p.Check(k.root) != nil {
		k.wrong(RecordUnproven, at, "record %d does not lead to the signed root", in.Index)
		return audit.Public{}, false
	}
	public, err := audit.ParsePublic(p.Record)
	if err != nil {
		k.wrong(RecordForeign, at, "record %d is no record of a case", in.Index)
		return audit.Public{}, false
	}
	if public.Case.String() != k.c.Body.Case {
		k.wrong(RecordForeign, at, "record %d is of another case", in.Index)
		return audit.Public{}, false
	}
	return public, true
}

// ActDrawn is the act of the record that commits to a certificate.
const ActDrawn events.Code = "certificate.drawn"

func (k *checker) content() {
	own := &k.c.Proof.Own
	public, ok := k.prove(own, "/proof/own")
	if ok && (public.Act != ActDrawn || own.Index != k.root.Size-1) {
		k.wrong(RecordForeign, "/proof/own", "the last record of the checkpoint is not that of this certificate")
	}
	content, err := k.c.Body.Content()
	if ok && (err != nil || k.c.Proof.Salt.Commit(content) != public.Content) {
		k.wrong(ContentOther, "/certificate", "record %d of the audit log commits to another certificate than this", own.Index)
	}
	// Under a clock set by hand the log's own times may lie anywhere: they never go
	// back.
	if ok && !k.c.Body.Simulated && k.c.Body.Drawn > public.At {
		k.wrong(DateOrder, "/certificate/drawn", "drawn after the record that commits to it")
	}
	k.step("content", "record %d of the log commits to every word of this certificate", own.Index)
}

func (k *checker) records() {
	named := map[int64]Record{}
	for _, r := range k.c.Body.Records {
		named[r.Index] = r
	}
	for i := range k.c.Proof.Records {
		in, at := &k.c.Proof.Records[i], fmt.Sprintf("/proof/records/%d", i)
		public, ok := k.prove(in, at)
		if !ok {
			continue
		}
		r, known := named[in.Index]
		if content, _ := public.Content.MarshalText(); !known || r.Act != public.Act || r.Content != string(content) {
			k.wrong(RecordForeign, at, "record %d is not what the certificate says of it", in.Index)
		}
		if !k.c.Body.Simulated && public.At > k.c.Body.Drawn {
			k.wrong(DateOrder, at, "record %d is younger than the certificate", in.Index)
		}
		k.public[in.Index] = public
	}
	for i, r := range k.c.Body.Records {
		if _, ok := k.public[r.Index]; !ok {
			k.wrong(RecordUnproven, fmt.Sprintf("/certificate/records/%d", i), "record %d comes without a proof", r.Index)
		}
	}
	if len(k.c.Body.Records) != len(k.c.Proof.Records) || len(named) != len(k.c.Body.Records) {
		k.wrong(CountWrong, "/certificate/records", "%d records are named, %d proved", len(k.c.Body.Records), len(k.c.Proof.Records))
	}
	k.step("records", "%d records of decisions, approvals and receipts stand in the log, and are of this case", len(k.c.Body.Records))
}

// receipts checks that each receipt has a record; the records themselves are
// proved elsewhere.
func (k *checker) receipts() {
	has := map[string]bool{}
	for _, r := range k.c.Body.Records {
		has[r.Content] = r.Content != ""
	}
	n := 0
	for i, t := range k.c.Body.Targets {
		for j, r := range t.Receipts {
			n++
			if !has[r] {
				k.wrong(ReceiptMissing, fmt.Sprintf("/certificate/targets/%d/receipts/%d", i, j), "no record of the audit log commits to this receipt")
			}
		}
	}
	k.step("receipts", "each of %d receipts is one that the log committed to when it came", n)
}
