package clock

import "errors"

// ErrNoClock comes when the regime sets no period for the right, so there is
// nothing to count.
var ErrNoClock = errors.New("no such clock")

// ErrFacts comes when the facts contradict each other, such as an answer before
// its question; nothing was computed.
var ErrFacts = errors.New("the facts do not fit together")

// ErrCalendar comes when a calendar cannot be read, or has no days for the place
// that was asked for; nothing was computed.
var ErrCalendar = errors.New("the calendar cannot be used")

// A Code names a remark for programs. Codes are never renamed.
type Code string

// What can be remarked on. A refusal means that what was claimed does not stand;
// the others warn.
const (
	ExtensionTooLate   Code = "EXTENSION_TOO_LATE"
	ExtensionUnknown   Code = "EXTENSION_NOT_IN_LAW"
	HorizonExceeded    Code = "HORIZON_EXCEEDED"
	NotInForce         Code = "NOT_IN_FORCE"
	PauseNotInLaw      Code = "PAUSE_NOT_IN_LAW"
	PauseTooLate       Code = "PAUSE_TOO_LATE"
	PauseUnsettled     Code = "PAUSE_UNSETTLED"
	StartNotMoved      Code = "START_NOT_MOVED"
	NoticeBetween      Code = "NOTICE_BETWEEN_READINGS"
	CalendarAssumed    Code = "CALENDAR_ASSUMED"
	CalendarForeign    Code = "CALENDAR_FOREIGN"
	CalendarNotCounted Code = "CALENDAR_NOT_COUNTED"
	HolidaysNotCounted Code = "HOLIDAYS_NOT_COUNTED"
	TimeAssumed        Code = "TIME_ASSUMED"
)

// A Remark is a code with its sentence.
type Remark struct {
	Code Code   `json:"code"`
	Text string `json:"text"`
}
