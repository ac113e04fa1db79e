package index

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/habeas-data/habeas/internal/runs"
)

// ErrDamaged: a file of the index is not as it was written. The log holds
// everything: Remove the index, and it is made again.
var ErrDamaged = errors.New("the vault's index is damaged")

// Remove deletes the files of a closed index and nothing else.
func Remove(dir string) error {
	err := runs.Remove(dir)
	// Builds before the first release left these.
	for _, pattern := range []string{"*.sst", "*.mem", "*.vlog", "KEYREGISTRY", "DISCARD"} {
		names, gerr := filepath.Glob(filepath.Join(dir, pattern))
		err = errors.Join(err, gerr)
		for _, name := range names {
			err = errors.Join(err, os.Remove(name))
		}
	}
	if err != nil {
		return fmt.Errorf("remove index %s: %w", dir, err)
	}
	return nil
}
