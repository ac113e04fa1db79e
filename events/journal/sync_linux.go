package journal

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// syncDir makes everything durable that was written to the file system of f.
func syncDir(f *os.File) error {
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return fmt.Errorf("sync the file system of the journal: %w", err)
	}
	return nil
}
