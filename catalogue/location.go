package catalogue

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A Whereabouts is what is known of where data is: any part may be empty.
type Whereabouts struct {
	System  events.Code // the system that holds it
	Place   events.Code // as the event says
	Country events.Code // as the event says
}

// LocationVerdict says whether data may be where it is.
type LocationVerdict string

const (
	LocationAllowed   LocationVerdict = "allowed"
	LocationForbidden LocationVerdict = "forbidden"
	LocationUnknown   LocationVerdict = "unknown" // a rule binds it and nobody says where it is
)

// Location holds what is known of where data is against the location rules. It
// returns the rule that decided: of several, one that forbids goes before one
// that cannot tell. With no rule that binds, everything is allowed.
func (c *Catalogue) Location(activity, category events.Code, at Whereabouts) (LocationVerdict, *LocationRule) {
	if s, ok := c.index.systems[at.System]; ok {
		if at.Place == "" {
			at.Place = s.Place
		}
		if at.Country == "" {
			at.Country = s.Country
		}
	}
	verdict, by := LocationAllowed, (*LocationRule)(nil)
	for i := range c.LocationRules {
		r := &c.LocationRules[i]
		if !r.binds(activity, category) {
			continue
		}
		switch v := r.judge(at); {
		case v == LocationForbidden:
			return v, r
		case v == LocationUnknown || by == nil:
			verdict, by = v, r
		}
	}
	return verdict, by
}

func (r *LocationRule) binds(activity, category events.Code) bool {
	return len(r.Categories)+len(r.Activities) == 0 ||
		slices.Contains(r.Categories, category) || slices.Contains(r.Activities, activity)
}

func (r *LocationRule) judge(at Whereabouts) LocationVerdict {
	is := func(list []events.Code) bool {
		return at.Place != "" && slices.Contains(list, at.Place) || at.System != "" && slices.Contains(list, at.System)
	}
	if is(r.Forbidden) {
		return LocationForbidden
	}
	verdict := LocationAllowed
	if len(r.Places) > 0 && !is(r.Places) {
		if at.Place != "" {
			return LocationForbidden
		}
		verdict = LocationUnknown
	}
	if len(r.Countries)+len(r.Regions) > 0 {
		switch {
		case at.Country == "":
			verdict = LocationUnknown
		case !slices.Contains(r.Countries, at.Country) &&
			!slices.ContainsFunc(r.Regions, func(g Region) bool { return g.Has(at.Country) }):
			return LocationForbidden
		}
	}
	return verdict
}

// The European Union since 2020, and what the Economic Area adds to it.
var (
	unionMembers = []events.Code{"at", "be", "bg", "cy", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hr", "hu",
		"ie", "it", "lt", "lu", "lv", "mt", "nl", "pl", "pt", "ro", "se", "si", "sk"}
	areaMembers = []events.Code{"is", "li", "no"}
)

// Has reports whether a country lies in the region. Membership is today's.
func (g Region) Has(country events.Code) bool {
	eu := slices.Contains(unionMembers, country)
	eea := eu || slices.Contains(areaMembers, country)
	switch g {
	case Worldwide:
		return true
	case InsideUK:
		return country == "gb"
	case InsideEU:
		return eu
	case InsideEEA:
		return eea
	case OutsideUK:
		return country != "gb"
	case OutsideEU:
		return !eu
	case OutsideEEA:
		return !eea
	}
	return false
}
