package casebook

import (
	"github.com/habeas-data/habeas/events"
)

// The states of tasks that this package knows, by number: add at the end, never
// reorder. Number 0 is every state that is not listed.
var states = [...]events.Code{"", "planned", "sent", "accepted", "verified", "partly", "accepted_unverifiable", "kept_lawful", "refused", "failed",
	"manual_waiting", "impossible", "disproportionate"}

const stateSent events.Code = "sent"

func stateIndex(s events.Code) int {
	for i := range states {
		if i > 0 && states[i] == s {
			return i
		}
	}
	return 0
}

// Details that end a task: a person took its state as the end, or no case asks for
// it; and the one of what was impossible from the start.
const (
	detailSettled   events.Code = "settled"
	detailAbandoned events.Code = "abandoned"
	detailBorn      events.Code = "born"
	stateVerified   events.Code = "verified"
	stateImpossible events.Code = "impossible"
)

// A Tally counts tasks by state, in the order of States; element 0 counts those
// in a state that is not known.
type Tally [len(states)]uint32

// States lists the states that are known.
func States() (out []events.Code) {
	return append(out, states[1:]...)
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

// add counts a task; one that no case asks for counts in no state.
func (t *Tally) add(x *Task) {
	if !x.Abandoned() {
		t[stateIndex(x.State)]++
	}
}
