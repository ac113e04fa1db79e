// Package inventory keeps, for each handle, its own slice of the journal, and
// folds it at reading into holdings, disclosures, consents and what else is
// known of a person.
//
// It owns the rows of events (E), their templates (T), references (X), systems
// (Y), retractions (R), quarantine notes (G) and bodies observed (U), and the pure functions Fold and History over them.
// It may never see plaintext, a catalogue or a clock (I1, I4): a row is a
// function of the events before it, and Fold is a function of rows and a query.
//
// A row stands for equal observations of one handle in one month. It keeps the
// earliest, the latest and the first recorded of them exactly, and one bit that
// says whether there were others. What is held now is therefore exact; as-of
// and as-known are exact to the month between equal observations of one month.
package inventory

import (
	"errors"

	"github.com/habeas-data/habeas/events"
)

// A Scanner reads rows in key order. Slices that it hands out are valid until
// fn returns.
type Scanner interface {
	// Scan calls fn for each row whose key begins with prefix, in key order,
	// from the key start (or from prefix if start is empty). fn returning
	// ErrStop ends the scan without an error.
	Scan(prefix, start []byte, fn func(key, value []byte) error) error
}

// ErrStop ends a scan early.
var ErrStop = errors.New("stop scanning")

// A Reader reads rows at one position of the journal. Slices that it hands out
// are valid until the callback returns or the next call.
type Reader interface {
	Get(key []byte) (value []byte, ok bool, err error)
	Scanner
	// Name turns a code's number in the map back into the code.
	Name(n uint64) (events.Code, error)
	// Templates is the table of bodies, loaded with the map.
	Templates() *Templates
	// Retracted lists what took the event back, as of the reader's position.
	Retracted(id Mark) []Retraction
}

// A Batch is the transaction that an event is applied in. Get sees what Set
// wrote. Symbol numbers a code, and the numbers are given in journal order.
type Batch interface {
	Get(key []byte) (value []byte, ok bool, err error)
	// Set keeps value but not key; the caller may not change value afterwards.
	Set(key, value []byte)
	Symbol(c events.Code) uint64
}

// Families of keys: the first byte of every row this package owns.
const (
	FamilyEvent      = 'E' // E handle16 others context categories ... month -> observations, particulars
	FamilyReference  = 'X' // X ref16 subject16 -> roles
	FamilySystem     = 'Y' // Y length code -> tally of one system
	FamilyRetraction = 'R' // R target16 own16 -> position, recorded
	FamilyNote       = 'G' // G note16 -> state of a quarantined event
	FamilyRecipient  = 'N' // N length code -> note and place of its last registration
)

// Version is raised whenever an old row would be read differently or a new row
// would be written differently. A map of another version must be rebuilt.
const Version = 5

// Operator is the system under which habeas itself speaks.
const Operator events.Code = "habeas"

// Known limits a reading to what was recorded by a moment: a position, a time,
// or both. The zero Known is everything.
type Known struct {
	Position events.Position
	At       events.Instant
}

// IsZero reports whether nothing is left out.
func (k Known) IsZero() bool { return k == Known{} }

// Sees reports whether something recorded at p, stamped at, was known.
func (k Known) Sees(p events.Position, at events.Instant) bool {
	return (k.Position.IsZero() || p.Compare(k.Position) <= 0) &&
		(k.At.IsZero() || at <= k.At)
}

// A Mark is the tail of an event's id: enough to tell the observations of one
// person apart, and to find what was retracted.
type Mark [8]byte

// MarkOf shortens an id.
func MarkOf(id events.EventID) Mark { return Mark(id[:8]) }
