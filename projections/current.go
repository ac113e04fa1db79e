package projections

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/internal/atomicfile"
)

// <data>/map holds one directory per build of the map, numbered, and the file
// CURRENT that names the one in use.

const currentFile = "CURRENT"

// currentDir returns the directory in use, and begins with the first.
func currentDir(root string) (string, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return "", err
	}
	n, err := readCurrent(root)
	if errors.Is(err, os.ErrNotExist) {
		// A crash between the two steps leaves a CURRENT that names nothing yet;
		// the next Open makes the directory, and the journal fills it.
		n, err = 1, writeCurrent(root, 1)
	}
	if err != nil {
		return "", err
	}
	return buildDir(root, n), nil
}

func buildDir(root string, n int) string { return filepath.Join(root, fmt.Sprintf("%06d", n)) }

func readCurrent(root string) (int, error) {
	b, err := os.ReadFile(filepath.Join(root, currentFile))
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(string(b), "\n"))
	if err != nil || n < 1 || string(b) != fmt.Sprintf("%06d\n", n) {
		return 0, fmt.Errorf("%w: %s does not name a build", ErrRebuildNeeded, currentFile)
	}
	return n, nil
}

// writeCurrent switches to a build in one step: a crash before the rename
// leaves the old build in use, after it the new one.
func writeCurrent(root string, n int) error {
	return atomicfile.Write(filepath.Join(root, currentFile), fmt.Appendf(nil, "%06d\n", n))
}

// builds lists the numbered directories.
func builds(root string) ([]int, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	var out []int
	for _, e := range entries {
		n, err := strconv.Atoi(e.Name())
		if err == nil && e.IsDir() && buildDir(root, n) == filepath.Join(root, e.Name()) {
			out = append(out, n)
		}
	}
	return out, nil
}

// removeLeftovers removes every build but the one in use.
func removeLeftovers(root, keep string) error {
	all, err := builds(root)
	for _, n := range all {
		if dir := buildDir(root, n); dir != keep {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}
	return err
}
