package events

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// A LineReader takes newline-delimited JSON apart, in memory bounded by one
// event whatever the lines hold. Empty lines are passed over, and so is a byte
// order mark at the very beginning, which some editors write.
type LineReader struct {
	r   *bufio.Reader
	buf []byte
	n   int
}

// NewLineReader reads from r.
func NewLineReader(r io.Reader) *LineReader {
	return &LineReader{r: bufio.NewReaderSize(r, MaxEventBytes)}
}

// Next returns the next line that is not empty, without white space around it,
// and its number from 1. The bytes are valid until the next call. A line longer
// than an event may be is passed over and returned as a Rejection. At the end
// the error is io.EOF.
func (l *LineReader) Next() (line int, text []byte, rej *Rejection, err error) {
	for {
		text, long, err := l.read()
		if err != nil {
			return l.n, nil, nil, err
		}
		l.n++
		if l.n == 1 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		}
		if long {
			r := tooLarge()
			r.Line = l.n
			return l.n, nil, r, nil
		}
		if text = bytes.Trim(text, " \t\r\n"); len(text) > 0 {
			return l.n, text, nil, nil
		}
	}
}

// read returns one line with its newline, or that it is too long. The error is
// io.EOF only when there is no line left.
func (l *LineReader) read() (text []byte, long bool, err error) {
	l.buf = l.buf[:0]
	for some := false; ; some = true {
		part, err := l.r.ReadSlice('\n')
		switch {
		case long:
		case len(l.buf)+len(part) > MaxEventBytes+64: // room for white space around it
			long, l.buf = true, l.buf[:0]
		case err == nil && len(l.buf) == 0:
			return part, false, nil
		default:
			l.buf = append(l.buf, part...)
		}
		switch {
		case err == nil:
			return l.buf, long, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && (some || len(part) > 0):
			return l.buf, long, nil
		default:
			return nil, false, err
		}
	}
}

// DecodeLines reads newline-delimited CloudEvents to the end of r and calls fn
// for each with its line number. One refused line never spoils the others. It
// stops at the first error of r or fn. now is asked for every line, because a
// stream may stay open for days.
func DecodeLines(r io.Reader, now func() time.Time, fn func(line int, o *Observation, rej *Rejection) error) error {
	lines := NewLineReader(r)
	for {
		n, text, rej, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read line %d: %w", n+1, err)
		}
		var o *Observation
		if rej == nil {
			if o, rej = DecodeCloudEvent(text, now()); rej != nil {
				rej.Line = n
			}
		}
		if err := fn(n, o, rej); err != nil {
			return err
		}
	}
}
