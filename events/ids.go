package events

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
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
	return Position{uint32(g), q, uint32(i)}, nil
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
		return cmp(uint64(p.Generation), uint64(q.Generation))
	case p.Seq != q.Seq:
		return cmp(p.Seq, q.Seq)
	default:
		return cmp(uint64(p.Index), uint64(q.Index))
	}
}

func cmp(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
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

// A Code is a word of the catalogue or of this vocabulary: lower case,
// [a-z0-9][a-z0-9._-]{0,63}, never six digits in a row, so that a personal
// number cannot hide in it. The empty Code means absent.
type Code string

// MaxCode is the greatest length of a Code in bytes.
const MaxCode = 64

// Undeclared stands for a code that the catalogue does not know.
const Undeclared Code = "undeclared"

// ParseCode folds case and checks the form of a code.
func ParseCode(s string) (Code, error) {
	if s == "" {
		return "", fmt.Errorf("want a code, got an empty string")
	}
	if len(s) > MaxCode {
		return "", fmt.Errorf("want a code of at most %d characters, got %d", MaxCode, len(s))
	}
	s = strings.ToLower(s)
	digits := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			digits++
			if digits == 6 {
				return "", fmt.Errorf("want a code without six digits in a row")
			}
			continue
		case c >= 'a' && c <= 'z':
		case i > 0 && (c == '.' || c == '_' || c == '-'):
		default:
			return "", fmt.Errorf("want a code of a-z, 0-9, dot, underscore and hyphen, starting with a letter or digit")
		}
		digits = 0
	}
	return Code(s), nil
}

// An Instant is a moment in microseconds since 1970-01-01T00:00:00Z. Zero
// means absent.
type Instant int64

// InstantOf truncates t to the microsecond.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMicro()) }

// ParseInstant reads an RFC 3339 time.
func ParseInstant(s string) (Instant, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, fmt.Errorf("want an RFC 3339 time, such as 2025-03-14T09:26:53Z")
	}
	return InstantOf(t), nil
}

// Time returns the moment in UTC.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// IsZero reports whether the instant is absent.
func (i Instant) IsZero() bool { return i == 0 }

// Month returns the number of whole months since January 1970, in UTC.
func (i Instant) Month() int32 {
	t := i.Time()
	return int32((t.Year()-1970)*12 + int(t.Month()) - 1)
}

// Day returns the date in UTC.
func (i Instant) Day() Date {
	if i.IsZero() {
		return 0
	}
	return DateOf(i.Time())
}

func (i Instant) String() string {
	if i.IsZero() {
		return ""
	}
	return i.Time().Format(time.RFC3339Nano)
}

// MarshalText writes the instant as RFC 3339 in UTC; absent is empty.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (i *Instant) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*i = 0
		return nil
	}
	v, err := ParseInstant(string(b))
	if err != nil {
		return err
	}
	*i = v
	return nil
}

// A Date is a day of the civil calendar without a zone, kept as days since
// 1 January 1600 so that zero can mean absent.
type Date int32

var dateEpoch = time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC)

// DateOf returns the civil day that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	// time.Duration reaches only 292 years, so count in seconds.
	sec := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() - dateEpoch.Unix()
	return Date(sec / 86400)
}

// ParseDate reads YYYY-MM-DD, from the year 1601 to 9999.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil || t.Year() < 1601 {
		return 0, fmt.Errorf("want a date as YYYY-MM-DD, such as 2025-03-14")
	}
	return DateOf(t), nil
}

// Time returns midnight UTC at the start of the day.
func (d Date) Time() time.Time {
	return time.Unix(dateEpoch.Unix()+int64(d)*86400, 0).UTC()
}

// IsZero reports whether the date is absent.
func (d Date) IsZero() bool { return d == 0 }

func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Time().Format("2006-01-02")
}

// MarshalText writes YYYY-MM-DD; absent is empty.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
