//go:build unix

package projections

import (
	"fmt"
	"syscall"
)

// checkSpace refuses to go on while the disk is nearly full.
func checkSpace(dir string, least uint64) error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return fmt.Errorf("ask for free space in %s: %w", dir, err)
	}
	if free := uint64(st.Bavail) * uint64(st.Bsize); free < least {
		return fmt.Errorf("%w: %d MB free in %s, want %d MB", ErrDiskSpace, free>>20, dir, least>>20)
	}
	return nil
}
