// Package index owns the local index of the vault: rows that say which slot a
// handle is in and where the rows of an identifier are. All of it can be made
// again from the vault's log and the key table.
//
// It knows no keys and sees no plaintext: rows are named by keyed hashes and
// sealed by their owner. What is committed is seen at once and becomes durable
// some time later, in order, with the position in the log that it reaches (I3):
// after a crash the log is replayed from there. What concerns the key table or the
// restore ledger, which are not replayed, is durable when Commit returns.
package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/runs"
)

// ErrLocked: another process has the index open.
var ErrLocked = errors.New("the vault's index is in use by another process")

// Families of rows; the first byte of a key.
const (
	famRow    = 'i' // tag(8) hash(16) -> sealed row of one identifier
	famSlot   = 's' // slot(5) -> Slot
	famPart   = 'p' // slot(5) part(2) -> sealed part of a note
	famHandle = 'h' // handle(16) -> slot(5)
	famNote   = 'b' // note id(16) -> slot(5)
	famGone   = 'f' // slot(5) -> nothing: forgotten
	famDue    = 'g' // slot(5) -> nothing: others forgot it, to be forgotten here
	famMeta   = 'm'
)

const formVersion = 1

// A RowKey names the row of one identifier: a tag shared by all rows of one
// route, then the identifier's own hash. Both change when the route is keyed
// anew.
type RowKey [24]byte

// Meta is what the index knows about itself.
type Meta struct {
	Vault    [16]byte
	Seq      uint64 // last frame of the log that is in it
	StateSeq uint64 // frame to which State belongs, Seq or before
	State    []byte // the log's own mark there
	Table    uint64 // last change of the key table that is in it
	Ledger   uint64 // bytes of the restore ledger that are in it
	NextSlot uint64
	Counts   Counts
}

// Counts are kept, not computed: a vault may hold a hundred million entries.
type Counts struct{ Rows, Entries, Retired, Notes, Suppressions, Forgotten uint64 }

// An Index is open until Close. Reading is safe from everywhere; there is one
// writer.
type Index struct {
	rows *runs.Store
	dir  string
	// What the disk says for certain of Meta.Table and Meta.Ledger. Of the writer.
	table, ledger uint64
}

// Open opens the index in dir and makes an empty one if there is none. It reads
// every file first, and returns ErrDamaged if one is.
func Open(dir string, log *slog.Logger) (*Index, error) {
	rows, err := runs.Open(dir, runs.Config{Memory: 32 << 20, Cache: 64 << 20, Log: log})
	switch {
	case errors.Is(err, runs.ErrLocked):
		return nil, fmt.Errorf("open index %s: %w: stop it, or use the running server", dir, ErrLocked)
	case errors.Is(err, runs.ErrDamaged):
		return nil, fmt.Errorf("open index %s: %w: %w", dir, ErrDamaged, err)
	case err != nil:
		return nil, fmt.Errorf("open index %s: %w", dir, err)
	}
	x := &Index{rows: rows, dir: dir}
	m, err := x.Meta()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open index %s: %w", dir, err), rows.Close())
	}
	x.table, x.ledger = m.Table, m.Ledger
	return x, nil
}

// Close is safe to call twice.
func (x *Index) Close() error { return x.rows.Close() }

// Clear removes everything. Nobody reads rows meanwhile.
func (x *Index) Clear() error {
	if err := x.rows.Clear(); err != nil {
		return err
	}
	x.table, x.ledger = 0, 0
	return nil
}

// Absent reports whether a row is certainly not in the index, without a look
// at it. False says nothing.
func (x *Index) Absent(k *RowKey) bool {
	var key [1 + len(RowKey{})]byte
	key[0] = famRow
	copy(key[1:], k[:])
	return x.rows.Absent(key[:])
}

// View reads from one snapshot.
func (x *Index) View(fn func(*Reader) error) error {
	r, release := x.Snapshot()
	defer release()
	return fn(r)
}

// Snapshot returns a reader of the present moment that the caller releases.
func (x *Index) Snapshot() (*Reader, func()) {
	v := x.rows.Snapshot()
	return &Reader{v}, v.Release
}

// Meta reads what the index knows about itself; the zero Meta if it is empty.
func (x *Index) Meta() (m Meta, err error) {
	err = x.View(func(r *Reader) error {
		b, ok, err := r.get([]byte{famMeta})
		if err != nil || !ok {
			return err
		}
		m, err = decodeMeta(b)
		return err
	})
	return m, err
}

// rows are those of a snapshot, or those that a batch will leave.
type rows interface {
	Get(key []byte) ([]byte, bool, error)
	Scan(prefix, start []byte, fn func(key, value []byte) error) error
}

// A Reader reads one snapshot of the index. Byte slices it returns must not be
// changed.
type Reader struct{ rows rows }

func (r *Reader) get(key []byte) ([]byte, bool, error) {
	v, ok, err := r.rows.Get(key)
	if err != nil {
		return nil, false, fmt.Errorf("read index: %w", err)
	}
	return v, ok, nil
}

func slotKey(fam byte, slot uint64) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 12), slot<<24)[:5]
	return append([]byte{fam}, b...)
}

func slotOf(b []byte) uint64 {
	var w [8]byte
	copy(w[3:], b)
	return binary.BigEndian.Uint64(w[:])
}

// Row reads the sealed row of an identifier.
func (r *Reader) Row(k RowKey) ([]byte, bool, error) {
	return r.get(append([]byte{famRow}, k[:]...))
}

// Slot reads what is known of a slot.
func (r *Reader) Slot(slot uint64) (*Slot, bool, error) {
	b, ok, err := r.get(slotKey(famSlot, slot))
	if err != nil || !ok {
		return nil, false, err
	}
	s, err := decodeSlot(b)
	if err != nil {
		return nil, false, fmt.Errorf("read index: slot %d: %w", slot, err)
	}
	return s, true, nil
}

// Part reads a further part of a sealed note.
func (r *Reader) Part(slot uint64, part uint16) ([]byte, bool, error) {
	return r.get(binary.BigEndian.AppendUint16(slotKey(famPart, slot), part))
}

// Forgotten reports whether the slot is marked as forgotten.
func (r *Reader) Forgotten(slot uint64) (bool, error) {
	_, ok, err := r.get(slotKey(famGone, slot))
	return ok, err
}

// Handle finds the slot of a handle.
func (r *Reader) Handle(h events.Handle) (uint64, bool, error) {
	return r.pointer(append([]byte{famHandle}, h[:]...))
}

// Note finds the slot of a sealed note.
func (r *Reader) Note(id events.EventID) (uint64, bool, error) {
	return r.pointer(append([]byte{famNote}, id[:]...))
}

func (r *Reader) pointer(key []byte) (uint64, bool, error) {
	b, ok, err := r.get(key)
	if err != nil || !ok {
		return 0, false, err
	}
	if len(b) != 5 {
		return 0, false, fmt.Errorf("read index: want a slot of 5 bytes, got %d", len(b))
	}
	return slotOf(b), true, nil
}
