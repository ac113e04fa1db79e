package decide

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// Config is what an Engine judges by.
type Config struct {
	// AtReceipt is the catalogue in force when the request came: a basis is not
	// changed after the event to defeat a right.
	AtReceipt *catalogue.Catalogue
	// Current is the catalogue in force; how long data is kept is judged by it.
	Current *catalogue.Catalogue
	// Clocks answers until when a holding is kept, by Current.
	Clocks *retention.Engine
}

// An Engine plans cases. It keeps nothing and is safe for concurrent use.
type Engine struct {
	cat, now *catalogue.Catalogue
	clocks   *retention.Engine
	law      Jurisdiction
	rows     []row
}

// New returns an engine. AtReceipt and Clocks may be left out: then the current
// catalogue judges everything.
func New(c Config) *Engine {
	if c.AtReceipt == nil {
		c.AtReceipt = c.Current
	}
	if c.Clocks == nil {
		c.Clocks = retention.New(c.Current, nil)
	}
	return &Engine{cat: c.AtReceipt, now: c.Current, clocks: c.Clocks, law: JurisdictionOf(c.AtReceipt.Organisation.Jurisdiction), rows: erasureRows()}
}

// Plan proposes one item for each holding and right, as of the end of a day. The
// order of the input never matters. Errors: ErrBeforeReceipt, ErrCase.
func (e *Engine) Plan(c *Case, p *Person, held []Holding, on events.Date) (*Plan, error) {
	if err := c.check(held, on); err != nil {
		return nil, err
	}
	held = slices.Clone(held)
	slices.SortFunc(held, compare)
	who := *p
	who.Requests = c.requests(p)
	list := e.judge(c, &who, held, on)
	plan := &Plan{Received: c.Received, Due: c.Due, On: on, Items: make([]Item, 0, len(held)*len(c.Rights))}
	for _, right := range Rights() {
		if !slices.Contains(c.Rights, right) {
			continue
		}
		items := make([]Item, len(list))
		for i := range list {
			items[i] = list[i].under(right)
		}
		if right == catalogue.RightErasure {
			e.record(list, items)
			e.floor(list, items)
			detach(list, items)
		}
		for i := range items {
			list[i].finish(&items[i])
		}
		plan.Items = append(plan.Items, items...)
	}
	return plan, nil
}

// A RightOf says whether a right reaches a holding, and by which article it does
// or does not.
type RightOf struct {
	Right catalogue.RightKind
	Cell
}

// RightsOf lists the rights of a person about one holding by the law of a day, as
// an answer to access has to tell them (Article 15(1)(e)). Where several bases are
// stated a right exists if any of them gives it.
func (e *Engine) RightsOf(h *Holding, on events.Date) []RightOf {
	j := judged{e: e, c: &Case{Received: on}, p: &Person{}, h: h, on: on}
	j.declare()
	out := make([]RightOf, 0, len(Rights()))
	for _, r := range Rights() {
		cell, always := onAnyBasis[r]
		if !always {
			_, cell = j.gives(r)
		}
		if r == catalogue.RightMarketing && !j.isMarketing() {
			cell = Cell{Article: "21(2)"}
		}
		if r == catalogue.RightAutomated {
			cell = Cell{Exists: true, Test: "a decision by a machine alone, of legal or similar effect", Article: "22"}
			if InForce(AutomatedSafeguard, e.law, on) {
				cell.Article = "22A to 22D"
			}
		}
		out = append(out, RightOf{r, cell})
	}
	return out
}

// compare puts holdings in the order in which people read them.
func compare(a, b Holding) int {
	return cmp.Or(
		cmp.Compare(a.System, b.System), cmp.Compare(a.Dataset, b.Dataset),
		cmp.Compare(a.Activity.Code, b.Activity.Code), cmp.Compare(a.Activity.SubPurpose, b.Activity.SubPurpose),
		cmp.Compare(a.Category.Code, b.Category.Code), cmp.Compare(a.Category.Element, b.Category.Element),
		bytes.Compare(a.Item.Handle[:], b.Item.Handle[:]), bytes.Compare(a.Handle[:], b.Handle[:]), cmp.Compare(a.ID, b.ID))
}

// under proposes what follows for a holding from one right. What stands before
// every right is looked at first.
func (j *judged) under(right catalogue.RightKind) Item {
	j.right = right
	if x, done := j.before(); done {
		return x
	}
	switch right {
	case catalogue.RightErasure:
		return j.erasure()
	case catalogue.RightAccess:
		return j.access()
	case catalogue.RightPortability:
		return j.portability()
	case catalogue.RightRectification:
		return j.rectification()
	case catalogue.RightRestriction:
		return j.restriction()
	case catalogue.RightObjection:
		return j.objection()
	case catalogue.RightMarketing:
		return j.marketing()
	case catalogue.RightWithdrawConsent:
		return j.withdrawal()
	case catalogue.RightAutomated:
		return j.automated()
	}
	return j.complaint()
}

// before looks at what comes before the right itself: rows 0a to 0d, the death
// of the person, and what was not asked.
func (j *judged) before() (Item, bool) {
	c, p, h := j.c, j.p, j.h
	switch {
	case h.Removed:
		return j.item(None, NotAffected, "removed", "It is no longer held."), true
	case !p.Deceased.IsZero() && p.Deceased <= j.on:
		x := j.item(None, NotAffected, "death of the person", "The person has died. Rights of data protection end with death; how long the data is kept does not change.")
		x.Article = "recital 27"
		x.person("deceased")
		return j.time(x), true
	case !c.asks(h):
		return j.time(j.item(None, NotAsked, "scope of the request", "The request does not speak of this.")), true
	}
	if x, done := j.request(); done {
		return x, true
	}
	if j.processor() {
		x := j.item(Refer, ReferController, "row 0c", "It is held for somebody else, who decides about it; the request is passed on.")
		return x, true
	}
	if h.Stored > c.Received && !h.CopyOfHeld && !j.futureToo() && !j.copied() {
		x := j.item(None, NotHeldAtReceipt, "row 0d", "It was not held on "+catalogue.PlainDate(c.Received)+", when the request came.")
		return j.time(x), true
	}
	return Item{}, false
}

// futureToo reports whether the right binds what comes later as well: marketing
// after an objection to it, and a purpose after the end of consent.
func (j *judged) futureToo() bool {
	return j.right == catalogue.RightMarketing || j.right == catalogue.RightWithdrawConsent
}

// copied reports whether what came after receipt is in the answer as well: in the
// Union a copy is of the day of the answer, in the United Kingdom of the day of
// receipt, with the ordinary changes since then said.
func (j *judged) copied() bool {
	return (j.right == catalogue.RightAccess || j.right == catalogue.RightPortability) && InForce(CopiesAtAnswer, j.e.law, j.c.Received)
}

// request is what is decided for the whole request: rows 0a and 0b, and who asks.
// Article 12(5)-(6) speaks of the rights of Articles 15 to 22: nobody is asked to
// prove who they are in order to end marketing or consent.
func (j *judged) request() (Item, bool) {
	c, p := j.c, j.p
	if j.futureToo() {
		if j.right == catalogue.RightMarketing {
			return Item{}, false
		}
		return j.asker()
	}
	if r := c.Refusal; r != nil {
		x := j.item(None, RefuseUnfounded, "row 0a", "A person found the request manifestly unfounded.")
		if r.Excessive {
			x = j.item(None, RefuseExcessive, "row 0a", "A person found the request excessive.")
		}
		x.person("row 0a")
		return x, true
	}
	unknown := p.Identifiable != nil && !*p.Identifiable && j.right != catalogue.RightObjection && j.right != catalogue.RightAutomated
	switch {
	case c.Identity == IdentityFailed || unknown:
		x := j.item(None, RefuseID, "row 0b", "It could not be shown whose data this is.")
		x.person("identity not proven")
		return x, true
	case c.Identity == IdentityDoubted:
		x := j.item(None, WaitID, "row 0b", "There are reasonable doubts about who asks, and the information asked for has not come.")
		x.WaitsFor = "identity"
		return x, true
	}
	return j.asker()
}

// asker looks at who asks for somebody else. A child who can decide decides; in
// Scotland a child of 12 is presumed to (Age of Legal Capacity (Scotland) Act
// 1991, section 2(4A)).
func (j *judged) asker() (Item, bool) {
	a := j.c.Asker
	wait := func(why string) (Item, bool) {
		x := j.item(None, WaitAuthority, "row 0b", why)
		x.WaitsFor = "authority"
		if a.As == Parent {
			x.person("about a child")
		}
		return x, true
	}
	able := a.Nation == "scotland" && j.p.Age >= 12
	if a.Competent != nil {
		able = *a.Competent
	}
	switch {
	case a.As == Self:
		return Item{}, false
	case a.As == Parent && able:
		return wait("The child can decide, and has to say so.")
	case !a.Evidence:
		return wait("Nothing shows yet that whoever asks may do so.")
	}
	return Item{}, false
}

// finish adds what every item needs: who is told, and whether a person decides.
func (j *judged) finish(x *Item) {
	if x.Outcome != None && !x.Binding {
		j.persons(x)
	}
	if len(j.bases) > 0 && (x.Outcome == Retain || x.Outcome == None && x.Code == NotAffected && !j.h.Removed) {
		x.RestsOn = j.bases[0]
	}
	j.address(x)
	if x.Binding {
		x.Because = nil // it holds from receipt and waits for nobody
	}
	x.NeedsPerson = len(x.Because) > 0
	for _, k := range j.keys {
		if d, ok := j.e.now.Decision(k); ok && d.Assumed() && x.Outcome != None {
			x.Assumed = append(x.Assumed, d)
		}
	}
	for _, f := range j.findings {
		x.find(f)
	}
	slices.Sort(x.Findings)
	rerun(x)
}

// persons adds why a person has to decide although no row says so.
func (j *judged) persons(x *Item) {
	if x.Outcome == Review {
		x.person("review")
	}
	for _, c := range []struct {
		is  bool
		why string
	}{
		{j.special, "special category"},
		{j.criminal, "criminal offences"},
		{j.p.Minor || j.child || j.h.Marks&events.MarkChildISS != 0, "about a child"},
		{j.p.LacksCapacity, "capacity"},
		{j.h.AlsoAbout > 0, "about others too"},
		{j.h.Contested, "contested join"},
		{j.st.Lengthened && x.Code == EraseRetentionExpired, "kept longer than said at collection"},
	} {
		if c.is {
			x.person(c.why)
		}
	}
}

// rerun lists what makes the answer new.
func rerun(x *Item) {
	if !x.Until.IsZero() {
		x.Rerun = append(x.Rerun, x.Until.String())
	}
	if x.WaitsFor != "" {
		x.Rerun = append(x.Rerun, x.WaitsFor)
	}
	for range x.BlockedBy {
		x.Rerun = append(x.Rerun, "request_answered")
		break
	}
	if x.Outcome == Review || x.NeedsPerson {
		x.Rerun = append(x.Rerun, "decided")
	}
}

func (x *Item) person(why string) {
	if !slices.Contains(x.Because, why) {
		x.Because = append(x.Because, why)
	}
	x.NeedsPerson = true
}

func (x *Item) find(f string) {
	if !slices.Contains(x.Findings, f) {
		x.Findings = append(x.Findings, f)
	}
}

func (x *Item) also(a Also) {
	if !slices.Contains(x.Also, a) {
		x.Also = append(x.Also, a)
	}
}
