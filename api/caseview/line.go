package caseview

import (
	"fmt"
	"strings"

	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/rights/desk"
)

// A Line is one case of a list in words.
type Line struct{ Number, Rights, Received, Due, Status, Tasks string }

// OfLine says one case of a list in words.
func OfLine(x *desk.CaseLine) Line {
	l := Line{Number: fmt.Sprint(x.Number), Rights: textview.Upper(rights(x.Rights)), Received: textview.Date(x.Received), Due: textview.DayOf(x.Due), Status: Status(x.Status),
		Tasks: strings.Join(Tasks(x.Tasks), "; ")}
	if l.Due == "" {
		l.Due = "The clock stands still"
	}
	switch {
	case x.Answered != nil:
		l.Status += ", answered " + textview.DayOf(x.Answered)
	case x.Overdue:
		l.Status = "OVERDUE: " + l.Status
	}
	return l
}
