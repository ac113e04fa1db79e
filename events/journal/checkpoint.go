package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A Checkpoint says how far a reader has come: up to and including frame Seq,
// whose hash is Hash. It names the log, so that it cannot be used with another.
// The zero Checkpoint is before the first frame of any log.
type Checkpoint struct {
	Stream     string // identity of the log: name and the id it was created with
	Generation uint32
	Seq        uint64
	Hash       events.Hash
	Next       uint64 // number of the record that follows, counted from 0
}

const checkpointVersion = 1

// IsZero reports whether c is before the first frame of any log.
func (c Checkpoint) IsZero() bool { return c == Checkpoint{} }

// Position returns the position of the first record after c.
func (c Checkpoint) Position() events.Position {
	return events.Position{Generation: c.Generation, Seq: c.Seq + 1}
}

func (c Checkpoint) String() string {
	return fmt.Sprintf("%s:%d-%d (%x)", c.Stream, c.Generation, c.Seq, c.Hash[:4])
}

// Marshal writes the checkpoint in the form read by ParseCheckpoint.
func (c Checkpoint) Marshal() []byte {
	b := make([]byte, 0, 2+len(c.Stream)+4+8+sha256.Size+8)
	b = append(b, checkpointVersion, byte(len(c.Stream)))
	b = append(b, c.Stream...)
	b = binary.BigEndian.AppendUint32(b, c.Generation)
	b = binary.BigEndian.AppendUint64(b, c.Seq)
	b = append(b, c.Hash[:]...)
	return binary.BigEndian.AppendUint64(b, c.Next)
}

// ParseCheckpoint reads what Marshal wrote.
func ParseCheckpoint(b []byte) (Checkpoint, error) {
	var c Checkpoint
	if len(b) < 2 {
		return c, fmt.Errorf("parse checkpoint: want a version and a name, got %d bytes", len(b))
	}
	if b[0] != checkpointVersion {
		return c, fmt.Errorf("parse checkpoint: version %d is not known here; want %d", b[0], checkpointVersion)
	}
	n := int(b[1])
	if want := 2 + n + 4 + 8 + sha256.Size + 8; len(b) != want {
		return c, fmt.Errorf("parse checkpoint: want %d bytes, got %d", want, len(b))
	}
	c.Stream = string(b[2 : 2+n])
	b = b[2+n:]
	c.Generation = binary.BigEndian.Uint32(b)
	c.Seq = binary.BigEndian.Uint64(b[4:])
	copy(c.Hash[:], b[12:])
	c.Next = binary.BigEndian.Uint64(b[12+sha256.Size:])
	return c, nil
}
