package cases

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Sizes of a sealed body. A note of the vault takes MaxSealed; MaxPlain bounds what
// is unpacked from it. A plan of ten thousand holdings is some four MiB unpacked.
const (
	MaxSealed = 4 << 20
	MaxPlain  = 64 << 20
	// packFrom is the length from which a body is packed: text of some pages stays
	// as it is.
	packFrom = 32 << 10
)

// bodyVersion is the version of the form. A field may be added to a version; what
// changes the meaning of one is another version, and the reader of this one stays.
const bodyVersion = 1

// ErrBody is returned for bytes that are no body: not ours, of an unknown version,
// with a field that nobody knows, or too large. It never holds any of them.
var ErrBody = errors.New("the sealed body cannot be read")

// EncodeBody writes the body of a fact for sealing.
func EncodeBody(b *Body) ([]byte, error) { return encode("case", b) }

// DecodeBody reads what EncodeBody wrote.
func DecodeBody(raw []byte) (*Body, error) { return decode[Body]("case", raw) }

// EncodeTask writes what a task is to do for sealing.
func EncodeTask(b *TaskBody) ([]byte, error) { return encode("task", b) }

// DecodeTask reads what EncodeTask wrote.
func DecodeTask(raw []byte) (*TaskBody, error) { return decode[TaskBody]("task", raw) }

// EncodeReceipt writes a receipt for sealing.
func EncodeReceipt(r *Receipt) ([]byte, error) { return encode("receipt", r) }

// DecodeReceipt reads what EncodeReceipt wrote.
func DecodeReceipt(raw []byte) (*Receipt, error) { return decode[Receipt]("receipt", raw) }

// sealed is the outermost form: what it is and of which version.
type sealed[T any] struct {
	V    int    `json:"v"`
	Kind string `json:"kind"`
	Is   *T     `json:"is"`
}

func encode[T any](kind string, v *T) ([]byte, error) {
	raw, err := json.Marshal(sealed[T]{bodyVersion, kind, v})
	if err != nil {
		return nil, fmt.Errorf("write a sealed body of kind %s: %w", kind, ErrBody)
	}
	if len(raw) > MaxPlain {
		return nil, fmt.Errorf("write a sealed body of kind %s: %w: %d bytes, at most %d", kind, ErrBody, len(raw), MaxPlain)
	}
	if len(raw) < packFrom {
		return raw, nil
	}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(raw); err != nil {
		return nil, fmt.Errorf("pack a sealed body: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack a sealed body: %w", err)
	}
	if out.Len() > MaxSealed {
		return nil, fmt.Errorf("write a sealed body of kind %s: %w: %d bytes packed, at most %d", kind, ErrBody, out.Len(), MaxSealed)
	}
	return out.Bytes(), nil
}

func decode[T any](kind string, raw []byte) (*T, error) {
	plain, err := unpack(raw)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(plain))
	d.DisallowUnknownFields()
	var s sealed[T]
	if err := d.Decode(&s); err != nil {
		// What the decoder says may repeat what stands there (I1).
		return nil, fmt.Errorf("%w: it is not of the form of a %s, at byte %d", ErrBody, kind, d.InputOffset())
	}
	switch _, err := d.Token(); {
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w: something follows it", ErrBody)
	case s.V != bodyVersion:
		return nil, fmt.Errorf("%w: version %d; this program knows %d", ErrBody, s.V, bodyVersion)
	case s.Kind != kind:
		return nil, fmt.Errorf("%w: it is not a %s", ErrBody, kind)
	case s.Is == nil:
		return nil, fmt.Errorf("%w: it is empty", ErrBody)
	}
	return s.Is, nil
}

// unpack reads a packed body, never more than MaxPlain of it.
func unpack(raw []byte) ([]byte, error) {
	if len(raw) > MaxSealed {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrBody, len(raw), MaxSealed)
	}
	if !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		return raw, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be unpacked", ErrBody)
	}
	z.Multistream(false)
	plain, err := io.ReadAll(io.LimitReader(z, MaxPlain+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: it cannot be unpacked", ErrBody)
	case len(plain) > MaxPlain:
		return nil, fmt.Errorf("%w: it unpacks to more than %d bytes", ErrBody, MaxPlain)
	}
	return plain, nil
}
