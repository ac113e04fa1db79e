package clock

import (
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A Period is a length of time as a law states it; one of its fields is set.
type Period struct {
	Months, Days, BusinessDays, Hours int
}

func (p Period) given() bool { return p != Period{} }

// Plain writes the period in words.
func (p Period) Plain() string {
	switch {
	case p.Months == 1:
		return "one month"
	case p.Months == 2:
		return "two months"
	case p.Months == 3:
		return "three months"
	case p.Months > 0:
		return count(p.Months, "month")
	case p.Days > 0:
		return count(p.Days, "day")
	case p.BusinessDays > 0:
		return count(p.BusinessDays, "business day")
	}
	return count(p.Hours, "hour")
}

// A Start is something other than the receipt that can set the clock going.
type Start string

// What a law may wait for.
const (
	StartIdentity  Start = "identity"
	StartAuthority Start = "authority"
	StartFee       Start = "fee"
)

// plain says what is waited for.
func (s Start) plain() string {
	switch s {
	case StartIdentity:
		return "proof of identity"
	case StartAuthority:
		return "proof that somebody may act for the person"
	}
	return "the fee"
}

// A Rule is one row of the law: for which regime and rights, from which day on,
// how long, counted from what, stopped by what. Changed law is another row.
type Rule struct {
	ID     string
	Regime Regime
	Rights []Right
	From   events.Date // in force for what is received from this day on
	Law    string      // where it stands

	Period Period
	Longer Period  // the whole period once extended; empty: it cannot be
	Starts []Start // what moves the start, beside the receipt
	Pause  bool    // a request for clarification stops the clock
	Rolls  bool    // ends on a working day
	RollBy string  // what says so; empty: Regulation 1182/71 Article 3(4)

	Confirm Period // to confirm receipt; Days 0 and AtOnce: immediately
	AtOnce  bool
	Zone    string // where the days begin, unless the caller says otherwise

	Unsettled string           // what nobody has verified about a pause under this row
	Says      []string         // sentences for everybody
	SaysOf    map[Right]string // sentences for one right
}

const (
	london   = "Europe/London"
	brussels = "Europe/Brussels"
)

var (
	month  = Period{Months: 1}
	months = Period{Months: 3}

	gdprRights   = []Right{Portability, Erasure, Rectify, Restrict, Objection, Marketing, Withdraw, Automated}
	euRights     = append([]Right{Access}, gdprRights...)
	ukStarts     = []Start{StartIdentity, StartAuthority, StartFee}
	gdpr         = dayOf(2018, time.May, 25)
	article12A   = dayOf(2026, time.February, 5)
	complaints   = dayOf(2026, time.June, 19)
	ccpaRules    = dayOf(2020, time.January, 1)
	lgpdInForce  = dayOf(2020, time.September, 18)
	transitional = "the answer rests on the regulator's practice before Article 12A (5 February 2026), which paused the clock only where much information was held about the person; no rule for requests pending on that day is known to us"

	gdprSays = map[Right]string{
		Marketing: "The marketing itself stops at once (Article 21(3)); this is the last day to tell the person.",
		Withdraw:  "Withdrawal acts at once and Article 7(3) sets no period for a reply; the month of Article 12(3) is taken as the last day to tell the person.",
		Objection: "Until it is decided the processing is restricted (Article 18(1)(d)).",
	}
)

// Rules is the law as rows. They are tried from the last to the first, so a later
// row of the same rights takes the place of an earlier one from its day on.
var Rules = []Rule{
	{ID: "uk.access.before-12A", Regime: UK, Rights: []Right{Access}, From: gdpr, Law: "UK GDPR Article 12(3), before Article 12A",
		Period: month, Longer: months, Starts: ukStarts, Pause: true, Rolls: true, Zone: london, Unsettled: transitional},
	{ID: "uk.request.before-12A", Regime: UK, Rights: gdprRights, From: gdpr, Law: "UK GDPR Article 12(3), before Article 12A",
		Period: month, Longer: months, Starts: ukStarts, Rolls: true, Zone: london, SaysOf: gdprSays},
	{ID: "uk.access", Regime: UK, Rights: []Right{Access}, From: article12A, Law: "UK GDPR Articles 12(3) and 12A",
		Period: month, Longer: months, Starts: ukStarts, Pause: true, Rolls: true, Zone: london},
	{ID: "uk.request", Regime: UK, Rights: gdprRights, From: article12A, Law: "UK GDPR Articles 12(3) and 12A",
		Period: month, Longer: months, Starts: ukStarts, Rolls: true, Zone: london, SaysOf: gdprSays},
	{ID: "uk.complaint", Regime: UK, Rights: []Right{Complaint}, From: complaints, Law: "Data Protection Act 2018 s.164A",
		Period: Period{Days: 30}, Rolls: true, RollBy: "the Commissioner's guidance on complaints", Zone: london,
		Says: []string{"This is the last day to acknowledge the complaint. Without undue delay from receipt: look into it, tell the person how it goes, and tell them the outcome."}},
	{ID: "uk.breach", Regime: UK, Rights: []Right{Breach}, From: gdpr, Law: "UK GDPR Article 33(1)", Period: Period{Hours: 72}, Zone: london, Says: breachSays},
	{ID: "uk.notice", Regime: UK, Rights: []Right{Notice}, From: gdpr, Law: "UK GDPR Article 14(3)(a)", Period: month, Rolls: true, Zone: london, Says: noticeSays},

	{ID: "eu.request", Regime: EU, Rights: euRights, From: gdpr, Law: "GDPR Article 12(3)",
		Period: month, Longer: months, Rolls: true, Zone: brussels, SaysOf: gdprSays},
	{ID: "eu.breach", Regime: EU, Rights: []Right{Breach}, From: gdpr, Law: "GDPR Article 33(1)", Period: Period{Hours: 72}, Zone: brussels, Says: breachSays},
	{ID: "eu.notice", Regime: EU, Rights: []Right{Notice}, From: gdpr, Law: "GDPR Article 14(3)(a)", Period: month, Rolls: true, Zone: brussels, Says: noticeSays},

	{ID: "ccpa.request", Regime: CCPA, Rights: []Right{Access, Portability, Erasure, Rectify}, From: ccpaRules, Law: "11 CCR § 7021",
		Period: Period{Days: 45}, Longer: Period{Days: 90}, Confirm: Period{BusinessDays: 10}, Zone: "America/Los_Angeles",
		Says: []string{"The 45 days run from receipt; the time it takes to verify the person does not stop them.", "No weekend or holiday moves the last day: the earlier day is the safe reading."}},
	{ID: "ccpa.opt-out", Regime: CCPA, Rights: []Right{Objection, Marketing, Withdraw, Restrict}, From: ccpaRules, Law: "11 CCR §§ 7026(f), 7027(g)",
		Period: Period{BusinessDays: 15}, Zone: "America/Los_Angeles",
		Says: []string{"An opt-out, and a limit on the use of sensitive information, are carried out as soon as feasible; this is the last day."}},

	{ID: "lgpd.access", Regime: LGPD, Rights: []Right{Access}, From: lgpdInForce, Law: "LGPD Article 19",
		Period: Period{Days: 15}, AtOnce: true, Zone: "America/Sao_Paulo",
		Says: []string{"Whether data are held is confirmed at once, in simplified form (Article 19, I); this is the last day for the full statement (Article 19, II).", "No weekend or holiday moves the last day: the earlier day is the safe reading."}},
}

var (
	breachSays = []string{
		"Hours run through nights, weekends and holidays: the roll to a working day is not for periods in hours (Regulation 1182/71 Article 3(4)).",
		"What is not known yet may follow in stages (Article 33(4)); a later notification needs its reasons.",
	}
	noticeSays = []string{"A month is the most: the notice comes within a reasonable time, and no later than the first message to the person or the first disclosure to somebody else (Article 14(3)(b), (c))."}
)

// unknown says where to turn where a regime has no clock for something.
var unknown = map[Regime]map[Right]string{
	EU:   {Complaint: "GDPR Article 77 gives a complaint to the supervisory authority, and no period for the controller"},
	CCPA: {Breach: "the notice of a breach is a matter of Civil Code § 1798.82, which habeas does not count"},
	LGPD: {Breach: "the notice of an incident is a matter of the authority's own regulation, which habeas does not count"},
}

// RuleFor finds the row that governs something received on a day. early is true
// where even the oldest row was not in force by then; that row is given.
func RuleFor(g Regime, right Right, received events.Date) (r *Rule, early bool, err error) {
	var oldest *Rule
	for i := len(Rules) - 1; i >= 0; i-- {
		r := &Rules[i]
		if r.Regime != g || !slices.Contains(r.Rights, right) {
			continue
		}
		if r.From <= received {
			return r, false, nil
		}
		oldest = r
	}
	if oldest != nil {
		return oldest, true, nil
	}
	why := unknown[g][right]
	if why == "" {
		why = "no period in days is known for it"
	}
	return nil, false, fmt.Errorf("%w: %s under %s: %s", ErrNoClock, right, g, why)
}

// Zone is where the days of a regime begin, unless the caller says otherwise.
func (g Regime) Zone() string {
	for i := range Rules {
		if Rules[i].Regime == g {
			return Rules[i].Zone
		}
	}
	return "UTC"
}
