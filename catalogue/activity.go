package catalogue

import "github.com/habeas-data/habeas/events"

// A Condition is a second ground beside the lawful basis: one of Article 9(2),
// or Article 10, with the paragraphs of Schedule 1 to the Data Protection Act
// 2018 that it needs. In YAML it may be written as its article alone.
type Condition struct {
	Article  events.Code   `json:"article" want:"yes"` // 9.2.h, 10
	Schedule []events.Code `json:"schedule,omitempty"` // dpa-s1-p2
	Status   Status        `json:"status,omitempty"`   // stated unless it says otherwise
	Lines    Lines         `json:"lines,omitzero"`
}

func (c Condition) String() string { return string(c.Article) }

// LegalDuty is a law that the notice says obliges the organisation.
type LegalDuty struct {
	Law        events.Code   `json:"law" want:"yes"`       // our code of it
	Title      string        `json:"title,omitempty"`      // as the notice cites it
	Provision  string        `json:"provision,omitempty"`  // section or article
	Categories []events.Code `json:"categories,omitempty"` // empty means all of the activity
	Until      events.Date   `json:"until,omitzero"`       // the duty ends on this day
	Term                     // or this long after what starts it
	Status     Status        `json:"status,omitempty"`
	Lines      Lines         `json:"lines,omitzero"`
}

// Activity is one row of the record of processing: a purpose and all that the
// notice says of it.
type Activity struct {
	ID               events.Code   `json:"id" want:"yes"`
	Row              int           `json:"row,omitempty"` // row of the notice's own table, if it has one
	Purpose          string        `json:"purpose" want:"yes"`
	PurposeStatus    Status        `json:"purpose_status,omitempty"`
	SubPurposes      []Element     `json:"sub_purposes,omitempty"`
	SubjectTypes     []events.Code `json:"subject_types" want:"yes"`
	Label            string        `json:"label,omitempty"` // what the notice calls the row, where that misleads
	Categories       []events.Code `json:"data_categories,omitempty"`
	CategoriesStatus Status        `json:"categories_status,omitempty"`
	LawfulBasis      []events.Code `json:"lawful_basis,omitempty"`
	BasisStatus      BasisStatus   `json:"basis_status,omitempty"`
	Interests        []events.Code `json:"interests,omitempty"`
	LegalDutyNamed   *bool         `json:"legal_duty_named,omitempty"`
	Conditions       []Condition   `json:"conditions,omitempty"` // Articles 9 and 10, Schedule 1
	ConditionsStatus Status        `json:"conditions_status,omitempty"`
	DirectMarketing  bool          `json:"direct_marketing,omitempty"`
	Retention        Retention     `json:"retention,omitzero"`
	Recipients       []events.Code `json:"recipients,omitempty"`
	RecipientsStatus Status        `json:"recipients_status,omitempty"`
	Channels         []events.Code `json:"channels,omitempty"`
	Note             string        `json:"note,omitempty"`
	Lines            Lines         `json:"lines,omitzero"`

	Ref           string        `json:"ref,omitempty"`                  // the id as its author writes it: EMP-12
	ExceptTypes   []events.Code `json:"except_subject_types,omitempty"` // people the row does not speak of
	Function      string        `json:"function,omitempty"`             // business function, for the record of Article 30
	DPV           []IRI         `json:"dpv,omitempty"`                  // of the purpose
	Fides         []events.Code `json:"fides,omitempty"`
	Role          Role          `json:"role,omitempty"` // where it differs from the organisation's
	RoleStatus    Status        `json:"role_status,omitempty"`
	Controller    events.Code   `json:"controller,omitempty"` // recipient for whom we act
	Condition     string        `json:"condition,omitempty"`  // when it happens, in words
	BasisLines    Lines         `json:"basis_lines,omitzero"`
	Candidates    []events.Code `json:"candidate_bases,omitempty"` // what the wording points to; never the notice's word
	CondLines     Lines         `json:"condition_lines,omitzero"`
	CellsBlank    bool          `json:"cells_blank,omitempty"` // second-condition cells empty where others say none
	LegalDuties   []LegalDuty   `json:"legal_duties,omitempty"`
	Secrecy       bool          `json:"professional_secrecy,omitempty"`
	PublicTask    bool          `json:"public_task,omitempty"`
	Profiling     Profiling     `json:"profiling,omitempty"`
	ChannelRules  []ChannelRule `json:"channel_rules,omitempty"`
	ThirdPartyAds bool          `json:"third_party_marketing,omitempty"`
	OptIn         bool          `json:"opt_in,omitempty"`         // only when asked for or agreed to
	ConsentFrom   []events.Code `json:"consent_from,omitempty"`   // subject types that must consent themselves
	ContractParty []events.Code `json:"contract_party,omitempty"` // subject types or recipients that sign, where the people of the row do not
	PreContract   bool          `json:"pre_contract,omitempty"`
	Sources       []events.Code `json:"sources,omitempty"` // where its data comes from
	SourcesStatus Status        `json:"sources_status,omitempty"`
	SourceOf      []SourceOf    `json:"source_of,omitempty"`        // by category, where they differ
	EraseOnAsk    bool          `json:"erase_on_request,omitempty"` // erased whenever the person asks
	Interest      string        `json:"interest,omitempty"`         // the legitimate interest, in words
	Systems       []events.Code `json:"systems,omitempty"`          // own systems that hold it, where declared
	StoredIn      []events.Code `json:"stored_in,omitempty"`        // activities in whose records this data sits
}

// ChannelRule says when one channel may be used.
type ChannelRule struct {
	Channel events.Code `json:"channel" want:"yes"`
	When    ChannelUse  `json:"when" want:"yes"`
	Lines   Lines       `json:"lines,omitzero"`
}

// SourceOf says where one category of an activity comes from.
type SourceOf struct {
	Category events.Code   `json:"category" want:"yes"`
	Sources  []events.Code `json:"sources" want:"yes"`
	Lines    Lines         `json:"lines,omitzero"`
}

// Printed is the id of the activity as its author writes it.
func (a *Activity) Printed() string {
	if a.Ref != "" {
		return a.Ref
	}
	return string(a.ID)
}
