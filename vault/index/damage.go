package index

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4/options"

	"github.com/habeas-data/habeas/internal/tables"
)

// ErrDamaged: a file of the index does not match its checksums. The log holds
// everything: Remove the index, and it is made again.
var ErrDamaged = errors.New("the vault's index is damaged")

// compression of the tables: rows are sealed, so there is nothing to gain.
const compression = options.None

// verify reads every table, before Badger opens them: when a block turns out to
// be damaged during a look-up, Badger says that the key is not there (4.9.6,
// levelHandler.get leaves the iterator's error alone), and a row that seems to
// be missing here is a second handle for one pair.
func verify(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	release, err := exclusive(dir)
	if err != nil {
		return err
	}
	if err := tables.Check(dir, compression); err != nil {
		return errors.Join(fmt.Errorf("%w: %w", ErrDamaged, err), release())
	}
	return release()
}

// Remove deletes the files of a closed index and nothing else.
func Remove(dir string) error {
	release, err := exclusive(dir)
	if err != nil {
		return fmt.Errorf("remove index %s: %w", dir, err)
	}
	var errs []error
	for _, pattern := range []string{"*.sst", "*.mem", "*.vlog", "MANIFEST", "KEYREGISTRY", "DISCARD"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		errs = append(errs, err)
		for _, name := range names {
			errs = append(errs, os.Remove(name))
		}
	}
	if err := errors.Join(append(errs, release())...); err != nil {
		return fmt.Errorf("remove index %s: %w", dir, err)
	}
	return nil
}
