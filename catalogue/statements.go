package catalogue

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// A Statement is one thing that a notice says outside its rows: in prose, in a
// heading, or in the words of a cell beside the article printed there. About
// says what it speaks of and Claim what it says of that; the other fields say of
// whom, of which data and under which terms. Empty lists mean "all".
//
// What has a field of its own on an activity, a rule, a recipient, a milestone or
// a right is said there and not here. Statements decide nothing. They are kept so that a rule can hold one sentence
// of the notice against another, and so that the line can be shown.
type Statement struct {
	ID           events.Code   `json:"id,omitempty"`
	About        Topic         `json:"about" want:"yes"`
	Claim        events.Code   `json:"claim,omitempty"` // one of the words of the topic
	SubjectTypes []events.Code `json:"subject_types,omitempty"`
	Categories   []events.Code `json:"categories,omitempty"`
	Items        []events.Code `json:"items,omitempty"` // items of those categories; empty means all of them
	Activities   []events.Code `json:"activities,omitempty"`
	Recipients   []events.Code `json:"recipients,omitempty"`
	Sources      []events.Code `json:"sources,omitempty"`
	Rights       []events.Code `json:"rights,omitempty"`
	LawfulBasis  []events.Code `json:"lawful_basis,omitempty"` // what the words mean, as an article
	Conditions   []events.Code `json:"conditions,omitempty"`   // likewise: Articles 9 and 10, schedule paragraphs
	Trigger      Trigger       `json:"trigger,omitzero"`
	Triggers     []Trigger     `json:"triggers,omitempty"`
	Join         Join          `json:"join,omitempty"`
	Period       Period        `json:"period,omitzero"`
	Effect       Effect        `json:"effect,omitempty"`
	Channels     []events.Code `json:"channels,omitempty"`
	Area         events.Code   `json:"area,omitempty"`       // eu, eea, uk or a country
	Safeguards   []events.Code `json:"safeguards,omitempty"` // such as adequacy, contract_clauses, article_46
	Terms        []events.Code `json:"terms,omitempty"`      // further words, such as the tests a right is tied to
	Names        []string      `json:"names,omitempty"`      // as printed: laws, documents, sites, terms
	Text         string        `json:"text,omitempty"`       // in plain words, ours
	Lines        Lines         `json:"lines,omitzero"`
}

// A Topic is what a statement speaks of.
type Topic string

// The topics, with the claims each allows in topics below.
const (
	AboutScope       Topic = "scope"             // what the notice covers
	AboutCollected   Topic = "collected"         // a list of what is collected
	AboutUsed        Topic = "used"              // data spoken of in a use; with activities: what the row prints
	AboutDefinition  Topic = "definition"        // one definition, of every subject type listed
	AboutTerm        Topic = "term"              // a word of the notice's own
	AboutRelation    Topic = "relation"          // how subject types stand to the organisation
	AboutPurpose     Topic = "purpose"           // a purpose told in prose; activities are the rows that cover it
	AboutBasis       Topic = "basis"             // a lawful basis or condition told in prose
	AboutBasisText   Topic = "basis_text"        // the words of a row's basis cell, as the articles they describe
	AboutConditions  Topic = "condition_text"    // likewise, of its condition cell
	AboutStatute     Topic = "statute"           // a law that the notice names
	AboutPolicyDoc   Topic = "policy_document"   // the appropriate policy document (DPA 2018, Schedule 1 Part 4)
	AboutConsent     Topic = "consent"           // how consent is taken
	AboutConsequence Topic = "consequence"       // what follows when data is not given
	AboutRetention   Topic = "retention"         // how long, outside rows and rules
	AboutSharing     Topic = "sharing"           // who receives, or does not
	AboutTrade       Topic = "trade"             // the trade a recipient is in, or a source is for (terms)
	AboutReturn      Topic = "recipient_storage" // what recipients do with the data in the end
	AboutTransfer    Topic = "transfer"          // data outside an area
	AboutLocation    Topic = "location"          // where data is kept
	AboutSource      Topic = "source"            // where data comes from
	AboutRequests    Topic = "requests"          // how requests are handled
	AboutMarketing   Topic = "marketing"         // when marketing is sent
	AboutAutomated   Topic = "automated"         // automated decisions and profiling
	AboutChildren    Topic = "children"          // people under age
	AboutCookies     Topic = "cookies"           // cookies and the like
	AboutSecurity    Topic = "security"          // protection on the way and at rest
	AboutAnonymous   Topic = "anonymous"         // data called anonymous
	AboutBreach      Topic = "breach"            // what is done after a breach
	AboutReference   Topic = "reference"         // another document or section
	AboutChanges     Topic = "changes"           // how the notice changes
	AboutText        Topic = "text"              // a fault of the text itself
	AboutSites       Topic = "sites"             // the sites it names
	AboutNewPurpose  Topic = "new_purpose"       // what is done before data is used for another purpose
	AboutResponsible Topic = "responsibility"    // whose processing the notice disclaims
	AboutSelfService Topic = "self_service"      // what people may change themselves
)

// topics lists the claims of each topic. The empty word means that a statement
// of the topic may do without a claim.
var topics = map[Topic][]events.Code{
	AboutScope:       {"covers", "only"},
	AboutCollected:   {"", "not_knowingly"},
	AboutUsed:        {""},
	AboutDefinition:  {""},
	AboutTerm:        {"undefined", "unexplained"},
	AboutRelation:    {"employment", "party", "other_signs", "may_sign"},
	AboutPurpose:     {""},
	AboutBasis:       {"", "pooled"},
	AboutBasisText:   {""},
	AboutConditions:  {""},
	AboutStatute:     {""},
	AboutPolicyDoc:   {"claimed", "published"},
	AboutConsent:     {"by_visit", "by_proxy", "form_without_control", "by_act"},
	AboutConsequence: {""},
	AboutRetention:   {"fixed", "at_least", "within", "may_exceed", "unlimited", "while_consented", "while_needed", "extends", "schedule", "kept_with", "subject_to_erasure", "unknown"},
	AboutSharing:     {"list", "supplier_list", "mentioned", "none", "not_commercial", "no_sale", "internal_only", "on_instruction", "onward", "on_purchase", "on_sale", "for_any_purpose"},
	AboutTrade:       {""},
	AboutReturn:      {"deleted", "returned", "kept"},
	AboutTransfer:    {"none_outside", "may", "happens"},
	AboutLocation:    {"own_only"},
	AboutSource:      {"direct_only", "told", "asked"},
	AboutRequests:    {"answered", "identity_check", "clarification", "fee", "recorded", "channel", "reasons_given"},
	AboutMarketing:   {"on_request", "opt_in", "opt_out", "by_default", "interest_or_consent", "never_third_party"},
	AboutAutomated:   {"none", "used", "profiling"},
	AboutChildren:    {"adults_only", "not_expected", "expected"},
	AboutCookies:     {"used", "consent", "browser_only", "essential"},
	AboutSecurity:    {"encrypted", "unprotected", "not_for_confidential", "measures", "no_guarantee"},
	AboutAnonymous:   {"", "aggregate"},
	AboutBreach:      {"told"},
	AboutReference:   {"missing", "empty", "read_with"},
	AboutChanges:     {"page_only", "told"},
	AboutText:        {"repeated", "copied", "cut_off", "wrong_word", "blank_cells", "no_heading", "two_in_cell", "odd_scope"},
	AboutSites:       {""},
	AboutNewPurpose:  {"told_first", "compatible_allowed"},
	AboutResponsible: {"disclaimed"},
	AboutSelfService: {""},
}

// UnmarshalText reads a topic of the closed list.
func (t *Topic) UnmarshalText(b []byte) error {
	words := make([]Topic, 0, len(topics))
	for w := range topics {
		words = append(words, w)
	}
	slices.Sort(words)
	return oneOf(t, b, words...)
}

// Topics lists every topic with its claims, for the schema and the docs.
func Topics() map[Topic][]events.Code {
	m := make(map[Topic][]events.Code, len(topics))
	for t, claims := range topics {
		m[t] = slices.Clone(claims)
	}
	return m
}

// claimNeeds says which field a claim is empty without.
var claimNeeds = map[Topic]map[events.Code]string{
	AboutCollected:  {"": "categories"},
	AboutUsed:       {"": "categories"},
	AboutDefinition: {"": "subject_types"},
	AboutRelation:   {"party": "subject_types", "employment": "subject_types", "other_signs": "subject_types", "may_sign": "subject_types"},
	AboutRetention:  {"fixed": "period", "at_least": "period", "within": "period", "may_exceed": "period", "kept_with": "activities"},
	AboutBasisText:  {"": "activities"},
	AboutConditions: {"": "activities"},
	AboutTrade:      {"": "terms"},
	AboutSharing:    {"list": "recipients", "supplier_list": "recipients", "mentioned": "recipients", "onward": "recipients"},
	AboutStatute:    {"": "names"},
	AboutSites:      {"": "names"},
	AboutTransfer:   {"none_outside": "area"},
}

// statement checks one statement: the claim is a word of its topic, what the
// claim needs is there, and every reference resolves.
func (k *checker) statement(c *Catalogue, s *Statement) {
	if s.About == "" {
		return // already a fault of the decoder
	}
	claims := topics[s.About]
	if !slices.Contains(claims, s.Claim) {
		at := any(&s.Claim)
		if s.Claim == "" {
			at = s
		}
		k.failAt(at, "statement about %s: claim %q: want %s", s.About, s.Claim, claimNames(claims))
	}
	if need := claimNeeds[s.About][s.Claim]; need != "" && !s.has(need) {
		k.failAt(s, "statement about %s: key %q is missing", strings.TrimSpace(string(s.About)+" "+string(s.Claim)), need)
	}
	k.refs("subject type", FieldSubjectType, s.SubjectTypes)
	k.refs("category", FieldCategory, s.Categories)
	k.refs("activity", FieldActivity, s.Activities)
	k.refs("recipient", FieldRecipient, s.Recipients)
	k.refs("source", FieldSource, s.Sources)
	k.refs("right", fieldRight, s.Rights)
	for i := range s.LawfulBasis {
		if !knownBasis(s.LawfulBasis[i]) {
			k.failAt(&s.LawfulBasis[i], "lawful basis %q: want one of %s", s.LawfulBasis[i], basisNames())
		}
	}
	for i := range s.Conditions {
		if c := s.Conditions[i]; !knownCondition(c) && !scheduleForm.MatchString(string(c)) {
			k.failAt(&s.Conditions[i], "condition %q: want an article such as 9.2.h or 10, or a paragraph such as dpa-s1-p2", c)
		}
	}
	k.statementTriggers(s)
	k.statementItems(c, s)
	if s.Area != "" && s.Area != "eu" && s.Area != "eea" && s.Area != "uk" {
		k.country(&s.Area)
	}
	if s.Lines.IsZero() {
		k.failAt(s, "statement about %s: key \"lines\" is missing; a statement is what the notice says somewhere", s.About)
	}
}

// statementTriggers checks the triggers; a statement may leave the join open, as
// the notice does.
func (k *checker) statementTriggers(s *Statement) {
	join := s.Join
	if join == "" && len(s.Triggers) > 1 {
		join = Later
	}
	k.triggers(&s.Trigger, s.Triggers, &join)
}

// statementItems checks that every item belongs to one of the categories.
func (k *checker) statementItems(c *Catalogue, s *Statement) {
	for i, item := range s.Items {
		found := slices.ContainsFunc(c.Categories, func(cat Category) bool {
			return slices.Contains(s.Categories, cat.ID) &&
				slices.ContainsFunc(cat.Items, func(e Element) bool { return e.ID == item })
		})
		if !found {
			k.failAt(&s.Items[i], "item %q is not an item of the categories of this statement", item)
		}
	}
}

func (s *Statement) has(field string) bool {
	switch field {
	case "subject_types":
		return len(s.SubjectTypes) > 0
	case "categories":
		return len(s.Categories) > 0
	case "activities":
		return len(s.Activities) > 0
	case "recipients":
		return len(s.Recipients) > 0
	case "terms":
		return len(s.Terms) > 0
	case "names":
		return len(s.Names) > 0
	case "period":
		return s.Period.Given()
	case "area":
		return s.Area != ""
	}
	panic("catalogue: no statement has a field " + field)
}

func claimNames(claims []events.Code) string {
	words := make([]string, 0, len(claims))
	for _, w := range claims {
		if w == "" {
			words = append(words, "no claim")
		} else {
			words = append(words, string(w))
		}
	}
	return "one of " + strings.Join(words, ", ")
}

// StatementsAbout lists the statements on one topic, in the order of the file.
// With claims, only those that make one of them. Read-only.
func (c *Catalogue) StatementsAbout(t Topic, claims ...events.Code) []*Statement {
	var list []*Statement
	for i := range c.Statements {
		s := &c.Statements[i]
		if s.About == t && (len(claims) == 0 || slices.Contains(claims, s.Claim)) {
			list = append(list, s)
		}
	}
	return list
}

// AllTriggers lists what the statement counts from.
func (s *Statement) AllTriggers() []Trigger {
	if !s.Trigger.IsZero() {
		return []Trigger{s.Trigger}
	}
	return s.Triggers
}
