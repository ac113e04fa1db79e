package casebook

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A Status is where a case stands: as of its last fact, in the word of whoever
// wrote it. What follows from which acts is for the rights to say.
type Status uint8

// The statuses. The numbers are part of the rows: never reorder, never reuse.
const (
	Unnamed  Status = iota // of no word that this package knows
	Waiting                // for identity, authority, a fee or a clarification
	Open                   // to be assessed, decided or approved
	Approved               // by the second person; nothing was done yet
	Running                // tasks were given out
	Answered               // the person was answered; tasks may be under way
	Complete               // answered, and every task ended
	Refused                // the whole of it, and the person was told
	Withdrawn
	Duplicate
	Closed
)

var statusWords = [...]events.Code{Unnamed: "unnamed", Waiting: "waiting", Open: "open", Approved: "approved", Running: "running", Answered: "answered",
	Complete: "complete", Refused: "refused", Withdrawn: "withdrawn", Duplicate: "duplicate", Closed: "closed"}

func (s Status) String() string {
	if int(s) >= len(statusWords) {
		s = Unnamed
	}
	return string(statusWords[s])
}

// ParseStatus reads the word written by String; false, if it is none.
func ParseStatus(word string) (Status, bool) {
	i := slices.Index(statusWords[:], events.Code(word))
	return Status(max(0, i)), i >= 0
}

// Statuses lists them all, in order.
func Statuses() (out []Status) {
	for s := Unnamed; s <= Closed; s++ {
		out = append(out, s)
	}
	return out
}

// A Class is what a case of some status still asks of the organisation.
type Class uint8

// The classes, in the order in which lists by due date show them.
const (
	ToAnswer Class = 1 + iota // the person waits for an answer
	ToEnd                     // the person was answered
	Done
)

// Class is that of all cases of the status.
func (s Status) Class() Class {
	switch s {
	case Answered, Complete, Refused:
		return ToEnd
	case Withdrawn, Duplicate, Closed:
		return Done
	}
	return ToAnswer // one without a name, too: nothing gets lost by that
}

// StatusesOf lists the statuses of a class.
func StatusesOf(c Class) (out []Status) {
	for _, s := range Statuses() {
		if s.Class() == c {
			out = append(out, s)
		}
	}
	return out
}

// Acts is a set of acts.
type Acts uint64

// acts are those this package knows, in the order of their bits: add at the end,
// never reorder. One that is not listed counts like any other.
var acts = [...]events.Code{
	"opened", "identity_asked", "identity_received", "identity_checked", "identity_failed", "authority_asked",
	"authority_received", "fee_asked", "fee_paid", "clarification_asked", "clarification_received", "extension_told",
	"confirmed", "assessed", "decided", "approved", "started", "letter",
	"packaged", "downloaded", "answered", "settled", "rerun", "refused",
	"withdrawn", "duplicate", "completed", "certified", "closed",
}

const (
	actOpened events.Code = "opened"
	allActs               = 1<<len(acts) - 1
)

func actIndex(a events.Code) int { return slices.Index(acts[:], a) }

// Has reports whether the act was seen. It is false for an act that this package
// does not know.
func (a Acts) Has(act events.Code) bool {
	i := actIndex(act)
	return i >= 0 && a>>i&1 != 0
}

// List names the acts in the order of the table.
func (a Acts) List() (out []events.Code) {
	for i := range acts {
		if a>>i&1 != 0 {
			out = append(out, acts[i])
		}
	}
	return out
}
