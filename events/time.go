package events

import (
	"fmt"
	"time"
)

// An Instant is a moment in microseconds since 1970-01-01T00:00:00Z. Zero
// means absent.
type Instant int64

// InstantOf truncates t to the microsecond.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMicro()) }

// ParseInstant reads an RFC 3339 time.
func ParseInstant(s string) (Instant, error) {
	i, ok := parseInstant(s)
	// An offset can carry a time over the edge of the years that can be written.
	if ok && (i < firstInstant || i > lastInstant) {
		ok = false
	}
	if !ok {
		return 0, fmt.Errorf("want an RFC 3339 time, such as 2025-03-14T09:26:53Z")
	}
	return i, nil
}

var (
	firstInstant = InstantOf(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))
	lastInstant  = InstantOf(time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC))
)

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

// dateEpoch is 1 January 1600 in days since 1 January 1970.
var dateEpoch = civilDays(1600, 1, 1)

// DateOf returns the civil day that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(civilDays(y, int(m), d) - dateEpoch)
}

// ParseDate reads YYYY-MM-DD, from the year 1601 to 9999.
func ParseDate(s string) (Date, error) {
	d, ok := parseDate(s)
	if !ok {
		return 0, fmt.Errorf("want a date as YYYY-MM-DD, such as 2025-03-14")
	}
	return d, nil
}

// Time returns midnight UTC at the start of the day.
func (d Date) Time() time.Time {
	return time.Unix((dateEpoch+int64(d))*86400, 0).UTC()
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
