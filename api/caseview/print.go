package caseview

import (
	"fmt"
	"io"

	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/rights/desk"
)

// PrintPlan writes a plan for a person to read on a terminal.
func PrintPlan(w io.Writer, v *desk.CasePlan) error {
	x, p := OfPlan(v), textview.NewPrinter(w)
	p.Head(x.Title)
	p.Say("", "", x.When)
	p.Say("", "", x.Summary)
	p.List("Before anything else", x.First)
	for _, c := range x.Contests {
		p.Say("- ", "  ", c.Text)
	}
	p.List("Whose data it is", x.Members)
	for _, g := range x.Groups {
		p.Head(fmt.Sprintf("%s (%d)", g.Head, len(g.Items)))
		for i := range g.Items {
			printItem(p, &g.Items[i])
		}
	}
	p.List("Who is told", x.Told)
	for _, l := range x.Left {
		p.List("What it leaves: "+l.Verb, l.Leaves)
	}
	p.Gaps(x.Unknown)
	p.Say("", "", "")
	p.Say("", "", x.Foot)
	return p.Flush()
}

func printItem(p textview.Printer, x *Item) {
	p.Say("* ", "  ", x.What)
	line := func(name, text string) {
		if text != "" {
			p.Say("    "+name+": ", "      ", text)
		}
	}
	line("Holding", x.Holding)
	line("Held for", x.For)
	line("About", x.About)
	line("Why", x.Why)
	line("How long", x.Until)
	line("Waits", x.Waits)
	line("Decided", x.Decided)
	for _, m := range x.More {
		p.Say("    ", "      ", m)
	}
	for _, r := range x.Recipients {
		p.Say("    - ", "      ", r)
	}
}

// PrintCase writes a case for a person to read on a terminal.
func PrintCase(w io.Writer, v *desk.CaseView) error {
	x, p := OfCase(v), textview.NewPrinter(w)
	p.Head(x.Title)
	p.Say("", "", x.Asked+" "+x.Status+".")
	for _, d := range x.Details {
		p.Say(d.Name+": ", "  ", d.Text)
	}
	p.List("Before anything else", x.First)
	for _, k := range x.Clocks {
		p.Head("The clock: " + k.Right)
		text := "It " + k.Stand + "."
		if k.Due != "" {
			text += " The last day is " + k.Due + "."
		}
		if k.Target != "" {
			text += " Aim for " + k.Target + "."
		}
		p.Say("", "", text)
		for _, why := range k.Why {
			p.Say("- ", "  ", why)
		}
	}
	p.List("Whose data it is", x.People)
	p.List("Findings on record", x.Findings)
	var steps []string
	for _, s := range x.Steps {
		steps = append(steps, s.line())
	}
	p.List("What happened", steps)
	var tasks []string
	for _, t := range x.Tasks {
		tasks = append(tasks, t.line())
	}
	p.List("Tasks", tasks)
	p.List("What can be done next", x.Next)
	p.Say("", "", "")
	p.Say("", "", x.Foot)
	return p.Flush()
}

func (s Step) line() string {
	text := s.When + ": " + s.What
	if s.Text != "" {
		text = s.When + ": " + s.Text
	}
	if s.By != "" {
		text += " (" + s.By + ")"
	}
	if s.Reason != "" {
		text += ". " + s.Reason
	}
	return text
}

func (t Task) line() string {
	text := t.Target + " is to " + t.Does + ": " + t.State
	if t.By != "" {
		text += "; by " + t.By
	}
	return text + " (task " + t.ID + ")"
}
