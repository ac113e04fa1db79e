package clock

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A Moment is a day or, for a clock in hours, an instant. The zero Moment is
// unknown and is written as null.
type Moment struct {
	Day events.Date
	At  time.Time
}

func day(d events.Date) Moment { return Moment{Day: d} }

// IsZero reports whether the moment is unknown.
func (m Moment) IsZero() bool { return m.Day.IsZero() && m.At.IsZero() }

func (m Moment) String() string {
	if !m.At.IsZero() {
		return m.At.Format(time.RFC3339)
	}
	return m.Day.String()
}

// Plain writes the moment as people say it.
func (m Moment) Plain() string {
	switch {
	case !m.At.IsZero():
		return plainTime(m.At)
	case !m.Day.IsZero():
		return plain(m.Day)
	}
	return "not known"
}

// MarshalJSON writes YYYY-MM-DD, an RFC 3339 time, or null.
func (m Moment) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(m.String())
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *Moment) UnmarshalJSON(b []byte) error {
	var text *string
	if err := json.Unmarshal(b, &text); err != nil {
		return fmt.Errorf("read a moment: want a day or a time as text")
	}
	*m = Moment{}
	if text == nil {
		return nil
	}
	var err error
	if len(*text) == len("2006-01-02") {
		m.Day, err = events.ParseDate(*text)
	} else {
		m.At, err = time.Parse(time.RFC3339, *text)
	}
	if err != nil {
		return fmt.Errorf("read a moment: want YYYY-MM-DD or RFC 3339")
	}
	return nil
}

// A Status says whether the clock runs.
type Status string

// The states of a clock.
const (
	Dated   Status = "dated"   // it runs, and its end is known
	Waiting Status = "waiting" // it has not begun: something asked for has not come
	Paused  Status = "paused"  // it stands still until the clarification comes
)

// A Horizon says whether the published holidays reach far enough.
type Horizon string

// The two horizons.
const (
	HorizonOK   Horizon = "ok"
	HorizonOver Horizon = "exceeded"
)

// An Answer is one deadline with everything that explains it.
type Answer struct {
	Start        Moment  `json:"start"`            // the day that the period counts from, itself not counted
	ExcludedDays int     `json:"excluded_days"`    // days on which the clock stood still, as the statute counts them
	Due          Moment  `json:"due"`              // the last day that the law gives; null while the clock stands still
	NoticeBy     Moment  `json:"notice_by"`        // the last day to tell the person of an extension; null where there is none
	Conservative Moment  `json:"conservative_due"` // the same with the shorter count of the pause
	Target       Moment  `json:"target"`           // the day to aim for
	Horizon      Horizon `json:"horizon"`

	Status    Status      `json:"status"`
	WaitsFor  []string    `json:"waits_for,omitempty"` // identity, authority, fee, clarification
	IfCame    *Projection `json:"if_it_came,omitempty"`
	ConfirmBy *Moment     `json:"confirm_by,omitempty"` // the last day to confirm receipt, where the law asks for it
	CarefulBy *Moment     `json:"conservative_notice_by,omitempty"`
	Extended  bool        `json:"extended"` // whether the dates include an extension
	On        *Moment     `json:"on,omitempty"`
	DaysLeft  *int        `json:"days_left,omitempty"` // on that day; negative once it is over

	Regime   Regime        `json:"regime"`
	Right    Right         `json:"right"`
	Rule     string        `json:"rule"` // the row of the law
	Law      string        `json:"law"`
	Calendar *CalendarNote `json:"calendar"` // null where no holiday counts

	Why      []string `json:"why"`
	Warnings []Remark `json:"warnings"`
	Refused  []Remark `json:"refused"` // what was claimed and does not stand
}

// A Projection is what would follow if what is outstanding came on a day.
type Projection struct {
	On           Moment `json:"on"`
	Due          Moment `json:"due"`
	Conservative Moment `json:"conservative_due"`
	Target       Moment `json:"target"`
	DaysLeft     int    `json:"days_left"`
}

// A CalendarNote says whose holidays were counted, and up to when they are known.
type CalendarNote struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Source  string `json:"source"`
	From    Moment `json:"from"`
	Through Moment `json:"through"`
}

// No reports whether the answer is a "no": a date that cannot be known, or a claim
// that does not stand.
func (a *Answer) No() bool { return a.Horizon == HorizonOver || len(a.Refused) > 0 }

func (a *Answer) because(sentence string) { a.Why = append(a.Why, sentence) }

func (a *Answer) warn(c Code, text string) { a.Warnings = append(a.Warnings, Remark{c, text}) }

func (a *Answer) refuse(c Code, text string) { a.Refused = append(a.Refused, Remark{c, text}) }
