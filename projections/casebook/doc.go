// Package casebook keeps the cases and the tasks of the journal: which facts of
// them count, what state each stands in, and the orders in which lists show
// them.
//
// It owns the rows of family P. A fact counts only if its version follows the
// one before it (Count is that of the stored version and one more), and the
// first fact of a case opens it. Of two facts with one version the first in the
// journal counts and the other changes nothing, so two writers who did not know
// of each other need no lock: each reads back whose fact the row holds. Every
// row is a function of the events before it and is written in their transaction
// (I3); no clock, no catalogue and no rule of law is in reach (I4). What the acts
// mean is for the rights to say: the bodies of facts are sealed, and here stands
// only what lists, schedules and counts need.
//
// It may never see whom a case is about (I1): facts carry no handle.
package casebook

import (
	"errors"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Family is the first byte of every row this package owns:
//
//	P c case16                  -> number of the case
//	P h inverted-number4        -> head of the case: newest first
//	P f case16 version4         -> a fact of a case
//	P d status1 due4 number4    -> nothing: the cases of a status by due date
//	P i status1 inverted-number4 -> nothing: the cases of a status, newest first
//	P t task16                  -> head of the task
//	P u task16 version4         -> a fact of a task
//	P j case16 task16           -> nothing: the tasks of a case
//	P p case16                  -> how many tasks of it stand in each state
//	P s length code day4 task16 -> nothing: tasks that a system is not done with
//	P w moment1 day4 time8 task16 -> nothing: what falls due for such a task
//	P b bucket                  -> how many rows stand in a bucket of one of the lists d, i, s, w
//	P n                         -> totals
const Family = 'P'

const (
	rowCase     = 'c'
	rowHead     = 'h'
	rowFact     = 'f'
	rowDue      = 'd'
	rowStatus   = 'i'
	rowBucket   = 'b'
	rowTask     = 't'
	rowTaskFact = 'u'
	rowOfCase   = 'j'
	rowTally    = 'p'
	rowSystem   = 's'
	rowMoment   = 'w'
	rowTotals   = 'n'
)

// Version is raised whenever rows would be written or read differently.
const Version = 2

// A Batch is the transaction that rows are written in. Get sees what Set wrote
// and not what Delete took away.
type Batch interface {
	inventory.Batch
	events.Names
	// Delete keeps no reference to key. A row that is not there is no error.
	Delete(key []byte)
}

// A Reader reads rows at one position of the journal.
type Reader interface {
	inventory.Scanner
	Get(key []byte) (value []byte, ok bool, err error)
	events.Names
}

var (
	// ErrUnknown: no case or task of that id, or of an id that begins so.
	ErrUnknown = errors.New("there is none of that id")
	// ErrAmbiguous: several ids begin so.
	ErrAmbiguous = errors.New("several begin so")
	// ErrCursor: the cursor is not one of this list.
	ErrCursor = errors.New("the cursor is of another list")

	errForm = errors.New("its form is broken")
	errKey  = errors.New("it does not stand under its key")
)
