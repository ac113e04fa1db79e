//go:build unix

package runs

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// lock keeps a second process out of the directory.
func lock(dir string) (free func() error, err error) {
	f, err := os.OpenFile(filepath.Join(dir, "LOCK"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(ErrLocked, f.Close())
	}
	return f.Close, nil // closing gives it back
}
