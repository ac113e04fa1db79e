package events

import "strconv"

// This file and json_text.go are the JSON grammar (RFC 8259) of the decoder:
// strict, in one pass.

// maxDepth is how deep lists and objects may be nested where they are skipped
// before they can be understood.
const maxDepth = 16

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
