package catalogue

import (
	"strings"

	"github.com/habeas-data/habeas/events"
)

// notDeclared is what a code that no catalogue knows is called. Its text is
// sealed in the vault until a person maps it.
const notDeclared = "not declared in the catalogue"

// Name says a code of an event in plain words. Places that the catalogue does
// not check, and codes it does not know, are said as they stand, with
// underscores as spaces.
func (c *Catalogue) Name(f Field, code events.Code) string {
	if code == "" {
		return ""
	}
	if code == events.Undeclared || strings.HasPrefix(string(code), string(events.Undeclared)+".") {
		return notDeclared
	}
	if name := c.lookupName(f, code); name != "" {
		return name
	}
	return strings.ReplaceAll(string(code), "_", " ")
}

func (c *Catalogue) lookupName(f Field, code events.Code) string {
	x := &c.index
	switch f {
	case FieldSystem:
		if v, ok := x.systems[code]; ok {
			return v.Name
		}
	case FieldActivity, FieldDataset: // a dataset that was not named is its activity
		if v, ok := x.activities[code]; ok {
			return v.Purpose
		}
	case FieldCategory:
		if v, ok := x.categories[code]; ok {
			return v.Name
		}
	case FieldSubjectType:
		if v, ok := x.types[code]; ok {
			return v.Name
		}
	case FieldRecipient, FieldController:
		if v, ok := x.recipients[code]; ok {
			return v.Name
		}
	case FieldSource:
		if v, ok := x.sources[code]; ok {
			return v.Name
		}
		if v, ok := x.recipients[code]; ok {
			return v.Name
		}
	case FieldMilestone:
		if v, ok := x.milestones[code]; ok {
			return v.Name
		}
	case FieldBasis:
		return bases[code]
	case FieldCountry:
		return countries[code]
	}
	return ""
}

// ActivityName says an activity and the purpose within it: "Provide services to
// locums: messages between members".
func (c *Catalogue) ActivityName(a events.Activity) string {
	name := c.Name(FieldActivity, a.Code)
	if a.SubPurpose == "" {
		return name
	}
	if e, ok := c.index.purposes[a]; ok {
		return name + ": " + e.Name
	}
	return name + ": " + c.Name(FieldSubPurpose, a.SubPurpose)
}

// CategoryName says a category and its element: "Identity: copy of photo ID".
func (c *Catalogue) CategoryName(cat events.Category) string {
	name := c.Name(FieldCategory, cat.Code)
	if cat.Element == "" {
		return name
	}
	if e, ok := c.index.elements[cat]; ok {
		return name + ": " + e.Name
	}
	return name + ": " + c.Name(FieldElement, cat.Element)
}

// RecipientName says who received data. A class that has members with names of
// their own is said so: "a dental practice (name not recorded)".
func (c *Catalogue) RecipientName(code events.Code) string {
	r, ok := c.index.recipients[code]
	if ok && !r.Named && r.Class == "" && r.Kind != KindPublic && r.Kind != KindNone {
		return r.Name + " (name not recorded)"
	}
	return c.Name(FieldRecipient, code)
}

// RetentionText says in one sentence how long the data of an activity is kept,
// as the notice has it: "7 years after the account is deleted".
func (c *Catalogue) RetentionText(activity events.Code) string {
	if t, ok := c.index.retention[activity]; ok {
		return t
	}
	return notDeclared
}
