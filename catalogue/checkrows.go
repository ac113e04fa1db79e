package catalogue

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

func (k *checker) system(s *System) {
	if s.ID.System() != "" {
		k.failAt(&s.ID, "system %q: want an id without a dot", s.ID)
	}
	if s.Primary == "" {
		if s.Owner == Own {
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
	case c.Special && c.Kind == "":
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
	if r := &a.Retention.Rule; *r != "" && !k.rules[*r] {
		k.failAt(r, "retention rule %q is not defined in this catalogue", *r)
	}
	k.triggers(&a.Retention.Trigger, a.Retention.Triggers, &a.Retention.Join)
	for i := range a.LawfulBasis {
		if !knownBasis(a.LawfulBasis[i]) {
			k.failAt(&a.LawfulBasis[i], "lawful basis %q: want one of %s", a.LawfulBasis[i], basisNames())
		}
	}
	if (a.BasisStatus == BasisNoneStated) != (len(a.LawfulBasis) == 0) {
		k.failAt(a, "activity %q: basis_status %s does not agree with %d lawful bases", a.ID, a.BasisStatus, len(a.LawfulBasis))
	}
}

func (k *checker) triggers(one *Trigger, many []Trigger, join *Join) {
	all := many
	if !one.IsZero() {
		if len(many) > 0 {
			k.failAt(one, "want either trigger or triggers, not both")
		}
		all = []Trigger{*one}
	}
	if len(many) > 1 && *join == "" {
		k.failAt(&many[0], "several triggers: key \"join\" is missing; want later or earlier")
	}
	if *join != "" && len(many) < 2 {
		k.failAt(join, "join needs at least two triggers")
	}
	for i, t := range all {
		at := any(one)
		if one.IsZero() {
			at = &many[i]
		}
		switch {
		case t.Right != "" && len(k.ids[fieldRight]) > 0 && !k.ids[fieldRight][t.Right]:
			k.failAt(at, "right %q is not defined in this catalogue", t.Right)
		case !t.Builtin() && !k.ids[fieldTrigger][t.Code]:
			k.failAt(at, "trigger %q is neither a milestone nor a circumstance of this catalogue", t.Code)
		case slices.Contains(all[:i], t):
			k.failAt(at, "trigger %q stands twice", t)
		}
	}
}
