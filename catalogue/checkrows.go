package catalogue

import (
	"github.com/habeas-data/habeas/events"
)

func (k *checker) system(s *System) {
	if s.ID.System() != "" {
		k.failAt(&s.ID, "system %q: want an id without a dot", s.ID)
	}
	if s.Primary == "" {
		if s.Owner == Own && !k.refused[&s.Primary] {
			k.failAt(s, "system %q: key \"primary\" is missing; want the kind of its own identifier, such as %s.person", s.ID, s.ID)
		}
	} else {
		k.primary(s.ID, &s.Primary)
	}
	for i := range s.Joins {
		if events.StrengthOf(s.Joins[i]) == events.Weak || s.Joins[i].System() != "" {
			k.failAt(&s.Joins[i], "system %q: %q cannot join systems; want email, phone, nhs_number, ni_number or passport", s.ID, s.Joins[i])
		}
	}
	k.ref("recipient", FieldRecipient, &s.HostedBy)
	k.country(&s.Country)
	k.refs("category", FieldCategory, s.Holds)
}

// primary checks the kind by which a system names a person.
func (k *checker) primary(system events.Code, kind *events.Code) {
	if of := kind.System(); of != "" && of != system {
		k.failAt(kind, "system %q: %q is an identifier of another system", system, *kind)
	} else if of == "" && events.StrengthOf(*kind) == events.Weak {
		k.failAt(kind, "system %q: %q cannot tell people apart; want %s.<what> or a unique kind", system, *kind, system)
	}
}

// parents checks that every parent exists and that no type is its own ancestor.
func (k *checker) parents(types []SubjectType) {
	parent := map[events.Code]events.Code{}
	for i := range types {
		k.ref("subject type", FieldSubjectType, &types[i].Parent)
		parent[types[i].ID] = types[i].Parent
	}
	for i := range types {
		at := types[i].Parent
		for steps := 0; at != ""; steps++ {
			if at == types[i].ID || steps > len(types) {
				k.failAt(&types[i].Parent, "subject type %q descends from itself", types[i].ID)
				break
			}
			at = parent[at]
		}
	}
}

func (k *checker) category(c *Category) {
	k.refs("subject type", FieldSubjectType, c.SubjectTypes)
	for i := range c.Items {
		k.ref("category", FieldCategory, &c.Items[i].Reveals)
	}
	switch {
	case c.Special && c.Kind == "" && !k.refused[&c.Kind]:
		k.failAt(c, "category %q is special: key \"kind\" is missing; want one of %s", c.ID, specialKindNames())
	case !c.Special && c.Kind != "":
		k.failAt(&c.Kind, "category %q has a kind but is not special", c.ID)
	case c.Kind != "" && !knownSpecialKind(c.Kind):
		k.failAt(&c.Kind, "category %q: kind %q: want one of %s, or one of them with _inferred", c.ID, c.Kind, specialKindNames())
	}
}

func (k *checker) recipient(r *Recipient) {
	k.country(&r.Country)
	k.refs("category", FieldCategory, r.Categories)
	k.refs("subject type", FieldSubjectType, r.SubjectTypes)
	k.refs("activity", FieldActivity, r.Purposes)
	k.refs("recipient", FieldRecipient, r.Onward)
	if r.System.Primary != "" {
		k.primary(r.ID, &r.System.Primary)
	}
	if k.ids[FieldSystem][r.ID] {
		k.failAt(&r.ID, "recipient %q: a system has the same id; every recipient is a system already", r.ID)
	}
	if r.Named && len(r.Instances) > 0 {
		k.failAt(r, "recipient %q is named, so it has no instances", r.ID)
	}
	for i := range r.Instances {
		in := &r.Instances[i]
		k.country(&in.Country)
		if in.ID == "" || in.Name == "" {
			k.failAt(in, "recipient under %q: want an id and a name", r.ID)
		}
		if in.Class != r.ID {
			k.failAt(&in.Class, "recipient %q stands under %q but names the class %q", in.ID, r.ID, in.Class)
		}
	}
}

func (k *checker) activity(a *Activity) {
	k.refs("subject type", FieldSubjectType, a.SubjectTypes)
	k.refs("category", FieldCategory, a.Categories)
	k.refs("recipient", FieldRecipient, a.Recipients)
	k.refs("subject type", FieldSubjectType, a.ExceptTypes)
	k.refs("subject type", FieldSubjectType, a.ConsentFrom)
	k.refs("source", FieldSource, a.Sources)
	k.refs("system", FieldSystem, a.Systems)
	k.refs("activity", FieldActivity, a.StoredIn)
	k.ref("recipient", FieldRecipient, &a.Controller)
	k.parties(a.ContractParty)
	k.retention(&a.Retention)
	k.bases(a.LawfulBasis)
	k.bases(a.Candidates)
	k.conditions(a.Conditions)
	for i := range a.LegalDuties {
		k.refs("category", FieldCategory, a.LegalDuties[i].Categories)
		k.term(&a.LegalDuties[i].Term)
	}
	for i := range a.SourceOf {
		k.ref("category", FieldCategory, &a.SourceOf[i].Category)
		k.refs("source", FieldSource, a.SourceOf[i].Sources)
	}
	if (a.BasisStatus == BasisNoneStated) != (len(a.LawfulBasis) == 0) {
		k.failAt(a, "activity %q: basis_status %s does not agree with %d lawful bases", a.ID, a.BasisStatus, len(a.LawfulBasis))
	}
}
