package index

import (
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// The index numbers its commits itself. A reader is pinned to the last commit
// that is durable, so it never waits for one under way; what an open reader
// can still see is not reclaimed.

// start reads where the numbers stand: after the last commit on disk.
func (x *Index) start() {
	x.next = x.db.MaxVersion()
	x.durable = x.next
	x.db.SetDiscardTs(x.durable)
}

// pin begins a transaction over what is durable now; unpin follows.
func (x *Index) pin(update bool) (*badger.Txn, uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.pins[x.durable]++
	return x.db.NewTransactionAt(x.durable, update), x.durable
}

func (x *Index) unpin(txn *badger.Txn, ts uint64) {
	txn.Discard()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.pins[ts]--; x.pins[ts] == 0 {
		delete(x.pins, ts)
	}
}

// commit makes a transaction durable and lets readers see it. A number is not
// used twice, whatever became of its commit. There is one writer.
func (x *Index) commit(txn *badger.Txn) error {
	x.next++
	if err := txn.CommitAt(x.next, nil); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.durable = x.next
	oldest := x.durable
	for ts := range x.pins {
		oldest = min(oldest, ts)
	}
	x.db.SetDiscardTs(oldest)
	return nil
}

// View reads from one snapshot.
func (x *Index) View(fn func(*Reader) error) error {
	if x.db.IsClosed() {
		return fmt.Errorf("read index: %w", badger.ErrDBClosed)
	}
	txn, ts := x.pin(false)
	defer x.unpin(txn, ts)
	return fn(&Reader{x, txn})
}

// Snapshot returns a reader of the present moment that the caller releases.
func (x *Index) Snapshot() (*Reader, func()) {
	txn, ts := x.pin(false)
	return &Reader{x, txn}, func() { x.unpin(txn, ts) }
}
