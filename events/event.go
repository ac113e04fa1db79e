package events

// Limits of one event (frames and transactions are sized by them).
const (
	MaxSubjects   = 16
	MaxCategories = 64
	MaxEventBytes = 32 << 10
	// MaxTextBytes is the limit of one identifier, and of the id of an event.
	MaxTextBytes = 1 << 10
)

// A Ref is a handle and the kind of the identifier behind it. A system knows
// the kinds it sends, so the kind is no secret; the value is.
type Ref struct {
	Handle Handle
	Kind   Code
}

// IsZero reports whether the reference is absent.
func (r Ref) IsZero() bool { return r == Ref{} }

// A Party is whom data came from or went to: a code of the catalogue (a class,
// a source, a named instance) or a person behind a handle. Never both.
type Party struct {
	Code   Code
	Person Ref
}

// IsZero reports whether the party is absent.
func (p Party) IsZero() bool { return p == Party{} }

// A Category is a data category, or one element of it.
type Category struct {
	Code    Code
	Element Code
}

func (c Category) String() string {
	if c.Element == "" {
		return string(c.Code)
	}
	return string(c.Code) + "/" + string(c.Element)
}

// An Activity is a row of the record of processing, or one purpose within it.
type Activity struct {
	Code       Code
	SubPurpose Code
}

func (a Activity) String() string {
	if a.SubPurpose == "" {
		return string(a.Code)
	}
	return string(a.Code) + "/" + string(a.SubPurpose)
}

// Flags are what the gateway knew when it took the event.
type Flags uint8

const (
	// Anchored: Subject[0] is of the reporting system's primary kind, so the
	// event may join its other identifiers to it.
	Anchored Flags = 1 << iota
	// Late: the event is older than the erasure of the person it speaks of.
	Late
	// Returned: the person came back after an erasure and provided the data.
	Returned
	// Resurrection: data of an erased person was stored again.
	Resurrection
	// Simulated: the gateway's clock was set by hand.
	Simulated
	// DatasetDefaulted: the source named no dataset; the activity stands for it.
	DatasetDefaulted
	// DirectMarketing: an objection to direct marketing as such.
	DirectMarketing
	// SharedMark: an identifier.marked event says "shared by several people".
	SharedMark
)

// An Event is one fact about one person as one system knows them, without
// personal data. Which fields may be set depends on Kind, as in the table of
// the published contract. The zero value of a field means absent.
type Event struct {
	ID     EventID
	Kind   Kind
	Source Code
	Time   Instant // when it happened, as the source says
	Flags  Flags

	// Subject holds the handles of one person, primary first, each once.
	Subject     []Ref
	SubjectType Code
	Activity    Activity
	Categories  []Category
	Dataset     Code
	Item        Ref // the instance it concerns: application, pay year, photo
	Within      Ref // the larger record it sits in
	RecordDate  Date
	Medium      Medium
	Controller  Code
	Marks       Marks

	Provenance   Provenance // record.stored
	ObtainedFrom Party
	Basis        Code
	LegalDuty    Code
	Place        Code
	Country      Code

	Action  Action // record.used
	Channel Code   // record.used, record.shared

	Recipient     Party // record.shared
	RecipientRef  Ref
	Condition     Code // case.recorded: the status since; task.recorded: the verb
	Consideration Consideration
	TransferTo    Code
	Safeguard     Code
	ActingAs      ActingAs
	WithheldOn    Code // ground for not telling the person
	WithheldUntil Date // when that is reviewed

	Removal Removal // record.removed

	Channels []Code // consent.*, objection.*; case.recorded: the rights, on the first
	Method   Method
	GivenBy  Giver
	Wording  Code
	Ground   Code // restriction.*

	Milestone Code // milestone.*
	Date      Date // milestone.*, person.state; case.recorded: the day it happened; task.recorded: the day before which to act

	Automated   bool // decision.made
	Significant bool
	Logic       Code

	NoticeVersion Code
	State         State // person.state
	Evidence      Code  // subject.linked, subject.unlinked; task.recorded: what came of it

	Retracts       EventID // event.retracted
	RetractsSource Code
	Why            Code // event.retracted, event.quarantined; finding.decided: the outcome; case.recorded: the act; task.recorded: the state

	Through Instant // source.synced; task.recorded: the end of the claim
	Since   Instant // source.synced; task.recorded: not before
	Covers  []Code

	Note EventID // id of a sealed note in the vault: quarantined body, reason

	ScopeSystem Code    // hold.*, disposal.*: the system it reaches; absent: every one; task.recorded: the system that acts
	From, To    Date    // hold.placed: days of the records it reaches, inclusive; case.recorded: the days of receipt, on the first, and of the answer
	Review      Date    // hold.placed, finding.decided: the day it is looked at again; case.recorded: the day it is due
	Of          EventID // hold.lifted, disposal.approved, disposal.intended: the event it answers; case.recorded, task.recorded: the case; restriction.set, record.removed: that it follows from a decision, and not from which
	Digest      EventID // disposal.*: of the ids of the holdings in the batch; finding.decided: the finding; task.recorded: the task
	Count       uint32  // disposal.*: how many these are; case.recorded, task.recorded: the version
}

// A Recorded event is an event and what the journal knows of it.
type Recorded struct {
	Event
	Position Position
	// At is when the gateway stamped the frame: monotonic in the journal.
	At Instant
	// Catalogue is the version in force at the gateway.
	Catalogue uint32
}

// A Stored is what the journal answers for an event: where it stands.
type Stored struct {
	Position Position
	// Duplicate: the event had been saved before, at Position.
	Duplicate bool
	// Other: the one saved before is known to have other contents, apart from
	// what the gateway decides by itself (flags).
	Other bool
}
