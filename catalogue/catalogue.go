package catalogue

import (
	"crypto/sha256"
	"encoding/json"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A Catalogue is one declared side, loaded and checked. It is read-only: share
// it freely between goroutines, and change nothing in it. The JSON names of the
// fields are also the keys of the YAML form.
type Catalogue struct {
	ID      events.Code `json:"catalogue" want:"yes"`
	Title   string      `json:"title" want:"yes"`
	Edition string      `json:"version" want:"yes"` // as its authors count, such as "2024-08-21"
	Updated events.Date `json:"updated,omitzero"`   // date the notice bears
	Notice  Notice      `json:"notice,omitzero"`

	Organisation   Organisation    `json:"organisation" want:"yes"`
	Systems        []System        `json:"systems" want:"yes"`
	SubjectTypes   []SubjectType   `json:"subject_types,omitempty"`
	Categories     []Category      `json:"categories,omitempty"`
	Sources        []Source        `json:"sources,omitempty"`
	Recipients     []Recipient     `json:"recipients,omitempty"`
	Milestones     []Milestone     `json:"milestones,omitempty"`
	Circumstances  []Circumstance  `json:"circumstances,omitempty"`
	RetentionRules []RetentionRule `json:"retention_rules,omitempty"`
	Activities     []Activity      `json:"activities,omitempty"`
	Rights         []Right         `json:"rights,omitempty"`
	LocationRules  []LocationRule  `json:"location_rules,omitempty"`

	decisions  *Decisions
	Statements []Statement `json:"statements,omitempty"`

	version uint32
	digest  [sha256.Size]byte
	index   index
}

// Version is the number under which this catalogue was adopted; zero before.
// Frames of the journal carry it.
func (c *Catalogue) Version() uint32 { return c.version }

// Number is Version, as the gateway asks for it.
func (c *Catalogue) Number() uint32 { return c.version }

// WithVersion returns the same catalogue under the number its adopter gives.
func (c *Catalogue) WithVersion(v uint32) *Catalogue {
	d := *c
	d.version = v
	return &d
}

// Digest is the SHA-256 of the content in its canonical form (JSON with the
// keys of the format in a fixed order). Layout, comments and the adopted
// version leave it unchanged; registering a recipient changes it.
func (c *Catalogue) Digest() [sha256.Size]byte { return c.digest }

// WithInstances returns a copy in which the named recipients are registered
// under their classes, or every fault found in them. The class undeclared is for
// a body that the catalogue has no class for.
func (c *Catalogue) WithInstances(list ...Instance) (*Catalogue, error) {
	d := *c
	d.Recipients = slices.Clone(c.Recipients)
	l := newLoader("registered recipients")
	for _, in := range list {
		if in.Class == events.Undeclared {
			d.Recipients = append(d.Recipients, in.outside())
			continue
		}
		i := slices.IndexFunc(d.Recipients, func(r Recipient) bool { return r.ID == in.Class })
		if i < 0 {
			l.fail(0, "recipient %q: class %q is not a recipient of the catalogue", in.ID, in.Class)
			continue
		}
		r := &d.Recipients[i]
		r.Instances = append(slices.Clone(r.Instances), in)
	}
	return d.finish(l)
}

// outside is a recipient that is known by name and that no class of the
// catalogue covers: what goes to it is told apart, and stays undeclared.
func (in *Instance) outside() Recipient {
	kind := in.Kind
	if kind == "" {
		kind = KindUnspecified
	}
	return Recipient{ID: in.ID, Name: in.Name, Kind: kind, Country: in.Country, Named: true, Class: events.Undeclared}
}

// finish completes, checks and indexes a decoded catalogue.
func (c *Catalogue) finish(l *loader) (*Catalogue, error) {
	c.complete(l)
	c.check(l)
	if err := l.err(); err != nil {
		return nil, err
	}
	c.buildIndex()
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	c.digest = sha256.Sum256(b)
	return c, nil
}
