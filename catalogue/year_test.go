package catalogue_test

import (
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// Records of one financial year end together, each year by itself: the day of the
// record says which. Other activities have no years.
func TestFinancialYear(t *testing.T) {
	c, err := catalogue.LoadShipped("osjct")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ activity, day, end string }{
		{"emp-05", "2015-03-31", "2015-03-31"}, {"emp-05", "2015-04-01", "2016-03-31"}, {"emp-05", "2020-02-29", "2020-03-31"},
		{"emp-01", "2015-04-01", ""}, {"undeclared", "2015-04-01", ""},
	} {
		day, err := events.ParseDate(x.day)
		if err != nil {
			t.Fatal(err)
		}
		if end, ok := c.FinancialYear(events.Code(x.activity), day); end.String() != x.end || ok != (x.end != "") {
			t.Errorf("%s on %s: %s", x.activity, x.day, end)
		}
	}
	if _, ok := c.FinancialYear("emp-05", 0); ok {
		t.Error("a record of no day has a year")
	}
}
