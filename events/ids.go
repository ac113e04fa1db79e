package events

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// A Handle stands for one identifier as one system knows it: 128 random bits
// allocated by the vault. It carries no information about the identifier.
type Handle [16]byte

// ParseHandle reads the 32 hexadecimal digits written by String.
func ParseHandle(s string) (Handle, error) {
	var h Handle
	if err := parseHex16(s, h[:]); err != nil {
		return Handle{}, fmt.Errorf("parse handle: %w", err)
	}
	return h, nil
}

func (h Handle) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether h is the absent handle.
func (h Handle) IsZero() bool { return h == Handle{} }

// MarshalText writes the handle as 32 hexadecimal digits.
func (h Handle) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *Handle) UnmarshalText(b []byte) error {
	v, err := ParseHandle(string(b))
	if err != nil {
		return err
	}
	*h = v
	return nil
}

// An EventID is a keyed 128-bit digest of (source, id). The id that a source
// chose may itself be personal data, so it never enters the journal.
type EventID [16]byte

// ParseEventID reads the 32 hexadecimal digits written by String.
func ParseEventID(s string) (EventID, error) {
	var id EventID
	if err := parseHex16(s, id[:]); err != nil {
		return EventID{}, fmt.Errorf("parse event id: %w", err)
	}
	return id, nil
}

func (id EventID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether id is the absent id.
func (id EventID) IsZero() bool { return id == EventID{} }

func parseHex16(s string, dst []byte) error {
	if len(s) != 32 {
		return fmt.Errorf("want 32 hexadecimal digits, got %d characters", len(s))
	}
	if _, err := hex.Decode(dst, []byte(s)); err != nil {
		return fmt.Errorf("want 32 hexadecimal digits: not hexadecimal")
	}
	if hex.EncodeToString(dst) != s {
		return fmt.Errorf("want lower-case hexadecimal digits")
	}
	return nil
}

// A Position names one event of the journal: the journal's generation, the
// sequence of the frame in the stream, and the index of the event in the frame.
// The zero Position is before everything.
type Position struct {
	Generation uint32
	Seq        uint64
	Index      uint32
}

// ParsePosition reads "generation-sequence-index", as written by String.
func ParsePosition(s string) (Position, error) {
	parts := strings.Split(s, "-")
	if len(parts) != 3 {
		return Position{}, fmt.Errorf("parse position: want generation-sequence-index, such as 1-42-0")
	}
	g, err1 := strconv.ParseUint(parts[0], 10, 32)
	q, err2 := strconv.ParseUint(parts[1], 10, 64)
	i, err3 := strconv.ParseUint(parts[2], 10, 32)
	if err1 != nil || err2 != nil || err3 != nil {
		return Position{}, fmt.Errorf("parse position: want three numbers, such as 1-42-0")
	}
	p := Position{uint32(g), q, uint32(i)}
	if p.String() != s {
		return Position{}, fmt.Errorf("parse position: want numbers in their shortest form, such as 1-42-0")
	}
	return p, nil
}

func (p Position) String() string {
	return fmt.Sprintf("%d-%d-%d", p.Generation, p.Seq, p.Index)
}

// IsZero reports whether p is before everything.
func (p Position) IsZero() bool { return p == Position{} }

// Compare orders positions of one partition: -1, 0 or +1.
func (p Position) Compare(q Position) int {
	switch {
	case p.Generation != q.Generation:
		return cmp.Compare(p.Generation, q.Generation)
	case p.Seq != q.Seq:
		return cmp.Compare(p.Seq, q.Seq)
	default:
		return cmp.Compare(p.Index, q.Index)
	}
}

// MarshalText writes the position as "generation-sequence-index".
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Position) UnmarshalText(b []byte) error {
	v, err := ParsePosition(string(b))
	if err != nil {
		return err
	}
	*p = v
	return nil
}
