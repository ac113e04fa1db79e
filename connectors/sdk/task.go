package sdk

import (
	"fmt"
	"log/slog"
	"time"
)

// A Verb is what a task asks for.
type Verb string

// The verbs.
const (
	Export     Verb = "export"     // send copies of what is held: Client.Copy
	Erase      Verb = "erase"      // remove it
	Anonymise  Verb = "anonymise"  // keep what cannot be tied to the person by anybody
	Rectify    Verb = "rectify"    // write what Correction says
	Restrict   Verb = "restrict"   // keep it and use it for nothing
	Unrestrict Verb = "unrestrict" // it may be used again
	Suppress   Verb = "suppress"   // stop using it and do not add it again
	Notify     Verb = "notify"     // take note; what follows is your own decision
	Cancel     Verb = "cancel"     // end what goes on because of it: a mandate, a subscription
	TakeDown   Verb = "take_down"  // withdraw what was published
	Verify     Verb = "verify"     // look whether what Of did is so; change nothing
)

// A Task is one thing to do. Who is given one is authorised to see whom it is
// about, and gets nothing that it did not hold or receive.
type Task struct {
	ID     string `json:"task"`
	System string `json:"system"`
	// Attempt counts how often the task was given out. Key is one for all of them.
	Attempt uint32 `json:"attempt"`
	Key     string `json:"idempotency_key"`
	Verb    Verb   `json:"verb"`
	Of      Verb   `json:"of,omitempty"` // of a verify task
	// ActBefore is the day before which to act, YYYY-MM-DD.
	ActBefore string `json:"act_before,omitempty"`
	// LeaseUntil is when the task is given out again unless something was reported.
	LeaseUntil time.Time    `json:"lease_until"`
	Subject    []Identifier `json:"subject"`
	Scope      []Scope      `json:"scope"`
	Channels   []string     `json:"channels,omitempty"`
	Correction []Correction `json:"correction,omitempty"`
	Text       string       `json:"text,omitempty"`
	// Simulated: the server's clock was set by hand; nobody asked for this.
	Simulated bool `json:"simulated,omitempty"`
}

// An Identifier is a name by which your system knows the person.
type Identifier struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// A Scope is one part of the person's data that the task is about.
type Scope struct {
	Holding    string      `json:"holding"` // names the part in Report.Left
	Dataset    string      `json:"dataset,omitempty"`
	Activity   string      `json:"activity,omitempty"`
	Category   string      `json:"category,omitempty"`
	Item       *Identifier `json:"item,omitempty"`
	RecordDate string      `json:"record_date,omitempty"`
	// Keep names elements that stay although the rest goes.
	Keep      []string `json:"keep,omitempty"`
	KeepUntil string   `json:"keep_until,omitempty"`
}

// A Correction is what to write in the place of what is wrong.
type Correction struct {
	Holding  string `json:"holding"`
	Category string `json:"category"`
	Value    string `json:"value"`
}

// Format shows a task by its id and verb, under every verb of fmt.
func (t Task) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "task %s (%s)", t.ID, t.Verb) }

// LogValue serves slog.
func (t Task) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", t.ID), slog.String("verb", string(t.Verb)), slog.Int("attempt", int(t.Attempt)))
}

// Format hides an identifier from every verb of fmt.
func (i Identifier) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%s=[redacted]", i.Kind) }

// LogValue serves slog.
func (i Identifier) LogValue() slog.Value { return slog.StringValue(i.Kind + "=[redacted]") }

// An Outcome is what became of a task.
type Outcome string

// The outcomes.
const (
	Done         Outcome = "done"
	Accepted     Outcome = "accepted"  // it takes longer than the lease; another report follows
	Partly       Outcome = "partly"    // Left says what is not done
	NotFound     Outcome = "not_found" // nothing of the person is here
	KeptLawful   Outcome = "kept_lawful"
	Refused      Outcome = "refused"
	Failed       Outcome = "failed"        // not now; it comes again
	FoundNothing Outcome = "found_nothing" // of a verify task
	StillThere   Outcome = "still_there"   // of a verify task
)

// A Report says what was done and seen.
type Report struct {
	Outcome Outcome `json:"outcome"`
	// Found and Removed count records; nil: not counted.
	Found   *uint32 `json:"found,omitempty"`
	Removed *uint32 `json:"removed,omitempty"`
	// Text and Reference are for a person to read. They are sealed.
	Text      string `json:"text,omitempty"`
	Reference string `json:"reference,omitempty"`
	// Ground is a code of the law by which it is kept or refused, Until the last
	// day, YYYY-MM-DD.
	Ground string `json:"ground,omitempty"`
	Until  string `json:"until,omitempty"`
	Detail string `json:"detail,omitempty"` // a code of what went wrong
	// RetryAfter asks not to be given the task before.
	RetryAfter time.Duration `json:"-"`
	Left       []string      `json:"left,omitempty"`
	Copies     []string      `json:"copies,omitempty"`
}

// Count makes a number that was counted, for Found and Removed.
func Count(n int) *uint32 {
	c := uint32(max(0, n))
	return &c
}

// A Reported is the answer to a report.
type Reported struct {
	Task  string `json:"task"`
	State string `json:"state"`
	// Known: it had been reported before, or is settled; nothing was changed.
	Known   bool   `json:"known,omitempty"`
	Receipt string `json:"receipt,omitempty"`
}

// A Copied is the answer to a copy.
type Copied struct {
	Task   string `json:"task"`
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}
