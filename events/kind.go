package events

import (
	"fmt"
	"strings"
)

// A Kind is what an event says happened. The numbers are part of the frame
// form: do not reorder, do not reuse.
type Kind uint8

const (
	RecordStored       Kind = 1
	RecordUsed         Kind = 2
	RecordShared       Kind = 3
	RecordRemoved      Kind = 4
	ConsentGiven       Kind = 5
	ConsentWithdrawn   Kind = 6
	ObjectionMade      Kind = 7
	ObjectionLifted    Kind = 8
	RestrictionSet     Kind = 9
	RestrictionLifted  Kind = 10
	MilestoneReached   Kind = 11
	MilestoneRetracted Kind = 12
	DecisionMade       Kind = 13
	NoticeGiven        Kind = 14
	PersonState        Kind = 15
	SubjectLinked      Kind = 16
	SubjectUnlinked    Kind = 17
	EventRetracted     Kind = 18
	SourceSynced       Kind = 19

	// IdentifierMarked is written by habeas itself: a person marked an
	// identifier as shared by several people, or as not shared after all.
	IdentifierMarked Kind = 64
	// CatalogueAdopted is written by habeas itself: from here on this version
	// of the catalogue is in force.
	CatalogueAdopted Kind = 65
	// EventQuarantined is written by habeas itself: an event that could not be
	// understood was sealed in the vault to be read, mended and replayed.
	EventQuarantined Kind = 66
	// QuarantineResolved is written by habeas itself: a quarantined event was
	// mended (and replayed) or discarded.
	QuarantineResolved Kind = 67
)

var kindNames = map[Kind]string{
	RecordStored: "record.stored", RecordUsed: "record.used",
	RecordShared: "record.shared", RecordRemoved: "record.removed",
	ConsentGiven: "consent.given", ConsentWithdrawn: "consent.withdrawn",
	ObjectionMade: "objection.made", ObjectionLifted: "objection.lifted",
	RestrictionSet: "restriction.set", RestrictionLifted: "restriction.lifted",
	MilestoneReached: "milestone.reached", MilestoneRetracted: "milestone.retracted",
	DecisionMade: "decision.made", NoticeGiven: "notice.given",
	PersonState: "person.state", SubjectLinked: "subject.linked",
	SubjectUnlinked: "subject.unlinked", EventRetracted: "event.retracted",
	SourceSynced: "source.synced", IdentifierMarked: "identifier.marked",
	CatalogueAdopted: "catalogue.adopted", EventQuarantined: "event.quarantined",
	QuarantineResolved: "quarantine.resolved",
}

var kindsByName = func() map[string]Kind {
	m := make(map[string]Kind, len(kindNames))
	for k, n := range kindNames {
		m[n] = k
	}
	return m
}()

func (k Kind) String() string {
	if n, ok := kindNames[k]; ok {
		return n
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Known reports whether this vocabulary has the kind.
func (k Kind) Known() bool { _, ok := kindNames[k]; return ok }

// Internal reports whether only habeas itself may write the kind.
func (k Kind) Internal() bool { return k >= 64 }

// IsRecord reports whether the kind speaks of a record: stored, used, shared
// or removed.
func (k Kind) IsRecord() bool { return k >= RecordStored && k <= RecordRemoved }

// Type returns the CloudEvents type, such as habeas.record.stored.v1.
func (k Kind) Type() string { return "habeas." + k.String() + ".v1" }

// ParseKind reads the name written by String.
func ParseKind(s string) (Kind, error) {
	k, ok := kindsByName[s]
	if !ok {
		return 0, fmt.Errorf("want a kind of event, such as record.stored")
	}
	return k, nil
}

// ParseType reads a CloudEvents type that a source system may send.
func ParseType(s string) (Kind, error) {
	name, ok := strings.CutPrefix(s, "habeas.")
	if ok {
		name, ok = strings.CutSuffix(name, ".v1")
	}
	k, known := kindsByName[name]
	if !ok || !known || k.Internal() {
		return 0, fmt.Errorf("want a type such as habeas.record.stored.v1")
	}
	return k, nil
}

// An enum is a closed list of words. Its numbers are part of the frame form.
type enum []Code

func (e enum) parse(what, s string) (uint8, error) {
	for i, w := range e {
		if i > 0 && string(w) == s {
			return uint8(i), nil
		}
	}
	words := make([]string, 0, len(e))
	for _, w := range e[1:] {
		words = append(words, string(w))
	}
	return 0, fmt.Errorf("want %s: one of %s", what, strings.Join(words, ", "))
}

func (e enum) name(v uint8) string {
	if int(v) < len(e) {
		return string(e[v])
	}
	return fmt.Sprintf("value(%d)", v)
}

// The closed lists of CONTRACT's event table. Index 0 is absent.
var (
	provenances    = enum{"", "provided", "observed", "derived", "inferred", "generated", "third_party"}
	actions        = enum{"", "sent", "read", "printed"}
	removals       = enum{"", "deleted", "anonymised", "moved", "returned"}
	methods        = enum{"", "form", "verbal", "paper", "visit", "import"}
	givers         = enum{"", "self", "parent", "attorney", "employer"}
	considerations = enum{"", "none", "money", "benefit"}
	actings        = enum{"", "processor", "controller"}
	states         = enum{"", "deceased", "minor", "lacks_capacity"}
	media          = enum{"", "electronic", "paper"}
	markNames      = enum{"", "confidential_reference", "professional_secrecy", "third_party_content", "child_iss", "never_output"}
)

// Provenance says how a record came to be.
type Provenance uint8

func (v Provenance) String() string { return provenances.name(uint8(v)) }

// ThirdParty is the provenance of data obtained from somebody else.
const (
	Provided   Provenance = 1
	Observed   Provenance = 2
	Derived    Provenance = 3
	Inferred   Provenance = 4
	Generated  Provenance = 5
	ThirdParty Provenance = 6
)

// Action is what was done with a used record.
type Action uint8

func (v Action) String() string { return actions.name(uint8(v)) }

// Removal is how a record went.
type Removal uint8

func (v Removal) String() string { return removals.name(uint8(v)) }

// Method is how consent was given or withdrawn.
type Method uint8

func (v Method) String() string { return methods.name(uint8(v)) }

// Giver is who gave or withdrew consent.
type Giver uint8

func (v Giver) String() string { return givers.name(uint8(v)) }

// Consideration is what was received for sharing.
type Consideration uint8

func (v Consideration) String() string { return considerations.name(uint8(v)) }

// ActingAs is the role of a recipient in one disclosure.
type ActingAs uint8

func (v ActingAs) String() string { return actings.name(uint8(v)) }

// State is a state of a person that changes who may act and what ends.
type State uint8

func (v State) String() string { return states.name(uint8(v)) }

// Medium is what a record is kept on. Absent means electronic.
type Medium uint8

func (v Medium) String() string { return media.name(uint8(v)) }

// Marks is a set of marks on a record; bit n-1 is the n-th of the list.
type Marks uint8

// Names lists the marks in the set.
func (m Marks) Names() []string {
	var out []string
	for i := 1; i < len(markNames); i++ {
		if m&(1<<(i-1)) != 0 {
			out = append(out, string(markNames[i]))
		}
	}
	return out
}
