package events

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// decoder reads one event of JSON in one pass, without a tree and without
// recursion deeper than the contract's own shapes. The first thing wrong ends
// it: every reader returns false once rej is set.
//
// Texts are copied out of the body into two buffers, one for codes and one for
// personal data, so that a code kept for long (in a dictionary, in a map) does
// not keep a person's data in memory beside it.
type decoder struct {
	b     []byte
	i     int
	dirty bool // b is not valid UTF-8 somewhere
	o     *Observation
	limit Instant // the latest time an event may have; 0 for none

	path  [6]step // where the reader stands, for pointers
	depth int
	rej   *Rejection

	codes   strings.Builder
	texts   strings.Builder
	heads   []string // what Plaintexts point to, made in chunks
	scratch []byte   // the last text that had escapes
}

// A step is one step of a JSON pointer: a name, or an index where name is "".
type step struct {
	name  string
	index int
}

func newDecoder(b []byte, o *Observation) *decoder {
	d := &decoder{b: b, o: o, dirty: !utf8.Valid(b)}
	d.codes.Grow(160)
	d.texts.Grow(96)
	return d
}

// fail ends the reading where the reader stands. It returns false for use in
// return statements.
func (d *decoder) fail(code, reason string) bool {
	if d.rej == nil {
		d.rej = &Rejection{Pointer: d.pointer(), Code: code, Reason: reason}
	}
	return false
}

// failAt ends the reading at a field of the object the reader stands in.
func (d *decoder) failAt(name, code, reason string) bool {
	d.enter(name)
	return d.fail(code, reason)
}

func (d *decoder) enter(name string) {
	d.path[d.depth] = step{name: name}
	d.depth++
}

func (d *decoder) pointer() string {
	var p strings.Builder
	for _, s := range d.path[:d.depth] {
		p.WriteByte('/')
		if s.name != "" {
			p.WriteString(s.name)
		} else {
			p.WriteString(strconv.Itoa(s.index))
		}
	}
	return p.String()
}

// unknown refuses a name that stands here as the n-th (from 0) of its object.
func (d *decoder) unknown(name []byte, n int, hint string) bool {
	if showable(name) {
		return d.failAt(string(name), RejectUnknown, "no event has this field"+hint)
	}
	return d.fail(RejectUnknown, "no event has the field that stands here as number "+strconv.Itoa(n+1)+hint)
}

// showable reports whether a name made up by a sender may be repeated: only a
// plain word is, because anything else may be personal data.
func showable(name []byte) bool {
	for _, c := range name {
		if (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return len(name) >= 1 && len(name) <= 40
}

// asCode checks the form of a code and keeps it, case folded.
func (d *decoder) asCode(s []byte, c *Code) bool {
	if err := checkCode(s); err != nil {
		return d.fail(RejectCode, err.Error())
	}
	start := d.codes.Len()
	for _, x := range s {
		if x >= 'A' && x <= 'Z' {
			x |= 0x20
		}
		_ = d.codes.WriteByte(x)
	}
	*c = Code(d.codes.String()[start:])
	if strings.HasPrefix(string(*c), undeclaredPrefix) {
		return d.fail(RejectCode, "want a code that does not begin with undeclared., which habeas keeps for codes it does not know")
	}
	return true
}

// asPlaintext keeps personal data: not empty, of bounded length, and without
// control characters other than the ends of lines.
func (d *decoder) asPlaintext(s []byte, p *Plaintext) bool {
	if len(s) == 0 {
		return d.fail(RejectIdentifier, "want text, got an empty string")
	}
	if len(s) > MaxTextBytes {
		return d.fail(RejectLimit, "want at most "+strconv.Itoa(MaxTextBytes)+" bytes")
	}
	for _, c := range s {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			return d.fail(RejectIdentifier, "want text without control characters")
		}
	}
	start := d.texts.Len()
	_, _ = d.texts.Write(s)
	if len(d.heads) == cap(d.heads) {
		d.heads = make([]string, 0, 4)
	}
	d.heads = append(d.heads, d.texts.String()[start:])
	p.s = &d.heads[len(d.heads)-1]
	return true
}

// asInstant reads an RFC 3339 time in the years that events may speak of.
func (d *decoder) asInstant(s []byte, at *Instant) bool {
	v, ok := parseInstant(s)
	switch {
	case !ok:
		return d.fail(RejectTime, "want an RFC 3339 time with its zone, such as 2025-03-14T09:26:53Z")
	case v == 0:
		return d.fail(RejectTime, "want the time it happened; 1970-01-01T00:00:00Z is what a clock shows that was never set")
	case v < minInstant:
		return d.fail(RejectTime, "want a time of 1900 or later")
	case d.limit != 0 && v > d.limit:
		return d.fail(RejectTime, "want a time that has come; this one is more than a day ahead of this server's clock")
	}
	*at = v
	return true
}

// asDate reads a day in the years that events may speak of. It may lie ahead.
func (d *decoder) asDate(s []byte, at *Date) bool {
	v, ok := parseDate(s)
	switch {
	case !ok:
		return d.fail(RejectTime, "want a date as YYYY-MM-DD, such as 2025-03-14")
	case v < minDate:
		return d.fail(RejectTime, "want a date of 1900 or later")
	}
	*at = v
	return true
}

// Nothing older than this is taken: no living person's data is, and a wrong
// century is a common fault of conversion.
var (
	minInstant, _ = parseInstant("1900-01-01T00:00:00Z")
	minDate, _    = parseDate("1900-01-01")
)
