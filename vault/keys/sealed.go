package keys

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	keyMagic    = "HBEK"
	baseMagic   = "HBKT"
	logMagic    = "HBKL"
	fileVersion = 1
	headerSize  = 4 + 1 + 16 + 4
	chunkSize   = 1 << 20
	nonceSize   = 12
	gcmOverhead = 16
)

// header begins every file of an epoch: magic, version, vault, epoch. It is
// bound into every seal of the file.
func header(magic string, v VaultID, epoch uint32) []byte {
	b := append(make([]byte, 0, headerSize+16), magic...)
	b = append(append(b, fileVersion), v[:]...)
	return binary.BigEndian.AppendUint32(b, epoch)
}

func checkHeader(b []byte, magic string, v VaultID, epoch uint32) error {
	if len(b) < headerSize || string(b[:4]) != magic {
		return fmt.Errorf("does not begin with %s: %w", magic, ErrDamaged)
	}
	if b[4] != fileVersion {
		return fmt.Errorf("version %d is not known here; want at most %d", b[4], fileVersion)
	}
	if VaultID(b[5:21]) != v {
		return ErrOtherVault
	}
	if got := binary.BigEndian.Uint32(b[21:]); got != epoch {
		return fmt.Errorf("is of epoch %d, want %d: %w", got, epoch, ErrDamaged)
	}
	return nil
}

// seals are the two keys of an epoch.
type seals struct{ base, log cipher.AEAD }

func newSeals(epochKey []byte) (seals, error) {
	var s seals
	for _, x := range []struct {
		to   *cipher.AEAD
		info string
	}{{&s.base, "habeas table base"}, {&s.log, "habeas table log"}} {
		k, err := hkdf.Key(sha256.New, epochKey, nil, x.info, 32)
		if err != nil {
			return s, err
		}
		*x.to, err = newGCM(k)
		clear(k)
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

// encodeKeyFile writes: header, KEK name, wrapped key, CRC.
func encodeKeyFile(v VaultID, epoch uint32, kek string, wrapped []byte) []byte {
	b := header(keyMagic, v, epoch)
	b = append(append(b, byte(len(kek))), kek...)
	b = append(binary.BigEndian.AppendUint16(b, uint16(len(wrapped))), wrapped...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func decodeKeyFile(b []byte, v VaultID, epoch uint32) (kek string, wrapped []byte, err error) {
	if err := checkHeader(b, keyMagic, v, epoch); err != nil {
		return "", nil, err
	}
	n := len(b) - 4
	if n < headerSize || crc32.Checksum(b[:n], castagnoli) != binary.BigEndian.Uint32(b[n:]) {
		return "", nil, fmt.Errorf("its checksum does not match: %w", ErrDamaged)
	}
	r := cursor{b: b[headerSize:n]}
	name := make([]byte, r.byte())
	r.raw(name)
	size := uint16(r.byte())<<8 | uint16(r.byte())
	wrapped = make([]byte, size)
	r.raw(wrapped)
	if r.end() != nil {
		return "", nil, fmt.Errorf("its lengths do not match: %w", ErrDamaged)
	}
	return string(name), wrapped, nil
}

// readEpochKey reads and unwraps the key of an epoch.
func readEpochKey(ctx context.Context, dir string, v VaultID, epoch uint32, kek KEK) ([]byte, error) {
	path := filepath.Join(dir, keyFile(epoch))
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(bytes.Trim(b, "\x00")) == 0 {
		return nil, fmt.Errorf("%s: %w: it was destroyed by a rotation or lost; use a copy of the key directory made after the last rotation", path, ErrEpochGone)
	}
	if err != nil {
		return nil, err
	}
	if err := checkMode(path); err != nil {
		return nil, err
	}
	name, wrapped, err := decodeKeyFile(b, v, epoch)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if name != kek.Name() {
		return nil, fmt.Errorf("%s was wrapped by %q, configured is %q: %w", path, name, kek.Name(), ErrWrongKey)
	}
	key, err := kek.Unwrap(ctx, epoch, wrapped)
	if err != nil {
		return nil, fmt.Errorf("unwrap %s: %w", path, err)
	}
	if len(key) != 32 {
		return nil, fmt.Errorf("unwrap %s: want 32 bytes, got %d: %w", path, len(key), ErrWrongKey)
	}
	return key, nil
}

// sealBase seals a table in chunks; each binds the header, its number and
// whether it is the last.
func sealBase(s seals, v VaultID, epoch uint32, plain []byte, random io.Reader) ([]byte, error) {
	head := header(baseMagic, v, epoch)
	out := make([]byte, 0, len(plain)+len(plain)/chunkSize*32+64)
	out = append(out, head...)
	for i := uint32(0); ; i++ {
		chunk := plain[:min(len(plain), chunkSize)]
		plain = plain[len(chunk):]
		nonce := make([]byte, nonceSize)
		if _, err := io.ReadFull(random, nonce); err != nil {
			return nil, err
		}
		out = binary.BigEndian.AppendUint32(out, uint32(nonceSize+len(chunk)+gcmOverhead))
		out = append(out, nonce...)
		out = s.base.Seal(out, nonce, chunk, chunkAAD(head, i, len(plain) == 0))
		if len(plain) == 0 {
			return out, nil
		}
	}
}

func chunkAAD(head []byte, i uint32, last bool) []byte {
	b := binary.BigEndian.AppendUint32(bytes.Clone(head), i)
	if last {
		return append(b, 1)
	}
	return append(b, 0)
}

// openBase opens what sealBase sealed.
func openBase(s seals, v VaultID, epoch uint32, b []byte) ([]byte, error) {
	if err := checkHeader(b, baseMagic, v, epoch); err != nil {
		return nil, err
	}
	head, rest := b[:headerSize:headerSize], b[headerSize:]
	plain := make([]byte, 0, len(rest))
	for i := uint32(0); ; i++ {
		if len(rest) < 4+nonceSize+gcmOverhead {
			return nil, fmt.Errorf("ends too early: %w", ErrDamaged)
		}
		n := int(binary.BigEndian.Uint32(rest))
		rest = rest[4:]
		if n < nonceSize+gcmOverhead || n > len(rest) {
			return nil, fmt.Errorf("chunk %d has a wrong length: %w", i, ErrDamaged)
		}
		var err error
		plain, err = s.base.Open(plain, rest[:nonceSize], rest[nonceSize:n], chunkAAD(head, i, n == len(rest)))
		if err != nil {
			return nil, fmt.Errorf("chunk %d does not open: damaged, or sealed under another key: %w", i, ErrWrongKey)
		}
		if rest = rest[n:]; len(rest) == 0 {
			return plain, nil
		}
	}
}

// sealChange frames one record of the log: length, nonce, sealed change, CRC.
func sealChange(s seals, head []byte, c *Change, random io.Reader) ([]byte, error) {
	plain := appendChange(nil, c)
	b := binary.BigEndian.AppendUint32(nil, uint32(nonceSize+len(plain)+gcmOverhead))
	nonce := make([]byte, nonceSize)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, err
	}
	b = append(b, nonce...)
	b = s.log.Seal(b, nonce, plain, changeAAD(head, c.Seq))
	clear(plain)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli)), nil
}

func changeAAD(head []byte, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(head), seq)
}

// readLog opens the records of a log. Seq is that of the base. It returns how
// many bytes are good and whether a torn record follows them: one that reaches
// the end of the file and is short or fails its CRC, which is what a crash
// during the last append leaves. Everything else is damage.
func readLog(s seals, v VaultID, epoch uint32, seq uint64, b []byte) (changes []*Change, good int, torn bool, err error) {
	if err := checkHeader(b, logMagic, v, epoch); err != nil {
		return nil, 0, false, err
	}
	head, good := b[:headerSize:headerSize], headerSize
	for good < len(b) {
		rest := b[good:]
		if len(rest) < 4 {
			return changes, good, true, nil
		}
		n := uint64(binary.BigEndian.Uint32(rest)) + 8
		if n > uint64(len(rest)) {
			// A record that claims to reach past the end: torn, unless a whole record
			// can still be found behind it, for then its length was damaged.
			if wholeRecordIn(rest) {
				return nil, 0, false, fmt.Errorf("record %d has a wrong length: %w", seq+1, ErrDamaged)
			}
			return changes, good, true, nil
		}
		rec := rest[:n]
		if n < 8+nonceSize+gcmOverhead || crc32.Checksum(rec[:n-4], castagnoli) != binary.BigEndian.Uint32(rec[n-4:]) {
			if n == uint64(len(rest)) || len(bytes.Trim(rest, "\x00")) == 0 {
				return changes, good, true, nil
			}
			return nil, 0, false, fmt.Errorf("record %d does not match its checksum: %w", seq+1, ErrDamaged)
		}
		seq++
		plain, err := s.log.Open(nil, rec[4:4+nonceSize], rec[4+nonceSize:n-4], changeAAD(head, seq))
		if err != nil {
			return nil, 0, false, fmt.Errorf("record %d does not open: %w", seq, ErrDamaged)
		}
		c, err := decodeChange(plain)
		if err != nil || c.Seq != seq {
			return nil, 0, false, fmt.Errorf("record %d: %w: %w", seq, ErrDamaged, err)
		}
		changes = append(changes, c)
		good += int(n)
	}
	return changes, good, false, nil
}

// wholeRecordIn looks for a later record behind a damaged length.
func wholeRecordIn(b []byte) bool {
	for i := 1; i+8+nonceSize+gcmOverhead <= len(b); i++ {
		n := uint64(binary.BigEndian.Uint32(b[i:])) + 8
		if n < 8+nonceSize+gcmOverhead || n > uint64(len(b)-i) {
			continue
		}
		rec := b[i : i+int(n)]
		if crc32.Checksum(rec[:n-4], castagnoli) == binary.BigEndian.Uint32(rec[n-4:]) {
			return true
		}
	}
	return false
}
