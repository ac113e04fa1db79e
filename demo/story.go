package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A Story is what happens under one notice: its systems, the people it names,
// and how it is told. It never changes.
type Story struct {
	notice    string
	about     string // the organisation and what it does, in a phrase
	systems   []post
	instances []catalogue.Instance
	cast      []part
	apart     []part   // people told after all others, so that they change nobody
	guests    []string // keys of the three people worth looking up first
	findings  []Expected
	// since is how far back the systems speak; zero: from the beginning of the
	// story. People whose whole history is told need more than its months.
	since time.Time
	tell  func(*script) // everything but heartbeats and the disorder of delivery
	// named gives the names by which a system knows a person, where it does not
	// follow from the catalogue.
	named func(p *person, system events.Code) []events.Identifier
	// Of stories told by tables:
	walks     []walk
	routines  []routine
	campaigns []campaign
}

// A post is an own system in the story.
type post struct {
	code   events.Code
	every  time.Duration // between heartbeats
	covers []events.Code // datasets
	silent time.Duration // how long before the end it says its last word
	letter string        // before the number by which it knows a person
	// place and country say where what it stores lies; empty: it does not say.
	place, country events.Code
}

// Expected is a finding that the story is there to raise.
type Expected struct {
	Rule string
	// Who is an identifier KIND=VALUE of the person whose data shows it; empty
	// where it is about a system, or about many of the crowd. In the tables it is
	// the key of a persona.
	Who string
	// By says what raises it.
	By Evidence
	// Why is what happened.
	Why string
}

// Evidence is what a finding is drawn from.
type Evidence string

const (
	ByReport  Evidence = "report"  // one report against the catalogue
	ByHistory Evidence = "history" // all that was reported of a person
	ByToday   Evidence = "today"   // the clock: what is overdue, who is silent
)

// stories are in the order in which they are listed.
var stories = []*Story{instantConnect, osjct, healthCareers, ispPolaris, bjmIG}

// Notices lists the notices that have a story.
func Notices() []string {
	out := make([]string, len(stories))
	for i, t := range stories {
		out[i] = t.notice
	}
	return out
}

// Of finds the story of a notice.
func Of(notice string) (*Story, error) {
	for _, t := range stories {
		if t.notice == notice {
			return t, nil
		}
	}
	return nil, fmt.Errorf("no story is told of the notice %q; there is one of each of: %s", notice, strings.Join(Notices(), ", "))
}

// Notice names the shipped catalogue that the story plays.
func (t *Story) Notice() string { return t.notice }

// About says in a phrase whose systems the story plays.
func (t *Story) About() string { return t.about }

// Instances are the named recipients of the story, to be registered before its
// events arrive.
func (t *Story) Instances() []catalogue.Instance { return slices.Clone(t.instances) }

// Catalogue is the shipped notice with the recipients of Instances registered.
func (t *Story) Catalogue() (*catalogue.Catalogue, error) {
	c, err := catalogue.LoadShipped(t.notice)
	if err != nil {
		return nil, err
	}
	return c.WithInstances(t.instances...)
}

// Personas lists the named people. They are in every run of at least their
// number; the rest of the crowd is made up around them.
func (t *Story) Personas() []Persona {
	var out []Persona
	for _, p := range slices.Concat(t.cast, t.apart) {
		out = append(out, p.Persona)
	}
	return out
}

// Guests are the three people worth looking up first.
func (t *Story) Guests() []Persona {
	var out []Persona
	for _, key := range t.guests {
		for _, p := range t.Personas() {
			if p.Key == key {
				out = append(out, p)
			}
		}
	}
	return out
}

// Findings lists what the story is there to show, each with who shows it.
func (t *Story) Findings() []Expected {
	out := slices.Clone(t.findings)
	for i := range out {
		for _, p := range t.Personas() {
			if p.Key == out[i].Who {
				out[i].Who = p.Find
			}
		}
	}
	return out
}

// placed adds where a system keeps what it stores, unless the report says.
func (t *Story) placed(e *events.Event) {
	for i := range t.systems {
		if x := &t.systems[i]; x.code == e.Source && e.Kind == events.RecordStored && e.Place == "" && e.Country == "" {
			e.Place, e.Country = x.place, x.country
		}
	}
}

// silence is how long before the end a system says its last word.
func (t *Story) silence(system events.Code) time.Duration {
	for i := range t.systems {
		if t.systems[i].code == system {
			return t.systems[i].silent
		}
	}
	return 0
}

const day = 24 * time.Hour
