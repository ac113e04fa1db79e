package clock

import (
	"time"

	"github.com/habeas-data/habeas/events"
)

// The days that can be counted from: the law's own beginning is far behind the
// first, and adding months to the last stays within what can be written.
var (
	firstDay = dayOf(1970, time.January, 1)
	lastDay  = dayOf(9900, time.December, 31)
)

func dayOf(y int, m time.Month, d int) events.Date {
	return events.DateOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
}

// addMonths is the same day of the month n months on, or the last day of that
// month where it has no such day (Regulation 1182/71 Article 3(2)(c)).
func addMonths(d events.Date, n int) events.Date {
	y, m, day := d.Time().Date()
	last := time.Date(y, m+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC)
	return dayOf(last.Year(), last.Month(), min(day, last.Day()))
}

func weekend(d events.Date) bool {
	w := d.Time().Weekday()
	return w == time.Saturday || w == time.Sunday
}
