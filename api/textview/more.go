package textview

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

func (n Names) join(j events.Join) string {
	s := upper(n.named(j.From)) + " and " + n.named(j.To) + ": " + j.Evidence
	if j.By == "same_identifier" {
		s = upper(n.named(j.From)) + ": " + n.places(j.From) + " and " + n.places(j.To) + " know it alike"
	}
	if !j.At.IsZero() {
		s += " on " + n.day(j.At)
	}
	return s + "."
}

func (n Names) places(id events.IdentifierView) string {
	names := make([]string, len(id.Systems))
	for i, s := range id.Systems {
		names[i] = n.system(s)
	}
	return strings.Join(names, ", ")
}

func (n Names) activity(s string) string {
	if undeclared(s) {
		return "an activity that the catalogue does not name"
	}
	return "“" + n.word("activity", s) + "”"
}

func (n Names) fact(f events.PersonFact) string {
	what := strings.ReplaceAll(f.Code, "_", " ")
	switch f.Fact {
	case "milestone":
		what = n.word("milestone", f.Code)
	case "notice":
		what = "Privacy notice given, version " + f.Code
	case "decision":
		what = "Decision made"
		if f.Code == "automated_decision" {
			what = "Decision made by computer alone"
		}
		what += ", in " + n.activity(f.Activity)
	case "state":
		if w, ok := stateWords[f.Code]; ok {
			what = w
		}
	}
	s := upper(what)
	if d, err := events.ParseDate(f.Date); err == nil {
		s += ", " + plainDate(d)
	} else if !f.At.IsZero() {
		return s + ", reported on " + n.day(f.At) + " by " + n.system(f.System) + "."
	}
	return s + ", reported by " + n.system(f.System) + "."
}

var weights = map[string]string{
	"error": "Serious", "conflict": "Contradiction", "gap": "Gap", "review": "To be decided", "warn": "Worth a look", "info": "For information",
}

// findings says disagreements, each once with everywhere it shows.
func (n Names) findings(list []events.Finding) []Finding {
	var out []Finding
	for _, f := range list {
		var where []string
		for _, key := range []string{"system", "category", "activity", "recipient", "subject_type"} {
			// That a code is not known is the finding itself.
			if v := f.About[key]; v != "" && !undeclared(v) {
				where = append(where, n.word(key, v))
			}
		}
		x := Finding{Weight: weights[f.Verdict], Text: upper(f.Text)}
		i := slices.IndexFunc(out, func(o Finding) bool { return o.Weight == x.Weight && o.Text == x.Text })
		if i < 0 {
			i = len(out)
			out = append(out, x)
		}
		out[i].Where = include(out[i].Where, strings.Join(where, "; "))
	}
	return out
}

// gapHeads are the reasons for not knowing, in the order shown.
var gapHeads = []struct{ why, head string }{
	{"behind", "Not everything has arrived yet"},
	{"person_unconfirmed", "May be this person, not yet decided"},
	{"quarantined", "Sent something that could not be understood"},
	{"silent", "Has stopped reporting"},
	{"never_connected", "Has never reported"},
	{"paper", "Kept on paper"},
	{"unstructured", "Cannot be searched by person"},
	{"before", "Known only from a certain day"},
	{"recipient_silent", "Recipients that never reported what they hold"},
}

// gaps gathers what is not known by reason. Nothing is left out. person says
// that the list belongs to somebody who was found.
func (n Names) gaps(list []events.Unknown, person bool) []Gap {
	var out []Gap
	for _, h := range gapHeads {
		g := Gap{Head: h.head}
		var quiet []string
		for _, u := range list {
			switch {
			case u.Why != h.why:
			case h.why == "recipient_silent" && u.Detail == "":
				quiet = append(quiet, n.system(u.System))
			default:
				g.Lines = append(g.Lines, n.gap(u))
			}
		}
		if quiet != nil {
			words := "Never reported: "
			if person {
				words = "No data of this person is known to have gone to: "
			}
			g.Lines = append(g.Lines, words+strings.Join(quiet, ", ")+".")
		}
		if g.Lines != nil {
			out = append(out, g)
		}
	}
	for _, u := range list {
		if !known(u.Why) {
			out = append(out, Gap{Head: upper(strings.ReplaceAll(u.Why, "_", " ")), Lines: []string{n.gap(u)}})
		}
	}
	return out
}

func known(why string) bool {
	for _, h := range gapHeads {
		if h.why == why {
			return true
		}
	}
	return false
}

func (n Names) gap(u events.Unknown) string {
	s := n.system(u.System)
	if u.Since != nil {
		s += ", " + map[string]string{"before": "from ", "behind": "up to "}[u.Why]
		if u.Why == "silent" {
			s += "since "
		}
		s += n.day(*u.Since)
	}
	if u.Detail != "" {
		s += ": " + u.Detail
	}
	return s + "."
}
