package rules

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
)

func roleMismatch(v *view, add adder) {
	o := &v.Organisation
	if o.RoleStated != "" && o.Role != "" && o.RoleStated != o.Role {
		add(Error, place{Lines: o.Lines}, "the notice calls the organisation a %s, but what it says it does makes it a %s",
			words([]catalogue.Role{o.RoleStated}), words([]catalogue.Role{o.Role}))
	}
}

func roleMissing(v *view, add adder) {
	o := &v.Organisation
	if o.RoleStatus != catalogue.NotStated && (o.Role != "" || o.RoleStated != "") {
		return
	}
	add(Review, place{Lines: o.Lines}, "the notice does not say whether the organisation is controller or processor")
	for _, a := range v.rows {
		if a.Role != "" && a.RoleStatus != catalogue.Stated {
			add(Review, at(a), "%s: the wording suggests the role of %s, and no role is stated", a.Printed(), words([]catalogue.Role{a.Role}))
		}
	}
}

func authorityAsProcessor(v *view, add adder) {
	for i := range v.Recipients {
		r := &v.Recipients[i]
		if r.Kind == catalogue.KindAuthority && r.StatedAs == catalogue.KindProcessor {
			add(Error, place{Recipient: r.ID, Lines: r.Lines}, "%s is an authority and acts under its own law, but the notice calls it a processor", r.Name)
		}
	}
}

func controllerUnnamed(v *view, add adder) {
	if v.Organisation.Entity == catalogue.NotStated {
		add(Review, place{Lines: v.Organisation.Lines}, "the legal person behind \"we\" is not named")
	}
}

func groupRoleConflict(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutSharing, "on_instruction") {
		for i := range v.Recipients {
			r := &v.Recipients[i]
			if r.Group && bound(s, r) && (r.OwnUse || r.Kind == catalogue.KindController) {
				add(Review, place{Recipient: r.ID}.with(r.Lines, s.Lines),
					"%s has a purpose of its own in one place and acts only on instruction in another", r.Name)
			}
		}
	}
}

// bound reports whether a statement about recipients is about this one.
func bound(s *catalogue.Statement, r *catalogue.Recipient) bool {
	return len(s.Recipients) == 0 || slices.Contains(s.Recipients, r.ID)
}

func instructionOnlyVsOwnUse(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutSharing, "on_instruction") {
		for i := range v.Recipients {
			r := &v.Recipients[i]
			if bound(s, r) && !r.Group && (r.OwnUse || r.Commercial && r.Kind == catalogue.KindProcessor) {
				add(Review, place{Recipient: r.ID}.with(r.Lines, s.Lines),
					"%s uses the data for itself, and recipients are said to act on instruction only", r.Name)
			}
		}
	}
}

func recipientKindAmbiguous(v *view, add adder) {
	for i := range v.Recipients {
		r := &v.Recipients[i]
		if r.Kind == catalogue.KindUnspecified || r.KindStatus == catalogue.Pooled || r.KindStatus == catalogue.Conditional || r.KindStatus == catalogue.NotStated {
			add(Warn, place{Recipient: r.ID, Lines: r.Lines}, "%s: whether it is a processor or a controller is not told", r.Name)
		}
	}
}

func addressMissing(v *view, add adder) {
	o := &v.Organisation
	if o.Address == catalogue.NotStated || o.Address == "" && len(o.Contact) > 0 && !slices.Contains(o.Contact, "post") {
		add(Info, place{Lines: o.Lines}, "no postal contact is given")
	}
}

func dateMissing(v *view, add adder) {
	if v.Updated.IsZero() {
		add(Warn, place{}, "the notice bears no date, so its versions cannot be told apart")
	}
}

func dpoUnnamed(v *view, add adder) {
	if v.Organisation.Officer == catalogue.OfficerExists {
		add(Info, place{Lines: v.Organisation.Lines}, "there is a data protection officer, without a name")
	}
}

// dpoNotNamed: Article 37(1)(b) and (c) ask for an officer where special or
// criminal data is processed on a large scale; (a) asks for one of every public
// authority.
func dpoNotNamed(v *view, add adder) {
	o := &v.Organisation
	if o.Officer != catalogue.OfficerOther && o.Officer != catalogue.OfficerNotStated {
		return
	}
	switch {
	case o.LargeScale:
		add(Warn, place{Lines: o.Lines}, "special or criminal data is processed on a large scale and no data protection officer is mentioned")
	case o.PublicAuthority:
		add(Warn, place{Lines: o.Lines}, "a public authority mentions no data protection officer")
	}
}
