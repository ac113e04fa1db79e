package events

import (
	"errors"
	"fmt"
	"strings"
)

// IsCase reports whether the kind is a fact of a case or of a task.
func (k Kind) IsCase() bool { return k == CaseRecorded || k == TaskRecorded }

// What facts of cases and tasks carry, by the names of the record form. No
// handle is among it: whom a case is about stands in its sealed bodies alone.
const (
	caseCarries = " id source time flags of count why date note review channels condition from to "
	taskCarries = " id source time flags of count why date note digest scope_system condition recipient since through evidence "
)

// CheckCase reports what makes a fact of a case or a task unfit to count: a part
// that is missing, or one that such a fact may not carry.
func (e *Event) CheckCase() error {
	if err := e.checkCase(); err != nil {
		return fmt.Errorf("check %s: %w", e.Kind, err)
	}
	return nil
}

func (e *Event) checkCase() error {
	switch {
	case !e.Kind.IsCase():
		return errors.New("it is no fact of a case")
	case e.Of.IsZero():
		return errors.New("want the case in of")
	case e.Count == 0:
		return errors.New("want the version in count, from 1 on")
	case e.Why == "":
		return errors.New("want the act, or the state, in why")
	case e.Kind == TaskRecorded && e.Digest.IsZero():
		return errors.New("want the task in digest")
	case e.Flags&^Simulated != 0:
		return errors.New("it carries no flag but that of a simulated clock")
	}
	carries := caseCarries
	if e.Kind == TaskRecorded {
		carries = taskCarries
	}
	w := writer{s: anySymbol{}}
	w.event(e)
	if w.err != nil {
		return w.err
	}
	// What was written is read back for the fields that stand there.
	r := reader{b: w.b[2:], n: anySymbol{}}
	for into := (Event{}); len(r.b) > 0; {
		f := fieldByTag[r.b[0]]
		if !strings.Contains(carries, " "+f.name+" ") {
			return fmt.Errorf("it does not carry %s", f.name)
		}
		r.b = r.b[1:]
		if f.get(&r, &into); r.err != nil {
			return fmt.Errorf("field %s: %w", f.name, r.err)
		}
	}
	return nil
}

// anySymbol numbers codes for bytes that nobody keeps.
type anySymbol struct{}

func (anySymbol) Symbol(Code) uint64 { return 1 }

// Name stands for any code.
func (anySymbol) Name(uint64) (Code, error) { return Undeclared, nil }
