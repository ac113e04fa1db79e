package projections

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// Badger keeps recent batches in write-ahead logs (*.mem) until they stand in
// tables. If a page of an older log is lost, it drops the rest of that log, and
// still replays the younger ones. So every batch leaves a mark (B), and a mark
// is removed only when its log is gone, that is when its rows stand in tables.
// At Open all marks from the oldest on must be there.

// walWatch knows which batches may live in a log alone.
type walWatch struct {
	dir    string
	bounds map[int]uint64 // log number -> no batch before this one is in it
	seen   uint64         // last batch committed when the directory was last read
	oldest uint64         // first mark kept
}

const (
	walEvery = 128  // batches between two looks at the directory
	walPrune = 2000 // marks removed in one batch at most
)

func newWALWatch(s *store, r *reader) (*walWatch, error) {
	w := &walWatch{dir: s.dir, bounds: make(map[int]uint64), oldest: 1}
	v, ok, err := r.Get(keyOldest)
	if err != nil {
		return nil, err
	}
	if ok {
		w.oldest = binary.BigEndian.Uint64(v)
	}
	return w, w.look(s.committed().ts)
}

// look reads the directory while no commit is in flight. A log that was not
// there at the last look holds only batches committed since.
func (w *walWatch) look(committed uint64) error {
	names, err := filepath.Glob(filepath.Join(w.dir, "*.mem"))
	if err != nil {
		return fmt.Errorf("list logs of map: %w", err)
	}
	now := make(map[int]uint64, len(names))
	for _, name := range names {
		n, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(name), ".mem"))
		if err != nil {
			return fmt.Errorf("list logs of map: %s is not a log of this map", filepath.Base(name))
		}
		bound, ok := w.bounds[n]
		switch {
		case ok:
		case w.seen == 0:
			bound = w.oldest
		default:
			bound = w.seen + 1
		}
		now[n] = bound
	}
	w.bounds, w.seen = now, committed
	return nil
}

// prune removes marks of batches that stand in tables, as part of batch ts.
func (w *walWatch) prune(txn *badger.Txn, ts uint64) error {
	if ts%walEvery != 0 {
		return nil
	}
	if err := w.look(ts - 1); err != nil {
		return err
	}
	bound := ts
	for _, b := range w.bounds {
		bound = min(bound, b)
	}
	bound = min(bound, w.oldest+walPrune)
	if bound <= w.oldest {
		return nil
	}
	for ; w.oldest < bound; w.oldest++ {
		if err := txn.Delete(batchKey(w.oldest)); err != nil {
			return err
		}
	}
	return txn.Set(keyOldest, binary.BigEndian.AppendUint64(nil, w.oldest))
}
