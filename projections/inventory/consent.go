package inventory

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// consents keeps one register per (activity, item or direct marketing) and
// channel, for consents and for objections.
type consents struct {
	by   map[consentScope]map[events.Code]*register
	list []Consent
	stop map[consentScope]register // scopes in which nothing may go on
}

type consentScope struct {
	objection bool
	marketing bool
	activity  events.Activity
	item      events.Ref
}

func (c *consents) add(e *events.Event, last *Obs) {
	s := consentScope{activity: e.Activity, item: e.Item}
	if e.Kind == events.ObjectionMade || e.Kind == events.ObjectionLifted {
		s.objection = true
		s.marketing = e.Flags&events.DirectMarketing != 0
	}
	if c.by == nil {
		c.by = make(map[consentScope]map[events.Code]*register)
	}
	m := c.by[s]
	if m == nil {
		m = make(map[events.Code]*register)
		c.by[s] = m
	}
	channels := e.Channels
	if len(channels) == 0 {
		channels = []events.Code{""}
	}
	for _, ch := range channels {
		if m[ch] == nil {
			m[ch] = new(register)
		}
		m[ch].put(last, e)
	}
}

// settle decides each channel: its own word, unless a later one spoke of all.
func (c *consents) settle() {
	c.stop = make(map[consentScope]register)
	for s, m := range c.by {
		all := m[""]
		open := false
		var last register
		for ch, r := range m {
			if ch != "" && all != nil && all.after(r) {
				continue
			}
			c.list = append(c.list, consentOf(s, ch, r))
			if r.ev.Kind == events.ConsentGiven || r.ev.Kind == events.ObjectionLifted {
				open = true
			}
			if r.after(&last) {
				last = *r
			}
		}
		if open || s.marketing || (s.objection && all == nil) {
			continue // something may still go on
		}
		c.stop[s] = last
	}
	slices.SortFunc(c.list, compareConsents)
}

func consentOf(s consentScope, ch events.Code, r *register) Consent {
	e := r.ev
	c := Consent{
		Activity: s.activity, Item: s.item, DirectMarketing: s.marketing, Channel: ch,
		At: r.obs.Time, Method: e.Method, GivenBy: e.GivenBy, Wording: e.Wording,
		System: e.Source, Position: r.obs.Position,
	}
	switch e.Kind {
	case events.ConsentGiven:
		c.State = Given
	case events.ConsentWithdrawn:
		c.State = Withdrawn
	case events.ObjectionMade:
		c.State = Objected
	case events.ObjectionLifted:
		c.State = ObjectionEnded
	}
	return c
}

func compareConsents(a, b Consent) int {
	if c := compareCodes(a.Activity.Code, b.Activity.Code); c != 0 {
		return c
	}
	if c := compareCodes(a.Activity.SubPurpose, b.Activity.SubPurpose); c != 0 {
		return c
	}
	if c := compareCodes(a.Channel, b.Channel); c != 0 {
		return c
	}
	return a.Position.Compare(b.Position)
}

// stops lists the scopes of consents and objections that end the use of k.
func (c *consents) stops(k *Key, fn func(StopKind, register)) {
	if len(c.stop) == 0 {
		return
	}
	acts := []events.Activity{k.Activity}
	if k.Activity.SubPurpose != "" {
		acts = append(acts, events.Activity{Code: k.Activity.Code})
	}
	items := []events.Ref{{}}
	if !k.Item.IsZero() {
		items = append(items, k.Item)
	}
	for _, a := range acts {
		for _, it := range items {
			if r, ok := c.stop[consentScope{activity: a, item: it}]; ok {
				fn(ByConsent, r)
			}
			if r, ok := c.stop[consentScope{objection: true, activity: a, item: it}]; ok {
				fn(ByObjection, r)
			}
		}
	}
}
