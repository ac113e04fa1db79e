//go:build !unix

package keys

import (
	"fmt"
	"os"
	"path/filepath"
)

// lock opens the lock file without sharing where the system works that way. The
// index beside it is locked by its own store in any case.
func lock(dir string) (func() error, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock key directory: %w", err)
	}
	return f.Close, nil
}
