package keys

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A Location is one place that holds a copy of the key directory.
type Location struct {
	Path   string
	Epochs []uint32 // whose keys are there, ascending
	// Behind says why the copy is not up to date, if it is not.
	Behind error
}

// Old lists the epochs other than current whose keys the location still holds:
// what was forgotten before the rotation that ended them can be read there.
func (l Location) Old(current uint32) []uint32 {
	return slices.DeleteFunc(slices.Clone(l.Epochs), func(e uint32) bool { return e == current })
}

// Locations looks at every declared location, the key directory first.
func (d *Dir) Locations() []Location {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []Location
	for _, dir := range d.cfg.locations() {
		l := Location{Path: dir, Behind: d.behind[dir]}
		names, err := epochFiles(dir)
		if err != nil {
			l.Behind = fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		for _, name := range names {
			// A table without its key cannot be read, so only keys count.
			if e, _ := parseEpoch(name); name[0] == 'e' && !slices.Contains(l.Epochs, e) {
				l.Epochs = append(l.Epochs, e)
			}
		}
		slices.Sort(l.Epochs)
		all = append(all, l)
	}
	return all
}

// ship copies the epoch in force to a location and reads it back. The file that
// names the epoch comes last. The caller holds mu or is alone.
func (d *Dir) ship(dir string) error {
	if err := d.shipEpoch(dir, d.table.Epoch); err != nil {
		return err
	}
	return d.switchTo(dir, d.table.Epoch)
}

func (d *Dir) shipEpoch(dir string, epoch uint32) error {
	if err := checkMode(dir); err != nil {
		return err
	}
	for _, name := range []string{logFile(epoch), baseFile(epoch), keyFile(epoch)} {
		b, err := os.ReadFile(filepath.Join(d.cfg.Dir, name))
		if err != nil {
			return err
		}
		if err := writeFile(dir, name, b); err != nil {
			return err
		}
		back, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if !bytes.Equal(b, back) {
			return fmt.Errorf("%s was written and reads back differently", filepath.Join(dir, name))
		}
	}
	return nil
}

func (d *Dir) switchTo(dir string, epoch uint32) error {
	return writeFile(dir, currentFile, encodeCurrent(d.table.Vault, epoch))
}

// mend brings a location up to date at Open, and destroys what it should no
// longer hold. It never creates the location: one that is missing may be a disk
// that is not mounted.
func (d *Dir) mend(dir string) error {
	vault, _, err := readCurrent(dir)
	if err != nil && !errors.Is(err, ErrMissing) {
		return err
	}
	if err == nil && vault != d.table.Vault {
		return ErrOtherVault
	}
	if same, err := d.holdsAll(dir); err != nil || !same {
		if err := d.ship(dir); err != nil {
			return err
		}
	}
	return destroyOthers(dir, d.table.Epoch)
}

// holdsAll reports whether a location has the epoch in force to the last byte.
// Files that cannot be read count as different: shipping says why.
func (d *Dir) holdsAll(dir string) (bool, error) {
	if err := checkMode(dir); err != nil {
		return false, err
	}
	e := d.table.Epoch
	for _, name := range []string{currentFile, keyFile(e), baseFile(e), logFile(e)} {
		want, err := os.ReadFile(filepath.Join(d.cfg.Dir, name))
		if err != nil {
			return false, err
		}
		if have, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(have, want) || checkMode(filepath.Join(dir, name)) != nil {
			return false, nil
		}
	}
	return true, nil
}

// shipChange appends a record to a copy. A copy that cannot follow is marked
// and mended by the next Open or Rotate; the change itself stands.
func (d *Dir) shipChange(dir string, rec []byte) {
	err := d.behind[dir]
	if err == nil {
		err = appendAt(filepath.Join(dir, logFile(d.table.Epoch)), d.size-int64(len(rec)), rec)
	} else {
		err = d.mend(dir)
	}
	if err != nil {
		d.cfg.Logger.Warn("a key location missed a change of the key table; it is brought up to date when it can be reached again", "location", dir, "err", err)
		d.behind[dir] = err
		return
	}
	delete(d.behind, dir)
}

func appendAt(path string, at int64, rec []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	st, err := f.Stat()
	if err == nil && st.Size() != at {
		err = fmt.Errorf("%s has %d bytes, want %d", path, st.Size(), at)
	}
	if err == nil {
		_, err = f.WriteAt(rec, at)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Stats are the counters of the key table.
type Stats struct {
	Epoch            uint32
	Began            events.Instant
	Seq              uint64
	Forgotten, Fresh uint64
	Nodes            int // held in both trees
	KEK              string
}

// Stats returns the counters of the key table.
func (d *Dir) Stats() Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.table
	return Stats{t.Epoch, t.Began, t.Seq, t.Forgotten, t.Fresh, t.Entries.Len() + t.Routes.Len(), d.cfg.KEK.Name()}
}
