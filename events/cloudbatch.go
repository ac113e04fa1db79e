package events

import (
	"iter"
	"time"
)

// An Element is one event of a batch: the observation, or why it was refused.
// Raw is its text, which shares the memory of the batch.
type Element struct {
	Observation *Observation
	Rejection   *Rejection
	Raw         []byte
}

// DecodeBatch reads a JSON array of CloudEvents, one element at a time, and
// yields them with their index. The array is taken apart by its brackets and
// commas alone, so that an element that is not JSON does not spoil the others.
// A text that is no array, or goes on after it, yields one refused element for
// that. Every element is checked as by DecodeCloudEvent; Line of a rejection is
// its number, from 1.
//
// Memory is bounded by one element, whatever the batch holds.
func DecodeBatch(body []byte, now time.Time) iter.Seq2[int, Element] {
	return func(yield func(int, Element) bool) {
		s := splitter{b: body}
		refuse := func(n int, reason string) {
			yield(n, Element{Rejection: &Rejection{Line: n + 1, Code: RejectJSON, Reason: reason}})
		}
		if !s.open() {
			refuse(0, "want a JSON array of events")
			return
		}
		for n := 0; ; n++ {
			raw, more := s.next(n)
			if raw != nil {
				o, r := DecodeCloudEvent(raw, now)
				if r != nil {
					r.Line = n + 1
				}
				if !yield(n, Element{o, r, raw}) {
					return
				}
			}
			switch {
			case more:
				continue
			case !s.closed:
				refuse(n+1, "want the end of the array; the text ends before it does")
			case !s.atEnd():
				refuse(n+1, "want nothing after the array")
			}
			return
		}
	}
}

// splitter takes an array apart. It knows texts and brackets, nothing else.
type splitter struct {
	b      []byte
	i      int
	closed bool
}

func (s *splitter) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\t' || s.b[s.i] == '\r' || s.b[s.i] == '\n') {
		s.i++
	}
}

func (s *splitter) atEnd() bool { s.space(); return s.i == len(s.b) }

func (s *splitter) open() bool {
	if s.atEnd() || s.b[s.i] != '[' {
		return false
	}
	s.i++
	return true
}

// next returns the text of the next element, which may be empty where the
// commas are wrong, and whether another one follows. It returns nil where there
// is none: the array is empty, or ends too early.
func (s *splitter) next(n int) (raw []byte, more bool) {
	s.space()
	start, depth := s.i, 0
	for ; s.i < len(s.b); s.i++ {
		switch s.b[s.i] {
		case '"':
			s.text()
		case '{', '[':
			depth++
		case ',':
			if depth == 0 {
				s.i++
				return s.b[start : s.i-1], true
			}
		case ']', '}':
			if depth > 0 {
				depth--
			} else if s.b[s.i] == ']' {
				s.closed = true
				s.i++
				if raw = s.b[start : s.i-1]; n == 0 && len(raw) == 0 {
					raw = nil
				}
				return raw, false
			}
		}
	}
	if start == len(s.b) {
		return nil, false
	}
	return s.b[start:], false
}

// text moves to the quotation mark that ends a text, or to the last byte.
func (s *splitter) text() {
	for s.i++; s.i < len(s.b); s.i++ {
		switch s.b[s.i] {
		case '\\':
			s.i++
		case '"':
			return
		}
	}
	s.i = len(s.b) - 1
}
