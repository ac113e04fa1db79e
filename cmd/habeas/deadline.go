package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // days begin in London wherever the program runs

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/spf13/cobra"
)

// deadlineFlags are the flags of the calculator, as they were typed.
type deadlineFlags struct {
	regime, right, nation, zone, calendar  string
	received, on                           string
	identity, authority, fee               string
	identityAsked, authorityAsked, feeFrom string
	clarification                          []string
	extended, identityPauses               bool
	extensionTold                          string
	margin                                 int
}

func (a *app) deadlineCmd() *cobra.Command {
	var f deadlineFlags
	c := &cobra.Command{
		Use:   "deadline --regime uk|eu|ccpa|lgpd --right RIGHT --received DAY",
		Short: "By when must a request, a complaint or a breach be answered, and why; needs no server",
		Long: `By when must a request, a complaint or a breach be answered, and why.

It is a calculator: it needs no server, keeps nothing, and explains every step. Dates
are written 2026-03-20. You get
  the last day     what the law gives, moved to a working day where the law does so
  the careful day  the same where a pause is counted more narrowly
  the day to aim for, two working days before
  the day by which the person must have been told of an extension

The clock starts on the day of receipt, also on a holiday. In the UK it starts later
where you had reasonable doubt about who is asking and asked for proof (--identity is
the day the proof came), asked whether somebody may act for the person (--authority),
or may charge a fee (--fee): the latest day counts. Checking a person you had no
reason to doubt moves nothing: leave it out.

A request for clarification stops the clock only for access, and only in the UK. Give
the day you asked and the day the answer came: --clarification 2026-03-05..2026-03-12.
Leave the second out while you wait (2026-03-05..): there is no last day until it
comes, and with --on you see what it would be if it came that day.

Bank holidays are known for the years that are published. A day beyond them is given
as it is, not moved, and the exit code is 1. --calendar takes the file of
www.gov.uk/bank-holidays, or one of your own for another country (docs/deadlines.md).

RIGHT is access, portability, erasure, rectification, restriction, objection,
objection-marketing, withdraw-consent, automated-decision; complaint (UK: 30 days to
acknowledge it), breach (72 hours to tell the regulator) or notice (a month to tell
people about data from elsewhere).

Exit code 0: the day is known, or the clock rightly stands still. 1: the holidays are
not published, or the extension does not stand. 2: the facts do not fit together.`,
		Example: `  habeas deadline --regime uk --right access --received 2026-03-10
  habeas deadline --regime uk --right access --received 2026-03-10 --identity 2026-03-20 --clarification 2026-03-25..2026-03-28
  habeas deadline --regime uk --nation scotland --right erasure --received 2026-07-31 --extended
  habeas deadline --regime uk --right access --received 2026-06-08 --clarification 2026-06-10.. --on 2026-06-15
  habeas deadline --regime uk --right breach --received 2026-03-20T16:40
  habeas deadline --regime eu --right access --received 2026-03-05 --calendar ireland.json --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.deadline(&f) },
	}
	g := c.Flags()
	g.SortFlags = false
	g.StringVar(&f.regime, "regime", "", "the law that sets the clock: uk, eu, ccpa or lgpd")
	g.StringVar(&f.right, "right", "", "what was asked for, or complaint, breach, notice")
	g.StringVar(&f.received, "received", "", "day it was received; for a breach the time somebody became aware, 2026-03-20T16:40")
	g.StringVar(&f.nation, "nation", "", "whose bank holidays: england-wales (default in the UK), scotland or northern-ireland")
	g.StringVar(&f.identity, "identity", "", "day the proof of identity came that you asked for in doubt")
	g.StringVar(&f.identityAsked, "identity-asked", "", "day you asked for it; alone: it has not come")
	g.StringVar(&f.authority, "authority", "", "day it was confirmed that somebody may act for the person")
	g.StringVar(&f.authorityAsked, "authority-asked", "", "day you asked for that; alone: it has not come")
	g.StringVar(&f.fee, "fee", "", "day the fee was paid")
	g.StringVar(&f.feeFrom, "fee-asked", "", "day you asked for it; alone: it has not been paid")
	g.StringArrayVar(&f.clarification, "clarification", nil, "from the day you asked to the day the answer came, D..D, or D.. while you wait; may be repeated")
	g.BoolVar(&f.extended, "extended", false, "the person was told in time that you need the longer period")
	g.StringVar(&f.extensionTold, "extension-told", "", "day the person was told of the extension; checked against the last day for it")
	g.StringVar(&f.calendar, "calendar", "", "file of public holidays to use instead of those shipped")
	g.StringVar(&f.on, "on", "", "count the days left from this day")
	g.IntVar(&f.margin, "margin", clock.Defaults.Margin, "working days between the day to aim for and the careful day")
	g.BoolVar(&f.identityPauses, "eu-identity-pauses", false, "eu: let the clock stand still while proof of identity is outstanding")
	g.StringVar(&f.zone, "zone", "", "where the days begin, such as Europe/Dublin (default: that of the law)")
	return c
}

func (a *app) deadline(f *deadlineFlags) error {
	facts, err := f.facts()
	if err != nil {
		return usage("%w; nothing was computed. See: habeas deadline --help", err)
	}
	calendars := clock.Shipped()
	if f.calendar != "" {
		if calendars, err = readCalendar(f.calendar); err != nil {
			return usage("%s: %w; nothing was computed. The forms are in docs/deadlines.md", f.calendar, err)
		}
	}
	answer, err := clock.Deadline(facts, calendars, clock.Settings{Margin: f.margin, IdentityPauses: f.identityPauses})
	if err != nil {
		return usage("%w; nothing was computed", err)
	}
	if a.json {
		err = a.print(answer)
	} else {
		err = a.tellDeadline(answer)
	}
	if err == nil && answer.No() {
		return said(exitNo)
	}
	return err
}

// readCalendar reads a calendar file, and no more of it than one may have.
func readCalendar(name string) (*clock.Set, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, clock.MaxCalendar+1))
	if err != nil {
		return nil, err
	}
	return clock.Load(text)
}

// facts turns the flags into facts. Nothing is filled in that was not said, but for
// the nation and the zone, which the answer names.
func (f *deadlineFlags) facts() (x clock.Facts, err error) {
	switch {
	case f.regime == "":
		return x, fmt.Errorf("--regime is missing; want one of uk, eu, ccpa, lgpd")
	case f.right == "":
		return x, fmt.Errorf("--right is missing, such as access, erasure, complaint or breach")
	case f.received == "":
		return x, fmt.Errorf("--received is missing, such as 2026-03-20")
	}
	if x.Regime, err = clock.ParseRegime(f.regime); err != nil {
		return x, fmt.Errorf("--regime: %w", err)
	}
	if x.Right, err = clock.ParseRight(f.right); err != nil {
		return x, fmt.Errorf("--right: %w", err)
	}
	x.Nation = clock.Nation(f.nation) // elsewhere it may name a calendar of the file
	if f.nation != "" && x.Regime == clock.UK || f.nation == "england-and-wales" {
		if x.Nation, err = clock.ParseNation(f.nation); err != nil {
			return x, fmt.Errorf("--nation: %w", err)
		}
	}
	zone, err := time.LoadLocation(cmp.Or(f.zone, x.Regime.Zone()))
	if err != nil || f.zone == "Local" {
		return x, fmt.Errorf("--zone: %q is not known; want a name such as Europe/London", f.zone)
	}
	if x.Aware, x.AwareDay, err = dayOrTime(f.received, zone); err != nil {
		return x, fmt.Errorf("--received: %w", err)
	}
	x.Received = events.DateOf(x.Aware.In(zone))
	x.Extended = f.extended
	for _, d := range []struct {
		flag, text string
		into       *events.Date
	}{
		{"identity", f.identity, &x.Identity}, {"identity-asked", f.identityAsked, &x.IdentityAsked},
		{"authority", f.authority, &x.Authority}, {"authority-asked", f.authorityAsked, &x.AuthorityAsked},
		{"fee", f.fee, &x.Fee}, {"fee-asked", f.feeFrom, &x.FeeAsked},
		{"extension-told", f.extensionTold, &x.ExtensionNotified}, {"on", f.on, &x.On},
	} {
		if *d.into, err = dayIn(d.text, zone); err != nil {
			return x, fmt.Errorf("--%s: %w", d.flag, err)
		}
	}
	for _, text := range f.clarification {
		from, to, both := strings.Cut(text, "..")
		if !both || from == "" {
			return x, fmt.Errorf("--clarification: %q: want two days as 2026-03-05..2026-03-12, or 2026-03-05.. while you wait", text)
		}
		var span clock.Span
		if span.Asked, err = dayIn(from, zone); err != nil {
			return x, fmt.Errorf("--clarification: %w", err)
		}
		if span.Answered, err = dayIn(to, zone); err != nil {
			return x, fmt.Errorf("--clarification: %w", err)
		}
		x.Clarifications = append(x.Clarifications, span)
	}
	return x, nil
}

// dayIn reads a day, or a time and the day it falls on in a zone; "" is no day.
func dayIn(text string, zone *time.Location) (events.Date, error) {
	if text == "" {
		return 0, nil
	}
	t, _, err := dayOrTime(text, zone)
	if err != nil {
		return 0, err
	}
	return events.DateOf(t.In(zone)), nil
}

// dayOrTime reads a day as its first minute, or a time: with an offset, which is
// kept, or without one as the clocks of the zone show it.
func dayOrTime(text string, zone *time.Location) (t time.Time, onlyDay bool, err error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, false, nil
		}
	}
	d, err := events.ParseDate(text)
	if err != nil {
		return t, false, fmt.Errorf("%q: want a day as 2026-03-20, or a time as 2026-03-20T16:40", text)
	}
	y, m, n := d.Time().Date()
	return time.Date(y, m, n, 0, 0, 0, 0, zone), true, nil
}

// tellDeadline writes the answer for a person to read.
func (a *app) tellDeadline(x *clock.Answer) error {
	w := &page{w: a.out}
	date := func(name string, m *clock.Moment) {
		if m != nil && !m.IsZero() {
			w.exact("%-22s%s", name, m.Plain())
		}
	}
	switch x.Status {
	case clock.Waiting:
		w.exact("The clock has not begun. Outstanding: %s", strings.Join(x.WaitsFor, ", "))
	case clock.Paused:
		w.exact("The clock stands still. Outstanding: %s", strings.Join(x.WaitsFor, ", "))
	}
	date("Last day", &x.Due)
	date("Careful day", &x.Conservative)
	date("Aim for", &x.Target)
	date("Tell of extension by", &x.NoticeBy)
	date("  carefully by", x.CarefulBy)
	date("Confirm receipt by", x.ConfirmBy)
	if x.DaysLeft != nil {
		w.exact("%-22s%d, counted from %s", "Days left", *x.DaysLeft, x.On.Plain())
	}
	if len(x.Refused)+len(x.Warnings) > 0 {
		w.exact("")
	}
	for _, r := range x.Refused {
		w.line("REFUSED  %s: %s", r.Code, r.Text)
	}
	for _, r := range x.Warnings {
		w.line("NOTE  %s: %s", r.Code, r.Text)
	}
	w.exact("\nWhy")
	for _, why := range x.Why {
		w.line("  - %s", why)
	}
	if c := x.Calendar; c != nil {
		w.exact("")
		w.line("Public holidays of %s, known from %s to %s. Source: %s.", c.Name, c.From.Plain(), c.Through.Plain(), c.Source)
	}
	w.exact("\nAn aid to counting, not legal advice.")
	return w.err
}

// exact prints a line as it is.
func (p *page) exact(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
