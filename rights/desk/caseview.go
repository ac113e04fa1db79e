package desk

import (
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
)

// A CaseOpened says what opening a case made.
type CaseOpened struct {
	Case     string      `json:"case"`
	Number   uint32      `json:"number"`
	Received events.Date `json:"received"`
	Due      *string     `json:"due"` // null while the clock waits for something
	Status   string      `json:"status"`
	// DuplicateOf is an open case of the same person about the same. Without
	// being forced no other was opened, and Case is empty.
	DuplicateOf string `json:"duplicate_of,omitempty"`
	// Unheard is set where no system has reported an identifier that was given.
	Unheard  bool   `json:"identifier_not_reported,omitempty"`
	Position string `json:"position,omitempty"`
}

// A CaseLine is one case of a list: codes, dates and counts only.
type CaseLine struct {
	Case     string         `json:"case"`
	Number   uint32         `json:"number"`
	Rights   []string       `json:"rights"`
	Received events.Date    `json:"received"`
	Due      *string        `json:"due"`
	Status   string         `json:"status"`
	Overdue  bool           `json:"overdue,omitempty"`
	Answered *string        `json:"answered"`
	Closed   *string        `json:"closed"`
	Touched  events.Instant `json:"touched"`
	Tasks    map[string]int `json:"tasks"`
	// Simulated: some of it was stamped by a clock that was set by hand.
	Simulated bool `json:"simulated,omitempty"`
}

// CaseList is a page of cases.
type CaseList struct {
	AsOf  events.AsOf `json:"as_of"`
	Cases []CaseLine  `json:"cases"`
	Next  string      `json:"next,omitempty"`
}

// A CaseView is everything there is on one case, but its plan.
type CaseView struct {
	CaseLine
	AsOf events.AsOf `json:"as_of"`
	Via  string      `json:"via,omitempty"`
	// Identifiers are those the person gave, shown to those who may see them.
	Identifiers []events.IdentifierView `json:"identifiers"`
	Person      string                  `json:"person,omitempty"` // reference
	Scope       []CaseScopeView         `json:"scope"`
	Channels    []string                `json:"channels"`
	States      []string                `json:"states"`
	Asker       *CaseAskerView          `json:"asker"`
	Identity    string                  `json:"identity"` // clear | doubted | failed
	Text        string                  `json:"text,omitempty"`
	Historic    bool                    `json:"historic,omitempty"`
	DuplicateOf string                  `json:"duplicate_of,omitempty"`
	Confirmed   bool                    `json:"confirmed"`
	Members     []CaseMember            `json:"members"`
	// DuePromised is what the notice promises, beside what the law gives.
	DuePromised string            `json:"due_promised,omitempty"`
	Clocks      []CaseClockView   `json:"clocks"`
	Timeline    []CaseEvent       `json:"timeline"`
	Assessments []CaseAssessment  `json:"assessments"`
	Decisions   int               `json:"decisions"`
	Approved    *CaseApprovalView `json:"approved"`
	Letters     []CaseLetterLine  `json:"letters"`
	Packages    []CasePackageLine `json:"packages"`
	TaskList    []CaseTaskLine    `json:"task_list"`
	Next        []string          `json:"next_steps"`
	// Shredded is set where what was sealed of the case has been destroyed: acts
	// and dates are left.
	Shredded  bool            `json:"shredded,omitempty"`
	Simulated bool            `json:"simulated,omitempty"`
	Words     events.Glossary `json:"words,omitempty"`
}

// A CaseScopeView is one part of what was asked about.
type CaseScopeView struct {
	System   string           `json:"system,omitempty"`
	Activity string           `json:"activity,omitempty"`
	Category string           `json:"category,omitempty"`
	Item     *events.ItemView `json:"item,omitempty"`
}

// A CaseAskerView is who asks for the person.
type CaseAskerView struct {
	As       string `json:"as"`
	Name     string `json:"name,omitempty"`
	Evidence bool   `json:"evidence"`
}

// A CaseMember is one handle of the person whose data the case is about.
type CaseMember struct {
	Ref      string `json:"ref"`
	System   string `json:"system"`
	Kind     string `json:"kind"`
	Value    string `json:"value,omitempty"`
	JoinedBy string `json:"joined_by,omitempty"`
	Accepted bool   `json:"accepted"`
}

// A CaseClockView is the clock of one right.
type CaseClockView struct {
	Right  string        `json:"right"`
	Stand  string        `json:"stand"`
	Answer *clock.Answer `json:"deadline"`
}

// A CaseEvent is one fact of the case as people read it.
type CaseEvent struct {
	Version  uint32         `json:"version"`
	Event    string         `json:"event"`
	Act      string         `json:"act"`
	On       events.Date    `json:"on"`
	At       events.Instant `json:"at"`
	By       string         `json:"by,omitempty"`
	Text     string         `json:"text"` // one sentence
	Reason   string         `json:"reason,omitempty"`
	Position string         `json:"position"`
}

// A CaseAssessment is what a named person found out.
type CaseAssessment struct {
	Kind   string        `json:"kind"`
	Holds  bool          `json:"holds"`
	Code   string        `json:"code,omitempty"`
	Ref    string        `json:"ref,omitempty"`
	Until  *string       `json:"until"`
	Review *string       `json:"review"`
	By     string        `json:"by"`
	On     events.Date   `json:"on"`
	Scope  CaseScopeView `json:"scope"`
}

// A CaseApprovalView is an approval.
type CaseApprovalView struct {
	By     string         `json:"by"`
	On     events.Date    `json:"on"`
	Digest string         `json:"digest"`
	Totals map[string]int `json:"totals"`
}

// A CaseLetterLine is a letter that was kept.
type CaseLetterLine struct {
	Event string      `json:"event"`
	Kind  string      `json:"kind"`
	On    events.Date `json:"on"`
	By    string      `json:"by"`
	Text  string      `json:"text,omitempty"`
}

// A CasePackageLine is a package that was made.
type CasePackageLine struct {
	Event string      `json:"event"`
	Kind  string      `json:"kind,omitempty"`
	On    events.Date `json:"on"`
}

// A CaseTaskLine is a task of the case.
type CaseTaskLine struct {
	Task      string  `json:"task"`
	System    string  `json:"system"`
	Recipient string  `json:"recipient,omitempty"`
	Verb      string  `json:"verb"`
	State     string  `json:"state"`
	Detail    string  `json:"detail,omitempty"`
	ActBefore *string `json:"act_before"`
}

// A CasePlan is what is proposed and decided for each holding on a day. It
// destroys nothing.
type CasePlan struct {
	Case        string      `json:"case"`
	Number      uint32      `json:"number"`
	Rights      []string    `json:"rights"`
	Received    events.Date `json:"received"`
	Due         *string     `json:"due"`
	DuePromised string      `json:"due_promised,omitempty"`
	On          events.Date `json:"on"`
	// Forecast is set for a day that has not come: what is known now is taken to
	// stay as it is.
	Forecast  bool `json:"forecast,omitempty"`
	Simulated bool `json:"simulated,omitempty"`
	// Undecided counts the items that wait for a person.
	Undecided int         `json:"undecided"`
	AsOf      events.AsOf `json:"as_of"`
	// Digest names this plan: the same facts on the same day give the same.
	Digest string `json:"digest"`
	// Confirmed is set when a named person accepted the handles that the plan
	// rests on.
	Confirmed bool         `json:"confirmed"`
	Members   []CaseMember `json:"members"`
	// Contested are joins that wait for a person. While there is one that nobody
	// has decided, no plan is approved and nothing leaves.
	Contested  []events.Contest   `json:"contested"`
	Candidates []events.Candidate `json:"candidates"`
	// Approved is the approval that stands; Stale is set where the plan is not
	// the one that was approved.
	Approved *CaseApprovalView `json:"approved"`
	Stale    bool              `json:"stale,omitempty"`
	Items    []CaseItem        `json:"items"`
	// Counts are of items, by outcome; ByRight the same for each right.
	Counts     map[string]int            `json:"counts"`
	ByRight    map[string]map[string]int `json:"by_right"`
	Recipients []CaseRecipientTotal      `json:"recipients"`
	// NotDeleted says, for each verb, what it leaves.
	NotDeleted []CaseLeft       `json:"not_deleted"`
	Unknown    []events.Unknown `json:"unknown"`
	Catalogue  string           `json:"catalogue"`
	// AtReceipt is the catalogue in force at receipt, where it is another: the
	// lawful basis is judged by it.
	AtReceipt string          `json:"catalogue_at_receipt,omitempty"`
	Words     events.Glossary `json:"words,omitempty"`
}

// A CaseItem is what is proposed, or decided, for one holding under one right.
type CaseItem struct {
	Right       string              `json:"right"`
	Holding     string              `json:"holding"`
	System      string              `json:"system"`
	Dataset     string              `json:"dataset"`
	Activity    string              `json:"activity"`
	Category    string              `json:"category"`
	Item        *events.ItemView    `json:"item"`
	RecordDate  *string             `json:"record_date"`
	Outcome     string              `json:"outcome"`
	Code        string              `json:"code"`
	Article     string              `json:"article"`
	Until       *string             `json:"until"`
	WaitsFor    *string             `json:"waits_for"`
	Reason      string              `json:"reason"`
	ProposedBy  string              `json:"proposed_by"`
	NeedsPerson bool                `json:"needs_person"`
	Because     []string            `json:"because"`
	DecidedBy   *string             `json:"decided_by"`
	DecidedWhy  string              `json:"decided_why,omitempty"`
	DecidedOn   *string             `json:"decided_on,omitempty"`
	Second      string              `json:"second,omitempty"`
	Proposal    *decide.Proposal    `json:"proposal"`
	Also        []string            `json:"also"`
	Channels    []string            `json:"channels,omitempty"`
	Keep        *CaseKeep           `json:"keep"`
	BlockedBy   []string            `json:"blocked_by"`
	Findings    []string            `json:"findings"`
	Assumed     []CaseAssumed       `json:"assumed"`
	RestsOn     *string             `json:"rests_on"`
	Restricted  bool                `json:"restricted"`
	Binding     bool                `json:"binding,omitempty"`
	Silent      bool                `json:"silent,omitempty"`
	DecideBy    *string             `json:"decide_by,omitempty"`
	Detached    []string            `json:"detached,omitempty"`
	AlsoAbout   int                 `json:"also_about,omitempty"`
	Rerun       []string            `json:"rerun"`
	Recipients  []CaseItemRecipient `json:"recipients"`
}

// CaseKeep names what stays of a holding that goes.
type CaseKeep struct {
	Elements []string `json:"elements"`
	Until    *string  `json:"until"`
	WaitsFor *string  `json:"waits_for"`
}

// CaseAssumed is a decision that comes with habeas and that nobody here has
// adopted.
type CaseAssumed struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	By    string `json:"by"`
}

// A CaseItemRecipient is a recipient of one holding.
type CaseItemRecipient struct {
	Recipient  string  `json:"recipient"`
	ActingAs   string  `json:"acting_as,omitempty"`
	Action     string  `json:"action"`
	Verb       *string `json:"verb"`
	Why        string  `json:"why,omitempty"`
	Impossible bool    `json:"impossible,omitempty"`
	Silent     bool    `json:"silent,omitempty"`
}

// A CaseRecipientTotal is what one recipient is told in all.
type CaseRecipientTotal struct {
	Recipient string `json:"recipient"`
	ActingAs  string `json:"acting_as,omitempty"`
	Action    string `json:"action"`
	Verb      string `json:"verb"`
	Items     int    `json:"items"`
}

// A CaseLeft says what a verb does not delete.
type CaseLeft struct {
	Verb   string   `json:"verb"`
	Leaves []string `json:"leaves"`
}

// A CaseDone says what one act on a case made.
type CaseDone struct {
	Case     string  `json:"case"`
	Version  uint32  `json:"version"`
	Act      string  `json:"act"`
	Status   string  `json:"status"`
	Due      *string `json:"due"`
	Position string  `json:"position"`
	// Undecided counts what still waits for a person, after a decision.
	Undecided *int `json:"undecided,omitempty"`
	// Left are the items that accepting left alone, because they are a review.
	Left []string `json:"left,omitempty"`
	// Digest is of the plan that was approved.
	Digest string `json:"digest,omitempty"`
	// Remarks are sentences for whoever acted.
	Remarks []string `json:"remarks,omitempty"`
}

// A CaseLetterView is a letter, drafted or kept.
type CaseLetterView struct {
	Case     string `json:"case"`
	Kind     string `json:"kind"`
	Text     string `json:"text"`
	Kept     bool   `json:"kept"`
	Event    string `json:"event,omitempty"`
	Position string `json:"position,omitempty"`
}

// A CaseAnswered says what an answer told the person.
type CaseAnswered struct {
	CaseDone
	// Done, NotConfirmed and Impossible count what the answer says of tasks.
	Done         int `json:"done"`
	NotConfirmed int `json:"not_confirmed"`
	Impossible   int `json:"impossible"`
	// InTime is set where it was sent by the last day.
	InTime bool `json:"in_time"`
}
