package events

import (
	"fmt"
	"strings"
)

// An enum is a closed list of words. Its numbers are part of the frame form.
type enum []Code

// find returns the number of a word, case folded, or 0 if it is not in the list.
func (e enum) find(s []byte) uint8 {
	for i, w := range e {
		if i > 0 && equalFold(s, string(w)) {
			return uint8(i)
		}
	}
	return 0
}

// String lists the words for a sentence.
func (e enum) String() string {
	words := make([]string, 0, len(e))
	for _, w := range e[1:] {
		words = append(words, string(w))
	}
	return strings.Join(words, ", ")
}

// equalFold compares s with a lower-case ASCII word.
func equalFold(s []byte, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i, c := range s {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

func (e enum) name(v uint8) string {
	if int(v) < len(e) {
		return string(e[v])
	}
	return fmt.Sprintf("value(%d)", v)
}

// The closed lists of the published contract's event table. Index 0 is absent.
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

const (
	ActionSent    Action = 1
	ActionRead    Action = 2
	ActionPrinted Action = 3
)

// Removal is how a record went.
type Removal uint8

func (v Removal) String() string { return removals.name(uint8(v)) }

const (
	RemovalDeleted    Removal = 1
	RemovalAnonymised Removal = 2
	RemovalMoved      Removal = 3
	RemovalReturned   Removal = 4
)

// Method is how consent was given or withdrawn.
type Method uint8

func (v Method) String() string { return methods.name(uint8(v)) }

const (
	MethodForm   Method = 1
	MethodVerbal Method = 2
	MethodPaper  Method = 3
	MethodVisit  Method = 4
	MethodImport Method = 5
)

// Giver is who gave or withdrew consent.
type Giver uint8

func (v Giver) String() string { return givers.name(uint8(v)) }

const (
	GivenBySelf     Giver = 1
	GivenByParent   Giver = 2
	GivenByAttorney Giver = 3
	GivenByEmployer Giver = 4
)

// Consideration is what was received for sharing.
type Consideration uint8

func (v Consideration) String() string { return considerations.name(uint8(v)) }

const (
	ConsiderationNone    Consideration = 1
	ConsiderationMoney   Consideration = 2
	ConsiderationBenefit Consideration = 3
)

// ActingAs is the role of a recipient in one disclosure.
type ActingAs uint8

func (v ActingAs) String() string { return actings.name(uint8(v)) }

const (
	ActingAsProcessor  ActingAs = 1
	ActingAsController ActingAs = 2
)

// State is a state of a person that changes who may act and what ends.
type State uint8

func (v State) String() string { return states.name(uint8(v)) }

// ParseState reads what String writes.
func ParseState(s string) (State, error) {
	v := states.find([]byte(s))
	if v == 0 || int(v) >= len(states) {
		return 0, fmt.Errorf("want %s", states)
	}
	return State(v), nil
}

const (
	StateDeceased      State = 1
	StateMinor         State = 2
	StateLacksCapacity State = 3
)

// Medium is what a record is kept on. Absent means electronic.
type Medium uint8

func (v Medium) String() string { return media.name(uint8(v)) }

const (
	MediumElectronic Medium = 1
	MediumPaper      Medium = 2
)

// Marks is a set of marks on a record; bit n-1 is the n-th of the list.
type Marks uint8

const (
	MarkConfidentialReference Marks = 1 << iota
	MarkProfessionalSecrecy
	MarkThirdPartyContent
	MarkChildISS
	MarkNeverOutput
)

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
