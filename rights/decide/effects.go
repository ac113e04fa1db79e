package decide

import "github.com/habeas-data/habeas/events"

// An Effect is what follows from an outcome when it is carried out: whether the
// recipients are told, and what the person has to be told.
type Effect struct {
	Outcome Outcome
	// Acts is set where systems have something to do.
	Acts bool
	// Article19 is set where each recipient is told.
	Article19 bool
	// Refuses is set where reasons and remedies are owed (Article 12(4)).
	Refuses bool
	Tell    string
}

// Effects lists what each outcome brings about. A retained holding keeps its
// request: when the last thing that keeps it falls, it goes because of that
// request and without a new one.
func Effects() []Effect {
	return []Effect{
		{Erase, true, true, false, "that it is done and when; until when backups hold it, and that they are not used; which recipients were told, if the person asks (19)"},
		{Retain, false, false, true, "why, on what ground, until when, and that it goes then without a new request"},
		{Restrict, true, true, false, "that use is restricted and why, and that notice comes before it is lifted (18(3))"},
		{Stop, true, true, false, "that the use has ended, and what is kept so that it does not begin again"},
		{Rectify, true, true, false, "that it is corrected, and which recipients were told, if the person asks (19)"},
		{Disclose, false, false, false, "the data, and what is known about it (15(1))"},
		{Withhold, false, false, true, "that something is withheld and by which rule, unless saying so would defeat it"},
		{Review, false, false, false, "nothing yet: a person decides by the day of the answer"},
		{Refer, false, false, false, "who the controller is"},
		{None, false, false, false, "that nothing was done, or what is awaited"},
	}
}

// A Remedy is where somebody turns who is refused something.
type Remedy struct {
	Code events.Code
	Law  string
}

// Remedies lists those that a refusal has to name (Article 12(4)), by the law of a
// day.
func Remedies(j Jurisdiction, on events.Date) []Remedy {
	if j == EU {
		return []Remedy{{"supervisory_authority", "Article 77"}, {"court", "Article 79"}}
	}
	out := []Remedy{{"commissioner", "Article 77; Data Protection Act 2018, section 165"}, {"court", "Article 79; Data Protection Act 2018, section 167"}}
	if InForce(ComplaintToUs, j, on) {
		out = append([]Remedy{{"controller", "Data Protection Act 2018, section 164A"}}, out...)
	}
	return out
}
