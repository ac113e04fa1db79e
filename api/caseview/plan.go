package caseview

import (
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// A Plan is a plan in words.
type Plan struct {
	Title     string
	When      string
	Summary   string
	First     []string // what stands in the way, or must be known before anything
	Members   []string
	Contests  []textview.Contest
	Groups    []Group
	Told      []string // each recipient, and what it is told
	Left      []Left
	Unknown   []textview.Gap
	Foot      string
	Digest    string
	Confirmed bool
	// Ready is set when nothing but a second person is missing.
	Ready bool
}

// A Group is the items of one outcome.
type Group struct {
	Code, Head string
	Items      []Item
}

// An Item is what becomes of one holding.
type Item struct {
	Holding, Right string
	What           string // which kind of data, where
	For            string
	About          string
	Why            string // the reason in words, with code and article
	Until          string
	Waits          string // why a person has to decide, with the proposal
	Review         bool   // a person has to say what, and cannot accept
	Decided        string
	More           []string
	Recipients     []string
}

// Left says what a verb does not delete.
type Left struct {
	Verb   string
	Leaves []string
}

// OfPlan says a plan in words.
func OfPlan(v *desk.CasePlan) Plan {
	n := textview.NewNames(v.Words, v.AsOf.Zone)
	waiting, _ := n.Contests(v.Contested)
	p := Plan{Title: "Plan of case " + fmt.Sprint(v.Number), Contests: waiting, Unknown: n.Gaps(v.Unknown, false), Digest: v.Digest, Confirmed: v.Confirmed,
		Foot: "Case " + v.Case + ". As of journal position " + v.AsOf.Position + ". Read with the catalogue " + v.Catalogue + ". Plan " + v.Digest + "."}
	p.When = fmt.Sprintf("For %s, received on %s; as on %s.", rights(v.Rights), textview.Date(v.Received), textview.Date(v.On))
	p.When += " " + answerBy(v.Due, v.DuePromised)
	if a := v.Approved; a != nil && !v.Stale {
		p.When += " Approved by " + a.By + " on " + textview.Date(a.On) + "."
	}
	p.First = p.first(v)
	for _, m := range v.Members {
		p.Members = append(p.Members, member(n, m))
	}
	for _, code := range order(v.Items) {
		g := Group{Code: code, Head: Outcome(code)}
		for i := range v.Items {
			if v.Items[i].Outcome == code {
				g.Items = append(g.Items, item(n, &v.Items[i], len(v.Rights) > 1))
			}
		}
		p.Groups = append(p.Groups, g)
	}
	p.Summary = summary(v)
	for _, r := range v.Recipients {
		p.Told = append(p.Told, told(n, r))
	}
	for _, l := range v.NotDeleted {
		verb := Verb(l.Verb)
		if l.Verb == "notify" { // whoever is told, we tell
			verb = "tell somebody"
		}
		p.Left = append(p.Left, Left{verb, l.Leaves})
	}
	p.Ready = v.Approved == nil && v.Undecided == 0 && v.Confirmed && len(waiting) == 0 && !v.Forecast && len(v.Items) > 0
	return p
}

func answerBy(due *string, promised string) string {
	text := "The clock stands still: no last day is known until what was asked for has come."
	if due != nil {
		text = "The last day to answer is " + textview.DayOf(due) + "."
	}
	if promised != "" {
		text += " The notice promises: " + strings.TrimSuffix(promised, ".") + "."
	}
	return text
}

func (Plan) first(v *desk.CasePlan) []string {
	var out []string
	add := func(when bool, text string) {
		if when {
			out = append(out, text)
		}
	}
	add(v.Simulated, "Simulated: the clock was set by hand.")
	add(v.Forecast, "This is a forecast: what is known now is taken to stay as it is. It can be neither decided nor approved.")
	add(len(v.Contested) > 0, "The evidence of who is who conflicts. Nothing is approved and nothing leaves until somebody decides.")
	add(!v.Confirmed, "Nobody has confirmed yet that the joined records are this person's.")
	add(v.Undecided > 0, plural(v.Undecided, "item waits", "items wait")+" for a person to decide.")
	add(v.Stale, "This is not the plan that was approved: what it rests on has changed. It has to be approved again.")
	return out
}

// order is the outcomes of a plan as they are told.
func order(items []desk.CaseItem) []string {
	var seen []string
	for i := range items {
		if !slices.Contains(seen, items[i].Outcome) {
			seen = append(seen, items[i].Outcome)
		}
	}
	slices.SortStableFunc(seen, func(a, b string) int { return rank(a) - rank(b) })
	return seen
}

func rank(outcome string) int {
	if i := slices.Index(outcomes(), outcome); i >= 0 {
		return i
	}
	return len(outcomes())
}

func summary(v *desk.CasePlan) string {
	var parts []string
	for _, code := range order(v.Items) {
		parts = append(parts, fmt.Sprintf("%s: %d", strings.ToLower(Outcome(code)), v.Counts[code]))
	}
	if len(parts) == 0 {
		return "Nothing is held that the request is about."
	}
	return textview.Upper(plural(len(v.Items), "item", "items")) + ". " + textview.Upper(strings.Join(parts, "; ")) + "."
}

func item(n textview.Names, x *desk.CaseItem, several bool) Item {
	out := Item{Holding: x.Holding, Right: x.Right, What: n.Word("system", x.System) + ": " + n.Category(x.Category), For: n.Activity(x.Activity), About: n.Item(x.Item),
		Why: strings.TrimSuffix(x.Reason, ".") + ". " + x.Code + cited(x.Article) + "."}
	if several {
		out.What += " (" + Right(x.Right) + ")"
	}
	switch {
	case x.Until != nil:
		out.Until = "until " + textview.DayOf(x.Until)
	case x.WaitsFor != nil:
		out.Until = "until " + spoken(*x.WaitsFor)
	}
	out.Review = x.Outcome == "review"
	if x.NeedsPerson && x.DecidedBy == nil {
		out.Waits = waits(x)
	}
	if x.DecidedBy != nil {
		out.Decided = "by " + *x.DecidedBy
		if x.DecidedOn != nil {
			out.Decided += " on " + textview.DayOf(x.DecidedOn)
		}
		if x.DecidedWhy != "" {
			out.Decided += ": " + x.DecidedWhy
		}
		if x.Second != "" {
			out.Decided += " (agreed by " + x.Second + ")"
		}
	}
	out.More = more(n, x)
	for _, r := range x.Recipients {
		out.Recipients = append(out.Recipients, recipient(n, r))
	}
	return out
}

func cited(article string) string {
	if article == "" {
		return ""
	}
	return ", " + article
}

func waits(x *desk.CaseItem) string {
	text := "Somebody has to decide this"
	if len(x.Because) > 0 {
		var why []string
		for _, b := range x.Because {
			if w := because(b); w != "" && !slices.Contains(why, w) {
				why = append(why, w)
			}
		}
		text = strings.TrimSuffix(text+" ("+strings.Join(why, ", ")+")", " ()")
	}
	if p := x.Proposal; p != nil {
		text += ". Proposed: " + strings.ToLower(Outcome(string(p.Outcome))) + ", " + string(p.Code)
	}
	return text + "."
}

// because says why a person decides. A row of the order of erasure is known to
// docs/decisions.md and to no reader: the reason beside it says the same.
func because(code string) string {
	switch {
	case strings.HasPrefix(code, "row "):
		return ""
	case code == "review":
		return "nothing can be accepted as proposed"
	}
	return spoken(strings.ToLower(code))
}

// awaited says a request that is answered first.
func awaited(text string) string {
	right, day, ok := strings.Cut(text, " of ")
	if !ok {
		return text
	}
	if d, err := events.ParseDate(day); err == nil {
		day = textview.Date(d)
	}
	return "the request for " + Right(right) + " of " + day
}

// more says what follows beside the outcome, and what it rests on.
func more(n textview.Names, x *desk.CaseItem) []string {
	var out []string
	for _, a := range x.Also {
		out = append(out, wordOr(map[string]string{"suppress": "And: remember not to contact.", "take_down": "And: withdraw what was published.",
			"offer_objection": "And: tell the person that an objection is possible."}, a))
	}
	if x.Restricted {
		out = append(out, "Kept for that alone; its use is restricted.")
	}
	if k := x.Keep; k != nil && len(k.Elements) > 0 {
		var names []string
		for _, e := range k.Elements {
			names = append(names, n.Category(e))
		}
		out = append(out, "What stays for other data that is kept: "+series(names)+".")
	}
	if len(x.BlockedBy) > 0 {
		first := make([]string, len(x.BlockedBy))
		for i, b := range x.BlockedBy {
			first[i] = awaited(b)
		}
		out = append(out, "Waits for "+series(first)+" to be answered first.")
	}
	if x.AlsoAbout > 0 {
		out = append(out, "The same record is also about "+plural(x.AlsoAbout, "other person", "other people")+".")
	}
	if x.DecideBy != nil {
		out = append(out, "Somebody decides by "+textview.DayOf(x.DecideBy)+" what becomes of it.")
	}
	if x.Silent {
		out = append(out, "Left out of every answer without a word. Two people decide this.")
	}
	for _, a := range x.Assumed {
		out = append(out, fmt.Sprintf("Assumed, and adopted by nobody yet: %s = %s (%s).", a.Key, a.Value, a.By))
	}
	return out
}

func recipient(n textview.Names, r desk.CaseItemRecipient) string {
	text := n.Word("recipient", r.Recipient)
	if text == r.Recipient && isRef(text) { // a person, whom the plan does not name
		text = "Another person (" + text[:8] + ")"
	}
	switch {
	case r.Impossible:
		text += ": cannot be done"
	case r.Action == "instruct" && r.Verb != nil:
		text += ": is told to " + Verb(*r.Verb)
	case r.Action == "notify" && r.Verb != nil:
		text += ": is told of it, so that it can " + Verb(*r.Verb) + " too"
	case r.Action == "notify":
		text += ": is told of it"
	default:
		text += ": is told nothing"
	}
	if r.Why != "" {
		text += ", " + r.Why
	}
	if r.Silent {
		text += " (the person must not learn of it)"
	}
	return text
}

// isRef reports whether a recipient is a person, shown by their reference.
func isRef(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}

func told(n textview.Names, r desk.CaseRecipientTotal) string {
	verb := r.Verb
	return recipient(n, desk.CaseItemRecipient{Recipient: r.Recipient, Action: r.Action, Verb: &verb}) + ", for " + plural(r.Items, "item", "items")
}

func member(n textview.Names, m desk.CaseMember) string {
	text := n.Kind(m.Kind)
	if m.Value != "" {
		text += " " + m.Value
	}
	text += " (" + n.Word("system", m.System) + ")"
	if m.JoinedBy != "" {
		text += ", found by " + wordOr(map[string]string{"shareable": "an e-mail address or telephone number", "same_identifier": "the same identifier", "unique": "a unique identifier", "hand": "a decision"}, m.JoinedBy)
	}
	if !m.Accepted {
		text += ", not confirmed"
	}
	return text
}
