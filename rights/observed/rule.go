package observed

import (
	"slices"
	"sync"

	"github.com/habeas-data/habeas/catalogue/rules"
	"github.com/habeas-data/habeas/events"
)

// A Verdict says how much a finding weighs: the same words as those of the rules
// over the catalogue alone.
type Verdict = rules.Verdict

// The verdicts in use here, from the lightest to the heaviest.
const (
	Info   = rules.Info
	Warn   = rules.Warn
	Review = rules.Review
	Error  = rules.Error // the gravest: nothing can be done rightly without a decision
)

// A Nature says how a finding ends.
type Nature uint8

const (
	// OfReports: something was reported that should not have been. It stays true
	// for ever; a person says when it is mended, and a new report opens it again.
	OfReports Nature = iota
	// OfState: something is so today. It goes away when it is so no longer.
	OfState
)

// A Rule finds one kind of disagreement between declared and observed.
type Rule struct {
	ID      string
	Aliases []string // other names of the same meaning
	Title   string
	Source  string // article, schedule or guidance
	Remedy  string
	Nature  Nature
	// Breach: what the rule finds may be a personal data breach, whose clock runs
	// from the moment somebody knows (Article 33(1)).
	Breach bool
	// kinds lists the events the rule looks at; none for rules that another part
	// of the program evaluates.
	kinds []events.Kind
	find  func(b *body, add adder)
}

// Is reports whether the rule goes by a name: its own or an alias.
func (r *Rule) Is(name string) bool { return r.ID == name || slices.Contains(r.Aliases, name) }

// adder takes what a rule found.
type adder func(verdict Verdict, on About, text string)

// All lists every rule: those over bodies, then those that others evaluate and
// whose names, sources and remedies stand here.
var All = sync.OnceValue(func() []Rule {
	return slices.Concat(aboutRecipients, aboutRows, aboutPlaces, aboutConsent, aboutPeople, aboutCodes, elsewhere)
})

// Named finds a rule by its name or by an alias of it.
func Named(name string) (*Rule, bool) {
	list := All()
	for i := range list {
		if list[i].Is(name) {
			return &list[i], true
		}
	}
	return nil, false
}

func names(list ...string) []string { return list }

const gdpr = "UK GDPR "

var (
	records  = []events.Kind{events.RecordStored, events.RecordUsed, events.RecordShared}
	storing  = []events.Kind{events.RecordStored}
	sharing  = []events.Kind{events.RecordShared}
	leaving  = []events.Kind{events.RecordUsed, events.RecordShared}
	anything = []events.Kind{
		events.RecordStored, events.RecordUsed, events.RecordShared, events.RecordRemoved,
		events.ConsentGiven, events.ConsentWithdrawn, events.ObjectionMade, events.ObjectionLifted,
		events.RestrictionSet, events.RestrictionLifted, events.MilestoneReached, events.MilestoneRetracted,
		events.DecisionMade, events.NoticeGiven, events.PersonState,
	}
)
