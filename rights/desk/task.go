package desk

import (
	"context"
	"io"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
)

// A TaskRevealer opens names for a claim that is durable and recorded: also those
// that no look finds any more, because their erasure is under way.
type TaskRevealer interface {
	RevealForTasks(ctx context.Context, handles []events.Handle) (map[events.Handle]events.Identifier, error)
}

// Copies keeps the files of an export, sealed as they come.
type Copies interface {
	// Put reads r to its end. A file of the same task and name takes the place of
	// the one before.
	Put(ctx context.Context, task events.EventID, name, media string, r io.Reader) (ref events.EventID, size int64, sum [32]byte, err error)
}

// TaskDeps is what a desk needs to have tasks done.
type TaskDeps struct {
	// Names reveals whom a task is about; nil: no task can be claimed.
	Names TaskRevealer
	// Retired lists the retired handles of the identifier behind a handle; nil: none
	// are known.
	Retired func(ctx context.Context, h events.Handle) ([]events.Handle, error)
	// Speaks reports whether a system or recipient claims its tasks: it has a token.
	// nil: nobody does, and a person reports on every task.
	Speaks func(system events.Code) bool
	// Ring is called when there may be something new to claim; nil: nobody listens.
	Ring func()
	// Wake is called when what kept tasks back may be over; nil: Ring.
	Wake func()
	// Copies keeps the files of exports; nil: none are taken.
	Copies Copies
	// Policy is how patient tasks are; zero: cases.DefaultPolicy.
	Policy cases.Policy
	// Planning is how many tasks are made side by side, since each waits for the
	// disk; zero: eight.
	Planning int
}

// A RunOrder has what was approved carried out.
type RunOrder struct {
	Caller access.Caller
	Case   string
	// OnlyFailed sends out again what failed and nothing else.
	OnlyFailed bool
	Reason     events.Plaintext
}

// A RunView says what running a case did.
type RunView struct {
	Case     string     `json:"case"`
	Act      string     `json:"act"`            // started | rerun | none
	Code     string     `json:"code,omitempty"` // NOTHING_TO_DO: every task of what was approved had been made
	Made     int        `json:"made"`
	Again    int        `json:"again"`    // sent out again
	Deferred int        `json:"deferred"` // how many wait for a copy that is owed first
	Waiting  []string   `json:"waiting"`  // those holdings: once the copy is given they go on by themselves
	Held     []string   `json:"held"`     // holdings that a hold keeps now, and so are left out
	Tasks    []TaskView `json:"tasks"`
	Position string     `json:"position,omitempty"`
}

// A TaskOrder is one act on a task by a person.
type TaskOrder struct {
	Caller access.Caller
	Task   string // id, or the beginning of one
	Reason events.Plaintext
}

// A SettleOrder ends a task that cannot be proven, or has it chased.
type SettleOrder struct {
	TaskOrder
	Choice events.Code // of cases.Choices
}

// A HandReport is what a person reports on a task for its target.
type HandReport struct {
	TaskOrder
	Report events.WorkReport
	Look   bool // it is of a look whether it was done
}

// A TaskQuery asks for tasks: those of a case, or those that have not ended. Fields
// that are set narrow it.
type TaskQuery struct {
	Caller  access.Caller
	Case    string
	System  events.Code
	State   string
	Verb    events.Code
	Overdue bool
	After   string
	Limit   int // zero: 100
}

// A TaskView is a task as people read it. It names nobody.
type TaskView struct {
	Task      string         `json:"task"`
	Case      string         `json:"case"`
	System    string         `json:"system"`
	Recipient string         `json:"recipient,omitempty"`
	Verb      string         `json:"verb"`
	State     string         `json:"state"`
	Says      string         `json:"says"`
	Detail    string         `json:"detail,omitempty"`
	ActBefore events.Date    `json:"act_before,omitzero"`
	Overdue   bool           `json:"overdue,omitempty"`
	NotBefore events.Instant `json:"not_before,omitzero"`
	Lease     events.Instant `json:"lease_until,omitzero"`
	Attempts  uint32         `json:"attempts"`
	Planned   events.Instant `json:"planned"`
	Touched   events.Instant `json:"touched"`
	Ended     bool           `json:"ended"`
	// Person: nothing happens to it unless a person acts.
	Person    bool `json:"waits_for_person,omitempty"`
	Simulated bool `json:"simulated,omitempty"`
}

// A TaskPage is what one question gave.
type TaskPage struct {
	AsOf   events.AsOf    `json:"as_of"`
	Tasks  []TaskView     `json:"tasks"`
	Counts map[string]int `json:"counts"` // by state, of all there are
	Next   string         `json:"next,omitempty"`
}

// A TaskShown is one task with what it asks for and what was reported.
type TaskShown struct {
	TaskView
	Of       string        `json:"of,omitempty"`
	ActingAs string        `json:"acting_as,omitempty"`
	HostedBy string        `json:"hosted_by,omitempty"`
	Hand     bool          `json:"by_hand,omitempty"`
	Look     bool          `json:"can_be_looked_at,omitempty"`
	Parts    []TaskPart    `json:"parts"`
	History  []TaskHistory `json:"history"`
	// Shredded: what was sealed of it is gone.
	Shredded bool `json:"shredded,omitempty"`
}

// A TaskPart is one holding that a task is about.
type TaskPart struct {
	Holding    string      `json:"holding"`
	Dataset    string      `json:"dataset,omitempty"`
	Activity   string      `json:"activity,omitempty"`
	Category   string      `json:"category,omitempty"`
	RecordDate events.Date `json:"record_date,omitzero"`
	Keep       []string    `json:"keep,omitempty"`
}

// A TaskHistory is one line of a task's life.
type TaskHistory struct {
	Version uint32           `json:"version"`
	At      events.Instant   `json:"at"`
	State   string           `json:"state"`
	Detail  string           `json:"detail,omitempty"`
	Receipt *TaskReceiptView `json:"receipt,omitempty"`
}

// A TaskReceiptView is what was reported.
type TaskReceiptView struct {
	ID        string      `json:"id"`
	By        string      `json:"by,omitempty"`
	Attempt   uint32      `json:"attempt"`
	Look      bool        `json:"look,omitempty"`
	Outcome   string      `json:"outcome"`
	Ground    string      `json:"ground,omitempty"`
	Until     events.Date `json:"until,omitzero"`
	Detail    string      `json:"detail,omitempty"`
	Found     *uint32     `json:"found,omitempty"`
	Removed   *uint32     `json:"removed,omitempty"`
	Left      []string    `json:"left,omitempty"`
	Copies    []string    `json:"copies,omitempty"`
	Text      string      `json:"text,omitempty"`
	Reference string      `json:"reference,omitempty"`
}
