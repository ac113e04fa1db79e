package retention

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A Holding is what the rules read of one holding. Days are days where the
// organisation is.
type Holding struct {
	Handle      events.Handle
	System      events.Code
	Dataset     events.Code
	Activity    events.Activity
	Category    events.Category
	Item        events.Ref
	SubjectType events.Code
	Stored      events.Date   // first stored
	RecordDates []events.Date // days the record is of, in order
	LastSent    events.Date   // last message that left; counts only where a decision says so
	// Collected is the version of the catalogue in force at collection; zero if
	// not known.
	Collected uint32
	Removed   bool // no longer held
}

// A Person is what happened around the holdings of one person.
type Person struct {
	Milestones []Milestone
	Consents   []Consent
	Requests   []Request
	Holds      []Hold
}

// A Milestone is a day that a system reported as reached, and that stands.
type Milestone struct {
	Code     events.Code
	System   events.Code
	Activity events.Activity // empty: not named
	Item     events.Ref      // empty: not named
	Date     events.Date
}

// A Consent is the last word on consent by one channel (empty: by every channel
// not listed beside it).
type Consent struct {
	Activity  events.Activity
	Item      events.Ref
	Channel   events.Code
	Withdrawn bool // else given
	At        events.Instant
	On        events.Date
}

// A Request is what the person asked under one right. It binds the holdings in
// its scope; an empty scope is everything held.
type Request struct {
	Right    events.Code // access, portability, erasure, ...
	Received events.Date
	Answered events.Date // zero: not answered yet
	Scope    Scope
}

// Open reports whether the request was received and its answer not sent by the
// end of the day.
func (r *Request) Open(on events.Date) bool {
	return r.Received <= on && (r.Answered.IsZero() || r.Answered > on)
}

// A Hold keeps what it covers from being erased, whatever the rules say. It may
// cover what is stored later as well.
type Hold struct {
	ID     string
	Scope  Scope
	Ground events.Code // claims, law, inquiry, regulator, crime, audit
	Placed events.Date
	Lifted events.Date // zero: it stands
	Review events.Date
}

// Stands reports whether the hold is in force at the end of the day.
func (h *Hold) Stands(on events.Date) bool {
	return h.Placed <= on && (h.Lifted.IsZero() || h.Lifted > on)
}

// Covers reports whether the hold keeps the holding. Of data whose source named no
// category nobody can say that it is not what the hold is on, so it stays: a hold
// errs on the side of keeping.
func (h *Hold) Covers(x *Holding) bool {
	scope := h.Scope
	if x.Category.Code == "" {
		scope.Category = events.Category{}
	}
	return scope.Covers(x)
}

// A Scope says which holdings a hold or a request reaches. A field that is not
// set leaves its side open.
type Scope struct {
	Handles  []events.Handle // of people; empty: everybody
	System   events.Code
	Activity events.Code
	Category events.Category
	Items    []events.Handle // names of one item, by the systems that know it
	// From and To bound the day of the record: the day it is of, or else the
	// day it was stored. Both inclusive.
	From, To events.Date
}

// Covers reports whether the scope reaches the holding.
func (s *Scope) Covers(h *Holding) bool {
	switch {
	case len(s.Handles) > 0 && !slices.Contains(s.Handles, h.Handle),
		s.System != "" && s.System != h.System,
		s.Activity != "" && s.Activity != h.Activity.Code,
		s.Category.Code != "" && s.Category.Code != h.Category.Code,
		s.Category.Element != "" && h.Category.Element != "" && s.Category.Element != h.Category.Element,
		len(s.Items) > 0 && !slices.Contains(s.Items, h.Item.Handle):
		return false
	}
	return s.inPeriod(h)
}

// inPeriod looks at the days of the record. A record of no known day is inside:
// a hold errs on the side of keeping.
func (s *Scope) inPeriod(h *Holding) bool {
	if s.From.IsZero() && s.To.IsZero() {
		return true
	}
	days := h.RecordDates
	if len(days) == 0 {
		if h.Stored.IsZero() {
			return true
		}
		days = []events.Date{h.Stored}
	}
	return slices.ContainsFunc(days, func(d events.Date) bool {
		return (s.From.IsZero() || d >= s.From) && (s.To.IsZero() || d <= s.To)
	})
}

// State is where a holding stands: retention.status of the published JSON.
type State string

const (
	Running           State = "running"             // its last day is known and has not come
	Due               State = "due"                 // it ends today
	Overdue           State = "overdue"             // it should have ended
	Paused            State = "paused"              // it should end, and an open request needs it
	OnHold            State = "on_hold"             // a hold keeps it, whatever its last day
	WaitingForTrigger State = "waiting_for_trigger" // what the period counts from has not happened
	OpenEnded         State = "open_ended"          // the notice names no end
	NoneStated        State = "none_stated"         // the notice is silent
	Undetermined      State = "undetermined"        // the notice speaks and no day follows from it
)

// States lists every state, in the order in which people read them.
func States() []State {
	return []State{Overdue, Due, Paused, OnHold, Running, WaitingForTrigger, OpenEnded, NoneStated, Undetermined}
}

// Listed reports whether a due list shows the state: what has ended, and what
// would have ended if nothing stood in the way.
func (s State) Listed() bool { return s == Due || s == Overdue || s == Paused || s == OnHold }

// A Status is the answer for one holding on one day.
type Status struct {
	State    State
	Rule     string // id of the rule; of the activity where the catalogue names none
	Triggers []catalogue.Trigger
	Join     catalogue.Join
	Period   catalogue.Period
	Round    catalogue.Round
	// From is the day that the triggers give; TriggerDate is the day the period
	// counts from, rounded if the rule rounds.
	From        events.Date
	TriggerDate events.Date
	// Due is the day it ends, holds that were lifted counted in.
	Due events.Date
	// AtLeast is set where the notice gives a minimum and no end.
	AtLeast events.Date
	// AtEnd is what the rule asks for at the end.
	AtEnd catalogue.AtEnd
	// DecideBy is set where the end stops the use and leaves the data: the day
	// by which a person decides what becomes of it.
	DecideBy events.Date
	// Missing are the triggers that nobody reported.
	Missing []catalogue.Trigger
	// Lengthened is set where the version of the catalogue at collection ends
	// earlier than the one in force; Due is then the earlier. LengthenedTo is the
	// day that the version in force gives, if it gives one.
	Lengthened   bool
	LengthenedTo events.Date
	// Keep names elements that stay behind for other holdings of the system.
	Keep *Floor
	// Decisions are the keys of the decisions the answer rests on.
	Decisions []string
	// Holds are the ids of the holds that cover it today.
	Holds []string
	// LiftedOn is the latest day on which a hold on it was lifted.
	LiftedOn events.Date
	// Why is one sentence for the person; ByRule is its part that the rule gives,
	// before what stands in the way.
	Why, ByRule string
}

// A Floor is what must stay to make sense of what is kept.
type Floor struct {
	Elements []events.Category
	Until    events.Date // zero: while the others are kept
}
