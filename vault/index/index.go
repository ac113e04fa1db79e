// Package index owns the local index of the vault: a Badger database that says
// which slot a handle is in and where the rows of an identifier are. All of it
// can be made again from the vault's log and the key table.
//
// It knows no keys and sees no plaintext: rows are named by keyed hashes and
// sealed by their owner. Every commit is synced. It could be left to the
// operating system, since the position stands in the same transaction and the
// log replays from there; but a torn older write-ahead log leaves the position
// ahead of its rows (measured), and a row missing here is a second
// handle for one pair. One sync per group of allocations is cheap against that.
package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"github.com/habeas-data/habeas/events"
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
	db     *badger.DB
	log    *slog.Logger
	filter *filter

	next    uint64 // number of the last commit that was tried; the writer's
	mu      sync.Mutex
	durable uint64         // guarded by mu: number of the last commit
	pins    map[uint64]int // guarded by mu: open readers by the commit they see

	stop, filled chan struct{} // of fill
	stopOnce     sync.Once
}

// Open opens the index in dir and makes an empty one if there is none. It reads
// every table first, and returns ErrDamaged if one is.
func Open(dir string, log *slog.Logger) (*Index, error) {
	if err := verify(dir); err != nil {
		return nil, fmt.Errorf("open index %s: %w", dir, err)
	}
	opt := badger.DefaultOptions(dir).
		WithSyncWrites(true).
		WithDetectConflicts(false). // one writer
		WithNumVersionsToKeep(1).
		WithCompression(compression).
		WithMemTableSize(64 << 20).
		WithNumMemtables(3).
		WithNumCompactors(2).
		WithValueLogFileSize(64 << 20).
		WithBlockCacheSize(64 << 20).
		WithIndexCacheSize(64 << 20).
		WithMetricsEnabled(false).
		// Whole tables are checked by verify; this is for damage after that.
		WithChecksumVerificationMode(options.OnBlockRead).
		WithLogger(logger{log})
	db, err := badger.OpenManaged(opt)
	if err != nil {
		if strings.Contains(err.Error(), "Another process is using this Badger database") {
			return nil, fmt.Errorf("open index %s: %w: stop it, or use the running server", dir, ErrLocked)
		}
		return nil, fmt.Errorf("open index %s: %w (if its files are damaged, move them away: the index is made again from the log)", dir, err)
	}
	x := &Index{db: db, log: log, pins: make(map[uint64]int), stop: make(chan struct{}), filled: make(chan struct{})}
	x.start()
	m, err := x.Meta()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	x.filter = newFilter(m.Counts.Rows)
	go x.fill()
	return x, nil
}

// Close is safe to call twice.
func (x *Index) Close() error {
	if x.db.IsClosed() {
		return nil
	}
	x.endFill()
	return x.db.Close()
}

// Clear removes everything. Nobody reads rows meanwhile.
func (x *Index) Clear() error {
	x.endFill()
	if err := x.db.DropAll(); err != nil {
		return err
	}
	x.filter.reset(0)
	x.filter.ready.Store(true) // there is nothing
	return nil
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

// A Reader reads one snapshot of the index. Byte slices it returns are copies.
type Reader struct {
	x   *Index
	txn *badger.Txn
}

func (r *Reader) get(key []byte) ([]byte, bool, error) {
	item, err := r.txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read index: %w", err)
	}
	v, err := item.ValueCopy(nil)
	if err != nil {
		return nil, false, fmt.Errorf("read index: %w", err)
	}
	return v, true, nil
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
	if r.x.filter.absent(&k) {
		return nil, false, nil
	}
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

// logger passes on what Badger says, which holds no rows.
type logger struct{ log *slog.Logger }

func (l logger) Errorf(f string, a ...any)   { l.log.Error("index store", "says", l.text(f, a)) }
func (l logger) Warningf(f string, a ...any) { l.log.Warn("index store", "says", l.text(f, a)) }
func (l logger) Infof(f string, a ...any)    { l.log.Debug("index store", "says", l.text(f, a)) }
func (l logger) Debugf(string, ...any)       {}
func (l logger) text(f string, a []any) string {
	return strings.TrimSpace(fmt.Sprintf(f, a...))
}
