package decide

import (
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A Restriction is one that stands, by the code under which it was set.
type Restriction struct {
	Code Code
	Set  events.Date
}

// A Lifting is a named person's word that a restriction ends.
type Lifting struct {
	By, Why string
	On      events.Date
	// Told is the day on which the person was told that it will end.
	Told events.Date
	// Ended says that what it waited for has come: the data was checked, the
	// objection weighed, the claim closed, or the person agreed.
	Ended bool
}

// Errors of Lift.
var (
	// ErrNotTold is returned when the person was not told before (Article 18(3)).
	ErrNotTold = errors.New("the person has to be told before the restriction is lifted")
	// ErrNotEnded is returned while what the restriction waits for has not come.
	ErrNotEnded = errors.New("what the restriction waits for has not come")
)

// Lift says whether a restriction may be lifted. The person is told on a day
// before (Article 18(3)), and a person decides it. What is kept by a hold is no
// restriction in this sense: lift the hold.
func Lift(r Restriction, l Lifting) error {
	var err error
	switch {
	case l.By == "":
		err = ErrNoPerson
	case l.Why == "":
		err = ErrNoReason
	case !l.Ended:
		err = ErrNotEnded
	case l.Told.IsZero() || l.Told >= l.On || l.Told < r.Set:
		err = ErrNotTold
	}
	if err != nil {
		return fmt.Errorf("lift a restriction (%s): %w; it stands", r.Code, err)
	}
	return nil
}

// Allows reports whether restricted data may be used for a reason: beside being
// stored it may be used with consent, for legal claims, to protect another person,
// or for an important public interest (Article 18(2)).
func Allows(use events.Code) bool {
	switch use {
	case "storage", "consent", "legal_claims", "protect_another", "public_interest":
		return true
	}
	return false
}
