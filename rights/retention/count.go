package retention

import (
	"fmt"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// count finds the day the period counts from and the day it ends.
func (e *Engine) count(s *Status, r *reader, x *rule, p *Person, h *Holding) {
	from, ok := e.from(s, r, x, p, h)
	if !ok {
		return
	}
	s.From = from
	if x.round == catalogue.RoundFinancialYear {
		end, ok := r.yearEnd()
		if !ok {
			s.State, s.Why = Undetermined, "it counts from the end of the financial year, and nobody has said on which day that year ends"
			return
		}
		from = end.Close(from)
	}
	s.TriggerDate = from
	end := x.period.AfterDate(from)
	if x.minimum {
		s.State, s.AtLeast = Undetermined, end
		s.Why = fmt.Sprintf("the notice keeps it for at least %s after %s, which is until %s, and names no end",
			x.period.Plain(), e.whens(x), catalogue.PlainDate(end))
		return
	}
	s.Due, s.State, s.Why = end, Running, e.told(x, from, len(s.Missing) > 0)
	if len(s.Missing) > 0 {
		s.Why += "; not reported: " + e.when(s.Missing[0])
	}
}

// from is the day that the triggers give together. "A or B" counts the later of
// those that happened, or the earlier; where the notice does not say which, a
// person decides first.
func (e *Engine) from(s *Status, r *reader, x *rule, p *Person, h *Holding) (from events.Date, ok bool) {
	var days []events.Date
	for _, t := range x.triggers {
		day, can := e.reached(r, t, p, h)
		switch {
		case !can:
			s.State, s.Why = Undetermined, "no system reports when "+e.when(t)+", so the end cannot be computed"
			return 0, false
		case day.IsZero():
			s.Missing = append(s.Missing, t)
		default:
			days = append(days, day)
			if from.IsZero() || (x.join == catalogue.Earlier && day < from) || (x.join != catalogue.Earlier && day > from) {
				from = day
			}
		}
	}
	if len(x.triggers) > 1 && x.join == "" {
		s.State, s.Why = Undetermined, "the notice names several moments to count from and does not say which counts"+e.either(x, days)
		return 0, false
	}
	if from.IsZero() {
		s.State, s.Why = WaitingForTrigger, e.waiting(x, h)
		return 0, false
	}
	return from, true
}

// The moments every system knows.
const (
	onRecordDate       events.Code = "record_date"
	onStored           events.Code = "stored"
	onConsentWithdrawn events.Code = "consent_withdrawn"
	onRequestClosed    events.Code = "request_closed"
	onHoldLifted       events.Code = "hold_lifted"
)

// reached is the day a trigger fired for a holding; zero if it has not. can is
// false for a circumstance that no system reports.
func (e *Engine) reached(r *reader, t catalogue.Trigger, p *Person, h *Holding) (day events.Date, can bool) {
	switch t.Code {
	case onRecordDate:
		for _, d := range h.RecordDates {
			day = max(day, d) // of several, the latest counts
		}
		return day, true
	case onStored:
		return h.Stored, true
	case onConsentWithdrawn:
		return withdrawn(p, h), true
	case onRequestClosed:
		for i := range p.Requests {
			if q := &p.Requests[i]; q.Scope.Covers(h) {
				day = max(day, q.Answered)
			}
		}
		return day, true
	case catalogue.RequestReceived:
		return firstRequest(p, h, func(q *Request) bool { return q.Right == t.Right }), true
	case onHoldLifted:
		for i := range p.Holds {
			if x := &p.Holds[i]; x.Covers(h) {
				day = max(day, x.Lifted)
			}
		}
		return day, true
	}
	m, ok := e.cat.Milestone(t.Code)
	if !ok {
		return 0, false
	}
	return e.milestone(r, m, p, h), true
}

// milestone is the latest day on which it was reached. A request, an export, an
// audit or a message that leaves is no contact and no use, unless somebody
// decided that it counts.
func (e *Engine) milestone(r *reader, m *catalogue.Milestone, p *Person, h *Holding) (day events.Date) {
	for i := range p.Milestones {
		if x := &p.Milestones[i]; x.Code == m.ID && x.Date > day && concerns(m.Scope, x, h) {
			day = x.Date
		}
	}
	for i := range p.Requests {
		if q := &p.Requests[i]; q.Scope.Covers(h) && r.counts(m.ID, q) {
			day = max(day, q.Received)
		}
	}
	if h.LastSent > day && r.sendingCounts(m.ID) {
		day = h.LastSent
	}
	if day.IsZero() {
		day = firstRequest(p, h, func(q *Request) bool { return r.fires(m.ID, q) })
	}
	return day
}

func firstRequest(p *Person, h *Holding, is func(*Request) bool) (day events.Date) {
	for i := range p.Requests {
		q := &p.Requests[i]
		if is(q) && q.Scope.Covers(h) && (day.IsZero() || q.Received < day) {
			day = q.Received
		}
	}
	return day
}

// concerns reports whether a milestone speaks of the holding. One of a person
// reaches everything; one of an activity that names it reaches that activity,
// and one that does not reaches what the reporting system holds; one of an item
// reaches what carries the item, and without one what carries none.
func concerns(scope catalogue.Scope, m *Milestone, h *Holding) bool {
	switch scope {
	case catalogue.ScopePerson:
		return true
	case catalogue.ScopeActivity:
		if !m.Item.IsZero() && m.Item.Handle != h.Item.Handle {
			return false
		}
		if m.Activity.Code == "" {
			return m.System == h.System
		}
		return sameActivity(m.Activity, h.Activity)
	case catalogue.ScopeItem:
		return m.Item.Handle == h.Item.Handle && (!m.Item.IsZero() || m.System == h.System) &&
			(m.Activity.Code == "" || sameActivity(m.Activity, h.Activity))
	}
	return false
}

// sameActivity reports whether word of an activity reaches a purpose within it.
func sameActivity(of, held events.Activity) bool {
	return of.Code == held.Code && (of.SubPurpose == "" || of.SubPurpose == held.SubPurpose)
}

// withdrawn is the day the last consent for the holding's activity ended; zero
// while one stands or none was ever withdrawn. The purpose ends by channel, the
// holding with the last of them.
func withdrawn(p *Person, h *Holding) (day events.Date) {
	concern := func(c *Consent) bool {
		return sameActivity(c.Activity, h.Activity) && (c.Item.IsZero() || c.Item.Handle == h.Item.Handle)
	}
	for i := range p.Consents {
		c := &p.Consents[i]
		if !concern(c) {
			continue
		}
		if c.Withdrawn {
			day = max(day, c.On)
			continue
		}
		ended := false
		for j := range p.Consents {
			w := &p.Consents[j]
			ended = ended || (w.Withdrawn && concern(w) && w.At > c.At && (w.Channel == "" || w.Channel == c.Channel))
		}
		if !ended {
			return 0
		}
	}
	return day
}

// told says the period in words: "7 years after the account is deleted, which
// was on 14 March 2025".
func (e *Engine) told(x *rule, from events.Date, partly bool) string {
	whens := e.whens(x)
	if partly {
		whens = strings.Replace(whens, " of: ", " of those that happened: ", 1)
	}
	on := ", which was on " + catalogue.PlainDate(from)
	if x.round != "" {
		on = ", counted from " + catalogue.PlainDate(from) + ", the end of that financial year"
	}
	if x.period.Immediate() {
		return "until " + whens + on
	}
	return x.period.Plain() + " after " + whens + on
}

func (e *Engine) waiting(x *rule, h *Holding) string {
	what := "kept for " + x.period.Plain() + " after "
	if x.period.Immediate() {
		what = "kept until "
	}
	words := make([]string, len(x.triggers))
	never := 0
	for i, t := range x.triggers {
		words[i] = e.when(t)
		if m, ok := e.cat.Milestone(t.Code); ok && len(m.NeverFor) > 0 && e.distance(h.SubjectType, m.NeverFor) != nobody {
			never++
		}
	}
	if never == len(words) {
		return what + strings.Join(words, " or ") + "; that never happens to " + e.person(h.SubjectType)
	}
	return what + strings.Join(words, " or ") + "; that has not been reported"
}

// either says what the two readings would give.
func (e *Engine) either(x *rule, days []events.Date) string {
	if len(days) < 2 || x.round != "" {
		return ""
	}
	first, last := days[0], days[0]
	for _, d := range days {
		first, last = min(first, d), max(last, d)
	}
	return fmt.Sprintf(": it ends on %s by the earlier and on %s by the later",
		catalogue.PlainDate(x.period.AfterDate(first)), catalogue.PlainDate(x.period.AfterDate(last)))
}

// when says a trigger in words that follow "after": "the account is deleted".
func (e *Engine) when(t catalogue.Trigger) string {
	if m, ok := e.cat.Milestone(t.Code); ok {
		return m.When
	}
	for i := range e.cat.Circumstances {
		if c := &e.cat.Circumstances[i]; c.ID == t.Code {
			return c.When
		}
	}
	if w, ok := builtinWhen[t.Code]; ok {
		return w
	}
	return strings.ReplaceAll(string(t.Code), "_", " ")
}

var builtinWhen = map[events.Code]string{
	onRecordDate: "the date of the record", onStored: "the data is stored", onConsentWithdrawn: "consent is withdrawn",
	onRequestClosed: "the request is closed", onHoldLifted: "the hold is lifted", catalogue.RequestReceived: "the request is received",
}

func (e *Engine) whens(x *rule) string { return e.Moments(x.triggers, x.join) }

// Moments says in words what a period counts from. Where nobody has said which
// of several counts, neither do the words.
func (e *Engine) Moments(triggers []catalogue.Trigger, join catalogue.Join) string {
	words := make([]string, len(triggers))
	for i, t := range triggers {
		words[i] = e.when(t)
	}
	switch {
	case len(words) == 1:
		return words[0]
	case join == "":
		return strings.Join(words, "; ")
	}
	return "the " + string(join) + " of: " + strings.Join(words, "; ")
}
