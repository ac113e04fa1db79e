package clock

import (
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/events"
)

// waiting answers for a clock that has not begun: something was asked for, and the
// law counts from the day it comes. There is no last day yet.
func (j *job) waiting(set *Set, received events.Date, waits []Start) error {
	j.a.Status = Waiting
	j.a.because(fmt.Sprintf("Received on %s. The period is %s (%s).", plain(j.Received), j.rule.Period.Plain(), j.rule.Law))
	f := *j.Facts
	var names []string
	for _, s := range waits {
		asked, _ := j.came(s)
		j.a.WaitsFor = append(j.a.WaitsFor, string(s))
		names = append(names, s.plain())
		j.a.because(fmt.Sprintf("On %s %s was asked for, and it has not come.", plain(asked), s.plain()))
		came := max(asked, j.On)
		switch s {
		case StartIdentity:
			f.Identity = came
		case StartAuthority:
			f.Authority = came
		case StartFee:
			f.Fee = came
		}
	}
	j.a.because(fmt.Sprintf("The period begins when %s comes; until then it has no last day. Ask without delay, and ask for no more than is needed.", series(names)))
	return j.project(set, f)
}

// paused answers for a clock that stands still.
func (j *job) paused(set *Set, c *counter, t tally) error {
	j.a.Status, j.a.NoticeBy, j.a.CarefulBy, j.a.Horizon = Paused, Moment{}, nil, HorizonOK
	j.a.Warnings = slices.DeleteFunc(j.a.Warnings, func(r Remark) bool { return r.Code == HorizonExceeded })
	f := *j.Facts
	f.Clarifications = make([]Span, len(j.Clarifications))
	for i, s := range j.Clarifications {
		if s.Answered.IsZero() {
			s.Answered = max(s.Asked, j.On)
		}
		f.Clarifications[i] = s
	}
	what := "clarification"
	if j.Regime == EU {
		what, f.Identity = "identity", max(f.IdentityAsked, j.On)
	}
	j.a.WaitsFor = []string{what}
	for _, p := range t.counted {
		if p.open {
			j.a.because(fmt.Sprintf("On %s %s was asked for, and it has not come: the clock stands still from that day on.", plain(p.from), what))
		}
	}
	j.a.because("Until it comes there is no last day.")
	if err := j.project(set, f); err != nil {
		return err
	}
	return nil
}

// project says what would follow if what is outstanding came on the day of the
// question.
func (j *job) project(set *Set, f Facts) error {
	if j.On.IsZero() {
		return nil
	}
	on := day(j.On)
	j.a.On = &on
	f.On = 0
	then, err := Deadline(f, set, j.set)
	if err != nil {
		return err
	}
	j.a.Horizon, j.a.ExcludedDays = then.Horizon, then.ExcludedDays
	for _, w := range then.Warnings {
		if w.Code == HorizonExceeded {
			j.a.Warnings = append(j.a.Warnings, w)
		}
	}
	left := int(then.Due.Day - j.On)
	j.a.IfCame = &Projection{On: on, Due: then.Due, Conservative: then.Conservative, Target: then.Target, DaysLeft: left}
	j.a.because(fmt.Sprintf("If it came on %s, the last day would be %s: %s left.", plain(j.On), then.Due.Plain(), count(left, "day")))
	return nil
}

// hours answers for a period in hours: no night, weekend or holiday stops it. The
// hour of the event is not counted (Regulation 1182/71 Article 3(1)), so the law's
// end is a full hour; the careful end is to the minute.
func (j *job) hours() error {
	if j.Aware.IsZero() {
		return fmt.Errorf("%w: the moment of becoming aware is missing; this period is counted in hours", ErrFacts)
	}
	length := time.Duration(j.rule.Period.Hours) * time.Hour
	counted := j.Aware.Add(time.Hour - time.Duration(j.Aware.Minute())*time.Minute - time.Duration(j.Aware.Second())*time.Second - time.Duration(j.Aware.Nanosecond()))
	exact, last := j.Aware.Truncate(time.Second).Add(length), counted.Add(length)
	a := j.a
	a.Start, a.Due, a.Conservative, a.Target = Moment{At: j.Aware.Truncate(time.Second)}, Moment{At: last}, Moment{At: exact}, Moment{At: exact}
	if j.Extended || !j.ExtensionNotified.IsZero() {
		a.refuse(ExtensionUnknown, fmt.Sprintf("%s knows no extension; a later notification gives its reasons", j.rule.Law))
	}
	j.moved()
	a.because(fmt.Sprintf("Somebody became aware at %s. The period is %s (%s).", plainTime(j.Aware), j.rule.Period.Plain(), j.rule.Law))
	if j.AwareDay {
		a.warn(TimeAssumed, "no time of day was given, so it is counted from the first minute of the day; give the time to be exact")
	}
	a.because(fmt.Sprintf("The hour of the event is not counted, so the %d hours run from %s and end at %s.", j.rule.Period.Hours, plainTime(counted), plainTime(last)))
	a.because(fmt.Sprintf("Aim for %s: %d hours to the minute, which nobody disputes.", plainTime(exact), j.rule.Period.Hours))
	j.says()
	j.left(events.DateOf(last))
	return nil
}
