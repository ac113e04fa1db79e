// Package atomicfile replaces a file in one step: whoever opens the name sees
// the old contents or the new ones, whole, whatever the power does in between.
//
// It owns the order of write, sync, rename and sync of the folder, and the names
// of the files on the way. It knows nothing of what it writes and may never
// leave a half-written file under the name asked for. It upholds the part of I2
// that concerns files beside the journal: durable means that Write or Commit has
// returned nil.
//
// A crash can leave a file on the way, which no reader takes for the file itself:
// NAME.new of Write, which the next Write of the same name replaces, and
// .NAME.new-* of Create. Leftover says of a name that it is one of these.
package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/habeas-data/habeas/internal/failpoint"
)

const suffix = ".new"

// Mode is the mode of every file that is written here.
const Mode = 0o600

// Write replaces path by b, mode 0600, and returns once both the contents and
// the name are on disk. One writer of a path at a time: the caller holds the
// lock of whatever the file belongs to. On an error the former file stands,
// unless the error came from the last step: then either may.
func Write(path string, b []byte) error {
	// A file of a crashed writer is truncated; nobody reads it.
	f, err := os.OpenFile(path+suffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, Mode)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	w := &File{File: f, path: path}
	defer w.Abort()
	if err := f.Chmod(Mode); err != nil { // it may have had another
		return fmt.Errorf("write %s: %w", path, err)
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return w.Commit()
}

// A File is being written beside the path it will have. One goroutine owns it.
type File struct {
	*os.File
	path string
	over bool // committed or given up
}

// Create begins a file that Commit will put at path. Several may be begun for
// one path; the last to commit stands.
func Create(path string) (*File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+suffix+"-*")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return &File{File: f, path: path}, nil
}

// Commit makes the file durable under its path.
func (f *File) Commit() error {
	if f.over {
		return fmt.Errorf("write %s: %w", f.path, os.ErrClosed)
	}
	base := filepath.Base(f.path)
	err := f.Sync()
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: sync: %w", f.path, err)
	}
	// A crash here leaves the file on the way; the former file stands.
	failpoint.Hit("atomicfile.synced:" + base)
	if err := os.Rename(f.Name(), f.path); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	f.over = true
	// A crash here shows the new file; after a power cut it may show the former
	// one again, and the caller has not been told yet that the new one stands.
	failpoint.Hit("atomicfile.renamed:" + base)
	if err := SyncDir(filepath.Dir(f.path)); err != nil {
		return fmt.Errorf("write %s: sync its folder: %w", f.path, err)
	}
	return nil
}

// Abort removes what was not committed. After Commit it does nothing.
func (f *File) Abort() {
	if f.over {
		return
	}
	f.over = true
	_ = f.Close() // twice is fine; nothing of it is kept
	_ = os.Remove(f.Name())
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Leftover reports whether a name is that of a file on the way, which has no
// place among the files of a folder.
func Leftover(name string) bool {
	return strings.HasSuffix(name, suffix) || strings.HasPrefix(name, ".") && strings.Contains(name, suffix+"-")
}
