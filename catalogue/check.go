package catalogue

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// complete fills in what the format lets an author leave out. A fact that is
// not there is not_stated; one that is there is stated unless it says more.
func (c *Catalogue) complete(l *loader) {
	known := func(s *Status, there bool) {
		switch {
		case *s != "":
		case there:
			*s = Stated
		default:
			*s = NotStated
		}
	}
	known(&c.Organisation.RoleStatus, c.Organisation.Role != "")
	for i := range c.Systems {
		c.Systems[i].complete(Own, Expected)
	}
	if c.Organisation.PublicAuthority {
		known(&c.Organisation.PublicStatus, true)
	}
	known(&c.Organisation.Entity, c.Organisation.Name != "")
	for i := range c.Categories {
		nameElements(c.Categories[i].Items)
		if c.Categories[i].Special || c.Categories[i].Criminal {
			known(&c.Categories[i].SpecialStatus, true)
		}
	}
	for i := range c.Sources {
		known(&c.Sources[i].KindStatus, c.Sources[i].Kind != "")
	}
	for i := range c.RetentionRules {
		known(&c.RetentionRules[i].Status, true)
	}
	for i := range c.LocationRules {
		known(&c.LocationRules[i].Status, true)
	}
	for i := range c.Recipients {
		r := &c.Recipients[i]
		known(&r.KindStatus, r.Kind != "")
		known(&r.CountryStatus, r.Country != "")
		known(&r.CategoriesStatus, len(r.Categories) > 0 || r.AnyCategory)
		known(&r.SafeguardStatus, r.Safeguard != "")
		for j := range r.Instances {
			in := &r.Instances[j]
			if in.Class == "" {
				in.Class = r.ID
			}
			if in.Kind == "" {
				in.Kind = r.Kind
			}
		}
	}
	for i := range c.Activities {
		a := &c.Activities[i]
		nameElements(a.SubPurposes)
		known(&a.PurposeStatus, a.Purpose != "")
		known(&a.CategoriesStatus, len(a.Categories) > 0)
		known(&a.RecipientsStatus, len(a.Recipients) > 0)
		known(&a.Retention.Status, a.Retention.given())
		a.completeMore(l, known)
		if a.BasisStatus == "" && len(a.LawfulBasis) == 0 {
			a.BasisStatus = BasisNoneStated
		} else if a.BasisStatus == "" {
			a.BasisStatus = BasisStated
		}
	}
	for i := range c.Rights {
		known(&c.Rights[i].ConditionsStatus, c.Rights[i].Conditions != "")
	}
}

// completeMore fills in the statuses of the lists of an activity.
func (a *Activity) completeMore(l *loader, known func(*Status, bool)) {
	if ref, ok := l.printed[&a.ID]; ok && a.Ref == "" {
		a.Ref = ref
	}
	known(&a.ConditionsStatus, len(a.Conditions) > 0)
	known(&a.SourcesStatus, len(a.Sources) > 0 || len(a.SourceOf) > 0)
	if a.Role != "" {
		known(&a.RoleStatus, true)
	}
	for i := range a.Conditions {
		known(&a.Conditions[i].Status, true)
	}
	for i := range a.LegalDuties {
		known(&a.LegalDuties[i].Status, true)
	}
	for i := range a.Retention.ByType {
		b := &a.Retention.ByType[i]
		known(&b.Status, b.Rule != "" || b.saysSomething())
	}
}

func (s *System) complete(o Owner, conn Connection) {
	if s.Owner == "" {
		s.Owner = o
	}
	if s.Medium == "" {
		s.Medium = Electronic
	}
	if s.Structured == "" {
		s.Structured = Structured
	}
	if s.Connected == "" {
		s.Connected = conn
	}
}

func nameElements(list []Element) {
	for i := range list {
		if list[i].Name == "" {
			list[i].Name = strings.ReplaceAll(string(list[i].ID), "_", " ")
		}
	}
}

// check finds what is wrong with a catalogue as a whole: ids given twice,
// references to nothing, words that contradict each other.
func (c *Catalogue) check(l *loader) {
	k := &checker{loader: l, ids: map[Field]map[events.Code]bool{}, rules: map[RuleID]bool{}}
	k.gather(c)
	for i := range c.Systems {
		k.system(&c.Systems[i])
	}
	if !slices.ContainsFunc(c.Systems, func(s System) bool { return s.Owner == Own }) {
		k.failAt(&c.Systems, "systems: want at least one of the organisation's own")
	}
	k.country(&c.Organisation.Jurisdiction)
	k.parents(c.SubjectTypes)
	for i := range c.Categories {
		k.category(&c.Categories[i])
	}
	for i := range c.Sources {
		k.refs("category", FieldCategory, c.Sources[i].Categories)
		k.refs("subject type", FieldSubjectType, c.Sources[i].SubjectTypes)
	}
	for i := range c.Recipients {
		k.recipient(&c.Recipients[i])
	}
	for i := range c.Milestones {
		k.refs("subject type", FieldSubjectType, c.Milestones[i].NeverFor)
	}
	for i := range c.RetentionRules {
		k.retentionRule(&c.RetentionRules[i])
	}
	for i := range c.LocationRules {
		k.locationRule(&c.LocationRules[i])
	}
	for i := range c.Activities {
		k.activity(&c.Activities[i])
	}
	for i := range c.Statements {
		k.statement(c, &c.Statements[i])
	}
	k.linesWithin(c.Notice.Length)
}

// checker holds the ids that references may point to.
type checker struct {
	*loader
	ids   map[Field]map[events.Code]bool
	rules map[RuleID]bool
}

// fieldTrigger and fieldRight are namespaces of the check alone.
const (
	fieldTrigger Field = "trigger"
	fieldRight   Field = "right"
	fieldPlaces  Field = "location rule"
)

func (k *checker) rule(id *RuleID) {
	if *id != "" && k.rules[*id] {
		k.failAt(id, "retention rule %q is defined twice", *id)
	}
	k.rules[*id] = true
}

func (k *checker) id(f Field, what string, id *events.Code) {
	if *id == "" {
		return
	}
	if k.ids[f] == nil {
		k.ids[f] = map[events.Code]bool{}
	}
	if k.ids[f][*id] {
		k.failAt(id, "%s %q is defined twice", what, *id)
	}
	if *id == events.Undeclared || strings.HasPrefix(string(*id), string(events.Undeclared)+".") {
		k.failAt(id, "%s: %q is kept for codes that no catalogue knows", what, *id)
	}
	k.ids[f][*id] = true
}

func (k *checker) gather(c *Catalogue) {
	for i := range c.Systems {
		k.id(FieldSystem, "system", &c.Systems[i].ID)
	}
	for i := range c.SubjectTypes {
		k.id(FieldSubjectType, "subject type", &c.SubjectTypes[i].ID)
	}
	for i := range c.Categories {
		k.id(FieldCategory, "category", &c.Categories[i].ID)
		k.elements("item", c.Categories[i].Items)
	}
	for i := range c.Sources {
		k.id(FieldSource, "source", &c.Sources[i].ID)
	}
	for i := range c.Recipients {
		k.id(FieldRecipient, "recipient", &c.Recipients[i].ID)
		for j := range c.Recipients[i].Instances {
			k.id(FieldRecipient, "recipient", &c.Recipients[i].Instances[j].ID)
		}
	}
	for i := range c.Milestones {
		k.trigger("milestone", &c.Milestones[i].ID)
	}
	for i := range c.Circumstances {
		k.trigger("circumstance", &c.Circumstances[i].ID)
	}
	for i := range c.RetentionRules {
		k.rule(&c.RetentionRules[i].ID)
	}
	for i := range c.Activities {
		k.id(FieldActivity, "activity", &c.Activities[i].ID)
		k.elements("sub-purpose", c.Activities[i].SubPurposes)
	}
	for i := range c.Rights {
		k.id(fieldRight, "right", &c.Rights[i].ID)
	}
	for i := range c.LocationRules {
		k.id(fieldPlaces, "location rule", &c.LocationRules[i].ID)
	}
}

func (k *checker) trigger(what string, id *events.Code) {
	k.id(fieldTrigger, what, id)
	if (Trigger{Code: *id}).Builtin() {
		k.failAt(id, "%s: %q is a trigger that every catalogue has", what, *id)
	}
}

func (k *checker) elements(what string, list []Element) {
	seen := map[events.Code]bool{}
	for i := range list {
		if seen[list[i].ID] {
			k.failAt(&list[i].ID, "%s %q is defined twice", what, list[i].ID)
		}
		seen[list[i].ID] = true
	}
}

func (k *checker) ref(what string, f Field, id *events.Code) {
	if *id != "" && !k.ids[f][*id] {
		k.failAt(id, "%s %q is not defined in this catalogue", what, *id)
	}
}

func (k *checker) refs(what string, f Field, list []events.Code) {
	for i := range list {
		k.ref(what, f, &list[i])
		if slices.Contains(list[:i], list[i]) {
			k.failAt(&list[i], "%s %q stands twice in one list", what, list[i])
		}
	}
}

func (k *checker) country(c *events.Code) {
	if *c != "" && !isCountry(*c) {
		k.failAt(c, "country %q: want an ISO 3166 code of two letters, such as gb", *c)
	}
}
