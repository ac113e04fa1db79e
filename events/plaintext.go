package events

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a Plaintext shows of itself.
const Redacted = "[redacted]"

// Plaintext holds personal data in memory. It shows itself as [redacted] to
// fmt, slog, encoding/json and every other text form, so that it cannot leave by
// accident (I1). Expose is the one door, and test/house_test.go lists who may
// go through it.
//
// The text stands behind a pointer because fmt calls no method of a value in
// an unexported field: there it prints what it finds, which is an address. So
// == would compare addresses, and is forbidden; use Equal.
type Plaintext struct {
	_ [0]func() // not comparable
	s *string   // nil when empty
}

// NewPlaintext wraps personal data.
func NewPlaintext(s string) Plaintext {
	if s == "" {
		return Plaintext{}
	}
	return Plaintext{s: &s}
}

// Expose returns the personal data itself.
func (p Plaintext) Expose() string {
	if p.s == nil {
		return ""
	}
	return *p.s
}

// Equal reports whether p and q hold the same text.
func (p Plaintext) Equal(q Plaintext) bool { return p.Expose() == q.Expose() }

// IsZero reports whether there is nothing in it.
func (p Plaintext) IsZero() bool { return p.s == nil }

// Len returns the length in bytes, which limits may test without exposing.
func (p Plaintext) Len() int { return len(p.Expose()) }

func (p Plaintext) String() string { return Redacted }

// GoString serves %#v.
func (p Plaintext) GoString() string { return Redacted }

// Format serves every verb of fmt.
func (p Plaintext) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue serves slog.
func (p Plaintext) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText serves every text encoder.
func (p Plaintext) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// MarshalJSON serves encoding/json.
func (p Plaintext) MarshalJSON() ([]byte, error) { return json.Marshal(Redacted) }

// MarshalBinary serves encoding/gob and its like.
func (p Plaintext) MarshalBinary() ([]byte, error) { return []byte(Redacted), nil }

// An Identifier is one name by which a system knows a person (or an item), in
// plaintext: it lives only between the edge and the vault.
type Identifier struct {
	Kind  Code
	Value Plaintext
}

// IsZero reports whether the identifier is absent.
func (id Identifier) IsZero() bool { return id.Kind == "" }

// Equal reports whether both have the same kind and the same text.
func (id Identifier) Equal(other Identifier) bool {
	return id.Kind == other.Kind && id.Value.Equal(other.Value)
}

// Strength says what an identifier may do for identity.
type Strength uint8

const (
	// Weak identifiers only propose that two records are of one person.
	Weak Strength = iota
	// Shareable identifiers join while nothing contradicts them.
	Shareable
	// Unique identifiers join.
	Unique
)

func (s Strength) String() string {
	switch s {
	case Unique:
		return "unique"
	case Shareable:
		return "shareable"
	case Weak:
		return "weak"
	}
	return fmt.Sprintf("strength(%d)", uint8(s))
}

// StrengthOf returns the strength of an identifier kind. A kind with a dot is
// a local identifier of the system before the dot, and unique there.
func StrengthOf(kind Code) Strength {
	if kind.System() != "" {
		return Unique
	}
	switch kind {
	case "nhs_number", "ni_number", "passport":
		return Unique
	case "email", "phone":
		return Shareable
	}
	return Weak
}

// System returns the system of a local identifier kind ("crm" of
// "crm.contact"), and nothing for a global kind.
func (c Code) System() Code {
	for i := 0; i < len(c); i++ {
		if c[i] == '.' {
			return c[:i]
		}
	}
	return ""
}
