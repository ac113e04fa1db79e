package decide

import (
	"cmp"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// A Holding is what the law reads of one holding. The part that the clocks read
// is the one of rights/retention.
type Holding struct {
	retention.Holding
	ID         string // unique within one plan
	Controller events.Code
	Medium     events.Medium
	Provenance events.Provenance
	Marks      events.Marks
	Basis      events.Code // reported with the record, where it differs from its row
	LegalDuty  events.Code // likewise: the law that asks for it
	Within     events.Ref  // the larger record it sits in
	// AlsoAbout is how many other people the same item is about.
	AlsoAbout int
	// CopyOfHeld is set on what was stored after receipt and is a copy of what
	// was held then: a migration, a restored record.
	CopyOfHeld bool
	// Contested is set while nobody has decided whether the record is this
	// person's.
	Contested bool
	// NotToBeTold is set where the person must not learn that it is held.
	NotToBeTold *Silence
	Disclosures []Disclosure
}

// A Disclosure is a recipient that received the holding.
type Disclosure struct {
	Recipient events.Code // of the catalogue, or empty for a person
	Person    events.Ref  // where the recipient is a person
	ActingAs  events.Code // processor or controller; empty: as the catalogue has it
	Medium    events.Medium
	// InquiryOnly is set on an authority that received the data in one inquiry:
	// it is no recipient in the sense of the law (Article 4(9)).
	InquiryOnly bool
	// Barred is set where telling the recipient would defeat why it received it.
	Barred bool
	// NotToBeTold is set where the person must not learn of the recipient.
	NotToBeTold *Silence
}

// A Silence says why the person is not told, and when that is looked at again.
type Silence struct {
	Ground events.Code
	Review events.Date
}

// A Person is what happened around the holdings of one person.
type Person struct {
	retention.Person
	Objections []Objection
	// Assessments are what people found and put on record: the balance of an
	// objection, an exemption, the opinion of a health professional.
	Assessments []Assessment
	Automated   []AutomatedDecision
	Deceased    events.Date
	Minor       bool // under age on the day of the request
	// Age is the age on that day, where it is known; it decides nothing but who
	// asks for a child.
	Age           int
	LacksCapacity bool
	Identifiable  *bool // false: the records cannot be tied to who asks (Article 11)
}

// An Objection is one that stands: to an activity, or to direct marketing.
type Objection struct {
	Activity  events.Activity // empty with Marketing
	Marketing bool
	Channels  []events.Code // none: all
	On        events.Date
}

// An AssessmentKind is what a person has looked into.
type AssessmentKind string

const (
	Override         AssessmentKind = "override"          // Article 21(1): do compelling grounds override?
	Claims           AssessmentKind = "claims"            // Article 17(3)(e): a named claim or limitation date
	PublicTask       AssessmentKind = "public_task"       // Article 17(3)(b): does the task still need it?
	Research         AssessmentKind = "research"          // Article 17(3)(d): would erasing seriously impair it?
	Expression       AssessmentKind = "expression"        // Article 17(3)(a)
	Exemption        AssessmentKind = "exemption"         // of a schedule of the Data Protection Act 2018, in Code
	LegalErasure     AssessmentKind = "legal_erasure"     // Article 17(1)(e): a law asks to erase it
	Malicious        AssessmentKind = "malicious"         // Article 17(1)(g)
	Accuracy         AssessmentKind = "accuracy"          // Article 16: is it wrong?
	ThirdParty       AssessmentKind = "third_party"       // Article 15(4): may others' data be given?
	HealthOpinion    AssessmentKind = "health_opinion"    // DPA 2018, Schedule 3: would telling do serious harm?
	KnownToSubject   AssessmentKind = "known_to_subject"  // the person knows it already
	NoLongerNeeded   AssessmentKind = "no_longer_needed"  // Article 17(1)(a)
	HumanInvolvement AssessmentKind = "human_involvement" // of an automated decision
)

// An Assessment is what a named person found about the holdings in a scope.
type Assessment struct {
	Kind  AssessmentKind
	Scope retention.Scope
	// Holds is the answer to the question of the kind: true where the grounds
	// override, the task needs it, the exemption applies, the data is wrong, the
	// others' data may be given, telling would do harm.
	Holds bool
	Code  events.Code // exemption, or law
	Ref   string      // case, claim or file it rests on; never a person's name
	Until events.Date // the last day, where there is one
	// Review is the day on which it is looked at again.
	Review events.Date
	By     string
	On     events.Date
}

// An AutomatedDecision is a decision about the person that a system reported.
type AutomatedDecision struct {
	Activity  events.Code
	Alone     bool // without meaningful human involvement
	Profiling bool
	Weighty   bool // of legal or similarly significant effect
	On        events.Date
}

// assessment is the latest word of a kind about a holding that stands on a day.
func (p *Person) assessment(kind AssessmentKind, h *Holding, on events.Date) (best *Assessment) {
	for i := range p.Assessments {
		a := &p.Assessments[i]
		if a.Kind != kind || a.On > on || a.By == "" || !a.Scope.Covers(&h.Holding) {
			continue
		}
		if best == nil || a.after(best) {
			best = a
		}
	}
	return best
}

// after reports whether a is the later word. Of two words of one day the one that
// finds the ground counts, so that their order never matters.
func (a *Assessment) after(b *Assessment) bool {
	holds := func(x *Assessment) int {
		if x.Holds {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(holds(a), holds(b)), cmp.Compare(a.Until, b.Until), cmp.Compare(a.Review, b.Review),
		cmp.Compare(b.Code, a.Code), cmp.Compare(b.Ref, a.Ref), cmp.Compare(b.By, a.By)) > 0
}

// objected reports whether a standing objection reaches the activity.
func (p *Person) objected(h *Holding, on events.Date) bool {
	return slices.ContainsFunc(p.Objections, func(o Objection) bool {
		return !o.Marketing && o.On <= on && o.Activity.Code == h.Activity.Code &&
			(o.Activity.SubPurpose == "" || o.Activity.SubPurpose == h.Activity.SubPurpose)
	})
}
