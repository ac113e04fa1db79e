package observed

import (
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

var aboutCodes = []Rule{
	{ID: "UNDECLARED_CODE", Title: "a code that the catalogue does not name", Source: gdpr + "Articles 5(2), 30(1)",
		Remedy: "Declare what the code stands for, or correct the source.", kinds: anything, find: undeclaredCode},
	{ID: "SYSTEM_UNDECLARED", Title: "a system reports that the catalogue does not name", Source: gdpr + "Articles 5(2), 30(1)",
		Remedy: "Declare the system, or find out why it holds the data.", kinds: anything, find: systemUndeclared},
}

// undeclaredCode tells which codes of a body the catalogue does not know. The
// text behind such a code stays sealed; a recipient has a rule of its own.
func undeclaredCode(b *body, add adder) {
	e, cat := b.e, b.cat
	tell := func(name string, code events.Code, declared bool, what string) {
		if code != "" && !declared {
			add(Warn, About{OnSystem: string(e.Source)}.with(name, code), "the system reports "+what+" that the catalogue does not name")
		}
	}
	tell(OnActivity, events.Code(e.Activity.String()), cat.DeclaredActivity(e.Activity), "an activity")
	for _, c := range b.categories {
		tell(OnCategory, events.Code(c.String()), c.Code == "" || cat.DeclaredCategory(c), "a kind of data")
	}
	tell(OnSubjectType, e.SubjectType, cat.Declared(catalogue.FieldSubjectType, e.SubjectType), "a kind of person")
	tell(OnController, e.Controller, cat.Declared(catalogue.FieldController, e.Controller), "a controller it holds data for")
	tell(OnSource, e.ObtainedFrom.Code, cat.Declared(catalogue.FieldSource, e.ObtainedFrom.Code), "a source of data")
	tell(OnMilestone, e.Milestone, cat.Declared(catalogue.FieldMilestone, e.Milestone), "a milestone")
	tell(OnBasis, e.Basis, cat.Declared(catalogue.FieldBasis, e.Basis), "a lawful basis")
}

func systemUndeclared(b *body, add adder) {
	if !b.cat.Declared(catalogue.FieldSystem, b.e.Source) {
		add(Warn, About{OnSystem: string(b.e.Source)}, "a system reports that the catalogue does not name")
	}
}
