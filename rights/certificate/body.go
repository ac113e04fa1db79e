package certificate

import (
	"github.com/habeas-data/habeas/events"
)

// version is the version of the form; a newer one is refused.
const version = 1

// kind tells a certificate from other JSON.
const kind = "habeas.certificate"

// A Body is what a certificate says. Times are of the server's clock, days of the
// organisation's calendar.
type Body struct {
	V    int    `json:"v"`
	Kind string `json:"kind"`
	Case string `json:"case"`
	// Number is 1 for the first certificate of the case, 2 for the one drawn after
	// it.
	Number   int      `json:"number"`
	Standing Standing `json:"standing"`
	// Simulated is set where a clock set by hand gave any of the dates.
	Simulated bool           `json:"simulated"`
	Drawn     events.Instant `json:"drawn"`
	Rights    []string       `json:"rights"`
	Received  events.Date    `json:"received"`
	Due       events.Date    `json:"due,omitzero"`
	Answered  events.Date    `json:"answered,omitzero"`
	Completed events.Date    `json:"completed,omitzero"`
	Closed    events.Date    `json:"closed,omitzero"`
	Position  Position       `json:"position"`
	Catalogue Catalogue      `json:"catalogue"`
	Plan      *Plan          `json:"plan,omitempty"`
	// Holdings is how many were decided on: the sum over Decisions.
	Holdings  int        `json:"holdings"`
	Decisions []Decision `json:"decisions"`
	Retained  []Retained `json:"retained"`
	Targets   []Target   `json:"targets"`
	Totals    Totals     `json:"totals"`
	Keys      Keys       `json:"keys"`
	// Records are those of the audit log that this certificate rests on, by their
	// place in it.
	Records []Record `json:"records"`
}

// A Standing says how far the case is.
type Standing string

// Standings.
const (
	// Complete: each target is verified, or ended unproven and a person approved
	// that.
	Complete Standing = "complete"
	// Interim: something is still open. Another certificate will follow.
	Interim Standing = "interim"
)

// A Position says what the certificate was read from: the map as of a position of
// the journal, and what was known by then.
type Position struct {
	AsOf    string `json:"as_of"`
	AsKnown string `json:"as_known"`
}

// A Catalogue names the declarations that were judged by.
type Catalogue struct {
	ID      string `json:"id"`
	Version uint32 `json:"version"`
}

// A Plan is the one that was approved.
type Plan struct {
	Digest   string      `json:"digest"`
	On       events.Date `json:"on"`
	Approved events.Date `json:"approved"`
	// Roles are those of whoever approved it, never a name.
	Roles []string `json:"roles"`
}

// A Decision counts the holdings that were decided alike.
type Decision struct {
	Right    string `json:"right"`
	Outcome  string `json:"outcome"`
	Code     string `json:"code"`
	Article  string `json:"article,omitempty"`
	Holdings int    `json:"holdings"`
}

// Retained counts the holdings that are kept alike.
type Retained struct {
	Right    string      `json:"right"`
	Code     string      `json:"code"`
	Article  string      `json:"article,omitempty"`
	Until    events.Date `json:"until,omitzero"`
	WaitsFor string      `json:"waits_for,omitempty"`
	Holdings int         `json:"holdings"`
}

// A Target is one thing that one system or recipient was asked to do.
type Target struct {
	Task string `json:"task"`
	// At is system or recipient, Code its code, Name what the catalogue calls it.
	At       string `json:"at"`
	Code     string `json:"code"`
	Name     string `json:"name,omitempty"`
	Verb     string `json:"verb"`
	State    string `json:"state"`
	Detail   string `json:"detail,omitempty"`
	Result   Result `json:"result"`
	Holdings int    `json:"holdings"`
	// Acted is the day of the last report that it was done, Looked of the look
	// again.
	Acted  events.Date `json:"acted,omitzero"`
	Looked events.Date `json:"looked,omitzero"`
	// Receipts are the commitments to the sealed reports.
	Receipts []string `json:"receipts"`
	// Unproven says who approved that it ends without proof.
	Unproven *Unproven `json:"unproven,omitempty"`
}

// Unproven is the approval of an end without proof: when and in what role, never
// by whom.
type Unproven struct {
	On    events.Date `json:"on"`
	Roles []string    `json:"roles"`
	// With is plan where the plan that was approved said so already, else settled.
	With string `json:"with"`
}

// A Result is what a state comes to, in one word.
type Result string

// Results. One past participle for each verb stands for verified.
const (
	Open      Result = "open"
	NotProven Result = "not_proven"
	Kept      Result = "kept" // whoever holds it names a law
)

// Totals count the targets.
type Totals struct {
	Targets   int `json:"targets"`
	Verified  int `json:"verified"`
	NotProven int `json:"not_proven"`
	Open      int `json:"open"`
}

// Keys say whether anybody can still tell whom the case was about.
type Keys struct {
	// Epoch of the vault's keys, and when it began.
	Epoch uint32         `json:"epoch"`
	Began events.Instant `json:"began"`
	// Identifiers is how many pairs of identifier and system the case was about;
	// Forgotten how many of them are no longer in the vault.
	Identifiers int      `json:"identifiers"`
	Forgotten   int      `json:"forgotten"`
	State       KeyState `json:"state"`
	// ReadableUntil is when the next rotation is due, where something is removed
	// and can be read by whoever has an old copy and the present key until then.
	ReadableUntil events.Instant `json:"readable_until,omitzero"`
	Locations     []Location     `json:"locations"`
}

// A KeyState says what can be done with what was forgotten.
type KeyState string

// States of what was forgotten.
const (
	KeysInUse KeyState = "in_use"     // nothing of the case is forgotten yet
	KeysPart  KeyState = "partly"     // some is, some is not
	Removed   KeyState = "removed"    // all is; readable with an old copy until the next rotation
	Gone      KeyState = "unreadable" // all is, and a rotation has destroyed the keys since
)

// A Location is a place where keys are kept, by number: a path would say
// something about the machine.
type Location struct {
	Number int      `json:"number"`
	Epochs []uint32 `json:"epochs"`
	// Behind is set where it holds an epoch that a rotation should have destroyed,
	// or cannot be read.
	Behind bool `json:"behind"`
}

// A Record is a record of the audit log that the certificate rests on.
type Record struct {
	Index int64       `json:"index"`
	Act   events.Code `json:"act"`
	// Content is the commitment of the record, if it has one.
	Content string `json:"content,omitempty"`
}

// done is what a verified verb comes to.
var done = map[string]Result{
	"export": "exported", "erase": "erased", "anonymise": "anonymised", "rectify": "rectified", "restrict": "restricted",
	"unrestrict": "unrestricted", "suppress": "suppressed", "notify": "notified", "cancel": "cancelled", "take_down": "taken_down",
}

// looked lists the verbs of which verified means that somebody looked again. A
// notice is acknowledged and a copy received; there is nothing to look at.
var looked = map[string]bool{"erase": true, "anonymise": true, "rectify": true, "restrict": true, "unrestrict": true, "take_down": true}

// states lists the states of a target and what each comes to; verified comes to
// its verb.
var states = map[string]Result{
	"planned": Open, "sent": Open, "accepted": Open, "manual_waiting": Open,
	"verified": "", "partly": NotProven, "accepted_unverifiable": NotProven, "kept_lawful": Kept,
	"refused": NotProven, "failed": NotProven, "impossible": NotProven, "disproportionate": NotProven,
}

// resultOf is what a target's state comes to; empty where state or verb is not
// known.
func (t *Target) resultOf() Result {
	r, known := states[t.State]
	if !known || done[t.Verb] == "" {
		return ""
	}
	if t.State == "verified" {
		return done[t.Verb]
	}
	if r == NotProven && t.Unproven == nil && (t.State == "partly" || t.State == "failed") {
		return Open // it may still be sent again
	}
	return r
}
