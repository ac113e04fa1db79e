package runs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/s2"
)

// A page holds neighbouring rows. A row is, in this order: how many bytes of
// the key are those of the row before, how many follow, the length of the value
// plus one (0: the row is deleted) as uvarints, the rest of the key, the value.
// Every restart-th row shares nothing; where these begin stands at the end, four
// bytes each, and last how many there are.
//
// In its file a page is a byte that says how it is packed, the CRC-32C of that
// byte and of what follows, then the rows, packed.
const (
	restart    = 16
	pagePlain  = 0
	pagePacked = 1 // S2
	pageHead   = 5
)

// ErrDamaged: bytes on disk are not what was written. The store must be made
// again from its source.
var ErrDamaged = errors.New("a file is damaged")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A pageWriter makes pages.
type pageWriter struct {
	b        []byte
	last     []byte // key of the row before
	restarts []uint32
	rows     int
}

func (p *pageWriter) add(key, value []byte, gone bool) {
	shared := 0
	if p.rows%restart == 0 {
		p.restarts = append(p.restarts, uint32(len(p.b)))
	} else {
		shared = common(p.last, key)
	}
	p.b = binary.AppendUvarint(p.b, uint64(shared))
	p.b = binary.AppendUvarint(p.b, uint64(len(key)-shared))
	if gone {
		p.b = append(p.b, 0)
	} else {
		p.b = binary.AppendUvarint(p.b, uint64(len(value))+1)
	}
	p.b = append(append(p.b, key[shared:]...), value...)
	p.last = append(p.last[:shared], key[shared:]...)
	p.rows++
}

// common is how many bytes two keys begin with alike.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for ; i+8 <= n; i += 8 {
		if binary.LittleEndian.Uint64(a[i:]) != binary.LittleEndian.Uint64(b[i:]) {
			break
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// finish appends the page in the form of its file and begins the next.
func (p *pageWriter) finish(out []byte) []byte {
	for _, r := range p.restarts {
		p.b = binary.LittleEndian.AppendUint32(p.b, r)
	}
	p.b = binary.LittleEndian.AppendUint32(p.b, uint32(len(p.restarts)))
	at := len(out)
	out = append(out, pagePacked, 0, 0, 0, 0)
	if n := s2.MaxEncodedLen(len(p.b)); cap(out)-len(out) < n {
		out = append(make([]byte, 0, len(out)+n), out...)
	}
	packed := s2.Encode(out[len(out):cap(out)], p.b)
	if len(packed) < len(p.b)-len(p.b)/16 {
		out = out[:len(out)+len(packed)]
	} else {
		out[at] = pagePlain
		out = append(out, p.b...)
	}
	binary.LittleEndian.PutUint32(out[at+1:], sum(out[at], out[at+pageHead:]))
	*p = pageWriter{b: p.b[:0], last: p.last[:0], restarts: p.restarts[:0]}
	return out
}

func sum(kind byte, b []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte{kind}, castagnoli), castagnoli, b)
}

// A page is the rows of a page, unpacked.
type page struct {
	rows     []byte
	restarts []byte // four bytes each
}

// checkPage compares a page as it stands in its file with its checksum.
func checkPage(b []byte) error {
	if len(b) < pageHead || sum(b[0], b[pageHead:]) != binary.LittleEndian.Uint32(b[1:]) {
		return fmt.Errorf("%w: a page does not match its checksum", ErrDamaged)
	}
	return nil
}

// openPage unpacks a page. It keeps a reference to b.
func openPage(b []byte) (*page, error) {
	if err := checkPage(b); err != nil {
		return nil, err
	}
	kind, b := b[0], b[pageHead:]
	switch kind {
	case pagePlain:
	case pagePacked:
		var err error
		if n, lerr := s2.DecodedLen(b); lerr != nil || n > maxPage {
			return nil, fmt.Errorf("%w: a page cannot be unpacked", ErrDamaged)
		}
		if b, err = s2.Decode(nil, b); err != nil {
			return nil, fmt.Errorf("%w: a page cannot be unpacked", ErrDamaged)
		}
	default:
		return nil, fmt.Errorf("%w: a page is packed in a way not known here", ErrDamaged)
	}
	if len(b) < 4 {
		return nil, errPage
	}
	n := uint64(binary.LittleEndian.Uint32(b[len(b)-4:]))
	if n == 0 || n > uint64(len(b)-4)/4 {
		return nil, errPage
	}
	at := len(b) - 4 - 4*int(n)
	return &page{rows: b[:at:at], restarts: b[at : len(b)-4]}, nil
}

// maxPage is the most bytes of a page: one row may be a page of its own.
const maxPage = 1 << 30

var errPage = fmt.Errorf("%w: a page has not the form of a page", ErrDamaged)

// size is what the page takes in memory.
func (p *page) size() int { return len(p.rows) + len(p.restarts) + 64 }

// A pageCursor walks over the rows of a page. After an error it stands at the end.
type pageCursor struct {
	p     *page
	next  int    // where the row after this one begins
	key   []byte // of this row; valid until the cursor moves
	value []byte // part of the page
	gone  bool
	ok    bool // it stands at a row
	err   error
}

// step moves to the row at next.
func (c *pageCursor) step() {
	b := c.p.rows[c.next:]
	if len(b) == 0 {
		c.ok = false
		return
	}
	var shared, rest, length uint64
	n := 0
	if len(b) >= 3 && b[0]|b[1]|b[2] < 0x80 { // nearly always
		shared, rest, length, n = uint64(b[0]), uint64(b[1]), uint64(b[2]), 3
	} else {
		for _, v := range [...]*uint64{&shared, &rest, &length} {
			x, w := binary.Uvarint(b[n:])
			if w <= 0 {
				c.fail()
				return
			}
			*v, n = x, n+w
		}
	}
	b = b[n:]
	c.gone = length == 0
	length = max(length, 1) - 1
	if shared > uint64(len(c.key)) || rest > uint64(len(b)) || length > uint64(len(b))-rest {
		c.fail()
		return
	}
	c.key = append(c.key[:shared], b[:rest]...)
	c.value = b[rest : rest+length : rest+length]
	c.next += n + int(rest) + int(length)
	c.ok = true
}

func (c *pageCursor) fail() { c.ok, c.err = false, errPage }

// restartAt moves to the i-th row that shares nothing.
func (c *pageCursor) restartAt(i int) {
	at := binary.LittleEndian.Uint32(c.p.restarts[4*i:])
	if uint64(at) > uint64(len(c.p.rows)) {
		c.fail()
		return
	}
	c.next, c.key = int(at), c.key[:0]
	c.step()
}

// first moves to the first row of a page.
func (c *pageCursor) first(p *page) {
	c.p, c.err = p, nil
	c.restartAt(0)
}

// seek moves to the first row of a page whose key is not before key.
func (c *pageCursor) seek(p *page, key []byte) {
	c.p, c.err = p, nil
	lo, hi := 0, len(p.restarts)/4 // the last restart before key is in [lo, hi)
	for hi-lo > 1 {
		m := (lo + hi) / 2
		if c.restartAt(m); c.err != nil {
			return
		}
		if !c.ok || bytes.Compare(c.key, key) < 0 {
			lo = m
		} else {
			hi = m
		}
	}
	for c.restartAt(lo); c.ok && bytes.Compare(c.key, key) < 0; {
		c.step()
	}
}
