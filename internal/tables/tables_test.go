package tables_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/habeas-data/habeas/internal/tables"
)

// Any page of a table may be lost; Badger must not be the one to find out.
func TestEveryPage(t *testing.T) {
	dir := t.TempDir()
	db, err := badger.Open(badger.DefaultOptions(dir).WithLogger(nil).WithCompression(options.Snappy))
	if err != nil {
		t.Fatal(err)
	}
	batch := db.NewWriteBatch()
	for i := range 3000 {
		if err := batch.Set(fmt.Appendf(nil, "key %08d", i), fmt.Appendf(nil, "value %x", i*i*i*7919)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(batch.Flush(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := tables.Check(dir, options.Snappy); err != nil {
		t.Fatalf("a good table: %v", err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no table was written: %v", err)
	}
	good, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(good); at += 4096 {
		bad := append([]byte(nil), good...)
		clear(bad[at:min(at+4096, len(bad))])
		if err := os.WriteFile(names[0], bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := tables.Check(dir, options.Snappy); !errors.Is(err, tables.ErrDamaged) {
			t.Errorf("page at %d of %d: got %v", at, len(good), err)
		}
	}
}

func TestNothingThere(t *testing.T) {
	if err := tables.Check(filepath.Join(t.TempDir(), "none"), options.Snappy); err != nil {
		t.Fatal(err)
	}
}
