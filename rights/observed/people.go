package observed

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

var aboutConsent = []Rule{
	{ID: "CONSENT_BY_VISIT", Title: "a visit was taken for consent", Source: gdpr + "Articles 4(11), 7(1), recital 32",
		Remedy: "Ask for a clear act. Treat what rests on such consent as having none.", kinds: []events.Kind{events.ConsentGiven}, find: consentByVisit},
	{ID: "CONSENT_BY_PROXY", Title: "consent was given by somebody else", Source: gdpr + "Articles 4(11), 7(1), 8",
		Remedy: "Ask the person, or record the authority of who spoke for them.", kinds: []events.Kind{events.ConsentGiven}, find: consentByProxy},
	{ID: "DECISION_UNDECLARED", Aliases: names("ADM_UNDECLARED"), Title: "a decision by machine alone that the notice does not tell of", Source: gdpr + "Articles 13(2)(f), 22",
		Remedy: "Tell of it in the notice and offer human review, or put a person into the decision.", kinds: []events.Kind{events.DecisionMade}, find: decisionUndeclared},
}

func consentByVisit(b *body, add adder) {
	if b.e.Method == events.MethodVisit {
		add(Error, b.on(), "consent was taken from a visit; looking at a page is not consenting")
	}
}

// consentByProxy weighs more where the notice says who must consent themselves.
func consentByProxy(b *body, add adder) {
	if b.e.GivenBy == 0 || b.e.GivenBy == events.GivenBySelf {
		return
	}
	verdict, text := Warn, "consent was given by somebody else ("+b.e.GivenBy.String()+")"
	if b.act != nil && len(b.act.ConsentFrom) > 0 && b.e.GivenBy == events.GivenByEmployer {
		verdict, text = Error, text+"; the notice says that the person consents"
	}
	add(verdict, b.on(), text)
}

// decisionUndeclared: only decisions by machine alone with an effect on the
// person are those of Article 22(1).
func decisionUndeclared(b *body, add adder) {
	if !b.e.Automated || !b.e.Significant || (b.act != nil && b.act.Profiling == catalogue.DecisionsByAlone) {
		return
	}
	if (b.act != nil && b.act.Profiling == catalogue.ProfilingDenied) || b.says(catalogue.AboutAutomated, "none") != nil {
		add(Error, b.on(), "a machine alone decided about people, and the notice says that none does")
		return
	}
	if b.says(catalogue.AboutAutomated, "used") == nil {
		add(Review, b.on(), "a machine alone decided about people, and the notice does not tell of it")
	}
}

var aboutPeople = []Rule{
	{ID: "RESURRECTION", Title: "data of a person who had been erased was stored again", Source: gdpr + "Articles 5(1)(a), 17(1)",
		Remedy: "Find where the copy came from, erase it again, and mend the source.", kinds: storing, find: resurrection},
	{ID: "REPORTED_LATE", Title: "an event from before a person's erasure arrived after it", Source: gdpr + "Articles 5(1)(d), 17(1)",
		Remedy: "Nothing, if the source was only behind; else ask why it still holds the data.", kinds: anything, find: reportedLate},
	{ID: "NOT_ANCHORED", Title: "events that do not name people by the system's own number", Source: gdpr + "Articles 5(1)(d), 11",
		Remedy: "Let the source send its own number first in subject, and declare its kind in the catalogue.", kinds: anything, find: notAnchored},
	{ID: "NEVER_OUTPUT_LEFT", Title: "data that may be in no answer left", Source: gdpr + "Articles 5(1)(f), 32", Breach: true,
		Remedy: "Stop the sending, change the secret, and judge whether it is a personal data breach.", kinds: leaving, find: neverOutputLeft},
	{ID: "CHILD_NOT_EXPECTED", Title: "data of children, which the notice says it does not take", Source: gdpr + "Articles 8, 17(1)(f), recital 38",
		Remedy: "Erase it, or state how children are dealt with.", kinds: anything, find: childNotExpected},
	{ID: "SUBJECT_NOT_EXPECTED", Title: "data of people with whom the notice says it does not deal", Source: gdpr + "Articles 5(1)(a), 13, 14",
		Remedy: "Stop, or state in the notice what is done with it.", kinds: anything, find: subjectNotExpected},
}

func resurrection(b *body, add adder) {
	if b.e.Flags&events.Resurrection == 0 {
		return
	}
	on := b.on()
	if len(b.categories) == 0 {
		add(Error, on, "data of a person who had been erased was stored again")
	}
	for _, c := range b.categories {
		add(Error, on.with(OnCategory, events.Code(c.String())), "data of a person who had been erased was stored again")
	}
}

func reportedLate(b *body, add adder) {
	if b.e.Flags&events.Late != 0 {
		add(Info, About{OnSystem: string(b.e.Source)}, "an event from before a person's erasure arrived after it")
	}
}

// notAnchored leaves out what habeas itself says.
func notAnchored(b *body, add adder) {
	if b.e.Flags&events.Anchored == 0 && !b.e.Kind.Internal() {
		add(Info, About{OnSystem: string(b.e.Source)}, "events of this system do not name people by the system's own number")
	}
}

// neverOutputLeft: such data may be held, a password for example; it may not be
// shared, sent or printed.
func neverOutputLeft(b *body, add adder) {
	if b.e.Kind == events.RecordUsed && b.e.Action != events.ActionSent && b.e.Action != events.ActionPrinted {
		return
	}
	for _, c := range b.categories {
		item, ok := b.cat.Element(c)
		if (ok && item.NeverOutput) || b.e.Marks&events.MarkNeverOutput != 0 {
			on := b.on().with(OnCategory, events.Code(c.String()))
			if b.e.Kind == events.RecordShared {
				on = on.with(OnRecipient, b.recipientCode())
			}
			add(Error, on, "data that may be in no answer was "+leftWord(b.e))
		}
	}
}

func leftWord(e *events.Event) string {
	switch {
	case e.Kind == events.RecordShared:
		return "shared"
	case e.Action == events.ActionPrinted:
		return "printed"
	}
	return "sent"
}

// childNotExpected: a kind of person that is a child and not expected, or a
// notice for adults only and somebody under age. A row made for them, such as
// erasing what was found, is no finding.
func childNotExpected(b *body, add adder) {
	on := About{OnSystem: string(b.e.Source)}
	text := "data is of a child, and the notice says that it takes none"
	if b.e.Kind == events.PersonState {
		if b.e.State == events.StateMinor && b.says(catalogue.AboutChildren, "adults_only", "not_expected") != nil {
			add(Error, on, text)
		}
		return
	}
	t, ok := b.cat.SubjectType(b.e.SubjectType)
	if !ok || !t.Child || (b.act != nil && slices.Contains(b.act.SubjectTypes, t.ID)) {
		return
	}
	denied := t.Expected != nil && !*t.Expected
	if denied || (t.Expected == nil && b.says(catalogue.AboutChildren, "adults_only", "not_expected") != nil) {
		add(Error, b.on().with(OnSubjectType, t.ID), text)
	}
}

func subjectNotExpected(b *body, add adder) {
	t, ok := b.cat.SubjectType(b.e.SubjectType)
	if ok && !t.Child && t.Expected != nil && !*t.Expected && slices.Contains(records, b.e.Kind) {
		add(Review, b.on().with(OnSubjectType, t.ID), "data is of people with whom the notice says it does not deal")
	}
}
