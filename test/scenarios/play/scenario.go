package play

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// A Scenario is one story: expect.json of its folder.
type Scenario struct {
	ID        string            `json:"-"`
	Dir       string            `json:"-"`
	Title     string            `json:"title"`
	Source    string            `json:"source"`    // where it was worked out
	Catalogue string            `json:"catalogue"` // a shipped name, or a file of the folder
	Decisions string            `json:"decisions,omitempty"`
	People    map[string]string `json:"people"` // name -> KIND=VALUE
	Steps     []Step            `json:"steps"`
	// Next is what the story goes on to say about requests: plans, letters, who
	// is told. It is compared once the program answers requests.
	Next json.RawMessage `json:"next,omitempty"`

	// Order changes the order in which the events of a file are sent; DayByDay
	// sends each on its own day; Rebuild makes the map anew after each file. None
	// of them may change what is seen in the end.
	Order    func([][]byte) `json:"-"`
	DayByDay bool           `json:"-"`
	Rebuild  bool           `json:"-"`
}

// A Step is one thing done or asked. Exactly one of its acts is set.
type Step struct {
	Tells string `json:"tells,omitempty"` // for the reader of the story

	Clock     string     `json:"clock,omitempty"`     // it is the end of this day now
	Register  *Recipient `json:"register,omitempty"`  // a recipient by name
	Ingest    string     `json:"ingest,omitempty"`    // a file of events, every one of which is taken
	Footprint string     `json:"footprint,omitempty"` // of this person
	Due       string     `json:"due,omitempty"`       // what has ended by this day
	Waiting   bool       `json:"waiting,omitempty"`   // what has no end because nothing started it
	Hold      *Hold      `json:"hold,omitempty"`
	Lift      string     `json:"lift,omitempty"` // the name given to a hold
	List      bool       `json:"findings_list,omitempty"`
	Case      *Case      `json:"case,omitempty"`
	Plan      *Plan      `json:"plan,omitempty"`
	Act       *Act       `json:"act,omitempty"`
	Connect   []string   `json:"connect,omitempty"` // systems and recipients that take their tasks themselves
	Dispose   *Dispose   `json:"dispose,omitempty"`
	Work      *Work      `json:"work,omitempty"`
	Tasks     *Tasks     `json:"tasks,omitempty"`
	// Declared are findings over the catalogue alone that the story leans on, as
	// RULE activity; others may stand beside them.
	Declared []string `json:"declared,omitempty"`

	// AsOf is the day a footprint speaks of; today if absent.
	AsOf string `json:"as_of,omitempty"`
	// Until adds to a due list what ends by then.
	Until string `json:"until,omitempty"`

	// Holdings are all of them, no more and no fewer.
	Holdings []Holding `json:"holdings,omitempty"`
	// Findings are all of them: RULE verdict key=value ..., keys in order.
	Findings []string `json:"findings,omitempty"`
	// Consents are those named here, as activity channel state.
	Consents []string `json:"consents,omitempty"`
	// Next is what the next release says of the same day.
	Next json.RawMessage `json:"next,omitempty"`
}

// A Recipient is registered under a class of the catalogue.
type Recipient struct {
	ID      string `json:"id"`
	Class   string `json:"class"`
	Name    string `json:"name"`
	Country string `json:"country,omitempty"`
}

// A Hold keeps what it covers from being erased.
type Hold struct {
	As         string `json:"as"`
	Identifier string `json:"identifier,omitempty"`
	Item       string `json:"item,omitempty"`
	System     string `json:"system,omitempty"`
	Activity   string `json:"activity,omitempty"`
	Category   string `json:"category,omitempty"`
	Ground     string `json:"ground"`
	Owner      string `json:"owner"`
	Review     string `json:"review"`
}

// A Holding says what must be seen of one record. The first fields say which it
// is; of the others, Status and Due always count, and those that are set count.
type Holding struct {
	System   string `json:"system"`
	Activity string `json:"activity"`
	Category string `json:"category"`
	Dataset  string `json:"dataset,omitempty"`
	Item     string `json:"item,omitempty"` // its value

	State        string   `json:"state,omitempty"` // held where absent
	Status       string   `json:"status"`
	Due          string   `json:"due,omitempty"`
	From         string   `json:"from,omitempty"` // the day the period counts from
	AtEnd        string   `json:"at_end,omitempty"`
	DecideBy     string   `json:"decide_by,omitempty"`
	AtLeast      string   `json:"at_least,omitempty"`
	Keep         string   `json:"keep,omitempty"` // element, ... until day
	RestsOn      []string `json:"rests_on,omitempty"`
	RestrictedBy []string `json:"restricted_by,omitempty"`
	Basis        string   `json:"basis,omitempty"` // status: articles
	Provenance   string   `json:"provenance,omitempty"`
	Medium       string   `json:"medium,omitempty"`
	Marks        []string `json:"marks,omitempty"`
	SentTo       []string `json:"sent_to,omitempty"` // every recipient; none if absent
	OnHold       bool     `json:"on_hold,omitempty"` // a hold covers it

	// Next is what the plan of a request says of it.
	Next json.RawMessage `json:"next,omitempty"`
}

// Load reads the scenario of a folder. A key that is not known is an error.
func Load(dir string) (*Scenario, error) {
	b, err := os.ReadFile(filepath.Join(dir, "expect.json"))
	if err != nil {
		return nil, fmt.Errorf("read a scenario: %w", err)
	}
	s := &Scenario{ID: filepath.Base(dir), Dir: dir}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("read %s/expect.json: %w", s.ID, err)
	}
	for i := range s.Steps {
		if err := s.Steps[i].check(s); err != nil {
			return nil, fmt.Errorf("read %s/expect.json: step %d: %w", s.ID, i+1, err)
		}
	}
	return s, nil
}

func (x *Step) check(s *Scenario) error {
	acts := 0
	for _, set := range []bool{x.Clock != "", x.Register != nil, x.Ingest != "", x.Footprint != "", x.Due != "", x.Waiting, x.Hold != nil, x.Lift != "", x.List, len(x.Declared) > 0,
		x.Case != nil, x.Plan != nil, x.Act != nil, len(x.Connect) > 0, x.Dispose != nil, x.Work != nil, x.Tasks != nil} {
		if set {
			acts++
		}
	}
	if acts != 1 {
		return fmt.Errorf("want one act, got %d", acts)
	}
	if _, known := s.People[x.Footprint]; x.Footprint != "" && !known {
		return errors.New("the person is not among people")
	}
	return nil
}

// Dispose puts a batch together of what has ended, has somebody else agree, and
// carries it out.
type Dispose struct {
	On       string `json:"on"`
	By       string `json:"by"`       // who agrees
	Holdings int    `json:"holdings"` // how many there must be
}

// All lists the folders with a scenario below root, in order.
func All(root string) ([]string, error) {
	list, err := filepath.Glob(filepath.Join(root, "*", "expect.json"))
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i] = filepath.Dir(list[i])
	}
	slices.Sort(list)
	return list, nil
}
