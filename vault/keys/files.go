package keys

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/internal/atomicfile"
)

func keyFile(epoch uint32) string  { return fmt.Sprintf("epoch-%010d.key", epoch) }
func baseFile(epoch uint32) string { return fmt.Sprintf("table-%010d.base", epoch) }
func logFile(epoch uint32) string  { return fmt.Sprintf("table-%010d.log", epoch) }

const currentFile = "current"

var epochFile = regexp.MustCompile(`^(?:epoch-([0-9]{10})\.key|table-([0-9]{10})\.(?:base|log))(\.new)?$`)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkMode refuses a directory or file that others may read or change.
func checkMode(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if perm := st.Mode().Perm(); perm&0o077 != 0 {
		return fmt.Errorf("%s has mode %04o; take the rights of group and others away (chmod go= %s): %w", path, perm, path, ErrExposed)
	}
	return nil
}

// writeFile makes the file durable under its name or leaves the former one. A
// crash leaves a .new file, which the next Open destroys.
func writeFile(dir, name string, b []byte) error {
	return atomicfile.Write(filepath.Join(dir, name), b)
}

// destroyFile overwrites a file before it unlinks it. On flash storage and on
// copying file systems the old bytes may survive that; see docs/security.md.
func destroyFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	st, err := f.Stat()
	if err == nil {
		zero := make([]byte, 64<<10)
		for n := st.Size(); n > 0 && err == nil; n -= int64(len(zero)) {
			_, err = f.Write(zero[:min(n, int64(len(zero)))])
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Remove(path)
}

// destroyOthers destroys every file of an epoch other than keep, keys first: a
// base without its key is unreadable already.
func destroyOthers(dir string, keep uint32) error {
	names, err := epochFiles(dir)
	if err != nil {
		return err
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(a, b) }) // "epoch-" before "table-"
	n := 0
	for _, name := range names {
		if epoch, unfinished := parseEpoch(name); epoch == keep && !unfinished {
			continue
		}
		if err := destroyFile(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("destroy %s: %w", filepath.Join(dir, name), err)
		}
		n++
	}
	if n == 0 {
		return nil
	}
	return atomicfile.SyncDir(dir)
}

func epochFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if epochFile.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func parseEpoch(name string) (epoch uint32, unfinished bool) {
	m := epochFile.FindStringSubmatch(name)
	n, _ := strconv.ParseUint(m[1]+m[2], 10, 32)
	return uint32(n), m[3] != ""
}

// current is the text of the file that names the epoch in force.
func encodeCurrent(v VaultID, epoch uint32) []byte {
	return fmt.Appendf(nil, "habeas vault keys 1\nvault %x\nepoch %d\n", v[:], epoch)
}

func decodeCurrent(b []byte) (v VaultID, epoch uint32, err error) {
	var id string
	if _, err := fmt.Sscanf(string(b), "habeas vault keys 1\nvault %32s\nepoch %d\n", &id, &epoch); err != nil {
		return v, 0, fmt.Errorf("read the file %s: want its three lines: %w", currentFile, ErrDamaged)
	}
	if raw, err := hex.DecodeString(id); err == nil && len(raw) == len(v) {
		copy(v[:], raw)
	}
	if epoch == 0 || !bytes.Equal(encodeCurrent(v, epoch), b) {
		return v, 0, fmt.Errorf("read the file %s: want its three lines: %w", currentFile, ErrDamaged)
	}
	return v, epoch, nil
}

func readCurrent(dir string) (VaultID, uint32, error) {
	path := filepath.Join(dir, currentFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return VaultID{}, 0, fmt.Errorf("%s: %w: bring the key directory back from one of its copies; without it nothing in the vault can be read", dir, ErrMissing)
	}
	if err != nil {
		return VaultID{}, 0, err
	}
	if err := checkMode(path); err != nil {
		return VaultID{}, 0, err
	}
	return decodeCurrent(b)
}
