package textview

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

var stateWords = map[string]string{
	"deceased": "The person has died", "minor": "The person is a minor", "lacks_capacity": "The person lacks capacity",
}

// first gathers what stands above everything else: who the person is in law,
// what they forbade, what they must not be told, and what is seriously wrong.
func (n Names) first(f *events.Footprint) []string {
	var out []string
	for _, x := range f.States {
		if x.Fact == "state" {
			out = include(out, n.fact(x))
		}
	}
	for _, c := range f.Consents {
		if c.State == "objected" {
			out = include(out, n.consent(c))
		}
	}
	for _, r := range f.Restrictions {
		out = include(out, n.restriction(r))
	}
	if names := n.withheld(f); names != nil {
		out = append(out, "The person must not be told of what was sent to: "+strings.Join(names, ", ")+".")
	}
	for _, x := range n.findings(f.Findings) {
		if x.Weight == weights["error"] {
			out = append(out, x.Weight+": "+x.Text+bracket(x.Where)+".")
		}
	}
	return out
}

// bracket says the first places of a finding.
func bracket(where []string) string {
	if len(where) == 0 {
		return ""
	}
	return " (" + few(where) + ")"
}

// withheld names the recipients that the person must not be told of.
func (n Names) withheld(f *events.Footprint) []string {
	var out []string
	note := func(d *events.Disclosure) {
		if d.Withheld {
			out = include(out, n.recipient(d))
		}
	}
	for i := range f.Holdings {
		for k := range f.Holdings[i].Disclosures {
			note(&f.Holdings[i].Disclosures[k])
		}
	}
	for i := range f.DisclosuresWithoutHolding {
		note(&f.DisclosuresWithoutHolding[i].Disclosure)
	}
	return out
}

func (n Names) restriction(r events.RestrictionView) string {
	what := "the data"
	if r.Category != "" {
		what = lower(n.word("category", r.Category))
	}
	s := "Use of " + what + " is restricted"
	if r.Activity != "" {
		s += " for " + n.activity(r.Activity)
	}
	s += ", since " + n.day(r.At)
	if r.Ground != "" {
		s += ", because: " + strings.ReplaceAll(r.Ground, "_", " ")
	}
	return s + ", reported by " + n.system(r.System) + "."
}

var consentWords = map[string]string{
	"given": "Consent to %s was given", "withdrawn": "Consent to %s was withdrawn", "objected": "The person objected to %s", "objection_lifted": "The objection to %s was lifted",
}

// consents says every word on consents and objections, oldest first, and whether
// it stands: a consent and its withdrawal are two lines.
func (n Names) consents(f *events.Footprint) []string {
	list := f.ConsentHistory
	if len(list) == 0 {
		list = f.Consents
	}
	var out []string
	for _, c := range list {
		out = append(out, n.consent(c)+overtaken(c, f.Consents))
	}
	return out
}

// overtaken says that a word does not stand any more, or only for some channels.
func overtaken(c events.ConsentState, standing []events.ConsentState) string {
	var left []string
	found := false
	for _, s := range standing {
		if s.Activity == c.Activity && s.State == c.State && s.At == c.At && s.System == c.System {
			found = true
			left = append(left, s.Channels...)
		}
	}
	switch {
	case !found:
		return " A later word took its place."
	case slices.ContainsFunc(c.Channels, func(ch string) bool { return !slices.Contains(left, ch) }):
		return " It stands for " + channelWords(left) + " only."
	}
	return ""
}

func channelWords(list []string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.Join(list, " and "), "_", " "), "email", "e-mail")
}

func (n Names) consent(c events.ConsentState) string {
	to := n.activity(c.Activity)
	if c.Activity == "direct_marketing" {
		to = "direct marketing"
	}
	w, ok := consentWords[c.State]
	if !ok {
		w = upper(strings.ReplaceAll(c.State, "_", " ")) + ": %s"
	}
	if len(c.Channels) > 0 {
		to += " by " + channelWords(c.Channels)
	}
	s := strings.Replace(w, "%s", to, 1) + " on " + n.day(c.At) + ", reported by " + n.system(c.System)
	if c.GivenBy != "" && c.GivenBy != "self" {
		s += ", given by somebody else (" + strings.ReplaceAll(c.GivenBy, "_", " ") + ")"
	}
	return s + "."
}
