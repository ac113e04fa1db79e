package catalogue

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// DecisionKind is what a decision settles: the part of its key before the dot.
type DecisionKind string

const (
	DecideJoin     DecisionKind = "joins"              // which of several triggers counts
	DecideYearEnd  DecisionKind = "financial_year_end" // last day of the financial year
	DecideAfter    DecisionKind = "after_trigger"      // on what ground data is kept once its trigger has fired
	DecideBasis    DecisionKind = "basis"              // the one lawful basis where the notice pools several
	DecidePeriod   DecisionKind = "period"             // a period where the notice gives none
	DecideTrigger  DecisionKind = "trigger"            // a trigger where the notice gives none
	DecideRule     DecisionKind = "rule"               // the general rule that an activity follows
	DecideRole     DecisionKind = "role"               // controller or processor
	DecideCountsAs DecisionKind = "counts_as"          // what else counts as a milestone
	DecideFires    DecisionKind = "request_fires"      // the requests that bring a milestone about
	DecideFloor    DecisionKind = "identity_floor"     // elements that stay while anything else of the system does
	DecideProse    DecisionKind = "prose_over_table"   // the rule told in prose that goes before the row
	DecideAtEnd    DecisionKind = "at_end"             // what is done at the end of the period
)

// What the part of a key behind the dot names.
type decisionOf string

const (
	ofNothing   decisionOf = ""
	ofActivity  decisionOf = "activity"
	ofEither    decisionOf = "activity or rule" // an activity's id is its rule's where the catalogue names none
	ofMilestone decisionOf = "milestone"
	ofSystem    decisionOf = "system"
)

// A decisionForm is what one kind of decision looks like.
type decisionForm struct {
	of     decisionOf
	ground bool // the value is {ground, ref}
	many   bool // the value may be a list
	want   string
	// word checks one word of the value and returns it as it is kept.
	word func(string) (string, bool)
}

func (f decisionForm) key(k DecisionKind) string {
	if f.of == ofNothing {
		return string(k)
	}
	return string(k) + ".<" + string(f.of) + ">"
}

// grounds are those on which data may be kept after its trigger has fired.
var grounds = []string{"claims", "law"}

// What may count as a milestone although the law's default is that it does not.
const (
	CountsNothing  = "nothing"
	CountsRequest  = "request"
	CountsExport   = "export"
	CountsAudit    = "audit"
	CountsOutbound = "outbound_mail"
)

var decisionForms = map[DecisionKind]decisionForm{
	DecideJoin:    {of: ofEither, want: "later or earlier", word: oneWord("later", "earlier")},
	DecideYearEnd: {want: "a month and a day that every year has, such as 03-31", word: parsedAs(new(MonthDay))},
	DecideAfter:   {of: ofActivity, ground: true, want: "{ground, ref}"},
	DecideBasis:   {of: ofActivity, want: "one of " + basisNames(), word: func(s string) (string, bool) { return s, knownBasis(events.Code(s)) }},
	DecidePeriod:  {of: ofEither, want: "an ISO 8601 period, such as P7Y, P6M, P30D or P0D", word: parsedAs(new(Period))},
	DecideTrigger: {of: ofEither, many: true, want: "a milestone, request_received:<right> or one of " + strings.Join(builtinNames(), ", "), word: parsedAs(new(Trigger))},
	DecideRule:    {of: ofActivity, want: "a retention rule of the catalogue", word: parsedAs(new(RuleID))},
	DecideRole:    {of: ofActivity, want: "one of controller, joint_controller, processor", word: parsedAs(new(Role))},
	DecideCountsAs: {of: ofMilestone, many: true, want: "one or more of request, export, audit, outbound_mail, or nothing",
		word: countsWord},
	DecideFires: {of: ofMilestone, many: true, want: "one or more rights, such as erasure", word: parsedAs(new(RightKind))},
	DecideFloor: {of: ofSystem, many: true, want: "categories with their elements, such as identity/name", word: categoryWord},
	DecideProse: {of: ofActivity, want: "a retention rule of the catalogue, or true for the one told in prose about the activity", word: parsedAs(new(RuleID))},
	DecideAtEnd: {of: ofActivity, want: "one of erase, stop, review, return, anonymise", word: parsedAs(new(AtEnd))},
}

// countsWord takes the plain words of what may count; requests go by two more.
func countsWord(s string) (string, bool) {
	if s == "subject_request" || s == "rights_request" {
		s = CountsRequest
	}
	return s, slices.Contains([]string{CountsNothing, CountsRequest, CountsExport, CountsAudit, CountsOutbound}, s)
}

func oneWord(list ...string) func(string) (string, bool) {
	return func(s string) (string, bool) { return s, slices.Contains(list, s) }
}

// parsedAs checks a word by the type it is later read as.
func parsedAs[T any, P interface {
	*T
	UnmarshalText([]byte) error
}](P) func(string) (string, bool) {
	return func(s string) (string, bool) { return s, P(new(T)).UnmarshalText([]byte(s)) == nil }
}

func categoryWord(s string) (string, bool) {
	code, element, has := strings.Cut(s, "/")
	c, err := events.ParseCode(code)
	if err != nil || !has {
		return string(c), err == nil
	}
	e, err := events.ParseCode(element)
	return events.Category{Code: c, Element: e}.String(), err == nil
}

// decisionKeys lists every key of the format.
func decisionKeys() string {
	var out []string
	for k, f := range decisionForms {
		out = append(out, f.key(k))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
