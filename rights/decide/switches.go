package decide

import "github.com/habeas-data/habeas/events"

// A Jurisdiction is the law that binds the controller.
type Jurisdiction string

const (
	UK Jurisdiction = "uk"
	EU Jurisdiction = "eu"
)

// JurisdictionOf is that of a country code: the United Kingdom's own law, or
// that of the European Union.
func JurisdictionOf(country events.Code) Jurisdiction {
	if country == "gb" || country == "uk" {
		return UK
	}
	return EU
}

// A Switch is a rule that is law in one jurisdiction from a day on.
type Switch string

const (
	ReasonableSearch   Switch = "reasonable_search"     // Article 15(1A)
	PeriodsByRegime    Switch = "periods_by_1182_71"    // Article 4A
	StopTheClock       Switch = "stop_the_clock"        // Article 12A
	RecognisedInterest Switch = "recognised_interest"   // Article 6(1)(ea), and 21(1) for it
	AutomatedSafeguard Switch = "automated_safeguards"  // Articles 22A to 22D
	AutomatedBan       Switch = "automated_prohibition" // Article 22
	ComplaintToUs      Switch = "complaint_controller"  // DPA 2018, section 164A
	MaliciousClaim     Switch = "malicious_allegation"  // Article 17(1)(g)
	CareIsPublicHealth Switch = "care_is_public_health" // 17(3)(c) read for all of 9(2)(h)
	SchedulesOfTheAct  Switch = "dpa_schedules"         // Schedules 2 to 4
	MarketingDefined   Switch = "marketing_defined"     // Article 4(1)(15A)
	TwoConditions      Switch = "article_9_beside_6"    // Article 9(2), opening words
	CopiesAtAnswer     Switch = "copies_at_answer"      // a copy is of the day of the answer
)

// A LawSwitch says where and from when a switch is on, and on what it rests.
type LawSwitch struct {
	Switch       Switch
	Jurisdiction Jurisdiction
	From         events.Date // zero: as long as the regulation itself
	Until        events.Date // the first day on which it is off again
	Law          string
	// Off marks law that is enacted and has no day yet. The rule is written and
	// waits for its day.
	Off bool
}

// LawSwitches is the table of the dated rules. A new rule, or a new day, is a
// line here and nothing else.
func LawSwitches() []LawSwitch {
	return []LawSwitch{
		{Switch: ReasonableSearch, Jurisdiction: UK, From: date("2024-01-01"), Law: "Data (Use and Access) Act 2025, section 78(5)"},
		{Switch: PeriodsByRegime, Jurisdiction: UK, From: date("2025-08-20"), Law: "Data (Use and Access) Act 2025, Schedule 11 paragraph 3"},
		{Switch: PeriodsByRegime, Jurisdiction: EU, Law: "Regulation 1182/71, Article 1"},
		{Switch: MarketingDefined, Jurisdiction: UK, From: date("2025-08-20"), Law: "Data (Use and Access) Act 2025, Schedule 11 paragraph 2"},
		{Switch: TwoConditions, Jurisdiction: UK, From: date("2025-08-20"), Law: "Data (Use and Access) Act 2025, Schedule 11 paragraph 4"},
		{Switch: StopTheClock, Jurisdiction: UK, From: date("2026-02-05"), Law: "Data (Use and Access) Act 2025, section 76"},
		{Switch: RecognisedInterest, Jurisdiction: UK, From: date("2026-02-05"), Law: "Data (Use and Access) Act 2025, section 70"},
		{Switch: AutomatedSafeguard, Jurisdiction: UK, From: date("2026-02-05"), Law: "Data (Use and Access) Act 2025, section 80"},
		{Switch: AutomatedBan, Jurisdiction: UK, Until: date("2026-02-05"), Law: "UK GDPR Article 22 before the Data (Use and Access) Act 2025"},
		{Switch: AutomatedBan, Jurisdiction: EU, Law: "GDPR Article 22"},
		{Switch: ComplaintToUs, Jurisdiction: UK, From: date("2026-06-19"), Law: "Data (Use and Access) Act 2025, section 103"},
		{Switch: MaliciousClaim, Jurisdiction: UK, Off: true, Law: "Victims and Prisoners Act 2024, section 31"},
		{Switch: CareIsPublicHealth, Jurisdiction: UK, Law: "UK GDPR Article 17(3)(c), as the Commissioner reads it"},
		{Switch: CopiesAtAnswer, Jurisdiction: EU, Law: "GDPR Article 15(3), as the European Data Protection Board reads it (Guidelines 01/2022)"},
		{Switch: SchedulesOfTheAct, Jurisdiction: UK, From: date("2018-05-25"), Law: "Data Protection Act 2018, Schedules 2 to 4"},
	}
}

var switches = LawSwitches()

// InForce reports whether a switch is on in a jurisdiction on a day.
func InForce(s Switch, j Jurisdiction, on events.Date) bool {
	for i := range switches {
		x := &switches[i]
		if x.Switch == s && x.Jurisdiction == j && !x.Off && x.From <= on && (x.Until.IsZero() || on < x.Until) {
			return true
		}
	}
	return false
}

// date reads a day that stands in this package.
func date(s string) events.Date {
	d, err := events.ParseDate(s)
	if err != nil {
		panic("decide: " + s + " is not a day")
	}
	return d
}
