package ropa

import (
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// Seen is one tuple that systems reported, of everybody together: data held, or
// data shared if Recipient is set.
type Seen struct {
	System      events.Code
	Activity    events.Activity
	Category    events.Category
	SubjectType events.Code
	Recipient   events.Code // catalogue class, or a named instance
	Country     events.Code // of a transfer, where it was reported
	Safeguard   events.Code
	Source      events.Code // where the data was obtained, where it was reported
	Controller  events.Code // for whom it is held; empty means for ourselves
	People      int
	First, Last events.Instant
}

// Side says on which side something stands.
type Side string

const (
	// Both: declared, and seen.
	Both Side = "declared_and_seen"
	// NeverSeen: declared, and no system reported it by the day of the record.
	NeverSeen Side = "declared_never_seen"
	// NeverDeclared: a system reported it and the catalogue does not have it.
	NeverDeclared Side = "seen_never_declared"
)

// An Entry is one thing in one column of a row.
type Entry struct {
	ID   events.Code `json:"id"`
	Name string      `json:"name"`
	Side Side        `json:"side"`
	// Of a category.
	Special  bool            `json:"special,omitempty"`
	Criminal bool            `json:"criminal,omitempty"`
	DPV      []catalogue.IRI `json:"dpv,omitempty"`
	// Of a recipient.
	Kind      catalogue.RecipientKind `json:"kind,omitempty"`
	Class     events.Code             `json:"class,omitempty"`
	Country   events.Code             `json:"country,omitempty"`
	Safeguard events.Code             `json:"safeguard,omitempty"`
	// People is how many people it was reported of; zero if never.
	People int `json:"people,omitempty"`
}

// A Ground is a lawful basis or a further condition.
type Ground struct {
	ID       events.Code   `json:"id"` // 6.1.f, 9.2.h
	Name     string        `json:"name"`
	Schedule []events.Code `json:"schedule,omitempty"` // Schedule 1 paragraphs
}

// A Row is one activity.
type Row struct {
	Activity events.Code    `json:"activity"`
	Ref      string         `json:"ref,omitempty"` // as the notice prints it
	Side     Side           `json:"side"`
	Function string         `json:"function,omitempty"`
	Purpose  string         `json:"purpose"`
	Role     catalogue.Role `json:"role"`
	// Controllers for whom it is done, in a record of paragraph 2.
	Controllers []Entry `json:"controllers,omitempty"`

	Subjects   []Entry `json:"subject_types"`
	Categories []Entry `json:"categories"`
	Recipients []Entry `json:"recipients"`
	Sources    []Entry `json:"sources,omitempty"`
	Systems    []Entry `json:"systems,omitempty"`
	// Transfers are the recipients above that are in a third country or may be.
	Transfers []Transfer `json:"transfers,omitempty"`

	Retention       string                `json:"retention"`
	RetentionStatus catalogue.Status      `json:"retention_status"`
	Bases           []Ground              `json:"lawful_basis"`
	BasisStatus     catalogue.BasisStatus `json:"basis_status"`
	Conditions      []Ground              `json:"conditions,omitempty"`
	Interest        string                `json:"interest,omitempty"`
	Rights          []events.Code         `json:"rights"`
	Automated       catalogue.Profiling   `json:"automated,omitempty"`
	DPV             []catalogue.IRI       `json:"dpv,omitempty"`

	People    int             `json:"people"` // most people any one tuple of the row was reported of
	FirstSeen *events.Instant `json:"first_seen,omitempty"`
	LastSeen  *events.Instant `json:"last_seen,omitempty"`
	// Assumed lists decisions that nobody has adopted yet and that this row
	// rests on.
	Assumed []string `json:"assumed,omitempty"`
}

// A Transfer is a recipient outside the jurisdiction.
type Transfer struct {
	Recipient events.Code      `json:"recipient"`
	Name      string           `json:"name"`
	Country   events.Code      `json:"country,omitempty"`
	Region    catalogue.Region `json:"region,omitempty"`
	Safeguard events.Code      `json:"safeguard,omitempty"` // empty: none named
	Side      Side             `json:"side"`
}

// An Organisation is who keeps the record.
type Organisation struct {
	Name         string            `json:"name"`
	Jurisdiction events.Code       `json:"jurisdiction"`
	Role         catalogue.Role    `json:"role"`
	Officer      catalogue.Officer `json:"data_protection_officer"`
	Contact      []events.Code     `json:"contact,omitempty"` // channels
}

// A Record is the whole, as of one day.
type Record struct {
	Catalogue events.Code `json:"catalogue"`
	Version   string      `json:"version"`
	AsOf      events.Date `json:"as_of"`
	// BeforeAdoption: no catalogue was in force here on that day; the first that
	// was is taken in its place.
	BeforeAdoption bool         `json:"before_adoption,omitempty"`
	Organisation   Organisation `json:"organisation"`
	Controller     []Row        `json:"controller"`          // Article 30(1)
	Processor      []Row        `json:"processor,omitempty"` // Article 30(2)
	Security       []string     `json:"security,omitempty"`  // Article 30(1)(g), (2)(d): measures declared
}

// Rows are both parts, one after the other.
func (r *Record) Rows() []*Row {
	out := make([]*Row, 0, len(r.Controller)+len(r.Processor))
	for _, part := range [][]Row{r.Controller, r.Processor} {
		for i := range part {
			out = append(out, &part[i])
		}
	}
	return out
}
