//go:build !linux

package journal

import (
	"os"
	"syscall"
)

// syncDir makes everything durable that was written to any file system.
func syncDir(*os.File) error {
	syscall.Sync()
	return nil
}
