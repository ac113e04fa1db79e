package demo

import (
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A scene is a line of a table: what is reported of a person, and when. The
// steps of scenes are told to nobody yet: only the words that describe an event
// fit them, not those that disturb its arrival.
type scene struct {
	when moment
	what *step
}

// A moment is when a scene happens in a run.
type moment func(s *script) time.Time

// on is a calendar day, for histories that are told with their dates.
func on(year int, month time.Month, day int) moment {
	return func(*script) time.Time { return time.Date(year, month, day, 9, 0, 0, 0, time.UTC) }
}

// ago is so many days before the end of the story.
func ago(days float64) moment {
	return func(s *script) time.Time { return office(s.before(days)) }
}

// said makes the step of a scene.
func said(source events.Code, kind events.Kind) *step {
	return &step{o: &events.Observation{Event: events.Event{Source: source, Kind: kind}}}
}

// stores: a system has data that the person gave it.
func stores(source, dataset events.Code, what ...string) *step {
	return said(source, events.RecordStored).how(events.Provided).in(dataset, what...)
}

// shares: a system passed data on.
func shares(source, to, dataset events.Code, what ...string) *step {
	return said(source, events.RecordShared).in(dataset, what...).set(func(e *events.Event) { e.Recipient.Code = to })
}

// sends: a message to the person left by a channel.
func sends(source, channel, dataset events.Code, what ...string) *step {
	return said(source, events.RecordUsed).in(dataset, what...).set(func(e *events.Event) { e.Action, e.Channel = events.ActionSent, channel })
}

// reads: somebody used the data.
func reads(source, dataset events.Code, what ...string) *step {
	return said(source, events.RecordUsed).in(dataset, what...).set(func(e *events.Event) { e.Action = events.ActionRead })
}

// reaches: a milestone, on the day of the scene.
func reaches(source, milestone events.Code) *step {
	return said(source, events.MilestoneReached).set(func(e *events.Event) { e.Milestone = milestone })
}

// consents: the person agreed to an activity by some channels; none is all.
func consents(source events.Code, row string, method events.Method, by events.Giver, channels ...events.Code) *step {
	return said(source, events.ConsentGiven).set(func(e *events.Event) {
		e.Activity, e.Method, e.GivenBy, e.Channels = activityOf(row), method, by, channels
	})
}

func withdraws(source events.Code, row string, channels ...events.Code) *step {
	return said(source, events.ConsentWithdrawn).set(func(e *events.Event) {
		e.Activity, e.Method, e.GivenBy, e.Channels = activityOf(row), events.MethodForm, events.GivenBySelf, channels
	})
}

// objects: to an activity, or to direct marketing where none is named.
func objects(source events.Code, row string, channels ...events.Code) *step {
	return said(source, events.ObjectionMade).set(func(e *events.Event) {
		e.Channels = channels
		if row == "" {
			e.Flags |= events.DirectMarketing
			return
		}
		e.Activity = activityOf(row)
	})
}

func restricts(source events.Code, row string, ground events.Code) *step {
	return said(source, events.RestrictionSet).set(func(e *events.Event) { e.Activity, e.Ground = activityOf(row), ground })
}

// decides: a machine alone decided something of weight.
func decides(source events.Code, row string, logic events.Code) *step {
	return said(source, events.DecisionMade).set(func(e *events.Event) {
		e.Activity, e.Automated, e.Significant, e.Logic = activityOf(row), true, true, logic
	})
}

func isNow(source events.Code, state events.State) *step {
	return said(source, events.PersonState).set(func(e *events.Event) { e.State = state })
}

// at says where what is stored lies.
func (st *step) at(place, country events.Code) *step {
	return st.set(func(e *events.Event) { e.Place, e.Country = place, country })
}

func (st *step) mark(m events.Marks) *step {
	return st.set(func(e *events.Event) { e.Marks |= m })
}

func (st *step) held(controller events.Code) *step {
	return st.set(func(e *events.Event) { e.Controller = controller })
}

func (st *step) dated(year int, month time.Month, d int) *step {
	return st.set(func(e *events.Event) { e.RecordDate = events.DateOf(time.Date(year, month, d, 0, 0, 0, 0, time.UTC)) })
}

// restsOn is another lawful basis than the row's.
func (st *step) restsOn(basis events.Code) *step {
	return st.set(func(e *events.Event) { e.Basis = basis })
}

// byLaw: kept for a legal duty.
func (st *step) byLaw(duty events.Code) *step {
	return st.set(func(e *events.Event) { e.LegalDuty = duty })
}

func (st *step) forGain(c events.Consideration) *step {
	return st.set(func(e *events.Event) { e.Consideration = c })
}

func (st *step) actingAs(role events.ActingAs) *step {
	return st.set(func(e *events.Event) { e.ActingAs = role })
}

func (st *step) onPaper(place events.Code) *step {
	return st.set(func(e *events.Event) { e.Medium, e.Place, e.Country = events.MediumPaper, place, "gb" })
}

// known is the names by which a system knows the person: its own number first.
func (s *script) known(p *person, system events.Code) []events.Identifier {
	if s.story.named != nil {
		return s.story.named(p, system)
	}
	letter := "X"
	for i := range s.story.systems {
		if s.story.systems[i].code == system {
			letter = s.story.systems[i].letter
		}
	}
	kind := s.cat.PrimaryKind(system)
	if kind == "" {
		kind = system + ".person" // a system that the catalogue does not name
	}
	out := []events.Identifier{id(kind, fmt.Sprint(letter, 1000+p.n))}
	switch {
	case p.email != "":
		out = append(out, p.mail())
	case p.phone != "":
		out = append(out, p.tel())
	}
	return out
}

// firstApart is the number of the first person told apart, far from the crowd's.
const firstApart = 90_950

// tellApart plays those who stand outside the cast.
func (s *script) tellApart() {
	for i := range s.story.apart {
		part := &s.story.apart[i]
		p := s.newPerson(firstApart+i, part.role)
		p.email, p.phone = part.email, part.phone
		for n := range part.scenes {
			s.perform(p, part.scenes[n], n)
		}
	}
}

// perform tells a scene of a person. Scenes of one day follow each other.
func (s *script) perform(p *person, sc scene, n int) {
	at := sc.when(s).Add(time.Duration(n) * time.Second)
	who := sc.what.o.Subject
	if who == nil {
		who = s.known(p, sc.what.o.Event.Source)
	}
	st := s.say(sc.what.o.Event.Source, sc.what.o.Event.Kind, at, who...)
	if st == nil {
		return
	}
	c := clone(sc.what.o)
	c.ExternalID, c.Subject, c.Event.Time = st.o.ExternalID, st.o.Subject, st.o.Event.Time
	if k := c.Event.Kind; (k == events.MilestoneReached || k == events.PersonState) && c.Event.Date == 0 {
		c.Event.Date = events.DateOf(at)
	}
	s.story.placed(&c.Event)
	*st.o = *c
}

// of names the person otherwise than the system usually does.
func (st *step) of(who ...events.Identifier) *step {
	if st != nil {
		st.o.Subject = who
	}
	return st
}
