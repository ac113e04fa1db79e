package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/habeas-data/habeas/events"
)

// A mark remembers, outside the store, how far a log had come and the hash
// there. JetStream cuts a damaged file at the first bad message and carries on
// as if the rest had never been; the mark is how the next start knows better.
//
// It is written after each frame and not synced: after a power cut it may be
// behind, never ahead, and then only guards less.
type mark struct {
	seq  uint64
	hash events.Hash
}

const markSize = 4 + 8 + sha256.Size + 8 // magic, seq, hash, check

const markMagic = "HBM1"

func (m mark) isZero() bool { return m == mark{} }

func (m mark) marshal() []byte {
	b := append(make([]byte, 0, markSize), markMagic...)
	b = binary.BigEndian.AppendUint64(b, m.seq)
	b = append(b, m.hash[:]...)
	sum := sha256.Sum256(b)
	return append(b, sum[:8]...)
}

var errTornMark = errors.New("mark is torn")

func parseMark(b []byte) (mark, error) {
	var m mark
	if len(b) != markSize || string(b[:4]) != markMagic {
		return m, errTornMark
	}
	sum := sha256.Sum256(b[:markSize-8])
	if string(sum[:8]) != string(b[markSize-8:]) {
		return m, errTornMark
	}
	m.seq = binary.BigEndian.Uint64(b[4:])
	copy(m.hash[:], b[12:])
	return m, nil
}

// readMark returns the zero mark if there is none or if it is torn: a cut of
// the power may tear it, and the chain is checked without it.
func readMark(path string) (mark, error) {
	if path == "" {
		return mark{}, nil
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return mark{}, nil
	}
	if err != nil {
		return mark{}, fmt.Errorf("read the mark of the log: %w", err)
	}
	m, err := parseMark(b)
	if errors.Is(err, errTornMark) {
		return mark{}, nil
	}
	return m, err
}

// A marker writes marks over one another in one file.
type marker struct {
	f *os.File // nil: no directory to write to
}

func openMarker(path string) (*marker, error) {
	if path == "" {
		return &marker{}, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the mark of the log: %w", err)
	}
	return &marker{f}, nil
}

func (m *marker) put(v mark) error {
	if m.f == nil {
		return nil
	}
	if _, err := m.f.WriteAt(v.marshal(), 0); err != nil {
		return fmt.Errorf("write the mark of the log: %w", err)
	}
	return nil
}

func (m *marker) close() error {
	if m.f == nil {
		return nil
	}
	f := m.f
	m.f = nil
	return f.Close()
}
