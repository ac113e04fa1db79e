package index

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

func rowKey(n uint64) (k RowKey) {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, n))
	copy(k[:], sum[:])
	return k
}

func put(t *testing.T, x *Index, m Meta, from, to uint64) {
	t.Helper()
	b := x.Begin(m)
	for n := from; n < to; n++ {
		b.SetRow(rowKey(n), []byte("row"))
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, r *Reader, n uint64) bool {
	t.Helper()
	_, ok, err := r.Row(rowKey(n))
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// The filter never denies a key that was added, through every growth, and is
// worth asking about others.
func TestFilter(t *testing.T) {
	t.Parallel()
	f := newFilter(0)
	const n = 3*firstLayer + 1
	for i := range uint64(n) {
		k := rowKey(i)
		f.add(&k)
	}
	if k := rowKey(n); f.absent(&k) {
		t.Error("it answers before it is ready")
	}
	f.ready.Store(true)
	if len(*f.layers.Load()) < 2 {
		t.Errorf("%d layers: it did not grow", len(*f.layers.Load()))
	}
	perhaps := 0
	for i := range uint64(n + 100_000) {
		k := rowKey(i)
		switch absent := f.absent(&k); {
		case absent && i < n:
			t.Fatalf("key %d was added and is denied", i)
		case !absent && i >= n:
			perhaps++
		}
	}
	if perhaps > 3000 {
		t.Errorf("perhaps to %d of 100000 that were not added", perhaps)
	}
}

// Rows of an earlier run are found before and after the filter is ready, rows
// written meanwhile too, and nothing is denied after Clear.
func TestFilterOfAnIndex(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "vault")
	x := open(t, dir)
	put(t, x, Meta{}, 0, 1000)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(t, dir)
	put(t, x, Meta{}, 1000, 2000)
	check := func() {
		t.Helper()
		if err := x.View(func(r *Reader) error {
			for n := range uint64(2000) {
				if !has(t, r, n) {
					t.Fatalf("row %d is denied", n)
				}
			}
			if has(t, r, 2000) {
				t.Error("a row that was never written is found")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	check()
	<-x.filled
	check()
	if k := rowKey(1 << 40); !x.filter.ready.Load() || !x.Absent(&k) {
		t.Error("the filter is not ready once it is filled")
	}
	if err := x.Clear(); err != nil {
		t.Fatal(err)
	}
	if k := rowKey(5); !x.Absent(&k) {
		t.Error("a row that was cleared is not denied")
	}
	put(t, x, Meta{}, 0, 2000)
	check()
}

// A reader sees the commit it began at, and never waits for a later one.
func TestReadersArePinned(t *testing.T) {
	t.Parallel()
	x := open(t, filepath.Join(t.TempDir(), "vault"))
	put(t, x, Meta{Seq: 1}, 0, 10)
	early, release := x.Snapshot()
	under := x.Begin(Meta{Seq: 2})
	under.SetRow(rowKey(10), []byte("row"))
	under.DropRow(rowKey(0))
	if has(t, early, 10) || !has(t, early, 0) || !has(t, &under.Reader, 10) || has(t, &under.Reader, 0) {
		t.Error("a batch is seen by others before its commit, or not by itself")
	}
	if err := under.Commit(); err != nil {
		t.Fatal(err)
	}
	for n := range uint64(50) {
		put(t, x, Meta{Seq: 3 + n}, 20+n, 21+n)
	}
	if has(t, early, 10) || has(t, early, 20) || !has(t, early, 0) {
		t.Error("an open reader sees a later commit, or lost what it saw")
	}
	release()
	late, release := x.Snapshot()
	defer release()
	if !has(t, late, 10) || !has(t, late, 69) || has(t, late, 0) {
		t.Error("a new reader does not see what was committed")
	}
	if m, err := x.Meta(); err != nil || m.Seq != 52 {
		t.Errorf("at %d, %v", m.Seq, err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.pins) != 1 {
		t.Errorf("%d commits are pinned, want that of the one open reader", len(x.pins))
	}
}

// An index whose commits Badger numbered, as an earlier release let it, is read
// and goes on.
func TestIndexNumberedByBadger(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "vault")
	db, err := badger.Open(badger.DefaultOptions(dir).WithLogger(nil).WithCompression(compression))
	if err != nil {
		t.Fatal(err)
	}
	for n := range uint64(20) {
		k := rowKey(n)
		if err := db.Update(func(txn *badger.Txn) error {
			return errors.Join(txn.Set(append([]byte{famRow}, k[:]...), []byte("row")), txn.Set([]byte{famMeta}, encodeMeta(&Meta{Seq: n})))
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for run := range uint64(2) {
		x := open(t, dir)
		if m, err := x.Meta(); err != nil || m.Seq != 19+run {
			t.Errorf("run %d: at %d, %v", run, m.Seq, err)
		}
		put(t, x, Meta{Seq: 20 + run}, 20+run, 21+run)
		if err := x.View(func(r *Reader) error {
			for n := range 21 + run {
				if !has(t, r, n) {
					t.Errorf("run %d: row %d is not found", run, n)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
