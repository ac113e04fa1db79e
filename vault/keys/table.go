package keys

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/ggm"
)

// Shapes of the two trees. Entries: one leaf per slot. Routes: one leaf per
// part of the index.
const (
	SlotBits  = 40
	RouteBits = 16
)

// A VaultID tells vaults apart: 128 random bits given at creation.
type VaultID [16]byte

// A Table is the key table in memory. Seq and the counters belong to the
// goroutine that changes the vault; the trees are safe for concurrent use.
type Table struct {
	Vault   VaultID
	Epoch   uint32
	Created events.Instant // of the vault
	Began   events.Instant // of the epoch
	Seq     uint64         // number of the last change, over all epochs
	// NextSlot is a lower bound of the next free slot: an older log that comes
	// back does not lead to a slot being given twice.
	NextSlot uint64
	// Forgotten counts slots punctured ever, Fresh those of this epoch: their
	// keys can be found in the old epoch's files until the next rotation.
	Forgotten, Fresh uint64
	Master           [32]byte // root of the long-lived sub-keys
	Entries, Routes  *ggm.Tree
}

// Sub derives a long-lived key for one purpose (HKDF, RFC 5869).
func (t *Table) Sub(purpose string) []byte {
	k, err := hkdf.Key(sha256.New, t.Master[:], t.Vault[:], "habeas "+purpose, 32)
	if err != nil {
		panic(err) // only a length beyond 255 hashes is an error, and it is fixed here
	}
	return k
}

// A Rekey gives every route below (Depth, Prefix) a fresh key.
type Rekey struct {
	Depth  uint8
	Prefix uint64
	Key    ggm.Key
}

// A Change is one step of the table: slots punctured and routes keyed anew.
type Change struct {
	Seq       uint64
	NextSlot  uint64
	Punctured []uint64 // ascending
	Rekeyed   []Rekey
}

const changeVersion = 1

// appendChange writes: version, seq, next slot, count and ascending slots as
// differences, count and rekeys as depth, prefix, 32 bytes of key.
func appendChange(b []byte, c *Change) []byte {
	b = append(b, changeVersion)
	b = binary.AppendUvarint(b, c.Seq)
	b = binary.AppendUvarint(b, c.NextSlot)
	b = binary.AppendUvarint(b, uint64(len(c.Punctured)))
	last := uint64(0)
	for _, s := range c.Punctured {
		b = binary.AppendUvarint(b, s-last)
		last = s
	}
	b = binary.AppendUvarint(b, uint64(len(c.Rekeyed)))
	for i := range c.Rekeyed {
		r := &c.Rekeyed[i]
		b = append(b, r.Depth)
		b = binary.AppendUvarint(b, r.Prefix)
		b = append(b, r.Key[:]...)
	}
	return b
}

func decodeChange(b []byte) (*Change, error) {
	r := cursor{b: b}
	if v := r.byte(); v != changeVersion && r.err == nil {
		return nil, fmt.Errorf("change of version %d is not known here", v)
	}
	c := &Change{Seq: r.uvarint(), NextSlot: r.uvarint()}
	n := r.count(1)
	c.Punctured = make([]uint64, 0, n)
	last := uint64(0)
	for i := range n {
		d := r.uvarint()
		if last += d; r.err == nil && (i > 0 && d == 0 || d >= 1<<SlotBits || last >= 1<<SlotBits) {
			return nil, fmt.Errorf("slots of a change do not ascend")
		}
		c.Punctured = append(c.Punctured, last)
	}
	n = r.count(2 + ggm.KeySize)
	c.Rekeyed = make([]Rekey, n)
	for i := range c.Rekeyed {
		k := &c.Rekeyed[i]
		k.Depth, k.Prefix = r.byte(), r.uvarint()
		r.raw(k.Key[:])
		if r.err == nil && (k.Depth > RouteBits || k.Prefix>>k.Depth != 0) {
			return nil, fmt.Errorf("a route of a change lies outside the tree")
		}
	}
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("change: %w", err)
	}
	return c, nil
}

const tableVersion = 1

// encodeTable writes the base: version, times and counters, the master key,
// then the nodes of both trees as depth, prefix (uvarint) and key.
func encodeTable(t *Table) []byte {
	entries, routes := t.Entries.Nodes(), t.Routes.Nodes()
	b := make([]byte, 0, 128+(len(entries)+len(routes))*(ggm.KeySize+7))
	b = append(b, tableVersion)
	for _, v := range []uint64{uint64(t.Created), uint64(t.Began), t.Seq, t.NextSlot, t.Forgotten} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	b = append(b, t.Master[:]...)
	for _, nodes := range [][]ggm.Node{entries, routes} {
		b = binary.AppendUvarint(b, uint64(len(nodes)))
		for i := range nodes {
			b = append(b, nodes[i].Depth)
			b = binary.AppendUvarint(b, nodes[i].Prefix)
			b = append(b, nodes[i].Key[:]...)
			clear(nodes[i].Key[:])
		}
	}
	return b
}

func decodeTable(b []byte) (*Table, error) {
	r := cursor{b: b}
	if v := r.byte(); v != tableVersion && r.err == nil {
		return nil, fmt.Errorf("table of version %d is not known here", v)
	}
	t := &Table{Created: events.Instant(r.fixed64()), Began: events.Instant(r.fixed64()), Seq: r.fixed64(), NextSlot: r.fixed64(), Forgotten: r.fixed64()}
	r.raw(t.Master[:])
	var err error
	if t.Entries, err = r.tree(entriesLabel, SlotBits); err != nil {
		return nil, err
	}
	if t.Routes, err = r.tree(RoutesLabel, RouteBits); err != nil {
		return nil, err
	}
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	return t, nil
}

// Labels of the two trees; part of the disk form.
const (
	entriesLabel = "habeas entries"
	RoutesLabel  = "habeas routes"
)

func (r *cursor) tree(label string, depth uint8) (*ggm.Tree, error) {
	nodes := make([]ggm.Node, r.count(2+ggm.KeySize))
	for i := range nodes {
		nodes[i].Depth, nodes[i].Prefix = r.byte(), r.uvarint()
		r.raw(nodes[i].Key[:])
	}
	if r.err != nil {
		return nil, fmt.Errorf("table: %w", r.err)
	}
	return ggm.FromNodes(label, depth, nodes)
}

// newTable grows a table from fresh random keys.
func newTable(random io.Reader, at events.Instant) (*Table, error) {
	var seed [16 + 3*32]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return nil, fmt.Errorf("draw the keys of a new vault: %w", err)
	}
	t := &Table{Epoch: 1, Created: at, Began: at}
	copy(t.Vault[:], seed[:])
	copy(t.Master[:], seed[16:])
	t.Entries = ggm.New(entriesLabel, SlotBits, ggm.Key(seed[48:80]))
	t.Routes = ggm.New(RoutesLabel, RouteBits, ggm.Key(seed[80:112]))
	clear(seed[:])
	return t, nil
}

// cursor reads a byte form. After the first error every read returns zero.
type cursor struct {
	b   []byte
	err error
}

func (r *cursor) fail() {
	if r.err == nil {
		r.err = io.ErrUnexpectedEOF
	}
	r.b = nil
}

func (r *cursor) byte() byte {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *cursor) raw(dst []byte) {
	if len(r.b) < len(dst) {
		r.fail()
		return
	}
	r.b = r.b[copy(dst, r.b):]
}

func (r *cursor) fixed64() uint64 {
	var v [8]byte
	r.raw(v[:])
	return binary.BigEndian.Uint64(v[:])
}

func (r *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || n > 1 && r.b[n-1] == 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a length of things of at least size bytes each, so that a lying
// length cannot make the reader allocate.
func (r *cursor) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.b)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *cursor) end() error {
	if r.err == nil && len(r.b) > 0 {
		return fmt.Errorf("%d bytes after the end", len(r.b))
	}
	return r.err
}
