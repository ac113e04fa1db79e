package catalogue

import (
	"fmt"
	"slices"
	"strings"
)

// An Error is one fault of a catalogue.
type Error struct {
	File string
	Line int // 1-based; 0 where the fault is of the whole file
	Text string
}

func (e Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// Errors are all the faults of one catalogue, in the order of its lines.
type Errors []Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, x := range e {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// loader gathers the faults of one file and remembers where values stood.
type loader struct {
	file   string
	faults Errors
	lines  map[any]int // pointer to a decoded value -> its line
	// printed keeps how a code was written, where case folding changed it.
	printed map[any]string
	// refused are values that stood in the file and were not taken: they have a
	// fault already, and "missing" would hide it.
	refused map[any]bool
}

func newLoader(file string) *loader {
	return &loader{file: file, lines: map[any]int{}, printed: map[any]string{}, refused: map[any]bool{}}
}

func (l *loader) fail(line int, format string, a ...any) {
	l.faults = append(l.faults, Error{l.file, line, fmt.Sprintf(format, a...)})
}

// failAt reports a fault of the value that p points to.
func (l *loader) failAt(p any, format string, a ...any) { l.fail(l.lines[p], format, a...) }

func (l *loader) err() error {
	if len(l.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(l.faults, func(a, b Error) int { return a.Line - b.Line })
	return l.faults
}
