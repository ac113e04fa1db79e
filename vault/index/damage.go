package index

import (
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/internal/runs"
)

// ErrDamaged: a file of the index is not as it was written. The log holds
// everything: Remove the index, and it is made again.
var ErrDamaged = errors.New("the vault's index is damaged")

// Remove deletes the files of a closed index and nothing else.
func Remove(dir string) error {
	if err := runs.Remove(dir); err != nil {
		return fmt.Errorf("remove index %s: %w", dir, err)
	}
	return nil
}
