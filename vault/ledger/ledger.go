// Package ledger owns the restore ledger: a file apart from the data and its
// backups that remembers what was retired, forgotten and suppressed, so that a
// backup brought back can be made to forget it again. Its records are those of
// the vault's log, sealed where they hold anything personal.
//
// Records are only ever appended, each synced and chained by a keyed checksum
// to the one before; Compact writes a new file without what has expired. The
// package does not know what the records mean.
package ledger

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/habeas-data/habeas/events"
)

// What callers may branch on.
var (
	// ErrMissing: there is no ledger in the directory.
	ErrMissing = errors.New("no restore ledger here")
	// ErrDamaged: a record does not match its checksum, or was altered.
	ErrDamaged = errors.New("the restore ledger is damaged")
	// ErrOther: the ledger belongs to another vault.
	ErrOther = errors.New("the restore ledger belongs to another vault")
	// ErrExposed: others may read the ledger.
	ErrExposed = errors.New("the restore ledger is readable by others")
)

const (
	name       = "restore.ledger"
	magic      = "HBRL"
	version    = 1
	headerSize = 4 + 1 + 16 + 8
	macSize    = 16
	maxRecord  = 1 << 20
)

// A Ledger is open until Close. Its methods are safe for concurrent use.
type Ledger struct {
	path string
	key  []byte

	mu      sync.Mutex // guards all below
	f       *os.File
	size    int64
	last    [macSize]byte // checksum of the last record, or of the header
	torn    int64         // bytes dropped at Open
	stopped error
}

// Create makes an empty ledger. The directory may exist.
func Create(dir string, vault [16]byte, key []byte, at events.Instant) (*Ledger, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create restore ledger: %w", err)
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err == nil {
		return nil, fmt.Errorf("create restore ledger %s: %w", path, fs.ErrExist)
	}
	if err := replace(dir, header(vault, at)); err != nil {
		return nil, fmt.Errorf("create restore ledger: %w", err)
	}
	return Open(dir, vault, key)
}

func header(vault [16]byte, at events.Instant) []byte {
	b := append(append([]byte(magic), version), vault[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(at))
}

// Open reads and checks the ledger. A torn last record is dropped: it was never
// reported as saved.
func Open(dir string, vault [16]byte, key []byte) (*Ledger, error) {
	path := filepath.Join(dir, name)
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", path, ErrMissing)
	}
	if err != nil {
		return nil, fmt.Errorf("open restore ledger: %w", err)
	}
	if perm := st.Mode().Perm(); perm&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %04o (chmod 0600 %s): %w", path, perm, path, ErrExposed)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open restore ledger: %w", err)
	}
	l := &Ledger{path: path, key: key, f: f}
	if err := l.load(vault); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), f.Close())
	}
	return l, nil
}

func (l *Ledger) load(vault [16]byte) error {
	b, err := io.ReadAll(l.f)
	if err != nil {
		return err
	}
	if len(b) < headerSize || string(b[:4]) != magic {
		return fmt.Errorf("does not begin with %s: %w", magic, ErrDamaged)
	}
	if b[4] != version {
		return fmt.Errorf("version %d is not known here; want at most %d", b[4], version)
	}
	if !bytes.Equal(b[5:21], vault[:]) {
		return ErrOther
	}
	l.size, l.last, err = l.scan(b, func(int64, events.Instant, []byte) error { return nil })
	if err != nil {
		return err
	}
	if l.torn = int64(len(b)) - l.size; l.torn > 0 {
		return errors.Join(l.f.Truncate(l.size), l.f.Sync())
	}
	return nil
}

// scan walks the records of a whole file. Each is: length(4), recorded at(8),
// body, checksum(16) over the checksum before it and all of these.
func (l *Ledger) scan(b []byte, fn func(end int64, at events.Instant, body []byte) error) (size int64, last [macSize]byte, err error) {
	last = l.chain([macSize]byte{}, b[:headerSize])
	size = headerSize
	for n := 1; int(size) < len(b); n++ {
		rest := b[size:]
		if len(rest) < 12+macSize {
			return size, last, nil // torn
		}
		length := int64(binary.BigEndian.Uint32(rest))
		total := 12 + length + macSize
		if length > maxRecord {
			return 0, last, fmt.Errorf("record %d has a wrong length: %w", n, ErrDamaged)
		}
		if total > int64(len(rest)) {
			return size, last, nil // torn
		}
		sum := l.chain(last, rest[:12+length])
		if !hmac.Equal(sum[:], rest[12+length:total]) {
			if total == int64(len(rest)) || len(bytes.Trim(rest, "\x00")) == 0 {
				return size, last, nil // torn: it reaches the end of the file
			}
			return 0, last, fmt.Errorf("record %d does not match its checksum: %w", n, ErrDamaged)
		}
		last = sum
		size += total
		if err := fn(size, events.Instant(binary.BigEndian.Uint64(rest[4:])), rest[12:12+length]); err != nil {
			return 0, last, err
		}
	}
	return size, last, nil
}

func (l *Ledger) chain(prev [macSize]byte, b []byte) (out [macSize]byte) {
	m := hmac.New(sha256.New, l.key)
	m.Write(prev[:])
	m.Write(b)
	copy(out[:], m.Sum(nil))
	return out
}

// Append saves records and returns the size of the ledger after them.
func (l *Ledger) Append(at events.Instant, bodies ...[]byte) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped != nil {
		return 0, l.stopped
	}
	var b []byte
	last := l.last
	for _, body := range bodies {
		b, last = l.record(b, last, at, body)
	}
	// A crash here leaves a torn record at the end, which Open drops.
	_, err := l.f.WriteAt(b, l.size)
	if err == nil {
		err = l.f.Sync()
	}
	if err != nil {
		l.stopped = fmt.Errorf("append to %s: whether it was saved is not known: %w", l.path, err)
		return 0, l.stopped
	}
	l.size += int64(len(b))
	l.last = last
	return l.size, nil
}

func (l *Ledger) record(b []byte, prev [macSize]byte, at events.Instant, body []byte) ([]byte, [macSize]byte) {
	start := len(b)
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	b = append(b, body...)
	sum := l.chain(prev, b[start:])
	return append(b, sum[:]...), sum
}

// Size is the length of the ledger in bytes, and Torn what Open dropped.
func (l *Ledger) Size() (size, torn int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size, l.torn
}

// Each calls fn for every record that ends after the given size, oldest first.
func (l *Ledger) Each(after int64, fn func(at events.Instant, body []byte) error) error {
	b, err := l.read()
	if err != nil {
		return err
	}
	_, _, err = l.scan(b, func(end int64, at events.Instant, body []byte) error {
		if end <= after {
			return nil
		}
		return fn(at, body)
	})
	return err
}

func (l *Ledger) read() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := make([]byte, l.size)
	if _, err := l.f.ReadAt(b, 0); err != nil {
		return nil, fmt.Errorf("read %s: %w", l.path, err)
	}
	return b, nil
}

// Close is safe to call twice.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	err := l.f.Close()
	l.f = nil
	l.stopped = fmt.Errorf("restore ledger: %w", fs.ErrClosed)
	return err
}
