package runs

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"runtime"
)

// A run's file is its pages one after the other, then the index, the filter and
// the foot. The index has for each page its length and the shortest key that
// separates it from the page before. The foot is of fixed length:
//
//	rows, deleted rows, length of the index, length of the filter   8 bytes each, little-endian
//	prefix, CRC-32C of index and filter, CRC-32C of what stands before it in the foot   4 bytes each
//	"habrun01"
const (
	pageSize  = 8 << 10
	footSize  = 4*8 + 3*4 + 8
	runMagic  = "habrun01"
	writeSize = 256 << 10
)

// A runWriter writes the file of a run. Keys come in order.
type runWriter struct {
	f        *os.File
	w        *bufio.Writer
	page     pageWriter
	buf      []byte
	index    []byte
	prefix   int
	head     uint64 // of the last key that had one
	end      []byte // last key of the page before
	filter   *filter
	rows     uint64
	gone     uint64
	size     int64
	pageSize int
}

func newRunWriter(path string, prefix, most int) (*runWriter, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	keys := most
	if prefix > 0 {
		keys += most / 2 // rows of one prefix lie together; a filter too small only says perhaps more often
	}
	return &runWriter{f: f, w: bufio.NewWriterSize(f, writeSize), prefix: prefix, filter: newFilter(keys), pageSize: pageSize}, nil
}

func (w *runWriter) add(key, value []byte, gone bool, h uint64) error {
	if w.page.rows == 0 {
		w.index = appendBytes(w.index, separator(w.end, key))
	}
	w.page.add(key, value, gone)
	w.filter.add(h)
	if head := headOf(key, w.prefix); head != w.head && head != 0 {
		w.head = head
		w.filter.add(head)
	}
	w.rows++
	if gone {
		w.gone++
	}
	if len(w.page.b) < w.pageSize {
		return nil
	}
	return w.cut()
}

// separator is the shortest key that is after a and not after b.
func separator(a, b []byte) []byte {
	return b[:min(len(b), common(a, b)+1)]
}

func appendBytes(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

func (w *runWriter) cut() error {
	runtime.Gosched() // whoever waits for an answer goes first
	w.end = append(w.end[:0], w.page.last...)
	w.buf = w.page.finish(w.buf[:0])
	w.index = binary.AppendUvarint(w.index, uint64(len(w.buf)))
	w.size += int64(len(w.buf))
	_, err := w.w.Write(w.buf)
	return err
}

// finish makes the file durable. The caller syncs the directory. After an error
// the file is closed all the same.
func (w *runWriter) finish() error {
	var err error
	if w.page.rows > 0 {
		err = w.cut()
	}
	filter := w.filter.append(nil)
	var foot []byte
	for _, n := range []uint64{w.rows, w.gone, uint64(len(w.index)), uint64(len(filter))} {
		foot = binary.LittleEndian.AppendUint64(foot, n)
	}
	foot = binary.LittleEndian.AppendUint32(foot, uint32(w.prefix))
	foot = binary.LittleEndian.AppendUint32(foot, crc32.Update(crc32.Checksum(w.index, castagnoli), castagnoli, filter))
	foot = binary.LittleEndian.AppendUint32(foot, crc32.Checksum(foot, castagnoli))
	foot = append(foot, runMagic...)
	for _, b := range [][]byte{w.index, filter, foot} {
		_, werr := w.w.Write(b)
		err = errors.Join(err, werr)
		w.size += int64(len(b))
	}
	return errors.Join(err, w.w.Flush(), w.f.Sync(), w.f.Close())
}

// abandon removes a file that was begun.
func (w *runWriter) abandon() error {
	return errors.Join(w.f.Close(), os.Remove(w.f.Name()))
}

// A foot is the foot of a run's file.
type foot struct {
	rows, gone    uint64
	index, filter int64
	prefix        int
	sum           uint32
}

// readFoot reads the foot of a file of so many bytes.
func readFoot(b []byte, size int64) (foot, error) {
	var f foot
	if len(b) != footSize || string(b[footSize-8:]) != runMagic {
		return f, fmt.Errorf("%w: it does not end like a run", ErrDamaged)
	}
	if crc32.Checksum(b[:footSize-12], castagnoli) != binary.LittleEndian.Uint32(b[footSize-12:]) {
		return f, fmt.Errorf("%w: its foot does not match its checksum", ErrDamaged)
	}
	f.rows, f.gone = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	index, filter := binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
	f.prefix, f.sum = int(binary.LittleEndian.Uint32(b[32:])), binary.LittleEndian.Uint32(b[36:])
	room := uint64(max(0, size-footSize))
	if index > room || filter > room-index {
		return f, fmt.Errorf("%w: it is shorter than its foot says", ErrDamaged)
	}
	f.index, f.filter = int64(index), int64(filter)
	return f, nil
}
