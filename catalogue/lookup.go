package catalogue

import "github.com/habeas-data/habeas/events"

// A Field is a place of an event where a code may stand, by its name in the
// published contract.
type Field = string

// The places whose codes the catalogue knows.
const (
	FieldSystem      Field = "system"
	FieldActivity    Field = "activity"
	FieldSubPurpose  Field = "sub_purpose"
	FieldCategory    Field = "category"
	FieldElement     Field = "element"
	FieldSubjectType Field = "subject_type"
	FieldRecipient   Field = "recipient"
	FieldController  Field = "controller" // a recipient for whom we hold data
	FieldSource      Field = "source"     // obtained_from: a source or a recipient
	FieldMilestone   Field = "milestone"
	FieldBasis       Field = "basis"
	FieldCountry     Field = "country"
)

// The places whose codes the sources choose.
const (
	FieldDataset       Field = "dataset"
	FieldChannel       Field = "channel"
	FieldCondition     Field = "condition"
	FieldPlace         Field = "place"
	FieldSafeguard     Field = "safeguard"
	FieldLegalDuty     Field = "legal_duty"
	FieldGround        Field = "ground"
	FieldWording       Field = "wording_ref"
	FieldLogic         Field = "logic_ref"
	FieldNoticeVersion Field = "notice_version"
	FieldEvidence      Field = "evidence"
	FieldWhy           Field = "why"
)

// index answers the look-ups of the gateway and the desk without allocation.
type index struct {
	systems    map[events.Code]*System
	types      map[events.Code]*SubjectType
	categories map[events.Code]*Category
	sources    map[events.Code]*Source
	recipients map[events.Code]*Recipient
	activities map[events.Code]*Activity
	milestones map[events.Code]*Milestone
	rules      map[RuleID]*RetentionRule
	whens      map[events.Code]string // trigger -> words that complete "after ..."
	elements   map[events.Category]*Element
	purposes   map[events.Activity]*Element
	// anyElement and anyPurpose know the words apart from what they belong to.
	anyElement map[events.Code]bool
	anyPurpose map[events.Code]bool
	joins      map[events.Code]int // kind -> how many systems it may join
	retention  map[events.Code]string
	all        []*System
}

func byID[T any, K comparable](list []T, id func(*T) K) map[K]*T {
	m := make(map[K]*T, len(list))
	for i := range list {
		m[id(&list[i])] = &list[i]
	}
	return m
}

// buildIndex needs a checked catalogue: every id once, every reference good.
func (c *Catalogue) buildIndex() {
	x := &c.index
	*x = index{
		systems:    byID(c.Systems, func(v *System) events.Code { return v.ID }),
		types:      byID(c.SubjectTypes, func(v *SubjectType) events.Code { return v.ID }),
		categories: byID(c.Categories, func(v *Category) events.Code { return v.ID }),
		sources:    byID(c.Sources, func(v *Source) events.Code { return v.ID }),
		recipients: byID(c.Recipients, func(v *Recipient) events.Code { return v.ID }),
		activities: byID(c.Activities, func(v *Activity) events.Code { return v.ID }),
		milestones: byID(c.Milestones, func(v *Milestone) events.Code { return v.ID }),
		rules:      byID(c.RetentionRules, func(v *RetentionRule) RuleID { return v.ID }),
		whens:      map[events.Code]string{},
		elements:   map[events.Category]*Element{},
		purposes:   map[events.Activity]*Element{},
		anyElement: map[events.Code]bool{},
		anyPurpose: map[events.Code]bool{},
		joins:      map[events.Code]int{},
		retention:  map[events.Code]string{},
	}
	for i := range c.Systems {
		x.all = append(x.all, &c.Systems[i])
		for _, kind := range c.Systems[i].Joins {
			x.joins[kind]++
		}
	}
	for i := range c.Recipients {
		if c.Recipients[i].Kind == KindNone {
			continue // says that nobody receives: there is no system behind it
		}
		x.addRecipient(&c.Recipients[i])
	}
	for i := range c.Categories {
		for j := range c.Categories[i].Items {
			e := &c.Categories[i].Items[j]
			x.elements[events.Category{Code: c.Categories[i].ID, Element: e.ID}] = e
			x.anyElement[e.ID] = true
		}
	}
	for t, w := range builtinTriggers {
		x.whens[t] = w
	}
	for _, m := range c.Milestones {
		x.whens[m.ID] = m.When
	}
	for _, m := range c.Circumstances {
		x.whens[m.ID] = m.When
	}
	for i := range c.Activities {
		a := &c.Activities[i]
		for j := range a.SubPurposes {
			x.purposes[events.Activity{Code: a.ID, SubPurpose: a.SubPurposes[j].ID}] = &a.SubPurposes[j]
			x.anyPurpose[a.SubPurposes[j].ID] = true
		}
		x.retention[a.ID] = c.retentionText(a)
	}
}

// addRecipient makes a recipient, and each registered instance of it, a system.
func (x *index) addRecipient(r *Recipient) {
	x.addSystem(r, r.System.Primary)
	for _, in := range r.Instances {
		one := *r
		one.ID, one.Name, one.Kind, one.Class = in.ID, in.Name, in.Kind, r.ID
		one.Named, one.Instances = true, nil
		if in.Country != "" {
			one.Country, one.CountryStatus = in.Country, Stated
		}
		x.recipients[in.ID] = &one
		// An instance names people by a kind of its own, so none is its primary
		// unless the class declares a global kind.
		primary := r.System.Primary
		if primary.System() != "" {
			primary = in.ID + primary[len(primary.System()):]
		}
		x.addSystem(&one, primary)
	}
}

func (x *index) addSystem(r *Recipient, primary events.Code) {
	s := &System{ID: r.ID, Name: r.Name, Primary: primary, SilentAfter: r.System.SilentAfter,
		Connected: r.System.Connected, Country: r.Country, Class: r.Class}
	s.complete(OwnedRecipient, NotExpected)
	x.systems[r.ID] = s
	x.all = append(x.all, s)
}

// System finds one of the organisation's own systems or a recipient's.
func (c *Catalogue) System(id events.Code) (*System, bool) {
	v, ok := c.index.systems[id]
	return v, ok
}

// AllSystems lists every system the catalogue accounts for: own systems first,
// then the recipients, each in the order of the file. Read-only.
func (c *Catalogue) AllSystems() []*System { return c.index.all }

// Category finds a kind of data.
func (c *Catalogue) Category(id events.Code) (*Category, bool) {
	v, ok := c.index.categories[id]
	return v, ok
}

// Element finds one item of a category; false where cat names none.
func (c *Catalogue) Element(cat events.Category) (*Element, bool) {
	v, ok := c.index.elements[cat]
	return v, ok
}

// Activity finds a row of the record of processing.
func (c *Catalogue) Activity(id events.Code) (*Activity, bool) {
	v, ok := c.index.activities[id]
	return v, ok
}

// Recipient finds a recipient: a named body, a class, or a registered instance
// (which has Class set).
func (c *Catalogue) Recipient(id events.Code) (*Recipient, bool) {
	v, ok := c.index.recipients[id]
	return v, ok
}

// SubjectType finds a kind of person.
func (c *Catalogue) SubjectType(id events.Code) (*SubjectType, bool) {
	v, ok := c.index.types[id]
	return v, ok
}

// Source finds where data is obtained.
func (c *Catalogue) Source(id events.Code) (*Source, bool) {
	v, ok := c.index.sources[id]
	return v, ok
}

// Milestone finds a moment that rules count from.
func (c *Catalogue) Milestone(id events.Code) (*Milestone, bool) {
	v, ok := c.index.milestones[id]
	return v, ok
}

// RetentionRule finds a general rule on how long data is kept.
func (c *Catalogue) RetentionRule(id RuleID) (*RetentionRule, bool) {
	v, ok := c.index.rules[id]
	return v, ok
}

// IsA reports whether a subject type is another or descends from it.
func (c *Catalogue) IsA(child, parent events.Code) bool {
	for child != "" {
		if child == parent {
			return true
		}
		t, ok := c.index.types[child]
		if !ok {
			return false
		}
		child = t.Parent
	}
	return false
}
