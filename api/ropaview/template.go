package ropaview

import (
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/ropa"
)

// Headings are the columns A to AD of the template for controllers, word for
// word. Source: ICO, documentation template for controllers, sheet Template.
var Headings = [30]string{
	"Business function",
	"Purpose of processing",
	"Name and contact details of joint controller (if applicable)",
	"Categories of individuals",
	"Categories of personal data",
	"Categories of recipients",
	"Link to contract with processor",
	"Names of third countries or international organisations that personal data are transferred to (if applicable)",
	"Safeguards for exceptional transfers of personal data to third countries or international organisations (if applicable)",
	"Retention schedule (if possible)",
	"General description of technical and organisational security measures (if possible)",
	"Article 6 lawful basis for processing personal data",
	"Article 9 condition for processing special category data",
	"Legitimate interests for the processing (if applicable)",
	"Link to record of legitimate interests assessment (if applicable)",
	"Rights available to individuals",
	"Existence of automated decision-making, including profiling (if applicable)",
	"The source of the personal data (if applicable)",
	"Link to record of consent",
	"Location of personal data",
	"Data Protection Impact Assessment required?",
	"Data Protection Impact Assessment progress",
	"Link to Data Protection Impact Assessment",
	"Has a personal data breach occurred?",
	"Link to record of personal data breach",
	"Data Protection Act 2018 Schedule 1 Condition for processing",
	"GDPR Article 6 lawful basis for processing",
	"Link to retention and erasure policy document",
	"Is personal data retained and erased in accordance with the policy document?",
	"Reasons for not adhering to policy document (if applicable)",
}

// marks say of an entry that only one side has it; what both have needs none.
var marks = map[ropa.Side]string{
	ropa.NeverSeen:     " [declared, never seen]",
	ropa.NeverDeclared: " [seen, never declared]",
}

const between = "; "

func names(list []ropa.Entry) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = e.Name + marks[e.Side]
	}
	return strings.Join(out, between)
}

func data(list []ropa.Entry) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = e.Name
		switch {
		case e.Special:
			out[i] += " (special category)"
		case e.Criminal:
			out[i] += " (criminal offences)"
		}
		out[i] += marks[e.Side]
	}
	return strings.Join(out, between)
}

func people(list []ropa.Entry) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = e.Name
		if e.Kind != "" {
			out[i] += " (" + catalogue.PlainRecipientKind(e.Kind) + ")"
		}
		out[i] += marks[e.Side]
	}
	return strings.Join(out, between)
}

func abroad(list []ropa.Transfer) (countries, safeguards string) {
	var cs, ss []string
	for _, t := range list {
		where := strings.ReplaceAll(string(t.Region), "_", " ")
		if t.Country != "" {
			where = catalogue.PlainCountry(t.Country)
		}
		cs = append(cs, where+": "+t.Name)
		if t.Safeguard == "" {
			ss = append(ss, t.Name+": none named")
		} else {
			ss = append(ss, t.Name+": "+strings.ReplaceAll(string(t.Safeguard), "_", " "))
		}
	}
	return strings.Join(cs, between), strings.Join(ss, between)
}

// basis says the lawful bases, and how far they can be relied on.
func basis(r *ropa.Row) string {
	out := make([]string, 0, len(r.Bases)+1)
	for _, g := range r.Bases {
		out = append(out, named(g))
	}
	if r.BasisStatus != catalogue.BasisStated {
		out = append(out, "["+catalogue.PlainBasisStatus(r.BasisStatus)+"]")
	}
	return strings.Join(out, between)
}

// named writes a ground with its article, once.
func named(g ropa.Ground) string {
	a := "Article " + article(g.ID)
	if strings.Contains(g.Name, a) {
		return g.Name
	}
	return a + " " + g.Name
}

// article writes 6.1.f as 6(1)(f).
func article(id events.Code) string {
	first, rest, _ := strings.Cut(string(id), ".")
	for part := range strings.SplitSeq(rest, ".") {
		if part != "" {
			first += "(" + part + ")"
		}
	}
	return first
}

func conditions(r *ropa.Row) (nine, schedule string) {
	var a, s []string
	for _, g := range r.Conditions {
		a = append(a, named(g))
		for _, p := range g.Schedule {
			s = append(s, paragraph(p))
		}
	}
	return strings.Join(a, between), strings.Join(s, between)
}

// paragraph writes dpa-s1-p2 as "Schedule 1, paragraph 2".
func paragraph(c events.Code) string {
	rest, ok := strings.CutPrefix(string(c), "dpa-s")
	sch, par, ok2 := strings.Cut(rest, "-p")
	if !ok || !ok2 {
		return string(c)
	}
	return "Schedule " + sch + ", paragraph " + par
}

var rightNames = map[events.Code]string{
	"access": "access", "rectification": "rectification", "restriction": "restriction", "erasure": "erasure", "portability": "data portability",
	"objection": "to object", "objection-marketing": "to object to direct marketing", "withdraw-consent": "to withdraw consent",
}

func rightsOf(r *ropa.Row) string {
	out := make([]string, len(r.Rights))
	for i, x := range r.Rights {
		if out[i] = rightNames[x]; out[i] == "" {
			out[i] = string(x)
		}
	}
	return strings.Join(out, between)
}

var automated = map[catalogue.Profiling]string{
	catalogue.ProfilingStated: "profiling, stated", catalogue.ProfilingLikely: "profiling, described without the word",
	catalogue.ProfilingDenied: "none, it is said", catalogue.DecisionsByAlone: "decisions by automated means alone",
}

func forWhom(r *ropa.Row) string {
	if len(r.Controllers) == 0 {
		return "a controller who is not recorded"
	}
	return names(r.Controllers)
}

// cells is one row of the template. What habeas cannot know stays empty.
func cells(rec *ropa.Record, r *ropa.Row) [30]string {
	countries, safeguards := abroad(r.Transfers)
	nine, schedule := conditions(r)
	var out [30]string
	out[0] = r.Function
	out[1] = r.Purpose + marks[r.Side]
	if r.Role == catalogue.JointController {
		out[2] = "joint controller not named"
	}
	if r.Role == catalogue.Processor {
		out[2] = "processor (Article 30(2)), for " + forWhom(r)
	}
	out[3], out[4], out[5] = names(r.Subjects), data(r.Categories), people(r.Recipients)
	out[7], out[8] = countries, safeguards
	out[9] = r.Retention
	if len(r.Assumed) > 0 {
		out[9] += " [assumed until adopted: " + strings.Join(r.Assumed, ", ") + "]"
	}
	out[10] = strings.Join(rec.Security, between)
	out[11], out[12], out[13] = basis(r), nine, r.Interest
	out[15], out[16], out[17] = rightsOf(r), automated[r.Automated], names(r.Sources)
	out[19] = names(r.Systems)
	if nine != "" {
		out[25], out[26] = schedule, basis(r)
	}
	return out
}
