package catalogue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

func osjct(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.LoadShipped("osjct")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// How long each row is kept, as an officer reads it, and each rule of the prose.
func TestOsjctTermsInWords(t *testing.T) {
	c := osjct(t)
	var b strings.Builder
	for _, a := range c.Activities {
		fmt.Fprintf(&b, "%s: %s\n", a.Printed(), c.RetentionText(a.ID))
	}
	for _, r := range c.RetentionRules {
		fmt.Fprintf(&b, "%s: %s\n", r.ID, r.Text)
	}
	golden(t, "osjct.terms.txt", []byte(b.String()))
}

// The counts of the tables: 38 rows, of which 21 rest on contract, 7 on consent,
// 7 on legitimate interest and 3 on vital interests first; 16 have a second
// ground.
func TestOsjctCounts(t *testing.T) {
	c := osjct(t)
	bases := map[events.Code]int{}
	second := 0
	for _, a := range c.Activities {
		bases[a.LawfulBasis[0]]++
		if len(a.Conditions) > 0 {
			second++
		}
		if a.BasisStatus != catalogue.BasisStated {
			t.Errorf("%s: basis %s; every row prints one", a.Printed(), a.BasisStatus)
		}
	}
	if len(c.Activities) != 38 || bases["6.1.b"] != 21 || bases["6.1.a"] != 7 || bases["6.1.f"] != 7 || bases["6.1.d"] != 3 || second != 16 {
		t.Errorf("%d rows, bases %v, %d with a second ground", len(c.Activities), bases, second)
	}
	var special, criminal, mayReveal []string
	for _, k := range c.Categories {
		if k.Special {
			special = append(special, string(k.ID))
		}
		if k.Criminal {
			criminal = append(criminal, string(k.ID))
		}
		if slices.Contains(k.MayReveal, catalogue.MayBeSpecial) {
			mayReveal = append(mayReveal, string(k.ID))
		}
	}
	if len(special) != 5 || len(criminal) != 3 || len(mayReveal) != 8 {
		t.Errorf("special %v, criminal %v, may reveal special %v", special, criminal, mayReveal)
	}
}

// A second period in one row is for the people it names: 6 months for those who
// applied in vain, 3 years for staff.
func TestOsjctSecondPeriodOfARow(t *testing.T) {
	c := osjct(t)
	a, ok := c.Activity("emp-02")
	if !ok || a.Printed() != "EMP-02" {
		t.Fatalf("emp-02: %v %v", a, ok)
	}
	for subject, want := range map[events.Code]string{"employee": "P3Y", "applicant": "P6M", "care_site_employee": "P3Y", "": "P3Y"} {
		if _, term := a.Retention.For(c.IsA, subject); term.Period.String() != want {
			t.Errorf("%q: kept for %s, want %s", subject, term.Period, want)
		}
	}
}

// What nobody is said to receive has no system behind it, and what the notice
// leaves unsaid is not filled in.
func TestOsjctSilences(t *testing.T) {
	c := osjct(t)
	for _, id := range []events.Code{"rc_none_supplier", "rc_none_enquiry"} {
		if _, ok := c.System(id); ok {
			t.Errorf("%s is a system", id)
		}
		if r, ok := c.Recipient(id); !ok || r.Kind != catalogue.KindNone {
			t.Errorf("%s: %v", id, r)
		}
	}
	emp12, _ := c.Activity("emp-12")
	if emp12.Retention.Status != catalogue.NotStated || emp12.Retention.Period.Given() || emp12.ConditionsStatus != catalogue.Stated {
		t.Errorf("EMP-12: %+v", emp12.Retention)
	}
	var known []events.Code
	for _, r := range c.Recipients {
		if r.SafeguardStatus != catalogue.NotStated {
			known = append(known, r.ID)
		}
	}
	if len(known) > 0 {
		t.Errorf("recipients with a safeguard: %v; the notice names none", known)
	}
	ga, _ := c.Recipient("rc_google_analytics")
	if ga.Country != "us" || ga.CountryStatus != catalogue.Stated {
		t.Errorf("Google Analytics: %s %s", ga.Country, ga.CountryStatus)
	}
	res03, _ := c.Activity("res-03")
	if res03.Retention.Round != catalogue.RoundFinancialYear || !c.Organisation.YearEnd.IsZero() {
		t.Error("the end of the financial year is a decision, not a fact of the notice")
	}
	if end, d, ok := c.YearEnd(); !ok || end.String() != "03-31" || d == nil || !d.Assumed() {
		t.Errorf("year end %v %v %v", end, d, ok)
	}
}

// Every fact points into the 1242 lines of the notice.
func TestOsjctFactsHaveLines(t *testing.T) {
	c := osjct(t)
	check := func(what any, l catalogue.Lines) {
		if len(l) == 0 {
			t.Errorf("%v: no lines", what)
		}
	}
	for _, v := range c.SubjectTypes {
		check(v.ID, v.Lines)
	}
	for _, v := range c.Categories {
		check(v.ID, v.Lines)
	}
	for _, v := range c.Sources {
		check(v.ID, v.Lines)
	}
	for _, v := range c.Recipients {
		check(v.ID, v.Lines)
	}
	for _, v := range c.Milestones {
		check(v.ID, v.Lines)
	}
	for _, v := range c.RetentionRules {
		check(v.ID, v.Lines)
	}
	for _, v := range c.Activities {
		check(v.ID, v.Lines)
	}
	for _, v := range c.Rights {
		check(v.ID, v.Lines)
	}
	if c.Notice.Length != 1242 {
		t.Errorf("the notice has %d lines", c.Notice.Length)
	}
}
