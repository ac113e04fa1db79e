package desk

import (
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/observed"
)

// A reported body is one that stands in a row of the person: codes, and when it
// was said first.
type reported struct {
	e          *events.Event
	categories []events.Category
	first      events.Instant
}

// told lists the bodies of codes that were reported of a person and that nobody
// took back. Rows that differ only in their month are one.
func told(rows []inventory.Row, q inventory.Query) []reported {
	type body struct {
		e *events.Event
		c *events.Category
	}
	place := make(map[body]int, len(rows))
	out := make([]reported, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		if r.Event.Source == inventory.Operator {
			continue // what people decided here is no report
		}
		k := body{e: r.Event}
		if len(r.Categories) > 0 {
			k.c = &r.Categories[0]
		}
		for _, o := range stands(r, q) {
			n, ok := place[k]
			if !ok {
				n = len(out)
				place[k] = n
				out = append(out, reported{r.Event, r.Categories, o.Time})
				continue
			}
			out[n].first = min(out[n].first, o.Time)
		}
	}
	return out
}

// ofHoldings are the rules over bodies that the finder looks for in what is held
// now, so that data that went raises none.
var ofHoldings = []string{"RECIPIENT_UNDECLARED", "RECIPIENT_NOT_IN_ROW", "RECIPIENT_UNNAMED", "CATEGORY_NOT_IN_ROW", "SUBJECT_NOT_IN_ROW",
	"UNDECLARED_CODE", "NOT_ANCHORED", "CONSENT_BY_VISIT", "CONSENT_BY_PROXY", "RESURRECTION"}

// judge holds the bodies against the catalogue.
func (f *finder) judge() {
	for i := range f.a.told {
		x := &f.a.told[i]
		for _, g := range observed.Judge(f.a.cat, x.e, x.categories) {
			if !slices.Contains(ofHoldings, g.Rule.ID) {
				f.add(g.Rule.ID, g.Verdict.String(), x.first, g.About, g.Text)
			}
		}
	}
}
