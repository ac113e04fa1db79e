package measure

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"github.com/dgraph-io/badger/v4"
)

// The keys of the raw limit are of the size of the map's own.
const (
	rawKeySize   = 31
	rawValueSize = 60
	rawBatch     = 5000
)

// RawBadger measures what Badger can do with keys that are ready: batches of
// 5000 in one synced transaction each, in ascending and in random order.
func RawBadger(ctx context.Context, o Options, dir string) (Metrics, error) {
	m := Metrics{}
	n := min(o.Events, 500_000) / rawBatch * rawBatch
	for _, order := range []string{"sorted", "random"} {
		if err := putBatches(ctx, filepath.Join(dir, order), n, order == "sorted", m, "raw.badger."+order); err != nil {
			return nil, fmt.Errorf("badger, %s keys: %w", order, err)
		}
	}
	return m, nil
}

func putBatches(ctx context.Context, dir string, n int, sorted bool, m Metrics, name string) error {
	db, err := badger.OpenManaged(badger.DefaultOptions(dir).WithLogger(nil).WithSyncWrites(true).
		WithDetectConflicts(false).WithNumVersionsToKeep(1))
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	keys := make([]uint64, n)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range keys {
		keys[i] = rnd.Uint64()
	}
	if sorted {
		slices.Sort(keys)
	}
	value := make([]byte, rawValueSize)
	for i := range value {
		value[i] = byte(rnd.Uint32())
	}
	meter := StartMeter()
	for at := 0; at < n && err == nil; at += rawBatch {
		err = putBatch(db, uint64(at/rawBatch+1), keys[at:at+rawBatch], value)
		if ctx.Err() != nil {
			err = ctx.Err()
		}
	}
	meter.Stop().Report(m, name, n)
	if cerr := db.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("close: %w", cerr)
	}
	m[name+".disk"] = float64(DiskBytes(dir)) / float64(n)
	return err
}

func putBatch(db *badger.DB, ts uint64, keys []uint64, value []byte) error {
	txn := db.NewTransactionAt(ts, true)
	defer txn.Discard()
	for _, k := range keys {
		key := make([]byte, rawKeySize)
		binary.BigEndian.PutUint64(key[1:], k)
		v := append([]byte(nil), value...)
		binary.BigEndian.PutUint64(v, k)
		if err := txn.Set(key, v); err != nil {
			return fmt.Errorf("set: %w", err)
		}
	}
	if err := txn.CommitAt(ts, nil); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
