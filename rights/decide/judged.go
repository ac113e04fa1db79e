package decide

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// A judged holding is one with everything that was declared about it at hand.
type judged struct {
	e     *Engine
	c     *Case
	p     *Person
	h     *Holding
	on    events.Date
	right catalogue.RightKind

	act      *catalogue.Activity // nil: not declared
	category *catalogue.Category // nil: not declared
	element  *catalogue.Element  // nil: none, or not declared
	outside  bool                // the category stands in no list of its row
	child    bool                // the kind of person is a child
	special  bool
	criminal bool
	st       retention.Status
	held     []*retention.Hold // that stand and cover it

	basis      basisState
	bases      []events.Code // those that may be meant
	conditions []events.Code
	keys       []string // decisions that the answer rests on
	findings   []string
}

// basisState says how surely the lawful basis is known.
type basisState uint8

const (
	noRow         basisState = iota // no declared activity
	noBasis                         // declared without one
	unmapped                        // several, and nobody said which is meant here
	stated                          // one
	severalStated                   // several, all of them stated for this purpose
)

func (e *Engine) judge(c *Case, p *Person, held []Holding, on events.Date) []judged {
	times := make([]retention.Holding, len(held))
	for i := range held {
		times[i] = held[i].Holding
	}
	out := make([]judged, len(held))
	for i, st := range e.clocks.All(&p.Person, times, on) {
		j := &out[i]
		*j = judged{e: e, c: c, p: p, h: &held[i], on: on, st: st, keys: slices.Clone(st.Decisions)}
		for n := range p.Holds {
			if x := &p.Holds[n]; x.Stands(on) && x.Scope.Covers(&j.h.Holding) {
				j.held = append(j.held, x)
			}
		}
		slices.SortFunc(j.held, func(a, b *retention.Hold) int { return strings.Compare(a.ID, b.ID) })
		j.declare()
		if st.Lengthened {
			j.note("RETENTION_LENGTHENED")
		}
	}
	return out
}

// declare reads what the catalogue in force at receipt says of the holding.
func (j *judged) declare() {
	cat, h := j.e.cat, j.h
	if x, ok := cat.Activity(h.Activity.Code); ok {
		j.act = x
	}
	if x, ok := cat.Category(h.Category.Code); ok {
		j.category = x
		j.special, j.criminal = x.Special, x.Criminal
	}
	if x, ok := cat.Element(h.Category); ok {
		j.element = x
	}
	if t, ok := cat.SubjectType(h.SubjectType); ok {
		j.child = t.Child
	}
	if j.act == nil {
		if h.Basis != "" {
			j.bases = []events.Code{h.Basis}
		}
		return
	}
	j.outside = len(j.act.Categories) > 0 && (j.act.CategoriesStatus == "" || j.act.CategoriesStatus == catalogue.Stated) &&
		!slices.Contains(j.act.Categories, h.Category.Code)
	if j.outside {
		j.note("CATEGORY_NOT_IN_ROW")
	}
	for _, c := range j.act.Conditions {
		j.conditions = append(j.conditions, c.Article)
	}
	j.ground()
}

// ground finds the lawful basis: as reported with the record, as a person
// decided, or as the row states it.
func (j *judged) ground() {
	key := string(catalogue.DecideBasis) + "." + string(j.act.ID)
	d, decided := j.e.cat.Decision(key)
	switch {
	case j.h.Basis != "":
		j.basis, j.bases = stated, []events.Code{j.h.Basis}
	case decided:
		j.basis, j.bases = stated, []events.Code{events.Code(d.Value.String())}
		j.rests(key)
	case len(j.act.LawfulBasis) == 0:
		j.basis = noBasis
	case j.act.BasisStatus == catalogue.BasisStated && len(j.act.LawfulBasis) > 1:
		j.basis, j.bases = severalStated, j.act.LawfulBasis
		j.note("BASIS_MULTIPLE")
	case j.act.BasisStatus == catalogue.BasisStated:
		j.basis, j.bases = stated, j.act.LawfulBasis
	default:
		j.basis, j.bases = unmapped, j.act.LawfulBasis
		j.note(poolFinding(j.act.BasisStatus))
	}
}

func poolFinding(s catalogue.BasisStatus) string {
	if s == catalogue.BasisPooled {
		return "BASIS_POOLED"
	}
	return "BASIS_CONDITIONAL_UNRESOLVED"
}

func (j *judged) note(finding string) { j.findings = append(j.findings, finding) }

func (j *judged) rests(key string) {
	if !slices.Contains(j.keys, key) {
		j.keys = append(j.keys, key)
	}
}

// gives is the first basis on which a right exists; empty if none gives it. A
// right exists if any stated basis gives it.
func (j *judged) gives(right catalogue.RightKind) (events.Code, Cell) {
	for _, b := range j.bases {
		if c := Applies(right, b, j.conditions, j.e.law, j.c.Received); c.Exists {
			return b, c
		}
	}
	if len(j.bases) == 0 {
		return "", Cell{}
	}
	return "", Applies(right, j.bases[0], j.conditions, j.e.law, j.c.Received)
}

// only reports whether the one basis of the purpose is b.
func (j *judged) only(b events.Code) bool {
	return (j.basis == stated || j.basis == severalStated) && len(j.bases) == 1 && j.bases[0] == b
}

// lawless says why nothing allows the holding: no basis, or no condition for
// data of Article 9 or 10. Where the notice is silent about the whole purpose
// that is a fault of the notice and says nothing of the data: not here.
func (j *judged) lawless() (finding, words string, is bool) {
	switch {
	case j.act == nil:
		return "", "", false
	case j.basis == noBasis:
		return "BASIS_MISSING", "No lawful basis is declared for this purpose.", true
	case j.special && !slices.ContainsFunc(j.conditions, func(c events.Code) bool { return strings.HasPrefix(string(c), "9.2.") }):
		return "SPECIAL_NO_ART9", "It is special category data, and no condition of Article 9 is declared for it.", true
	case j.criminal && !slices.Contains(j.conditions, "10"):
		return "CRIMINAL_NO_ART10", "It is about criminal offences, and no condition of Article 10 is declared for it.", true
	}
	return "", "", false
}

// reveals reports whether a plain element can show special data for which the
// row has no condition.
func (j *judged) reveals() bool {
	if j.element == nil || j.element.Reveals == "" || j.act == nil || len(j.conditions) > 0 {
		return false
	}
	c, ok := j.e.cat.Category(j.element.Reveals)
	return ok && (c.Special || c.Criminal)
}

// careful lists words of material that people may need later: it is looked at,
// where other material without a basis goes.
var careful = []string{"safeguarding", "safeguard", "care", "incident", "incidents", "accident", "complaint", "complaints", "claim", "claims", "litigation"}

// guarded reports whether the material is about safeguarding, care, an incident,
// a complaint or a claim.
func (j *judged) guarded() bool {
	words := []string{string(j.h.Category.Code), string(j.h.Category.Element), string(j.h.Activity.Code)}
	if j.act != nil {
		words = append(words, j.act.Purpose)
	}
	if j.category != nil {
		words = append(words, j.category.Name)
	}
	return slices.ContainsFunc(words, func(w string) bool {
		parts := strings.FieldsFunc(strings.ToLower(w), func(r rune) bool { return (r < 'a' || r > 'z') && r != '\'' })
		return slices.ContainsFunc(parts, func(x string) bool { return slices.Contains(careful, x) })
	})
}

// neverOutput reports whether it is held and in no answer: a password.
func (j *judged) neverOutput() bool {
	return j.h.Marks&events.MarkNeverOutput != 0 || j.element != nil && j.element.NeverOutput
}

// processor reports whether we hold it for somebody else.
func (j *judged) processor() bool {
	if j.h.Controller != "" {
		return true
	}
	if j.act == nil {
		return j.e.cat.Organisation.Role == catalogue.Processor
	}
	key := string(catalogue.DecideRole) + "." + string(j.act.ID)
	if d, ok := j.e.cat.Decision(key); ok {
		j.rests(key)
		return catalogue.Role(d.Value.String()) == catalogue.Processor
	}
	if j.act.Role != "" {
		return j.act.Role == catalogue.Processor
	}
	return j.e.cat.Organisation.Role == catalogue.Processor
}

// item starts a proposal.
func (j *judged) item(o Outcome, c Code, by, reason string) Item {
	m, _ := c.Meaning()
	return Item{Right: j.right, Holding: j.h, Outcome: o, Code: c, Article: m.Article, Reason: reason, ProposedBy: by, AlsoAbout: j.h.AlsoAbout, held: len(j.held) > 0}
}

// time adds until when the holding is kept anyway.
func (j *judged) time(x Item) Item {
	x.Until = j.st.Due
	if x.Until.IsZero() {
		x.WaitsFor = j.waits()
	}
	return x
}

// stay adds until when something is kept, or what it waits for. A day that has
// come is no answer: it waits for what else is named.
func (j *judged) stay(x Item, or string) Item {
	x = j.time(x)
	if x.Until <= j.on {
		x.Until = 0
	}
	if x.Until.IsZero() && x.WaitsFor == "" {
		x.WaitsFor = or
	}
	return x
}

// waits names the events that a clock waits for.
func (j *judged) waits() string {
	if j.st.State != retention.WaitingForTrigger {
		return ""
	}
	names := make([]string, len(j.st.Triggers))
	for i, t := range j.st.Triggers {
		names[i] = t.String()
	}
	return strings.Join(names, " or ")
}

// past reports whether the end of the period has come and the end asks for the
// data to go.
func (j *judged) past() bool {
	switch j.st.State {
	case retention.Due, retention.Overdue, retention.Paused:
		return true
	}
	return j.st.State == retention.OnHold && !j.st.Due.IsZero() && j.st.Due <= j.on
}

// erases reports whether the end of the period is the end of the data.
func (j *judged) erases() bool {
	return j.st.AtEnd == "" || j.st.AtEnd == catalogue.AtEndErase || j.st.AtEnd == catalogue.AtEndReturn
}
