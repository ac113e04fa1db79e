package desk

import (
	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
)

// A CaseOrder opens a case: what a person asked, and when it came.
type CaseOrder struct {
	Caller access.Caller
	Rights []catalogue.RightKind
	// Identifiers are those the person gave, any number of them. Refs are
	// references of earlier answers, in their place or beside them.
	Identifiers []events.Identifier
	Refs        []string
	Received    events.Date // zero: today; never later
	Via         events.Code // email, letter, phone, form, in_person, portal, other
	Scope       []CaseScope // none: everything
	// Channels narrow an objection or a withdrawal; none: all.
	Channels []events.Code
	States   []decide.Statement
	// IdentityAsked and IdentityReceived are the days on which information about
	// who asks was asked for because of reasonable doubt, and came.
	IdentityAsked, IdentityReceived events.Date
	Agent                           *CaseAgent
	Regime                          clock.Regime // empty: that of the catalogue
	Nation                          clock.Nation // empty: England and Wales in the UK
	// Answered makes it a record of a case that was closed before it was written
	// down here.
	Answered events.Date
	Text     events.Plaintext // the person's own words; sealed
	// Force opens the case although the same person has one open about the same.
	Force bool
}

// A CaseScope is one part of what was asked about. What is not set leaves its
// side open.
type CaseScope struct {
	System   events.Code
	Activity events.Code
	Category events.Category
	Item     events.Identifier
}

// A CaseAgent is who asks for the person.
type CaseAgent struct {
	As        decide.Role
	Name      events.Plaintext // sealed
	Evidence  bool             // authority or parental responsibility was shown
	Nation    events.Code      // where the child is
	Competent *bool            // the child was found able to decide, or not
}

// A CaseStep is one act on a case by a person.
type CaseStep struct {
	Caller access.Caller
	Case   string      // id, or the beginning of one; or the number
	On     events.Date // zero: today; never later
	Reason events.Plaintext
}

// A CaseQuery asks for a list of cases.
type CaseQuery struct {
	Caller access.Caller
	Status string              // of CaseStatuses; empty: all
	Right  catalogue.RightKind // empty: all
	// DueBy leaves out what is due later; it leaves in what is overdue.
	DueBy   events.Date
	Overdue bool // only those whose last day has passed and that are not answered
	Live    bool // leaves out those that ended
	Newest  bool // the newest first; else what is due soonest
	After   string
	Limit   int // zero: 100
}

// A CaseConfirmOrder accepts that handles are one person's.
type CaseConfirmOrder struct {
	CaseStep
	// Refs are the handles accepted; none: all that the plan shows as joined.
	Refs []string
}

// A CaseAssessOrder puts on record what a person found out.
type CaseAssessOrder struct {
	CaseStep
	Kind   decide.AssessmentKind
	Scope  CaseScope
	Holds  bool
	Code   events.Code
	Ref    events.Plaintext
	Until  events.Date
	Review events.Date
}

// A CaseDecideOrder decides items of the plan.
type CaseDecideOrder struct {
	CaseStep
	Items []string            // holdings, by id or the beginning of one
	Right catalogue.RightKind // needed where the case is about several
	// AcceptProposed takes each item's own proposal, and leaves alone what is a
	// review: of Items, or of everything that waits.
	AcceptProposed bool
	Outcome        decide.Outcome
	Code           decide.Code
	Until          events.Date
	WaitsFor       events.Code
	// Value is what is right, where it is rectified; sealed.
	Value events.Plaintext
}

// A CaseApproveOrder approves a plan as its caller saw it.
type CaseApproveOrder struct {
	CaseStep
	Digest string // of the plan that was looked at; empty: the one of now
	// Totals are what the caller was told, by outcome; they must match. Nil: not
	// said.
	Totals map[string]int
}

// A CaseRefuseOrder refuses the whole request (Article 12(5)).
type CaseRefuseOrder struct {
	CaseStep
	// Ground is unfounded, excessive, identity or authority; empty: as Excessive
	// says.
	Ground    events.Code
	Excessive bool // else manifestly unfounded
}

// A CaseClockOrder moves a clock of the case, or tries to.
type CaseClockOrder struct {
	CaseStep
	// Act is identity_asked, identity_received, identity_checked,
	// identity_failed, authority_asked, authority_received, fee_asked, fee_paid,
	// clarification_asked, clarification_received or extension_told.
	Act events.Code
	Ref int // tells clarifications apart that are open at the same time
	// Rights narrow it to some of the case's; none: all.
	Rights []catalogue.RightKind
	// Evidence is what was shown, by its kind, and never a copy of it: EvidenceRef
	// is where it lies, EvidenceDrop the day by which it is destroyed.
	Evidence     events.Code
	EvidenceRef  events.Plaintext
	EvidenceDrop events.Date
}

// A CaseLetterOrder drafts a letter, or fixes one.
type CaseLetterOrder struct {
	CaseStep
	// Kind is acknowledgement, identity, authority, clarification, fee,
	// extension, answer, refusal or recipients (Article 19).
	Kind events.Code
	// Text takes the place of the draft. Keep seals the letter as it is then;
	// without it a draft is made and nothing is kept.
	Text events.Plaintext
	Keep bool
	Via  events.Code // how it was sent
}

// A CaseAnswerOrder records that the answer was sent.
type CaseAnswerOrder struct {
	CaseStep
	Via    events.Code
	Rights []catalogue.RightKind // that it answers; none: all
}
