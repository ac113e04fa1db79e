package retention

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Families of keys: the first byte of every row this package owns.
const (
	FamilyMoment = 'D' // D length code day4 handle16 -> nothing
	FamilyOrder  = 'O' // O kind ids -> the event, position, recorded
)

// Version is raised whenever rows would be written or read differently.
const Version = 1

// The moments that are no milestones.
const (
	RecordDate       events.Code = "record_date"
	ConsentWithdrawn events.Code = "consent_withdrawn"
)

// Death is the milestone that a person reaches whose state is reported as
// deceased: the two say the same.
const Death events.Code = "death"

// MomentOf is the code and the day of the moment that an event is. A milestone
// without a date was reached on the day of its event. Days of events are in UTC,
// so a day where the organisation is may be the one after.
func MomentOf(e *events.Event) (events.Code, events.Date, bool) {
	switch e.Kind {
	case events.MilestoneReached:
		if e.Date == 0 {
			return e.Milestone, e.Time.Day(), true
		}
		return e.Milestone, e.Date, true
	case events.PersonState:
		if e.State == events.StateDeceased {
			return Death, e.Date, e.Date != 0
		}
	case events.ConsentWithdrawn:
		return ConsentWithdrawn, e.Time.Day(), true
	case events.RecordStored:
		return RecordDate, e.RecordDate, e.RecordDate != 0
	}
	return "", 0, false
}

// An Applier writes the rows of events. It keeps nothing between them.
type Applier struct{}

// Apply writes what the event says; it has passed inventory.Check. changed is
// false for a repeat, which says nothing new.
func (Applier) Apply(b inventory.Batch, r *events.Recorded, changed bool) error {
	if isOrder(r.Kind) {
		return order(b, r)
	}
	if !changed || len(r.Subject) == 0 {
		return nil
	}
	code, day, ok := MomentOf(&r.Event)
	if !ok || code == "" {
		return nil
	}
	b.Set(momentKey(code, Moment{day, r.Subject[0].Handle}), nil)
	return nil
}

func momentPrefix(code events.Code) []byte {
	return append([]byte{FamilyMoment, byte(len(code))}, code...)
}

func momentKey(code events.Code, m Moment) []byte {
	return append(binary.BigEndian.AppendUint32(momentPrefix(code), uint32(m.Day)), m.Handle[:]...)
}

// A Moment is one place to look: something that periods count from happened
// around a handle on a day.
type Moment struct {
	Day    events.Date
	Handle events.Handle
}

func parseMoment(k []byte) (events.Code, Moment, error) {
	if len(k) < 2 || len(k) != 2+int(k[1])+4+16 || k[1] == 0 {
		return "", Moment{}, fmt.Errorf("read moment row, key of %d bytes: its form is broken", len(k))
	}
	code, rest := events.Code(k[2:2+k[1]]), k[2+k[1]:]
	return code, Moment{Day: events.Date(binary.BigEndian.Uint32(rest)), Handle: events.Handle(rest[4:])}, nil
}

// Moments calls fn for the moments of a code in the order of days, then handles,
// from after (which is left out; the zero Moment begins at the beginning) to the
// end of a day. fn returning inventory.ErrStop ends it without an error.
func Moments(r inventory.Scanner, code events.Code, after Moment, last events.Date, fn func(Moment) error) error {
	prefix, start := momentPrefix(code), momentKey(code, after)
	return r.Scan(prefix, start, func(k, _ []byte) error {
		_, m, err := parseMoment(k)
		if err != nil {
			return err
		}
		if m.Day > last {
			return inventory.ErrStop
		}
		if m == after {
			return nil
		}
		return fn(m)
	})
}

// CheckRow reads one row of this package and says what is wrong with it.
func CheckRow(r inventory.Reader, key, value []byte) error {
	switch key[0] {
	case FamilyMoment:
		if _, _, err := parseMoment(key); err != nil || len(value) > 0 {
			return errors.Join(err, errors.New("its form is broken"))
		}
		return nil
	case FamilyOrder:
		_, err := parseOrder(r, key, value)
		return err
	}
	return errors.New("no projection owns it")
}
