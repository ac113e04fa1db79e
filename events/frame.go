package events

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// A Hash is the SHA-256 of a frame. Each frame holds the hash of the one
// before it, so that a lost, swapped or altered frame is seen by any reader.
type Hash [32]byte

// Body says what the records of a frame are.
type Body uint8

const (
	// EventBody: each record is an event in the form of AppendEvent, with codes
	// numbered by the frame's own dictionary.
	EventBody Body = 1
	// RawBody: each record is bytes that belong to the log's owner (vault,
	// audit).
	RawBody Body = 2
)

// A FrameHeader says where a frame stands and what it needs.
type FrameHeader struct {
	Body       Body
	Generation uint32 // of the journal
	Previous   Hash   // of the frame before; zero for the first of a generation
	First      uint64 // number of the first record, counted from 0 in the log
	Recorded   Instant
	Vault      uint64 // last vault frame whose entries these events may name
	Catalogue  uint32 // version in force at the gateway
	Count      uint32 // records in the frame
}

const (
	frameMagic   = "HBSF"
	frameVersion = 1
	headerSize   = 4 + 1 + 1 + 4 + 32 + 8 + 8 + 8 + 4 + 4 + 4 // last: body length
	// MaxFrameBytes is the greatest size of a frame, hash included.
	MaxFrameBytes = 256 << 10
	frameOverhead = headerSize + sha256.Size
)

// ErrFrame is wrapped by every error of a frame that cannot be read: it was
// altered, cut, or written by a newer version.
var ErrFrame = errors.New("frame cannot be read")

// A FrameBuilder packs records into one frame. The zero value is ready.
// It is not safe for concurrent use.
type FrameBuilder struct {
	dict    []byte
	symbols map[Code]uint64
	records []byte
	scratch []byte
	count   uint32
	serial  uint64 // of these contents, for packs; 0: none placed yet
}

// Symbol numbers a code in the frame's dictionary, from 1, in order of first
// use.
func (f *FrameBuilder) Symbol(c Code) uint64 {
	if n, ok := f.symbols[c]; ok {
		return n
	}
	if len(c) == 0 || len(c) > 255 {
		// The dictionary could not be read back, and what is in the journal
		// stays there: better to stop here.
		panic(fmt.Sprintf("events: a code of %d bytes reached a frame unchecked", len(c)))
	}
	if f.symbols == nil {
		f.symbols = make(map[Code]uint64, 64)
	}
	n := uint64(len(f.symbols) + 1)
	f.symbols[c] = n
	f.dict = append(append(f.dict, byte(len(c))), c...)
	return n
}

// Add packs an event. The caller watches Size.
func (f *FrameBuilder) Add(e *Event) {
	f.scratch = AppendEvent(f.scratch[:0], e, f)
	f.AddRaw(f.scratch)
}

// AddRaw packs bytes that belong to the log's owner.
func (f *FrameBuilder) AddRaw(b []byte) {
	f.records = binary.AppendUvarint(f.records, uint64(len(b)))
	f.records = append(f.records, b...)
	f.count++
}

// Count is the number of records packed.
func (f *FrameBuilder) Count() int { return int(f.count) }

// Size is the size of the frame if it were sealed now, within ten bytes.
func (f *FrameBuilder) Size() int { return frameOverhead + 10 + len(f.dict) + len(f.records) }

// Reset empties the builder and keeps its memory.
func (f *FrameBuilder) Reset() {
	f.dict, f.records, f.count, f.serial = f.dict[:0], f.records[:0], 0, 0
	clear(f.symbols)
}

// Seal writes the frame and returns its bytes and its hash. Count in h is set
// by the builder. The builder may be used again after Reset.
func (f *FrameBuilder) Seal(h FrameHeader) ([]byte, Hash) { return f.SealInto(nil, h) }

// SealInto is Seal into the memory of b, from its start, if that is enough.
func (f *FrameBuilder) SealInto(b []byte, h FrameHeader) ([]byte, Hash) {
	if size := f.Size(); cap(b) < size {
		b = make([]byte, 0, size)
	}
	b = append(b[:0], frameMagic...)
	b = append(b, frameVersion, byte(h.Body))
	b = binary.BigEndian.AppendUint32(b, h.Generation)
	b = append(b, h.Previous[:]...)
	b = binary.BigEndian.AppendUint64(b, h.First)
	b = binary.BigEndian.AppendUint64(b, uint64(h.Recorded))
	b = binary.BigEndian.AppendUint64(b, h.Vault)
	b = binary.BigEndian.AppendUint32(b, h.Catalogue)
	b = binary.BigEndian.AppendUint32(b, f.count)
	n := len(b)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.AppendUvarint(b, uint64(len(f.symbols)))
	b = append(b, f.dict...)
	b = append(b, f.records...)
	binary.BigEndian.PutUint32(b[n:], uint32(len(b)-headerSize))
	sum := sha256.Sum256(b)
	return append(b, sum[:]...), sum
}

// A Frame is a decoded frame: its header, its hash, and its records in order.
type Frame struct {
	FrameHeader
	Hash    Hash
	dict    []Code
	records [][]byte
}

// DecodeFrame checks the hash and the form of a frame and splits it into its
// records. It keeps references to b. Errors wrap ErrFrame.
func DecodeFrame(b []byte) (*Frame, error) {
	f := new(Frame)
	if err := f.decode(b); err != nil {
		return nil, fmt.Errorf("decode frame of %d bytes: %w: %w", len(b), ErrFrame, err)
	}
	return f, nil
}

func (f *Frame) decode(b []byte) error {
	if len(b) < frameOverhead {
		return fmt.Errorf("shorter than a header")
	}
	if string(b[:4]) != frameMagic {
		return fmt.Errorf("does not begin with %s", frameMagic)
	}
	if b[4] != frameVersion {
		return fmt.Errorf("version %d is not known here; want at most %d", b[4], frameVersion)
	}
	body := b[headerSize : len(b)-sha256.Size]
	sum := sha256.Sum256(b[:len(b)-sha256.Size])
	if !bytes.Equal(sum[:], b[len(b)-sha256.Size:]) {
		return fmt.Errorf("its bytes do not match its hash")
	}
	f.Hash = sum
	f.Body = Body(b[5])
	if f.Body != EventBody && f.Body != RawBody {
		return fmt.Errorf("body %d is not known here", b[5])
	}
	f.Generation = binary.BigEndian.Uint32(b[6:])
	copy(f.Previous[:], b[10:])
	f.First = binary.BigEndian.Uint64(b[42:])
	f.Recorded = Instant(binary.BigEndian.Uint64(b[50:]))
	f.Vault = binary.BigEndian.Uint64(b[58:])
	f.Catalogue = binary.BigEndian.Uint32(b[66:])
	f.Count = binary.BigEndian.Uint32(b[70:])
	if n := binary.BigEndian.Uint32(b[74:]); uint64(n) != uint64(len(body)) {
		return fmt.Errorf("body of %d bytes, header says %d", len(body), n)
	}
	return f.split(body)
}

func (f *Frame) split(b []byte) error {
	n, w := binary.Uvarint(b)
	if w <= 0 || (w > 1 && b[w-1] == 0) || n > uint64(len(b)/2) {
		return fmt.Errorf("dictionary has no length")
	}
	var err error
	if b, err = f.splitDict(b[w:], int(n)); err != nil {
		return err
	}
	if uint64(f.Count) > uint64(len(b)) {
		return fmt.Errorf("want %d records, got %d bytes", f.Count, len(b))
	}
	f.records = make([][]byte, 0, f.Count)
	for range f.Count {
		n, w := binary.Uvarint(b)
		if w <= 0 || (w > 1 && b[w-1] == 0) || n > uint64(len(b)-w) {
			return fmt.Errorf("record %d ends too early", len(f.records))
		}
		f.records = append(f.records, b[w:w+int(n):w+int(n)])
		b = b[w+int(n):]
	}
	if len(b) > 0 {
		return fmt.Errorf("%d bytes after the last record", len(b))
	}
	return nil
}

// splitDict reads n codes, each once, and returns what follows. It does not ask
// for the form of codes: that is asked before they are written (Event.Check),
// and a frame that is durable must stay readable.
func (f *Frame) splitDict(b []byte, n int) ([]byte, error) {
	f.dict = make([]Code, 0, n)
	seen := make(map[Code]bool, n)
	for i := range n {
		if len(b) == 0 || int(b[0]) >= len(b) {
			return nil, fmt.Errorf("dictionary ends too early")
		}
		c := Code(b[1 : 1+int(b[0])])
		if c == "" || seen[c] {
			return nil, fmt.Errorf("entry %d of the dictionary is empty, or is there twice", i+1)
		}
		seen[c] = true
		f.dict = append(f.dict, c)
		b = b[1+int(b[0]):]
	}
	return b, nil
}

// Name returns a code of the frame's dictionary.
func (f *Frame) Name(n uint64) (Code, error) {
	if n == 0 || n > uint64(len(f.dict)) {
		return "", fmt.Errorf("code %d is not in a dictionary of %d", n, len(f.dict))
	}
	return f.dict[n-1], nil
}

// Record returns the bytes of record i, 0 <= i < Count. They share the
// frame's memory.
func (f *Frame) Record(i int) []byte { return f.records[i] }

// Event decodes record i into e.
func (f *Frame) Event(i int, e *Event) error {
	if f.Body != EventBody {
		return fmt.Errorf("decode event %d: the frame holds no events", i)
	}
	return DecodeEvent(f.records[i], e, f)
}

// Dict lists the codes of the frame, numbered from 1.
func (f *Frame) Dict() []Code { return f.dict }
