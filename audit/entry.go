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
