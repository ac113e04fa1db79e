package cases

import (
	"fmt"
	"log/slog"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// Text is what a person wrote. It may hold personal data: it prints as
// [redacted], and Encode alone writes it, into a body that is sealed (I1).
type Text string

// String hides the text.
func (Text) String() string { return events.Redacted }

// GoString hides the text.
func (Text) GoString() string { return events.Redacted }

// Format hides the text from every verb.
func (Text) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(events.Redacted)) }

// LogValue hides the text.
func (Text) LogValue() slog.Value { return slog.StringValue(events.Redacted) }

// A Fact is one line of a case: the event on the journal and its sealed body.
type Fact struct {
	Case     events.EventID
	Version  uint32 // 1, 2, 3 within the case
	Event    events.EventID
	Act      Act
	On       events.Date    // the day it happened
	At       events.Instant // when it was recorded
	Due      events.Date    // the last day of the answer as of this fact; zero: none
	Position events.Position
	Body     Body
}

// A Person is who acted.
type Person struct {
	Token events.Code `json:"token,omitempty"`
	Name  Text        `json:"name,omitempty"`
}

// A Body is the sealed part of a fact. Which parts an act needs is said by Acts.
type Body struct {
	By     Person      `json:"by,omitzero"`
	Reason Text        `json:"reason,omitempty"`
	Code   events.Code `json:"code,omitempty"` // of a refusal, of a start that binds from receipt
	Ref    int         `json:"ref,omitempty"`  // tells clarifications apart that are open at the same time
	// Rights narrow an act of a clock to some of the case's; none is all.
	Rights     []catalogue.RightKind `json:"rights,omitempty"`
	Opening    *Opening              `json:"opening,omitempty"`
	Members    []Member              `json:"members,omitempty"` // confirmed: the handles that are this person's
	Assessment *decide.Assessment    `json:"assessment,omitempty"`
	Decisions  []Decision            `json:"decisions,omitempty"`
	Approval   *Approval             `json:"approval,omitempty"`
	Tasks      IDs                   `json:"tasks,omitempty"`
	Letter     *Letter               `json:"letter,omitempty"`
	Package    *Package              `json:"package,omitempty"`
	Settle     *Settle               `json:"settle,omitempty"`
	Of         ID                    `json:"of,omitzero"` // duplicate: of which case
	Evidence   *Evidence             `json:"evidence,omitempty"`
}

// An Opening is what a person asked, and when it came.
type Opening struct {
	Rights   []catalogue.RightKind `json:"rights"`
	Received events.Date           `json:"received"`
	Via      events.Code           `json:"via,omitempty"`
	// Subject are handles allocated under the system habeas for the identifiers as
	// they were given.
	Subject  []events.Ref       `json:"subject"`
	Scope    []Scope            `json:"scope,omitempty"` // none: everything
	Channels []events.Code      `json:"channels,omitempty"`
	States   []decide.Statement `json:"states,omitempty"`
	Asker    decide.Asker       `json:"asker,omitzero"`
	Agent    Text               `json:"agent,omitempty"` // who asks for the person, where somebody does
	Regime   clock.Regime       `json:"regime"`
	Nation   clock.Nation       `json:"nation,omitempty"`
	Text     Text               `json:"text,omitempty"` // the person's own words
	// Historic is a case that was closed before it was recorded here; Answered is
	// when.
	Historic bool        `json:"historic,omitempty"`
	Answered events.Date `json:"answered,omitzero"`
	// Catalogue is the version in force at receipt; zero: the current one.
	Catalogue uint32 `json:"catalogue,omitempty"`
	Simulated bool   `json:"simulated,omitempty"`
}

// A Scope is one part of what was asked about. What is not set leaves its side
// open.
type Scope struct {
	System   events.Code     `json:"system,omitempty"`
	Activity events.Code     `json:"activity,omitempty"`
	Category events.Code     `json:"category,omitempty"`
	Element  events.Code     `json:"element,omitempty"`
	Items    []events.Handle `json:"items,omitempty"`
	From     events.Date     `json:"from,omitzero"`
	To       events.Date     `json:"to,omitzero"`
}

// Retention is the scope as the rules read it.
func (s Scope) Retention() retention.Scope {
	return retention.Scope{System: s.System, Activity: s.Activity, Category: events.Category{Code: s.Category, Element: s.Element}, Items: s.Items, From: s.From, To: s.To}
}

// A Member is a handle that a person confirmed as the requester's, or found not
// to be.
type Member struct {
	Handle events.Handle `json:"handle"`
	System events.Code   `json:"system,omitempty"`
	Kind   events.Code   `json:"kind,omitempty"`
	Other  bool          `json:"other,omitempty"` // looked at, and not this person's
}

// A Decision is a person's word about one item of the plan. Where two have to
// agree, the second decides the same in a fact of its own.
type Decision struct {
	Holding string              `json:"holding"`
	Right   catalogue.RightKind `json:"right"`
	// Accept takes the proposal, which Outcome and Code then repeat: if the
	// proposal changes, the decision no longer speaks of it.
	Accept   bool           `json:"accept,omitempty"`
	Outcome  decide.Outcome `json:"outcome"`
	Code     decide.Code    `json:"code"`
	Until    events.Date    `json:"until,omitzero"`
	WaitsFor string         `json:"waits_for,omitempty"`
	// Value is what is written instead, where the outcome is rectify.
	Value Text `json:"value,omitempty"`
}

// An Approval is what was approved: the plan as it was computed, by its digest,
// and all that follows from it.
type Approval struct {
	Digest   Digest          `json:"digest"`
	On       events.Date     `json:"on"` // the day the plan was computed for
	Position events.Position `json:"position"`
	// Totals count the holdings by outcome.
	Totals map[decide.Outcome]int `json:"totals,omitempty"`
	Finals []Final                `json:"finals,omitempty"`
}

// A Letter is one that was kept, as it was sent.
type Letter struct {
	Kind events.Code `json:"kind"`
	Text Text        `json:"text"`
	Via  events.Code `json:"via,omitempty"`
}

// A Package is an answer that was made: a sealed file and what identifies it.
type Package struct {
	ID      string      `json:"id"`
	Kind    events.Code `json:"kind,omitempty"` // access, portability
	SHA256  string      `json:"sha256"`
	Bytes   int64       `json:"bytes"`
	Expires events.Date `json:"expires,omitzero"`
	Salt    string      `json:"salt,omitempty"` // of the commitment in the audit log
	Sources IDs         `json:"sources,omitempty"`
}

// A Settle is a person's word about tasks that ended without proof, or do not end.
type Settle struct {
	Tasks  IDs         `json:"tasks"`
	Choice events.Code `json:"choice"` // of Choices
}

// Evidence is what was shown, never a copy of it (Article 12(6)).
type Evidence struct {
	Kind events.Code `json:"kind"`
	Ref  Text        `json:"ref,omitempty"`
	Drop events.Date `json:"drop,omitzero"` // the day by which the evidence itself is destroyed
}
