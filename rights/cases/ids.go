package cases

import (
	"encoding/hex"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// ID is an events.EventID that writes itself as text in sealed bodies.
type ID events.EventID

// IsZero reports whether the id is absent.
func (id ID) IsZero() bool { return id == ID{} }

func (id ID) String() string { return events.EventID(id).String() }

// MarshalText writes 32 hexadecimal digits.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *ID) UnmarshalText(b []byte) error {
	v, err := events.ParseEventID(string(b))
	*id = ID(v)
	return err
}

// IDs are event ids that write themselves as text in sealed bodies.
type IDs []ID

// IDsOf is a list of ids for a body.
func IDsOf(list ...events.EventID) (out IDs) {
	for _, id := range list {
		out = append(out, ID(id))
	}
	return out
}

// Events are the same ids as events know them.
func (l IDs) Events() (out []events.EventID) {
	for _, id := range l {
		out = append(out, events.EventID(id))
	}
	return out
}

// A Digest stands for a plan: 128 bits that do not depend on the order of its
// items.
type Digest [16]byte

// IsZero reports whether the digest is absent.
func (d Digest) IsZero() bool { return d == Digest{} }

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText writes 32 hexadecimal digits.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Digest) UnmarshalText(b []byte) error {
	v, err := ParseDigest(string(b))
	*d = v
	return err
}

// ParseDigest reads 32 hexadecimal digits.
func ParseDigest(s string) (Digest, error) {
	v, err := events.ParseEventID(s)
	if err != nil {
		return Digest{}, fmt.Errorf("parse digest of a plan: want 32 hexadecimal digits")
	}
	return Digest(v), nil
}
