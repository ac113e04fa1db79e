package observed

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

var aboutPlaces = []Rule{
	{ID: "LOCATION_FORBIDDEN", Title: "data is where the catalogue says that it may not be", Source: gdpr + "Articles 5(1)(f), 32, 33(1)", Breach: true,
		Remedy: "Move the data. If others could reach it there, it may be a personal data breach: the 72 hours run from when somebody knew.", kinds: storing, find: locationForbidden},
	{ID: "LOCATION_UNKNOWN", Title: "a place is prescribed for the data and nobody says where it is", Source: gdpr + "Articles 5(1)(f), 32",
		Remedy: "Let the source report place and country, or declare them on the system.", kinds: storing, find: locationUnknown},
	{ID: "TRANSFER_SAFEGUARD_MISSING", Aliases: names("TRANSFER_NO_SAFEGUARD", "TRANSFER_WITHOUT_SAFEGUARD"), Title: "data went abroad without a safeguard", Source: gdpr + "Articles 13(1)(f), 44 to 49",
		Remedy: "Name the adequacy regulations, the agreement or the clauses it rests on, or stop the transfer.", kinds: sharing, find: transferSafeguard},
	{ID: "TRANSFER_CONTRADICTION", Title: "data went where the notice says that none goes", Source: gdpr + "Articles 5(1)(a), 13(1)(f)",
		Remedy: "Stop the transfer, or correct the notice.", kinds: sharing, find: transferContradiction},
}

// eachPlace holds every category of what is stored against the location rules;
// a report without categories is held against those that bind all.
func (b *body) eachPlace(fn func(on About, v catalogue.LocationVerdict, r *catalogue.LocationRule)) {
	list := b.categories
	if len(list) == 0 {
		list = []events.Category{{}}
	}
	at := catalogue.Whereabouts{System: b.e.Source, Place: b.e.Place, Country: b.e.Country}
	for _, c := range list {
		v, r := b.cat.Location(b.e.Activity.Code, c.Code, at)
		if r == nil {
			continue
		}
		fn(b.on().with(OnCategory, events.Code(c.String())).with(OnPlace, b.e.Place).with(OnCountry, b.e.Country).with(OnLocation, r.ID), v, r)
	}
}

func locationForbidden(b *body, add adder) {
	b.eachPlace(func(on About, v catalogue.LocationVerdict, r *catalogue.LocationRule) {
		if v == catalogue.LocationForbidden {
			add(Error, on, "the data is where it may not be: "+r.Text)
		}
	})
}

// locationUnknown is told once for a system and a rule: it is the system that
// does not say.
func locationUnknown(b *body, add adder) {
	var told []events.Code
	b.eachPlace(func(_ About, v catalogue.LocationVerdict, r *catalogue.LocationRule) {
		if v == catalogue.LocationUnknown && !slices.Contains(told, r.ID) {
			told = append(told, r.ID)
			add(Info, About{OnSystem: string(b.e.Source)}.with(OnLocation, r.ID), "nobody says where the data is, and there is a rule for it: "+r.Text)
		}
	})
}

// destination is the country the data went to: as reported, else where the
// recipient is declared to be. Empty: not known.
func (b *body) destination() events.Code {
	if b.e.TransferTo != "" {
		return b.e.TransferTo
	}
	if b.to != nil {
		return b.to.Country
	}
	return ""
}

// adequate lists, by where the organisation is, the countries to which data may
// go without more. Those that are adequate for some recipients only (Canada,
// Japan, the United States) need a word of the source. For the United Kingdom:
// Data Protection Act 2018, Schedule 21 paragraph 5, and SI 2022/1213.
var adequate = []events.Code{"ad", "ar", "ch", "fo", "gg", "gi", "il", "im", "je", "kr", "nz", "uy"}

func needsSafeguard(home, to events.Code) bool {
	if to == home || catalogue.InsideEEA.Has(to) || slices.Contains(adequate, to) {
		return false
	}
	return to != "gb" || !catalogue.InsideEEA.Has(home) // the Union's decision on the United Kingdom
}

// noSafeguard reports whether the word of a source names none.
func noSafeguard(c events.Code) bool {
	switch c {
	case "", "none", "unknown", "none_stated", "not_stated", "none_recorded":
		return true
	}
	return false
}

// transferSafeguard: what is public is read everywhere, and is no transfer.
func transferSafeguard(b *body, add adder) {
	to := b.destination()
	if to == "" || !needsSafeguard(b.cat.Organisation.Jurisdiction, to) || !noSafeguard(b.e.Safeguard) {
		return
	}
	if b.to != nil && (b.to.Kind == catalogue.KindPublic || !noSafeguard(b.to.Safeguard)) {
		return
	}
	add(Error, b.on().with(OnRecipient, b.recipientCode()).with(OnCountry, to), "data went abroad ("+catalogue.PlainCountry(to)+"), and neither the report nor the catalogue names a safeguard")
}

// areas are the parts of the world that a notice speaks of as its own. A notice
// of an organisation in the United Kingdom that speaks of the Union means the
// United Kingdom as inside.
var areas = map[events.Code]catalogue.Region{"eu": catalogue.InsideEU, "eea": catalogue.InsideEEA, "uk": catalogue.InsideUK}

func transferContradiction(b *body, add adder) {
	to := b.destination()
	if to == "" || to == b.cat.Organisation.Jurisdiction || (b.to != nil && b.to.Kind == catalogue.KindPublic) {
		return
	}
	for _, s := range b.cat.StatementsAbout(catalogue.AboutTransfer, "none_outside") {
		inside := to == s.Area
		if g, ok := areas[s.Area]; ok {
			inside = g.Has(to)
		}
		if !inside && b.applies(s) {
			add(Error, b.on().with(OnRecipient, b.recipientCode()).with(OnCountry, to), "data went abroad ("+catalogue.PlainCountry(to)+"), and the notice says that none leaves")
			return
		}
	}
}
