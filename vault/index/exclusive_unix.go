//go:build unix

package index

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// exclusive takes the lock that Badger takes on its directory.
func exclusive(dir string) (release func() error, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: stop it, or use the running server", ErrLocked), f.Close())
	}
	return f.Close, nil // closing releases the lock
}
