package catalogue

import "github.com/habeas-data/habeas/events"

// Notice names the document the catalogue was read from. Lines elsewhere count
// the lines of its text.
type Notice struct {
	URL      string        `json:"url,omitempty"`
	Law      []events.Code `json:"law,omitempty"`       // uk_gdpr, dpa_2018
	ReadWith []events.Code `json:"read_with,omitempty"` // further documents it refers to
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
}

// An Element is one item of a category or one purpose within an activity. In
// YAML it may be written as its id alone; its name is then the id in words.
type Element struct {
	ID          events.Code `json:"id" want:"yes"`
	Name        string      `json:"name,omitempty"`
	NeverOutput bool        `json:"never_output,omitempty"` // held, but in no answer: a password
	Reveals     events.Code `json:"reveals,omitempty"`      // category of what can be inferred from it
	Note        string      `json:"note,omitempty"`
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
	// Class is set on what Catalogue.Recipient returns for a registered
	// instance: the recipient it is an instance of, or undeclared.
	Class events.Code `json:"-"`
}

// RecipientSystem says how a recipient speaks for itself as a system.
type RecipientSystem struct {
	Primary     events.Code `json:"primary,omitempty"` // kind of the recipient_ref it knows people by
	SilentAfter Period      `json:"silent_after,omitzero"`
	Connected   Connection  `json:"connected,omitempty"` // not_expected by default
}

// Instance is a named recipient registered under a class.
type Instance struct {
	ID      events.Code   `json:"id" want:"yes"`
	Class   events.Code   `json:"class,omitempty"` // in YAML: the recipient it stands under
	Kind    RecipientKind `json:"kind,omitempty"`  // the class's unless given
	Name    string        `json:"name" want:"yes"`
	Country events.Code   `json:"country,omitempty"`
}

// Milestone is a moment that systems report and rules count from.
type Milestone struct {
	ID    events.Code `json:"id" want:"yes"`
	Scope Scope       `json:"scope" want:"yes"`
	Name  string      `json:"name" want:"yes"` // "Account deleted"
	When  string      `json:"when" want:"yes"` // completes "7 years after ...": "the account is deleted"
}

// Circumstance is a moment that a notice counts from and nobody reports: a rule
// that names it can be told but not computed.
type Circumstance struct {
	ID    events.Code `json:"id" want:"yes"`
	When  string      `json:"when" want:"yes"`
	Lines Lines       `json:"lines,omitzero"`
}

// RetentionRule is a general rule of the notice on how long data is kept.
type RetentionRule struct {
	ID         RuleID        `json:"id" want:"yes"`
	Applies    []events.Code `json:"applies,omitempty"`    // subject types; empty means all
	Categories []events.Code `json:"categories,omitempty"` // empty means all
	Trigger    Trigger       `json:"trigger,omitzero"`
	Triggers   []Trigger     `json:"triggers,omitempty"` // instead of trigger, with join
	Join       Join          `json:"join,omitempty"`
	Period     Period        `json:"period,omitzero"`
	Effect     Effect        `json:"effect,omitempty"`
	Factors    []events.Code `json:"factors,omitempty"`
	Pointer    string        `json:"pointer,omitempty"` // the document that is said to hold the period
	Text       string        `json:"text" want:"yes"`   // in plain words
	Lines      Lines         `json:"lines,omitzero"`
}

// Retention is what one activity says of how long its data is kept.
type Retention struct {
	Rule     RuleID    `json:"rule,omitempty"`
	Trigger  Trigger   `json:"trigger,omitzero"`
	Triggers []Trigger `json:"triggers,omitempty"`
	Join     Join      `json:"join,omitempty"`
	Period   Period    `json:"period,omitzero"`
	Status   Status    `json:"status,omitempty"`
	Note     string    `json:"note,omitempty"`
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
	Conditions       []events.Code `json:"conditions,omitempty"` // Articles 9 and 10, Schedule 1
	ConditionsStatus Status        `json:"conditions_status,omitempty"`
	DirectMarketing  bool          `json:"direct_marketing,omitempty"`
	Retention        Retention     `json:"retention,omitzero"`
	Recipients       []events.Code `json:"recipients,omitempty"`
	RecipientsStatus Status        `json:"recipients_status,omitempty"`
	Channels         []events.Code `json:"channels,omitempty"`
	Note             string        `json:"note,omitempty"`
	Lines            Lines         `json:"lines,omitzero"`
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
}
