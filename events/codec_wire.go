package events

import (
	"encoding/binary"
	"fmt"
)

// reader reads one event. After the first error every read returns zero and
// err keeps the first cause.
type reader struct {
	b   []byte
	n   Names
	err error
}

func (r *reader) fail(format string, a ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, a...)
	}
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || (n > 1 && r.b[n-1] == 0) {
		r.fail("want a number in its shortest form")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.fail("ends too early")
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) raw(dst []byte) {
	if len(r.b) < len(dst) {
		r.fail("want %d bytes, got %d", len(dst), len(r.b))
		return
	}
	copy(dst, r.b)
	r.b = r.b[len(dst):]
}

func (r *reader) fixed(dst []byte) {
	r.raw(dst)
	for _, x := range dst {
		if x != 0 {
			return
		}
	}
	r.fail("is there but empty")
}

func (r *reader) optionalCode() Code {
	v := r.uvarint()
	if v == 0 || r.err != nil {
		return ""
	}
	c, err := r.n.Name(v)
	if err != nil {
		r.fail("%v", err)
	}
	return c
}

func (r *reader) code() Code {
	c := r.optionalCode()
	if c == "" {
		r.fail("is there but empty")
	}
	return c
}

func (r *reader) ref(v *Ref) {
	r.fixed(v.Handle[:])
	v.Kind = r.code()
}

// count reads the length of a list of elements of at least size bytes each, so
// that a lying length cannot make it allocate.
func (r *reader) count(size, most int) int {
	n := r.uvarint()
	if n == 0 || n > uint64(most) || n > uint64(len(r.b)/size) {
		r.fail("want a list of 1 to %d", most)
		return 0
	}
	return int(n)
}
