package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A Verdict says how much a finding weighs. They are in order.
type Verdict int

// The verdicts, from the lightest to the heaviest.
const (
	Info     Verdict = iota + 1 // worth showing
	Warn                        // a person should look
	Review                      // a person has to decide
	Gap                         // something the law asks for is missing
	Conflict                    // two statements disagree
	Error                       // nothing can be done rightly without a decision
)

var verdicts = []string{"", "info", "warn", "review", "gap", "conflict", "error"}

func (v Verdict) String() string { return verdicts[v] }

// MarshalText writes the word of the verdict.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads a verdict; "fail" is another word for error.
func (v *Verdict) UnmarshalText(b []byte) error {
	word := strings.ToLower(string(b))
	if word == "fail" {
		word = "error"
	}
	i := slices.Index(verdicts, word)
	if i < 1 {
		return fmt.Errorf("verdict %q: want one of %s", word, strings.Join(verdicts[1:], ", "))
	}
	*v = Verdict(i)
	return nil
}

// LineList is where a finding was read, as line numbers: the first and the last
// of each range. It is never null in JSON.
type LineList []int

func lineList(l catalogue.Lines) LineList {
	out := LineList{}
	for _, r := range l {
		for _, n := range []int{r.From, r.To} {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	return out
}

// MarshalJSON writes [] for none.
func (l LineList) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]int(l))
}

func (l LineList) String() string {
	words := make([]string, len(l))
	for i, n := range l {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, ", ")
}

// A Finding is one thing a rule found. The codes say where in the catalogue,
// Lines where in the notice.
type Finding struct {
	Rule        string           `json:"rule"`
	Aliases     []string         `json:"aliases,omitempty"`
	Verdict     Verdict          `json:"verdict"`
	Activity    string           `json:"activity,omitempty"` // as its author writes it: EMP-12
	Category    events.Code      `json:"category,omitempty"`
	Recipient   events.Code      `json:"recipient,omitempty"`
	SubjectType events.Code      `json:"subject_type,omitempty"`
	Source      events.Code      `json:"source,omitempty"`
	Right       events.Code      `json:"right,omitempty"`
	Retention   catalogue.RuleID `json:"retention_rule,omitempty"`
	Lines       LineList         `json:"lines"`
	Ranges      catalogue.Lines  `json:"-"` // the same as ranges
	Text        string           `json:"text"`
	Remedy      string           `json:"remedy"`
	Decided     string           `json:"decided,omitempty"` // what the decisions file says meanwhile
}

// Is reports whether the finding goes by this name: the rule's own or an alias.
func (f *Finding) Is(name string) bool {
	return f.Rule == name || slices.Contains(f.Aliases, name)
}

// Where says the place in the catalogue in one word, for a table.
func (f *Finding) Where() string {
	var parts []string
	for _, code := range []events.Code{events.Code(f.Activity), f.Category, f.Recipient, f.SubjectType, f.Source, f.Right} {
		if code != "" {
			parts = append(parts, string(code))
		}
	}
	if f.Retention != "" {
		parts = append(parts, string(f.Retention))
	}
	return strings.Join(parts, " ")
}

// A Rule finds one kind of fault.
type Rule struct {
	ID      string
	Aliases []string // other names of the same meaning
	Title   string
	Source  string // article, schedule or guidance
	Remedy  string
	find    func(v *view, add adder)
}

// adder takes what a rule found; the runner adds the rule's name and remedy.
type adder func(verdict Verdict, at place, format string, a ...any)

// place says where a finding is.
type place struct {
	Activity, Category, Recipient, SubjectType, Source, Right events.Code
	Retention                                                 catalogue.RuleID
	Lines                                                     catalogue.Lines
}

// Check runs every rule over a catalogue. The findings are in the order of the
// table of rules, and within one rule in the order of the catalogue.
func Check(c *catalogue.Catalogue) []Finding {
	v := newView(c)
	found := []Finding{}
	for _, r := range All() {
		r.find(v, func(verdict Verdict, at place, format string, a ...any) {
			f := Finding{Rule: r.ID, Aliases: r.Aliases, Verdict: verdict, Activity: v.printed(at.Activity), Category: at.Category,
				Recipient: at.Recipient, SubjectType: at.SubjectType, Source: at.Source, Right: at.Right,
				Retention: at.Retention, Lines: lineList(at.Lines), Ranges: at.Lines, Text: fmt.Sprintf(format, a...), Remedy: r.Remedy, Decided: v.decided(r.ID, at)}
			if !slices.ContainsFunc(found, func(g Finding) bool { return same(f, g) }) {
				found = append(found, f)
			}
		})
	}
	return found
}

// printed is the id of an activity as its author writes it.
func (v *view) printed(id code) string {
	if a, ok := v.Activity(id); ok {
		return a.Printed()
	}
	return ""
}

// same tells a finding that two ways of reading led to.
func same(f, g Finding) bool {
	return f.Rule == g.Rule && f.Where() == g.Where() && f.Text == g.Text && slices.Equal(f.Lines, g.Lines)
}

// Counts says how many findings there are of each verdict.
func Counts(list []Finding) map[string]int {
	m := map[string]int{}
	for i := range list {
		m[list[i].Verdict.String()]++
	}
	return m
}

// Named finds a rule by its name or by an alias of it.
func Named(name string) (Rule, bool) {
	for _, r := range All() {
		if r.ID == name || slices.Contains(r.Aliases, name) {
			return r, true
		}
	}
	return Rule{}, false
}
