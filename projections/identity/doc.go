// Package identity keeps which identifiers were seen together, and decides
// which of them are one person.
//
// It owns the rows of links (L), words by hand (H) and marks (K). It decides by
// evidence only (unique identifiers join, shareable ones join until contested,
// weak ones propose) and shows the chain of joins. It never rewrites a row: a
// merge or a split by hand is one more fact, and the decision is taken anew at
// each reading. It may never see plaintext, a catalogue or a clock (I1, I4).
package identity

import (
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Families of keys: the first byte of every row this package owns.
const (
	FamilyLink = 'L' // L handle16 kind4 other16 -> evidence of being seen together
	FamilyHand = 'H' // H handle16 other16 position16 -> linked or unlinked
	FamilyMark = 'K' // K handle16 position16 -> shared or not
)

// Version is raised whenever an old row would be read differently or a new row
// would be written differently. A map of another version must be rebuilt.
const Version = 2

// MaxNeighbours is how many distinct neighbours of one kind an identifier may
// have before it is treated as shared by several people.
const MaxNeighbours = 32

// A Member is one handle of a person: an identifier as one system knows it.
type Member struct {
	Handle events.Handle
	System events.Code
	Kind   events.Code
}

// Evidence is an event that named two identifiers of one person together.
type Evidence struct {
	Time     events.Instant
	Recorded events.Instant
	Position events.Position
	ID       inventory.Mark
	// Anchored: the event spoke through the system's own primary identifier and
	// may join; otherwise it only proposes.
	Anchored bool
}

// A Link says that a handle was seen together with another.
type Link struct {
	Other Member
	// Evidence holds the first event recorded and the first anchored one, of
	// those not retracted: one or two.
	Evidence []Evidence
	// Crossing: a source named one of the two as the identifier of another
	// system, by which a recipient knows the person; it joins only if that is
	// permitted for its kind.
	Crossing Crossing
}

// Crossing says which end of a link is another system's identifier.
type Crossing uint8

const (
	NotCrossing Crossing = iota
	OtherCrosses
	SelfCrosses
)

// A Word is what somebody said about two identifiers: that they are one person,
// or that they are not.
type Word struct {
	Other    events.Ref
	Linked   bool
	ByHand   bool // said in habeas by a named person, not by a source
	Anchored bool
	System   events.Code
	Evidence Evidence
	Reason   events.Code
}
