package inventory

import "github.com/habeas-data/habeas/events"

const (
	microsPerDay = 24 * 3600 * microsPerSec
	// epochDays is from 1 March 1200, where a round of 400 years begins, to 1970.
	epochDays   = 2*daysIn400 - daysTo1970
	daysIn400   = 146_097
	daysTo1970  = 11_017 // from 1970 to 1 March 2000, in days
	roundOrigin = 1200
)

// monthOf numbers the month of t. Later than the year 7060 all months share the
// last number, which costs nothing but sharing: times stay exact in the row. It
// is asked of every event, so it counts instead of asking the calendar.
func monthOf(t events.Instant) uint16 {
	day := int64(t) / microsPerDay
	if int64(t)%microsPerDay < 0 {
		day--
	}
	day += epochDays // of a calendar whose years begin in March
	if day < 0 {
		return 0
	}
	round, day := day/daysIn400, day%daysIn400
	year := (day - day/1460 + day/36524 - day/146096) / 365
	day -= 365*year + year/4 - year/100
	month := (5*day+2)/153 + 2 // from January of the same year
	n := (roundOrigin+400*round+year-firstYear)*12 + month
	return uint16(max(0, min(n, maxMonthIndex)))
}

func monthStart(m uint16) events.Instant {
	n := int64(m) + (firstYear-roundOrigin)*12 - 2 // months from March
	year, month := n/12, n%12
	day := 365*year + year/4 - year/100 + year/400 + (153*month+2)/5
	return events.Instant((day - epochDays) * microsPerDay)
}
