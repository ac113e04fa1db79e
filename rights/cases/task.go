package cases

import (
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
)

// A TaskState is how far a task is.
type TaskState string

// The states of a task.
const (
	TaskPlanned      TaskState = "planned"
	TaskSent         TaskState = "sent"                  // claimed; the lease says until when
	TaskAccepted     TaskState = "accepted"              // reported as done or taken; not proven
	TaskVerified     TaskState = "verified"              // a later look found it so (I8); a notice: acknowledged; a copy: received
	TaskPartly       TaskState = "partly"                // some of it was done
	TaskUnverifiable TaskState = "accepted_unverifiable" // reported as done, and nobody can look
	TaskKept         TaskState = "kept_lawful"
	TaskRefused      TaskState = "refused"
	TaskFailed       TaskState = "failed"         // for good: a dead letter
	TaskManual       TaskState = "manual_waiting" // a person has to do it
	TaskImpossible   TaskState = "impossible"
	TaskOutOfScale   TaskState = "disproportionate"
)

// A Verb is what a task does.
type Verb = events.Code

// The verbs of tasks. Verify is the look that follows another verb: no task of its
// own, but the second half of each that can be looked at.
const (
	VerbExport     Verb = "export"
	VerbErase      Verb = "erase"
	VerbAnonymise  Verb = "anonymise"
	VerbRectify    Verb = "rectify"
	VerbRestrict   Verb = "restrict"
	VerbUnrestrict Verb = "unrestrict"
	VerbSuppress   Verb = "suppress"
	VerbNotify     Verb = "notify"
	VerbCancel     Verb = "cancel"
	VerbTakeDown   Verb = "take_down"
	VerbVerify     Verb = "verify"
)

// Verbs lists them all.
func Verbs() []Verb {
	return []Verb{VerbExport, VerbErase, VerbAnonymise, VerbRectify, VerbRestrict, VerbUnrestrict, VerbSuppress, VerbNotify, VerbCancel, VerbTakeDown, VerbVerify}
}

// Details are codes beside a state: what brought it about, and what it waits for.
const (
	DetailLooking      events.Code = "looking"       // sent for the look again, after it was reported as done
	DetailAsking       events.Code = "asking"        // sent to ask how far a long tail is
	DetailAwaitingLook events.Code = "awaiting_look" // reported as done; the look again has not been
	DetailLongTail     events.Code = "long_tail"     // taken; the end is reported later
	DetailLeaseExpired events.Code = "lease_expired"
	DetailRetry        events.Code = "retry"
	DetailDeadLetter   events.Code = "dead_letter" // attempts are used up
	DetailStillThere   events.Code = "still_there" // said to be done, and the look found it
	DetailFoundNothing events.Code = "found_nothing"
	DetailReceived     events.Code = "received"     // an export: the copies are here
	DetailAcknowledged events.Code = "acknowledged" // a notice
	DetailBorn         events.Code = "born"         // the state it was made in; approved with the plan
	DetailChased       events.Code = "chased"
	DetailOverdue      events.Code = "overdue"
	DetailChoose       events.Code = "choose" // the tail has no end: a person chooses
	DetailSettled      events.Code = "settled"
	DetailAgain        events.Code = "again" // a person sent it out again
	DetailByHand       events.Code = "by_hand"
	DetailAbandoned    events.Code = "abandoned" // no case asks for it: what it was made for was not carried out
)

// Details lists them all. None of them can be set by a report.
func Details() []events.Code {
	return []events.Code{DetailLooking, DetailAsking, DetailAwaitingLook, DetailLongTail, DetailLeaseExpired, DetailRetry, DetailDeadLetter, DetailStillThere,
		DetailFoundNothing, DetailReceived, DetailAcknowledged, DetailBorn, DetailChased, DetailOverdue, DetailChoose, DetailSettled, DetailAgain, DetailByHand, DetailAbandoned}
}

// A Task is one thing that one system or recipient is asked to do, as its facts
// make it. All of it stands on the journal, but for Attempts, which is how many of
// its facts were in state sent.
type Task struct {
	Case    events.EventID
	ID      events.EventID
	Version uint32
	State   TaskState
	Detail  events.Code
	System  events.Code // who acts
	Verb    Verb
	// Recipient is set where it is one; the system is then the recipient's.
	Recipient events.Code
	ActBefore events.Date
	NotBefore events.Instant // not claimed earlier
	Lease     events.Instant // end of the claim; zero: nobody has it

	Attempts uint32 // facts in state sent: claims, to act or to look
}

// A TaskFact is one line of a task.
type TaskFact struct {
	Event events.EventID
	At    events.Instant
	Task  Task      // as it is after the fact, without the counts
	Body  *TaskBody // the first fact: what to do
	// Receipt is the report that brought the fact about, where one did.
	Receipt *Receipt
}

// A TaskBody is the sealed part of a task: what to do and to what. It never says
// why, and no name: names are revealed in a live claim only.
type TaskBody struct {
	System    events.Code `json:"system"`
	Recipient events.Code `json:"recipient,omitempty"`
	// Person is set where the recipient is a person, and HostedBy where a recipient
	// keeps the system for us.
	Person    *Ref                    `json:"person,omitempty"`
	HostedBy  events.Code             `json:"hosted_by,omitempty"`
	ActingAs  catalogue.RecipientKind `json:"acting_as,omitempty"`
	Verb      Verb                    `json:"verb"`
	Of        Verb                    `json:"of,omitempty"` // notify: of which verb
	ActBefore events.Date             `json:"act_before"`
	// Handles are those of the system that acts; a recipient is given what each
	// disclosure carried, which Scope leads to.
	Handles  []events.Handle `json:"handles"`
	Scope    []Part          `json:"scope"`
	Channels []events.Code   `json:"channels,omitempty"`
	// Look is set where somebody can look afterwards whether it was done.
	Look bool `json:"look,omitempty"`
	// Hand is set where no connector acts: a person does it and reports.
	Hand bool `json:"hand,omitempty"`
	// Silent tasks are shown in no answer.
	Silent bool `json:"silent,omitempty"`
	// Born is the state that the task is made in, where it is not planned.
	Born TaskState `json:"born,omitempty"`
	// Digest is of the plan that it was made from.
	Digest Digest `json:"digest"`
}

// A Part is one holding that a task is about.
type Part struct {
	Holding    string        `json:"h"`
	Handle     events.Handle `json:"n"`
	Dataset    events.Code   `json:"d,omitempty"`
	Activity   string        `json:"a,omitempty"`
	Category   string        `json:"c,omitempty"`
	Item       *Ref          `json:"i,omitempty"`
	RecordDate events.Date   `json:"rd,omitzero"`
	Keep       *Keep         `json:"k,omitempty"`
	Value      Text          `json:"v,omitempty"` // rectify, and a notice of it: what is written instead
}

// A Report is what whoever acted says, or what was found by looking again.
// Outcomes are those of events.WorkOutcomes, and further ones of Outcomes.
type Report struct {
	By      Person // who reports: a system, or a person for it
	Hand    bool   // a person reports for a system
	Attempt uint32 // of the claim, from 1; 0 by hand
	Look    bool   // by hand: it is of a look again
	Outcome events.Code
	Ground  events.Code // the law by which it is kept or refused
	Until   events.Date
	Detail  events.Code
	Found   *uint32
	Removed *uint32
	Retry   time.Duration // not before; zero: as the policy says
	Final   bool          // failed: for good
	Left    []string      // holdings that are not done
	Copies  []string
	Text    Text
	Ref     Text
}

// A Receipt is a report as it is sealed.
type Receipt struct {
	Task      ID             `json:"task"`
	System    events.Code    `json:"system"`
	Recipient events.Code    `json:"recipient,omitempty"`
	Verb      Verb           `json:"verb"`
	At        events.Instant `json:"at"`
	By        Person         `json:"by,omitzero"`
	Attempt   uint32         `json:"attempt"`
	Look      bool           `json:"look,omitempty"`
	Outcome   events.Code    `json:"outcome"`
	State     TaskState      `json:"state"` // of the task, because of it
	Ground    events.Code    `json:"ground,omitempty"`
	Until     events.Date    `json:"until,omitzero"`
	Detail    events.Code    `json:"detail,omitempty"`
	Found     *uint32        `json:"found,omitempty"`
	Removed   *uint32        `json:"removed,omitempty"`
	Left      []string       `json:"left,omitempty"`
	Copies    []string       `json:"copies,omitempty"`
	Text      Text           `json:"text,omitempty"`
	Ref       Text           `json:"ref,omitempty"`
	Salt      string         `json:"salt,omitempty"` // of the commitment in the audit log
	Digest    Digest         `json:"digest,omitzero"`
}

// verbOf is the task's verb for one of the plan's.
func verbOf(v decide.Verb) Verb { return Verb(v) }
