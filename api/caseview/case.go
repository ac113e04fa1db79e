package caseview

import (
	"fmt"
	"strings"

	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/rights/desk"
)

// A Case is one case in words, but for its plan.
type Case struct {
	ID       string
	Title    string
	Asked    string // what was asked, when and how
	Status   string
	Code     string // of the status
	Overdue  bool
	First    []string
	Details  []Detail
	Clocks   []Clock
	People   []string // the records that are taken to be the person's
	Steps    []Step
	Findings []string // what people put on record
	Letters  []Letter
	Packages []string
	Tasks    []Task
	Counts   []string
	Next     []string
	Foot     string
	Approved string
}

// A Detail is a name and what stands under it.
type Detail struct{ Name, Text string }

// A Clock is the clock of one right.
type Clock struct {
	Right, Stand, Due, Target string
	Bad                       bool
	Why                       []string
}

// A Step is one thing that happened.
type Step struct{ When, What, By, Text, Reason string }

// A Letter is one that was kept.
type Letter struct{ Kind, When, Text string }

// A Task is what one target is to do, in words.
type Task struct {
	ID, Target, Does, State, Code, By string
	Look                              bool
}

// OfCase says a case in words.
func OfCase(v *desk.CaseView) Case {
	n := textview.NewNames(v.Words, v.AsOf.Zone)
	c := Case{ID: v.Case, Title: fmt.Sprintf("Case %d", v.Number), Status: Status(v.Status), Code: v.Status, Overdue: v.Overdue,
		Foot: "Case " + v.Case + ". As of journal position " + v.AsOf.Position + "."}
	c.Asked = fmt.Sprintf("Asked for %s, received on %s", rights(v.Rights), textview.Date(v.Received))
	if v.Via != "" {
		c.Asked += " by " + Via(v.Via)
	}
	c.Asked += "."
	c.First, c.Details = first(v), details(n, v)
	for _, k := range v.Clocks {
		c.Clocks = append(c.Clocks, ofClock(k))
	}
	for _, m := range v.Members {
		c.People = append(c.People, member(n, m))
	}
	for _, e := range v.Timeline {
		c.Steps = append(c.Steps, Step{When: textview.Date(e.On), What: Act(e.Act), By: e.By, Text: e.Text, Reason: e.Reason})
	}
	for _, a := range v.Assessments {
		c.Findings = append(c.Findings, finding(a))
	}
	for _, l := range v.Letters {
		c.Letters = append(c.Letters, Letter{textview.Upper(spoken(l.Kind)), textview.Date(l.On), l.Text})
	}
	for _, x := range v.Packages {
		if x.Kind == "certificate" { // it stands on its own
			continue
		}
		c.Packages = append(c.Packages, textview.Upper(strings.TrimSpace(spoken(x.Kind)+" package"))+" of "+textview.Date(x.On))
	}
	for _, t := range v.TaskList {
		c.Tasks = append(c.Tasks, OfTask(n, t))
	}
	c.Counts, c.Next = Tasks(v.Tasks), v.Next
	if a := v.Approved; a != nil {
		c.Approved = "Approved by " + a.By + " on " + textview.Date(a.On) + "."
	}
	return c
}

func first(v *desk.CaseView) []string {
	var out []string
	add := func(when bool, text string) {
		if when {
			out = append(out, text)
		}
	}
	add(v.Simulated, "Simulated: the clock was set by hand.")
	add(v.Overdue, "Overdue: the last day to answer has passed.")
	add(v.Historic, "A historical case: it was answered before it was recorded here.")
	add(v.Identity == "doubted", "Who asks is in doubt: proof was asked for and has not come.")
	add(v.Identity == "failed", "Who asks was not proven.")
	add(v.DuplicateOf != "", "The same as case "+v.DuplicateOf+".")
	return out
}

func details(n textview.Names, v *desk.CaseView) []Detail {
	var out []Detail
	add := func(name, text string) {
		if text != "" {
			out = append(out, Detail{name, text})
		}
	}
	for _, id := range n.Identifiers(v.Identifiers) {
		add("Asks", id.Kind+" "+id.Value)
	}
	if a := v.Asker; a != nil {
		text := spoken(a.As)
		if a.Name != "" {
			text += ", " + a.Name
		}
		if a.Evidence {
			text += "; authority was shown"
		} else {
			text += "; authority was not shown"
		}
		add("For the person", text)
	}
	for _, s := range v.Scope {
		add("About", scope(n, s))
	}
	add("Channels", strings.Join(v.Channels, ", "))
	for _, s := range v.States {
		add("Says", Statement(s))
	}
	add("In their words", v.Text)
	if v.Due != nil {
		add("Last day", textview.DayOf(v.Due))
	}
	add("The notice promises", v.DuePromised)
	add("Answered", textview.DayOf(v.Answered))
	add("Closed", textview.DayOf(v.Closed))
	return out
}

func scope(n textview.Names, s desk.CaseScopeView) string {
	var parts []string
	if s.System != "" {
		parts = append(parts, n.Word("system", s.System))
	}
	if s.Activity != "" {
		parts = append(parts, n.Activity(s.Activity))
	}
	if s.Category != "" {
		parts = append(parts, n.Category(s.Category))
	}
	if s.Item != nil {
		parts = append(parts, n.Item(s.Item))
	}
	return strings.Join(parts, ", ")
}

func ofClock(k desk.CaseClockView) Clock {
	stand, bad := Stand(k.Stand)
	c := Clock{Right: textview.Upper(Right(k.Right)), Stand: stand, Bad: bad}
	if a := k.Answer; a != nil {
		if !a.Due.IsZero() {
			c.Due = a.Due.Plain()
		}
		if !a.Target.IsZero() {
			c.Target = a.Target.Plain()
		}
		c.Why = append(c.Why, a.Why...)
		for _, w := range a.Warnings {
			c.Why = append(c.Why, "Note: "+w.Text)
		}
		for _, w := range a.Refused {
			c.Why = append(c.Why, "Does not stand: "+w.Text)
		}
	}
	return c
}

func finding(a desk.CaseAssessment) string {
	answer := "no"
	if a.Holds {
		answer = "yes"
	}
	text := textview.Date(a.On) + ", " + a.By + ": " + spoken(a.Kind) + ": " + answer
	if a.Code != "" {
		text += ", " + a.Code
	}
	if a.Ref != "" {
		text += ", " + a.Ref
	}
	if a.Until != nil {
		text += ", until " + textview.DayOf(a.Until)
	}
	return text
}

// OfTask says one task of a case in words.
func OfTask(n textview.Names, t desk.CaseTaskLine) Task {
	target := n.Word("system", t.System)
	if t.Recipient != "" {
		target = n.Word("recipient", t.Recipient)
	}
	state, look := TaskState(t.State)
	return Task{ID: t.Task, Target: target, Does: Verb(t.Verb), State: state, Code: t.State, By: textview.DayOf(t.ActBefore), Look: look}
}

// Tasks counts tasks by state in words, in the order shown to people.
func Tasks(counts map[string]int) []string {
	var out []string
	for _, code := range TaskStates() {
		if k := counts[code]; k > 0 {
			words, _ := TaskState(code)
			out = append(out, fmt.Sprintf("%s: %d", words, k))
		}
	}
	return out
}
