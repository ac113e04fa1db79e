package answer

import "github.com/habeas-data/habeas/events"

// Version is that of the published shapes.
const Version = 1

// An Answer is what a person gets who asks for access. Names of fields are fixed;
// fields may be added.
type Answer struct {
	Version      int      `json:"version"`
	Kind         string   `json:"kind"` // access
	Case         string   `json:"case"`
	Language     string   `json:"language"`
	Received     string   `json:"received"`
	Made         string   `json:"made"`
	Jurisdiction string   `json:"jurisdiction"` // uk | eu
	Organisation Party    `json:"organisation"`
	Person       Person   `json:"person"`
	AsOf         AsOf     `json:"as_of"`
	Letter       []string `json:"letter"`
	Points       []Point  `json:"points"`
	Systems      []System `json:"systems"`
	// Recipients are all who received any of it, by name.
	Recipients []Recipient `json:"recipients"`
	Transfers  []Transfer  `json:"transfers"`
	Sources    []Source    `json:"sources"`
	Automated  []Automated `json:"automated_decisions"`
	Withheld   []Withheld  `json:"withheld"`
	Searched   []Searched  `json:"searched"`
	Unknown    []Unknown   `json:"unknown"`
	Remedies   []Remedy    `json:"remedies"`
	Copies     []Copy      `json:"copies"`
	Simulated  bool        `json:"simulated,omitempty"`
}

// A Party is the organisation that answers.
type Party struct {
	Name      string   `json:"name"`
	TradingAs string   `json:"trading_as,omitempty"`
	Contact   []string `json:"contact"` // channels
}

// A Person is who asked, as they are known to the systems that are shown.
type Person struct {
	Identifiers []Identifier `json:"identifiers"`
	Is          []string     `json:"is"` // what they are to the organisation, in words
}

// An Identifier is one by which the person is known.
type Identifier struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// AsOf names what the answer rests on.
type AsOf struct {
	Position  string         `json:"position"`
	Time      events.Instant `json:"time"`
	Catalogue string         `json:"catalogue"`
}

// The states of a point.
const (
	Filled        = "filled"
	NotApplicable = "not_applicable"
)

// A Point is one line of the checklist: something that the law asks an answer to
// say.
type Point struct {
	ID    string `json:"id"` // A1 to A18
	Law   string `json:"law"`
	Title string `json:"title"`
	State string `json:"state"`
	// Text says it, or why it does not apply.
	Text string `json:"text"`
	// In names the part of the answer that has the whole of it.
	In string `json:"in,omitempty"`
}

// A System is what one system holds.
type System struct {
	System   string    `json:"system"`
	Name     string    `json:"name"`
	Holdings []Holding `json:"holdings"`
}

// A Holding is one kind of data held for one purpose.
type Holding struct {
	ID           string           `json:"id"`
	What         string           `json:"what"`
	Category     string           `json:"category"`
	Special      string           `json:"special,omitempty"` // in words
	Criminal     bool             `json:"criminal,omitempty"`
	Item         string           `json:"item,omitempty"`
	RecordDate   string           `json:"record_date,omitempty"`
	Purpose      string           `json:"purpose"`
	Activity     string           `json:"activity"`
	Basis        []string         `json:"lawful_basis"` // in words
	BasisStatus  string           `json:"basis_status"`
	Conditions   []string         `json:"conditions"` // in words
	Provenance   string           `json:"provenance"`
	Source       string           `json:"source"`
	Country      string           `json:"country,omitempty"`
	FirstSeen    events.Instant   `json:"first_seen"`
	LastSeen     string           `json:"last_seen"`
	State        string           `json:"state"`
	RestrictedBy []string         `json:"restricted_by,omitempty"`
	Until        Until            `json:"until"`
	Recipients   []string         `json:"recipients"` // names
	Rights       []RightOfHolding `json:"rights"`
}

// Until says how long a holding is kept.
type Until struct {
	Day    string `json:"day,omitempty"`
	Status string `json:"status"`
	Why    string `json:"why"`
}

// A RightOfHolding is a right the person has about one holding, or has not.
type RightOfHolding struct {
	Right   string `json:"right"`
	Exists  bool   `json:"exists"`
	Test    string `json:"test,omitempty"` // what decides, where the right exists
	Article string `json:"article"`
	Says    string `json:"says"`
}

// A Recipient received some of the data.
type Recipient struct {
	Recipient    string         `json:"recipient"`
	Name         string         `json:"name"`
	As           string         `json:"as"` // in words: in which role
	Country      string         `json:"country,omitempty"`
	ThirdCountry bool           `json:"third_country"`
	Safeguard    string         `json:"safeguard,omitempty"`
	What         []string       `json:"what"`
	First        events.Instant `json:"first"`
	Last         string         `json:"last"`
	Planned      bool           `json:"planned,omitempty"` // declared, and nothing was seen to go there yet
}

// A Transfer is to a country whose law is not that of the controller.
type Transfer struct {
	Name      string `json:"name"`
	Country   string `json:"country"`
	Safeguard string `json:"safeguard"`
	Copy      string `json:"copy"` // how to get one of the safeguard
}

// A Source is where data came from that the person did not give.
type Source struct {
	Name string   `json:"name"`
	How  string   `json:"how"`
	What []string `json:"what"`
}

// An Automated decision was made about the person by a machine.
type Automated struct {
	Activity    string `json:"activity"`
	On          string `json:"on"`
	Alone       bool   `json:"alone"` // no person took a meaningful part
	Significant bool   `json:"significant"`
	Profiling   bool   `json:"profiling,omitempty"`
	Logic       string `json:"logic"`
	Meaning     string `json:"meaning"` // significance and consequences
	YouCan      string `json:"you_can"`
	Article     string `json:"article"`
}

// A Withheld entry is something that is held and not given, with the reason.
type Withheld struct {
	System   string `json:"system"`
	What     string `json:"what"`
	Activity string `json:"activity"`
	Code     string `json:"code"`
	Law      string `json:"law"`
	Reason   string `json:"reason"`
}

// A Searched system was asked.
type Searched struct {
	System string `json:"system"`
	Name   string `json:"name"`
	How    string `json:"how"`
}

// An Unknown says what the answer cannot speak for.
type Unknown struct {
	System string          `json:"system"`
	Name   string          `json:"name"`
	Why    string          `json:"why"`
	Says   string          `json:"says"`
	Since  *events.Instant `json:"since,omitempty"`
}

// A Remedy is where the person can turn.
type Remedy struct {
	Code string `json:"code"`
	Law  string `json:"law"`
	Says string `json:"says"`
	Link string `json:"link,omitempty"`
}

// A Copy is a file that a system sent: the data itself.
type Copy struct {
	System string `json:"system"`
	Name   string `json:"name"` // in the package: copies/<system>/<file>
	Type   string `json:"type,omitempty"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}
