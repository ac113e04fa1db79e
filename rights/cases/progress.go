package cases

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/events"
)

func micros(d time.Duration) events.Instant { return events.Instant(d.Microseconds()) }

// A StateRow says one state of a task.
type StateRow struct {
	State TaskState
	Says  string
	// Proven is said of verified alone; Settles is set on the named states that a
	// person can take as the end.
	Proven, Settles bool
	Next            []TaskState
}

// TaskStates lists the states and what may come after each.
func TaskStates() []StateRow {
	all := []TaskState{TaskSent, TaskAccepted, TaskVerified, TaskPartly, TaskUnverifiable, TaskKept, TaskRefused, TaskFailed, TaskManual, TaskImpossible, TaskOutOfScale, TaskPlanned}
	chosen := []TaskState{TaskPlanned, TaskImpossible, TaskOutOfScale}
	open := slices.DeleteFunc(slices.Clone(all), func(s TaskState) bool { return s == TaskSent })
	return []StateRow{
		{TaskPlanned, "waits to be taken", false, false, all},
		{TaskSent, "somebody has it", false, false, all},
		{TaskAccepted, "said to be done, or taken and not finished; nobody has looked again", false, false, all},
		{TaskVerified, "a later look found it so; a notice was acknowledged; a copy is here", true, false, nil},
		{TaskPartly, "some of it was done", false, true, all},
		{TaskUnverifiable, "said to be done, and nobody can look", false, true, chosen},
		{TaskKept, "kept by whoever has it, by a law that they named", false, true, open},
		{TaskRefused, "it is not going to be done", false, true, open},
		{TaskFailed, "it could not be done, or a look found what was said to be gone", false, true, open},
		{TaskManual, "a person has to do it, unless the target comes to claim it", false, false, all},
		{TaskImpossible, "it cannot be done, such as calling back what was printed", false, true, chosen},
		{TaskOutOfScale, "it would take an effort out of all proportion (Article 19)", false, true, chosen},
	}
}

var stateRows = TaskStates()

func stateRow(s TaskState) (StateRow, bool) {
	i := slices.IndexFunc(stateRows, func(r StateRow) bool { return r.State == s })
	if i < 0 {
		return StateRow{}, false
	}
	return stateRows[i], true
}

// A Progress says how far the tasks of a case are.
type Progress struct {
	Total  int
	States map[TaskState]int
	// Missing are those that are neither proven nor ended in a state that a person
	// accepted, in the order of their ids; Person are those among them at which
	// nothing happens unless a person acts.
	Missing []Task
	Person  int
	Done    bool
}

// Complete says how far the tasks are. Erased may be said of what is verified, and
// of nothing else (I8).
func Complete(tasks []Task) Progress {
	p := Progress{Total: len(tasks), States: map[TaskState]int{}}
	for _, t := range tasks {
		if t.Abandoned() {
			p.Total--
			continue
		}
		p.States[t.State]++
		if t.Ended() {
			continue
		}
		p.Missing = append(p.Missing, t)
		if t.WaitsForPerson() {
			p.Person++
		}
	}
	slices.SortFunc(p.Missing, func(a, b Task) int { return slices.Compare(a.ID[:], b.ID[:]) })
	p.Done = len(p.Missing) == 0
	return p
}

// Erased reports whether it may be said of a task that the data is gone.
func (t *Task) Erased() bool {
	return t.Proven() && t.Verb == VerbErase && t.Detail == DetailFoundNothing
}

// ErrTask is returned for facts that no task can have.
var ErrTask = errors.New("the facts of the task do not fit together")

// FoldTask makes a task of its facts.
func FoldTask(facts []TaskFact) (Task, error) {
	var t Task
	for i := range facts {
		n := facts[i].Task
		switch {
		case n.Version != t.Version+1:
			return Task{}, fmt.Errorf("%w: version %d comes after version %d", ErrTask, n.Version, t.Version)
		case i > 0 && n.ID != t.ID:
			return Task{}, fmt.Errorf("%w: version %d is of another task", ErrTask, n.Version)
		}
		row, ok := stateRow(n.State)
		if !ok {
			return Task{}, fmt.Errorf("%w: version %d: there is no state %q", ErrTask, n.Version, n.State)
		}
		if last, ok := stateRow(t.State); i > 0 && (!ok || n.State != t.State && !slices.Contains(last.Next, row.State)) {
			return Task{}, fmt.Errorf("%w: version %d: %s cannot follow %s", ErrTask, n.Version, n.State, t.State)
		}
		n.System, n.Verb, n.Recipient = cmp.Or(n.System, t.System), cmp.Or(n.Verb, t.Verb), cmp.Or(n.Recipient, t.Recipient)
		n.ActBefore = cmp.Or(n.ActBefore, t.ActBefore)
		n.Attempts = t.Attempts
		if n.State == TaskSent {
			n.Attempts++
		}
		t = n
	}
	if t.Version == 0 {
		return Task{}, fmt.Errorf("%w: there are none", ErrTask)
	}
	return t, nil
}
