package tagpdf

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"strings"
	"unicode/utf16"
)

// An objects writes the numbered objects of a file in the order they are
// finished, and the table of where they begin. The first error sticks.
type objects struct {
	w   *bufio.Writer
	sum hash.Hash // of everything written: the file's own identifier
	n   int64
	at  []int64 // by object number less one; 0: reserved and not written
	err error
}

func newObjects(w io.Writer) *objects {
	o := &objects{w: bufio.NewWriter(w), sum: sha256.New()}
	// Four bytes above 127 say that the file is binary.
	o.write([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"))
	return o
}

func (o *objects) write(b []byte) {
	if o.err != nil {
		return
	}
	_, o.err = o.w.Write(b)
	o.sum.Write(b)
	o.n += int64(len(b))
}

// reserve returns a number for an object that is written later.
func (o *objects) reserve() int {
	o.at = append(o.at, 0)
	return len(o.at)
}

func (o *objects) put(id int, body string) {
	o.at[id-1] = o.n
	o.write(fmt.Appendf(nil, "%d 0 obj\n%s\nendobj\n", id, body))
}

// stream writes a compressed stream; dict holds further entries of its
// dictionary.
func (o *objects) stream(id int, dict string, data []byte) {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	o.plain(id, "/Filter /FlateDecode "+dict, b.Bytes())
}

func (o *objects) plain(id int, dict string, data []byte) {
	o.at[id-1] = o.n
	o.write(fmt.Appendf(nil, "%d 0 obj\n<< %s/Length %d >>\nstream\n", id, spaced(dict), len(data)))
	o.write(data)
	o.write([]byte("\nendstream\nendobj\n"))
}

func spaced(dict string) string {
	if dict == "" || strings.HasSuffix(dict, " ") {
		return dict
	}
	return dict + " "
}

// finish writes the table of objects and the end of the file.
func (o *objects) finish(root, info int) error {
	start := o.n
	id := o.sum.Sum(nil)[:16]
	o.write(fmt.Appendf(nil, "xref\n0 %d\n0000000000 65535 f \n", len(o.at)+1))
	for i, at := range o.at {
		if at == 0 && o.err == nil {
			o.err = fmt.Errorf("write a PDF: object %d was never finished", i+1)
		}
		o.write(fmt.Appendf(nil, "%010d 00000 n \n", at))
	}
	o.write(fmt.Appendf(nil, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%x> <%x>] >>\nstartxref\n%d\n%%%%EOF\n",
		len(o.at)+1, root, info, id, id, start))
	if o.err != nil {
		return o.err
	}
	return o.w.Flush()
}

func ref(id int) string { return fmt.Sprintf("%d 0 R", id) }

func refs(ids []int) string {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(ref(id))
	}
	return b.String()
}

// text is a string of the document in UTF-16, as hexadecimal digits: no sign in
// it can end it early.
func text(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteByte('>')
	return b.String()
}

// ascii is a literal string of a value that has only signs of an address.
func ascii(s string) string {
	var b strings.Builder
	b.WriteByte('(')
	for _, c := range []byte(s) {
		switch {
		case c == '(' || c == ')' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c > 0x7e:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte(')')
	return b.String()
}
