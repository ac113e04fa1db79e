package demo

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// Notice is the shipped catalogue that the demo plays.
const Notice = "instant-connect"

// Config says what to make up.
type Config struct {
	// Catalogue is the declared side, for the list of recipients that every run
	// must share with. Nil means that of Catalogue().
	Catalogue *catalogue.Catalogue
	People    int       // how many people, the personas among them; 0 means 200
	Seed      uint64    // the same seed gives the same events
	Until     time.Time // nothing happens after this moment; required
	Months    int       // how far back the story begins; 0 means 9
}

// Instances are the named dental practices of the story, to be registered as
// recipients before its events arrive.
func Instances() []catalogue.Instance {
	return []catalogue.Instance{
		{ID: "harbour-practice", Class: "dental_practice", Name: "Harbour Dental Practice", Country: "gb"},
		{ID: "castle-lane-dental", Class: "dental_practice", Name: "Castle Lane Dental", Country: "gb"},
		{ID: "seaview-dental", Class: "dental_practice", Name: "Seaview Dental Care", Country: "gb"},
		{ID: "mill-street-smiles", Class: "dental_practice", Name: "Mill Street Smiles", Country: "gb"},
	}
}

// Catalogue is the shipped notice with the practices of Instances registered.
func Catalogue() (*catalogue.Catalogue, error) {
	c, err := catalogue.LoadShipped(Notice)
	if err != nil {
		return nil, err
	}
	return c.WithInstances(Instances()...)
}

// A Generator tells the story of one Config.
type Generator struct{ cfg Config }

// New returns the generator of a story.
func New(cfg Config) *Generator {
	if cfg.People == 0 {
		cfg.People = 200
	}
	if cfg.Months == 0 {
		cfg.Months = 9
	}
	cfg.Until = cfg.Until.UTC().Truncate(time.Second)
	return &Generator{cfg}
}

// All yields the observations in the order in which they reach the gateway,
// which is nearly but not always that in which things happened. Each is fresh
// and the caller's to change.
func (g *Generator) All() iter.Seq[*events.Observation] {
	return func(yield func(*events.Observation) bool) {
		for _, o := range g.Observations() {
			if !yield(o) {
				return
			}
		}
	}
}

// Observations is All as a list.
func (g *Generator) Observations() []*events.Observation {
	s := &script{
		cfg: g.cfg, until: g.cfg.Until, start: g.cfg.Until.AddDate(0, -g.cfg.Months, 0),
		r: rand.New(rand.NewPCG(g.cfg.Seed, 0)), serial: map[events.Code]int{},
	}
	s.play()
	slices.SortStableFunc(s.out, func(a, b arrival) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	list := make([]*events.Observation, len(s.out))
	for i, a := range s.out {
		list[i] = a.o
	}
	return list
}

// play tells every story: the named people first, then the crowd.
func (s *script) play() {
	s.heartbeats()
	cast := s.personas()
	crowd := s.crowd(s.cfg.People - len(personas))
	all := slices.Concat(cast, crowd)
	s.rareDisclosures(all)
	s.messages(all)
	s.deliveries()
}
