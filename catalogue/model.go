package catalogue

import "github.com/habeas-data/habeas/events"

// Notice names the document the catalogue was read from. Lines elsewhere count
// the lines of its text.
type Notice struct {
	URL      string        `json:"url,omitempty"`
	Law      []events.Code `json:"law,omitempty"`       // uk_gdpr, dpa_2018
	ReadWith []events.Code `json:"read_with,omitempty"` // further documents it refers to
	Length   int           `json:"length,omitempty"`    // lines of its text; no fact may point beyond
	Scope    string        `json:"scope,omitempty"`     // what it says it covers
}

// Organisation is who declares.
type Organisation struct {
	Name         string        `json:"name" want:"yes"`
	TradingAs    string        `json:"trading_as,omitempty"`
	Business     string        `json:"business,omitempty"`
	Jurisdiction events.Code   `json:"jurisdiction" want:"yes"` // country code, such as gb
	Role         Role          `json:"role,omitempty"`          // the role the conduct shows
	RoleStatus   Status        `json:"role_status,omitempty"`
	RoleStated   Role          `json:"role_stated,omitempty"` // where the notice says another
	Contact      []events.Code `json:"contact,omitempty"`     // channels, never a person's address
	Lines        Lines         `json:"lines,omitzero"`

	Entity          Status      `json:"entity,omitempty"` // whether the legal person behind "we" is named
	Group           string      `json:"group,omitempty"`  // the group it belongs to
	PublicAuthority bool        `json:"public_authority,omitempty"`
	PublicStatus    Status      `json:"public_status,omitempty"`
	Officer         Officer     `json:"officer,omitempty"` // who is named for data protection
	Address         Status      `json:"address,omitempty"` // whether a postal contact is given
	Authority       events.Code `json:"authority,omitempty"`
	LargeScale      bool        `json:"large_scale,omitempty"` // Article 37(1)(b), (c): special or criminal data on a large scale
	YearEnd         MonthDay    `json:"financial_year_end,omitzero"`
}

// System is a source of events and a place where data is kept: one of the
// organisation's own, or a recipient's.
type System struct {
	ID          events.Code   `json:"id" want:"yes"`
	Name        string        `json:"name" want:"yes"`
	Owner       Owner         `json:"owner,omitempty"`       // own (default) or recipient
	Primary     events.Code   `json:"primary,omitempty"`     // kind of its own identifier of a person
	Joins       []events.Code `json:"joins,omitempty"`       // kinds by which it may be joined to other systems
	SilentAfter Period        `json:"silent_after,omitzero"` // no event for so long is silence
	Medium      Medium        `json:"medium,omitempty"`      // electronic (default) or paper
	Structured  Structure     `json:"structured,omitempty"`  // yes (default) or no: cannot be searched by person
	Connected   Connection    `json:"connected,omitempty"`   // expected (own by default) or not_expected
	HostedBy    events.Code   `json:"hosted_by,omitempty"`   // recipient that runs it for us
	Country     events.Code   `json:"country,omitempty"`     // where it is kept, if declared
	Place       events.Code   `json:"place,omitempty"`       // the place location rules speak of, such as nhs_hosting
	Holds       []events.Code `json:"holds,omitempty"`       // categories it is meant to hold, if declared
	Note        string        `json:"note,omitempty"`
	// Class is set on the system of a registered recipient: its class.
	Class events.Code `json:"-"`
}

// SubjectType is a kind of person. A child satisfies every rule of its parent.
type SubjectType struct {
	ID       events.Code `json:"id" want:"yes"`
	Name     string      `json:"name" want:"yes"`
	Means    string      `json:"means,omitempty"`
	Parent   events.Code `json:"parent,omitempty"`
	Child    bool        `json:"child,omitempty"`    // under age
	Declared *bool       `json:"declared,omitempty"` // false: the notice speaks of them without naming them
	Lines    Lines       `json:"lines,omitzero"`

	Expected *bool         `json:"expected,omitempty"` // false: the notice says it does not deal with them
	Section  Lines         `json:"section,omitzero"`   // the part of the notice that is about them
	Likely   bool          `json:"likely_children,omitempty"`
	DPV      []IRI         `json:"dpv,omitempty"`
	Fides    []events.Code `json:"fides,omitempty"`
	Note     string        `json:"note,omitempty"`
}

// An Element is one item of a category or one purpose within an activity. In
// YAML it may be written as its id alone; its name is then the id in words.
type Element struct {
	ID          events.Code `json:"id" want:"yes"`
	Name        string      `json:"name,omitempty"`
	NeverOutput bool        `json:"never_output,omitempty"` // held, but in no answer: a password
	Reveals     events.Code `json:"reveals,omitempty"`      // category of what can be inferred from it
	Note        string      `json:"note,omitempty"`
	DPV         []IRI       `json:"dpv,omitempty"`
	Lines       Lines       `json:"lines,omitzero"`
}

// Category is a kind of data.
type Category struct {
	ID           events.Code   `json:"id" want:"yes"`
	Name         string        `json:"name" want:"yes"`
	Items        []Element     `json:"items,omitempty"`
	Special      bool          `json:"special,omitempty"`  // Article 9
	Kind         events.Code   `json:"kind,omitempty"`     // what makes it special, such as health
	Criminal     bool          `json:"criminal,omitempty"` // Article 10
	Personal     *bool         `json:"personal,omitempty"` // false: anonymous output
	SubjectTypes []events.Code `json:"subject_types,omitempty"`
	Declared     *bool         `json:"declared,omitempty"` // false: used in the notice, not in its list
	Note         string        `json:"note,omitempty"`
	Lines        Lines         `json:"lines,omitzero"`

	SpecialStatus Status        `json:"special_status,omitempty"` // how we know that it is special
	MayReveal     []Sensitivity `json:"may_reveal,omitempty"`     // what free text or inference may bring in
	FreeText      bool          `json:"free_text,omitempty"`
	Open          bool          `json:"items_open,omitempty"` // the list of items is not closed
	ThirdParty    bool          `json:"third_party,omitempty"`
	NotKnowingly  bool          `json:"not_knowingly,omitempty"` // the notice says it is not knowingly collected
	Disputed      bool          `json:"personal_disputed,omitempty"`
	Secrecy       bool          `json:"professional_secrecy,omitempty"`
	DPV           []IRI         `json:"dpv,omitempty"`
	Fides         []events.Code `json:"fides,omitempty"`
}

// Source is where data is obtained.
type Source struct {
	ID           events.Code   `json:"id" want:"yes"`
	Name         string        `json:"name" want:"yes"`
	Kind         SourceKind    `json:"kind" want:"yes"`
	Named        bool          `json:"named,omitempty"`
	How          []events.Code `json:"how,omitempty"`
	Categories   []events.Code `json:"categories,omitempty"`
	SubjectTypes []events.Code `json:"subject_types,omitempty"`
	Condition    string        `json:"condition,omitempty"`
	Note         string        `json:"note,omitempty"`
	Lines        Lines         `json:"lines,omitzero"`

	KindStatus   Status `json:"kind_status,omitempty"`
	Declared     *bool  `json:"declared,omitempty"`     // false: outside the notice's list of sources
	Confidential bool   `json:"confidential,omitempty"` // what it gives is given in confidence
}

// Recipient is whom data may go to: one body (named) or a class of them.
type Recipient struct {
	ID               events.Code     `json:"id" want:"yes"`
	Name             string          `json:"name" want:"yes"`
	Kind             RecipientKind   `json:"kind" want:"yes"`
	KindStatus       Status          `json:"kind_status,omitempty"`
	StatedAs         RecipientKind   `json:"stated_as,omitempty"` // where the notice calls it something else
	Named            bool            `json:"named,omitempty"`     // false: a class, whose members have names of their own
	Country          events.Code     `json:"country,omitempty"`
	CountryStatus    Status          `json:"country_status,omitempty"`
	WhatFor          string          `json:"what_for,omitempty"`
	Condition        string          `json:"condition,omitempty"`
	Categories       []events.Code   `json:"categories,omitempty"`
	CategoriesStatus Status          `json:"categories_status,omitempty"`
	System           RecipientSystem `json:"system,omitzero"`
	Instances        []Instance      `json:"instances,omitempty"`
	Note             string          `json:"note,omitempty"`
	Lines            Lines           `json:"lines,omitzero"`

	SubjectTypes    []events.Code `json:"subject_types,omitempty"`
	AnySubject      bool          `json:"any_subject,omitempty"`  // every kind of person
	AnyCategory     bool          `json:"any_category,omitempty"` // every category
	Purposes        []events.Code `json:"purposes,omitempty"`     // activities it serves, where the notice maps them
	Declared        *bool         `json:"declared,omitempty"`     // false: outside the notice's list of recipients
	Region          Region        `json:"region,omitempty"`       // where no country is given but something is
	Safeguard       events.Code   `json:"safeguard,omitempty"`    // of a transfer: adequacy, scc, idta, bcr, art46, ...
	SafeguardStatus Status        `json:"safeguard_status,omitempty"`
	Commercial      bool          `json:"commercial,omitempty"`    // receives for gain: advertising, marketing of its own, credit
	OwnUse          bool          `json:"own_use,omitempty"`       // uses the data for itself, whatever it is called
	Recallable      *bool         `json:"recallable,omitempty"`    // false: what went out cannot be called back (print)
	NeedsConsent    bool          `json:"needs_consent,omitempty"` // only with the person's consent
	Group           bool          `json:"group,omitempty"`         // a company of the organisation's group
	Contract        Status        `json:"contract,omitempty"`      // whether a contract under Article 28 is spoken of
	AfterTask       AtEnd         `json:"after_task,omitempty"`    // what the notice says it does with its copy at the end
	Onward          []events.Code `json:"onward,omitempty"`        // recipients it may pass data on to
	// Class is set on what Catalogue.Recipient returns for a registered
	// instance: the recipient it is an instance of, or undeclared.
	Class events.Code `json:"-"`
}

// RecipientSystem says how a recipient speaks for itself as a system.
type RecipientSystem struct {
	Primary     events.Code `json:"primary,omitempty"` // kind of the recipient_ref it knows people by
	SilentAfter Period      `json:"silent_after,omitzero"`
	Connected   Connection  `json:"connected,omitempty"` // not_expected by default
	Connector   events.Code `json:"connector,omitempty"` // the connector that acts there, if one does
}

// Instance is a named recipient registered under a class.
type Instance struct {
	ID      events.Code   `json:"id" want:"yes"`
	Class   events.Code   `json:"class,omitempty"` // in YAML: the recipient it stands under
	Kind    RecipientKind `json:"kind,omitempty"`  // the class's unless given
	Name    string        `json:"name" want:"yes"`
	Country events.Code   `json:"country,omitempty"`
	Contact string        `json:"contact,omitempty"` // a channel or a register entry, never a person's address
}

// Milestone is a moment that systems report and rules count from.
type Milestone struct {
	ID    events.Code `json:"id" want:"yes"`
	Scope Scope       `json:"scope" want:"yes"`
	Name  string      `json:"name" want:"yes"` // "Account deleted"
	When  string      `json:"when" want:"yes"` // completes "7 years after ...": "the account is deleted"

	Moving    bool          `json:"moving,omitempty"`     // happens again and again; the latest counts
	BroughtBy Actor         `json:"brought_by,omitempty"` // who makes it happen; subject: it may never
	NeverFor  []events.Code `json:"never_for,omitempty"`  // kinds of person to whom it never happens
	Lines     Lines         `json:"lines,omitzero"`
	Note      string        `json:"note,omitempty"`
}

// Circumstance is a moment that a notice counts from and nobody reports: a rule
// that names it can be told but not computed.
type Circumstance struct {
	ID    events.Code `json:"id" want:"yes"`
	When  string      `json:"when" want:"yes"`
	Lines Lines       `json:"lines,omitzero"`
}

// LocationRule says where data may be and where it may not. It binds a holding
// that it names by category or by activity; one that names neither binds all.
type LocationRule struct {
	ID         events.Code   `json:"id" want:"yes"`
	Categories []events.Code `json:"categories,omitempty"`
	Activities []events.Code `json:"activities,omitempty"`
	Places     []events.Code `json:"places,omitempty"`    // the only places or systems allowed
	Countries  []events.Code `json:"countries,omitempty"` // the only countries allowed
	Regions    []Region      `json:"regions,omitempty"`   // the only regions allowed
	Forbidden  []events.Code `json:"forbidden,omitempty"` // places or systems never allowed
	Unless     string        `json:"unless,omitempty"`
	Status     Status        `json:"status,omitempty"`
	Text       string        `json:"text" want:"yes"`
	Lines      Lines         `json:"lines,omitzero"`
}

// Right is what the notice says a person may ask.
type Right struct {
	ID               events.Code   `json:"id" want:"yes"`
	Name             string        `json:"name" want:"yes"`
	Scope            string        `json:"scope,omitempty"`
	Conditions       string        `json:"conditions,omitempty"`
	ConditionsStatus Status        `json:"conditions_status,omitempty"`
	Channels         []events.Code `json:"channels,omitempty"`
	Lines            Lines         `json:"lines,omitzero"`

	Kind           RightKind     `json:"kind,omitempty"`    // the right of the law it is, in our words
	Article        events.Code   `json:"article,omitempty"` // of the UK GDPR: 15, 7.3
	Listed         *bool         `json:"listed,omitempty"`  // false: promised outside the notice's list of rights
	Absolute       *bool         `json:"absolute,omitempty"`
	Bases          []events.Code `json:"bases,omitempty"` // lawful bases it is said to depend on
	Limits         []string      `json:"limits,omitempty"`
	Refusals       []events.Code `json:"refusals,omitempty"` // grounds on which it is said to be refused
	Deadline       Period        `json:"deadline,omitzero"`
	DeadlineText   string        `json:"deadline_text,omitempty"` // "as soon as possible"
	Effect         string        `json:"effect,omitempty"`
	Format         string        `json:"format,omitempty"`
	AutomatedMeans *bool         `json:"automated_means,omitempty"` // portability: whether the automated-means test is stated
	AnyTime        bool          `json:"any_time,omitempty"`
	Partial        bool          `json:"partial,omitempty"` // may be used for a part: one item, one channel
	Note           string        `json:"note,omitempty"`
}
