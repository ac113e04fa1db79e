package rules

import "github.com/habeas-data/habeas/catalogue"

// settledBy says which kinds of decision settle what a rule finds. The finding
// stays: the notice still says what it says.
var settledBy = map[string][]catalogue.DecisionKind{
	"BASIS_MISSING":                {catalogue.DecideBasis},
	"BASIS_CONDITIONAL_UNRESOLVED": {catalogue.DecideBasis},
	"BASIS_TEXT_ARTICLE":           {catalogue.DecideBasis},
	"BASIS_PROSE_TABLE":            {catalogue.DecideBasis},
	"ROLE_MISSING":                 {catalogue.DecideRole},
	"RET_MISSING":                  {catalogue.DecidePeriod, catalogue.DecideRule},
	"RET_POINTER_UNRESOLVED":       {catalogue.DecidePeriod, catalogue.DecideRule, catalogue.DecideProse},
	"RET_UNLIMITED":                {catalogue.DecidePeriod},
	"RETENTION_OPEN_ENDED":         {catalogue.DecidePeriod},
	"RETENTION_UNKNOWN_FOR_LOG":    {catalogue.DecidePeriod, catalogue.DecideRule},
	"RET_PROSE_TABLE_PERIOD":       {catalogue.DecideProse},
	"RET_PROSE_TABLE_TRIGGER":      {catalogue.DecideProse, catalogue.DecideTrigger},
	"RET_TRIGGER_MISSING":          {catalogue.DecideTrigger},
	"RET_TRIGGER_UNREACHABLE":      {catalogue.DecideTrigger},
	"RET_TRIGGER_AMBIGUOUS_OR":     {catalogue.DecideJoin},
	"RET_PARAMETER_MISSING":        {catalogue.DecideYearEnd},
	"RET_ACTION_UNCLEAR":           {catalogue.DecideAtEnd},
}

// decided says in words what the decisions file says of a finding: "later
// (assumed)" where nobody has adopted it yet.
func (v *view) decided(rule string, at place) string {
	for _, kind := range settledBy[rule] {
		d, ok := v.Decision(string(kind))
		if kind != catalogue.DecideYearEnd && (at.Activity != "" || at.Retention != "") {
			d, ok = v.Decided(kind, at.Activity, at.Retention)
		}
		if !ok {
			continue
		}
		if d.Assumed() {
			return d.Value.String() + " (assumed)"
		}
		return d.Value.String()
	}
	return ""
}
