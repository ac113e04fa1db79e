package rules

// mergedVerdicts are rules in which two readers' names of one meaning came
// together with different verdicts, and why the rule gives the one it does.
var mergedVerdicts = map[string]string{
	"RECIPIENT_CATEGORY_UNSTATED": "one reader says gap, the other warn; data that goes out unnamed leaves an access answer incomplete, so gap",
	"RECIPIENT_UNNAMED":           "gap for a processor, with whom a contract must exist, so that it has a name; warn for other classes",
	"RIGHT_PARTIAL_OBJECTION":     "one reader says gap, the other warn; Article 21(4) asks for it, so gap",
	"INDIRECT_SOURCE_NOTICE":      "gap where nothing is promised, warn where the notice promises to tell and the task is the organisation's",
}

// A byReading is a finding that readers listed and no rule can find, because a
// well-formed catalogue does not hold what it rests on.
type byReading struct{ name, where, why string }

// unfound are those findings, by the names readers gave them.
var unfound = []byReading{
	{"RET_CATEGORY_TWO_PERIODS (feedback)", "osjct, line 259 against 1113", "the two kinds of feedback are two categories of different people, and the second has no row; that a person would call them the same data is a reading. The missing row is found as RET_NO_ROW"},
	{"DATE_CONSISTENT", "osjct, lines 5 and 1233", "a check that passes is no finding. The two dates agree, and the catalogue holds one"},
	{"LOCATION_FORBIDDEN (on event)", "bjm-ig, line 48", "found when a holding arrives from a forbidden place; the catalogue alone shows only a system declared to hold it there"},
}
