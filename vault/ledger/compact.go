package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/habeas-data/habeas/events"
)

// Compact writes the ledger anew with the records that keep wants, and returns
// its new size and how many it dropped. The former file is unlinked.
func (l *Ledger) Compact(keep func(at events.Instant, body []byte) bool) (size int64, dropped int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped != nil {
		return 0, 0, l.stopped
	}
	b := make([]byte, l.size)
	if _, err := l.f.ReadAt(b, 0); err != nil {
		return 0, 0, fmt.Errorf("read %s: %w", l.path, err)
	}
	out := bytes.Clone(b[:headerSize])
	last := l.chain([macSize]byte{}, out)
	if _, _, err := l.scan(b, func(_ int64, at events.Instant, body []byte) error {
		if !keep(at, body) {
			dropped++
			return nil
		}
		out, last = l.record(out, last, at, body)
		return nil
	}); err != nil || dropped == 0 {
		return l.size, 0, err
	}
	// A crash before the rename leaves the former ledger, after it the new one.
	if err := replace(filepath.Dir(l.path), out); err != nil {
		return 0, 0, fmt.Errorf("compact %s: %w", l.path, err)
	}
	f, err := os.OpenFile(l.path, os.O_RDWR, 0)
	if err != nil {
		l.stopped = fmt.Errorf("compact %s: %w", l.path, err)
		return 0, 0, l.stopped
	}
	err = l.f.Close()
	l.f, l.size, l.last = f, int64(len(out)), last
	return l.size, dropped, err
}

func replace(dir string, b []byte) error {
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
