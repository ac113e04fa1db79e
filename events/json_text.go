package events

import (
	"unicode/utf16"
	"unicode/utf8"
)

// plain marks the bytes that stand for themselves inside a JSON text.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 256; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// text reads a string. The bytes are valid until the next text.
func (d *decoder) text(want string) ([]byte, bool) {
	if d.peek() != '"' {
		return nil, d.wrong(want)
	}
	b, start := d.b, d.i+1
	i := start
	for i < len(b) && plain[b[i]] {
		i++
	}
	d.i = i
	if i == len(b) || b[i] != '"' {
		return d.escaped(start)
	}
	d.i++
	if d.dirty && !utf8.Valid(b[start:i]) {
		return nil, d.fail(RejectUTF8, "want valid UTF-8")
	}
	return b[start:i], true
}

// escaped reads on where text met a byte that does not stand for itself.
func (d *decoder) escaped(start int) ([]byte, bool) {
	s := append(d.scratch[:0], d.b[start:d.i]...)
	for d.i < len(d.b) {
		c := d.b[d.i]
		switch {
		case c == '"':
			d.i++
			d.scratch = s
			if d.dirty && !utf8.Valid(s) {
				return nil, d.fail(RejectUTF8, "want valid UTF-8")
			}
			return s, true
		case c < 0x20:
			return nil, d.syntax("no bare control character in a text")
		case c != '\\':
			s = append(s, c)
			d.i++
		default:
			var ok bool
			if s, ok = d.escape(s); !ok {
				return nil, false
			}
		}
	}
	return nil, d.syntax("the end of a text")
}

// escape reads one escape that begins here.
func (d *decoder) escape(s []byte) ([]byte, bool) {
	if d.i+1 >= len(d.b) {
		d.i = len(d.b)
		return s, d.syntax("the end of a text")
	}
	c := d.b[d.i+1]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return d.unicode(s)
	default:
		return s, d.syntax("an escape that JSON knows")
	}
	d.i += 2
	return append(s, c), true
}

// unicode reads \uXXXX, and a second one where the first is half of a pair.
func (d *decoder) unicode(s []byte) ([]byte, bool) {
	r, ok := d.hex4(d.i)
	if !ok {
		return s, d.syntax("four hexadecimal digits after \\u")
	}
	if utf16.IsSurrogate(r) {
		low, ok := d.hex4(d.i + 6)
		r = utf16.DecodeRune(r, low)
		if !ok || r == utf8.RuneError {
			return s, d.fail(RejectUTF8, "want both halves of a surrogate pair")
		}
		d.i += 6
	}
	d.i += 6
	return utf8.AppendRune(s, r), true
}

// hex4 reads \uXXXX at byte i.
func (d *decoder) hex4(i int) (rune, bool) {
	if i+6 > len(d.b) || d.b[i] != '\\' || d.b[i+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range d.b[i+2 : i+6] {
		v := hexValue(c)
		if v > 15 {
			return 0, false
		}
		r = r<<4 | rune(v)
	}
	return r, true
}

// hexValue returns the value of a hexadecimal digit, or 255.
func hexValue(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}
