package demo

import (
	"cmp"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// Notice is the shipped catalogue that is played unless another is named.
const Notice = "instant-connect"

// Config says what to make up.
type Config struct {
	People int       // how many people, the personas among them; 0 means 200
	Seed   uint64    // the same seed gives the same events
	Until  time.Time // nothing happens after this moment; required
	Months int       // how far back the story begins; 0 means 9
}

// Instances are the named recipients of the story of Notice.
func Instances() []catalogue.Instance { return instantConnect.Instances() }

// Catalogue is that of Notice with the recipients of Instances registered.
func Catalogue() (*catalogue.Catalogue, error) { return instantConnect.Catalogue() }

// Personas lists the named people of the story of Notice.
func Personas() []Persona { return instantConnect.Personas() }

// A Generator tells the story of one Config.
type Generator struct {
	cfg   Config
	story *Story
	cat   *catalogue.Catalogue
}

// New returns the generator of the story of Notice.
func New(cfg Config) *Generator { return instantConnect.generator(cfg, nil) }

// New returns the generator of this story. It fails only if the catalogue of
// the notice cannot be loaded.
func (t *Story) New(cfg Config) (*Generator, error) {
	cat, err := t.Catalogue()
	if err != nil {
		return nil, fmt.Errorf("make the story of %s: %w", t.notice, err)
	}
	return t.generator(cfg, cat), nil
}

func (t *Story) generator(cfg Config, cat *catalogue.Catalogue) *Generator {
	if cfg.People == 0 {
		cfg.People = 200
	}
	if cfg.Months == 0 {
		cfg.Months = 9
	}
	cfg.Until = cfg.Until.UTC().Truncate(time.Second)
	return &Generator{cfg, t, cat}
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
		cfg: g.cfg, story: g.story, cat: g.cat, until: g.cfg.Until, start: g.cfg.Until.AddDate(0, -g.cfg.Months, 0),
		r: rand.New(rand.NewPCG(g.cfg.Seed, 0)), serial: map[events.Code]int{},
	}
	s.heartbeats()
	g.story.tell(s)
	s.deliveries()
	s.tellApart()
	slices.SortStableFunc(s.out, func(a, b arrival) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	list := make([]*events.Observation, len(s.out))
	for i, a := range s.out {
		list[i] = a.o
	}
	return list
}
