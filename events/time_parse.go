package events

// The readers below take what RFC 3339 allows and nothing more. time.Parse is
// both slower and laxer (it takes a comma for a point and an hour of one
// digit), and what it takes by accident a later version may not.

// civilDays counts the days from 1 January 1970 to a day of the Gregorian
// calendar.
func civilDays(y, m, d int) int64 {
	// Count years from March, so that the leap day comes last.
	if m <= 2 {
		y, m = y-1, m+12
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	inEra := y - era*400
	inYear := (153*(m-3)+2)/5 + d - 1
	return int64(era)*146097 + int64(inEra*365+inEra/4-inEra/100+inYear) - 719468
}

var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func validDay(y, m, d int) bool {
	if m < 1 || m > 12 || d < 1 {
		return false
	}
	leap := m == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0)
	return d <= monthDays[m] || leap && d == 29
}

// digits reads n decimal digits at s[at:], or returns -1.
func digits[T string | []byte](s T, at, n int) int {
	v := 0
	for i := at; i < at+n; i++ {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		v = v*10 + int(s[i]-'0')
	}
	return v
}

// civil reads YYYY-MM-DD from the front of s.
func civil[T string | []byte](s T) (y, m, d int, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, 0, 0, false
	}
	y, m, d = digits(s, 0, 4), digits(s, 5, 2), digits(s, 8, 2)
	return y, m, d, y >= 0 && validDay(y, m, d)
}

func parseDate[T string | []byte](s T) (Date, bool) {
	y, m, d, ok := civil(s)
	if !ok || len(s) != 10 || y < 1601 {
		return 0, false
	}
	return Date(civilDays(y, m, d) - dateEpoch), true
}

// parseInstant reads an RFC 3339 time and truncates it to the microsecond. A
// leap second is not taken: no clock that reports events shows one.
func parseInstant[T string | []byte](s T) (Instant, bool) {
	y, m, d, ok := civil(s)
	if !ok || len(s) < 20 || s[10]|0x20 != 't' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	hour, min, sec := digits(s, 11, 2), digits(s, 14, 2), digits(s, 17, 2)
	if hour < 0 || hour > 23 || min < 0 || min > 59 || sec < 0 || sec > 59 {
		return 0, false
	}
	micros, i, ok := fraction(s, 19)
	if !ok {
		return 0, false
	}
	east, ok := zone(s[i:])
	if !ok {
		return 0, false
	}
	secs := civilDays(y, m, d)*86400 + int64(hour*3600+min*60+sec-east*60)
	return Instant(secs*1e6 + micros), true
}

// fraction reads the digits after a point at s[i], if there is one, and returns
// where the zone begins.
func fraction[T string | []byte](s T, i int) (micros int64, end int, ok bool) {
	if s[i] != '.' {
		return 0, i, true
	}
	unit := int64(100_000)
	for i++; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		micros += int64(s[i]-'0') * unit
		unit /= 10
	}
	return micros, i, s[i-1] != '.' && i < len(s)
}

// zone reads Z or an offset and returns the minutes east of Greenwich.
func zone[T string | []byte](s T) (minutes int, ok bool) {
	if len(s) == 1 && s[0]|0x20 == 'z' {
		return 0, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	h, m := digits(s, 1, 2), digits(s, 4, 2)
	if h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, false
	}
	if s[0] == '-' {
		return -(h*60 + m), true
	}
	return h*60 + m, true
}
