package casebook

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Case returns the head of a case. ErrUnknown if it was not opened.
func Case(r Reader, id events.EventID) (*Head, error) {
	h, err := headOf(r, id)
	if err != nil {
		return nil, err
	}
	if h == nil {
		return nil, fmt.Errorf("look up case: %w", ErrUnknown)
	}
	h.Tasks, err = readTally(r, id)
	return h, err
}

// CaseByNumber returns the head of the case that was opened as the nth.
func CaseByNumber(r Reader, n uint32) (*Head, error) {
	v, ok, err := r.Get(headKey(n))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("look up case number %d: %w", n, ErrUnknown)
	}
	h, err := parseHead(r, headKey(n), v)
	if err != nil {
		return nil, err
	}
	h.Tasks, err = readTally(r, h.ID)
	return h, err
}

// MinPrefix is how many digits of an id it takes to ask for it.
const MinPrefix = 6

// FindCase returns the id of the one case whose id, as String writes it, begins
// so. ErrUnknown and ErrAmbiguous if there is none, or are several. What is too
// short, or no hexadecimal number, is of no case.
func FindCase(r Reader, prefix string) (events.EventID, error) {
	id, err := find(r, rowCase, prefix)
	if err != nil {
		return id, fmt.Errorf("look up case: %w", err)
	}
	return id, nil
}

// FindTask does the same for tasks.
func FindTask(r Reader, prefix string) (events.EventID, error) {
	id, err := find(r, rowTask, prefix)
	if err != nil {
		return id, fmt.Errorf("look up task: %w", err)
	}
	return id, nil
}

func find(r Reader, row byte, prefix string) (id events.EventID, err error) {
	whole, err := hex.DecodeString(prefix[:len(prefix)&^1])
	if err != nil || len(prefix) < MinPrefix || len(prefix) > 2*len(id) {
		return id, ErrUnknown
	}
	found := 0
	err = r.Scan(key(row, whole), nil, func(k, _ []byte) error {
		if len(k) != 18 {
			return errKey
		}
		own := events.EventID(k[2:])
		if own.String()[:len(prefix)] != prefix {
			return nil
		}
		id = own
		if found++; found > 1 {
			return inventory.ErrStop
		}
		return nil
	})
	switch {
	case err != nil:
		return events.EventID{}, err
	case found == 0:
		return events.EventID{}, ErrUnknown
	case found > 1:
		return events.EventID{}, ErrAmbiguous
	}
	return id, nil
}

// FactOf returns the fact that counts as a version of a case: whoever appended
// one reads here whether it was taken. ErrUnknown if there is none yet.
func FactOf(r Reader, id events.EventID, version uint32) (*Fact, error) {
	return factAt(r, factKey(id, version))
}

// TaskFactOf returns the fact that counts as a version of a task.
func TaskFactOf(r Reader, id events.EventID, version uint32) (*Fact, error) {
	return factAt(r, taskFactKey(id, version))
}

func factAt(r Reader, k []byte) (*Fact, error) {
	v, ok, err := r.Get(k)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("look up fact: %w", ErrUnknown)
	}
	return parseFact(r, k, v)
}

// Facts lists what counts of a case, in the order of versions: none, if it was
// not opened.
func Facts(r Reader, id events.EventID) ([]Fact, error) { return facts(r, key(rowFact, id[:])) }

// TaskFacts lists what counts of a task, in the order of versions.
func TaskFacts(r Reader, id events.EventID) ([]Fact, error) {
	return facts(r, key(rowTaskFact, id[:]))
}

func facts(r Reader, prefix []byte) (out []Fact, err error) {
	err = r.Scan(prefix, nil, func(k, v []byte) error {
		f, err := parseFact(r, k, v)
		if err == nil {
			out = append(out, *f)
		}
		return err
	})
	return out, err
}

// TaskOf returns a task. ErrUnknown if there is none of that id.
func TaskOf(r Reader, id events.EventID) (*Task, error) {
	t, err := taskOf(r, id)
	if err == nil && t == nil {
		err = fmt.Errorf("look up task: %w", ErrUnknown)
	}
	return t, err
}

// TasksOf lists the tasks of a case, or of the batch of a disposal, in the order
// in which they were planned.
func TasksOf(r Reader, of events.EventID) ([]Task, error) {
	var ids []events.EventID
	err := r.Scan(key(rowOfCase, of[:]), nil, func(k, _ []byte) error {
		if len(k) != 34 {
			return errKey
		}
		ids = append(ids, events.EventID(k[18:]))
		return nil
	})
	if err != nil {
		return nil, err
	}
	out, err := tasks(r, ids)
	slices.SortFunc(out, func(a, b Task) int { return a.First.Compare(b.First) })
	return out, err
}

// AskedOf is TasksOf without those that the case never asked for.
func AskedOf(r Reader, of events.EventID) ([]Task, error) {
	list, err := TasksOf(r, of)
	return slices.DeleteFunc(list, func(t Task) bool { return t.Abandoned() }), err
}

// TallyOf counts the tasks of a case, or of the batch of a disposal, by state.
func TallyOf(r Reader, of events.EventID) (Tally, error) { return readTally(r, of) }

// OpenTasks lists at most most tasks that a system is not done with, by the day
// on which they were planned, then by their ids, from after (left out; the zero
// id begins at the beginning). ErrUnknown if there is no task after.
func OpenTasks(r Reader, system events.Code, after events.EventID, most int) ([]Task, error) {
	p := systemPrefix(system)
	var start []byte
	if !after.IsZero() {
		t, err := TaskOf(r, after)
		if err != nil {
			return nil, err
		}
		start = append(append(bytes.Clone(p), four(dayOf(t.Planned))...), after[:]...)
	}
	var ids []events.EventID
	err := entries(r, p, start, len(p)+20, func(k []byte) error {
		if len(ids) == most {
			return inventory.ErrStop
		}
		if !bytes.Equal(k, start) {
			ids = append(ids, events.EventID(k[len(k)-16:]))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return tasks(r, ids)
}

// Systems lists those that are not done with some task, in the order of length,
// then of codes.
func Systems(r Reader) (out []events.Code, err error) {
	p := key(rowSystem)
	err = buckets(r, p, p, func(bucket []byte, _ uint32) error {
		if len(bucket) < 3 || len(bucket) != 3+int(bucket[2])+4 {
			return errKey
		}
		if c := events.Code(bucket[3 : 3+bucket[2]]); len(out) == 0 || out[len(out)-1] != c {
			out = append(out, c)
		}
		return nil
	})
	return out, err
}

func tasks(r Reader, ids []events.EventID) (out []Task, err error) {
	for _, id := range ids {
		t, err := TaskOf(r, id)
		if err != nil {
			return nil, err
		}
		out = append(out, *t)
	}
	return out, nil
}

// A Due is a task and when the moment of the list comes for it.
type Due struct {
	Task Task
	At   events.Instant
}

// TasksDue lists at most most tasks for which a moment comes before an instant,
// the earliest first. after is the last that was seen (left out); nil begins at
// the beginning. A task stays in the list until a fact of it says otherwise.
func TasksDue(r Reader, m Moment, before events.Instant, after *Due, most int) (out []Due, err error) {
	prefix := key(rowMoment, []byte{byte(m)})
	var start []byte
	if after != nil {
		start = momentKey(m, after.At, after.Task.ID)
	}
	var ids []events.EventID
	err = entries(r, prefix, start, momentKeyLen, func(k []byte) error {
		at := parseInstant8(k[7:])
		if at >= before || len(out) == most {
			return inventory.ErrStop
		}
		if !bytes.Equal(k, start) {
			out, ids = append(out, Due{At: at}), append(ids, events.EventID(k[15:]))
		}
		return nil
	})
	for i, id := range ids {
		t, e := TaskOf(r, id)
		if e != nil {
			return nil, e
		}
		out[i].Task = *t
	}
	return out, err
}

// CountDue counts the tasks for which a moment comes before an instant.
func CountDue(r Reader, m Moment, before events.Instant) (n int, err error) {
	prefix := key(rowMoment, []byte{byte(m)})
	if n, err = days(r, prefix, dayOf(before)); err != nil {
		return 0, err
	}
	err = entries(r, prefix, momentKey(m, before, events.EventID{})[:7], momentKeyLen, func(k []byte) error {
		if parseInstant8(k[7:]) >= before {
			return inventory.ErrStop
		}
		n++
		return nil
	})
	return n, err
}

// CountOverdue counts the cases whose person waits for an answer and that were
// due before a day.
func CountOverdue(r Reader, day events.Date) (n int, err error) {
	for _, s := range StatusesOf(ToAnswer) {
		late, err := days(r, key(rowDue, []byte{byte(s)}), uint32(day))
		if err != nil {
			return 0, err
		}
		n += late
	}
	return n, nil
}

// Counts counts cases by status and tasks by state.
func Counts(r Reader) (*Totals, error) { return readTotals(r) }
