package catalogue_test

import (
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// Each moment is judged by the version in force then; before the first, by none.
func TestVersions(t *testing.T) {
	at := func(day string) events.Instant {
		d, err := events.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		return events.InstantOf(d.Time())
	}
	one, two := small(t).WithVersion(1), osjct(t).WithVersion(2)
	v, err := catalogue.NewVersions(catalogue.Adopted{Catalogue: one, From: at("2024-01-01")}, catalogue.Adopted{Catalogue: two, From: at("2025-06-01")})
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]*catalogue.Catalogue{"2023-12-31": nil, "2024-01-01": one, "2025-05-31": one, "2025-06-01": two, "2026-01-01": two} {
		if got, ok := v.At(at(day)); got != want || ok != (want != nil) {
			t.Errorf("%s: %v %v", day, got, ok)
		}
	}
	if got, ok := v.Number(1); !ok || got != one || v.Current() != two {
		t.Error("a version is not found by its number")
	}
	if _, ok := v.Number(3); ok {
		t.Error("version 3 was never adopted")
	}
	for _, bad := range [][]catalogue.Adopted{
		{{Catalogue: small(t), From: 1}},
		{{Catalogue: two, From: 1}, {Catalogue: one, From: 2}},
		{{Catalogue: one, From: 2}, {Catalogue: two, From: 1}},
		{{From: 1}},
	} {
		if _, err := catalogue.NewVersions(bad...); err == nil {
			t.Error("versions out of order are taken")
		}
	}
	if none, _ := catalogue.NewVersions(); none.Current() != nil {
		t.Error("no version is in force where none was adopted")
	}
}

// What was collected under a shorter period is not silently kept longer.
func TestLengthens(t *testing.T) {
	term := func(p string) *catalogue.Term {
		if p == "" {
			return &catalogue.Term{}
		}
		v, err := catalogue.ParsePeriod(p)
		if err != nil {
			t.Fatal(err)
		}
		return &catalogue.Term{Period: v}
	}
	for _, x := range []struct {
		before, now string
		want        bool
	}{{"P6Y", "P8Y", true}, {"P6Y", "P72M", false}, {"P6Y", "P73M", true}, {"P8Y", "P6Y", false}, {"P1Y", "P366D", true}, {"P6Y", "", true}, {"", "P6Y", false}, {"", "", false}} {
		if got := term(x.now).Lengthens(term(x.before)); got != x.want {
			t.Errorf("%q after %q: %v", x.now, x.before, got)
		}
	}
}
