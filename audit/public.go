package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A Public is the public form of a record of a case: what was done, in what
// role, when, with what outcome and content; not who did it, nor the way to the
// sealed reason. The tree is built over this form, so that it can be shown to a
// third party and proved without naming anybody.
//
// A record that belongs to no case has no public form: the tree holds it as it
// is.
type Public struct {
	At       events.Instant
	Roles    []string
	Act      events.Code
	Target   events.Code
	Outcome  events.Code
	Position events.Position
	Case     events.EventID
	Content  Commitment
	// Private commits to the rest of the record.
	Private Commitment
}

type publicJSON struct {
	V        int            `json:"v"`
	At       events.Instant `json:"at"`
	Roles    []string       `json:"roles,omitempty"`
	Act      events.Code    `json:"act"`
	Target   events.Code    `json:"target,omitempty"`
	Outcome  events.Code    `json:"outcome"`
	Position string         `json:"position,omitempty"`
	Case     string         `json:"case"`
	Content  string         `json:"content,omitempty"`
	Private  string         `json:"private"`
}

// privateJSON is what the public form leaves out.
type privateJSON struct {
	Actor events.Code `json:"actor"`
	Name  events.Code `json:"name,omitempty"`
	About string      `json:"about,omitempty"`
	Note  string      `json:"note,omitempty"`
}

// Public is the public form of a record of a case.
func (e Entry) Public() Public {
	about, _ := e.About.MarshalText()
	v := privateJSON{Actor: e.Actor, Name: e.Name, About: string(about)}
	if !e.Note.IsZero() {
		v.Note = e.Note.String()
	}
	b, _ := json.Marshal(v) // strings only
	h := sha256.New()
	h.Write([]byte("habeas audit private v1\x00"))
	h.Write(e.Salt[:])
	h.Write(b)
	return Public{At: e.At, Roles: e.Roles, Act: e.Act, Target: e.Target, Outcome: e.Outcome, Position: e.Position,
		Case: e.Case, Content: e.Content, Private: Commitment(h.Sum(nil))}
}

// Encode writes the canonical form, which the tree holds.
func (p Public) Encode() ([]byte, error) {
	v := publicJSON{V: entryVersion, At: p.At, Roles: p.Roles, Act: p.Act, Target: p.Target, Outcome: p.Outcome, Case: p.Case.String(), Private: hex.EncodeToString(p.Private[:])}
	if !p.Position.IsZero() {
		v.Position = p.Position.String()
	}
	content, _ := p.Content.MarshalText()
	v.Content = string(content)
	return json.Marshal(v)
}

// ParsePublic reads a public form. Only the canonical bytes are taken.
func ParsePublic(b []byte) (Public, error) {
	var v publicJSON
	if len(b) > maxEntry {
		return Public{}, fmt.Errorf("read the public form of an audit record: %d bytes, want at most %d", len(b), maxEntry)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return Public{}, errors.New("read the public form of an audit record: not in its form")
	}
	if v.V != entryVersion {
		return Public{}, fmt.Errorf("read the public form of an audit record: version %d is not known here; want at most %d", v.V, entryVersion)
	}
	p := Public{At: v.At, Roles: v.Roles, Act: v.Act, Target: v.Target, Outcome: v.Outcome}
	err := p.Private.UnmarshalText([]byte(v.Private))
	if err == nil {
		err = p.Content.UnmarshalText([]byte(v.Content))
	}
	if err == nil {
		p.Case, err = events.ParseEventID(v.Case)
	}
	if err == nil && v.Position != "" {
		p.Position, err = events.ParsePosition(v.Position)
	}
	if err != nil {
		return Public{}, fmt.Errorf("read the public form of an audit record: %w", err)
	}
	if again, err := p.Encode(); err != nil || !bytes.Equal(again, b) {
		return Public{}, errors.New("read the public form of an audit record: not in canonical form")
	}
	return p, nil
}

// leaf is what the tree holds of a record: its public form where it has one,
// else the record.
func leaf(record []byte) ([]byte, error) {
	if !bytes.Contains(record, []byte(`"salt":"`)) {
		return record, nil
	}
	e, err := decodeEntry(record)
	if err != nil {
		return nil, err
	}
	return e.Public().Encode()
}
