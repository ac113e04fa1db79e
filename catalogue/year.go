package catalogue

import (
	"time"

	"github.com/habeas-data/habeas/events"
)

// Close is the last day of the year that a day lies in, for years that end on d.
// That day itself stays. A year that ends with February is written 02-28 and ends
// on the 29th in a leap year.
func (d MonthDay) Close(day events.Date) events.Date {
	year := day.Time().Year()
	if end := d.in(year); day <= end {
		return end
	}
	return d.in(year + 1)
}

func (d MonthDay) in(year int) events.Date {
	last := time.Date(year, d.Month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	day := min(d.Day, last)
	if d.Month == time.February && d.Day >= 28 {
		day = last
	}
	return events.DateOf(time.Date(year, d.Month, day, 0, 0, 0, 0, time.UTC))
}

// ItemFinancialYear is the kind of the item that stands for a financial year; its
// value is the last day of the year.
const ItemFinancialYear events.Code = "financial_year"

// FinancialYear is the item of a record of a day where the activity's time counts
// from the end of the financial year: each year then ends by itself. False where
// it does not, or where nobody has said when that year ends.
func (c *Catalogue) FinancialYear(activity events.Code, day events.Date) (end events.Date, ok bool) {
	act, declared := c.Activity(activity)
	if !declared || day.IsZero() {
		return 0, false
	}
	rounds := act.Retention.Round == RoundFinancialYear
	for i := range act.Retention.ByType {
		rounds = rounds || act.Retention.ByType[i].Round == RoundFinancialYear
	}
	if g, named := c.RetentionRule(act.Retention.Rule); named {
		rounds = rounds || g.Round == RoundFinancialYear
	}
	year, _, known := c.YearEnd()
	if !rounds || !known {
		return 0, false
	}
	return year.Close(day), true
}
