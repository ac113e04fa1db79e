package casebook

import (
	"github.com/habeas-data/habeas/events"
)

// The states of tasks that this package knows, by number: add at the end, never
// reorder. Number 0 is every state that is not listed.
var states = [...]struct {
	state events.Code
	ended bool // the system has nothing left to do
}{
	{},
	{"planned", false},
	{"sent", false},
	{"accepted", false},
	{"verified", true},
	{"partly", false},
	{"accepted_unverifiable", true},
	{"kept_lawful", true},
	{"refused", true},
	{"failed", false},
	{"manual_waiting", false},
	{"impossible", true},
	{"disproportionate", true},
}

const stateSent events.Code = "sent"

func stateIndex(s events.Code) int {
	for i := range states {
		if i > 0 && states[i].state == s {
			return i
		}
	}
	return 0
}

// Ended reports whether a task in the state needs nothing more from its system.
// A state that is not known has not ended: nothing gets lost by that.
func Ended(s events.Code) bool { return states[stateIndex(s)].ended }

// A Tally counts tasks by state, in the order of States; element 0 counts those
// in a state that is not known.
type Tally [len(states)]uint32

// States lists the states that are known.
func States() (out []events.Code) {
	for _, s := range states[1:] {
		out = append(out, s.state)
	}
	return out
}

// In counts the tasks in a state; the empty one stands for all that are unknown.
func (t *Tally) In(s events.Code) uint32 { return t[stateIndex(s)] }

// Total counts them all.
func (t *Tally) Total() (n uint32) {
	for _, x := range t {
		n += x
	}
	return n
}

// Unended counts those that have not ended.
func (t *Tally) Unended() (n uint32) {
	for i, x := range t {
		if !states[i].ended {
			n += x
		}
	}
	return n
}

// move counts a task that comes from one state into another; the empty state is
// before the first.
func (t *Tally) move(from, to events.Code, first bool) {
	if !first {
		t[stateIndex(from)]--
	}
	t[stateIndex(to)]++
}
