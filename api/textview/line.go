package textview

import (
	"fmt"
	"strings"

	"github.com/habeas-data/habeas/events"
)

func (n Names) purpose(h *events.Holding) string {
	if h.Purpose != "" {
		return h.Purpose
	}
	if h.Activity == "" {
		return "not reported"
	}
	return upper(n.word("activity", h.Activity))
}

func (n Names) basis(h *events.Holding) string {
	if len(h.LawfulBasis) == 0 {
		return "none stated in the notice"
	}
	words := make([]string, len(h.LawfulBasis))
	for i, b := range h.LawfulBasis {
		words[i] = n.word("basis", b)
	}
	s := strings.Join(words, "; ")
	if h.BasisStatus != "" && h.BasisStatus != "stated" {
		s += " (" + basisStatus[h.BasisStatus] + ")"
	}
	return s
}

var basisStatus = map[string]string{
	"pooled":      "the notice lists several grounds together and does not say which applies here",
	"conditional": "the notice names more than one ground, depending on what the law requires",
	"inferred":    "read from the notice, not written there",
	"none_stated": "the notice states no lawful basis",
}

var recipientKinds = map[string]string{
	"controller": "decides for itself what it does with the data (controller)", "processor": "works on our instructions (processor)",
	"authority": "public authority", "individual": "private person", "public": "the public",
}

var provenances = map[string]string{
	"": "", "provided": "given by the person", "observed": "observed", "derived": "derived from other data", "inferred": "inferred",
	"generated": "made by the system", "third_party": "obtained from somebody else",
}

func (n Names) state(h *events.Holding) string {
	switch h.State {
	case "held":
		return ""
	case "restricted":
		var why []string
		for _, r := range h.RestrictedBy {
			kind, ground, _ := strings.Cut(r, ":")
			w := stops[kind]
			if ground != "" {
				w += " (" + strings.ReplaceAll(ground, "_", " ") + ")"
			}
			why = append(why, w)
		}
		return "not to be used: " + strings.Join(why, ", ")
	case "removed":
		if h.Removed == nil {
			return "reported as removed"
		}
		how := strings.ReplaceAll(h.Removed.How, "_", " ")
		if how == "" {
			how = "removed"
		}
		return "reported as " + how + " on " + n.day(h.Removed.At)
	}
	return strings.ReplaceAll(h.State, "_", " ")
}

var stops = map[string]string{
	"restriction": "use was restricted", "objection": "the person objected", "consent_withdrawn": "consent was withdrawn",
}

// until says until when data is kept, and on what that rests.
func until(r *events.RetentionView) string {
	s := end(r)
	if by := dayOf(r.DecideBy); by != "" {
		s += " The end stops the use; a person decides by " + by + " what becomes of the data."
	} else if w, ok := ends[r.AtEnd]; ok {
		s += " " + w
	}
	for _, d := range r.RestsOn {
		if d.Assumed {
			return s + " This rests on what is assumed until somebody decides it."
		}
	}
	return s
}

var ends = map[string]string{
	"review": "At the end a person looks at it.", "return": "At the end it is given back.", "anonymise": "At the end it is made anonymous.",
	"stop": "The end stops the use; a person decides what becomes of the data.",
}

func dayOf(text *string) string {
	if text == nil {
		return ""
	}
	d, err := events.ParseDate(*text)
	if err != nil {
		return ""
	}
	return plainDate(d)
}

// end says the last day in one sentence.
func end(r *events.RetentionView) string {
	due := dayOf(r.Due)
	switch r.Status {
	case "running":
		return "At most until " + due + ": " + r.Why + "."
	case "due":
		return "The period ends today, " + due + ": " + r.Why + "."
	case "overdue":
		return "OVERDUE: was to go on " + due + ": " + r.Why + "."
	case "waiting_for_trigger":
		return upper(r.Why) + "."
	case "open_ended":
		return "No end stated: " + r.Why + "."
	case "none_stated":
		return "No period stated: " + r.Why + "."
	case "on_hold":
		return "Kept by a hold: " + r.Why + "."
	case "paused":
		return "Was to go on " + due + " and waits: " + r.Why + "."
	}
	return "The end is not known: " + r.Why + "."
}

func (n Names) recipient(d *events.Disclosure) string {
	if undeclared(d.Recipient) {
		return n.word("recipient", d.Recipient)
	}
	return d.Name
}

func (n Names) disclosure(d *events.Disclosure) string {
	s := n.recipient(d)
	var more []string
	if k := recipientKinds[d.Kind]; k != "" && d.Kind != "unspecified" {
		more = append(more, k)
	}
	if d.Country != nil {
		more = append(more, n.word("country", *d.Country))
	} else {
		more = append(more, "country not stated")
	}
	s += " (" + strings.Join(more, "; ") + ")"
	if d.Count > 1 {
		s += fmt.Sprintf(", on %d days from %s, last in %s", d.Count, n.day(d.First), plainMonth(d.Last))
	} else {
		s += ", on " + n.day(d.First)
	}
	if d.Safeguard != "" {
		s += ", safeguard: " + strings.ReplaceAll(d.Safeguard, "_", " ")
	}
	if d.Consideration == "money" || d.Consideration == "benefit" {
		s += ", in return for " + map[string]string{"money": "money", "benefit": "a benefit"}[d.Consideration]
	}
	if d.ForActivity != "" {
		s += ", for " + n.activity(d.ForActivity)
	}
	if d.Withheld {
		s += " - NOT TO BE TOLD to the person"
	}
	return s
}

var joined = map[string]string{
	"searched": "", "unique": "by an identifier that nobody shares", "shareable": "by an e-mail address or telephone number",
	"hand": "by a person's decision", "same_identifier": "by the same identifier in another system",
}
