package events

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// This file is the JSON grammar (RFC 8259) of the decoder: strict, one pass,
// no allocation for a text without escapes.

// maxDepth is how deep lists and objects may be nested where they are skipped
// before they can be understood.
const maxDepth = 16

// plain marks the bytes that stand for themselves inside a JSON text.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 256; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// peek skips white space and returns the byte there, or 0 at the end.
func (d *decoder) peek() byte {
	for d.i < len(d.b) {
		switch c := d.b[d.i]; c {
		case ' ', '\t', '\r', '\n':
			d.i++
		default:
			return c
		}
	}
	return 0
}

// syntax refuses the text as not JSON.
func (d *decoder) syntax(want string) bool {
	if d.i >= len(d.b) {
		return d.fail(RejectJSON, "want "+want+", got the end of the text")
	}
	return d.fail(RejectJSON, "want "+want+" at byte "+strconv.Itoa(d.i))
}

// wrong refuses the value that stands here as one of a wrong type.
func (d *decoder) wrong(want string) bool {
	got := ""
	switch c := d.peek(); {
	case c == '"':
		got = "text"
	case c == '{':
		got = "an object"
	case c == '[':
		got = "a list"
	case c == 't' || c == 'f':
		got = "true or false"
	case c == 'n':
		got = "null; leave the field out if there is nothing to say"
	case c == '-' || c >= '0' && c <= '9':
		got = "a number; if it is a name or a code, write it in quotation marks"
	default:
		return d.syntax("a value")
	}
	return d.fail(RejectFieldType, "want "+want+", got "+got)
}

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

// field moves to the field of an object after n others and returns its name.
// It returns false after the last one, and when the text is wrong.
func (d *decoder) field(n int) (name []byte, ok bool) {
	c := d.peek()
	if c == '}' {
		d.i++
		return nil, false
	}
	if n > 0 {
		if c != ',' {
			return nil, d.syntax("a comma or the end of the object")
		}
		d.i++
		c = d.peek()
	}
	if c != '"' {
		return nil, d.syntax("the name of a field")
	}
	if name, ok = d.text(""); !ok {
		return nil, false
	}
	if d.peek() != ':' {
		return nil, d.syntax("a colon after the name of a field")
	}
	d.i++
	return name, true
}

// list reads a list of 1 to most elements. A list that may be left out is
// never empty: an empty one could be meant as none or as all.
func (d *decoder) list(most int, read func() bool) bool {
	if d.peek() != '[' {
		return d.wrong("a list")
	}
	d.i++
	level := d.depth
	limit := "want a list of 1 to " // the full sentence is made only when it is needed
	if d.peek() == ']' {
		return d.fail(RejectLimit, limit+strconv.Itoa(most)+", got an empty one")
	}
	for n := 0; ; n++ {
		if n == most {
			return d.fail(RejectLimit, limit+strconv.Itoa(most)+", got more")
		}
		d.path[level] = step{index: n}
		d.depth = level + 1
		if !read() {
			return false
		}
		d.depth = level
		switch d.peek() {
		case ',':
			d.i++
		case ']':
			d.i++
			return true
		default:
			return d.syntax("a comma or the end of the list")
		}
	}
}

// truth reads true or false.
func (d *decoder) truth(v *bool) bool {
	switch d.peek() {
	case 't':
		*v = true
		return d.literal("true")
	case 'f':
		*v = false
		return d.literal("false")
	}
	return d.wrong("true or false")
}

func (d *decoder) literal(word string) bool {
	if len(d.b)-d.i < len(word) || string(d.b[d.i:d.i+len(word)]) != word {
		return d.syntax("a value")
	}
	d.i += len(word)
	return true
}

// number skips a number.
func (d *decoder) number() bool {
	if d.i < len(d.b) && d.b[d.i] == '-' {
		d.i++
	}
	lead := d.i
	n := d.digits()
	ok := n == 1 || n > 1 && d.b[lead] != '0'
	if ok && d.i < len(d.b) && d.b[d.i] == '.' {
		d.i++
		ok = d.digits() > 0
	}
	if ok && d.i < len(d.b) && d.b[d.i]|0x20 == 'e' {
		d.i++
		if d.i < len(d.b) && (d.b[d.i] == '+' || d.b[d.i] == '-') {
			d.i++
		}
		ok = d.digits() > 0
	}
	return ok || d.syntax("a number")
}

func (d *decoder) digits() int {
	start := d.i
	for d.i < len(d.b) && d.b[d.i] >= '0' && d.b[d.i] <= '9' {
		d.i++
	}
	return d.i - start
}

// skip passes over an object by its brackets alone, to come back to it later.
// What is skipped is not checked except for its depth.
func (d *decoder) skip() bool {
	if d.peek() != '{' {
		return d.wrong("an object")
	}
	depth := 0
	for d.i < len(d.b) {
		switch d.b[d.i] {
		case '"':
			if !d.skipText() {
				return false
			}
			continue
		case '{', '[':
			if depth++; depth > maxDepth {
				return d.fail(RejectDepth, "want lists and objects at most "+strconv.Itoa(maxDepth)+" deep")
			}
		case '}', ']':
			if depth--; depth == 0 {
				d.i++
				return true
			}
		}
		d.i++
	}
	return d.syntax("the end of the object")
}

func (d *decoder) skipText() bool {
	for d.i++; d.i < len(d.b); d.i++ {
		switch d.b[d.i] {
		case '\\':
			d.i++
		case '"':
			d.i++
			return true
		}
	}
	d.i = len(d.b)
	return d.syntax("the end of a text")
}
