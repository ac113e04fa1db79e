package catalogue_test

import (
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// Data stays where the notice says it stays: a forbidden place, a place or a
// country that is not among those allowed, and silence are three answers.
func TestLocation(t *testing.T) {
	c, err := catalogue.Load("x", strings.NewReader(`
catalogue: x
title: X
version: "1"
organisation: {name: X, jurisdiction: gb}
systems:
  - {id: crm, name: CRM, primary: crm.person}
  - {id: mail, name: Mail, primary: mail.person, place: cloud, country: gb}
categories: [{id: patient, name: Patient}, {id: service, name: Service}, {id: plain, name: Plain}]
activities: [{id: a1, purpose: P, subject_types: [p], data_categories: [plain]}]
subject_types: [{id: p, name: P}]
location_rules:
  - {id: nhs, categories: [patient], places: [nhs_hosting], forbidden: [own_hosting, crm], text: only there}
  - {id: uk, activities: [a1], countries: [gb], text: in the country}
  - {id: union, regions: [uk, eea], text: not outside}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		activity, category events.Code
		at                 catalogue.Whereabouts
		want               catalogue.LocationVerdict
		rule               events.Code
	}{
		{"a9", "patient", catalogue.Whereabouts{System: "mail", Place: "nhs_hosting", Country: "gb"}, catalogue.LocationAllowed, "nhs"},
		{"a9", "patient", catalogue.Whereabouts{System: "mail", Country: "gb"}, catalogue.LocationForbidden, "nhs"}, // its place is known: cloud
		{"a9", "patient", catalogue.Whereabouts{System: "crm"}, catalogue.LocationForbidden, "nhs"},
		{"a9", "patient", catalogue.Whereabouts{Place: "own_hosting"}, catalogue.LocationForbidden, "nhs"},
		{"a9", "patient", catalogue.Whereabouts{Country: "gb"}, catalogue.LocationUnknown, "nhs"},
		{"a1", "plain", catalogue.Whereabouts{System: "mail"}, catalogue.LocationAllowed, "uk"},
		{"a1", "plain", catalogue.Whereabouts{System: "mail", Country: "ie"}, catalogue.LocationForbidden, "uk"},
		{"a9", "service", catalogue.Whereabouts{Country: "us"}, catalogue.LocationForbidden, "union"},
		{"a9", "service", catalogue.Whereabouts{Country: "no"}, catalogue.LocationAllowed, "union"},
		{"a9", "service", catalogue.Whereabouts{System: "crm"}, catalogue.LocationUnknown, "union"},
	} {
		got, rule := c.Location(x.activity, x.category, x.at)
		if got != x.want || rule == nil || rule.ID != x.rule {
			t.Errorf("%s of %s at %+v: %s by %v, want %s by %s", x.category, x.activity, x.at, got, rule, x.want, x.rule)
		}
	}
	if got, rule := small(t).Location("s-a02", "counts", catalogue.Whereabouts{}); got != catalogue.LocationAllowed || rule != nil {
		t.Errorf("no rule binds: %s %v", got, rule)
	}
}

func TestRegions(t *testing.T) {
	for _, x := range []struct {
		region  catalogue.Region
		in, out events.Code
	}{
		{catalogue.InsideUK, "gb", "ie"}, {catalogue.InsideEU, "ie", "no"}, {catalogue.InsideEEA, "no", "gb"},
		{catalogue.OutsideUK, "ie", "gb"}, {catalogue.OutsideEU, "no", "ie"}, {catalogue.OutsideEEA, "us", "no"},
	} {
		if !x.region.Has(x.in) || x.region.Has(x.out) {
			t.Errorf("%s: %s in %v, %s in %v", x.region, x.in, x.region.Has(x.in), x.out, x.region.Has(x.out))
		}
	}
	if !catalogue.Worldwide.Has("nz") {
		t.Error("the world leaves out New Zealand")
	}
}
