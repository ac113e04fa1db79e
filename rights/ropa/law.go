package ropa

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// RightsOn are the rights that exist on data held on a lawful basis, as a
// privacy notice must list them (Article 13(2)(b)): access (15), rectification
// (16) and restriction (18) always; erasure (17) but where 17(3)(b) takes it
// away; portability (20) on consent and contract; objection (21) on public task
// and legitimate interests; withdrawal (7(3)) on consent.
func RightsOn(basis events.Code) []events.Code {
	all := []events.Code{"access", "rectification", "restriction"}
	switch basis {
	case "6.1.a":
		return append(all, "erasure", "portability", "withdraw-consent")
	case "6.1.b":
		return append(all, "erasure", "portability")
	case "6.1.d":
		return append(all, "erasure")
	case "6.1.e":
		return append(all, "objection")
	case "6.1.f", "6.1.ea":
		return append(all, "erasure", "objection")
	}
	return all
}

// rightsOf joins the rights of all bases of a row: with several stated, a right
// exists if any of them gives it. Direct marketing can always be objected to
// (Article 21(2)).
func rightsOf(a *catalogue.Activity) []events.Code {
	out := RightsOn("")
	for _, b := range a.LawfulBasis {
		for _, r := range RightsOn(b) {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	if a.DirectMarketing {
		out = append(out, "objection-marketing")
	}
	return out
}

// ThirdCountry reports whether data that goes from one country to another
// leaves the territory that the rules on transfers speak of (Article 44): the
// United Kingdom alone, or the European Economic Area together.
func ThirdCountry(from, to events.Code) bool {
	if to == "" || from == to {
		return false
	}
	return !catalogue.InsideEEA.Has(from) || !catalogue.InsideEEA.Has(to)
}

// outside reports whether a region reaches beyond the organisation's territory.
func outside(r catalogue.Region, jurisdiction events.Code) bool {
	switch r {
	case "", catalogue.InsideUK:
		return r != "" && jurisdiction != "gb"
	case catalogue.InsideEU, catalogue.InsideEEA:
		return !catalogue.InsideEEA.Has(jurisdiction)
	}
	return true
}

// transfers lists the recipients of a row that are outside, or may be.
func transfers(c *catalogue.Catalogue, x *Row) (out []Transfer) {
	home := c.Organisation.Jurisdiction
	for _, e := range x.Recipients {
		var region catalogue.Region
		if r, ok := c.Recipient(e.ID); ok {
			region = r.Region
		}
		if ThirdCountry(home, e.Country) || (e.Country == "" && outside(region, home)) {
			out = append(out, Transfer{Recipient: e.ID, Name: e.Name, Country: e.Country, Region: region, Safeguard: e.Safeguard, Side: e.Side})
		}
	}
	return out
}
