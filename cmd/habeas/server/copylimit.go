package server

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sys/unix"

	"github.com/habeas-data/habeas/connectors/fanout"
)

// copyRoom is how many bytes of the disk copies leave free: the journal stops
// when it is full, and with it everything.
const copyRoom = 1 << 30

// lookEvery is after how many bytes of a copy the disk is asked again.
const lookEvery = 16 << 20

// A bounded copy is read as long as it is not too large and leaves room on the
// disk. What the system is told is the error.
type bounded struct {
	r    io.Reader
	most int64                  // bytes
	free func() (uint64, error) // bytes free on the disk

	read, asked int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.read >= b.asked {
		b.asked = b.read + lookEvery
		if free, err := b.free(); err == nil && free < copyRoom+lookEvery {
			return 0, &fanout.Refusal{Status: http.StatusInsufficientStorage, Code: "copy.no_room", After: 10 * time.Minute,
				Detail: "the disk is nearly full; nothing of this copy was kept. Send it again once there is room"}
		}
	}
	n, err := b.r.Read(p)
	if b.read += int64(n); b.read > b.most {
		return 0, &fanout.Refusal{Status: http.StatusRequestEntityTooLarge, Code: "copy.too_large",
			Detail: fmt.Sprintf("a copy has at most %d MB here; nothing of it was kept. Send it in parts, each under its own name", b.most>>20)}
	}
	return n, err
}

// freeIn is how many bytes are free on the disk of a directory.
func freeIn(dir string) func() (uint64, error) {
	return func() (uint64, error) {
		var s unix.Statfs_t
		err := unix.Statfs(dir, &s)
		return uint64(s.Bavail) * uint64(s.Bsize), err
	}
}
