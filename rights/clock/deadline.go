package clock

import (
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// A job is one question while it is being answered.
type job struct {
	*Facts
	set  Settings
	rule *Rule
	cal  *Calendar // nil where no holiday counts
	a    *Answer
}

// Deadline computes by when something must be done, from what happened alone.
// Errors are ErrNoClock, ErrFacts and ErrCalendar; with an error nothing was
// computed. An answer whose No is true holds a date that must be read with its
// warnings and refusals.
func Deadline(f Facts, calendars *Set, s Settings) (*Answer, error) {
	if f.Right == Breach && f.Received.IsZero() && !f.Aware.IsZero() {
		f.Received = events.DateOf(f.Aware)
	}
	if err := f.check(s); err != nil {
		return nil, err
	}
	r, early, err := RuleFor(f.Regime, f.Right, f.Received)
	if err != nil {
		return nil, err
	}
	j := &job{Facts: &f, set: s, rule: r, a: &Answer{
		Regime: f.Regime, Right: f.Right, Rule: r.ID, Law: r.Law, Horizon: HorizonOK, Status: Dated,
		Why: []string{}, Warnings: []Remark{}, Refused: []Remark{},
	}}
	if early {
		j.a.warn(NotInForce, fmt.Sprintf("%s is in force from %s; on %s it was not, so this is arithmetic only", r.Law, plain(r.From), plain(f.Received)))
	}
	if f.Nation != "" && !r.Rolls && (calendars == nil || !calendars.own) {
		j.a.warn(CalendarNotCounted, fmt.Sprintf("no bank holiday moves this clock, so those of %s were not used", f.Nation.plain()))
	}
	if r.Period.Hours > 0 {
		return j.a, j.hours()
	}
	if j.cal, err = j.calendar(calendars); err != nil {
		return nil, err
	}
	j.moved()
	start, by, waits := begin(&f, r)
	if len(waits) > 0 {
		return j.a, j.waiting(calendars, start, waits)
	}
	j.began(start, by)
	c := &counter{rule: r, cal: j.cal, start: start, stops: pauses(&f, r, s)}
	j.extension(c)
	length := r.Period
	if j.a.Extended {
		length = r.Longer
	}
	t := c.tally(length, true)
	j.late(t)
	if standing(t) {
		return j.a, j.paused(calendars, c, t)
	}
	j.dates(c, length, t)
	j.says()
	return j.a, nil
}

// calendar picks whose holidays count, and remarks on a choice nobody made.
func (j *job) calendar(set *Set) (*Calendar, error) {
	var c *Calendar
	var err error
	switch {
	case j.Regime == UK:
		if j.Nation == "" {
			j.Nation = EnglandWales
		}
		if _, err := ParseNation(string(j.Nation)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFacts, err)
		}
		c, err = set.Get(string(j.Nation))
	case j.rule.Rolls:
		if c, err = set.Get(or(string(j.Nation), string(EU))); err != nil && j.Nation == "" {
			err = fmt.Errorf("%w: name the one to use as the nation", err)
		}
		if err == nil && !set.own && slices.Contains(Nations, j.Nation) {
			j.a.warn(CalendarForeign, fmt.Sprintf("the holidays of %s are counted because they were asked for; European law counts those of the Member State (Regulation 1182/71 Article 2)", c.Name))
		}
	case set.own && (j.rule.Period.BusinessDays > 0 || j.rule.Confirm.given()):
		c, err = set.Get(or(string(j.Nation), string(j.Regime)))
	case set.own:
		j.a.warn(CalendarNotCounted, "no holiday moves this clock, so the calendar file was not used")
	case j.rule.Period.BusinessDays > 0 || j.rule.Confirm.given():
		j.a.warn(HolidaysNotCounted, "business days are counted as Monday to Friday; a calendar file would leave out public holidays as well, which can only make the day later")
	}
	if err != nil {
		return nil, err
	}
	if c != nil {
		j.a.Calendar = &CalendarNote{ID: c.ID, Name: c.Name, Source: c.Source, From: day(c.From), Through: day(c.Through)}
	}
	return c, nil
}

// moved remarks on facts that this law gives no effect on the clock.
func (j *job) moved() {
	if len(j.Clarifications) > 0 && !j.rule.Pause {
		why := "only a request for access is paused by a request for clarification (Article 12A)"
		if j.Regime != UK {
			why = "this law does not stop the clock while clarification is outstanding"
		}
		j.a.warn(PauseNotInLaw, "the clarification pauses nothing: "+why)
	}
	for _, s := range []Start{StartIdentity, StartAuthority, StartFee} {
		asked, came := j.came(s)
		if slices.Contains(j.rule.Starts, s) || asked.IsZero() && came.IsZero() {
			continue
		}
		if s == StartIdentity && j.Regime == EU && j.set.IdentityPauses && j.rule.Longer.given() {
			if asked.IsZero() {
				j.a.warn(StartNotMoved, "identity pauses the clock only from the day it was asked for, and that day is missing")
			}
			continue
		}
		j.a.warn(StartNotMoved, fmt.Sprintf("%s does not move this clock: the period runs from receipt", s.plain()))
	}
	if j.rule.Unsettled != "" && len(j.Clarifications) > 0 {
		j.a.warn(PauseUnsettled, j.rule.Unsettled)
	}
}

// began explains the start.
func (j *job) began(start events.Date, by Start) {
	j.a.Start = day(start)
	j.a.because(fmt.Sprintf("Received on %s. The period is %s (%s); the day it counts from is not counted itself.", plain(j.Received), j.rule.Period.Plain(), j.rule.Law))
	if by != "" {
		j.a.because(fmt.Sprintf("It counts from %s, the day on which %s came: of the receipt and what the law waits for, the latest counts.", plain(start), by.plain()))
	} else if start == j.Received && (j.Identity|j.Authority|j.Fee) != 0 && len(j.rule.Starts) > 0 {
		j.a.because("What was asked for had come by then, so it counts from the receipt.")
	}
	if j.rule.Confirm.given() {
		to, known := j.cal.forward(start, j.rule.Confirm.BusinessDays)
		m := day(to)
		j.a.ConfirmBy = &m
		j.known(known, to)
		j.a.because(fmt.Sprintf("Receipt is confirmed within %s: by %s.", j.rule.Confirm.Plain(), plain(to)))
	}
	if j.rule.AtOnce {
		m := day(start)
		j.a.ConfirmBy = &m
	}
}

// extension decides whether a claimed extension stands, and by when the person had
// to be told: within the first period, not after it.
func (j *job) extension(c *counter) {
	claimed := j.Extended || !j.ExtensionNotified.IsZero()
	if !j.rule.Longer.given() {
		if claimed {
			j.a.refuse(ExtensionUnknown, fmt.Sprintf("%s knows no extension, so the date stands as it was", j.rule.Law))
		}
		return
	}
	notice, careful := c.tally(j.rule.Period, true), c.tally(j.rule.Period, false)
	j.a.NoticeBy = day(notice.due)
	j.known(notice.known, notice.due)
	if careful.due != notice.due {
		m := day(careful.due)
		j.a.CarefulBy = &m
	}
	switch told := j.ExtensionNotified; {
	case !claimed:
	case told > notice.due && !standing(notice):
		j.a.refuse(ExtensionTooLate, fmt.Sprintf("the person was told of the extension on %s, after the last day for it, %s; the answer was due without it", plain(told), plain(notice.due)))
	default:
		j.a.Extended = true
		if told > careful.due {
			j.a.warn(NoticeBetween, fmt.Sprintf("the person was told on %s: in time as the statute counts the pause, late by the shorter count (%s)", plain(told), plain(careful.due)))
		}
	}
}

// standing reports whether a pause that is still open counts, so that the period has
// no end yet.
func standing(t tally) bool {
	return slices.ContainsFunc(t.counted, func(p pause) bool { return p.open })
}

// late remarks on questions that were asked when it was over already.
func (j *job) late(t tally) {
	for _, p := range t.late {
		j.a.warn(PauseTooLate, fmt.Sprintf("what was asked for on %s pauses nothing: the last day had been %s", plain(p.from), plain(t.due)))
	}
}

// dates fills in the days that are known, and explains them.
func (j *job) dates(c *counter, length Period, t tally) {
	a, narrow := j.a, c.tally(length, false)
	a.Due, a.ExcludedDays, a.Conservative = day(t.due), t.excluded, day(narrow.due)
	target := j.cal.back(narrow.end, j.set.Margin)
	a.Target = day(target)
	j.known(t.known, t.due)
	j.known(narrow.known, narrow.due)
	j.counted(c, length, t)
	j.rolled(t)
	if a.Extended {
		told := fmt.Sprintf("It stands only if the person was told of it, with the reasons, by %s.", a.NoticeBy.Plain())
		if !j.ExtensionNotified.IsZero() {
			told = fmt.Sprintf("The person was told on %s; the last day for that was %s.", plain(j.ExtensionNotified), a.NoticeBy.Plain())
		}
		a.because("It is extended. " + told)
	} else if j.rule.Longer.given() {
		a.because(fmt.Sprintf("If it must be extended, the person is told so, with the reasons, by %s.", a.NoticeBy.Plain()))
	}
	if narrow.excluded != t.excluded {
		a.because(fmt.Sprintf("Some count the day on which the clarification came as a day of the period again: %s excluded instead of %d. The careful date is then %s.", count(narrow.excluded, "day"), t.excluded, plain(narrow.due)))
	}
	from := "the careful date"
	if narrow.end != narrow.due {
		from = fmt.Sprintf("%s, the careful date before it was moved to a working day", plain(narrow.end))
	}
	a.because(fmt.Sprintf("Aim for %s: %s before %s.", plain(target), count(j.set.Margin, "working day"), from))
	j.left(t.due)
}

// counted explains the period and the pauses.
func (j *job) counted(c *counter, length Period, t tally) {
	what := strings.ToUpper(length.Plain()[:1]) + length.Plain()[1:]
	says := fmt.Sprintf("%s from %s is %s.", what, plain(c.start), plain(t.base))
	if length.Months > 0 && t.base.Time().Day() != c.start.Time().Day() {
		says = fmt.Sprintf("%s from %s: that month has no such day, so it is its last, %s.", what, plain(c.start), plain(t.base))
	}
	j.a.because(says)
	for _, p := range t.counted {
		what := "Clarification"
		if j.Regime == EU {
			what = "Proof of identity"
		}
		j.a.because(fmt.Sprintf("%s was asked for on %s and came on %s: the clock stood still from the first of these days to the last.", what, plain(p.from), plain(p.to)))
	}
	if t.excluded > 0 {
		more := ""
		if len(t.counted) > 1 {
			more = ", each day taken once,"
		}
		j.a.because(fmt.Sprintf("In all %s%s after the start do not count, which leads to %s.", count(t.excluded, "day"), more, plain(t.end)))
	} else if len(t.counted) > 0 {
		j.a.because("None of these days lies after the start, so nothing is taken off.")
	}
}

// rolled explains how the last day came to be a working day.
func (j *job) rolled(t tally) {
	switch {
	case !j.rule.Rolls:
	case !t.known:
		j.a.because(fmt.Sprintf("Whether %s is a working day is not known, so it was not moved.", plain(t.end)))
	case len(t.over) == 0:
		j.a.because(fmt.Sprintf("%s is a working day in %s, so it is the last day.", plain(t.due), j.cal.Name))
	default:
		j.a.because(fmt.Sprintf("In %s %s, so the period ends with the next working day, %s (%s).", j.cal.Name, series(t.over), plain(t.due), or(j.rule.RollBy, "Regulation 1182/71 Article 3(4)")))
	}
	if j.Regime != EU || j.cal == nil || j.cal.ID != string(EU) {
		return
	}
	earlier := t.end
	for weekend(earlier) {
		earlier++
	}
	if t.known && earlier != t.due {
		j.a.warn(CalendarAssumed, fmt.Sprintf("no Member State was named; where %s is no public holiday the last day is %s. Give the holidays of the Member State as a calendar file", plain(earlier), plain(earlier)))
	} else {
		j.a.because("No Member State was named: a public holiday of its own could make the last day later, never earlier.")
	}
}

// known notes that the published holidays do not reach a day.
func (j *job) known(ok bool, d events.Date) {
	if ok || j.a.Horizon == HorizonOver {
		return
	}
	j.a.Horizon = HorizonOver
	j.a.warn(HorizonExceeded, fmt.Sprintf("the public holidays of %s are known from %s to %s; %s could not be checked against them, so no day was moved: treat it as the last day and give a newer calendar file to be sure", j.cal.Name, short(j.cal.From), short(j.cal.Through), plain(d)))
}

// left counts the days from the day of the question.
func (j *job) left(due events.Date) {
	if j.On.IsZero() {
		return
	}
	on, left := day(j.On), int(due-j.On)
	j.a.On, j.a.DaysLeft = &on, &left
}

func (j *job) says() {
	for _, s := range j.rule.Says {
		j.a.because(s)
	}
	if s := j.rule.SaysOf[j.Right]; s != "" {
		j.a.because(s)
	}
}
