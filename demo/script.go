package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// An arrival is an observation and when it reaches the gateway.
type arrival struct {
	o  *events.Observation
	at time.Time
}

// script gathers the arrivals of one run. It is used by one goroutine.
type script struct {
	cfg          Config
	story        *Story
	cat          *catalogue.Catalogue // nil where the story is told without it
	start, until time.Time
	r            *rand.Rand
	out          []arrival
	serial       map[events.Code]int // events so far, by system
}

// at is the moment at a fraction of the whole story, moved into office hours of
// its day. What would happen after the end is never told.
func (s *script) at(f float64) time.Time {
	return office(s.start.Add(time.Duration(f * float64(s.until.Sub(s.start)))))
}

// office moves a moment into the office hours of its day.
func office(t time.Time) time.Time {
	midnight := t.Truncate(day)
	return midnight.Add(8*time.Hour + t.Sub(midnight)*10/24).Truncate(time.Second)
}

// before is a moment so many days before the end.
func (s *script) before(days float64) time.Time {
	t := s.until.Add(-time.Duration(days * float64(24*time.Hour)))
	if t.Before(s.start) {
		return s.start
	}
	return t.Truncate(time.Second)
}

// A step is one observation while it is being told. Its methods set what the
// event says and return it.
type step struct {
	o *events.Observation
	s *script
	i int // its place in s.out
}

// say begins an observation of a system. It returns nil, which every method
// takes, when the system is silent at that moment.
func (s *script) say(source events.Code, kind events.Kind, at time.Time, who ...events.Identifier) *step {
	if at.After(s.until.Add(-s.story.silence(source))) {
		return nil
	}
	s.serial[source]++
	o := &events.Observation{
		Event:      events.Event{Kind: kind, Source: source, Time: events.InstantOf(at)},
		ExternalID: events.NewPlaintext(fmt.Sprintf("%s-%07d", source, s.serial[source])),
		Subject:    slices.Clone(who),
	}
	// Systems send with a few seconds of delay.
	s.out = append(s.out, arrival{o, at.Add(time.Duration(1+s.serial[source]%7) * time.Second)})
	return &step{o, s, len(s.out) - 1}
}

func (s *script) stored(src events.Code, at time.Time, who ...events.Identifier) *step {
	return s.say(src, events.RecordStored, at, who...).how(events.Provided)
}

func (s *script) used(src events.Code, at time.Time, who ...events.Identifier) *step {
	return s.say(src, events.RecordUsed, at, who...)
}

func (s *script) shared(src events.Code, to events.Code, at time.Time, who ...events.Identifier) *step {
	st := s.say(src, events.RecordShared, at, who...)
	if st != nil {
		st.o.Event.Recipient.Code = to
	}
	return st
}

func (s *script) removed(src events.Code, at time.Time, how events.Removal, who ...events.Identifier) *step {
	st := s.say(src, events.RecordRemoved, at, who...)
	if st != nil {
		st.o.Event.Removal = how
	}
	return st
}

func (s *script) milestone(src, code events.Code, at time.Time, who ...events.Identifier) *step {
	return s.say(src, events.MilestoneReached, at, who...).set(func(e *events.Event) {
		e.Milestone, e.Date = code, events.DateOf(at)
	})
}

// set changes the event of the step by hand.
func (st *step) set(fn func(*events.Event)) *step {
	if st != nil {
		fn(&st.o.Event)
	}
	return st
}

func (st *step) how(p events.Provenance) *step {
	return st.set(func(e *events.Event) { e.Provenance = p })
}

// as names the kind of person and what is done for: "ic-a04/run_platform".
func (st *step) as(subjectType events.Code, activity string) *step {
	return st.set(func(e *events.Event) {
		e.SubjectType = subjectType
		e.Activity = activityOf(activity)
	})
}

func activityOf(s string) events.Activity {
	code, sub, _ := strings.Cut(s, "/")
	return events.Activity{Code: events.Code(code), SubPurpose: events.Code(sub)}
}

// in names the dataset and what is in it: "identity", "identity/photo_id_copy".
func (st *step) in(dataset events.Code, categories ...string) *step {
	return st.set(func(e *events.Event) {
		e.Dataset = dataset
		for _, c := range categories {
			code, element, _ := strings.Cut(c, "/")
			e.Categories = append(e.Categories, events.Category{Code: events.Code(code), Element: events.Code(element)})
		}
	})
}

func (st *step) from(source events.Code) *step {
	return st.set(func(e *events.Event) { e.ObtainedFrom.Code, e.Provenance = source, events.ThirdParty })
}

func (st *step) item(kind events.Code, value string) *step {
	if st != nil {
		st.o.Item = id(kind, value)
	}
	return st
}

func (st *step) within(kind events.Code, value string) *step {
	if st != nil {
		st.o.Within = id(kind, value)
	}
	return st
}

// knownAs is the name by which the recipient knows the person.
func (st *step) knownAs(kind events.Code, value string) *step {
	if st != nil {
		st.o.RecipientRef = id(kind, value)
	}
	return st
}

// because says on what condition data was shared.
func (st *step) because(condition events.Code) *step {
	return st.set(func(e *events.Event) { e.Condition = condition })
}

func (st *step) abroad(country, safeguard events.Code) *step {
	return st.set(func(e *events.Event) { e.TransferTo, e.Safeguard = country, safeguard })
}

// late delays the arrival, but not past the end of the story.
func (st *step) late(by time.Duration) *step {
	if st == nil {
		return nil
	}
	a := &st.s.out[st.i]
	a.at = a.at.Add(by)
	if a.at.After(st.s.until) {
		a.at = st.s.until
	}
	return st
}

// again delivers the same event, id and all, a second time.
func (st *step) again(after time.Duration) *step {
	if st == nil {
		return nil
	}
	s, at := st.s, st.s.out[st.i].at.Add(after)
	if at.Before(s.until) {
		s.out = append(s.out, arrival{clone(st.o), at})
	}
	return st
}

// repeat tells the same fact anew, under a new id, at a later time.
func (st *step) repeat(at time.Time) *step {
	if st == nil {
		return nil
	}
	n := st.s.say(st.o.Event.Source, st.o.Event.Kind, at, st.o.Subject...)
	if n != nil {
		ext, when := n.o.ExternalID, n.o.Event.Time
		*n.o = *clone(st.o)
		n.o.ExternalID, n.o.Event.Time = ext, when
	}
	return n
}

// retract takes the step back.
func (st *step) retract(at time.Time, why events.Code) {
	if st == nil {
		return
	}
	n := st.s.say(st.o.Event.Source, events.EventRetracted, at)
	if n != nil {
		n.o.Retracts = st.o.ExternalID
		n.o.Event.RetractsSource, n.o.Event.Why = st.o.Event.Source, why
	}
}

// clone copies an observation so deep that changing one leaves the other.
func clone(o *events.Observation) *events.Observation {
	c := *o
	c.Subject = slices.Clone(o.Subject)
	c.Event.Categories = slices.Clone(o.Event.Categories)
	c.Event.Channels = slices.Clone(o.Event.Channels)
	c.Event.Covers = slices.Clone(o.Event.Covers)
	return &c
}

func id(kind events.Code, value string) events.Identifier {
	return events.Identifier{Kind: kind, Value: events.NewPlaintext(value)}
}
