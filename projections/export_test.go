package projections

import (
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// WriteVersion gives a closed map the versions of another program.
func WriteVersion(t *testing.T, cfg Config, v []byte) {
	t.Helper()
	dir, err := currentDir(cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := badger.OpenManaged(badgerOptions(dir, cfg.withDefaults()))
	if err != nil {
		t.Fatal(err)
	}
	txn := db.NewTransactionAt(1<<40, true)
	if err := txn.Set(keyVersion, v); err != nil {
		t.Fatal(err)
	}
	if err := txn.CommitAt(1<<40, nil); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
