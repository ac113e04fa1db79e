package desk

import (
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/retention"
)

// An answer is everything one reading is made from: what the rows say, the
// catalogue it is read with, and the identifiers that may be shown. It is pure:
// no clock, no store.
type answer struct {
	cat    *catalogue.Catalogue
	folded *inventory.Folded
	// moment is what the answer speaks of: now, or the as-of asked for.
	moment time.Time
	names  map[events.Handle]events.Identifier
	joined map[events.Handle]string // how a handle came to be this person's

	// What stands in the way of erasing, and what the rules make of it all.
	holds    []retention.Hold
	requests []retention.Request
	earlier  func(uint32) *catalogue.Catalogue
	items    map[events.Handle]events.Handle // one name for an item of several
	person   *retention.Person               // made when first asked for, as is statuses
	statuses map[*inventory.Holding]retention.Status
	rules    *retention.Engine
	// said and deeds are the words that stop the use of data and what was done
	// with it, oldest first; deeds are listed only where something was said.
	said  []saying
	deeds []deed
	// told are the bodies of codes that were reported of the person.
	told []reported
}

// directMarketing stands for the activity of an objection to all of it.
const directMarketing = "direct_marketing"

// today is the day the answer speaks of, where the organisation is.
func (a *answer) today() events.Date { return events.DateOf(a.moment) }

// holdings lists what is held, joined with what was declared.
func (a *answer) holdings() []events.Holding {
	out := make([]events.Holding, 0, len(a.folded.Holdings))
	for _, h := range a.folded.Holdings {
		out = append(out, a.holding(h))
	}
	return out
}

func (a *answer) holding(h *inventory.Holding) events.Holding {
	v := events.Holding{
		ID: h.ID(), System: string(h.System), Dataset: string(h.Dataset), Activity: h.Activity.String(), Category: h.Category.String(),
		Item: a.item(h.Item), RecordDate: dateOrNull(h.RecordDate), JoinedBy: a.joined[h.Handle],
		Provenance: word(h.Provenance), ObtainedFrom: a.party(h.ObtainedFrom), SubjectType: string(h.SubjectType),
		Medium: "electronic", Controller: codeOrNull(h.Controller), Country: countryOrNull(h.Country), Marks: h.Marks.Names(),
		FirstSeen: h.First, LastSeen: h.LastMonth(), LastUsed: inventory.Month(h.LastUsed), State: h.State.String(),
		Holds: []string{}, Conditions: []string{}, LawfulBasis: []string{}, Disclosures: []events.Disclosure{},
	}
	if m := h.Medium.String(); m != "" {
		v.Medium = m
	}
	if c, ok := a.cat.Category(h.Category.Code); ok {
		v.Special, v.Criminal = c.Special, c.Criminal
	}
	a.ground(&v, h)
	if h.State == inventory.Removed {
		v.Removed = &events.RemovedView{At: h.Removal.At, How: word(h.Removal.How)}
	}
	for _, s := range h.Stops {
		by := s.By.String()
		if s.Ground != "" {
			by += ":" + string(s.Ground)
		}
		v.RestrictedBy = append(v.RestrictedBy, by)
	}
	if a.stoppedMarketing(h.Activity) {
		v.RestrictedBy = append(v.RestrictedBy, "objection:direct_marketing")
		if v.State == inventory.Held.String() {
			v.State = inventory.Restricted.String()
		}
	}
	v.Retention = a.until(h)
	v.Holds = append(v.Holds, a.status(h).Holds...)
	for _, d := range h.Disclosures {
		v.Disclosures = append(v.Disclosures, a.disclosure(d))
	}
	return v
}

// stoppedMarketing reports whether an activity is direct marketing and the
// person has objected to that as such, by every channel. Only the catalogue
// knows which activities those are.
func (a *answer) stoppedMarketing(activity events.Activity) bool {
	act, ok := a.cat.Activity(activity.Code)
	if !ok || !act.DirectMarketing {
		return false
	}
	for i := range a.folded.Consents {
		c := &a.folded.Consents[i]
		if c.DirectMarketing && c.State == inventory.Objected && c.Channel == "" {
			return true
		}
	}
	return false
}

// ground fills in why the data is held. What the event itself says beats the
// row.
func (a *answer) ground(v *events.Holding, h *inventory.Holding) {
	v.BasisStatus = string(catalogue.BasisNoneStated)
	act, ok := a.cat.Activity(h.Activity.Code)
	if ok {
		v.Purpose = a.cat.ActivityName(h.Activity)
		if act.BasisStatus != "" {
			v.BasisStatus = string(act.BasisStatus)
		}
		for _, b := range act.LawfulBasis {
			v.LawfulBasis = append(v.LawfulBasis, string(b))
		}
		for _, c := range act.Conditions {
			v.Conditions = append(v.Conditions, c.String())
		}
	}
	if h.Basis != "" {
		v.LawfulBasis, v.BasisStatus = []string{string(h.Basis)}, string(catalogue.BasisStated)
	}
}

func (a *answer) disclosure(d *inventory.Disclosure) events.Disclosure {
	v := events.Disclosure{
		Recipient: string(d.Recipient.Code), Kind: string(catalogue.KindUnspecified), Country: countryOrNull(d.TransferTo),
		First: d.First, Last: inventory.Month(d.Last), Count: d.Days, Safeguard: string(d.Safeguard),
		Consideration: word(d.Consideration), Withheld: d.WithheldOn != "", ForActivity: d.For.String(),
	}
	if len(d.Refs) > 0 {
		v.RefKind = string(d.Refs[0].Kind)
	}
	if !d.Recipient.Person.IsZero() {
		v.Recipient, v.Kind, v.Name = "person", string(catalogue.KindIndividual), a.name(d.Recipient.Person)
	} else if r, ok := a.cat.Recipient(d.Recipient.Code); ok {
		v.Name, v.Kind = a.cat.RecipientName(r.ID), string(r.Kind)
		if v.Country == nil {
			v.Country = countryOrNull(r.Country)
		}
	} else {
		v.Name = a.cat.RecipientName(d.Recipient.Code)
	}
	if w := word(d.ActingAs); w != "" {
		v.Kind = w // in this disclosure, whatever it usually is
	}
	return v
}

// loose lists the disclosures of data that no system reported holding.
func (a *answer) loose() []events.LooseDisclosure {
	out := make([]events.LooseDisclosure, 0, len(a.folded.Unmatched))
	for i := range a.folded.Unmatched {
		u := &a.folded.Unmatched[i]
		v := events.LooseDisclosure{System: string(u.System), Dataset: string(u.Dataset), Activity: u.Activity.String(), Category: u.Category.String(),
			Item: a.item(u.Item), Disclosure: a.disclosure(u.Disclosure)}
		if c, ok := a.cat.Category(u.Category.Code); ok {
			v.Special, v.Criminal = c.Special, c.Criminal
		}
		out = append(out, v)
	}
	return out
}

// word is a value's own word, and nothing where the value is absent.
func word(v interface{ String() string }) string { return v.String() }

func (a *answer) item(r events.Ref) *events.ItemView {
	if r.IsZero() {
		return nil
	}
	v := &events.ItemView{Kind: string(r.Kind)}
	if id, ok := a.names[r.Handle]; ok {
		v.Value = id.Value.Expose()
	} else {
		v.Ref = r.Handle.String()
	}
	return v
}

// name shows the identifier behind a handle in a live reply.
func (a *answer) name(r events.Ref) string {
	if id, ok := a.names[r.Handle]; ok {
		return id.Value.Expose()
	}
	return "a person (" + string(r.Kind) + ", no longer known)"
}

func (a *answer) party(p events.Party) *string {
	s := string(p.Code)
	if !p.Person.IsZero() {
		s = a.name(p.Person)
	}
	if s == "" {
		return nil
	}
	return &s
}

func dateOrNull(d events.Date) *string {
	if d.IsZero() {
		return nil
	}
	return text(d)
}

func codeOrNull(c events.Code) *string {
	if c == "" {
		return nil
	}
	s := string(c)
	return &s
}

func countryOrNull(c events.Code) *string {
	if c == "" {
		return nil
	}
	s := catalogue.CountryCode(c)
	return &s
}

// handles lists every handle the answer would show a name for.
func (a *answer) handles(members []events.Handle) []events.Handle {
	out := append([]events.Handle{}, members...)
	add := func(r events.Ref) {
		if !r.IsZero() {
			out = append(out, r.Handle)
		}
	}
	for i := range a.folded.Unmatched {
		add(a.folded.Unmatched[i].Item)
		add(a.folded.Unmatched[i].Recipient.Person)
	}
	for _, h := range a.folded.Holdings {
		add(h.Item)
		add(h.ObtainedFrom.Person)
		for _, d := range h.Disclosures {
			add(d.Recipient.Person)
		}
	}
	return out
}

// consents lists where consents and objections stand, channels gathered.
func (a *answer) consents() []events.ConsentState {
	out := []events.ConsentState{}
	for _, c := range a.folded.Consents {
		v := events.ConsentState{Activity: c.Activity.String(), Channels: []string{}, State: c.State.String(), At: c.At,
			Method: word(c.Method), GivenBy: word(c.GivenBy), System: string(c.System)}
		if c.DirectMarketing {
			v.Activity = directMarketing
		}
		if c.Channel != "" {
			v.Channels = append(v.Channels, string(c.Channel))
		}
		if n := len(out) - 1; n >= 0 && len(v.Channels) > 0 && len(out[n].Channels) > 0 && alike(out[n], v) {
			out[n].Channels = append(out[n].Channels, v.Channels...)
			continue
		}
		out = append(out, v)
	}
	return out
}

func alike(a, b events.ConsentState) bool {
	return a.Activity == b.Activity && a.State == b.State && a.At == b.At && a.Method == b.Method && a.GivenBy == b.GivenBy && a.System == b.System
}

// facts lists states of the person, milestones, notices and decisions.
func (a *answer) facts() []events.PersonFact {
	out := []events.PersonFact{}
	for _, f := range a.folded.Facts {
		out = append(out, events.PersonFact{Fact: "state", Code: f.State.String(), Date: f.Date.String(), System: string(f.System), At: f.At})
	}
	for _, m := range a.folded.Milestones {
		out = append(out, events.PersonFact{Fact: "milestone", Code: string(m.Code), Date: m.Date.String(), System: string(m.System), Activity: m.Activity.String(), At: m.At})
	}
	for _, n := range a.folded.Notices {
		out = append(out, events.PersonFact{Fact: "notice", Code: string(n.Version), Date: n.At.Day().String(), System: string(n.System), Activity: n.Activity.String(), At: n.At})
	}
	for _, d := range a.folded.Decisions {
		code := "decision"
		if d.Automated {
			code = "automated_decision"
		}
		out = append(out, events.PersonFact{Fact: "decision", Code: code, Date: d.Last.Day().String(), System: string(d.System), Activity: d.Activity.String(), At: d.Last})
	}
	return out
}
