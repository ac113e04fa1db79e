package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// entryVersion is the version of the record form. A newer one is an error.
const entryVersion = 1

// maxEntry bounds a record in bytes.
const maxEntry = 4096

// A Commitment binds a record to the handles it is about without naming them.
type Commitment [32]byte

// IsZero reports whether the record is about nobody.
func (c Commitment) IsZero() bool { return c == Commitment{} }

// MarshalText writes 64 hexadecimal digits; absent is empty.
func (c Commitment) MarshalText() ([]byte, error) {
	if c.IsZero() {
		return nil, nil
	}
	return []byte(hex.EncodeToString(c[:])), nil
}

// UnmarshalText reads what MarshalText wrote.
func (c *Commitment) UnmarshalText(b []byte) error {
	*c = Commitment{}
	if len(b) == 0 {
		return nil
	}
	if len(b) != 64 {
		return fmt.Errorf("want 64 hexadecimal digits, got %d characters", len(b))
	}
	if _, err := hex.Decode(c[:], b); err != nil {
		return fmt.Errorf("want 64 hexadecimal digits")
	}
	return nil
}

// An Opening is what opens a commitment. It is sealed in the vault with the
// reason of the look, and nowhere else.
type Opening struct {
	Salt    [16]byte        // 128 random bits
	Handles []events.Handle // sorted
}

// Commit draws a salt and commits to the handles.
func Commit(rand io.Reader, handles []events.Handle) (Commitment, Opening, error) {
	o := Opening{Handles: slices.Clone(handles)}
	slices.SortFunc(o.Handles, func(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) })
	if _, err := io.ReadFull(rand, o.Salt[:]); err != nil {
		return Commitment{}, Opening{}, fmt.Errorf("draw the salt of a commitment: %w", err)
	}
	return o.Commitment(), o, nil
}

// Commitment is SHA-256 over the salt and the handles.
func (o Opening) Commitment() Commitment {
	h := sha256.New()
	h.Write([]byte("habeas audit about v1\x00"))
	h.Write(o.Salt[:])
	for _, v := range o.Handles {
		h.Write(v[:])
	}
	return Commitment(h.Sum(nil))
}

// A Salt is what hides the content behind a commitment: 128 random bits, kept
// beside the content and shredded with it.
type Salt [16]byte

// NewSalt draws a salt, for a body that is to hold it.
func NewSalt(rand io.Reader) (Salt, error) {
	var s Salt
	if _, err := io.ReadFull(rand, s[:]); err != nil {
		return Salt{}, fmt.Errorf("draw the salt of a commitment: %w", err)
	}
	return s, nil
}

// CommitContent draws a salt and commits to a body as it will be sealed.
func CommitContent(rand io.Reader, body []byte) (Commitment, Salt, error) {
	s, err := NewSalt(rand)
	if err != nil {
		return Commitment{}, Salt{}, err
	}
	return s.Commit(body), s, nil
}

// Commit is SHA-256 over the salt and the body.
func (s Salt) Commit(body []byte) Commitment {
	h := sha256.New()
	h.Write([]byte("habeas audit content v1\x00"))
	h.Write(s[:])
	h.Write(body)
	return Commitment(h.Sum(nil))
}

// MarshalText writes 32 hexadecimal digits.
func (s Salt) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(s[:])), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Salt) UnmarshalText(b []byte) error {
	if len(b) != 2*len(s) {
		return fmt.Errorf("want %d hexadecimal digits, got %d characters", 2*len(s), len(b))
	}
	if _, err := hex.Decode(s[:], b); err != nil {
		return fmt.Errorf("want %d hexadecimal digits", 2*len(s))
	}
	return nil
}

// Outcomes of what was recorded.
const (
	Found      events.Code = "found"
	NotFound   events.Code = "not_found"
	Candidates events.Code = "candidates" // only candidates were shown
	Refused    events.Code = "refused"
	Done       events.Code = "done"
	Attempted  events.Code = "attempted" // recorded before it was known what would come of it
)

// An Entry is one record.
type Entry struct {
	At    events.Instant // stamped by Append
	Actor events.Code    // id of the token
	Name  events.Code    // name code of the token
	Roles []string
	Act   events.Code // such as footprint.read, token.create
	// About commits to the handles looked at; zero when nobody was found.
	About Commitment
	// Note is the sealed note with the reason and the opening of About.
	Note    events.EventID
	Target  events.Code // what the act was on, when that is no person: a token, a system
	Outcome events.Code
	// Position is the journal position the answer was read at.
	Position events.Position
	// Case is the case the act belongs to; zero for every other look.
	Case events.EventID
	// Content commits to the sealed body of what was recorded, such as a
	// decision or a receipt. Whoever holds the body and its salt can open it.
	Content Commitment
	// Salt hides who acted from whoever is shown the public form. Append draws it
	// for a record of a case.
	Salt Salt
}

// entryJSON is the canonical form: these fields, this order, no spaces, absent
// ones left out. A record that does not read back to the same bytes is refused.
type entryJSON struct {
	V        int            `json:"v"`
	At       events.Instant `json:"at"`
	Actor    events.Code    `json:"actor"`
	Name     events.Code    `json:"name,omitempty"`
	Roles    []string       `json:"roles,omitempty"`
	Act      events.Code    `json:"act"`
	About    string         `json:"about,omitempty"`
	Note     string         `json:"note,omitempty"`
	Target   events.Code    `json:"target,omitempty"`
	Outcome  events.Code    `json:"outcome"`
	Position string         `json:"position,omitempty"`
	// Records from before cases have none of these, and hash as they did.
	Case    string `json:"case,omitempty"`
	Content string `json:"content,omitempty"`
	Salt    string `json:"salt,omitempty"`
}

// MarshalJSON writes the canonical form.
func (e Entry) MarshalJSON() ([]byte, error) {
	about, _ := e.About.MarshalText()
	v := entryJSON{V: entryVersion, At: e.At, Actor: e.Actor, Name: e.Name, Roles: e.Roles, Act: e.Act,
		About: string(about), Target: e.Target, Outcome: e.Outcome}
	if !e.Note.IsZero() {
		v.Note = e.Note.String()
	}
	if !e.Position.IsZero() {
		v.Position = e.Position.String()
	}
	if !e.Case.IsZero() {
		v.Case = e.Case.String()
	}
	content, _ := e.Content.MarshalText()
	v.Content = string(content)
	if e.Salt != (Salt{}) {
		v.Salt = hex.EncodeToString(e.Salt[:])
	}
	return json.Marshal(v)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Entry) UnmarshalJSON(b []byte) error {
	var v entryJSON
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return err
	}
	if v.V != entryVersion {
		return fmt.Errorf("version %d is not known here; want at most %d", v.V, entryVersion)
	}
	*e = Entry{At: v.At, Actor: v.Actor, Name: v.Name, Roles: v.Roles, Act: v.Act, Target: v.Target, Outcome: v.Outcome}
	err := e.About.UnmarshalText([]byte(v.About))
	if err == nil && v.Note != "" {
		e.Note, err = events.ParseEventID(v.Note)
	}
	if err == nil && v.Position != "" {
		e.Position, err = events.ParsePosition(v.Position)
	}
	if err == nil && v.Case != "" {
		e.Case, err = events.ParseEventID(v.Case)
	}
	if err == nil {
		err = e.Content.UnmarshalText([]byte(v.Content))
	}
	if err == nil && v.Salt != "" {
		err = e.Salt.UnmarshalText([]byte(v.Salt))
	}
	return err
}

// encode writes the record form and checks that every word is a code, so that
// no personal data can hide in one (I1).
func (e Entry) encode() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	b, err := e.MarshalJSON()
	if err == nil && len(b) > maxEntry {
		err = fmt.Errorf("record of %d bytes, want at most %d", len(b), maxEntry)
	}
	return b, err
}

func (e *Entry) check() error {
	if e.Case.IsZero() != (e.Salt == Salt{}) {
		return errors.New("a record of a case has a salt, and no other has")
	}
	must := []struct {
		what string
		c    events.Code
	}{{"actor", e.Actor}, {"act", e.Act}, {"outcome", e.Outcome}}
	for _, v := range must {
		if err := checkCode(v.c); err != nil {
			return fmt.Errorf("%s: %w", v.what, err)
		}
	}
	for _, c := range []events.Code{e.Name, e.Target} {
		if c != "" {
			if err := checkCode(c); err != nil {
				return err
			}
		}
	}
	for _, r := range e.Roles {
		if len(r) > 7 && r[:7] == "system:" {
			r = r[7:]
		}
		if err := checkCode(events.Code(r)); err != nil {
			return fmt.Errorf("role: %w", err)
		}
	}
	return nil
}

func checkCode(c events.Code) error {
	v, err := events.ParseCode(string(c))
	if err == nil && v != c {
		err = errors.New("want lower case")
	}
	return err
}

// decodeEntry reads a record. Only the canonical bytes are taken.
func decodeEntry(b []byte) (Entry, error) {
	var e Entry
	if len(b) > maxEntry {
		return e, fmt.Errorf("decode audit record: %d bytes, want at most %d", len(b), maxEntry)
	}
	if err := e.UnmarshalJSON(b); err != nil {
		return e, fmt.Errorf("decode audit record: %w", err)
	}
	again, err := e.encode()
	if err != nil {
		return e, fmt.Errorf("decode audit record: %w", err)
	}
	if !bytes.Equal(again, b) {
		return e, errors.New("decode audit record: not in canonical form")
	}
	return e, nil
}
