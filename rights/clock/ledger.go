package clock

import (
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A Mark names what moved a clock, or tried to.
type Mark string

// The marks of a ledger.
const (
	Received          Mark = "received"
	IdentityAsked     Mark = "identity_asked"    // because of reasonable doubt
	IdentityReceived  Mark = "identity_received" // what was asked for
	IdentityChecked   Mark = "identity_checked"  // nobody had doubted it: moves nothing
	AuthorityAsked    Mark = "authority_asked"
	AuthorityReceived Mark = "authority_received"
	FeeAsked          Mark = "fee_asked"
	FeePaid           Mark = "fee_paid"
	ClarifyAsked      Mark = "clarification_asked"
	ClarifyReceived   Mark = "clarification_received"
	ExtensionTold     Mark = "extension_told" // with the reasons
	Answered          Mark = "answered"
)

// Marks lists them all.
var Marks = []Mark{Received, IdentityAsked, IdentityReceived, IdentityChecked, AuthorityAsked, AuthorityReceived,
	FeeAsked, FeePaid, ClarifyAsked, ClarifyReceived, ExtensionTold, Answered}

// ParseMark reads a mark's name.
func ParseMark(s string) (Mark, error) { return parse("mark", s, Marks) }

func (m Mark) String() string { return string(m) }

// An Entry is one line of a ledger. Ref tells clarifications apart that are open
// at the same time; zero where there is one.
type Entry struct {
	Mark Mark
	On   events.Date
	At   time.Time // the moment of a breach, in the zone whose hours count
	Ref  int
}

// A Ledger is what happened to one clock, in the order it was recorded. Nothing in
// it is changed afterwards; state is folded from it.
type Ledger struct {
	Regime  Regime
	Right   Right
	Nation  Nation
	Entries []Entry
}

// Facts folds the ledger: the facts of its clock and the day of the answer, zero if
// there was none. It fails with ErrFacts on an entry that cannot follow those before
// it, so a ledger can be tried with one more entry before that is recorded.
func (l *Ledger) Facts() (f Facts, answered events.Date, err error) {
	f = Facts{Regime: l.Regime, Right: l.Right, Nation: l.Nation}
	open := map[int]int{} // by Ref, the clarification that waits
	for i, e := range l.Entries {
		if err := l.follows(&f, i, answered, open); err != nil {
			return Facts{}, 0, fmt.Errorf("%w: entry %d (%s): %w", ErrFacts, i+1, e.Mark, err)
		}
		switch e.Mark {
		case Received:
			f.Received, f.Aware = e.On, e.At
		case IdentityAsked:
			f.IdentityAsked, f.Identity = e.On, 0
		case IdentityReceived:
			f.Identity = e.On
		case AuthorityAsked:
			f.AuthorityAsked, f.Authority = e.On, 0
		case AuthorityReceived:
			f.Authority = e.On
		case FeeAsked:
			f.FeeAsked, f.Fee = e.On, 0
		case FeePaid:
			f.Fee = e.On
		case ClarifyAsked:
			open[e.Ref] = len(f.Clarifications)
			f.Clarifications = append(f.Clarifications, Span{Asked: e.On})
		case ClarifyReceived:
			f.Clarifications[open[e.Ref]].Answered = e.On
			delete(open, e.Ref)
		case ExtensionTold:
			f.Extended, f.ExtensionNotified = true, e.On
		case Answered:
			answered = e.On
		}
	}
	if f.Received.IsZero() {
		return Facts{}, 0, fmt.Errorf("%w: the ledger is empty", ErrFacts)
	}
	return f, answered, f.check(Defaults)
}

// follows says why an entry cannot come after those before it.
func (l *Ledger) follows(f *Facts, i int, answered events.Date, open map[int]int) error {
	e := l.Entries[i]
	_, waits := open[e.Ref]
	switch {
	case !slices.Contains(Marks, e.Mark):
		return fmt.Errorf("no such mark; want one of %s", join(Marks))
	case e.On.IsZero():
		return fmt.Errorf("the day is missing")
	case (e.Mark == Received) != (i == 0):
		return fmt.Errorf("a clock is received once, first of all")
	case e.On < f.Received:
		return fmt.Errorf("%s is before the receipt on %s", e.On, f.Received)
	case !answered.IsZero():
		return fmt.Errorf("it was answered on %s, which ended the clock", answered)
	case e.Mark == IdentityReceived && f.IdentityAsked.IsZero():
		return fmt.Errorf("nobody asked for it; checking a person whom nobody doubted is %q and moves nothing", IdentityChecked)
	case e.Mark == FeePaid && f.FeeAsked.IsZero():
		return fmt.Errorf("nobody asked for a fee")
	case e.Mark == ClarifyAsked && waits:
		return fmt.Errorf("the clarification asked for on %s is still open; give this one a reference of its own", f.Clarifications[open[e.Ref]].Asked)
	case e.Mark == ClarifyReceived && !waits:
		return fmt.Errorf("no clarification is open")
	case e.Mark == ExtensionTold && f.Extended:
		return fmt.Errorf("the person was told on %s already; there is one extension", f.ExtensionNotified)
	}
	return nil
}

// A Stand says how a clock stands on a day.
type Stand string

// How a clock can stand.
const (
	NotBegun     Stand = "not_begun"
	StandsStill  Stand = "paused"
	Running      Stand = "running"
	DueToday     Stand = "due_today"
	Overdue      Stand = "overdue"
	InTime       Stand = "answered_in_time"
	AnsweredLate Stand = "answered_late"
)

// A Standing is a clock on a day.
type Standing struct {
	Stand  Stand
	Answer *Answer
}

// On folds the ledger and says how its clock stands on a day. Entries of later days
// are left out, so the past is shown as it was. An answer that was sent ends the
// clock: it was in time if it came no later than the last day, or while the clock
// stood still or had not begun.
func (l *Ledger) On(on events.Date, calendars *Set, s Settings) (*Standing, error) {
	until := Ledger{Regime: l.Regime, Right: l.Right, Nation: l.Nation}
	for _, e := range l.Entries {
		if e.On <= on {
			until.Entries = append(until.Entries, e)
		}
	}
	f, answered, err := until.Facts()
	if err != nil {
		return nil, err
	}
	f.On = on
	if !answered.IsZero() {
		f.On = answered
	}
	a, err := Deadline(f, calendars, s)
	if err != nil {
		return nil, err
	}
	st := &Standing{Answer: a}
	last := a.Due.Day
	if !a.Due.At.IsZero() {
		last = events.DateOf(a.Due.At)
	}
	switch {
	case !answered.IsZero() && (a.Status != Dated || answered <= last):
		st.Stand = InTime
	case !answered.IsZero():
		st.Stand = AnsweredLate
	case a.Status == Waiting:
		st.Stand = NotBegun
	case a.Status == Paused:
		st.Stand = StandsStill
	case on > last:
		st.Stand = Overdue
	case on == last:
		st.Stand = DueToday
	default:
		st.Stand = Running
	}
	return st, nil
}
