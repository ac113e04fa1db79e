package inventory

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A Key names a holding: what one system holds about one handle for one
// activity. Without the activity it names a data item.
type Key struct {
	Handle     events.Handle
	System     events.Code
	Dataset    events.Code
	Item       events.Ref
	Activity   events.Activity
	Category   events.Category
	Controller events.Code // for whom it is held; empty means for ourselves
}

// ID is the public id of the holding: the same in every map built from the
// same journal, and free of personal data.
func (k *Key) ID() string {
	b := make([]byte, 0, 256)
	b = append(append(b, k.Handle[:]...), k.Item.Handle[:]...)
	for _, c := range [...]events.Code{
		k.System, k.Dataset, k.Item.Kind, k.Activity.Code, k.Activity.SubPurpose,
		k.Category.Code, k.Category.Element, k.Controller,
	} {
		b = appendCode(b, c)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// compare orders holdings for people: by system, dataset, activity, category.
func (k *Key) compare(o *Key) int {
	if c := k.compareTuple(o); c != 0 {
		return c
	}
	if c := k.compareCategory(o); c != 0 {
		return c
	}
	return k.compareInstance(o)
}

func (k *Key) compareTuple(o *Key) int {
	return cmp.Or(
		cmp.Compare(k.System, o.System), cmp.Compare(k.Dataset, o.Dataset),
		cmp.Compare(k.Activity.Code, o.Activity.Code), cmp.Compare(k.Activity.SubPurpose, o.Activity.SubPurpose),
		cmp.Compare(k.Controller, o.Controller),
	)
}

func (k *Key) compareCategory(o *Key) int {
	return cmp.Or(cmp.Compare(k.Category.Code, o.Category.Code), cmp.Compare(k.Category.Element, o.Category.Element))
}

func (k *Key) compareInstance(o *Key) int {
	return cmp.Or(compareHandles(k.Item.Handle, o.Item.Handle), compareHandles(k.Handle, o.Handle))
}

func compareHandles(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) }

// HoldingState says what became of a holding, as far as the journal tells.
type HoldingState uint8

const (
	Held HoldingState = iota
	Restricted
	Removed
)

func (s HoldingState) String() string {
	switch s {
	case Held:
		return "held"
	case Restricted:
		return "restricted"
	case Removed:
		return "removed"
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// A Holding is a key with everything that rows say about it. First, the marks
// and the dates gather over all observations; the other fields are those of the
// observation latest by event time, then position.
type Holding struct {
	Key
	State       HoldingState
	First, Last events.Instant
	LastUsed    events.Instant
	LastSent    events.Instant // last use by which it left

	SubjectType  events.Code
	Within       events.Ref
	RecordDate   events.Date
	RecordDates  []events.Date // all of them, in order
	Medium       events.Medium
	Marks        events.Marks
	Provenance   events.Provenance
	ObtainedFrom events.Party
	Basis        events.Code
	LegalDuty    events.Code
	Place        events.Code
	Country      events.Code
	Flags        events.Flags

	Collected uint32 // catalogue version in force at the earliest observation
	Position  events.Position
	Removal   Removal // the removal that ended it; zero while it is held
	Stops     []Stop  // why it is restricted
	// Disclosures of it, by recipient, role and country.
	Disclosures []*Disclosure
	// Coarse is set when every observation kept was retracted but others of the
	// same month stand: First and Last are then bounds within that month.
	Coarse bool

	last    register // of stored observations
	numbers numbers
}

// A Removal says when and how a record went.
type Removal struct {
	At       events.Instant
	How      events.Removal
	Position events.Position
}

// A Stop is a reason to leave a holding alone.
type Stop struct {
	By     StopKind
	At     events.Instant
	Ground events.Code // of a restriction
	System events.Code
}

// StopKind is what kind of word stops the use of a holding.
type StopKind uint8

const (
	ByRestriction StopKind = iota + 1
	ByObjection
	ByConsent // consent withdrawn, none left
)

func (s StopKind) String() string {
	switch s {
	case ByRestriction:
		return "restriction"
	case ByObjection:
		return "objection"
	case ByConsent:
		return "consent_withdrawn"
	}
	return fmt.Sprintf("stop(%d)", uint8(s))
}

// A Disclosure gathers the sharing of one holding with one recipient in one
// role and one country.
type Disclosure struct {
	Recipient  events.Party
	ActingAs   events.ActingAs
	TransferTo events.Code
	// For is what it was shared for, if the holding is of the same data
	// item for another activity; else empty.
	For events.Activity

	First, Last   events.Instant
	Days          int          // distinct days
	Refs          []events.Ref // names by which the recipient knows the person
	Safeguard     events.Code
	Condition     events.Code
	Consideration events.Consideration
	Channel       events.Code
	// Media holds every medium it went by: what was published and printed is both.
	Media []events.Medium
	// WithheldOn is the ground on which the person must not learn of it, by the
	// last that named one: a later sharing without a ground lifts none.
	WithheldOn    events.Code
	WithheldUntil events.Date
	Position      events.Position

	days         []monthDays
	last, hidden register
}

// An Unmatched disclosure is of data that no holding accounts for.
type Unmatched struct {
	Key // Category is empty if the source named none
	*Disclosure
}

// A Consent is the state of one consent or objection for one channel (empty:
// every channel not listed beside it).
type Consent struct {
	Activity        events.Activity
	Item            events.Ref
	DirectMarketing bool
	Channel         events.Code
	State           ConsentState
	At              events.Instant
	Method          events.Method
	GivenBy         events.Giver
	Wording         events.Code
	System          events.Code
	Position        events.Position
}

// ConsentState is where a consent or an objection stands.
type ConsentState uint8

const (
	Given ConsentState = iota + 1
	Withdrawn
	Objected
	ObjectionEnded
)

func (s ConsentState) String() string {
	switch s {
	case Given:
		return "given"
	case Withdrawn:
		return "withdrawn"
	case Objected:
		return "objected"
	case ObjectionEnded:
		return "objection_lifted"
	}
	return fmt.Sprintf("consent(%d)", uint8(s))
}

// A Restriction is a restriction in force.
type Restriction struct {
	System   events.Code
	Activity events.Activity
	Category events.Category // empty: all
	Item     events.Ref
	Ground   events.Code
	At       events.Instant
	Position events.Position
}

// A Milestone is a date that was reached and stands.
type Milestone struct {
	System   events.Code
	Code     events.Code
	Activity events.Activity
	Item     events.Ref
	Date     events.Date
	At       events.Instant
	Position events.Position
}

// A Fact is a state of the person.
type Fact struct {
	System   events.Code
	State    events.State
	Date     events.Date
	At       events.Instant
	Position events.Position
}

// A Notice is a privacy notice given to the person.
type Notice struct {
	System   events.Code
	Version  events.Code
	Activity events.Activity
	At       events.Instant
	Position events.Position
}

// A Decision is a kind of decision made about the person.
type Decision struct {
	System      events.Code
	Activity    events.Activity
	Automated   bool
	Significant bool
	Logic       events.Code
	First, Last events.Instant
	Position    events.Position
}

// A Pending is an event about the person that waits in quarantine.
type Pending struct {
	System   events.Code
	Note     events.EventID
	Why      events.Code
	At       events.Instant
	Position events.Position
}
