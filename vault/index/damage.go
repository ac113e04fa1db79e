package index

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/habeas-data/habeas/internal/runs"
)

// ErrDamaged: a file of the index is not as it was written. The log holds
// everything: Remove the index, and it is made again.
var ErrDamaged = errors.New("the vault's index is damaged")

// Remove deletes the files of a closed index and nothing else.
func Remove(dir string) error {
	err := runs.Remove(dir)
	entries, rerr := os.ReadDir(dir)
	err = errors.Join(err, rerr)
	for _, e := range entries {
		switch name := e.Name(); {
		case slices.Contains([]string{".sst", ".mem", ".vlog"}, filepath.Ext(name)), name == "KEYREGISTRY", name == "DISCARD":
			// Builds before the first release left these.
			err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
		}
	}
	if err != nil {
		return fmt.Errorf("remove index %s: %w", dir, err)
	}
	return nil
}
