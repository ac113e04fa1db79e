package catalogue_test

import (
	"testing"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

func TestPlainWords(t *testing.T) {
	day, err := events.ParseDate("2025-03-14")
	if err != nil {
		t.Fatal(err)
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at := events.InstantOf(time.Date(2025, 7, 1, 8, 5, 0, 0, time.UTC))
	for _, x := range []struct{ got, want string }{
		{catalogue.PlainBasis("6.1.b"), "contract (UK GDPR Article 6(1)(b))"},
		{catalogue.PlainBasis("9.9"), "9.9"},
		{catalogue.PlainBasisStatus(catalogue.BasisNoneStated), "the notice states no lawful basis"},
		{catalogue.PlainStatus(catalogue.Inferred), "inferred, not written in the notice"},
		{catalogue.PlainSpecial("health"), "special category: health"},
		{catalogue.PlainSpecial("union_membership_inferred"), "may reveal trade union membership"},
		{catalogue.PlainSpecial(""), ""},
		{catalogue.PlainRecipientKind(catalogue.KindAuthority), "public authority"},
		{catalogue.PlainDate(day), "14 March 2025"},
		{catalogue.PlainDate(0), ""},
		{catalogue.PlainTime(at, london), "1 July 2025, 09:05"},
		{catalogue.PlainMonth("2025-03"), "March 2025"},
		{catalogue.PlainMonth("soon"), "soon"},
		{catalogue.PlainCountry("gb"), "United Kingdom"},
		{catalogue.PlainCountry("US"), "United States"},
		{catalogue.PlainCountry("zz"), "ZZ"},
		{catalogue.CountryCode("gb"), "GB"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}

func TestPeriods(t *testing.T) {
	for _, x := range []struct{ in, plain, canonical string }{
		{"P7Y", "7 years", "P7Y"},
		{"P1Y6M", "1 year and 6 months", "P1Y6M"},
		{"P2W", "14 days", "P14D"},
		{"P1M", "1 month", "P1M"},
		{"PT12H", "12 hours", "PT12H"},
		{"P1Y2M3DT4H", "1 year, 2 months, 3 days and 4 hours", "P1Y2M3DT4H"},
		{"P0D", "at once", "P0D"},
	} {
		p, err := catalogue.ParsePeriod(x.in)
		if err != nil || p.Plain() != x.plain || p.String() != x.canonical || !p.Given() || p.Immediate() != (x.in == "P0D") {
			t.Errorf("%s: %q %q %v", x.in, p.Plain(), p, err)
		}
	}
	for _, in := range []string{"", "P", "7Y", "P7", "PT", "P7YT", "P-1Y", "P1M1Y", "P1Y1Y", "P99999Y", "P1.5Y", "p7y", "P7H", "PT1M", "P9999W"} {
		if p, err := catalogue.ParsePeriod(in); err == nil {
			t.Errorf("%q reads as %v", in, p)
		}
	}
	var none catalogue.Period
	if none.Given() || none.Immediate() || none.Plain() != "no period stated" {
		t.Error("no period is not P0D")
	}
}

// A period of years or months ends on the last day of a shorter month.
func TestPeriodAfter(t *testing.T) {
	for _, x := range []struct{ from, period, want string }{
		{"2025-03-14", "P7Y", "2032-03-14"},
		{"2024-02-29", "P1Y", "2025-02-28"},
		{"2024-02-29", "P4Y", "2028-02-29"},
		{"2025-01-31", "P1M", "2025-02-28"},
		{"2025-08-31", "P6M", "2026-02-28"},
		{"2025-12-31", "P2M", "2026-02-28"},
		{"2025-12-31", "P2W", "2026-01-14"},
		{"2025-06-30", "P0D", "2025-06-30"},
	} {
		from, err := events.ParseDate(x.from)
		if err != nil {
			t.Fatal(err)
		}
		p, err := catalogue.ParsePeriod(x.period)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.AfterDate(from).String(); got != x.want {
			t.Errorf("%s and %s is %s, want %s", x.from, x.period, got, x.want)
		}
	}
}

func TestLinesAndTriggers(t *testing.T) {
	var l catalogue.Lines
	if err := l.UnmarshalText([]byte("60-61,75 , 9")); err != nil || l.String() != "60-61, 75, 9" || len(l) != 3 || l[1].To != 75 {
		t.Errorf("%v %v", l, err)
	}
	for _, in := range []string{"", "a", "0", "5-3", "1-", "-1", "1,,2", "1-2-3"} {
		if err := new(catalogue.Lines).UnmarshalText([]byte(in)); err == nil {
			t.Errorf("lines %q are taken", in)
		}
	}
	var tr catalogue.Trigger
	if err := tr.UnmarshalText([]byte("request_received:erasure")); err != nil || tr.Right != "erasure" || !tr.Builtin() || tr.String() != "request_received:erasure" {
		t.Errorf("%v %v", tr, err)
	}
	for _, in := range []string{"", "request_received", "stored:x", "request_received:", "two words"} {
		if err := new(catalogue.Trigger).UnmarshalText([]byte(in)); err == nil {
			t.Errorf("trigger %q is taken", in)
		}
	}
}

// FuzzParsePeriod: what reads as a period reads again as itself.
func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"P7Y", "P1Y2M3DT4H", "P2W", "P0D", "PT0H"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := catalogue.ParsePeriod(s)
		if err != nil {
			return
		}
		again, err := catalogue.ParsePeriod(p.String())
		if err != nil || again != p {
			t.Fatalf("%q: %v, then %v (%v)", s, p, again, err)
		}
		p.After(time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC))
	})
}
