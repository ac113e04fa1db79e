package events

// The shapes of the published JSON for reading. Field names are fixed; fields
// may be added, none renamed.

// AsOf names what an answer rests on (I6).
type AsOf struct {
	Position string  `json:"position"` // last journal position the answer knows
	Time     Instant `json:"time"`     // what was held at this moment
	// AsKnown is set when the answer leaves out what was recorded later.
	AsKnown string `json:"as_known,omitempty"`
	// Zone is where the organisation's days begin, such as Europe/London.
	Zone string `json:"zone,omitempty"`
}

// A Glossary says the codes of an answer in words, so that it can be read without
// the catalogue: "system/crm", "category/contact/email", "activity/sales",
// "recipient/courier", "subject_type/customer", "milestone/contract_end",
// "source/register", "basis/6.1.b", "special/health_data", "country/GB".
type Glossary map[string]string

// A Footprint is everything known to be held about one person.
type Footprint struct {
	Subject  SubjectView `json:"subject"`
	AsOf     AsOf        `json:"as_of"`
	Holdings []Holding   `json:"holdings"`
	Unknown  []Unknown   `json:"unknown"`
	Findings []Finding   `json:"findings"`
	Joins    []Join      `json:"joins"`
	// DisclosuresWithoutHolding are of data that no system reported holding.
	DisclosuresWithoutHolding []LooseDisclosure `json:"disclosures_without_holding"`
	// Contested is set when evidence conflicts: no package, plan or answer may
	// leave until a person has decided.
	Contested []Contest      `json:"contested,omitempty"`
	Consents  []ConsentState `json:"consents,omitempty"`
	// ConsentHistory is every word on consents and objections, oldest first,
	// where Consents says only how each of them stands.
	ConsentHistory []ConsentState `json:"consent_history,omitempty"`
	// Restrictions are those in force, whether or not they reach a holding.
	Restrictions []RestrictionView `json:"restrictions,omitempty"`
	States       []PersonFact      `json:"states,omitempty"`
	// Catalogue names the declared side the answer was read with.
	Catalogue string   `json:"catalogue,omitempty"`
	Words     Glossary `json:"words,omitempty"`
	Simulated bool     `json:"simulated,omitempty"`
}

// SubjectView is the person as the reader may see them.
type SubjectView struct {
	Ref          string           `json:"ref"` // opaque reference for further questions
	Identifiers  []IdentifierView `json:"identifiers"`
	SubjectTypes []string         `json:"subject_types"`
}

// IdentifierView is an identifier in a live reply, and nowhere else.
type IdentifierView struct {
	Kind    string   `json:"kind"`
	Value   string   `json:"value"`
	Systems []string `json:"systems,omitempty"`
}

// ItemView names the instance a record concerns.
type ItemView struct {
	Kind  string `json:"kind"`
	Value string `json:"value,omitempty"`
	Ref   string `json:"ref,omitempty"`
}

// A Holding is one piece of data that one system holds about the person for
// one activity.
type Holding struct {
	ID           string        `json:"id"`
	System       string        `json:"system"`
	Dataset      string        `json:"dataset"`
	Activity     string        `json:"activity"`
	Category     string        `json:"category"`
	Special      bool          `json:"special"`
	Criminal     bool          `json:"criminal"`
	Item         *ItemView     `json:"item"`
	RecordDate   *string       `json:"record_date"`
	Purpose      string        `json:"purpose"`
	LawfulBasis  []string      `json:"lawful_basis"`
	BasisStatus  string        `json:"basis_status"`
	Conditions   []string      `json:"conditions"`
	JoinedBy     string        `json:"joined_by"`
	Provenance   string        `json:"provenance"`
	ObtainedFrom *string       `json:"obtained_from"`
	SubjectType  string        `json:"subject_type"`
	Medium       string        `json:"medium"`
	Controller   *string       `json:"controller"`
	Country      *string       `json:"country"`
	Marks        []string      `json:"marks,omitempty"`
	FirstSeen    Instant       `json:"first_seen"`
	LastSeen     string        `json:"last_seen"` // coarse: YYYY-MM
	LastUsed     string        `json:"last_used,omitempty"`
	State        string        `json:"state"` // held | restricted | erased | removed
	RestrictedBy []string      `json:"restricted_by,omitempty"`
	Removed      *RemovedView  `json:"removed,omitempty"`
	Retention    RetentionView `json:"retention"`
	Holds        []string      `json:"holds"`
	Disclosures  []Disclosure  `json:"disclosures"`
}

// RemovedView says when and how a record went.
type RemovedView struct {
	At  Instant `json:"at"`
	How string  `json:"how"`
}

// RetentionView says until when, by which rule, and why.
type RetentionView struct {
	Rule        string  `json:"rule"`
	Status      string  `json:"status"`
	Trigger     *string `json:"trigger"`
	TriggerDate *string `json:"trigger_date"`
	Due         *string `json:"due"`
	Why         string  `json:"why"`
	// AtEnd is set where the end asks for something else than erasing: stop,
	// review, return, anonymise. DecideBy is then the day by which a person
	// decides what becomes of data whose use has stopped.
	AtEnd    string  `json:"at_end,omitempty"`
	DecideBy *string `json:"decide_by,omitempty"`
	// AtLeast is the end of a minimum where no end is named.
	AtLeast *string `json:"at_least,omitempty"`
	// LengthenedTo is set where the notice at collection ends earlier: "" where
	// the present one names no day.
	LengthenedTo *string `json:"lengthened_to,omitempty"`
	// Keep names elements that stay for other records of the system.
	Keep *KeepView `json:"keep,omitempty"`
	// RestsOn lists the decisions the answer rests on.
	RestsOn []DecisionView `json:"rests_on,omitempty"`
}

// KeepView names what stays when the rest of a holding goes, and until when.
type KeepView struct {
	Elements []string `json:"elements"`
	Until    *string  `json:"until"` // null: while the other records are kept
}

// DecisionView is a decision where the notice leaves something open.
type DecisionView struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	By      string `json:"by"`
	Assumed bool   `json:"assumed,omitempty"` // comes with the program; nobody has adopted it
}

// A Disclosure says who received the data.
type Disclosure struct {
	Recipient     string  `json:"recipient"`
	Name          string  `json:"name"`
	Kind          string  `json:"kind"`
	Country       *string `json:"country"`
	First         Instant `json:"first"`
	Last          string  `json:"last"`  // coarse: YYYY-MM
	Count         int     `json:"count"` // distinct days
	RefKind       string  `json:"ref_kind,omitempty"`
	Safeguard     string  `json:"safeguard,omitempty"`
	Consideration string  `json:"consideration,omitempty"`
	Withheld      bool    `json:"not_to_be_told,omitempty"`
	// ForActivity is what it was shared for, where that is not what the holding
	// is for: the data is the same.
	ForActivity string `json:"for_activity,omitempty"`
}

// A LooseDisclosure says who received data that no system reported holding.
type LooseDisclosure struct {
	System   string    `json:"system"`
	Dataset  string    `json:"dataset"`
	Activity string    `json:"activity"`
	Category string    `json:"category"`
	Item     *ItemView `json:"item"`
	Special  bool      `json:"special"`
	Criminal bool      `json:"criminal"`
	Disclosure
}

// Unknown names something the answer cannot speak for.
type Unknown struct {
	System string   `json:"system"`
	Why    string   `json:"why"`
	Since  *Instant `json:"since"`
	Detail string   `json:"detail,omitempty"`
}

// A Finding is a disagreement between what was declared and what was seen.
type Finding struct {
	Rule    string            `json:"rule"`
	Aliases []string          `json:"aliases,omitempty"`
	Verdict string            `json:"verdict"`
	About   map[string]string `json:"about"`
	At      Instant           `json:"at"`
	Text    string            `json:"text,omitempty"`
}

// A Join is one link in the chain by which records were taken to be of one
// person.
type Join struct {
	From     IdentifierView `json:"from"`
	To       IdentifierView `json:"to"`
	System   string         `json:"system"`
	By       string         `json:"by"` // unique | shareable | hand | same_identifier
	Evidence string         `json:"evidence"`
	Position string         `json:"position,omitempty"`
	At       Instant        `json:"at"`
}

// A Contest is a join that evidence forbids for now.
type Contest struct {
	On  IdentifierView `json:"on"`
	Why string         `json:"why"`
	// Code is the reason as a stable code: conflict, chain, marked_shared,
	// crowded, cut_by_hand, split_by_hand, limit.
	Code string `json:"code,omitempty"`
	// Between are those whom the join would make one person.
	Between []ContestSide `json:"between,omitempty"`
	// Decide names what a person may decide about it: merge, split, mark (as
	// shared), unmark.
	Decide []string `json:"decide,omitempty"`
	// Decided is set when a person's own word suspends the join: it stays so, and
	// nothing waits for a decision.
	Decided bool `json:"decided,omitempty"`
}

// A ContestSide is one of those whom a contested join would make one person.
type ContestSide struct {
	Ref string `json:"ref"`
	// Value is their identifier, for readers who may decide.
	Value string `json:"value,omitempty"`
	Glimpse
}

// A Glimpse tells people apart without showing what is held about them.
type Glimpse struct {
	Kind   string `json:"kind,omitempty"`   // of the identifier that stands for them best
	System string `json:"system,omitempty"` // that knows them by it
	// Systems reported about them, first and last then; SubjectTypes are what
	// they are to the organisation.
	Systems      []string `json:"systems,omitempty"`
	SubjectTypes []string `json:"subject_types,omitempty"`
	FirstSeen    *Instant `json:"first_seen,omitempty"`
	LastSeen     string   `json:"last_seen,omitempty"` // coarse: YYYY-MM
	// Records is how many records about them are not reported as removed.
	Records int `json:"records"`
}

// A Candidate is one person a weak or contested identifier may mean.
type Candidate struct {
	Ref        string `json:"ref"`
	MatchedOn  string `json:"matched_on"`
	Confidence string `json:"confidence"`
	Why        string `json:"why,omitempty"`
	Glimpse
}

// A RestrictionView is a restriction of use that is in force.
type RestrictionView struct {
	System   string  `json:"system"` // that reported it; it binds every system
	Activity string  `json:"activity,omitempty"`
	Category string  `json:"category,omitempty"` // empty: all of the activity
	Ground   string  `json:"ground,omitempty"`
	At       Instant `json:"at"`
}

// A ConsentState is one consent or objection: how it stands, or one word on it.
type ConsentState struct {
	Activity string   `json:"activity"`
	Channels []string `json:"channels"`
	State    string   `json:"state"` // given | withdrawn | objected | objection_lifted
	At       Instant  `json:"at"`
	Method   string   `json:"method,omitempty"`
	GivenBy  string   `json:"given_by,omitempty"`
	System   string   `json:"system"`
}

// A PersonFact is a state of the person, a milestone reached or a notice given.
type PersonFact struct {
	Fact     string  `json:"fact"`
	Code     string  `json:"code"`
	Date     string  `json:"date,omitempty"`
	System   string  `json:"system"`
	Activity string  `json:"activity,omitempty"`
	At       Instant `json:"at"`
}

// A HistoryEntry is one line of a person's timeline.
type HistoryEntry struct {
	At         Instant  `json:"at"`
	Recorded   Instant  `json:"recorded"`
	Position   string   `json:"position"`
	Event      string   `json:"event"`
	System     string   `json:"system"`
	Activity   string   `json:"activity,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Text       string   `json:"text"` // one sentence a person can read
	Retracted  bool     `json:"retracted,omitempty"`
	Repeated   bool     `json:"repeated,omitempty"`
	// Special and Criminal are set if any of the categories is.
	Special  bool `json:"special,omitempty"`
	Criminal bool `json:"criminal,omitempty"`
}

// A History is a person's timeline, oldest first.
type History struct {
	Subject SubjectView    `json:"subject"`
	AsOf    AsOf           `json:"as_of"`
	Entries []HistoryEntry `json:"entries"`
	Unknown []Unknown      `json:"unknown"`
	Words   Glossary       `json:"words,omitempty"`
}
