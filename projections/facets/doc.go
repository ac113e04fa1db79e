// Package facets answers from the other side: not what is held about one
// person, but of whom something is held, or was, or was passed on.
//
// Its unit is the cell: one observed combination of system, dataset, activity,
// category, subject type, provenance and country, or with a recipient for what
// was shared. Each cell knows, for every handle, the days on which something
// was held or shared. A question selects cells and unites them; it never meets
// facts of one person that were observed apart, as joining separate lists would.
//
// Handles are numbered densely, never twice (ordinals). A handle of which nothing
// was ever removed or retracted is kept up to date without reading anything. The
// others are rough: their rows are read and folded again whenever something about
// them changes, and so stay exact. Either way the state is a function of the rows
// of the map (I4).
//
// So the state lives in memory alone, and is made at opening from the rows of the
// map. What is stored is which handles are rough, and which events were taken back
// without it being known yet whose they were, in the transaction of the map that
// made them so (I3). The package owns the rows of family F. It may never see
// plaintext, a catalogue or a clock (I1, I4), and it knows handles, not people:
// who is one person is for identity to say.
package facets

import (
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Family is the first byte of the rows that this package owns:
//
//	F r handle16 -> nothing: the handle is rough
//	F t mark8    -> 1 while it is not known whose event was taken back, else 0
const Family = 'F'

const (
	rowRough = 'r'
	rowTaken = 't'
)

// Version is raised whenever an old row would be read differently or a new row
// would be written differently. A map of another version must be rebuilt.
const Version = 2

// A Reader reads the rows that the facets are a function of.
type Reader interface {
	inventory.Reader
}

// A Batch is the transaction that changes are written in.
type Batch interface {
	// Set keeps value but not key; the caller may not change value afterwards.
	Set(key, value []byte)
}

// A Day is a UTC day, counted from 1 January 1900. Days before that count as
// the first, days after the middle of 2079 as the last.
type Day uint16

const (
	lastDay Day = 1<<16 - 2
	never   Day = 1<<16 - 1 // the end of what has not ended
)

var firstDate = mustDate("1900-01-01")

func mustDate(s string) events.Date {
	d, err := events.ParseDate(s)
	if err != nil {
		panic(err) // a constant of this file
	}
	return d
}

// DayOf is the day of a date.
func DayOf(d events.Date) Day {
	return Day(max(0, min(int64(d)-int64(firstDate), int64(lastDay))))
}

// epoch is 1 January 1970 in days since the first.
var epoch = int64(mustDate("1970-01-01") - firstDate)

// dayOf is the day of a moment; the zero of time is one, too.
func dayOf(t events.Instant) Day {
	const perDay = 24 * 3600 * 1_000_000
	d := int64(t) / perDay
	if int64(t)%perDay < 0 {
		d--
	}
	return Day(max(0, min(d+epoch, int64(lastDay))))
}

// Changes reports whether a row tells how the state came about. Which handles were
// folded when depends on how batches were cut; what that amounts to does not.
func Changes(key []byte) bool { return len(key) > 1 && key[0] == Family }

func roughKey(h events.Handle) []byte { return append([]byte{Family, rowRough}, h[:]...) }

func takenKey(m inventory.Mark) []byte { return append([]byte{Family, rowTaken}, m[:]...) }
