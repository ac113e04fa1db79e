package clock

import (
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A Span is one request for clarification: the day it was made and the day the
// information came. A zero Answered is still open.
type Span struct {
	Asked, Answered events.Date
}

// Facts are what happened, as far as a clock is concerned. Days are days in the
// organisation's own zone; a zero day did not happen.
type Facts struct {
	Regime Regime
	Right  Right
	Nation Nation // empty: England and Wales in the UK; elsewhere the general calendar

	Received events.Date // a breach: the day somebody became aware
	Aware    time.Time   // a breach: the moment, in the zone whose hours count
	AwareDay bool        // only the day of it is known, and Aware is its first minute

	// What was asked for and what came. An "asked" without its answer holds the
	// clock where the law lets it. Identity is the day on which information came
	// that was asked for because of reasonable doubt: verifying a person whom
	// nobody had reason to doubt moves nothing and is no fact here.
	IdentityAsked, Identity   events.Date
	AuthorityAsked, Authority events.Date
	FeeAsked, Fee             events.Date
	Clarifications            []Span

	Extended          bool
	ExtensionNotified events.Date // when the person was told; zero: not said

	On events.Date // the day of the question, for what is still open; may be zero
}

// Settings are an organisation's own choices.
type Settings struct {
	Margin         int  // working days between the target and the careful date
	IdentityPauses bool // eu: the clock stands still while identity is in doubt
}

// Defaults are the settings nobody has changed.
var Defaults = Settings{Margin: 2}

const maxMargin = 20

// check refuses facts that contradict each other.
func (f *Facts) check(s Settings) error {
	wrong := func(format string, a ...any) error {
		return fmt.Errorf("%w: %s", ErrFacts, fmt.Sprintf(format, a...))
	}
	if s.Margin < 0 || s.Margin > maxMargin {
		return wrong("a margin of %d working days; want 0 to %d", s.Margin, maxMargin)
	}
	if f.Received.IsZero() {
		return wrong("the day of receipt is missing")
	}
	for _, d := range []struct {
		what string
		day  events.Date
	}{
		{"received", f.Received}, {"identity", f.Identity}, {"identity asked", f.IdentityAsked}, {"authority", f.Authority},
		{"authority asked", f.AuthorityAsked}, {"fee", f.Fee}, {"fee asked", f.FeeAsked}, {"extension told", f.ExtensionNotified}, {"on", f.On},
	} {
		if !d.day.IsZero() && (d.day < firstDay || d.day > lastDay) {
			return wrong("%s on %s; want a day from %s to %s", d.what, d.day, firstDay, lastDay)
		}
	}
	for _, p := range []struct {
		what        string
		asked, came events.Date
	}{{"identity", f.IdentityAsked, f.Identity}, {"authority", f.AuthorityAsked, f.Authority}, {"the fee", f.FeeAsked, f.Fee}} {
		switch {
		case !p.asked.IsZero() && p.asked < f.Received:
			return wrong("%s was asked for on %s, before the request was received on %s", p.what, p.asked, f.Received)
		case !p.asked.IsZero() && !p.came.IsZero() && p.came < p.asked:
			return wrong("%s came on %s, before it was asked for on %s", p.what, p.came, p.asked)
		}
	}
	for _, c := range f.Clarifications {
		switch {
		case c.Asked < f.Received:
			return wrong("clarification was asked for on %s, before the request was received on %s", c.Asked, f.Received)
		case !c.Answered.IsZero() && c.Answered < c.Asked:
			return wrong("clarification came on %s, before it was asked for on %s", c.Answered, c.Asked)
		case max(c.Asked, c.Answered) > lastDay:
			return wrong("clarification after %s", lastDay)
		}
	}
	if !f.ExtensionNotified.IsZero() && f.ExtensionNotified < f.Received {
		return wrong("the person was told of the extension on %s, before the request was received on %s", f.ExtensionNotified, f.Received)
	}
	if !f.On.IsZero() && f.On < f.Received {
		return wrong("the question is about %s, before the receipt on %s", f.On, f.Received)
	}
	return nil
}

// came is the day on which what a law waits for was asked for and arrived.
func (f *Facts) came(s Start) (asked, came events.Date) {
	switch s {
	case StartIdentity:
		return f.IdentityAsked, f.Identity
	case StartAuthority:
		return f.AuthorityAsked, f.Authority
	}
	return f.FeeAsked, f.Fee
}
