package events

// The shapes of the published JSON by which a system or a recipient takes its
// tasks and reports on them. They are the same over HTTP and NATS. Field names
// are fixed; fields may be added, none renamed.

// A WorkClaim asks for tasks.
type WorkClaim struct {
	// Max is how many tasks at most; 0 means 1.
	Max int `json:"max,omitempty"`
	// WaitSeconds is how long to wait for one where there is none.
	WaitSeconds int `json:"wait_seconds,omitempty"`
	// LeaseSeconds is how long whoever claims may take before somebody else may
	// claim the task; 0 means ten minutes.
	LeaseSeconds int `json:"lease_seconds,omitempty"`
}

// A WorkList is the answer to a claim. No task is no error.
type WorkList struct {
	Tasks []Work `json:"tasks"`
	// RetryAfterSeconds is set where more may not be taken yet: the rate of the
	// system, or the number of tasks it may have at once, is reached.
	RetryAfterSeconds int `json:"retry_after_seconds,omitempty"`
}

// A Work is one task in the hands of whoever claimed it: what to do, about whom,
// by when. It never says why. It holds personal data and exists in a live reply
// only (I1).
type Work struct {
	Task   string `json:"task"`
	System string `json:"system"`
	// Attempt counts the claims of the task, from 1. Key is one for all attempts:
	// what was done under it before is not done again.
	Attempt uint32 `json:"attempt"`
	Key     string `json:"idempotency_key"`
	Verb    Code   `json:"verb"`
	// Of is what a verify task looks at: the verb whose effect is looked for.
	Of         Code    `json:"of,omitempty"`
	ActBefore  Date    `json:"act_before,omitzero"`
	LeaseUntil Instant `json:"lease_until"`
	// Subject are the names by which this system knows the person.
	Subject []WorkIdentifier `json:"subject"`
	// Scope is what of the person's data the task is about.
	Scope    []WorkScope `json:"scope"`
	Channels []Code      `json:"channels,omitempty"`
	// Correction is what to write, where the verb is rectify.
	Correction []WorkCorrection `json:"correction,omitempty"`
	// Text is what a notice says, where somebody wrote one.
	Text      string `json:"text,omitempty"`
	Simulated bool   `json:"simulated,omitempty"`
}

// A WorkIdentifier is an identifier in a live reply, and nowhere else.
type WorkIdentifier struct {
	Kind  Code   `json:"kind"`
	Value string `json:"value"`
}

// A WorkScope is one part of the data that a task is about.
type WorkScope struct {
	// Holding names the part for the report; it means nothing outside habeas.
	Holding    string          `json:"holding"`
	Dataset    Code            `json:"dataset,omitempty"`
	Activity   string          `json:"activity,omitempty"`
	Category   string          `json:"category,omitempty"`
	Item       *WorkIdentifier `json:"item,omitempty"`
	RecordDate Date            `json:"record_date,omitzero"`
	// Keep names elements that stay although the rest goes, with until when.
	Keep      []string `json:"keep,omitempty"`
	KeepUntil Date     `json:"keep_until,omitzero"`
}

// A WorkCorrection is one value that is wrong and what it should be.
type WorkCorrection struct {
	Holding  string `json:"holding"`
	Category string `json:"category"`
	Value    string `json:"value"`
}

// A WorkReport says what became of a task. One that comes twice changes nothing.
type WorkReport struct {
	// Attempt is the one that is reported on.
	Attempt uint32 `json:"attempt"`
	// Outcome is one of WorkOutcomes.
	Outcome Code `json:"outcome"`
	// Found and Removed count records; absent: not counted.
	Found   *uint32 `json:"found,omitempty"`
	Removed *uint32 `json:"removed,omitempty"`
	// Text is what a person may want to know. It may hold personal data and is
	// sealed.
	Text Plaintext `json:"text,omitzero"`
	// Reference is the name under which whoever acted keeps this: a ticket, a
	// message. It is sealed too.
	Reference Plaintext `json:"reference,omitzero"`
	// Ground is the law by which it is kept or refused, and Until the last day.
	Ground Code `json:"ground,omitempty"`
	Until  Date `json:"until,omitzero"`
	// Detail is a code of what went wrong.
	Detail Code `json:"detail,omitempty"`
	// RetryAfterSeconds asks not to be given the task before.
	RetryAfterSeconds int `json:"retry_after_seconds,omitempty"`
	// Left are the holdings of the scope that are not done, by their names there.
	Left []string `json:"left,omitempty"`
	// Copies names the copies of an export that were uploaded for this attempt.
	Copies []string `json:"copies,omitempty"`
}

// Outcomes of a report.
const (
	// WorkDone: it was done, or nothing was there. A later look proves it.
	WorkDone Code = "done"
	// WorkAccepted: it was taken and takes longer; another report follows.
	WorkAccepted Code = "accepted"
	// WorkPartly: some of it was done.
	WorkPartly Code = "partly"
	// WorkNotFound: nothing of the person was found.
	WorkNotFound Code = "not_found"
	// WorkKept: the law makes whoever reports keep it.
	WorkKept Code = "kept_lawful"
	// WorkRefused: it is not going to be done.
	WorkRefused Code = "refused"
	// WorkFailed: it could not be done now.
	WorkFailed Code = "failed"
	// WorkFoundNothing and WorkStillThere answer a verify task: the look again.
	WorkFoundNothing Code = "found_nothing"
	WorkStillThere   Code = "still_there"
)

// WorkOutcomes lists what a report may say.
func WorkOutcomes() []Code {
	return []Code{WorkDone, WorkAccepted, WorkPartly, WorkNotFound, WorkKept, WorkRefused, WorkFailed, WorkFoundNothing, WorkStillThere}
}

// A WorkReported is the answer to a report.
type WorkReported struct {
	Task  string `json:"task"`
	State Code   `json:"state"` // of the task, after it
	// Known is set when this had been reported before, or the task is settled:
	// nothing was changed by it.
	Known bool `json:"known,omitempty"`
	// NotBefore is when the task may be claimed again, if it may.
	NotBefore Instant `json:"not_before,omitzero"`
	Receipt   string  `json:"receipt,omitempty"` // names the sealed receipt
}

// A WorkCopy is the answer to a copy of an export that was taken.
type WorkCopy struct {
	Task   string `json:"task"`
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}
