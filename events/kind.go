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
	// RecipientRegistered is written by habeas itself: a named recipient stands
	// under its code from here on; its name, class and contact are in a sealed
	// note. A later registration of the same code takes its place.
	RecipientRegistered Kind = 68

	// HoldPlaced is written by habeas itself: what the scope covers, now and
	// later, is not erased while the hold stands, whatever the rules say.
	HoldPlaced Kind = 72
	// HoldLifted is written by habeas itself: a hold ended. Nothing is erased
	// by that.
	HoldLifted Kind = 73
	// DisposalProposed is written by habeas itself: a batch of holdings whose
	// last day has come was put together for a second person to look at.
	DisposalProposed Kind = 74
	// DisposalApproved is written by habeas itself: that second person agreed.
	DisposalApproved Kind = 75
	// DisposalIntended is written by habeas itself: the erasure of a holding
	// was decided on with such a batch. It erases nothing.
	DisposalIntended Kind = 76

	// FindingDecided is written by habeas itself: a person accepted a finding
	// until a day, said that it was mended, or took such a word back.
	FindingDecided Kind = 80

	// CaseRecorded is written by habeas itself: something was done in a case, or
	// the case was opened. Of is the case, Count the version that this is of it.
	CaseRecorded Kind = 88
	// TaskRecorded is written by habeas itself: a task to a system or a recipient
	// came into a state. Digest is the task, Count the version that this is of it.
	TaskRecorded Kind = 89
)

var kindNames = [256]string{
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
	QuarantineResolved: "quarantine.resolved", HoldPlaced: "hold.placed",
	HoldLifted: "hold.lifted", DisposalProposed: "disposal.proposed",
	DisposalApproved: "disposal.approved", DisposalIntended: "disposal.intended",
	FindingDecided: "finding.decided", RecipientRegistered: "recipient.registered",
	CaseRecorded: "case.recorded", TaskRecorded: "task.recorded",
}

var kindsByName = func() map[string]Kind {
	m := make(map[string]Kind, 64)
	for k, n := range kindNames {
		if n != "" {
			m[n] = Kind(k)
		}
	}
	return m
}()

func (k Kind) String() string {
	if n := kindNames[k]; n != "" {
		return n
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Known reports whether this vocabulary has the kind.
func (k Kind) Known() bool { return kindNames[k] != "" }

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
