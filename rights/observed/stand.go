package observed

import "github.com/habeas-data/habeas/events"

// A Standing says where a finding stands.
type Standing string

// The standings.
const (
	Open     Standing = "open"
	Accepted Standing = "accepted"
	Resolved Standing = "resolved"
)

// A Word is what a person decided about a finding.
type Word struct {
	Outcome  events.Code
	Day      events.Date // where the organisation is
	Position events.Position
	Review   events.Date
}

// Stand says where a finding stands on a day. The last word counts. What was
// accepted is open again on the day of its review. What was called mended is
// open again when it is seen again: for reports, one that came after the word;
// for a state, if it is still so on a later day.
func Stand(words []Word, nature Nature, again events.Position, today events.Date) Standing {
	if len(words) == 0 {
		return Open
	}
	w := words[len(words)-1]
	switch w.Outcome {
	case events.FindingAccepted:
		if w.Review.IsZero() || today < w.Review {
			return Accepted
		}
	case events.FindingResolved:
		if nature == OfReports && again.Compare(w.Position) <= 0 {
			return Resolved
		}
		if nature == OfState && today <= w.Day {
			return Resolved
		}
	}
	return Open
}
