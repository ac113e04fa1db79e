package catalogue

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// Declared reports whether the catalogue knows a code in a place of an event.
// Places whose codes the sources choose (dataset, channel, condition, ...) hold
// any code. An element or a sub-purpose is looked for in every category or
// activity; DeclaredCategory and DeclaredActivity check the pair. The word
// "undeclared" is a legal activity. A place that is no place declares nothing.
func (c *Catalogue) Declared(f Field, code events.Code) bool {
	x := &c.index
	var ok bool
	switch f {
	case FieldSystem:
		_, ok = x.systems[code]
	case FieldActivity:
		_, ok = x.activities[code]
		ok = ok || code == events.Undeclared
	case FieldSubPurpose:
		ok = x.anyPurpose[code]
	case FieldCategory:
		_, ok = x.categories[code]
	case FieldElement:
		ok = x.anyElement[code]
	case FieldSubjectType:
		_, ok = x.types[code]
	case FieldRecipient, FieldController:
		_, ok = x.recipients[code]
	case FieldSource:
		if _, ok = x.sources[code]; !ok {
			_, ok = x.recipients[code]
		}
	case FieldMilestone:
		_, ok = x.milestones[code]
	case FieldBasis:
		ok = knownBasis(code)
	case FieldCountry:
		ok = isCountry(code)
	case FieldDataset, FieldChannel, FieldCondition, FieldPlace, FieldSafeguard, FieldLegalDuty,
		FieldGround, FieldWording, FieldLogic, FieldNoticeVersion, FieldEvidence, FieldWhy:
		ok = true
	}
	return ok
}

// DeclaredActivity checks an activity and the purpose within it, if it names
// one.
func (c *Catalogue) DeclaredActivity(a events.Activity) bool {
	if a.SubPurpose == "" {
		return c.Declared(FieldActivity, a.Code)
	}
	_, ok := c.index.purposes[a]
	return ok
}

// DeclaredCategory checks a category and its element, if it names one.
func (c *Catalogue) DeclaredCategory(cat events.Category) bool {
	if cat.Element == "" {
		return c.Declared(FieldCategory, cat.Code)
	}
	_, ok := c.index.elements[cat]
	return ok
}

// PrimaryKind is the kind of identifier by which a system itself tells people
// apart; empty where the catalogue does not say, and then an event of that
// system is not anchored.
func (c *Catalogue) PrimaryKind(system events.Code) events.Code {
	if s, ok := c.index.systems[system]; ok {
		return s.Primary
	}
	return ""
}

// Anchors reports whether an identifier of this kind, standing first in an event
// of the system, names the person by itself: the system's primary kind, a local
// kind of the system, or a globally unique kind.
func (c *Catalogue) Anchors(system, kind events.Code) bool {
	if kind == "" {
		return false
	}
	if kind == c.PrimaryKind(system) {
		return true
	}
	of := kind.System()
	return of == system || (of == "" && events.StrengthOf(kind) == events.Unique)
}

// MayJoin reports whether the catalogue lets any two systems be joined by an
// identifier of this kind.
func (c *Catalogue) MayJoin(kind events.Code) bool { return c.index.joins[kind] > 1 }

// MayJoinSystems reports whether the catalogue lets these two systems be joined
// by an identifier of this kind: each of them must list it.
func (c *Catalogue) MayJoinSystems(kind, a, b events.Code) bool {
	if a == b {
		return true
	}
	return c.listsJoin(kind, a) && c.listsJoin(kind, b)
}

func (c *Catalogue) listsJoin(kind, system events.Code) bool {
	s, ok := c.index.systems[system]
	return ok && slices.Contains(s.Joins, kind)
}

// IsPersonal reports whether the category is personal data at all.
func (c *Category) IsPersonal() bool { return c.Personal == nil || *c.Personal }

// IsDeclared reports whether the notice lists the category itself.
func (c *Category) IsDeclared() bool { return c.Declared == nil || *c.Declared }

// IsDeclared reports whether the notice names the kind of person itself.
func (t *SubjectType) IsDeclared() bool { return t.Declared == nil || *t.Declared }

// HasRecipient reports whether the activity names the recipient, or the class
// it is an instance of.
func (a *Activity) HasRecipient(r *Recipient) bool {
	return slices.Contains(a.Recipients, r.ID) || (r.Class != "" && slices.Contains(a.Recipients, r.Class))
}

// HasCategory reports whether the activity names the category.
func (a *Activity) HasCategory(id events.Code) bool { return slices.Contains(a.Categories, id) }
