package runs

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/internal/atomicfile"
)

// The manifest lists the runs that count, oldest first, a line each, after a
// line that says what it is and before one with the CRC-32C of all before it:
//
//	habeas runs 1
//	next 7
//	run 4 16384
//	run 6 4096
//	sum 1a2b3c4d
//
// A run is its number and its size in bytes; next is the number of the next one.
const manifestName, manifestHead = "MANIFEST", "habeas runs 1"

type manifest struct {
	next uint64
	runs []listed
}

type listed struct {
	id   uint64
	size int64
}

func (m *manifest) append(b []byte) []byte {
	b = fmt.Appendf(b, "%s\nnext %d\n", manifestHead, m.next)
	for _, r := range m.runs {
		b = fmt.Appendf(b, "run %d %d\n", r.id, r.size)
	}
	return fmt.Appendf(b, "sum %08x\n", crc32.Checksum(b, castagnoli))
}

func parseManifest(b []byte) (*manifest, error) {
	bad := func(what string) (*manifest, error) {
		return nil, fmt.Errorf("%w: %s: %s", ErrDamaged, manifestName, what)
	}
	text := string(b)
	if !strings.HasPrefix(text, manifestHead+"\n") {
		return bad("it was written by another build, or is damaged")
	}
	i := strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n") + 1
	if fmt.Sprintf("sum %08x\n", crc32.Checksum(b[:i], castagnoli)) != text[i:] {
		return bad("it does not match its checksum")
	}
	lines := strings.Split(strings.TrimSuffix(text[:i], "\n"), "\n")
	m := new(manifest)
	for _, line := range lines[1:] {
		f := strings.Fields(line)
		if len(f) < 2 {
			return bad("a line is not known here")
		}
		n, err := strconv.ParseUint(f[1], 10, 64)
		switch {
		case err == nil && f[0] == "next" && len(f) == 2:
			m.next = n
		case err == nil && f[0] == "run" && len(f) == 3:
			var size int64
			size, err = strconv.ParseInt(f[2], 10, 64)
			m.runs = append(m.runs, listed{n, size})
		default:
			return bad("a line is not known here")
		}
		if err != nil {
			return bad("a line is not known here")
		}
	}
	return m, nil
}

// readManifest returns the manifest of a directory; nil if there is none.
func readManifest(dir string) (*manifest, error) {
	b, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseManifest(b)
}

func writeManifest(dir string, m *manifest) error {
	return atomicfile.Write(filepath.Join(dir, manifestName), m.append(nil))
}

// sweep removes the files of runs that the manifest does not name: a crash left
// them before it was written, or after.
func sweep(dir string, m *manifest) error {
	found, err := os.ReadDir(dir) // not a pattern, in which a dir's own name may mean something
	if err != nil {
		return err
	}
	listed := make(map[string]bool)
	if m != nil {
		for _, r := range m.runs {
			listed[runPath(dir, r.id)] = true
		}
	}
	for _, f := range found {
		if name := filepath.Join(dir, f.Name()); strings.HasPrefix(f.Name(), "run-") && !listed[name] {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return err
}
