package catalogue

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A Term is how long data is kept: what is counted from, for how long, and what
// happens then. It is embedded wherever the format states a period, so its keys
// stand beside the others.
//
// A term says exactly one of four things: a period (period), that there is no
// end (indefinite), that another document has it (pointer), or nothing at all.
type Term struct {
	Trigger  Trigger   `json:"trigger,omitzero"`
	Triggers []Trigger `json:"triggers,omitempty"` // instead of trigger, with join
	Join     Join      `json:"join,omitempty"`     // later, earlier, or none_stated where the notice leaves it open
	Period   Period    `json:"period,omitzero"`

	Round       Round    `json:"round,omitempty"`        // financial_year_end: counts from the end of that year
	Modality    Modality `json:"modality,omitempty"`     // fixed unless the notice says at least or at most
	AtEnd       AtEnd    `json:"at_end,omitempty"`       // what is done at the end; empty means erase
	Indefinite  bool     `json:"indefinite,omitempty"`   // said to be kept without end
	Pointer     string   `json:"pointer,omitempty"`      // the document that is said to hold the period
	TriggerFrom Place    `json:"trigger_from,omitempty"` // prose: the trigger stands outside the row or rule
	PeriodFrom  Place    `json:"period_from,omitempty"`  // prose: the period stands outside the row or rule
	TermLines   Lines    `json:"term_lines,omitzero"`    // where the period stands, if not on the fact's own lines
}

// RetentionRule is a general rule of the notice on how long data is kept.
type RetentionRule struct {
	ID         RuleID        `json:"id" want:"yes"`
	Applies    []events.Code `json:"applies,omitempty"`    // subject types; empty means all
	Categories []events.Code `json:"categories,omitempty"` // empty means all
	Term
	Effect    Effect        `json:"effect,omitempty"`
	Factors   []events.Code `json:"factors,omitempty"`
	Text      string        `json:"text" want:"yes"` // in plain words
	Lines     Lines         `json:"lines,omitzero"`
	Status    Status        `json:"status,omitempty"`
	From      Place         `json:"from,omitempty"`              // prose: told beside a table, and a row with a period goes before it
	Rows      []events.Code `json:"activities,omitempty"`        // rows that the rule speaks about, if it names them
	YieldsTo  []RuleID      `json:"yields_to,omitempty"`         // rules that go before this one
	Overrides []RuleID      `json:"overrides,omitempty"`         // rules that this one goes before
	ToErasure bool          `json:"yields_to_erasure,omitempty"` // a request to erase goes before it
}

// Retention is what one activity says of how long its data is kept.
type Retention struct {
	Rule RuleID `json:"rule,omitempty"`
	Term
	Status    Status          `json:"status,omitempty"`
	Note      string          `json:"note,omitempty"`
	AlsoRules []RuleID        `json:"also_rules,omitempty"` // further general rules that apply to the same data
	ByType    []TypeRetention `json:"by_subject,omitempty"` // a second period in the same row, for other people
}

// TypeRetention is what one row says of how long data of some of its people is
// kept, where that differs from the rest of the row.
type TypeRetention struct {
	Applies []events.Code `json:"applies" want:"yes"` // subject types
	Rule    RuleID        `json:"rule,omitempty"`
	Term
	Status Status `json:"status,omitempty"`
	Note   string `json:"note,omitempty"`
	Lines  Lines  `json:"lines,omitzero"`
}

// AllTriggers lists what the period counts from.
func (t *Term) AllTriggers() []Trigger {
	if t.Trigger.IsZero() {
		return t.Triggers
	}
	return []Trigger{t.Trigger}
}

// End is what is done at the end; the law's default is to erase.
func (t *Term) End() AtEnd {
	if t.AtEnd == "" {
		return AtEndErase
	}
	return t.AtEnd
}

// Unresolved reports whether the term names several triggers and does not say
// which of them counts.
func (t *Term) Unresolved() bool {
	return len(t.Triggers) > 1 && (t.Join == "" || t.Join == JoinNoneStated)
}

// saysSomething reports whether the term says anything at all of how long.
func (t *Term) saysSomething() bool {
	return t.Period.Given() || t.Indefinite || t.Pointer != "" || len(t.AllTriggers()) > 0
}

// For returns what the row says of a holding of this kind of person: the part
// that names the kind or an ancestor of it, or else the row itself. isA is
// Catalogue.IsA.
func (r *Retention) For(isA func(child, parent events.Code) bool, subject events.Code) (RuleID, *Term) {
	for i := range r.ByType {
		b := &r.ByType[i]
		if subject != "" && slices.ContainsFunc(b.Applies, func(p events.Code) bool { return isA(subject, p) }) {
			return b.Rule, &b.Term
		}
	}
	return r.Rule, &r.Term
}

func (r *Retention) given() bool {
	return r.Rule != "" || r.saysSomething()
}
