package audit

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// stateVersion is the version of the derived files. Another one only means
// that they are made anew from the log.
const stateVersion = 1

// tree holds what is derived from the log: the stored hashes of the Merkle
// tree, the records and where each begins. It is a cache in three files; the
// log is the truth, and state.json says how far the files may be believed.
// Everything past that point is cut off at open and derived again.
//
// It is not safe for concurrent use: Log's lock guards it.
type tree struct {
	dir     string
	hashes  *os.File // tlog's stored hashes, 32 bytes each
	records *os.File // records, one after the other
	offsets *os.File // where record i+1 begins, 8 bytes each
	size    int64    // records
	bytes   int64    // length of records
}

type treeState struct {
	Version int       `json:"version"`
	Size    int64     `json:"size"`
	Root    tlog.Hash `json:"root"`
	Mark    Mark      `json:"mark"`
}

// openTree opens the derived files as far as state.json vouches for them. If
// anything is odd it starts from nothing and says why in reset.
func openTree(dir string) (t *tree, mark Mark, reset error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, nil, fmt.Errorf("open audit folder: %w", err)
	}
	t = &tree{dir: dir}
	for name, f := range map[string]**os.File{"hashes": &t.hashes, "records": &t.records, "offsets": &t.offsets} {
		if *f, err = os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
			return nil, nil, nil, errors.Join(fmt.Errorf("open audit %s: %w", name, err), t.close())
		}
	}
	state, reset := t.vouched()
	if reset == nil {
		return t, state.Mark, nil, nil
	}
	if err := t.truncate(0, 0); err != nil {
		return nil, nil, nil, errors.Join(err, t.close())
	}
	return t, nil, reset, nil
}

// vouched cuts the files to what state.json names and checks that they lead to
// its root.
func (t *tree) vouched() (treeState, error) {
	var s treeState
	b, err := os.ReadFile(filepath.Join(t.dir, "state.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return s, t.truncate(0, 0)
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("read state: %w", err)
	}
	if s.Version != stateVersion || s.Size < 0 {
		return s, fmt.Errorf("state of version %d is not known here", s.Version)
	}
	end, err := t.offset(s.Size)
	if err != nil {
		return s, err
	}
	if err := t.truncate(s.Size, end); err != nil {
		return s, err
	}
	root, err := t.root(s.Size)
	if err != nil {
		return s, err
	}
	if root != s.Root {
		return s, fmt.Errorf("the hashes do not lead to the root of the state")
	}
	return s, nil
}

func (t *tree) truncate(size, length int64) error {
	cut := func(f *os.File, n int64) error {
		if info, err := f.Stat(); err != nil {
			return err
		} else if info.Size() < n {
			return fmt.Errorf("%s holds %d bytes, want %d", filepath.Base(f.Name()), info.Size(), n)
		}
		return f.Truncate(n)
	}
	t.size, t.bytes = size, length
	return errors.Join(cut(t.hashes, hashCount(size)*tlog.HashSize), cut(t.offsets, size*8), cut(t.records, length))
}

// hashCount is how many hashes are stored for n records.
func hashCount(n int64) int64 {
	if n == 0 {
		return 0
	}
	return tlog.StoredHashCount(n)
}

// add derives the files of one more record.
func (t *tree) add(record []byte) error {
	shown, err := leaf(record)
	if err != nil {
		return fmt.Errorf("hash audit record %d: %w", t.size, err)
	}
	hashes, err := tlog.StoredHashes(t.size, shown, t)
	if err != nil {
		return fmt.Errorf("hash audit record %d: %w", t.size, err)
	}
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	if _, err := t.records.WriteAt(record, t.bytes); err != nil {
		return fmt.Errorf("keep audit record %d: %w", t.size, err)
	}
	if _, err := t.hashes.WriteAt(b, hashCount(t.size)*tlog.HashSize); err != nil {
		return fmt.Errorf("keep hashes of audit record %d: %w", t.size, err)
	}
	end := t.bytes + int64(len(record))
	if _, err := t.offsets.WriteAt(binary.BigEndian.AppendUint64(nil, uint64(end)), t.size*8); err != nil {
		return fmt.Errorf("keep offset of audit record %d: %w", t.size, err)
	}
	t.size, t.bytes = t.size+1, end
	return nil
}

// ReadHashes serves tlog.
func (t *tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		if _, err := t.hashes.ReadAt(out[i][:], n*tlog.HashSize); err != nil {
			return nil, fmt.Errorf("read audit hash %d: %w", n, err)
		}
	}
	return out, nil
}

func (t *tree) root(size int64) (tlog.Hash, error) {
	h, err := tlog.TreeHash(size, t)
	if err != nil {
		return h, fmt.Errorf("compute audit root of %d: %w", size, err)
	}
	return h, nil
}

// offset is where record n begins, and where record n-1 ends.
func (t *tree) offset(n int64) (int64, error) {
	if n == 0 {
		return 0, nil
	}
	var b [8]byte
	if _, err := t.offsets.ReadAt(b[:], (n-1)*8); err != nil {
		return 0, fmt.Errorf("read offset of audit record %d: %w", n, err)
	}
	return int64(binary.BigEndian.Uint64(b[:])), nil
}

// record reads record n, 0 <= n < size.
func (t *tree) record(n int64) ([]byte, error) {
	from, err := t.offset(n)
	if err != nil {
		return nil, err
	}
	to, err := t.offset(n + 1)
	if err != nil {
		return nil, err
	}
	if from < 0 || to < from || to-from > maxEntry {
		return nil, fmt.Errorf("read audit record %d: %w", n, ErrDamaged)
	}
	b := make([]byte, to-from)
	if _, err := t.records.ReadAt(b, from); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read audit record %d: %w", n, err)
	}
	return b, nil
}

// vouch writes state.json: from here on an open believes the files up to now.
func (t *tree) vouch(mark Mark) error {
	root, err := t.root(t.size)
	if err != nil {
		return err
	}
	b, err := json.Marshal(treeState{stateVersion, t.size, root, mark})
	if err != nil {
		return fmt.Errorf("encode audit state: %w", err)
	}
	for _, f := range []*os.File{t.hashes, t.records, t.offsets} {
		if err := f.Sync(); err != nil {
			return fmt.Errorf("sync audit %s: %w", filepath.Base(f.Name()), err)
		}
	}
	// A crash here leaves the older state: the files are cut to it and derived
	// again from the log.
	name := filepath.Join(t.dir, "state.json")
	if err := writeSynced(name+".new", b); err != nil {
		return err
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("write audit state: %w", err)
	}
	return nil
}

func writeSynced(name string, b []byte) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(b); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", filepath.Base(name), err)
	}
	return nil
}

func (t *tree) close() error {
	var err error
	for _, f := range []*os.File{t.hashes, t.records, t.offsets} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}
