package desk

import (
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
)

// Sentinels callers branch on.
var (
	// ErrForbidden: the caller's roles do not name the permission.
	ErrForbidden = errors.New("not permitted")
	// ErrNotRecorded: the look could not be recorded, so nothing was shown.
	ErrNotRecorded = errors.New("the look could not be recorded, so nothing is shown")
	// ErrBehind: the map did not reach the position asked for in time.
	ErrBehind = errors.New("the map has not reached that position yet")
	// ErrQuestion: the question cannot be understood.
	ErrQuestion = errors.New("the question is not understood")
	// ErrGone: what was asked for is not there, or not any more.
	ErrGone = errors.New("not there")
)

// A Fault is an ErrQuestion that says which part of the question is wrong and
// what was expected there.
type Fault struct {
	// Part is a path in the question: "identifier/value", "as_of". Whoever reads
	// one identifier of several leaves it empty.
	Part string
	Text string // holds no value of the question
}

func (f *Fault) Error() string { return ErrQuestion.Error() + ": " + f.Text }

// Unwrap is ErrQuestion.
func (*Fault) Unwrap() error { return ErrQuestion }

// faultOf says that a refused identifier is one of a part of the question.
func faultOf(err error, part string) error {
	var f *Fault
	if errors.As(err, &f) && f.Part == "" {
		return &Fault{Part: part + "/value", Text: f.Text}
	}
	return err
}

// A Query asks about one person, named by an identifier or by the reference of
// an earlier answer.
type Query struct {
	Caller     access.Caller
	Identifier events.Identifier
	Ref        string
	// AsOf: what was held then; zero means now. AsOfDay says it in its place as
	// the end of a day where the organisation is.
	AsOf    events.Instant
	AsOfDay events.Date
	// AsKnown leaves out what was recorded later; at most one of its fields is
	// set.
	AsKnown AsKnown
	// Reason is the caller's own words. It is sealed in the vault.
	Reason events.Plaintext
	// Min is a position the answer must include; zero means whatever there is.
	Min events.Position
}

// AsKnown names a moment of recording, by time, by the end of a day where the
// organisation is, or by position.
type AsKnown struct {
	Time     events.Instant
	Day      events.Date
	Position events.Position
}

// ParseAsOf reads the moment of a question: an RFC 3339 time, or a day, which
// stands for its end where the organisation is. The empty text is now.
func ParseAsOf(s string) (events.Instant, events.Date, error) {
	if s == "" {
		return 0, 0, nil
	}
	if d, err := events.ParseDate(s); err == nil && !d.IsZero() {
		return 0, d, nil
	}
	t, err := events.ParseInstant(s)
	if err != nil {
		return 0, 0, &Fault{Part: "as_of", Text: "want a day such as 2025-03-14 or an RFC 3339 time such as 2025-03-14T09:26:53Z"}
	}
	return t, 0, nil
}

// ParseAsKnown reads what ParseAsOf reads, or a position. What could be a day is
// one.
func ParseAsKnown(s string) (AsKnown, error) {
	t, day, err := ParseAsOf(s)
	if err == nil {
		return AsKnown{Time: t, Day: day}, nil
	}
	if p, err := events.ParsePosition(s); err == nil {
		return AsKnown{Position: p}, nil
	}
	return AsKnown{}, &Fault{Part: "as_known", Text: "want a day such as 2025-03-14, an RFC 3339 time such as 2025-03-14T09:26:53Z, or a position such as 1-42-0"}
}

// IsZero reports whether everything recorded counts.
func (a AsKnown) IsZero() bool { return a == AsKnown{} }

func (a AsKnown) String() string {
	switch {
	case !a.Position.IsZero():
		return a.Position.String()
	case !a.Day.IsZero():
		return a.Day.String()
	}
	return a.Time.String()
}

// Ambiguous is the answer to a question that may mean several people, or where
// evidence forbids taking records for one person: candidates and nothing else.
type Ambiguous struct {
	AsOf       events.AsOf
	Candidates []events.Candidate
	// Contested says what conflicts, if that is why.
	Contested []events.Contest
	Unknown   []events.Unknown
	Words     events.Glossary
}

func (a *Ambiguous) Error() string {
	return fmt.Sprintf("the identifier may mean %d people", len(a.Candidates))
}

// NotFound is the answer when no system reported the identifier. It still says
// what the answer rests on and what it cannot speak for: nothing recorded is
// not nothing held.
type NotFound struct {
	AsOf    events.AsOf
	Unknown []events.Unknown
	Words   events.Glossary
}

func (*NotFound) Error() string { return "no system has reported this identifier" }

// Limited: the caller looks people up too quickly.
type Limited struct{ RetryAfter int } // seconds

func (l *Limited) Error() string {
	return fmt.Sprintf("too many look-ups; try again in %d s", l.RetryAfter)
}

// A Found is who a search found, before anything about them is shown.
type Found struct {
	Ref        string             `json:"ref"`
	AsOf       events.AsOf        `json:"as_of"`
	Candidates []events.Candidate `json:"candidates"`
}

// A SystemView is what is known of one system of the catalogue.
type SystemView struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Owner     string          `json:"owner"`    // own | recipient | undeclared
	Status    string          `json:"status"`   // reporting | silent | behind | never_connected | not_expected | paper | unstructured
	Expected  bool            `json:"expected"` // the catalogue expects it to report
	Events    uint64          `json:"events"`
	FirstSeen *events.Instant `json:"first_seen"` // time of its earliest event
	LastSeen  *events.Instant `json:"last_seen"`  // when its last event or heartbeat arrived
	Through   *events.Instant `json:"through"`    // its own word: reported completely up to here
	Since     *events.Instant `json:"since"`      // its own word: reported completely from here
	// SilentAfter is the silence the catalogue allows, in ISO 8601.
	SilentAfter string `json:"silent_after,omitempty"`
	Quarantined uint64 `json:"quarantined"`
	// Findings counts what is open about its codes: habeas findings --system.
	Findings int `json:"findings"`
}

// A QuarantineItem is one event that could not be understood. The list shows
// reasons and places, never contents.
type QuarantineItem struct {
	Position string         `json:"position"`
	System   string         `json:"system"`
	Kind     string         `json:"kind,omitempty"`
	Why      string         `json:"why"`
	At       events.Instant `json:"at"`
	// Note names the sealed contents; empty if they are gone.
	Note string `json:"note,omitempty"`
}

// A Decision joins, separates or marks by hand, with a reason (B4).
type Decision struct {
	Caller access.Caller
	// A and B are references of earlier answers (for a merge and a split), or A
	// alone is the identifier to mark.
	A, B string
	// IdentifierA and IdentifierB name the two instead of references.
	IdentifierA, IdentifierB events.Identifier
	Identifier               events.Identifier
	Shared                   bool // for a mark: shared by several people, or not after all
	Reason                   events.Plaintext
}

// A Survey lists the systems of the catalogue and any other that has reported.
type Survey struct {
	AsOf    events.AsOf  `json:"as_of"`
	Systems []SystemView `json:"systems"`
}

// A QuarantineList lists the events that wait to be mended.
type QuarantineList struct {
	AsOf  events.AsOf      `json:"as_of"`
	Items []QuarantineItem `json:"items"`
}

// A QuarantineBody is one of them with its contents.
type QuarantineBody struct {
	Item QuarantineItem `json:"item"`
	Body string         `json:"body"` // as it came, if it is text
}

// A ReasonView is the reason that was given for a recorded look or decision.
type ReasonView struct {
	Reason string `json:"reason"`
	// Subjects is how many handles it was about.
	Subjects int `json:"subjects"`
}
