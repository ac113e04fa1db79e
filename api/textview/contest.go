package textview

import (
	"bufio"
	"cmp"
	"io"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// A Contest is a contested join in words.
type Contest struct {
	Text  string
	Sides []Side
	// How are the commands that decide it, each with what it says.
	How []string
}

// A Side is one of those whom a contested join would make one person.
type Side struct{ Ref, Name, Known string }

// Contests says contested joins: those that wait, and those that somebody has
// decided.
func (n Names) Contests(list []events.Contest) (waiting, decided []Contest) {
	for _, c := range list {
		v := Contest{Text: upper(n.named(c.On)) + ": " + c.Why + "."}
		for i := range c.Between {
			s := &c.Between[i]
			v.Sides = append(v.Sides, Side{s.Ref, n.side(s), n.glimpse(&s.Glimpse)})
		}
		for _, d := range c.Decide {
			if how := commands[d]; how != "" {
				v.How = append(v.How, strings.Replace(how, "KIND", c.On.Kind, 1))
			}
		}
		if c.Decided {
			decided = append(decided, v)
		} else {
			waiting = append(waiting, v)
		}
	}
	return waiting, decided
}

var commands = map[string]string{
	"mark":   `if different people share it: habeas person mark KIND=VALUE --reason "WHY"`,
	"unmark": `if one person alone uses it: habeas person mark KIND=VALUE --not-shared --reason "WHY"`,
	"merge":  `if two of them are one person: habeas person merge ref=REF ref=REF --reason "WHY"`,
	"split":  `if two of them are different people: habeas person split ref=REF ref=REF --reason "WHY"`,
}

// side names one side: with its identifier where the reader may see it.
func (n Names) side(s *events.ContestSide) string {
	return strings.TrimSpace(n.Kind(s.Kind) + " " + s.Value)
}

// glimpse says what tells a person apart from others.
func (n Names) glimpse(g *events.Glimpse) string {
	var systems, roles []string
	for _, s := range g.Systems {
		systems = append(systems, n.system(s))
	}
	for _, t := range g.SubjectTypes {
		roles = append(roles, n.word("subject_type", t))
	}
	s := count(g.Records, "record", "records")
	if len(systems) > 0 && !(len(systems) == 1 && g.Systems[0] == g.System) {
		s += " in " + strings.Join(systems, ", ")
	}
	if len(roles) > 0 {
		s += "; known as " + strings.Join(roles, ", ")
	}
	if g.FirstSeen != nil {
		s += "; since " + n.day(*g.FirstSeen)
	}
	if g.LastSeen != "" {
		s += ", last reported in " + plainMonth(g.LastSeen)
	}
	return s + "."
}

// contests writes contested joins for a terminal.
func (p printer) contests(head string, list []Contest) {
	if len(list) == 0 {
		return
	}
	p.line("")
	p.say("", "", head)
	for _, c := range list {
		p.say("- ", "  ", c.Text)
		for _, s := range c.Sides {
			p.say("    ref="+s.Ref+"  ", "      ", s.Name+": "+s.Known)
		}
		for _, h := range c.How {
			p.say("    ", "      ", upper(h))
		}
	}
}

// A Choice is a candidate in words.
type Choice struct{ Ref, Matched, Confidence, Why, Known string }

// confidences says how far a candidate is from being certain.
var confidences = map[string]string{
	"weak": "weak: many people may share it", "contested": "contested: the evidence conflicts", "proposed": "proposed: seen together, not proven",
}

// Candidates says candidates in words. Those who stand on a side of a contested
// join are called by what the reader may see of them there.
func (n Names) Candidates(list []events.Candidate, contested []events.Contest) []Choice {
	names := map[string]string{}
	for i := range contested {
		for k := range contested[i].Between {
			if s := &contested[i].Between[k]; s.Value != "" {
				names[s.Ref] = n.side(s)
			}
		}
	}
	out := make([]Choice, 0, len(list))
	for i := range list {
		c := &list[i]
		w, ok := confidences[c.Confidence]
		if !ok {
			w = c.Confidence
		}
		out = append(out, Choice{c.Ref, lower(n.Kind(c.MatchedOn)), w, cmp.Or(names[c.Ref], upper(c.Why)), n.glimpse(&c.Glimpse)})
	}
	return out
}

const (
	waitingHead = "CONTESTED. The evidence conflicts. Until somebody decides, nothing of this may be sent out:"
	decidedHead = "DECIDED BY HAND. These joins are suspended because somebody here said so:"
)

// Candidates writes whom a question may mean.
func Candidates(w io.Writer, list []events.Candidate, contested []events.Contest, unknown []events.Unknown, words events.Glossary) error {
	p := printer{bufio.NewWriter(w)}
	n := NewNames(words, "")
	p.say("", "", "This may mean several people, so nothing is shown. Choose one and ask again with its reference (ref=...), or ask with an identifier that nobody shares.")
	for _, c := range n.Candidates(list, contested) {
		p.line("")
		p.line("ref=" + c.Ref)
		p.say("    ", "    ", c.Why+": "+c.Known)
		p.say("    Matched on ", "    ", c.Matched+"; "+c.Confidence+".")
	}
	waiting, decided := n.Contests(contested)
	p.contests(waitingHead, bare(waiting))
	p.contests(decidedHead, bare(decided))
	p.unknown(n.gaps(unknown, false))
	return p.Flush()
}

// bare leaves out the sides, which stand among the candidates.
func bare(list []Contest) []Contest {
	for i := range list {
		list[i].Sides = nil
	}
	return list
}
