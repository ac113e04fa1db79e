package casebook

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/habeas-data/habeas/events"
)

func key(row byte, parts ...[]byte) []byte {
	k := append(make([]byte, 0, 40), Family, row)
	for _, p := range parts {
		k = append(k, p...)
	}
	return k
}

func four(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// instant8 orders instants before 1970, too.
func instant8(at events.Instant) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(at)^1<<63)
}

func parseInstant8(b []byte) events.Instant {
	return events.Instant(binary.BigEndian.Uint64(b) ^ 1<<63)
}

func appendPosition(b []byte, p events.Position) []byte {
	b = binary.AppendUvarint(b, uint64(p.Generation))
	b = binary.AppendUvarint(b, p.Seq)
	return binary.AppendUvarint(b, uint64(p.Index))
}

// appendCode writes the number of a code; 0 is the absent one.
func appendCode(b []byte, c events.Code, s events.Symbols) []byte {
	if c == "" {
		return append(b, 0)
	}
	return binary.AppendUvarint(b, s.Symbol(c))
}

// A cursor reads a row from its front. After the first misfit err stays set and
// every reading returns zero. Numbers are taken in their shortest form only, so
// that a row has one form.
type cursor struct {
	b   []byte
	n   events.Names
	err error
}

func (c *cursor) misfit() {
	if c.err == nil {
		c.err = errForm
	}
	c.b = nil
}

func (c *cursor) uvarint(most uint64) uint64 {
	v, n := binary.Uvarint(c.b)
	if n <= 0 || n > 1 && c.b[n-1] == 0 || v > most {
		c.misfit()
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) number() uint32 { return uint32(c.uvarint(math.MaxUint32)) }

func (c *cursor) date() events.Date { return events.Date(c.uvarint(math.MaxInt32)) }

func (c *cursor) instant() events.Instant {
	v := c.uvarint(math.MaxUint64)
	return events.Instant(int64(v>>1) ^ -int64(v&1))
}

func (c *cursor) position() events.Position {
	return events.Position{Generation: c.number(), Seq: c.uvarint(math.MaxUint64), Index: c.number()}
}

func (c *cursor) id() (id events.EventID) {
	if len(c.b) < len(id) {
		c.misfit()
		return id
	}
	copy(id[:], c.b)
	c.b = c.b[len(id):]
	return id
}

func (c *cursor) code() events.Code {
	v := c.uvarint(math.MaxUint64)
	if v == 0 || c.err != nil {
		return ""
	}
	code, err := c.n.Name(v)
	if err != nil {
		c.err, c.b = err, nil
	}
	return code
}

// end returns what was wrong; bytes left over are.
func (c *cursor) end(what string) error {
	if c.err == nil && len(c.b) > 0 {
		c.err = errForm
	}
	if c.err != nil {
		return fmt.Errorf("read the row of %s: %w", what, c.err)
	}
	return nil
}
