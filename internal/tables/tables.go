// Package tables checks the table files of a Badger database before Badger
// opens them. Badger 4.9 ends the process when a block of a table is damaged: it
// meets a nil pointer in a goroutine of its own while reporting the error
// (table.VerifyChecksum), where nobody can recover. Here the same check runs in
// the caller's goroutine and is an error.
//
// It reads only, and may never change or remove a file.
package tables

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/ristretto/v2/z"
)

// ErrDamaged is wrapped when a table's bytes do not match its checksums.
var ErrDamaged = errors.New("a table file is damaged")

// Check reads every block of every table below dir. A directory that is not
// there holds no damaged table.
func Check(dir string, compression options.CompressionType) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil {
		return fmt.Errorf("check tables: %w", err)
	}
	for _, name := range names {
		if err := check(name, compression); err != nil {
			return fmt.Errorf("check %s: %w: %w", filepath.Base(name), ErrDamaged, err)
		}
	}
	return nil
}

func check(name string, compression options.CompressionType) (err error) {
	f, err := z.OpenMmapFile(name, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer func() {
		if r := recover(); r != nil { // the fault that this package is for
			err = fmt.Errorf("its blocks cannot be read")
		}
		if cerr := f.Close(-1); err == nil { // -1: do not cut it
			err = cerr
		}
	}()
	t, err := table.OpenTable(f, table.Options{ReadOnly: true, ChkMode: options.NoVerification, Compression: compression, BlockSize: 4096})
	if err != nil {
		return err
	}
	return t.VerifyChecksum()
}
